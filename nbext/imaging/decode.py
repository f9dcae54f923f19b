"""Pictures decoded within limits, and what is made of them: other formats, smaller copies."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from nbext.data.picture import dimensions
from nbext.errors import PictureError
from nbext.imaging.svg import rasterised

if TYPE_CHECKING:
    from PIL.Image import Image

# What a page shows at most on a fine screen; more only makes it slow.
PREVIEW_PIXELS = 2_000_000
MAX_PIXELS = 50_000_000
HEADER_BYTES = 65536

_PILLOW_FORMAT = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
}


def open_image(data: bytes, media_type: str, *, max_pixels: int = MAX_PIXELS) -> Image:
    """Open a picture with Pillow, in the format that its bytes announce and no other.

    Args:
        data: Its bytes.
        media_type: What they are.
        max_pixels: A picture that claims more is not decoded.

    Raises:
        PictureError: It cannot be decoded.
    """
    from PIL import Image

    if media_type == "image/svg+xml":
        data, media_type = rasterised(data), "image/png"
    if media_type not in _PILLOW_FORMAT:
        raise PictureError(f"A {media_type or 'file of no known type'} is no picture to decode.")
    # Counted before Pillow sees it: a few kilobytes can announce a picture that fills the memory.
    _refuse_pixels(*dimensions(data[:HEADER_BYTES]), max_pixels)
    try:
        image = Image.open(io.BytesIO(data), formats=[_PILLOW_FORMAT[media_type]])
        _refuse_pixels(*image.size, max_pixels)
        image.load()
    except PictureError:
        raise
    except Exception as error:  # noqa: BLE001 -- decoders raise whatever broken bytes lead them to
        raise PictureError(f"The picture cannot be decoded: {error}.") from None
    return image


def _refuse_pixels(width: int, height: int, most: int) -> None:
    if width * height > most:
        raise PictureError(f"The picture claims {width}×{height} pixels.")


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
