"""Settings and their sources, endpoints, and keys."""

from __future__ import annotations
