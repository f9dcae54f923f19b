"""Gemini's own format."""

from __future__ import annotations

import base64
import json

import pytest

from nbext.data.request import Reference, Turn
from nbext.errors import OptionError
from nbext.wire import events
from nbext.wire.gemini import GeminiWire
from tests.unit.wire.answered import STREAM, assert_same_however_cut, b64, read, sse
from tests.unit.wire.asked import asked, picture, png, turns

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


def test_a_plain_answer_is_asked_for():
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
        {"mask": picture()},
        {"quality": "high"},
        {"format": "webp"},
        {"size": "1024x1536"},
    ],
)
def test_what_has_no_place_is_refused(fields):
    with pytest.raises(OptionError):
        WIRE.encode(asked(**fields))


CAT, DOG, DRAFT = png(200), png(150), png(100)
ASKED = asked(model="gemini-3-pro-image")
USAGE = {"promptTokenCount": 7, "totalTokenCount": 1407}


def piece(*parts, reason=None, **fields):
    candidate = {"index": 0, "content": {"role": "model", "parts": list(parts)}}
    return {
        "candidates": [candidate | ({"finishReason": reason} if reason else {})],
        "modelVersion": "gemini-3",
        **fields,
    }


def data(picture_, **fields):
    return {"inlineData": {"mimeType": "image/png", "data": b64(picture_)}, **fields}


def kept(picture_, **fields):
    sha256 = Reference.of(picture_).info.sha256
    return {"inlineData": {"mimeType": "image/png", "data": f"nbext-sha256:{sha256}"}, **fields}


WHOLE = piece(
    {"text": "Hm.", "thought": True},
    data(DRAFT, thought=True),
    {"text": "Here is "},
    {"text": "your image"},
    data(CAT, thoughtSignature="c2ln"),
    reason="STOP",
    usageMetadata=USAGE,
)


def check(answer):
    assert answer.pictures == [CAT]
    assert answer.previews == [DRAFT]
    assert (answer.text, answer.reasoning) == ("Here is your image", "Hm.")
    assert answer.raw == {
        "parts": [{"text": "Here is your image"}, kept(CAT, thoughtSignature="c2ln")]
    }
    assert answer.usage == USAGE
    assert (answer.done.finish_reason, answer.failed) == ("STOP", None)
    assert answer.all(events.Meta)[0].model == "gemini-3"


def test_a_plain_answer():
    check(read(WIRE, ASKED, WHOLE))
    assert_same_however_cut(WIRE, ASKED, json.dumps(WHOLE).encode())


PIECES = (
    piece({"text": "Hm.", "thought": True}),
    piece(data(DRAFT, thought=True)),
    piece({"text": "Here is "}),
    piece({"text": "your image"}),
    piece(data(CAT, thoughtSignature="c2ln")),
    piece(reason="STOP", usageMetadata=USAGE),
)


def test_a_stream():
    body = sse(*PIECES)
    check(read(WIRE, ASKED, body, content_type=STREAM))
    assert_same_however_cut(WIRE, ASKED, body, content_type=STREAM)


def test_a_stream_as_a_list():
    check(read(WIRE, ASKED, list(PIECES)))


def test_the_other_way_round():
    check(read(WIRE, ASKED, WHOLE, content_type=STREAM))
    check(read(WIRE, ASKED, sse(*PIECES)))


def test_the_raw_parts_go_back():
    answer = read(WIRE, ASKED, WHOLE)
    conversation = turns(raw=answer.raw, text=answer.text, pictures=[Reference.of(CAT)])
    body = WIRE.encode(asked("加一顶帽子", conversation=conversation)).body
    assert body["contents"][1] == {
        "role": "model",
        "parts": [{"text": "Here is your image"}, data(CAT, thoughtSignature="c2ln")],
    }


def test_the_other_spelling():
    body = piece({"inline_data": {"mime_type": "image/png", "data": b64(CAT)}}, reason="STOP")
    assert read(WIRE, ASKED, body).pictures == [CAT]


def test_files_are_links():
    body = piece(
        {"fileData": {"fileUri": "https://h/a", "mimeType": "image/png"}},
        {"fileData": {"fileUri": "https://h/b", "mimeType": "video/mp4"}},
        reason="STOP",
    )
    assert read(WIRE, ASKED, body).links == [("https://h/a", "picture"), ("https://h/b", "film")]


def test_a_picture_in_a_text():
    inside = piece({"text": f"Here: ![image](data:image/png;base64,{b64(CAT)})"}, reason="STOP")
    answer = read(WIRE, ASKED, inside)
    assert answer.pictures == [CAT]
    assert b64(CAT) not in answer.text
    assert Reference.of(CAT).info.sha256 in answer.text
    assert_same_however_cut(WIRE, ASKED, json.dumps(inside).encode())
    elsewhere = piece({"text": "![image](https://h/a.png)"}, reason="STOP")
    assert read(WIRE, ASKED, elsewhere).links == [("https://h/a.png", "picture")]


@pytest.mark.parametrize(
    ("body", "kind", "word"),
    [
        (
            {
                "candidates": [
                    {
                        "content": {"role": "model"},
                        "finishReason": "IMAGE_PROHIBITED_CONTENT",
                        "finishMessage": "It has sensitive words.",
                    }
                ]
            },
            "ModerationError",
            "sensitive words",
        ),
        (
            {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}},
            "ModerationError",
            "PROHIBITED_CONTENT",
        ),
        (piece(reason="NO_IMAGE"), "NoPictureError", "NO_IMAGE"),
        (piece(reason="IMAGE_OTHER"), "ServerError", "IMAGE_OTHER"),
        (
            {"error": {"code": 400, "message": "Bad field.", "status": "INVALID_ARGUMENT"}},
            "BadRequestError",
            "Bad field.",
        ),
        (
            [{"error": {"code": 400, "message": "Bad field.", "status": "INVALID_ARGUMENT"}}],
            "BadRequestError",
            "Bad field.",
        ),
        (
            {
                "error": {
                    "message": "无效的令牌 (request id: 2025)",
                    "type": "new_api_error",
                    "code": "",
                }
            },
            "AuthenticationError",
            "无效的令牌",
        ),
    ],
)
def test_failures(body, kind, word):
    answer = read(WIRE, ASKED, body)
    assert answer.failed.kind == kind
    assert word in answer.failed.message
    assert answer.pictures == []
    assert read(WIRE, ASKED, sse(body), content_type=STREAM).failed.kind == kind


def test_a_stream_that_ends_early():
    answer = read(WIRE, ASKED, sse(*PIECES[:5]), content_type=STREAM)
    assert (answer.pictures, answer.failed.kind) == ([CAT], "TruncatedError")


def test_an_echo_is_no_result():
    given_ = asked(references=(Reference.of(CAT),))
    assert read(WIRE, given_, piece(data(CAT), data(DOG), reason="STOP")).pictures == [DOG]


def test_calls_and_citations():
    body = piece(
        {"functionCall": {"name": "mean", "args": {"x": 1}}}, {"text": "See."}, reason="STOP"
    )
    body["candidates"][0]["groundingMetadata"] = {
        "groundingChunks": [{"web": {"uri": "https://h/page", "title": "Page"}}]
    }
    answer = read(WIRE, asked(kind="chat"), body)
    assert answer.all(events.ToolCall) == [
        events.ToolCall(id="mean", name="mean", arguments='{"x":1}')
    ]
    assert answer.all(events.Citation) == [events.Citation(url="https://h/page", title="Page")]


def test_signatures_stay_where_they_were():
    body = sse(
        piece({"text": "Now", "thoughtSignature": "YQ=="}),
        piece({"text": " here"}),
        piece({"text": ": "}),
        piece(data(CAT, thoughtSignature="Yg==")),
        piece({"text": "", "thoughtSignature": "Yw=="}, reason="STOP"),
    )
    answer = read(WIRE, ASKED, body, content_type=STREAM)
    assert answer.text == "Now here: "
    assert answer.raw["parts"] == [
        {"text": "Now", "thoughtSignature": "YQ=="},
        {"text": " here: "},
        kept(CAT, thoughtSignature="Yg=="),
        {"text": "", "thoughtSignature": "Yw=="},
    ]


def test_a_refused_picture_is_not_kept_in_words():
    answer = read(
        WIRE,
        ASKED,
        piece(data(b"no picture at all, but a text" * 9), {"text": "Hm."}, reason="STOP"),
    )
    assert (answer.pictures, answer.raw) == ([], {"parts": [{"text": "Hm."}]})


def test_the_last_picture_is_kept_where_the_answer_is_cut():
    body = json.dumps(piece(data(DRAFT, thought=True), data(CAT), reason="STOP")).encode()
    answer = read(WIRE, ASKED, body[:-20])
    assert (answer.pictures, answer.failed.kind) == ([CAT], "TruncatedError")
    assert "draft" in answer.all(events.Notice)[0].message


def test_failures_may_be_billed():
    assert read(WIRE, ASKED, {"promptFeedback": {"blockReason": "OTHER"}}).failed.maybe_billed


def test_functions_and_what_they_said():
    function = {"name": "mean", "description": "A mean.", "parameters": {"type": "object"}}
    called = Turn(
        role="assistant",
        text="",
        calls=(
            {"id": "mean", "name": "mean", "arguments": '{"x":1}'},
            {"id": "mean#2", "name": "mean", "arguments": "broken"},
            {"id": "id3", "name": "sum", "arguments": "{}"},
        ),
    )
    told = [
        Turn(role="tool", text=str(n), answers=id_)
        for n, id_ in enumerate(("mean", "mean#2", "id3"))
    ]
    body = WIRE.encode(
        asked(
            kind="chat",
            extra={"tools": [{"type": "function", "function": function}, {"type": "web_search"}]},
            followup=(called, *told),
        )
    ).body
    assert body["tools"] == [{"googleSearch": {}}, {"functionDeclarations": [function]}]
    assert body["contents"][1:] == [
        {
            "role": "model",
            "parts": [
                {"functionCall": {"name": "mean", "args": {"x": 1}}},
                {"functionCall": {"name": "mean", "args": {}}},
                {"functionCall": {"name": "sum", "args": {}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"name": "mean", "response": {"result": "0"}}},
                {"functionResponse": {"name": "mean", "response": {"result": "1"}}},
                {"functionResponse": {"name": "sum", "response": {"result": "2"}, "id": "id3"}},
            ],
        },
    ]


def test_calls_without_ids_are_told_apart():
    call = {"functionCall": {"name": "mean", "args": {}}}
    answer = read(
        WIRE,
        asked(kind="chat"),
        piece(call, call, {"functionCall": {"name": "sum", "id": "x"}}, reason="STOP"),
    )
    assert [event.id for event in answer.all(events.ToolCall)] == ["mean", "mean#2", "x"]
