"""Chunks that are taken out before ``h11`` sees them say what they would have said behind it."""

from __future__ import annotations

import itertools

import h11
from hypothesis import given, settings
from hypothesis import strategies as st

from nbext.transport.chunks import PlainChunks

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PLAIN = st.binary(min_size=1, max_size=40).map(lambda data: b"%x\r\n%b\r\n" % (len(data), data))
ODD = st.sampled_from(
    [
        *[b"3;name=value\r\ncat\r\n", b"0003\r\ncat\r\n", b"A\r\n0123456789\r\n", b"3 \r\ncat\r\n"],
        *[
            b"3\r\ncat",
            b"3\r\ncats\r\n",
            b"3\ncat\n",
            b"g\r\n",
            b"\r\n",
            b"-1\r\n",
            b"fffffffff\r\n",
        ],
        *[
            b"0\r\n\r\n",
            b"0\r\nX-Cost: 3\r\n\r\n",
            b"00\r\n\r\n",
            b"3",
            b"3\r",
            b"0x3\r\ncat\r\n",
            b"+3\r\n",
        ],
        *[
            b"00000000000000000000000000001\r\na\r\n",
            b"1\r\na\r\r\n",
            b"1\r\na\n\r",
            b"HTTP/1.1 200 OK\r\n",
        ],
    ]
)
BODIES = st.lists(PLAIN | PLAIN | PLAIN | ODD, max_size=8).map(b"".join)


def outcome(pieces, *, fast):
    """Give the bytes of a body that comes in pieces and ends, and how it ends."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    parser.send(h11.EndOfMessage())
    parser.receive_data(HEAD)
    parser.next_event()
    chunks = PlainChunks()
    data = b""
    try:
        for piece in (*pieces, None):
            rest = chunks.feed(piece) if fast and piece else piece
            data += b"".join(chunks.pieces)
            chunks.pieces.clear()
            # Nothing is the end, once all pieces have come.
            if rest or piece is None:
                parser.receive_data(rest or b"")
            while isinstance(event := parser.next_event(), h11.Data):
                data += bytes(event.data)
            if isinstance(event, h11.EndOfMessage):
                return data, event.headers
    except h11.RemoteProtocolError:
        return data, "no HTTP"
    return data, "cut"


@given(BODIES, st.lists(st.integers(0, 400), max_size=9).map(sorted))
@settings(deadline=None, max_examples=400)
def test_any_body_cut_anywhere_is_the_same(body, cuts):
    edges = [0, *(cut for cut in cuts if cut < len(body)), len(body)]
    pieces = [body[a:b] for a, b in itertools.pairwise(edges)]
    (fast, how), (slow, expected) = outcome(pieces, fast=True), outcome(pieces, fast=False)
    assert how == expected
    # What of a broken body came before it broke may be more here by what the cut has left over.
    assert fast == slow if how != "no HTTP" else fast[: len(slow)] == slow


def test_plain_chunks_are_not_seen_by_the_parser():
    chunks = PlainChunks()
    assert chunks.feed(b"3\r\ncat\r\n" * 100) == b""
    assert b"".join(chunks.pieces) == b"cat" * 100
    assert chunks.feed(b"0\r\n\r\n") == b"0\r\n\r\n"
    assert chunks.feed(b"more") == b"more"
