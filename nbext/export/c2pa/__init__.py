"""Content Credentials: writing and reading them."""

from __future__ import annotations
