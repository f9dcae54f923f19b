"""What came instead of what was asked for."""

from __future__ import annotations

import pytest

from nbext.data.differences import Difference, differences
from nbext.data.picture import PictureInfo
from nbext.data.record import Record
from nbext.display.caption import caption


def record(*, size=(1024, 1024), media_type="image/png", count=1, **fields):
    info = PictureInfo(
        sha256="0" * 64, media_type=media_type, size=9, width=size[0], height=size[1]
    )
    return Record(
        **(
            {"type": "drawing", "id": "a", "model": "gpt-image-2", "host": "relay.example"} | fields
        ),
        pictures=(info,) * count,
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"parameters": {"size": "2448x3264"}}, ("size", "2448x3264", "1024x1024")),
        ({"parameters": {"aspect": "2:3"}}, ("aspect", "2:3", "1024:1024")),
        (
            {"parameters": {"quality": "high"}, "actual": {"quality": "low"}},
            ("quality", "high", "low"),
        ),
        ({"parameters": {"format": "webp"}}, ("format", "webp", "png")),
        ({"parameters": {"n": 4}}, ("n", "4", "1")),
        ({"answered_model": "gpt-image-2-codex"}, ("model", "gpt-image-2", "gpt-image-2-codex")),
        (
            {"parameters": {"background": "transparent"}, "actual": {"background": "opaque"}},
            ("background", "transparent", "opaque"),
        ),
    ],
)
def test_each_difference_is_listed_and_stands_in_the_caption(fields, expected):
    drawn = record(**fields)
    assert differences(drawn) == [Difference(*expected)]
    for language in ("en", "zh"):
        line = caption(drawn, language=language)
        assert expected[1] in line
        assert expected[2] in line


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"answered_model": "openai/gpt-image-2-2026-04-21"},
        {"parameters": {"size": "auto", "quality": "auto"}, "actual": {"quality": "low"}},
        {"parameters": {"size": "2K"}},
        {"parameters": {"aspect": "2:3"}, "size": (1024, 1536)},
        {"parameters": {"aspect": "16:9"}, "size": (1536, 864)},
        {"parameters": {"format": "jpg"}, "media_type": "image/jpeg"},
        {"parameters": {"n": 2}, "count": 2},
        {"parameters": {"aspect": "odd", "n": "many"}},
        {"parameters": {"size": "9999x9999"}, "embedded": True},
    ],
)
def test_what_came_as_asked_is_no_difference(fields):
    assert differences(record(**fields)) == []
