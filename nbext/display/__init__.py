"""Records as what a cell shows."""

from __future__ import annotations
