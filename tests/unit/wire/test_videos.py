"""The videos format."""

from __future__ import annotations

import pytest

from nbext.errors import OptionError
from nbext.wire import videos
from nbext.wire.videos import VideosWire
from tests.unit.wire.asked import asked, picture, turns

WIRE = VideosWire()


def test_a_film_of_words_is_asked_for_in_json():
    call = WIRE.encode(asked(kind="video", aspect="9:16", extra={"seconds": 8, "watermark": False}))
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
        (videos.delete("v1"), "DELETE", "videos/v1", {}),
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


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"aspect": "1:1"}, "becomes 720x1280"),
        ({"model": "sora-2", "size": "640x480"}, "sizes"),
        ({"model": "sora-2", "extra": {"seconds": 10}}, "4, 8 or 12"),
        ({"extra": {"seconds": "long"}}, "whole number"),
        ({"seed": 3}, "no seed"),
    ],
)
def test_advice_names_its_source(fields, word):
    said = videos.advice(asked(kind="video", **fields))
    assert len(said) == 1
    assert word in said[0]
    assert "OpenAI" in said[0]
