"""Create small pictures for pages."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from nbext.data.picture import dimensions, sniff
from nbext.errors import PictureError
from nbext.imaging.decode import (
    HEADER_BYTES,
    MAX_PIXELS,
    limited_image,
    on_white,
    open_image,
    upright,
)

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

# Twice the height of a gallery row, and wide enough for a phone.
EDGE = 512
# A picture within both limits needs no thumbnail.
SMALL_BYTES = 40_000
SMALL_EDGE = 768
# Nor does an icon, however much else its file holds: it is drawn at once.
ICON_EDGE = 64
# The largest edge of a thumbnail that is shown large.
FINE_EDGE = 640
# Edges and qualities to try for a size limit, best first.
_STEPS = ((480, 72), (400, 64), (320, 56), (224, 50), (128, 40))


def thumbnail(source: Path | bytes) -> bytes | None:
    """Create a WebP of at most 512 pixels a side. Never raises.

    JPEGs are decoded at a fraction of their size (``draft``); others are reduced in whole steps
    before they are resampled.

    Args:
        source: The picture: its file, or its bytes.

    Returns:
        The WebP; None if the picture is already small, is an SVG, or cannot be decoded within the
        limits of ``limited_image``.
    """
    try:
        if isinstance(source, bytes):
            head, size = source[:HEADER_BYTES], len(source)
        else:
            with source.open("rb") as file:
                head, size = file.read(HEADER_BYTES), source.stat().st_size
        edge = max(dimensions(head))
        if 0 < edge <= ICON_EDGE or (size <= SMALL_BYTES and edge <= SMALL_EDGE):
            return None
        with limited_image(source, sniff(head[:512])) as image:
            image.draft("RGB", (EDGE, EDGE))
            return _webp(image, EDGE, quality=80)
    except (OSError, PictureError):
        return None


def small_webp(data: bytes, media_type: str, edge: int, *, max_pixels: int = MAX_PIXELS) -> bytes:
    """Create a WebP of at most ``edge`` pixels a side.

    Args:
        data: The picture's bytes; may be SVG.
        media_type: Their media type.
        edge: The longest side, in pixels.
        max_pixels: Larger pictures are not decoded.

    Raises:
        PictureError: The picture cannot be decoded.
    """
    image = open_image(data, media_type, max_pixels=max_pixels)
    return _webp(image, edge, quality=88 if edge >= FINE_EDGE else 74)


def jpeg_within(image: Image, limit: int) -> bytes:
    """Create the largest JPEG within a size limit, with a longer side of at least 128 pixels.

    Args:
        image: The picture; transparency becomes white.
        limit: The size limit, in bytes.
    """
    image = upright(image)
    factor = min(image.size) // (2 * _STEPS[0][0])
    if factor > 1 and image.mode in ("RGB", "RGBA", "L"):
        # Before what follows copies a large picture several times.
        image = image.reduce(factor)
    image = on_white(image)
    jpeg = b""
    for edge, quality in _STEPS:
        image.thumbnail((edge, edge))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True)
        jpeg = buffer.getvalue()
        if len(jpeg) <= limit:
            break
    return jpeg


def _webp(image: Image, edge: int, *, quality: int) -> bytes:
    # For a format that is named by its plugin, Pillow does not load all of them.
    from PIL import WebPImagePlugin

    mode = "RGBA" if image.has_transparency_data else "RGB"
    # Palettes and 16-bit grey cannot be resampled well.
    small = image if image.mode == mode else image.convert(mode)
    # Scaling takes three times as long with an alpha channel, which most pictures do not use.
    if mode == "RGBA" and small.getchannel("A").getextrema() == (255, 255):
        small = small.convert("RGB")
    small.thumbnail((edge, edge), reducing_gap=2.0)
    buffer = io.BytesIO()
    colours = image.info.get("icc_profile")
    upright(small).save(
        buffer, WebPImagePlugin.WebPImageFile.format, method=2, quality=quality, icc_profile=colours
    )
    return buffer.getvalue()
