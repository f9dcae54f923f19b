"""Show records under a cell."""

from __future__ import annotations
