"""Records as code and as cells."""

from __future__ import annotations
