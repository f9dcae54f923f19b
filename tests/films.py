"""Films whose tables are whole and which have no pictures."""

from __future__ import annotations

import struct


def box(name, *parts):
    data = b"".join(parts)
    return struct.pack(">I4s", 8 + len(data), name) + data


def track(kind, *, width=0, height=0, frames=0, seconds=0.0, wide=False):
    head = struct.pack(">IQQ" if wide else ">III", wide << 24, 0, 0)
    return box(
        b"trak",
        box(b"tkhd", bytes(76), struct.pack(">II", width << 16, height << 16)),
        box(
            b"mdia",
            box(
                b"mdhd", head, struct.pack(">IQ" if wide else ">II", 12800, round(12800 * seconds))
            ),
            box(b"hdlr", bytes(8), kind, bytes(12)),
            box(
                b"minf",
                box(
                    b"stbl",
                    box(b"stsd", bytes(8)),
                    box(b"stts", struct.pack(">4I", 0, 1, frames, 1)),
                ),
            ),
        ),
    )


def film(*tracks, seconds=5.0, before=b""):
    """Build a film of a few tracks."""
    head = box(b"mvhd", bytes(12), struct.pack(">II", 1000, round(1000 * seconds)))
    start = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"
    return start + before + box(b"moov", head, *tracks)


SCENE = track(b"vide", width=1280, height=720, frames=120, seconds=5.0)
SOUND = track(b"soun", frames=200, seconds=5.0)
