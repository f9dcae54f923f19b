"""The drawings of a notebook, on disk and in the hand."""

from __future__ import annotations
