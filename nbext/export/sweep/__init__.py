"""A sweep as a page: its pictures in a table whose rows and columns the reader chooses."""

from __future__ import annotations
