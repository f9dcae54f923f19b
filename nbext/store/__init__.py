"""The history on disk: records, pictures, and replay."""

from __future__ import annotations
