"""Requests and pictures for the tests of the wire formats."""

from __future__ import annotations

import struct
import zlib

from nbext.data.request import Reference, Request, Turn


def png(shade: int = 0, *, width: int = 2, height: int = 3, alpha: bool = False) -> bytes:
    """Make a small grey PNG, transparent with ``alpha``; each shade has bytes of its own."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 4 if alpha else 0, 0, 0, 0)
    pixel = bytes([shade, 0] if alpha else [shade])
    rows = (b"\0" + pixel * width) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def picture(shade: int = 0, **how) -> Reference:
    return Reference.of(png(shade, **how))


def asked(prompt: str = "画只猫", **fields) -> Request:
    return Request(prompt=prompt, model=fields.pop("model", "some-model"), **fields)


def turns(*, raw=None, text: str = "Here.", pictures=(), given=()) -> tuple[Turn, ...]:
    return (
        Turn(role="user", text="画只猫", pictures=tuple(given)),
        Turn(role="assistant", text=text, pictures=tuple(pictures), raw=raw),
    )
