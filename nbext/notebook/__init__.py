"""Notebook files: reading them, and finding the one that is running."""

from __future__ import annotations
