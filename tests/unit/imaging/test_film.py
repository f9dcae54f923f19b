"""A film's size, length, frame rate and sound, read from its tables."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbext.imaging.film import Film, measure


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
    """Build a film without pictures, whose tables are whole."""
    head = box(b"mvhd", bytes(12), struct.pack(">II", 1000, round(1000 * seconds)))
    start = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"
    return start + before + box(b"moov", head, *tracks)


SCENE = track(b"vide", width=1280, height=720, frames=120, seconds=5.0)
SOUND = track(b"soun", frames=200, seconds=5.0)


@pytest.mark.parametrize(
    ("data", "facts"),
    [
        (film(SCENE), (1280, 720, 5.0, 24.0, False)),
        (film(SCENE, SOUND), (1280, 720, 5.0, 24.0, True)),
        (film(SOUND, SCENE, before=box(b"mdat", bytes(99))), (1280, 720, 5.0, 24.0, True)),
        (
            film(track(b"vide", width=64, height=48, frames=80, seconds=8.0, wide=True), seconds=8),
            (64, 48, 8.0, 10.0, False),
        ),
    ],
)
def test_the_facts_of_a_film_are_read(data, facts):
    assert measure(io.BytesIO(data)) == Film(*facts)


def test_a_film_larger_than_four_gigabytes_is_read():
    pictures = struct.pack(">I4sQ", 1, b"mdat", 16 + 40) + bytes(40)
    assert measure(io.BytesIO(film(SCENE, before=pictures))).seconds == 5.0


@given(st.binary(max_size=200), st.integers(0, 600), st.integers(0, 255))
def test_no_damage_raises(junk, at, value):
    data = bytearray(film(SCENE, SOUND))
    data[at % len(data)] = value
    measure(io.BytesIO(bytes(data)))
    measure(io.BytesIO(bytes(data[: at % len(data)]) + junk))
