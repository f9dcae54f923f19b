"""Write a sweep as a page with a table whose rows and columns the reader chooses."""

from __future__ import annotations
