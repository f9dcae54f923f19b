"""Answers that mean harm, or make no sense: no decoder raises, none takes more than linear time."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbext.wire import chat, completions, events, framing, gemini, images, responses, videos
from tests.growth import grows_linearly
from tests.unit.wire.answered import b64, read, sse
from tests.unit.wire.asked import asked, png

WIRES = [chat.WIRE, completions.WIRE, responses.WIRE, images.WIRE, gemini.WIRE, videos.WIRE]
TYPES = ["application/json", "text/event-stream", "text/html", ""]
CAT = b64(png(7))

every_wire = pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)

# The words of all formats, so that a random value reaches into the readers.
WORDS = [
    *(
        "type",
        "id",
        "object",
        "model",
        "status",
        "error",
        "message",
        "code",
        "data",
        "output",
        "usage",
        "cost",
    ),
    *(
        "choices",
        "text",
        "index",
        "finish_reason",
        "delta",
        "content",
        "response",
        "item",
        "output_index",
        "result",
    ),
    *(
        "image_generation_call",
        "function_call",
        "reasoning",
        "output_text",
        "refusal",
        "annotations",
        "annotation",
    ),
    *(
        "url",
        "start_index",
        "store",
        "summary",
        "arguments",
        "call_id",
        "name",
        "incomplete_details",
        "reason",
    ),
    *(
        "b64_json",
        "image_url",
        "images",
        "results",
        "urls",
        "task_id",
        "progress",
        "detail",
        "polling_url",
    ),
    *(
        "candidates",
        "parts",
        "inlineData",
        "inline_data",
        "fileData",
        "fileUri",
        "mimeType",
        "thought",
        "finishReason",
    ),
    *(
        "promptFeedback",
        "blockReason",
        "usageMetadata",
        "groundingMetadata",
        "groundingChunks",
        "web",
        "uri",
    ),
    *(
        "functionCall",
        "args",
        "output_text.delta",
        "response.completed",
        "response.output_item.done",
        "failed",
    ),
    *(
        "response.image_generation_call.partial_image",
        "partial_image_b64",
        "image_generation.completed",
        "queued",
    ),
    *(
        "response.failed",
        "response.incomplete",
        "message",
        "completed",
        "incomplete",
        "success",
        "STOP",
        "SAFETY",
    ),
]
WORDS += [
    *("tool_calls", "function", "reasoning_content", "images", "multi_mod_content", "url_citation"),
    *("image", "source", "refusal", "annotations", "<think>", "> 进度 12%", "生成失败"),
]
word = st.sampled_from(WORDS)
leaf = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**25)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | word
    | st.sampled_from(
        [
            CAT,
            f"data:image/png;base64,{CAT}",
            "https://h/a.png",
            "https://[",
            "nbext-sha256:" + "0" * 64,
            "AAAA",
            "data:,",
        ]
    )
)
value = st.recursive(
    leaf,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(word, inner, max_size=6),
    max_leaves=25,
)


def check(answer) -> None:
    assert all(isinstance(event, events.Event) for event in answer.events)
    assert len(answer.all(events.ErrorEvent)) <= 1
    assert len(answer.all(events.Done)) <= 1
    assert answer.all(events.ErrorEvent) or answer.all(events.Done)


@every_wire
@given(body=st.binary(max_size=300), content_type=st.sampled_from(TYPES), size=st.integers(0, 9))
def test_random_bytes(wire, body, content_type, size):
    check(read(wire, asked(), body, content_type=content_type, size=size))


@every_wire
@settings(max_examples=60)
@given(body=value, content_type=st.sampled_from(TYPES))
def test_random_json(wire, body, content_type):
    check(read(wire, asked(), json.dumps(body), content_type=content_type))


@every_wire
@settings(max_examples=60)
@given(values=st.lists(value, max_size=5), done=st.booleans(), size=st.integers(0, 50))
def test_random_streams(wire, values, done, size):
    check(read(wire, asked(), sse(*values, done=done), content_type="text/event-stream", size=size))


def deep(depth: int) -> bytes:
    return b'{"data":[' * depth + b"1" + b"]}" * depth


@every_wire
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        deep(50_000),
        b"data: " + deep(50_000) + b"\n\n",
        b'{"id": "' + b"\xff\xfe" + b'"}',
        b"\xef\xbb\xbf{}",
        b'{"usage": {"cost": 1e999}, "choices": [{"index": 1e400}]}',
        b'{"progress": ' + b"9" * 5000 + b', "id": "v", "status": "running"}',
        b"data: {\n\ndata: [DONE]\n\n",
        b"\n" * 1000,
        b"null",
        b"data: null\n\n",
    ],
    ids=lambda body: f"{body[:12]!r}",
)
@pytest.mark.parametrize("content_type", TYPES)
def test_shapes_that_break_parsers(wire, body, content_type):
    check(read(wire, asked(), body, content_type=content_type))


def said(wire, text: str):
    """Write a text as each wire format has it."""
    return {
        "chat": {"choices": [{"delta": {"content": text}}]},
        "completions": {"choices": [{"text": text}]},
        "responses": {
            "object": "response",
            "output": [{"type": "message", "content": [{"text": text}]}],
        },
        "images": {"data": [{"b64_json": text, "revised_prompt": text}]},
        "gemini": {
            "candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}]
        },
        "videos": {"id": "v", "status": "failed", "message": text},
    }[wire.name]


@every_wire
@pytest.mark.parametrize(
    "piece", ["![", "[](", "data:image/png;base64,", "https://h/", "{", "<img ", "> ", "`", "\n"]
)
def test_a_text_that_is_twice_as_long_takes_about_twice_as_long(wire, piece):
    bodies = {size: said(wire, piece * (size // len(piece))) for size in (8_000, 64_000)}
    assert grows_linearly(lambda size: read(wire, asked(), bodies[size]), 8_000)


@every_wire
def test_many_events_and_small_pieces_take_linear_time(wire):
    def body(count):
        return sse(*[said(wire, "喵") for _ in range(count)])

    bodies = {count: body(count) for count in (100, 800)}
    how = {"content_type": "text/event-stream", "size": 7}
    assert grows_linearly(lambda count: read(wire, asked(), bodies[count], **how), 100)


@every_wire
@pytest.mark.parametrize("start", [b'{"a": "', b"data: ", b": "])
def test_what_is_too_large_to_be_read_is_given_up(wire, start, monkeypatch):
    monkeypatch.setattr(framing, "MOST_HELD", 1 << 20)
    decoder = wire.decoder(asked(), lambda: None, content_type="")
    told = decoder.feed(start)
    for _ in range(30):
        told += decoder.feed(b"a" * 50_000)
    assert decoder.over
    told += decoder.close()
    (failed,) = [event for event in told if isinstance(event, events.ErrorEvent)]
    assert failed.message == "The answer has more than 1 MB besides its pictures."
    assert failed.maybe_billed
    assert not [event for event in told if isinstance(event, events.Done)]
