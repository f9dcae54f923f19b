"""Pictures decoded within limits, and what is made of them: other formats, smaller copies."""

from __future__ import annotations

import contextlib
import io
import math
import warnings
from typing import TYPE_CHECKING, Any

from nbext.data.picture import dimensions
from nbext.errors import PictureError
from nbext.imaging.svg import rasterised
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PIL.Image import Image

# What a page shows at most on a fine screen; more only makes it slow.
PREVIEW_PIXELS = 2_000_000
MAX_PIXELS = 50_000_000
# Of one side. A picture of one column has few pixels, and yet a row, a table or a filter for each.
MAX_SIDE = 32_768
HEADER_BYTES = 65536

PILLOW_FORMAT = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
}
# What the system says where it is not the file that is wrong.
_SYSTEM_TROUBLE = (MemoryError, ImportError, AttributeError)


class UncheckedError(PictureError):
    """A picture that could not be looked at, for want of memory, permission or library.

    It says nothing of the picture itself, which may be good.
    """


class OversizedError(UncheckedError):
    """A picture that has more pixels than the limit; it is not decoded, and may be good."""


def refuse_size(width: int, height: int, max_pixels: int = MAX_PIXELS) -> None:
    """Refuse a picture that is too large to decode.

    Args:
        width: In pixels.
        height: In pixels.
        max_pixels: Of the whole picture; a side has ``MAX_SIDE`` at most.

    Raises:
        OversizedError: It is.
    """
    limit, remedy = "", phrase("picture.smaller")
    if width * height > max_pixels:
        limit = phrase("picture.megapixels", value=max_pixels // 1000000)
        limit = (
            limit if max_pixels >= 1_000_000 else phrase("picture.pixels", max_pixels=max_pixels)
        )
        remedy = phrase("picture.allow_pixels", pixels=width * height)
    elif max(width, height) > MAX_SIDE:
        limit = phrase("picture.side", MAX_SIDE=MAX_SIDE)
    if limit:
        raise OversizedError(
            phrase("picture.too_many_pixels", width=width, height=height, limit=limit),
            remedy=remedy,
        )


@contextlib.contextmanager
def limited_image(
    source: Path | bytes, media_type: str, *, max_pixels: int = MAX_PIXELS
) -> Iterator[Image]:
    """Open a picture's header with Pillow, in one format and within the limits of size.

    This is the only place where Pillow sees bytes from elsewhere. What is done with the picture
    inside of the ``with`` raises the same errors.

    Args:
        source: Its file, or its bytes.
        media_type: What its first bytes say it is.
        max_pixels: A picture that claims more is not opened.

    Raises:
        PictureError: It is too large, cut off, broken or of another format.
        UncheckedError: It could not be looked at.
    """
    try:
        from PIL import Image

        name = PILLOW_FORMAT.get(media_type, "")
        if not name:
            what = media_type or phrase("picture.unknown_file")
            raise PictureError(phrase("picture.not_decodable", what=what))
        head = source[:HEADER_BYTES] if isinstance(source, bytes) else _head(source)
        # Counted before Pillow sees it: a few kilobytes can announce a picture that fills the
        # memory. And counted again, because its header may stand where it was not looked for.
        refuse_size(*dimensions(head), max_pixels)
        file = io.BytesIO(source) if isinstance(source, bytes) else source
        with warnings.catch_warnings():
            # Pillow's own limit is another one, and a file that is odd is no news to the notebook.
            warnings.simplefilter("ignore")
            image = Image.open(file, formats=[name])
        # A file is closed; bytes stay, so that other frames can be looked at later.
        with contextlib.nullcontext() if isinstance(source, bytes) else image:
            refuse_size(*image.size, max_pixels)
            yield image
    except PictureError:
        raise
    except Exception as error:  # decoders raise whatever broken bytes lead them to
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        # Of a broken picture, Pillow raises an OSError without a number.
        if isinstance(error, _SYSTEM_TROUBLE) or (isinstance(error, OSError) and error.errno):
            raise UncheckedError(phrase("picture.unchecked", reason=reason)) from error
        raise PictureError(phrase("picture.undecodable", reason=reason)) from None


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEADER_BYTES)


def open_image(data: bytes, media_type: str, *, max_pixels: int = MAX_PIXELS) -> Image:
    """Decode a picture within the limits; an SVG is drawn.

    Args:
        data: Its bytes.
        media_type: What they are.
        max_pixels: A picture that claims more is not decoded.

    Raises:
        PictureError: It cannot be decoded.
    """
    if media_type == "image/svg+xml":
        data, media_type = rasterised(data), "image/png"
    with limited_image(data, media_type, max_pixels=max_pixels) as image:
        image.load()
        return image


def converted(image: Image, form: str) -> bytes:
    """Write a picture in another of Pillow's formats; JPEG knows no transparency, so on white."""
    image = upright(image)
    if form == "JPEG":
        return encode(on_white(image), form, quality=92)
    return encode(image.convert("RGBA" if has_alpha(image) else "RGB"), form)


def preview(image: Image, limit: int) -> tuple[bytes, str]:
    """Make a picture small enough: PNG where that fits, JPEG, then fewer pixels.

    Args:
        image: The picture.
        limit: Bytes that the result should not exceed.

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
    flat = on_white(image)
    for _ in range(12):
        jpeg = encode(flat, "JPEG", quality=85)
        if len(jpeg) <= limit:
            break
        flat = scaled(flat, max(0.5, min(0.9, math.sqrt(max(limit, 0) / len(jpeg)))))
    return jpeg, "image/jpeg"


def upright(image: Image) -> Image:
    """Turn a picture as its EXIF says, because what is made of it says nothing any more."""
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 -- metadata may be anything; the picture is still one
        return image


def has_alpha(image: Image) -> bool:
    """Whether a picture may have transparent pixels."""
    return "A" in image.getbands() or "transparency" in image.info


def scaled(image: Image, by: float) -> Image:
    """Resize a picture by a factor, to one pixel a side at least."""
    return image.resize((max(1, round(image.width * by)), max(1, round(image.height * by))))


def encode(image: Image, form: str, **how: Any) -> bytes:
    """Write a picture in one of Pillow's formats, with the options of its ``save``."""
    buffer = io.BytesIO()
    image.save(buffer, form, **how)
    return buffer.getvalue()


def on_white(image: Image) -> Image:
    """Put a picture on white where it is transparent."""
    from PIL import Image as Images

    if not has_alpha(image):
        return image.convert("RGB")
    image = image.convert("RGBA")
    ground = Images.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
