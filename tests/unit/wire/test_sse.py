"""An event stream, cut anywhere."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbext.wire.sse import Parser

BODY = (
    '\ufeff: PING\n\ndata: {"a":"猫\u2028\u0085x"}\n\nevent: x\rdata:1\rdata: 2\r\r'
    "id: 7\r\nretry: 5\r\ndata: three\r\n\r\nevent: lonely\n\ndata\n\ndata: [DONE]"
).encode()
EVENTS = [
    ("", '{"a":"猫\u2028\u0085x"}'.encode()),
    ("x", b"1\n2"),
    ("", b"three"),
    ("", b""),
    ("", b"[DONE]"),
]


def parse(body, edges):
    parser = Parser()
    events = []
    for a, b in itertools.pairwise(edges):
        events += parser.feed(body[a:b])
    return events + parser.close()


@pytest.mark.parametrize("cut", range(len(BODY) + 1))
def test_cut_at_every_byte(cut):
    assert parse(BODY, [0, cut, len(BODY)]) == EVENTS


def test_byte_by_byte():
    assert parse(BODY, range(len(BODY) + 1)) == EVENTS


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.lists(st.integers(0, 200)))
def test_cuts_change_nothing(body, cuts):
    edges = [0, *sorted(c for c in cuts if c < len(body)), len(body)]
    assert parse(body, edges) == parse(body, [0, len(body)])


BARE = b'{\n  "error": {\n    "message": "no"\n  }\n}'


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b": PING\n\n" + BARE, [BARE]),
        (b": PING\n\n" + BARE + b"\n\ndata: 1\n\n", [BARE, b"1"]),
        (BARE + b"\ndata: [DONE]\n\n", [BARE, b"[DONE]"]),
        (BARE + b"\n: PING\n" + BARE, [BARE, BARE]),
        (b'data: 1\n\n{"a":1}\n{"b":2}\n', [b"1", b'{"a":1}', b'{"b":2}']),
        (b'data: 1\n{"a":1}\n\n', [b"1"]),
    ],
)
def test_an_object_that_a_relay_wrote_into_the_stream_as_it_is(body, data):
    assert parse(body, [0, len(body)]) == [("", piece) for piece in data]
    assert parse(body, range(len(body) + 1)) == [("", piece) for piece in data]
