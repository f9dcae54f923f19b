"""What a user holds: history, drawing, picture."""

from __future__ import annotations
