"""The objects that users work with: history, drawing, picture."""

from __future__ import annotations
