"""Small pictures for a page: quick to make, many at once, never a reason to stop."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from nbext.data.picture import PILLOW_FORMATS, dimensions, sniff

if TYPE_CHECKING:
    from pathlib import Path

# Twice what a row of the gallery is high, and enough for a phone's width.
EDGE = 512
# A picture within both of these is as good itself.
SMALL_BYTES = 40_000
SMALL_EDGE = 768
# As Pillow's own limit; a picture that says it is larger is not opened at all.
MAX_PIXELS = 89_478_485


def thumbnail(path: Path) -> bytes | None:
    """Make a WebP of at most 512 pixels a side.

    JPEGs are decoded at a fraction of their size (``draft``), others are reduced by whole steps
    before they are resampled.

    Args:
        path: The picture.

    Returns:
        The WebP; None where the picture is small enough itself, is SVG, is no picture that Pillow
        opens, is broken, or is larger than 89 megapixels.
    """
    try:
        with path.open("rb") as file:
            head = file.read(65536)
        width, height = dimensions(head)
        if sniff(head[:512]) == "image/svg+xml" or width * height > MAX_PIXELS:
            return None
        if path.stat().st_size <= SMALL_BYTES and max(width, height) <= SMALL_EDGE:
            return None
        return _scaled_down(path)
    except (OSError, ValueError, SyntaxError, MemoryError):
        return None


def _scaled_down(path: Path) -> bytes | None:
    from PIL import Image, ImageOps

    try:
        with Image.open(path, formats=PILLOW_FORMATS) as image:
            image.draft("RGB", (EDGE, EDGE))
            mode = "RGBA" if image.has_transparency_data else "RGB"
            # A palette, or one channel of 16 bits, cannot be resampled well.
            small = image if image.mode == mode else image.convert(mode)
            small.thumbnail((EDGE, EDGE), reducing_gap=2.0)
            ImageOps.exif_transpose(small, in_place=True)
            buffer = io.BytesIO()
            colours = image.info.get("icc_profile")
            small.save(buffer, "WEBP", method=2, quality=80, icc_profile=colours)
            return buffer.getvalue()
    except Image.DecompressionBombError:
        return None
