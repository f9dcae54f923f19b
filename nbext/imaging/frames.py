"""Grey frames in the place of pictures that are still being made, without an imaging library."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Two colours: nothing, and a grey that is faint on white and on black.
_COLOURS, _OPACITY = bytes(3) + bytes([128] * 3), bytes([0, 48])


def framed(size: tuple[int, int], boxes: Sequence[tuple[int, int, int, int]]) -> bytes:
    """Draw grey boxes on a transparent ground, as PNG.

    Args:
        size: Width and height of the whole.
        boxes: Left, top, width and height of each, in rows.

    Example:
        >>> framed((1, 1), [(0, 0, 1, 1)])[1:4]
        b'PNG'
    """
    width, height = size
    empty = bytes(width)
    lines = [empty] * height
    for top in dict.fromkeys(box[1] for box in boxes):
        row = [box for box in boxes if box[1] == top]
        line = bytearray(width)
        for left, _, wide, _ in row:
            line[left : left + wide] = b"\1" * wide
        high = row[0][3]
        lines[top : top + high] = [bytes(line)] * high
    pixels = b"".join(b"\0" + line for line in lines)
    return b"".join(
        [
            _SIGNATURE,
            png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            png_chunk(b"PLTE", _COLOURS),
            png_chunk(b"tRNS", _OPACITY),
            png_chunk(b"IDAT", zlib.compress(pixels, 1)),
            png_chunk(b"IEND", b""),
        ]
    )


def png_chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file: length, name, data and checksum (PNG specification, 5.3).

    Example:
        >>> png_chunk(b"IEND", b"").hex()
        '0000000049454e44ae426082'
    """
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
