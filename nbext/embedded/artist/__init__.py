"""The artist: draws what a prompt says with figures of its own, the same for the same request.

It is no model and says so in every caption. It knows the words of `lexicon.toml`, in Chinese and
English, and composes `figures/*.svg` on a place, at an hour, in a weather, in a style.
"""

from __future__ import annotations

from .sketch import Sketch, describe, draw

__all__ = ["Sketch", "describe", "draw"]
