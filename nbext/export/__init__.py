"""Records and pictures to HTML, code, archives and metadata."""

from __future__ import annotations
