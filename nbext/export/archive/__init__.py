"""Write a history as an archive for other people."""

from __future__ import annotations
