"""Small helpers that know nothing of pictures: text, files, processes, suggestions."""

from __future__ import annotations
