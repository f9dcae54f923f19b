"""Refused requests that are written in another way, and those that are not."""

from __future__ import annotations

import json

import pytest

from nbext.wire.error_classes import classify_error
from nbext.wire.events import Call, Upload
from nbext.wire.repairs import repaired

STREAM = Call(path="chat/completions", body={"model": "m", "stream": True}, stream=True)
WHOLE = Call(path="chat/completions", body={"model": "m"})


def refusal(message, status=400, **fields):
    body = json.dumps({"error": {"message": message, **fields}}).encode()
    return classify_error(status, {}, body)


def form(field):
    upload = Upload(field=field, filename="a.png", data=b"", media_type="image/png")
    return Call(path="images/edits", form={"model": "m"}, files=(upload, upload))


@pytest.mark.parametrize(
    "message",
    [
        "Streaming must have non-zero partial images.",
        "This model does not support streaming",
        "stream is not supported by this channel",
        "当前模型不支持流式输出",
        "SSE is disabled",
        "Unknown parameter: 'stream'.",
    ],
)
def test_a_stream_that_is_refused_in_any_words_is_asked_for_whole(message):
    repair = repaired(STREAM, refusal(message))
    assert repair is not None
    assert (repair.call.stream, repair.call.body) == (False, {"model": "m"})


@pytest.mark.parametrize("message", ["upstream error", "Invalid size", "请求错误"])
def test_other_refusals_are_not_repaired(message):
    assert repaired(STREAM, refusal(message)) is None


def test_what_may_have_begun_is_not_asked_for_again():
    assert repaired(STREAM, refusal("streaming failed", 500)) is None


def test_a_stream_alone_is_asked_for():
    repair = repaired(WHOLE, refusal("当前渠道已禁用非流式请求，请改用流式请求", 403))
    assert repair is not None
    assert repair.call.stream
    assert repair.call.body == {"model": "m", "stream": True}


def test_previews_leave_the_image_tool_too():
    tool = {"type": "image_generation", "partial_images": 2}
    call = Call(path="responses", body={"stream": True, "tools": [tool]}, stream=True)
    repair = repaired(call, refusal("Streaming must have non-zero partial images.", param="tools"))
    assert repair is not None
    assert repair.call.body == {"tools": [{"type": "image_generation"}]}


def test_geminis_stream_is_in_its_path():
    call = Call(path="models/m:streamGenerateContent", body={}, query={"alt": "sse"}, stream=True)
    repair = repaired(call, refusal("Streaming is not supported"))
    assert repair is not None
    assert (repair.call.path, repair.call.query) == ("models/m:generateContent", {})


@pytest.mark.parametrize(("field", "other"), [("image[]", "image"), ("image", "image[]")])
def test_the_field_of_pictures_has_two_names(field, other):
    detail = [{"type": "missing", "loc": ["body", other], "msg": "Field required: image"}]
    error = classify_error(422, {}, json.dumps({"detail": detail}).encode())
    repair = repaired(form(field), error)
    assert repair is not None
    assert {upload.field for upload in repair.call.files} == {other}


@pytest.mark.parametrize(
    "message",
    ["no image provided", "image is empty", "Unexpected field image[]", "请上传图片 image"],
)
def test_a_field_of_pictures_that_is_not_seen_is_named_otherwise(message):
    repair = repaired(form("image[]"), refusal(message))
    assert repair is not None
    assert {upload.field for upload in repair.call.files} == {"image"}
