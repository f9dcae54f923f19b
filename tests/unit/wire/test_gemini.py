"""Gemini's own format."""

from __future__ import annotations

import base64

import pytest

from nbext.errors import OptionError
from nbext.wire import gemini
from nbext.wire.gemini import GeminiWire
from tests.unit.wire.asked import asked, picture, turns

WIRE = GeminiWire()


def inline(reference):
    return {
        "inlineData": {"mimeType": "image/png", "data": base64.b64encode(reference.data).decode()}
    }


def test_a_request_has_parts_and_asks_for_pictures():
    call = WIRE.encode(
        asked(
            references=(picture(1), picture(2)), aspect="3:4", size="2k", seed=5, system="Be brief."
        )
    )
    assert (call.version, call.path) == ("v1beta", "models/some-model:streamGenerateContent")
    assert (call.query, call.stream) == ({"alt": "sse"}, True)
    assert call.body == {
        "contents": [
            {"role": "user", "parts": [inline(picture(1)), inline(picture(2)), {"text": "画只猫"}]}
        ],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "generationConfig": {
            "responseModalities": ["TEXT", "IMAGE"],
            "imageConfig": {"aspectRatio": "3:4", "imageSize": "2K"},
            "seed": 5,
        },
    }


def test_a_name_with_a_slash_stays_one_segment():
    assert WIRE.encode(asked(model="gemini-3-pro-image-preview/nano-banana-2")).path == (
        "models/gemini-3-pro-image-preview%2Fnano-banana-2:streamGenerateContent"
    )
    assert (
        WIRE.encode(asked(model="models/gemini-x")).path == "models/gemini-x:streamGenerateContent"
    )


def test_a_plain_answer():
    call = WIRE.encode(asked(extra={"stream": False}))
    assert (call.path, call.query, call.stream) == ("models/some-model:generateContent", {}, False)
    assert "stream" not in call.body


def test_fields_find_their_place():
    body = WIRE.encode(
        asked(
            kind="chat",
            extra={
                "temperature": 0.5,
                "imageConfig": {"imageSize": "4K"},
                "tools": [{"type": "web_search"}],
                "safetySettings": [],
                "generationConfig": {"topK": 3},
            },
        )
    ).body
    assert body["generationConfig"] == {
        "temperature": 0.5,
        "imageConfig": {"imageSize": "4K"},
        "topK": 3,
    }
    assert body["tools"] == [{"googleSearch": {}}]
    assert body["safetySettings"] == []


def test_words_alone_need_no_configuration():
    assert "generationConfig" not in WIRE.encode(asked(kind="chat")).body


def test_the_models_turn_goes_back_as_it_came():
    drawn = picture(3)
    raw = {
        "parts": [
            {"text": "Here:"},
            {
                "inlineData": {
                    "mimeType": "image/png",
                    "data": f"nbext-sha256:{drawn.info.sha256}",
                },
                "thoughtSignature": "c2ln",
            },
        ]
    }
    body = WIRE.encode(
        asked("加一顶帽子", conversation=turns(raw=raw, pictures=[drawn], given=[picture(4)]))
    ).body
    assert body["contents"] == [
        {"role": "user", "parts": [inline(picture(4)), {"text": "画只猫"}]},
        {
            "role": "model",
            "parts": [{"text": "Here:"}, {**inline(drawn), "thoughtSignature": "c2ln"}],
        },
        {"role": "user", "parts": [{"text": "加一顶帽子"}]},
    ]


def test_a_picture_written_into_text_goes_back_as_a_picture():
    drawn = picture(3)
    raw = {"parts": [{"text": f"![image](nbext-sha256:{drawn.info.sha256})"}]}
    body = WIRE.encode(asked(conversation=turns(raw=raw, pictures=[drawn]))).body
    assert body["contents"][1]["parts"] == [{"text": "![image](picture)"}, inline(drawn)]


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {"response_id": "resp_1"},
        {"parts": "x"},
        {"parts": [1]},
        {"parts": [{"inlineData": {"data": "nbext-sha256:" + "0" * 64}}]},
    ],
)
def test_a_picture_without_its_signature_goes_with_the_next_turn(raw):
    body = WIRE.encode(asked(conversation=turns(raw=raw, pictures=[picture(3)]))).body
    assert body["contents"][1] == {"role": "model", "parts": [{"text": "Here."}]}
    assert body["contents"][2]["parts"] == [inline(picture(3)), {"text": "画只猫"}]


@pytest.mark.parametrize(
    "fields",
    [
        {"references": tuple(picture(n) for n in range(15))},
        {"mask": picture()},
        {"quality": "high"},
        {"format": "webp"},
        {"size": "1024x1536"},
        {"aspect": "wide"},
    ],
)
def test_what_has_no_place_is_refused(fields):
    with pytest.raises(OptionError):
        WIRE.encode(asked(**fields))


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"aspect": "7:5"}, "aspects"),
        ({"aspect": "1:8", "model": "gemini-3-pro-image"}, "3.1-flash"),
        ({"size": "8K"}, "sizes"),
        ({"size": "4K", "model": "gemini-2.5-flash-image"}, "1K only"),
        (
            {"references": tuple(picture(n) for n in range(4)), "model": "gemini-2.5-flash-image"},
            "up to 3",
        ),
    ],
)
def test_advice_names_its_source(fields, word):
    said = gemini.advice(asked(**fields))
    assert len(said) == 1
    assert word in said[0]
    assert "Google" in said[0]


def test_there_is_no_advice_where_all_is_well():
    assert gemini.advice(asked(aspect="1:8", size="2k", model="gemini-3.1-flash-image")) == []
