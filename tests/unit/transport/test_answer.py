"""An answer that is read quickly says what ``h11`` says of it, whatever it is and however it is cut."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nbext.transport import exceptions
from nbext.transport.answer import Answer, StrictAnswer

STARTS = st.sampled_from(
    [
        *([b"HTTP/1.1 200 OK\r\n"] * 6),
        *[b"HTTP/1.1 429 Too Many Requests\r\n", b"HTTP/1.1 500 \r\n", b"HTTP/1.1 299 a\tb\r\n"],
        *[b"HTTP/1.1 204 No Content\r\n", b"HTTP/1.1 304 Not Modified\r\n", b"HTTP/1.1 200\r\n"],
        *[b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 101 Switch\r\n", b"HTTP/1.1 20 OK\r\n", b"\r\n"],
        *[
            b"HTTP/1.1 200 OK\n",
            b"HTTP/1.1  200 OK\r\n",
            b"HTTP/1.1 200 \xe5\r\n",
            b"ICY 200 OK\r\n",
        ],
        *[
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
            b"HTTP/1.1 600 Odd\r\n",
            b"\nHTTP/1.1",
        ],
    ]
)
FIELDS = st.sampled_from(
    [
        *([b"Content-Type: application/json\r\n", b"X-Request-Id:abc\r\n", b"A: b, c \t\r\n"] * 3),
        *[b"Connection: close\r\n", b"Connection: Upgrade\r\nUpgrade: x\r\n", b"Empty:\r\n"],
        *[b" folded\r\n", b"No colon\r\n", b"Space : a\r\n", b": nameless\r\n", b"A: \x00\r\n"],
        *[
            b"A: \x7f\r\n",
            b"A: \xff\r\n",
            b"A: a\rb\r\n",
            b"A: b\n",
            b"A : \r\n",
            b"\r\n",
            b"\r\r\n",
        ],
        *[b"Set-Cookie: a=1; b\r\n", b"CONTENT-LENGTH: 3\r\n", b"Transfer-Encoding: gzip\r\n"],
    ]
)
FRAMES = st.sampled_from(
    [
        *([b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n"] * 5),
        *[b"", b"Content-Length: 0\r\n", b"content-length:\t5 \r\n", b"Content-Length: 05\r\n"],
        *[b"Content-Length: +5\r\n", b"Content-Length: -5\r\n", b"Content-Length: 5, 5\r\n"],
        *[
            b"Content-Length: 5\r\nContent-Length: 5\r\n",
            b"Content-Length: 5\r\nContent-Length: 6\r\n",
        ],
        *[b"Content-Length: 99999999999999999999999\r\n", b"Content-Length: 0x5\r\n"],
        *[b"Transfer-Encoding: CHUNKED\r\n", b"Transfer-Encoding: gzip, chunked\r\n"],
        *[b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"],
        *[b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"Content-Length: \xb2\r\n"],
    ]
)
BODIES = st.lists(
    st.sampled_from(
        [
            *([b"12345", b"5\r\n12345\r\n", b"0\r\n\r\n"] * 3),
            *[b"", b"123", b"1234567", b"0\r\nX-Cost: 3\r\n\r\n", b"5;a=b\r\n12345\r\n", b"zz\r\n"],
            *[b"0\r\n", b"0\r", b"0", b"00\r\n\r\n", b"5\r\n123", b"5\r\n1234567\r\n", b"\r\n"],
            *[b"HTTP/1.1 200 OK\r\n\r\n", b"5\n12345\n", b"0\n\n", b"0\r\n\r\n0\r\n\r\n"],
        ]
    ),
    max_size=4,
).map(b"".join)
HEADS = st.tuples(STARTS, st.lists(FIELDS, max_size=3).map(b"".join), FRAMES).map(b"".join)
ENDS = st.sampled_from([*([b"\r\n"] * 6), b"\n", b"", b"\r"])


def outcome(reader, pieces, *, closed):
    """Give the head, the body and the end of an answer that comes in pieces."""
    head, body, end = None, b"", "open"
    for piece in (*pieces, *([b""] if closed else ())):
        reader.receive(piece)
        try:
            head = head or reader.head()
            while head is not None and end == "open":
                data = reader.body()
                if data == b"":
                    break
                if data is None:
                    end = "whole"
                else:
                    body += data
        except exceptions.RemoteProtocolError:
            return head, body, "broken"
        if end == "whole":
            break
    return head, body, end


@given(
    st.tuples(HEADS, ENDS, BODIES).map(b"".join),
    st.lists(st.integers(1, 300), max_size=6).map(sorted),
    st.booleans(),
)
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345", [17, 38, 40], True)
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [48, 50], True)
@settings(deadline=None, max_examples=600)
def test_any_answer_cut_anywhere_is_the_same(data, cuts, closed):
    edges = [0, *(cut for cut in dict.fromkeys(cuts) if cut < len(data)), len(data)]
    pieces = [data[a:b] for a, b in itertools.pairwise(edges) if a < b]
    head, body, end = outcome(Answer(), pieces, closed=closed)
    expected_head, expected, expected_end = outcome(StrictAnswer(), pieces, closed=closed)
    assert (head, end) == (expected_head, expected_end)
    # Of a broken body, more may be read before the place where it breaks.
    assert body == expected if end != "broken" else body.startswith(expected)


@pytest.mark.parametrize("frame", [b"Content-Length: 300", b"Transfer-Encoding: chunked"])
def test_a_plain_answer_is_read_without_the_parser(frame, monkeypatch):
    monkeypatch.setattr("nbext.transport.answer.StrictAnswer", None)
    plain = b"0123456789" * 30
    body = plain if b"Length" in frame else b"12c\r\n" + plain + b"\r\n0\r\n\r\n"
    answer = Answer()
    for byte in b"HTTP/1.1 200 OK\r\nA: b\r\n" + frame + b"\r\n\r\n" + body:
        answer.receive(bytes([byte]))
    assert answer.head().status == 200
    assert (answer.body(), answer.body()) == (plain, None)


def test_a_head_that_does_not_end_is_refused():
    answer = Answer()
    answer.receive(b"HTTP/1.1 200 OK\r\n" + (b"A: " + b" a" * 500 + b"\r\n") * 200)
    with pytest.raises(exceptions.RemoteProtocolError):
        answer.head()
