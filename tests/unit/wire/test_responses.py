"""The Responses format."""

from __future__ import annotations

import pytest

from nbext.data.request import Reference, Turn
from nbext.errors import OptionError
from nbext.wire import events, responses
from nbext.wire.encoding import data_uri
from nbext.wire.responses import ResponsesWire
from tests.unit.wire.answered import STREAM, assert_same_however_cut, b64, read, sse
from tests.unit.wire.asked import asked, picture, png, turns

WIRE = ResponsesWire()


def image_tool(**fields):
    (tool,) = [
        t for t in WIRE.encode(asked(**fields)).body["tools"] if t["type"] == "image_generation"
    ]
    return tool


def test_a_drawing_brings_the_image_tool():
    call = WIRE.encode(asked(references=(picture(),), system="Be brief."))
    assert call.path == "responses"
    assert call.stream
    assert call.body == {
        "model": "some-model",
        "input": [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "画只猫"},
                    {"type": "input_image", "image_url": data_uri(picture())},
                ],
            }
        ],
        "stream": True,
        "instructions": "Be brief.",
        "tools": [{"type": "image_generation"}],
        "tool_choice": {"type": "image_generation"},
    }


def test_the_tool_takes_what_is_its_own():
    tool = image_tool(
        size="1024x1536",
        quality="low",
        format="webp",
        mask=picture(9),
        extra={"background": "transparent", "output_compression": 50, "stream": False},
    )
    assert tool == {
        "type": "image_generation",
        "size": "1024x1536",
        "quality": "low",
        "output_format": "webp",
        "input_image_mask": {"image_url": data_uri(picture(9))},
        "background": "transparent",
        "output_compression": 50,
    }


def test_other_tools_are_added_and_then_the_model_chooses():
    call = WIRE.encode(
        asked(
            extra={
                "tools": [{"type": "web_search"}, {"type": "image_generation", "partial_images": 0}]
            }
        )
    )
    assert call.body["tools"] == [
        {"type": "image_generation", "partial_images": 0},
        {"type": "web_search"},
    ]
    assert "tool_choice" not in call.body


def test_an_answer_in_words_has_no_image_tool():
    body = WIRE.encode(
        asked(kind="respond", extra={"background": True, "tools": [{"type": "web_search"}]})
    ).body
    assert body["tools"] == [{"type": "web_search"}]
    assert body["background"] is True
    assert "tools" not in WIRE.encode(asked(kind="respond")).body


def test_a_conversation_goes_on_by_its_id():
    conversation = turns(raw={"response_id": "resp_1"}, pictures=[picture(1)])
    body = WIRE.encode(asked("加一顶帽子", conversation=conversation)).body
    assert body["previous_response_id"] == "resp_1"
    assert [item["content"] for item in body["input"]] == [
        [{"type": "input_text", "text": "加一顶帽子"}]
    ]


@pytest.mark.parametrize(
    ("raw", "extra"),
    [
        (None, {}),
        ({"response_id": "resp_1"}, {"store": False}),
        ({"response_id": "resp_1"}, {"previous_response_id": None}),
        ({"parts": []}, {}),
        ({"response_id": 7}, {}),
    ],
)
def test_or_it_is_sent_whole(raw, extra):
    conversation = turns(
        raw=raw,
        text="![c](nbext-sha256:" + "0" * 64 + ")",
        pictures=[picture(1)],
        given=[picture(2)],
    )
    body = WIRE.encode(asked("加一顶帽子", conversation=conversation, extra=extra)).body
    assert "previous_response_id" not in body
    first, answer, last = body["input"]
    assert first["content"][1]["image_url"] == data_uri(picture(2))
    assert answer == {
        "role": "assistant",
        "content": [{"type": "output_text", "text": "![c](picture)"}],
    }
    assert last["content"][0]["text"] == "加一顶帽子"
    assert last["content"][1]["image_url"] == data_uri(picture(1))


@pytest.mark.parametrize(
    "fields",
    [{"seed": 1}, {"kind": "respond", "size": "1024x1024"}, {"kind": "chat", "mask": picture()}],
)
def test_what_has_no_place_is_refused(fields):
    with pytest.raises(OptionError, match="does not support"):
        WIRE.encode(asked(**fields))


def test_what_is_given_wins():
    body = WIRE.encode(
        asked(extra={"model": "m", "input": "hi", "tool_choice": "auto", "stream": False})
    ).body
    assert (body["model"], body["input"], body["tool_choice"], body["stream"]) == (
        "m",
        "hi",
        "auto",
        False,
    )


CAT, DOG, DRAFT = png(200), png(150), png(100)
ASKED = asked()
CALL = {
    "type": "image_generation_call",
    "id": "ig_1",
    "status": "completed",
    "result": b64(CAT),
    "revised_prompt": "A cat.",
}
USAGE = {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}


def message(text="Here.", **part):
    return {
        "type": "message",
        "id": "msg_1",
        "content": [{"type": "output_text", "text": text, **part}],
    }


def response(*output, status="completed", **fields):
    return {
        "id": "resp_1",
        "object": "response",
        "model": "gpt-x",
        "status": status,
        "output": list(output),
        "usage": USAGE,
        **fields,
    }


def stream(*output_events, final=None, **options):
    events_ = [
        {
            "type": "response.created",
            "response": {"id": "resp_1", "model": "gpt-x", "status": "in_progress"},
        },
        *output_events,
    ]
    if final is not None:
        events_.append({"type": f"response.{final['status']}", "response": final})
    return sse(*events_, named=True, **options)


def test_a_plain_answer_with_a_picture_and_words():
    answer = read(WIRE, ASKED, response(CALL, message("一只猫")))
    assert answer.pictures == [CAT]
    assert answer.text == "一只猫"
    assert answer.usage == USAGE
    assert answer.done.finish_reason == "completed"
    assert answer.raw == {"response_id": "resp_1"}
    assert {m.revised_prompt for m in answer.all(events.Meta)} == {"", "A cat."}
    assert answer.failed is None


def test_a_stream_with_previews_has_the_picture_once():
    body = stream(
        {
            "type": "response.image_generation_call.in_progress",
            "output_index": 0,
            "item_id": "ig_1",
        },
        {"type": "response.image_generation_call.generating", "output_index": 0, "item_id": "ig_1"},
        {
            "type": "response.image_generation_call.partial_image",
            "output_index": 0,
            "partial_image_index": 0,
            "partial_image_b64": b64(DRAFT),
        },
        {"type": "response.image_generation_call.completed", "output_index": 0, "item_id": "ig_1"},
        {"type": "response.output_item.done", "output_index": 0, "item": CALL},
        {
            "type": "response.output_text.delta",
            "output_index": 1,
            "content_index": 0,
            "delta": "一只",
        },
        {
            "type": "response.output_text.delta",
            "output_index": 1,
            "content_index": 0,
            "delta": "猫",
        },
        {
            "type": "response.output_text.done",
            "output_index": 1,
            "content_index": 0,
            "text": "一只猫",
        },
        {"type": "response.output_item.done", "output_index": 1, "item": message("一只猫")},
        final=response(CALL, message("一只猫")),
        done=True,
    )
    answer = read(WIRE, ASKED, body, content_type=STREAM)
    assert answer.previews == [DRAFT]
    assert answer.pictures == [CAT]
    assert answer.text == "一只猫"
    assert answer.usage == USAGE
    assert answer.failed is None
    assert len(answer.all(events.Done)) == 1
    assert_same_however_cut(WIRE, ASKED, body, content_type=STREAM)


def test_only_the_last_event_has_the_picture():
    answer = read(WIRE, ASKED, stream(final=response(CALL, message())), content_type=STREAM)
    assert (answer.pictures, answer.text) == ([CAT], "Here.")


def test_thoughts_searches_citations_and_calls():
    cited = {
        "type": "url_citation",
        "url": "https://h/page",
        "title": "Page",
        "start_index": 0,
        "end_index": 3,
    }
    call = {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "call_1",
        "name": "mean",
        "arguments": '{"x":1}',
    }
    parts = [
        {"type": "response.reasoning_summary_text.delta", "delta": "Hm."},
        {"type": "response.web_search_call.searching", "output_index": 0},
        {"type": "response.output_text.delta", "output_index": 1, "delta": "See page."},
        {"type": "response.output_text.annotation.added", "output_index": 1, "annotation": cited},
        {
            "type": "response.output_item.done",
            "output_index": 1,
            "item": message("See page.", annotations=[cited]),
        },
        {"type": "response.function_call_arguments.delta", "output_index": 2, "delta": "{"},
        {"type": "response.output_item.done", "output_index": 2, "item": call},
    ]
    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}
    final = response(thought, message("See page.", annotations=[cited]), call)
    for body, kind in ((stream(*parts, final=final), STREAM), (final, "application/json")):
        answer = read(WIRE, asked(kind="respond"), body, content_type=kind)
        assert answer.reasoning == "Hm."
        assert answer.text == "See page."
        assert answer.all(events.Citation) == [
            events.Citation(url="https://h/page", title="Page", start=0, end=3)
        ]
        assert answer.all(events.ToolCall) == [
            events.ToolCall(id="call_1", name="mean", arguments='{"x":1}')
        ]
        assert answer.links == []


BLOCKED = {
    "code": "moderation_blocked",
    "message": "Your request was rejected by the safety system.",
    "type": "image_generation_user_error",
}


@pytest.mark.parametrize(
    ("body", "kind", "word"),
    [
        (
            response(status="failed", error={"code": "server_error", "message": "It broke."}),
            "ServerError",
            "It broke.",
        ),
        (
            response({**CALL, "status": "failed", "result": None, "error": BLOCKED}),
            "ModerationError",
            "safety system",
        ),
        (
            response({"type": "message", "content": [{"type": "refusal", "refusal": "I can’t."}]}),
            "ModerationError",
            "I can’t.",
        ),
        (
            response(status="incomplete", incomplete_details={"reason": "content_filter"}),
            "ModerationError",
            "content filter",
        ),
        (
            {"error": {"message": "bad key", "code": "invalid_api_key"}},
            "AuthenticationError",
            "bad key",
        ),
    ],
)
def test_failures(body, kind, word):
    answer = read(WIRE, ASKED, body)
    assert answer.failed.kind == kind
    assert word in answer.failed.message
    if "status" in body:
        streamed = read(WIRE, ASKED, stream(final=body), content_type=STREAM)
        assert (streamed.failed.kind, streamed.failed.message) == (kind, answer.failed.message)


def test_an_error_event():
    body = stream(
        {"type": "error", "code": "rate_limit_exceeded", "message": "Slow down.", "param": None}
    )
    answer = read(WIRE, ASKED, body, content_type=STREAM)
    assert (answer.failed.kind, "Slow down." in answer.failed.message) == ("RateLimitError", True)


def test_a_refusal_as_it_comes():
    body = stream(
        {"type": "response.refusal.delta", "delta": "I "},
        {"type": "response.refusal.delta", "delta": "can’t."},
        final=response(),
    )
    answer = read(WIRE, ASKED, body, content_type=STREAM)
    assert answer.failed == events.ErrorEvent(
        kind="ModerationError",
        message="The model refused: I can’t.",
        remedy="Rephrase the prompt, or try another model.",
        maybe_billed=True,
    )
    assert answer.text == "I can’t."


def test_an_answer_that_is_cut_by_its_length_is_still_one():
    answer = read(
        WIRE,
        ASKED,
        response(
            message(), status="incomplete", incomplete_details={"reason": "max_output_tokens"}
        ),
    )
    assert (answer.failed, answer.done.finish_reason, answer.text) == (
        None,
        "max_output_tokens",
        "Here.",
    )
    assert answer.raw is None


def test_a_stream_that_ends_early():
    body = stream({"type": "response.output_item.done", "output_index": 0, "item": CALL})
    answer = read(WIRE, ASKED, body, content_type=STREAM)
    assert (answer.pictures, answer.failed.kind) == ([CAT], "TruncatedError")
    assert read(WIRE, ASKED, body + b"data: [DONE]\n\n", content_type=STREAM).failed is None


def test_the_other_way_round():
    assert read(WIRE, ASKED, response(CALL), content_type=STREAM).pictures == [CAT]
    assert read(WIRE, ASKED, stream(final=response(CALL))).pictures == [CAT]


def test_an_echo_is_no_result():
    request = asked(references=(Reference.of(CAT),), mask=Reference.of(DRAFT))
    both = response(CALL, {**CALL, "result": b64(DOG)})
    assert read(WIRE, request, both).pictures == [DOG]


def test_a_picture_that_comes_back_is_shown_where_nothing_else_is():
    request = asked(references=(Reference.of(CAT),), mask=Reference.of(DRAFT))
    echo = response(CALL, {**CALL, "result": b64(DRAFT)})
    assert read(WIRE, request, echo).pictures == [CAT]


def test_what_is_not_kept_cannot_be_continued_by_its_id():
    assert read(WIRE, ASKED, response(CALL, store=False)).raw is None
    assert read(WIRE, asked(extra={"store": False}), response(CALL)).raw is None


def test_a_response_in_the_background_is_a_job():
    answer = read(WIRE, ASKED, response(status="queued"))
    assert answer.all(events.Job) == [events.Job(id="resp_1", status="queued")]
    # What it says so far is said again when it is done.
    assert read(WIRE, ASKED, response(message("So"), status="in_progress")).text == ""
    call = responses.query("resp/1")
    assert (call.method, call.path, call.generating) == ("GET", "responses/resp%2F1", False)


def test_a_stream_that_ends_is_no_job_whatever_its_response_is_called():
    end = {"type": "response.completed", "response": response(CALL, status="in_progress")}
    answer = read(WIRE, ASKED, sse(end, named=True), content_type=STREAM)
    assert answer.pictures == [CAT]
    assert answer.all(events.Job) == []


def test_relays_words():
    assert (
        read(WIRE, asked(kind="respond"), {"object": "response", "output_text": "Hi."}).text
        == "Hi."
    )
    said = response(message("![cat](https://h/cdn/a.png)"))
    assert read(WIRE, ASKED, said).links == [("https://h/cdn/a.png", "picture")]
    other = response(
        {
            "type": "message",
            "content": [{"type": "output_image", "image_url": f"data:image/png;base64,{b64(CAT)}"}],
        }
    )
    assert read(WIRE, ASKED, other).pictures == [CAT]


@pytest.mark.parametrize("text", ["b", "data:image/png;base64,", ""])
def test_text_that_is_held_back_is_said_once(text):
    body = stream(
        {"type": "response.output_text.delta", "output_index": 0, "delta": text},
        final=response(message(text)),
    )
    assert read(WIRE, ASKED, body, content_type=STREAM).text == text


def test_the_last_event_may_be_empty():
    body = stream(
        {"type": "response.output_item.done", "output_index": 0, "item": CALL},
        {"type": "response.completed"},
    )
    answer = read(WIRE, ASKED, body, content_type=STREAM)
    assert (answer.pictures, answer.failed, answer.done.finish_reason) == ([CAT], None, "completed")


def test_a_picture_in_an_answer_that_failed_has_still_come():
    answer = read(
        WIRE,
        ASKED,
        response(CALL, status="failed", error={"code": "server_error", "message": "It broke."}),
    )
    assert (answer.pictures, answer.failed.kind) == ([CAT], "ServerError")


def test_a_refusal_in_words():
    answer = read(WIRE, ASKED, response(message("生成失败 ❌\n失败原因：input_moderation")))
    assert answer.failed.kind == "ModerationError"
    assert read(WIRE, ASKED, response(CALL, message("生成失败 ❌"))).failed is None


FUNCTION = {"name": "mean", "description": "A mean.", "parameters": {"type": "object"}}
CALLED = Turn(
    role="assistant", text="", calls=({"id": "call_1", "name": "mean", "arguments": '{"x":1}'},)
)
TOLD = Turn(role="tool", text="2", answers="call_1")
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "2"}


def test_functions_are_flat_here():
    body = WIRE.encode(
        asked(kind="respond", extra={"tools": [{"type": "function", "function": FUNCTION}]})
    ).body
    assert body["tools"] == [{"type": "function", **FUNCTION}]


def test_what_tools_said_follows_the_call():
    call = {"type": "function_call", "call_id": "call_1", "name": "mean", "arguments": '{"x":1}'}
    body = WIRE.encode(asked(kind="respond", followup=(CALLED, TOLD))).body
    assert body["input"][1:] == [call, OUTPUT]
    known = Turn(role="assistant", text="", calls=CALLED.calls, raw={"response_id": "resp_2"})
    body = WIRE.encode(
        asked(
            kind="respond",
            conversation=turns(raw={"response_id": "resp_1"}),
            followup=(known, TOLD),
        )
    ).body
    assert (body["previous_response_id"], body["input"]) == ("resp_2", [OUTPUT])
