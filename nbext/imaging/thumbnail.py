"""Small pictures for a page: quick to make, many at once, never a reason to stop."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from nbext.data.picture import dimensions, sniff
from nbext.errors import PictureError
from nbext.imaging.decode import HEADER_BYTES, limited_image

if TYPE_CHECKING:
    from pathlib import Path

# Twice what a row of the gallery is high, and enough for a phone's width.
EDGE = 512
# A picture within both of these is as good itself.
SMALL_BYTES = 40_000
SMALL_EDGE = 768


def thumbnail(path: Path) -> bytes | None:
    """Make a WebP of at most 512 pixels a side.

    JPEGs are decoded at a fraction of their size (``draft``), others are reduced by whole steps
    before they are resampled.

    Args:
        path: The picture.

    Returns:
        The WebP; None where the picture is small enough itself, is SVG, is no picture that Pillow
        opens, is broken, or is larger than the limits of ``limited_image``.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEADER_BYTES)
        kind = sniff(head[:512])
        if path.stat().st_size <= SMALL_BYTES and max(dimensions(head)) <= SMALL_EDGE:
            return None
        return _webp(path, kind)
    except (OSError, PictureError):
        return None


def _webp(path: Path, kind: str) -> bytes:
    with limited_image(path, kind) as image:
        from PIL import ImageOps

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
