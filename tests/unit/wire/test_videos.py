"""The videos format."""

from __future__ import annotations

import json

import pytest

from nbext.errors import OptionError
from nbext.wire import events, videos
from nbext.wire.videos import VideosWire
from tests.unit.wire.answered import STREAM, assert_same_however_cut, read, sse
from tests.unit.wire.asked import asked, picture, turns

WIRE = VideosWire()


def test_a_film_of_words_is_asked_for_in_json():
    call = WIRE.encode(
        asked(kind="video", size="720x1280", extra={"seconds": 8, "watermark": False})
    )
    assert (call.path, call.stream, call.generating) == ("videos", False, True)
    assert call.body == {
        "model": "some-model",
        "prompt": "画只猫",
        "size": "720x1280",
        "seconds": "8",
        "watermark": False,
    }


def test_a_film_of_a_picture_is_asked_for_in_a_form():
    call = WIRE.encode(
        asked(kind="video", references=(picture(),), extra={"seconds": 8, "watermark": False})
    )
    assert call.body is None
    assert call.form == {
        "model": "some-model",
        "prompt": "画只猫",
        "seconds": "8",
        "watermark": "false",
    }
    (upload,) = call.files
    assert (upload.field, upload.filename, upload.media_type) == (
        "input_reference",
        "reference.png",
        "image/png",
    )


def test_to_go_on_is_to_remix():
    call = WIRE.encode(
        asked("at night", kind="video", conversation=turns(raw={"job": "sora-2:task_1"}))
    )
    assert (call.path, call.body) == ("videos/sora-2%3Atask_1/remix", {"prompt": "at night"})
    assert call.generating


@pytest.mark.parametrize(
    "fields",
    [
        {"references": (picture(), picture(1))},
        {"mask": picture()},
        {"system": "x"},
        {"conversation": turns()},
        {"conversation": turns(raw={"job": "x"}), "references": (picture(),)},
    ],
)
def test_what_has_no_place_is_refused(fields):
    with pytest.raises(OptionError):
        WIRE.encode(asked(kind="video", **fields))


@pytest.mark.parametrize(
    ("call", "method", "path", "query"),
    [
        (videos.query("a/b:c?d"), "GET", "videos/a%2Fb%3Ac%3Fd", {}),
        (videos.content("v1"), "GET", "videos/v1/content", {"variant": "video"}),
        (videos.content("v1", "thumbnail"), "GET", "videos/v1/content", {"variant": "thumbnail"}),
        (
            videos.listing(after="v0"),
            "GET",
            "videos",
            {"limit": "20", "order": "desc", "after": "v0"},
        ),
    ],
)
def test_the_other_verbs_cost_nothing(call, method, path, query):
    assert (call.method, call.path, call.query, call.generating) == (method, path, query, False)


ASKED = asked(kind="video")


def test_a_job_is_the_answer():
    body = {
        "id": "video_1",
        "object": "video",
        "model": "sora-2",
        "status": "queued",
        "progress": 0,
        "seconds": "10",
    }
    answer = read(WIRE, ASKED, body)
    job = events.Job(id="video_1", status="queued", percent=0, named="id")
    assert answer.all(events.Job) == [job]
    assert answer.raw == {"job": "video_1"}
    assert answer.failed is None
    assert_same_however_cut(WIRE, ASKED, json.dumps(body).encode())


def test_a_film_that_is_done_at_once():
    body = {
        "task_id": "t",
        "status": "SUCCESS",
        "video_url": "https://h/a.mp4",
        "thumbnail_url": "https://h/a.webp",
    }
    answer = read(WIRE, ASKED, body)
    assert answer.links == [("https://h/a.mp4", "film"), ("https://h/a.webp", "poster")]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (
            {"id": "v", "status": "failed", "error": {"code": "x", "message": "It broke."}},
            "It broke.",
        ),
        (
            {"code": "fail_to_fetch_task", "message": '{"message":"It broke."}', "data": None},
            "It broke.",
        ),
        ({"error": {"message": "It broke.", "type": "server_error"}}, "It broke."),
        ([], "no job"),
    ],
)
def test_failures(body, word):
    answer = read(WIRE, ASKED, body)
    assert word in answer.failed.message


def test_a_stream_is_read_too():
    assert (
        read(WIRE, ASKED, sse({"id": "v", "status": "queued"}), content_type=STREAM)
        .all(events.Job)[0]
        .id
        == "v"
    )
