"""Read a film's size, length, frame rate and sound from the tables of its file.

Nothing is decoded. Source: ISO/IEC 14496-12, the ISO base media file format, for MP4 and QuickTime;
``webm.py`` reads WebM.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

from nbext.data.film import Film
from nbext.imaging import webm

if TYPE_CHECKING:
    from collections.abc import Iterator

# The most bytes of the tables that are read, and the most boxes that are looked at.
_MOST_TABLES = 16 << 20
_MOST_BOXES = 2000
_NESTED = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})


def measure(file: BinaryIO) -> Film:
    """Read the facts about a film.

    Args:
        file: The film, open for reading in binary mode.

    Returns:
        The facts; all unknown if it is not such a file, or is damaged.

    Example:
        >>> import io
        >>> measure(io.BytesIO(b"no film"))
        Film(width=0, height=0, seconds=0.0, fps=0.0, has_sound=False)
    """
    try:
        file.seek(0)
        if file.read(4) == webm.START:
            return webm.measure(file)
        return _facts(_tables(file))
    except (struct.error, ValueError, ZeroDivisionError, OverflowError):
        return Film()


def _tables(file: BinaryIO) -> bytes:
    """Read the ``moov`` box, which may stand behind the pictures and sounds."""
    at = 0
    for _ in range(_MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            break
        size, kind = struct.unpack_from(">I4s", head)
        start = 8
        if size == 1 and len(head) == 16:
            size, start = struct.unpack_from(">Q", head, 8)[0], 16
        if kind == b"moov":
            file.seek(at + start)
            return file.read(min(size - start, _MOST_TABLES)) if size > start else b""
        if size < 8:
            break
        at += size
    return b""


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the boxes of a table, with those inside them, in order."""
    waiting = [(0, len(data))]
    looks = 0
    while waiting and looks < _MOST_BOXES:
        at, end = waiting.pop()
        while at + 8 <= end and looks < _MOST_BOXES:
            looks += 1
            size, kind = struct.unpack_from(">I4s", data, at)
            stop = min(at + size, end) if size >= 8 else end
            if kind in _NESTED:
                # What is inside comes first, then the rest of this level.
                waiting.append((stop, end))
                at, end = at + 8, stop
                yield kind, b""
                continue
            yield kind, data[at + 8 : stop]
            at = stop


def _facts(data: bytes) -> Film:
    film = Film()
    kind, track, scale, length = b"", (0, 0), 0, 0
    for name, box in _boxes(data):
        wide = box[:1] == b"\1"
        if name == b"mvhd":
            units, duration = struct.unpack_from(">IQ" if wide else ">II", box, 20 if wide else 12)
            film = film._replace(seconds=duration / units if units else 0.0)
        elif name == b"tkhd":
            width, height = struct.unpack_from(">II", box, len(box) - 8)
            kind, track = b"", (width >> 16, height >> 16)
        elif name == b"mdhd":
            scale, length = struct.unpack_from(">IQ" if wide else ">II", box, 20 if wide else 12)
        elif name == b"hdlr":
            kind = box[8:12]
            film = film._replace(has_sound=film.has_sound or kind == b"soun")
            if kind == b"vide" and not film.width:
                film = film._replace(width=track[0], height=track[1])
        elif name == b"stts" and kind == b"vide" and not film.fps and length:
            count = struct.unpack_from(">I", box, 4)[0]
            rows = struct.iter_unpack(">II", box[8 : 8 + 8 * min(count, len(box) // 8 - 1)])
            film = film._replace(fps=sum(number for number, _ in rows) * scale / length)
    return film
