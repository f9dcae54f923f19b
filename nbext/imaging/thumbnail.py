"""Small pictures: the one place where a picture is made smaller and encoded for a page."""

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

# Twice what a row of the gallery is high, and enough for a phone's width.
EDGE = 512
# A picture within both of these is as good itself.
SMALL_BYTES = 40_000
SMALL_EDGE = 768
# From this edge on a small picture is looked at closely.
FINE_EDGE = 640
# Sizes and qualities of a JPEG that has to be small, from the best on.
_STEPS = ((480, 72), (400, 64), (320, 56), (224, 50), (128, 40))


def thumbnail(path: Path) -> bytes | None:
    """Make a WebP of at most 512 pixels a side from a file; never a reason to stop.

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
        if path.stat().st_size <= SMALL_BYTES and max(dimensions(head)) <= SMALL_EDGE:
            return None
        with limited_image(path, sniff(head[:512])) as image:
            image.draft("RGB", (EDGE, EDGE))
            return _webp(image, EDGE, quality=80)
    except (OSError, PictureError):
        return None


def small_webp(data: bytes, media_type: str, edge: int, *, max_pixels: int = MAX_PIXELS) -> bytes:
    """Make a WebP of at most ``edge`` pixels a side.

    Args:
        data: The picture's bytes; SVG too.
        media_type: What they are.
        edge: Pixels.
        max_pixels: A picture that claims more is not decoded.

    Raises:
        PictureError: The picture cannot be decoded.
    """
    image = open_image(data, media_type, max_pixels=max_pixels)
    return _webp(image, edge, quality=88 if edge >= FINE_EDGE else 74)


def jpeg_within(image: Image, limit: int) -> bytes:
    """Make a JPEG of a few bytes: as large as it can be with them, 128 pixels a side at least.

    Args:
        image: The picture; what is transparent in it becomes white.
        limit: Bytes that it should have at most.
    """
    image = on_white(upright(image))
    jpeg = b""
    for edge, quality in _STEPS:
        image.thumbnail((edge, edge))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True)
        jpeg = buffer.getvalue()
        if len(jpeg) <= limit:
            break
    return jpeg


def load_codecs() -> None:
    """Import what the first small picture needs, while a page is still being put together."""
    # The format named, Pillow does not load all that it knows to find it.
    from PIL import Image, ImageOps, WebPImagePlugin

    Image.preinit()
    ImageOps.exif_transpose(Image.new("RGB", (1, 1))).save(
        io.BytesIO(), WebPImagePlugin.WebPImageFile.format
    )


def _webp(image: Image, edge: int, *, quality: int) -> bytes:
    mode = "RGBA" if image.has_transparency_data else "RGB"
    # A palette, or one channel of 16 bits, cannot be resampled well.
    small = image if image.mode == mode else image.convert(mode)
    # Scaling takes three times as long with a transparency, which most pictures do not use.
    if mode == "RGBA" and small.getchannel("A").getextrema() == (255, 255):
        small = small.convert("RGB")
    small.thumbnail((edge, edge), reducing_gap=2.0)
    buffer = io.BytesIO()
    colours = image.info.get("icc_profile")
    upright(small).save(buffer, "WEBP", method=2, quality=quality, icc_profile=colours)
    return buffer.getvalue()
