"""The artist: draws a prompt with built-in figures; the same request gives the same picture.

It is not a model, and says so in every caption. It knows the words of `lexicon.toml`, in Chinese
and English, and arranges `figures/*.svg` in a place, with an hour, a weather and a style.
"""

from __future__ import annotations

from .sketch import Sketch, describe, draw

__all__ = ["Sketch", "describe", "draw"]
