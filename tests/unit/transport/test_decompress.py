"""Compression comes off in bounded pieces."""

from __future__ import annotations

import contextlib
import gzip
import sys
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from nbext.transport.decompress import (
    PIECE,
    ContentDecoder,
    DecompressionError,
    UnknownCompressionError,
)

DATA = bytes(range(256)) * 5000


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", DATA),
        ("identity", DATA),
        ("gzip", gzip.compress(DATA)),
        ("deflate", zlib.compress(DATA)),
        ("deflate", raw_deflate(DATA)),
        ("br", brotli.compress(DATA)),
        ("zstd", zstandard.compress(DATA)),
        ("", gzip.compress(DATA)),
        ("X-GZIP", gzip.compress(DATA)),
        ("aws-chunked", DATA),
        ("utf-8", DATA),
        ("none", DATA),
        ("gzip", gzip.compress(DATA[:9]) + gzip.compress(b"") + gzip.compress(DATA[9:])),
        ("gzip", gzip.compress(DATA) + bytes(20)),
    ],
    # Not by their bytes: gzip holds the time, and two processes would not agree on the names.
    ids=lambda value: value if isinstance(value, str) else "",
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


@pytest.mark.parametrize("name", ["br", "zstd"])
def test_a_compression_without_its_package_names_it(name, monkeypatch):
    for package in ("brotli", "zstandard"):
        monkeypatch.setitem(sys.modules, package, None)
    if name == "zstd" and sys.version_info >= (3, 14):
        pytest.skip("in the library there")
    with pytest.raises(UnknownCompressionError) as caught:
        ContentDecoder(name)
    assert caught.value.package in ("brotli", "zstandard")


@pytest.mark.parametrize("name", ["gzip, gzip, gzip, gzip", "compress", "dcb"])
def test_other_compressions_are_refused(name):
    with pytest.raises(UnknownCompressionError):
        ContentDecoder(name)


def test_what_is_no_gzip_though_it_is_called_so_is_passed_on():
    assert b"".join(ContentDecoder("gzip").feed(b"no gzip at all")) == b"no gzip at all"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("gzip", b"\x1f\x8b\x08 no gzip behind its beginning"),
        ("deflate", b"\x78\x9c no zlib"),
        ("br", b"\xff" * 50),
        ("zstd", b"no zstd at all"),
    ],
)
def test_what_is_not_as_its_header_says_is_an_error_of_one_kind(name, data):
    with pytest.raises(DecompressionError):
        list(ContentDecoder(name).feed(data))


@given(st.binary(max_size=4000), st.integers(1, 50), st.sampled_from(sorted(PACKERS)))
def test_whatever_is_packed_comes_out_however_it_is_cut(data, step, name):
    packed = PACKERS[name](data)
    decoder = ContentDecoder(name.rstrip("0123456789"))
    pieces = [
        piece
        for at in range(0, len(packed), step)
        for piece in decoder.feed(packed[at : at + step])
    ]
    assert b"".join(pieces) + decoder.rest() == data
    assert decoder.whole


@given(st.binary(max_size=400), st.sampled_from(["", "gzip", "deflate", "br", "zstd"]))
def test_no_bytes_raise_anything_else(data, name):
    with contextlib.suppress(DecompressionError):
        list(ContentDecoder(name).feed(data))


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
def test_no_piece_of_a_bomb_is_large(name):
    packed = PACKERS[name](bytes(16 << 20))
    assert all(len(piece) <= 4 << 20 for piece in ContentDecoder(name).feed(packed))


@pytest.mark.parametrize("names", [("gzip", "gzip"), ("br", "gzip"), ("deflate", "zstd", "br")])
@pytest.mark.parametrize("step", [1, 1 << 20])
def test_one_compression_on_another_is_taken_off(names, step):
    packed = DATA[:9000]
    for name in names:
        packed = PACKERS[name](packed)
    decoder = ContentDecoder(", ".join(names))
    pieces = [
        piece
        for at in range(0, len(packed), step)
        for piece in decoder.feed(packed[at : at + step])
    ]
    assert b"".join(pieces) == DATA[:9000]
    assert decoder.whole
