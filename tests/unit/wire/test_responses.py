"""The Responses format."""

from __future__ import annotations

import pytest

from nbext.errors import OptionError
from nbext.wire import responses
from nbext.wire.compose import data_uri
from nbext.wire.responses import ResponsesWire
from tests.unit.wire.asked import asked, picture, turns

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
        "tools": [{"type": "image_generation", "partial_images": 2}],
        "tool_choice": {"type": "image_generation"},
    }


def test_the_tool_takes_what_is_its_own():
    tool = image_tool(
        aspect="2:3",
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


@pytest.mark.parametrize(
    ("aspect", "size"),
    [("1:1", "1024x1024"), ("3:2", "1536x1024"), ("9:16", "1024x1536"), ("16:9", "1536x1024")],
)
def test_an_aspect_becomes_the_nearest_size(aspect, size):
    assert image_tool(aspect=aspect)["size"] == size
    said = responses.advice(asked(aspect=aspect))
    assert bool(said) == (aspect in ("9:16", "16:9"))
    assert all("OpenAI" in line for line in said)


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
    with pytest.raises(OptionError, match="no place for"):
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


def test_a_model_of_the_tool_is_told():
    assert "text model" in responses.advice(asked(model="gpt-image-2"))[0]
