"""What a family does not take is told before it is sent, with what it takes instead."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from nbext.data.family import UNKNOWN
from nbext.data.model import Model
from nbext.data.request import Reference
from nbext.errors import OptionError
from nbext.families.check import notices, refuse, successors
from nbext.families.correct import correct
from nbext.families.notice import Notice
from nbext.families.registry import choose
from nbext.families.table import table
from tests.films import SCENE, film
from tests.unit.wire.asked import asked, picture, turns

TODAY = dt.date(2026, 11, 29)
GPT = "gpt-image-2"


MOVIE = Reference.of(film(SCENE), source="cat.mp4")


def told(wire: str = "", *, served=(), today=TODAY, listed=None, **fields) -> list[Notice]:
    request = asked(**({"model": GPT} | fields))
    family = correct(table().find(request.model), listed)
    wire = wire or choose(request.model, kind=request.kind)
    return notices(request, family, wire, model_names=served, today=today)


# What is asked, and the level, the field and the words of what is told of it.
CASES = [
    # Sizes in pixels, with a step, an edge, an area and a ratio.
    ({"size": "1000x1000"}, "error", "size", "divisible by 16. Use --size 992x992."),
    ({"size": "512x2048"}, "error", "size", "a ratio up to 3:1"),
    ({"size": "4096x4096"}, "error", "size", "sides of at most 3,840 pixels"),
    ({"size": "512x512"}, "error", "size", "at least 655,360 pixels. Use --size 816x816."),
    ({"size": "3840x3840"}, "error", "size", "at most 8,294,400 pixels. Use --size 2880x2880."),
    ({"size": "0x0"}, "error", "size", "does not draw 0x0"),
    ({"size": "2K"}, "error", "size", "sizes in pixels, not 2K. Use --size 1024x1024"),
    ({"size": "large"}, "error", "size", "no size 'large'"),
    ({"model": "gpt-image-1.5", "size": "1536x864"}, "error", "size", "1024x1024, 1024x1536 or"),
    ({"model": "seedream-4-5", "size": "1024x1024"}, "error", "size", "at least 3,686,400 pixels"),
    ({"model": "seedream-4-5", "size": "1K"}, "error", "size", "Use --size 2K, 3K or 4K."),
    ({"model": "gemini-2.5-flash-image", "size": "4K"}, "error", "size", "Use --size 1K."),
    (
        {"model": "gemini-3-pro-image", "size": "1024x1536"},
        "warning",
        "size",
        "Use --aspect 2:3 and --size 1K, 2K or 4K.",
    ),
    (
        {"model": "gpt-4o-image", "size": "1024x1536"},
        "warning",
        "size",
        "takes a ratio instead of pixels: 2:3",
    ),
    ({"model": "gpt-4o-image", "quality": "high"}, "warning", "quality", "may ignore it"),
    ({"model": "gpt-4o-image", "seed": 3}, "warning", "seed", "may ignore it"),
    ({"model": "grok-imagine-image", "size": "1024x1024"}, "error", "size", "--size 1k or 2k"),
    ({"model": "recraftv4", "size": "1000x1000"}, "error", "size", "1024x1024"),
    # Aspects.
    ({"model": "gpt-image-1.5", "aspect": "16:9"}, "warning", "aspect", "becomes 1536x1024"),
    ({"model": "gpt-4o-image", "size": "big"}, "warning", "size", "Write it like 1024x1536."),
    ({"model": "gpt-4o-image", "size": "-1x5"}, "warning", "size", "is not a size in pixels"),
    ({"model": "gpt-4o-image", "size": "2:3"}, "warning", "size", "Use --aspect 2:3."),
    ({"aspect": "2:3", "size": "1024x1024"}, "warning", "aspect", "Set only one of them."),
    ({"aspect": "1:8"}, "warning", "aspect", "becomes 512x1536"),
    ({"model": "gpt-4o-image", "aspect": "16:9"}, "warning", "aspect", "Use --aspect 3:2."),
    ({"model": "gemini-3-pro-image", "aspect": "7:5"}, "error", "aspect", "Use --aspect 4:3."),
    ({"model": "gemini-3-pro-image", "aspect": "1:8"}, "error", "aspect", "Use --aspect 9:16."),
    ({"model": "grok-imagine-image", "aspect": "5:4"}, "error", "aspect", "Use --aspect 4:3."),
    # Options.
    ({"quality": "ultra"}, "error", "quality", "Use --quality auto, low, medium or high."),
    ({"quality": "max"}, "error", "quality", "no quality 'max'"),
    ({"model": "grok-imagine-image", "quality": "hd"}, "error", "quality", "--size 1k or 2k"),
    ({"model": "gemini-3-pro-image", "quality": "high"}, "warning", "quality", "1K, 2K or 4K"),
    ({"format": "gif"}, "error", "format", "Use --format png, jpeg or webp."),
    ({"model": "grok-imagine-image", "format": "png"}, "error", "format", "not take a format"),
    ({"seed": 7}, "error", "seed", "does not take a seed"),
    ({"extra": {"n": 11}}, "error", "n", "-n 11 sends 11 requests"),
    ({"model": "dall-e-3", "extra": {"n": 4}}, "error", "n", "draws 1 per request, not 4"),
    ({"model": "seedream-4-5", "extra": {"n": 4}}, "warning", "n", "-n 4 sends 4 requests"),
    ({"extra": {"response_format": "url"}}, "warning", "response_format", "rejects the field"),
    ({"model": "grok-imagine-image", "extra": {"stream": True}}, "error", "stream", "not stream"),
    (
        {"extra": {"partial_images": 2}},
        "warning",
        "partial_images",
        "billed in addition to the picture",
    ),
    ({"extra": {"partial_images": 5}}, "error", "partial_images", "at most 3 previews"),
    (
        {"model": "gpt-image-2.6-flare", "format": "gif", "extra": {"stream": True}},
        "error",
        "stream",
        "For gif, gpt-image-2.6-flare does not support stream",
    ),
    (
        {"extra": {"background": "transparent"}, "format": "jpeg"},
        "error",
        "background",
        "png or webp",
    ),
    # Pictures to change.
    ({"references": (picture(),) * 17}, "error", "references", "16 reference pictures, not 17"),
    (
        {"model": "gemini-2.5-flash-image", "references": (picture(),) * 4},
        "warning",
        "references",
        "up to 3",
    ),
    ({"model": "imagen-4", "references": (picture(),)}, "error", "references", "no reference"),
    (
        {"model": "gpt-4o-image", "references": (picture(),), "mask": picture(1)},
        "error",
        "mask",
        "does not take a mask",
    ),
    (
        {"references": (picture(),), "mask": picture(1, width=9, alpha=True)},
        "error",
        "mask",
        "9x3 pixels, but the first picture is 2x3",
    ),
    ({"references": (picture(),), "mask": picture(1)}, "error", "mask", "no transparent area"),
    (
        {"model": "gpt-4o-image", "references": (MOVIE,)},
        "warning",
        "references",
        "cat.mp4 is a film",
    ),
    ({"references": (MOVIE,)}, "error", "references", "Save one of its frames"),
    # Films.
    ({"model": "sora-2", "kind": "video", "aspect": "1:1"}, "warning", "aspect", "becomes"),
    ({"model": "sora-2", "kind": "video", "size": "640x480"}, "warning", "size", "720x1280"),
    (
        {"model": "sora-2", "kind": "video", "extra": {"seconds": 10}},
        "warning",
        "seconds",
        "It makes 4, 8 or 12.",
    ),
    (
        {"model": "sora-2", "kind": "video", "extra": {"seconds": "1"}},
        "warning",
        "seconds",
        "does not make films of 1 second.",
    ),
    ({"kind": "video", "extra": {"seconds": "long"}}, "error", "seconds", "whole number"),
    ({"model": "nobody", "kind": "video", "seed": 3}, "warning", "seed", "no seed"),
    # Models.
    ({"model": "veo3.1"}, "warning", "model", "Use %%video."),
    ({"model": "gpt-3.5-turbo-instruct", "kind": "complete"}, "warning", "max_tokens", "16 tokens"),
    ({"model": "dall-e-3"}, "warning", "model", "was shut down on 2026-05-12. Use gpt-image-2"),
    ({"model": "gpt-image-1.5"}, "warning", "model", "will be shut down on 2026-12-01"),
]


@pytest.mark.parametrize(("fields", "level", "field", "words"), CASES)
def test_it_is_told(fields, level, field, words):
    found = [notice for notice in told(**fields) if notice.field == field]
    assert [notice.level for notice in found] == [level]
    assert words in str(found[0])


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"size": "auto"},
        {"size": "3840x2160"},
        {"size": "1536x864", "quality": "high", "format": "webp"},
        {"aspect": "21:9"},
        {"model": "gpt-image-2.5-sunburst", "quality": "max"},
        {"model": "gpt-image-2.6-flare", "format": "gif", "extra": {"frame_count": 4}},
        {"references": (picture(),) * 16, "mask": picture(1, alpha=True)},
        {"model": "gpt-4o-image", "aspect": "2:3", "references": (picture(),)},
        {"model": "gemini-3.1-flash-image", "aspect": "1:8", "size": "2k"},
        {"model": "doubao-seedream-4-5", "size": "2K", "aspect": "2:3"},
        {"model": "doubao-seedream-4-5", "size": "2048x2048"},
        {"model": "grok-imagine-image-2.0", "aspect": "16:9", "size": "2k"},
        {"model": "veo3.1-fast", "kind": "video", "aspect": "16:9", "extra": {"seconds": "8"}},
        {"model": "nobody-knows-it", "size": "77x77", "quality": "hd", "seed": 1, "format": "png"},
        {"model": "nobody", "references": (picture(),) * 30, "extra": {"n": 40}},
        {"model": "gpt-4o", "kind": "chat", "system": "Be brief."},
        {"extra": {"size": "2000x2000"}},
    ],
)
def test_there_is_nothing_to_tell_where_all_is_well(fields):
    assert told(**fields) == []


def test_of_what_nobody_knows_nothing_is_told():
    for wire in ("chat", "images", "gemini"):
        request = asked(aspect="1:8", quality="x", format="gif", seed=1, extra={"n": 99})
        found = notices(request, UNKNOWN, wire, today=TODAY)
        assert [n.field for n in found] == (["aspect"] if wire == "images" else [])


def test_a_mask_of_which_only_the_hash_is_known():
    """`nbext check` knows pictures by their hash."""
    bare = msgspec.structs.replace(picture(1, alpha=True), data=b"")
    assert told(references=(picture(),), mask=bare) == []


def test_errors_come_first_and_are_raised():
    found = told(quality="ultra", seed=1, extra={"response_format": "url"})
    assert [notice.level for notice in found] == ["error", "error", "warning"]
    with pytest.raises(OptionError) as caught:
        refuse(found)
    assert "no quality 'ultra'. Use --quality" in str(caught.value)
    assert "does not take a seed. Leave it out." in str(caught.value)
    assert refuse(told(extra={"partial_images": 1})) == [
        "1 preview is billed in addition to the picture."
    ]


def test_over_chat_what_is_not_taken_is_ignored():
    (notice,) = told("chat", quality="ultra")
    assert (notice.level, notice.field) == ("warning", "quality")
    assert "may be ignored" in str(notice)


def test_pictures_of_the_conversation_count():
    found = told(conversation=turns(pictures=[picture(5)]), references=(picture(),) * 16)
    assert "not 17" in str(found[0])


# What has ended


def test_successors_are_those_that_the_endpoint_serves():
    served = ["gpt-4o-image", "gpt-image-2", "veo3.1-fast"]
    (notice,) = told(model="dall-e-3", served=served)
    assert notice.remedy == "Use gpt-image-2."
    assert "does not list it" in notice.message
    (notice,) = told(model="dall-e-3", served=["gpt-4o-image"])
    assert notice.remedy == "%models lists the models."
    (notice,) = told(model="openai/dall-e-3", served=["x/gpt-image-2", "openai/gpt-image-2"])
    assert notice.remedy == "Use openai/gpt-image-2."
    assert successors(table().find("sora-2"), "sora-2", ["kling-v3", "veo3.1"]) == [
        "veo3.1",
        "kling-v3",
    ]


def test_what_an_endpoint_lists_has_not_ended_there():
    assert told(model="dall-e-3", served=["dall-e-3"]) == []
    assert told(model="dall-e-3", listed=Model(id="dall-e-3")) == []
    listed = Model(id=GPT, shutdown_date="2026-12-24")
    assert "will be shut down on 2026-12-24" in str(told(listed=listed)[0])
    far = Model(id=GPT, shutdown_date="2027-12-24")
    assert told(listed=far) == []


# What the endpoint itself says counts more


def test_the_endpoints_list_counts_more_than_the_table():
    listed = Model(
        id=GPT,
        outputs=("image", "text"),
        parameters=("prompt", "seed", "size", "quality"),
        values={"size": ("512x512", "1024x1024"), "quality": ("draft", "final"), "n": ("1", "2")},
    )
    family = correct(table().find(GPT), listed)
    assert family.outputs == ("image", "text")
    assert family.qualities == ("draft", "final")
    assert (family.seed, family.n) == (True, 2)
    assert told(listed=listed, seed=7, quality="draft", size="512x512") == []
    assert "Use --quality draft or final." in str(told(listed=listed, quality="high")[0])
    assert "512x512 or 1024x1024" in str(told(listed=listed, size="1536x1024")[0])


def test_a_list_that_says_nothing_changes_nothing():
    family = table().find("gpt-image-2.6-flare")
    assert correct(family, Model(id="x")) == family
    assert correct(family, None) is family
