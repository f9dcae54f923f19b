"""Write a short MP4 film without an encoder: Pillow writes the frames, this module the container.

Pillow's AVIF writer encodes frames as an AV1 image sequence, whose samples are the same as in an
MP4 film (AV1 in ISO-BMFF, 1.2). What is missing is a movie box with ``vide`` instead of ``pict``,
around the same sample tables (ISO/IEC 14496-12). So the frames are encoded once, and the tables
copied.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

_TIMESCALE = 1000  # units a second, as in libavif
_PIXELS = 20_000_000  # of all frames, about; larger and longer films have fewer frames a second
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def make_film(picture: bytes, width: int, height: int, seconds: float) -> bytes:
    """Return an MP4 that slowly zooms into a picture.

    Args:
        picture: The encoded picture, of any size.
        width: The film's width in pixels; rounded to an even number.
        height: The film's height.
        seconds: Its length, between 0.2 and 60.

    Returns:
        The bytes of a ``video/mp4`` with one AV1 track.
    """
    from PIL import Image

    seconds = min(60.0, max(0.2, seconds))
    size = (max(16, width // 2 * 2), max(16, height // 2 * 2))
    affordable = _PIXELS / (size[0] * size[1] * seconds)
    rate = next((rate for rate in (10, 5, 4) if rate <= affordable), 2)
    count = max(2, round(seconds * rate))
    with Image.open(io.BytesIO(picture)) as source:
        still = source.convert("RGB")
    still.thumbnail((size[0] * 2, size[1] * 2))
    frames = list(zoom(still, size, count))
    sequence = io.BytesIO()
    frames[0].save(
        sequence,
        "AVIF",
        save_all=True,
        append_images=frames[1:],
        duration=_TIMESCALE // rate,
        quality=50,
        speed=10,
        max_threads=1,
    )
    return _as_film(sequence.getvalue(), *size, count * _TIMESCALE // rate)


def zoom(still: Image, size: tuple[int, int], count: int) -> Iterator[Image]:
    """Yield frames that zoom to the middle, cropped to the film's shape."""
    across = min(still.width, still.height * size[0] / size[1])
    down = across * size[1] / size[0]
    for number in range(count):
        scale = 1 - 0.3 * number / count
        left, top = (still.width - across * scale) / 2, (still.height - down * scale) / 2
        yield still.resize(size, box=(left, top, left + across * scale, top + down * scale))


def _as_film(sequence: bytes, width: int, height: int, duration: int) -> bytes:
    """Return the samples of an AVIF sequence as an MP4."""
    stbl = _find(sequence, b"moov", b"trak", b"mdia", b"minf", b"stbl")
    tables = {kind: body for kind, body in _boxes(stbl) if kind in {b"stts", b"stss", b"stsz"}}
    entry = dict(_boxes(_find(stbl, b"stsd")[8:]))[b"av01"]
    settings = dict(_boxes(entry[78:]))  # after the fields of a VisualSampleEntry
    samples = _samples(sequence, stbl, tables[b"stsz"])

    av01 = _box(
        b"av01",
        bytes(6) + struct.pack(">H16xHHIII H", 1, width, height, 0x480000, 0x480000, 0, 1)
        + bytes(32) + struct.pack(">Hh", 24, -1),
        *(_box(kind, settings[kind]) for kind in (b"av1C", b"colr") if kind in settings),
    )  # fmt: skip
    ftyp = _box(b"ftyp", b"isom" + struct.pack(">I", 512) + b"isomiso2av01mp41")

    def movie(offset: int) -> bytes:
        stbl = _box(
            b"stbl",
            _full(b"stsd", struct.pack(">I", 1), av01),
            *(_box(kind, tables[kind]) for kind in (b"stts", b"stss", b"stsz") if kind in tables),
            _full(b"stsc", struct.pack(">4I", 1, 1, len(samples), 1)),
            _full(b"stco", struct.pack(">2I", 1, offset)),
        )
        dinf = _box(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1)))
        minf = _box(b"minf", _full(b"vmhd", bytes(8), flags=1), dinf, stbl)
        mdia = _box(
            b"mdia",
            _full(b"mdhd", struct.pack(">4IHH", 0, 0, _TIMESCALE, duration, 0x55C4, 0)),
            _full(b"hdlr", bytes(4) + b"vide" + bytes(12) + b"nbext\0"),
            minf,
        )
        tkhd = _full(
            b"tkhd",
            struct.pack(">5I", 0, 0, 1, 0, duration) + bytes(16) + _MATRIX
            + struct.pack(">2I", width << 16, height << 16),
            flags=3,
        )  # fmt: skip
        mvhd = _full(
            b"mvhd",
            struct.pack(">4IIH", 0, 0, _TIMESCALE, duration, 0x10000, 0x100) + bytes(10) + _MATRIX
            + bytes(24) + struct.pack(">I", 2),
        )  # fmt: skip
        return _box(b"moov", mvhd, _box(b"trak", tkhd, mdia))

    start = len(ftyp) + len(movie(0)) + 8
    return ftyp + movie(start) + _box(b"mdat", *samples)


def _samples(sequence: bytes, stbl: bytes, stsz: bytes) -> list[bytes]:
    """Return the samples in order: sizes from ``stsz``, chunks from ``stsc`` and ``stco``."""
    same, count = struct.unpack_from(">2I", stsz, 4)
    sizes = [same] * count if same else struct.unpack_from(f">{count}I", stsz, 12)
    stsc, stco = _find(stbl, b"stsc"), _find(stbl, b"stco")
    runs = [struct.unpack_from(">3I", stsc, 8 + 12 * i) for i in range(_u32(stsc, 4))]
    chunks = struct.unpack_from(f">{_u32(stco, 4)}I", stco, 8)
    samples: list[bytes] = []
    for number, offset in enumerate(chunks, 1):
        in_chunk = next(run[1] for run in reversed(runs) if run[0] <= number)
        place = offset
        for size in sizes[len(samples) : len(samples) + in_chunk]:
            samples.append(sequence[place : place + size])
            place += size
    return samples


def describe_film(data: bytes) -> str:
    """Describe the size and length of an MP4 from its header.

    Returns:
        For example ``640x360, 2.0 s``; empty if the header cannot be read.
    """
    try:
        moov = _find(data, b"moov")
        mvhd = _find(moov, b"mvhd")
        short = mvhd[:1] == b"\0"  # version 0 has 32 bits for times, version 1 has 64
        scale, duration = struct.unpack_from(*(">II", mvhd, 12) if short else (">IQ", mvhd, 20))
        tkhd = _find(moov, b"trak", b"tkhd")
        width, height = struct.unpack_from(">2I", tkhd[-8:])
    except (LookupError, struct.error):
        return ""
    length = f"{duration / scale:.1f} s" if scale else "of unknown length"
    return f"{width >> 16}x{height >> 16}, {length}"


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the types and contents of consecutive boxes, up to an incomplete one."""
    place = 0
    while place + 8 <= len(data):
        size, head = _u32(data, place), 8
        if size == 1 and place + 16 <= len(data):
            size, head = struct.unpack_from(">Q", data, place + 8)[0], 16
        elif size == 0:
            size = len(data) - place
        if size < head or place + size > len(data):
            return
        yield data[place + 4 : place + 8], data[place + head : place + size]
        place += size


def _find(data: bytes, *path: bytes) -> bytes:
    """Return the content of a box by its path of types.

    Raises:
        LookupError: If there is none.
    """
    for name in path:
        for kind, content in _boxes(data):
            if kind == name:
                data = content
                break
        else:
            raise LookupError(name)
    return data


def _u32(data: bytes, place: int) -> int:
    return int(struct.unpack_from(">I", data, place)[0])


def _box(kind: bytes, *content: bytes) -> bytes:
    return struct.pack(">I", 8 + sum(map(len, content))) + kind + b"".join(content)


def _full(kind: bytes, *content: bytes, flags: int = 0) -> bytes:
    """Return a box with version 0 and flags."""
    return _box(kind, struct.pack(">I", flags), *content)
