"""The data structures shared by all rooms, without I/O."""

from __future__ import annotations
