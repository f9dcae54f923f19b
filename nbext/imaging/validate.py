"""Proves that a file is the picture that its first bytes announce: decodes it once.

Pillow is let near only the five formats that are accepted, and only after the header's pixels are
counted: a few kilobytes can announce a picture that fills the memory.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from nbext.data.limits import Limits
from nbext.data.picture import SNIFF_BYTES, dimensions, identify
from nbext.errors import PictureError
from nbext.util.text import human_size

if TYPE_CHECKING:
    from nbext.data.picture import PictureInfo

_FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
}
HEAD = 64 << 10


def refuse_pixels(width: int, height: int, limits: Limits) -> None:
    """Refuse a picture that is too large to decode.

    Raises:
        PictureError: It is.
    """
    if width * height > limits.picture_pixels:
        most = limits.picture_pixels // 1_000_000
        raise PictureError(
            f"The picture has {width}×{height} pixels; the limit is {most} megapixels.",
            remedy="Ask for a smaller size.",
        )


def check_picture(
    source: Path | str | bytes, info: PictureInfo, limits: Limits | None = None
) -> tuple[int, int]:
    """Decode a picture and forget it; films and SVG are files that are not decoded here.

    It takes some 100 ms: on an event loop, call it through ``asyncio.to_thread``.

    Args:
        source: Its file, or its bytes.
        info: What it is said to be.
        limits: Of bytes and pixels.

    Returns:
        Width and height in pixels, (0, 0) for what is not decoded.

    Raises:
        PictureError: It is something else, too large, cut off or broken.
    """
    limits = limits or Limits()
    if isinstance(source, bytes):
        head, size = source[:HEAD], len(source)
    else:
        path = Path(source)
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(HEAD)
    if size > limits.picture_bytes:
        most = human_size(limits.picture_bytes)
        raise PictureError(f"The picture has {human_size(size)}; the limit is {most}.")
    kind = identify(head[:SNIFF_BYTES])
    if not kind or kind != info.media_type:
        raise PictureError(f"The bytes are {kind or 'no picture'}, not {info.media_type}.")
    if kind not in _FORMATS:
        return 0, 0
    refuse_pixels(*dimensions(head), limits)
    return _load(source, _FORMATS[kind], limits)


def _load(source: Path | str | bytes, name: str, limits: Limits) -> tuple[int, int]:
    from PIL import Image, UnidentifiedImageError

    file = io.BytesIO(source) if isinstance(source, bytes) else source
    reason = ""
    try:
        # Opening reads the header; a JPEG's may stand behind more than what was looked at above.
        with Image.open(file, formats=[name]) as picture:
            refuse_pixels(*picture.size, limits)
            picture.load()
            return picture.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        reason = "it has too many pixels"
    except UnidentifiedImageError:
        reason = f"it begins like {name} and is none"
    except PictureError:
        raise
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        IndexError,
        TypeError,
        MemoryError,
    ) as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
    raise PictureError(f"The picture cannot be decoded: {reason}.")
