"""The options of each family of models."""

from __future__ import annotations
