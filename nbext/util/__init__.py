"""General helpers: text, files, processes, suggestions."""

from __future__ import annotations
