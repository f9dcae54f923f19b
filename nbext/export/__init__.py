"""Write records and pictures as HTML, code, archives and metadata."""

from __future__ import annotations
