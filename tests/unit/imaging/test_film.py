"""A film's size, length, frame rate and sound, read from its tables."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbext.imaging.film import Film, measure
from tests.films import SCENE, SOUND, box, film, track, webm


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
        (webm(), (320, 180, 0.16, 25.0, False)),
        (webm(sound=True), (320, 180, 0.16, 25.0, True)),
        (webm(seconds=0, each=0), (320, 180, 0.16, 25.0, False)),
        (webm(seconds=0, each=0, frames=(0,)), (320, 180, 0.0, 0.0, False)),
    ],
)
def test_the_facts_of_a_film_are_read(data, facts):
    assert measure(io.BytesIO(data)) == Film(*facts)


def test_a_film_larger_than_four_gigabytes_is_read():
    pictures = struct.pack(">I4sQ", 1, b"mdat", 16 + 40) + bytes(40)
    assert measure(io.BytesIO(film(SCENE, before=pictures))).seconds == 5.0


@given(
    st.sampled_from([film(SCENE, SOUND), webm(sound=True), webm(seconds=0, each=0)]),
    st.binary(max_size=200),
    st.integers(0, 600),
    st.integers(0, 255),
)
def test_no_damage_raises(whole, junk, at, value):
    data = bytearray(whole)
    data[at % len(data)] = value
    measure(io.BytesIO(bytes(data)))
    measure(io.BytesIO(bytes(data[: at % len(data)]) + junk))
