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


def element(id_, *parts, unknown=False):
    """An element of EBML; one of unknown size ends where its parent does."""
    data = b"".join(parts)
    size = b"\xff" if unknown else (len(data) | 1 << 28).to_bytes(4, "big")
    return id_.to_bytes((id_.bit_length() + 7) // 8, "big") + size + data


def webm(*, width=320, height=180, frames=(0, 40, 80, 120), seconds=0.16, each=40, sound=False):
    """Build a WebM film; without a length or a time for each frame, as recorders write it."""
    video = element(
        0xE0, element(0xB0, width.to_bytes(2, "big")), element(0xBA, height.to_bytes(2, "big"))
    )
    time = element(0x23E383, (each * 1_000_000).to_bytes(4, "big")) if each else b""
    tracks = [element(0xAE, element(0xD7, b"\1"), element(0x83, b"\1"), time, video)]
    if sound:
        tracks.append(element(0xAE, element(0xD7, b"\2"), element(0x83, b"\2")))
    length = element(0x4489, struct.pack(">d", seconds * 1000)) if seconds else b""
    info = element(0x1549A966, element(0x2AD7B1, (1_000_000).to_bytes(3, "big")), length)
    blocks = [element(0xA3, b"\x81", struct.pack(">hB", at, 0), bytes(9)) for at in frames]
    noise = [element(0xA3, b"\x82", struct.pack(">hB", 7, 0), bytes(9))] if sound else []
    cluster = element(0x1F43B675, element(0xE7, b"\0"), *blocks, *noise, unknown=not seconds)
    head = element(0x1A45DFA3, element(0x4282, b"webm"))
    return head + element(
        0x18538067, info, element(0x1654AE6B, *tracks), cluster, unknown=not seconds
    )
