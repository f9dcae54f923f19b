"""Read notes hidden in the lowest bits of pixels, by NovelAI and an A1111 extension.

The bits run down each column, from left to right. A signature comes first, then the length of the
note in bits, then the note, packed with gzip or not.
"""

from __future__ import annotations

import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

from nbext.data.picture import sniff
from nbext.errors import PictureError
from nbext.export.metadata.json_notes import json_object
from nbext.imaging.decode import has_alpha, open_image

if TYPE_CHECKING:
    from PIL.Image import Image

# The channels, and the signatures of a plain and of a packed note in them.
_PLACES = (
    ("A", b"stealth_pnginfo", b"stealth_pngcomp"),
    ("RGB", b"stealth_rgbinfo", b"stealth_rgbcomp"),
)
_SIGNATURE = 15
_LENGTH = 4
_MAX_NOTE = 4 * 1024 * 1024
# A bit of a byte as a digit, for int().
_DIGITS = bytes(48 + (value & 1) for value in range(256))


def stealth_texts(data: bytes) -> dict[str, str]:
    """Read the note in the pixels of a PNG or WebP, as a file's texts.

    Args:
        data: The file. It is decoded within the usual limits of size.

    Returns:
        NovelAI's texts by their keywords; another note under ``parameters``; empty for none.
    """
    media_type = sniff(data[:512])
    if media_type not in ("image/png", "image/webp"):
        return {}
    note = ""
    with suppress(PictureError, OSError, ValueError, zlib.error):
        note = _note(open_image(data, media_type))
    if not note:
        return {}
    fields = json_object(note)
    if fields is None or "Comment" not in fields:
        return {"parameters": note}
    return {key: value for key, value in fields.items() if isinstance(value, str)}


def _note(image: Image) -> str:
    from PIL.Image import Transpose

    for channels, plain, packed in _PLACES:
        if channels == "A" and not has_alpha(image):
            continue
        part = image.convert("RGBA")
        part = part.getchannel("A") if channels == "A" else part.convert("RGB")
        # A transposed picture has in its rows what was in the columns.
        bits = part.transpose(Transpose.TRANSPOSE).tobytes()
        signature = _bytes(bits, 0, _SIGNATURE)
        if signature not in (plain, packed):
            continue
        length = int.from_bytes(_bytes(bits, _SIGNATURE, _LENGTH)) // 8
        body = _bytes(bits, _SIGNATURE + _LENGTH, min(length, _MAX_NOTE))
        if signature == packed:
            body = zlib.decompressobj(wbits=31).decompress(body, _MAX_NOTE)
        return body.decode("utf-8", "replace")
    return ""


def _bytes(bits: bytes, start: int, count: int) -> bytes:
    """Join the lowest bits of values to bytes."""
    digits = bits[start * 8 : (start + count) * 8].translate(_DIGITS)
    digits = digits[: len(digits) // 8 * 8]
    return int(digits, 2).to_bytes(len(digits) // 8) if digits else b""
