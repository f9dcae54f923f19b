"""What each family of models takes."""

from __future__ import annotations
