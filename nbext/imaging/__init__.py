"""Pixels: decoding within limits, thumbnails, SVG."""

from __future__ import annotations
