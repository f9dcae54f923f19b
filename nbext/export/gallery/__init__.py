"""Write records as a page of HTML and as Markdown."""

from __future__ import annotations
