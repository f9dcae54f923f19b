"""Read and write the notes in a picture's file about how it was made."""

from __future__ import annotations
