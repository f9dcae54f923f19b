"""Compression comes off in bounded pieces."""

from __future__ import annotations

import gzip
import zlib

import pytest

from nbext.transport.decompress import PIECE, ContentDecoder

DATA = bytes(range(256)) * 5000


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", DATA),
        ("identity", DATA),
        ("gzip", gzip.compress(DATA)),
        ("deflate", zlib.compress(DATA)),
        ("X-GZIP", gzip.compress(DATA)),
        ("aws-chunked", DATA),
        ("utf-8", DATA),
        ("none", DATA),
        ("gzip", gzip.compress(DATA[:9]) + gzip.compress(b"") + gzip.compress(DATA[9:])),
        ("gzip", gzip.compress(DATA) + bytes(20)),
    ],
)
@pytest.mark.parametrize("step", [1, 1000, 1 << 20])
def test_whole(encoding, packed, step):
    unpack = ContentDecoder(encoding)
    got = [
        piece for at in range(0, len(packed), step) for piece in unpack.feed(packed[at : at + step])
    ]
    assert b"".join(got) == DATA
    assert unpack.whole


def test_a_bomb_comes_in_pieces():
    pieces = ContentDecoder("gzip").feed(gzip.compress(bytes(64 << 20)))
    assert all(len(next(pieces)) <= PIECE for _ in range(20))


def test_a_cut_is_seen():
    unpack = ContentDecoder("gzip")
    assert list(unpack.feed(gzip.compress(DATA)[:-4]))
    assert not unpack.whole


def test_what_was_not_asked_for_is_refused():
    for encoding in ("br", "zstd", "gzip, gzip"):
        with pytest.raises(ValueError):
            ContentDecoder(encoding)
    with pytest.raises(zlib.error):
        list(ContentDecoder("gzip").feed(b"no gzip at all"))
