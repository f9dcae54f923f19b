"""What is set, where it comes from, which endpoint counts, and its key."""

from __future__ import annotations
