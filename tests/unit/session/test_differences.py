"""What came instead of what was asked for."""

from __future__ import annotations

import pytest

from nbext.data.differences import Difference, actual, differences, revision
from nbext.data.picture import PictureInfo
from nbext.data.record import Record, ReferenceInfo
from nbext.data.route import route_lines, route_signs
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
        ({"parameters": {"size": "4K"}}, ("size", "4K", "1024x1024")),
        ({"parameters": {"size": "1K"}, "size": (4096, 2304)}, ("size", "1K", "4096x2304")),
        ({"parameters": {"aspect": "2:3"}}, ("aspect", "2:3", "1:1")),
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
        for value in expected[1:]:
            assert (value.replace("x", "×") if expected[0] == "size" else value) in line


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"answered_model": "openai/gpt-image-2-2026-04-21"},
        {"parameters": {"size": "auto", "quality": "auto"}, "actual": {"quality": "low"}},
        {"parameters": {"size": "1K"}},
        {"parameters": {"size": "512px"}, "size": (512, 512)},
        # Tiers have other ratios than 1:1, and 4K is also what televisions call it.
        {"parameters": {"size": "4K"}, "size": (3840, 2160)},
        {"parameters": {"size": "2K"}, "size": (3168, 1344)},
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


MASK = ReferenceInfo(sha256="1" * 64)


@pytest.mark.parametrize(("share", "is_told"), [(0.524, True), (0.004, False), (None, False)])
def test_a_mask_that_was_not_followed_is_told_as_a_share(share, is_told):
    drawn = record(mask=MASK, mask_change=share)
    assert bool(differences(drawn)) == is_told
    assert ("52%" in caption(drawn)) == is_told
    assert actual(drawn).get("mask") == (None if share is None else f"{share:.0%}")


FIELDS = {"size": "1024x1024", "quality": "high", "background": "opaque", "output_format": "png"}
USAGE = {"total_tokens": 9}


@pytest.mark.parametrize(
    ("fields", "signs"),
    [
        ({"actual": FIELDS, "usage": USAGE}, ["fields"]),
        ({"answered_model": "gpt-image-2-codex"}, ["codex"]),
        ({"size": (1254, 1254), "revised_prompt": "A cat"}, ["codex", "sides"]),
        ({"size": (1254, 1254), "actual": FIELDS, "usage": USAGE}, ["sides"]),
        ({"usage": USAGE}, ["usage"]),
        ({"answered_model": "firefly-5"}, ["other"]),
        ({}, []),
        ({"model": "seedream-4", "size": (1001, 1001)}, []),
        ({"wire": "chat", "size": (1001, 1001)}, []),
        ({"embedded": True, "size": (1001, 1001)}, []),
    ],
)
def test_what_an_answer_is_typical_of_is_said_and_never_as_proof(fields, signs):
    drawn = record(**{"wire": "images", **fields})
    assert route_signs(drawn) == signs
    assert all("consistent with" in line for line in route_lines(drawn))
    assert len(route_lines(drawn, "zh")) == len(signs)


def test_a_prompt_that_came_back_unchanged_is_no_revision():
    assert revision(record(prompt="a  cat", revised_prompt="a cat\n")) == ""
    assert revision(record(prompt="a cat", revised_prompt="a red cat")) == "a red cat"
