"""Decode pictures within limits; convert and shrink them."""

from __future__ import annotations

import contextlib
import functools
import io
import math
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nbext.data.picture import dimensions
from nbext.errors import PictureError
from nbext.imaging.svg import rasterised
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

# The largest edge that a page shows on a high-resolution screen.
PREVIEW_PIXELS = 2_000_000
MAX_PIXELS = 50_000_000
# The longest side. A picture one pixel wide has few pixels, but needs memory for each row.
MAX_SIDE = 32_768
# A progressive JPEG has about ten scans, and each costs as much as the whole picture. A few bytes
# declare one: with thousands of them a small file takes minutes.
MAX_SCANS, MAX_SCANNED_PIXELS = 200, 20 * MAX_PIXELS
_SCAN = b"\xff\xda"
HEADER_BYTES = 65536
# How large a PNG of a photograph is with so many bits a colour in place of eight.
_SHARE_OF_BITS = {7: 0.8, 6: 0.6}
# The least part of a transparent picture's sides that is kept before it becomes a JPEG.
SMALLEST_SHARE = 0.5
# What the decoder of animated WebP holds of each frame: two of its own, the data, and the picture.
ANIMATED_COPIES = 4

PILLOW_FORMAT = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
}
# Pillow's own ``open`` imports all common formats to read one, which takes a tenth of the time of a
# first draw.
_READERS = {
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "JPEG": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "WEBP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "GIF": ("PIL.GifImagePlugin", "GifImageFile"),
    "AVIF": ("PIL.AvifImagePlugin", "AvifImageFile"),
}
# Errors of the system rather than of the file.
_SYSTEM_TROUBLE = (MemoryError, ImportError, AttributeError)


class UncheckedError(PictureError):
    """A picture that could not be checked, for lack of memory, permission or a library.

    The picture itself may be fine.
    """


class OversizedError(UncheckedError):
    """A picture with more pixels than the limit. It is not decoded, and may be fine."""


def refuse_size(width: int, height: int, max_pixels: int = MAX_PIXELS, *, copies: int = 1) -> None:
    """Raise an error if a picture is too large to decode.

    Args:
        width: In pixels.
        height: In pixels.
        max_pixels: The limit for the whole picture; a side may have at most ``MAX_SIDE``.
        copies: How many pictures of this size the decoder holds; their sum is limited.

    Raises:
        OversizedError: The picture is too large.
    """
    max_pixels //= copies
    if width * height <= max_pixels and max(width, height) <= MAX_SIDE:
        return
    # A higher limit of pixels would not help where a side is too long.
    if max(width, height) > MAX_SIDE:
        limit, remedy = phrase("picture.side", MAX_SIDE=MAX_SIDE), phrase("picture.smaller")
    else:
        limit = phrase("picture.megapixels", value=max_pixels // 1000000)
        if max_pixels < 1_000_000:
            limit = phrase("picture.pixels", max_pixels=max_pixels)
        remedy = phrase("picture.allow_pixels", pixels=width * height * copies)
    raise OversizedError(
        phrase("picture.too_many_pixels", width=width, height=height, limit=limit), remedy=remedy
    )


@contextlib.contextmanager
def limited_image(
    source: Path | bytes, media_type: str, *, max_pixels: int = MAX_PIXELS
) -> Iterator[Image]:
    """Open a picture's header with Pillow, in one format and within the size limits.

    This is the only place where Pillow reads untrusted bytes. Errors inside the ``with`` block are
    converted to the same exceptions.

    Args:
        source: The file, or its bytes.
        media_type: The type detected from the first bytes.
        max_pixels: Larger pictures are not opened.

    Raises:
        PictureError: It is too large, truncated, corrupt or of another format.
        UncheckedError: It could not be checked.
    """
    try:
        name = PILLOW_FORMAT.get(media_type, "")
        if not name:
            what = media_type or phrase("picture.unknown_file")
            raise PictureError(phrase("picture.not_decodable", what=what))
        head = source[:HEADER_BYTES] if isinstance(source, bytes) else _head(source)
        # Check the size before Pillow reads the file, as a few kilobytes can declare a picture that
        # fills the memory; and again afterwards, as the header may be where we did not look.
        refuse_size(*dimensions(head), max_pixels)
        file = io.BytesIO(source) if isinstance(source, bytes) else source
        with warnings.catch_warnings():
            # Its warnings about odd files do not help the user.
            warnings.simplefilter("ignore")
            image = _reader(name)(file)
        # Files are closed; bytes stay open, so that other frames can be read later.
        with contextlib.nullcontext() if isinstance(source, bytes) else image:
            animated = name == "WEBP" and getattr(image, "is_animated", False)
            refuse_size(*image.size, max_pixels, copies=ANIMATED_COPIES if animated else 1)
            if name == "JPEG" and "progressive" in image.info:
                _refuse_scans(source, *image.size)
            yield image
    except PictureError:
        raise
    except Exception as error:  # decoders raise all kinds of errors for corrupt bytes
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        # For a corrupt picture, Pillow raises an OSError without an errno.
        if isinstance(error, _SYSTEM_TROUBLE) or (isinstance(error, OSError) and error.errno):
            raise UncheckedError(phrase("picture.unchecked", reason=reason)) from error
        raise PictureError(phrase("picture.undecodable", reason=reason)) from None


def _refuse_scans(source: Path | bytes, width: int, height: int) -> None:
    """Raise an error if a JPEG consists of too many scans.

    Raises:
        OversizedError: It takes too long to decode.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    count = data.count(_SCAN)
    if count > MAX_SCANS or count * width * height > MAX_SCANNED_PIXELS:
        raise OversizedError(
            phrase("picture.too_many_scans", count=count), remedy=phrase("picture.save_again")
        )


@functools.cache
def _reader(name: str) -> Callable[[Path | io.BytesIO], ImageFile]:
    """Return Pillow's reader of a format."""
    module, reader = _READERS[name]
    kind: Callable[[Path | io.BytesIO], ImageFile] = getattr(import_module(module), reader)
    return kind


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEADER_BYTES)


def open_image(data: bytes, media_type: str, *, max_pixels: int = MAX_PIXELS) -> Image:
    """Decode a picture within the limits; an SVG is rendered.

    Args:
        data: The picture's bytes.
        media_type: Their media type.
        max_pixels: Larger pictures are not decoded.

    Raises:
        PictureError: It cannot be decoded.
    """
    if media_type == "image/svg+xml":
        data, media_type = rasterised(data), "image/png"
    with limited_image(data, media_type, max_pixels=max_pixels) as image:
        image.load()
        return image


def converted(image: Image, form: str) -> bytes:
    """Encode a picture in another format; as JPEG has no transparency, on white."""
    image = upright(image)
    if form == "JPEG":
        return encode(on_white(image), form, quality=92)
    return encode(image.convert("RGBA" if has_alpha(image) else "RGB"), form)


def preview(image: Image, limit: int) -> tuple[bytes, str]:
    """Encode a picture within a size: as PNG if that fits, else as JPEG, then with fewer pixels.

    A picture with transparent parts stays a PNG, with fewer colours and pixels, as far as it stays
    sharp: a page may be dark, and a JPEG would put it on white.

    Args:
        image: The picture.
        limit: The intended size of the result, in bytes.

    Returns:
        The bytes and their media type.
    """
    image = upright(image)
    image = image.convert("RGBA" if has_alpha(image) else "RGB")
    most = math.sqrt(PREVIEW_PIXELS / (image.width * image.height))
    if most < 1:
        image = scaled(image, most)
    png = encode(image, "PNG", compress_level=3)
    if len(png) <= limit:
        return png, "image/png"
    if has_alpha(image) and any(image.getchannel("A").histogram()[:255]):
        clear = _coarse(image, limit, len(png))
        if clear is not None:
            return clear, "image/png"
    flat = on_white(image)
    for _ in range(12):
        jpeg = encode(flat, "JPEG", quality=85)
        if len(jpeg) <= limit:
            break
        flat = scaled(flat, max(0.5, min(0.9, math.sqrt(max(limit, 0) / len(jpeg)))))
    return jpeg, "image/jpeg"


def _coarse(image: Image, limit: int, size: int) -> bytes | None:
    """Encode a transparent picture with fewer colours, then with fewer pixels; None if too small.

    Args:
        image: The picture.
        limit: The intended size of the result, in bytes.
        size: Its size as PNG.
    """
    from PIL import Image as Images
    from PIL import ImageOps

    bits = 7 if _SHARE_OF_BITS[7] * size < limit else 6
    by = min(1.0, math.sqrt(limit / (_SHARE_OF_BITS[6] * size))) if bits == 6 else 1.0
    while by >= SMALLEST_SHARE:
        *colours, alpha = (image if by == 1.0 else scaled(image, by)).split()
        flat = ImageOps.posterize(Images.merge("RGB", colours), bits)
        flat.putalpha(alpha)
        png = encode(flat, "PNG", compress_level=4)
        if len(png) <= limit:
            return png
        bits, by = 6, by * 0.97 * math.sqrt(limit / len(png))
    return None


def upright(image: Image) -> Image:
    """Rotate a picture as its EXIF data says, because the result has no EXIF data."""
    try:
        # Some formats say it at their end.
        image.load()
        if not any("exif" in str(name) or "xmp" in str(name) for name in image.info):
            return image
        from PIL import ImageOps

        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 -- broken metadata; the picture is still usable
        return image


def has_alpha(image: Image) -> bool:
    """Return whether a picture may have transparent pixels."""
    return "A" in image.getbands() or "transparency" in image.info


def scaled(image: Image, by: float) -> Image:
    """Resize a picture by a factor, to at least one pixel a side."""
    return image.resize((max(1, round(image.width * by)), max(1, round(image.height * by))))


def encode(image: Image, form: str, **how: Any) -> bytes:
    """Encode a picture, with options of Pillow's ``save``."""
    buffer = io.BytesIO()
    image.save(buffer, form, **how)
    return buffer.getvalue()


def on_white(image: Image) -> Image:
    """Place a picture on white, if it has transparency."""
    from PIL import Image as Images

    if not has_alpha(image):
        return image.convert("RGB")
    image = image.convert("RGBA")
    ground = Images.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
