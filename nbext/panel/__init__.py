"""The widget."""

from __future__ import annotations
