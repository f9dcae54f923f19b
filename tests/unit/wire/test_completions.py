"""The completions format."""

from __future__ import annotations

import pytest

from nbext.errors import OptionError
from nbext.wire.completions import CompletionsWire
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
    with pytest.raises(OptionError, match="completions has no place for"):
        WIRE.encode(asked(kind="complete", **fields))
