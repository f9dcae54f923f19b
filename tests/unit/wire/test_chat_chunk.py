"""The fast way through a stream says what the slow one says."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from nbext.wire.chat import WIRE
from nbext.wire.chat_chunk import PlainPieces
from nbext.wire.chat_decoder import ChatReader
from nbext.wire.sse import Parser
from tests.unit.wire.answered import MemorySink, Read, sse
from tests.unit.wire.asked import asked


class SlowReader(ChatReader):
    """Reads each piece the way that reads anything."""

    def plain_text(self, data):
        return None


PIECES = st.builds(
    lambda content, more, choice: {
        "id": "c1",
        "model": "m",
        "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": None} | choice],
        **more,
    },
    st.sampled_from(
        [
            "",
            "猫",
            "a ",
            "<think>",
            "</think>",
            "![x](",
            "https://h/a.png)",
            "\ud83d",
            "> 进度 5%\n",
        ]
    ),
    st.sampled_from([{}, {"id": "c2"}, {"model": "n"}, {"usage": {"total_tokens": 3}}, {"x": 1}]),
    st.sampled_from([{}, {"index": 1}, {"finish_reason": "stop"}, {"delta": {"images": []}}]),
)


def gist(make, body, size):
    stored = {}
    reader = make(asked(), lambda: MemorySink(stored), content_type="text/event-stream")
    events = []
    for at in range(0, len(body), size):
        events += reader.feed(body[at : at + size])
    answer = Read([*events, *reader.close()], stored)
    return answer.text, answer.reasoning, answer.links, answer.failed, answer.usage, answer.done


@given(st.lists(PIECES, max_size=12), st.integers(20, 4000))
def test_both_ways_say_the_same(pieces, size):
    body = (
        sse(*(json.loads(json.dumps(piece)) for piece in pieces), done=True)
        if all("\ud83d" not in json.dumps(piece, ensure_ascii=False) for piece in pieces)
        else "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces).encode()
    )
    assert gist(ChatReader, body, size) == gist(SlowReader, body, size)


def test_a_piece_with_anything_more_is_not_plain():
    pieces = PlainPieces()
    pieces.expect("c1", "m")

    def text(**more):
        choice = {"delta": {"content": "Hi", **more.pop("delta", {})}}
        return pieces.text(
            json.dumps({"id": "c1", "model": "m", "choices": [choice], **more}).encode()
        )

    assert text() == "Hi"
    assert text(delta={"reasoning_content": "hm"}) is None
    assert text(delta={"images": [{}]}) is None
    assert text(error={"message": "x"}) is None
    assert text(model="n") is None
    assert PlainPieces().text(b"{}") is None


@given(
    st.lists(
        st.sampled_from([b"data: 1", b"data:{", b"}", b"event: x", b": c", b"\n", b"\n\n", b"{"])
    ),
    st.integers(1, 9),
)
def test_lines_are_read_alike_with_and_without_cr(parts, size):
    body = b"\n".join(parts)

    def events(data, step):
        parser = Parser()
        pieces = [parser.feed(data[at : at + step]) for at in range(0, len(data), step)]
        return [event for piece in pieces for event in piece] + parser.close()

    assert events(body, size) == events(body.replace(b"\n", b"\r\n"), 10**6)


def test_it_is_the_reader_of_chats():
    assert isinstance(WIRE.decoder(asked(), lambda: None), ChatReader)
