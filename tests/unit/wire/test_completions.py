"""The completions format."""

from __future__ import annotations

import pytest

from nbext.errors import OptionError
from nbext.wire import events
from nbext.wire.completions import CompletionsWire
from tests.unit.wire.answered import STREAM, assert_same_however_cut, read, sse
from tests.unit.wire.asked import asked, picture, turns

WIRE = CompletionsWire()


def test_a_request_has_a_prompt_and_streams():
    call = WIRE.encode(asked(kind="complete", extra={"max_tokens": 7, "model": "other"}, seed=3))
    assert call.path == "completions"
    assert call.stream
    assert call.body == {
        "model": "other",
        "prompt": "画只猫",
        "stream": True,
        "stream_options": {"include_usage": True},
        "seed": 3,
        "max_tokens": 7,
    }


def test_a_plain_answer_is_asked_for_without_options_of_a_stream():
    call = WIRE.encode(asked(kind="complete", extra={"stream": False}))
    assert not call.stream
    assert "stream_options" not in call.body


def test_a_conversation_is_the_text_before():
    call = WIRE.encode(asked(" Then", kind="complete", conversation=turns(text=" it ran.")))
    assert call.body["prompt"] == "画只猫 it ran. Then"
    assert call.prompt_sent == " Then"


@pytest.mark.parametrize(
    "fields",
    [{"references": (picture(),)}, {"system": "Be brief."}, {"aspect": "2:3"}, {"mask": picture()}],
)
def test_what_has_no_place_is_refused(fields):
    with pytest.raises(OptionError, match="completions does not support"):
        WIRE.encode(asked(kind="complete", **fields))


def chunk(text, *, index=0, reason=None):
    return {
        "id": "cmpl-1",
        "object": "text_completion",
        "model": "gpt-3.5-turbo-instruct",
        "choices": [{"text": text, "index": index, "logprobs": None, "finish_reason": reason}],
    }


USAGE = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
ASKED = asked(kind="complete")


def test_a_plain_completion():
    answer = read(WIRE, ASKED, {**chunk("一只猫。", reason="stop"), "usage": USAGE})
    assert answer.text == "一只猫。"
    assert answer.usage == USAGE
    assert answer.done.finish_reason == "stop"
    assert answer.all(events.Meta)[0].model == "gpt-3.5-turbo-instruct"
    assert answer.failed is None


def test_a_stream_of_pieces():
    body = sse(
        chunk("一"),
        chunk("只猫"),
        chunk("", reason="length"),
        {"choices": [], "usage": USAGE},
        done=True,
    )
    answer = read(WIRE, ASKED, body, content_type=STREAM)
    assert [event.text for event in answer.all(events.Text)] == ["一只猫"]
    assert (answer.usage, answer.done.finish_reason, answer.failed) == (USAGE, "length", None)
    assert_same_however_cut(WIRE, ASKED, body, content_type=STREAM)


def test_several_completions_are_told_apart():
    body = sse(
        chunk("a"),
        chunk("X", index=1),
        chunk("b", reason="stop"),
        chunk("Y", index=1, reason="stop"),
        done=True,
    )
    assert read(WIRE, ASKED, body, content_type=STREAM).text == "ab\n\nXY"


def test_the_words_of_chat_are_understood():
    body = {"choices": [{"message": {"content": "Hi."}, "finish_reason": "stop"}]}
    assert read(WIRE, ASKED, body).text == "Hi."


def test_the_other_way_round():
    whole = {**chunk("Hi.", reason="stop"), "usage": USAGE}
    assert read(WIRE, ASKED, whole, content_type=STREAM).text == "Hi."
    assert (
        read(WIRE, ASKED, sse(chunk("Hi."), done=True), content_type="application/json").text
        == "Hi."
    )


def test_what_ends_early_is_truncated():
    answer = read(WIRE, ASKED, sse(chunk("一")), content_type=STREAM)
    assert (answer.text, answer.failed.kind) == ("一", "TruncatedError")
    assert read(WIRE, ASKED, b'{"choices":[{"te').failed.kind == "TruncatedError"


def test_a_filter_is_a_refusal():
    assert read(WIRE, ASKED, chunk("一", reason="content_filter")).failed.kind == "ModerationError"


def test_an_error_in_the_middle():
    body = sse(chunk("一"), {"error": {"message": "upstream broke", "type": "server_error"}})
    answer = read(WIRE, ASKED, body, content_type=STREAM)
    assert "upstream broke" in answer.failed.message
    assert answer.text == "一"


def test_text_that_looks_like_the_beginning_of_a_picture_is_not_lost():
    for text in ("b", "base64:", ";base64", "data:image/png;base64,", "nbext-open:"):
        answer = read(WIRE, ASKED, sse(chunk(text), chunk("", reason="stop")), content_type=STREAM)
        assert (answer.text, answer.failed) == (text, None)


def test_pages_that_are_cited_in_a_talk_are_not_fetched():
    assert read(WIRE, ASKED, chunk("![a](https://h/a.png)", reason="stop")).links == []
