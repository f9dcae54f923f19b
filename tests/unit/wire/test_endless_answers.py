"""Answers without an end take a bounded memory, and what is over is said."""

from __future__ import annotations

import base64
import json
import tracemalloc

import pytest

from nbext.data.record import Draft
from nbext.session import accumulator
from nbext.session.accumulator import ResponseAccumulator
from nbext.wire import events, framing, json_values, reporter
from nbext.wire.formats import wire_format
from tests.cases.answers import png
from tests.sinks import Memory
from tests.unit.wire.asked import asked


def sse(value):
    return f"data: {json.dumps(value)}\n\n".encode()


def delta(**fields):
    return sse({"choices": [{"index": 0, "delta": fields}]})


WORDS = "cat " * 2000
CALL = {"index": 0, "id": "c", "function": {"name": "f", "arguments": WORDS}}
ENDLESS = {
    "words": ("chat", delta(content=WORDS)),
    "thoughts": ("chat", delta(reasoning_content=WORDS)),
    "thoughts in tags": ("chat", delta(content="<think>" + WORDS)),
    "a call": ("chat", delta(tool_calls=[CALL])),
    "other choices": ("chat", sse({"choices": [{"index": 1, "delta": {"content": WORDS}}]})),
    "an open event": ("chat", b"data:\n" * 1000),
    "an open line": ("chat", b"data: " + b"x" * 8000),
    "a response's words": (
        "responses",
        sse({"type": "response.output_text.delta", "delta": WORDS}),
    ),
    "signatures": (
        "gemini",
        sse({"candidates": [{"content": {"parts": [{"text": "a", "thoughtSignature": WORDS}]}}]}),
    ),
    "a completion": ("completions", sse({"choices": [{"text": WORDS}]})),
}


@pytest.fixture
def small(monkeypatch):
    """Bounds that a test reaches in no time."""
    monkeypatch.setattr(framing, "MOST_HELD", 1 << 20)
    monkeypatch.setattr(reporter, "MOST_TEXT", 1 << 18)
    monkeypatch.setattr(accumulator, "MOST_TEXT", 1 << 18)


@pytest.mark.parametrize("what", ENDLESS)
def test_a_stream_without_an_end_is_given_up(what, small):
    wire, piece = ENDLESS[what]
    decoder = wire_format(wire).decoder(asked(), Memory(), content_type="text/event-stream")
    answer = ResponseAccumulator()
    tracemalloc.start()
    for _ in range((64 << 20) // len(piece)):
        for event in decoder.feed(piece):
            answer.add(event)
        if decoder.over:
            break
    for event in decoder.close():
        answer.add(event)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert decoder.over
    assert answer.failed.message == "The answer has more than 1 MB besides its pictures."
    assert answer.failed.maybe_billed
    assert peak < 16 << 20


def test_text_that_is_over_is_left_out_and_said(small):
    answer = ResponseAccumulator()
    assert answer.add(events.Text(text="a" * (1 << 18)))
    assert not answer.add(events.Text(text="b"))
    record = Draft(type="drawing", id="a")
    answer.into(record)
    assert record.text == "a" * (1 << 18)
    assert record.lost == ("The text is longer than 262.1 kB; the rest was left out.",)


@pytest.mark.parametrize(
    "body", [b"[" + b"{}," * 600_000 + b"{}]", b"[" + b"1," * 2_100_000 + b"1]"]
)
def test_json_with_too_many_values_is_not_read(body):
    decoder = wire_format("images").decoder(asked(), Memory(), content_type="application/json")
    told = decoder.feed(body) + decoder.close()
    (failed,) = [event for event in told if isinstance(event, events.ErrorEvent)]
    assert failed.message == "The answer has too many values."
    assert json_values.decode(body) is json_values.NOTHING


def test_pictures_and_links_without_end_are_counted(monkeypatch):
    monkeypatch.setattr(reporter, "MOST_PICTURES", 20)
    monkeypatch.setattr(reporter, "MOST_NAMED", 50)
    memory = Memory()
    decoder = wire_format("chat").decoder(asked(), memory, content_type="text/event-stream")
    told = []
    for n in range(60):
        data = base64.b64encode(png(n, n, n)).decode()
        told += decoder.feed(delta(content=f"![a](data:image/png;base64,{data}) "))
        told += decoder.feed(sse({"citations": [f"https://h.example/{n}"]}))
    told += decoder.close()
    pictures = [event for event in told if isinstance(event, events.Inline)]
    assert len(pictures) == len(memory.kept) == 20
    assert [e.message for e in told if isinstance(e, events.Notice)] == [
        "The answer names more than 50 items; the rest was left out."
    ]
    assert "more than 20 pictures" in next(
        e.message for e in told if isinstance(e, events.InvalidPicture)
    )
