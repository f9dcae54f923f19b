"""Pixels: decoding within limits, thumbnails, contact sheets, SVG."""

from __future__ import annotations
