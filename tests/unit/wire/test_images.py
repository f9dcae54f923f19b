"""The images format."""

from __future__ import annotations

import pytest

from nbext.errors import OptionError
from nbext.wire import images
from nbext.wire.images import ImagesWire
from tests.unit.wire.asked import asked, picture, turns

WIRE = ImagesWire()
GPT = "gpt-image-2"


def test_a_generation_is_json_and_streams_where_the_model_can():
    call = WIRE.encode(
        asked(model=GPT, quality="low", format="webp", extra={"background": "opaque"})
    )
    assert (call.path, call.stream, call.form, call.files) == ("images/generations", True, None, ())
    assert call.body == {
        "model": GPT,
        "prompt": "画只猫",
        "quality": "low",
        "output_format": "webp",
        "stream": True,
        "partial_images": 2,
        "background": "opaque",
    }


def test_other_models_are_asked_plainly():
    call = WIRE.encode(asked(model="gpt-4o-image-vip", size="1024x1024", seed=7))
    assert not call.stream
    assert call.body == {
        "model": "gpt-4o-image-vip",
        "prompt": "画只猫",
        "size": "1024x1024",
        "seed": 7,
    }


def test_a_stream_can_be_declined():
    call = WIRE.encode(asked(model=GPT, extra={"stream": False}))
    assert not call.stream
    assert "partial_images" not in call.body


@pytest.mark.parametrize(("count", "field"), [(1, "image"), (2, "image[]"), (16, "image[]")])
def test_an_edit_is_a_form_with_files(count, field):
    call = WIRE.encode(
        asked(
            model=GPT,
            references=tuple(picture(n) for n in range(count)),
            mask=picture(99),
            extra={"n": 2},
        )
    )
    assert call.path == "images/edits"
    assert call.body is None
    assert call.form == {
        "model": GPT,
        "prompt": "画只猫",
        "stream": "true",
        "partial_images": "2",
        "n": "2",
    }
    assert [f.field for f in call.files] == [field] * count + ["mask"]
    assert call.files[0].filename == "image-1.png"
    assert call.files[-1].data == picture(99).data


def test_to_go_on_is_to_edit_the_last_pictures():
    call = WIRE.encode(
        asked(model=GPT, conversation=turns(pictures=[picture(5)]), references=(picture(6),))
    )
    assert [f.data for f in call.files] == [picture(5).data, picture(6).data]
    with pytest.raises(OptionError, match="no conversation"):
        WIRE.encode(asked(model=GPT, conversation=turns()))


@pytest.mark.parametrize(
    "fields",
    [
        {"system": "Be brief."},
        {"mask": picture()},
        {"references": tuple(picture(n) for n in range(17))},
        {"seed": 1, "model": GPT},
        {"aspect": "wide"},
    ],
)
def test_what_has_no_place_is_refused(fields):
    with pytest.raises(OptionError):
        WIRE.encode(asked(**fields))


@pytest.mark.parametrize(
    ("model", "aspect", "size"),
    [
        (GPT, "2:3", "1024x1536"),
        (GPT, "16:9", "1536x864"),
        ("gpt-image-1.5", "16:9", "1536x1024"),
        ("doubao-seedream-4-5", "16:9", "16:9"),
        ("openai/gpt-image-2.6-flare", "9:16", "864x1536"),
    ],
)
def test_an_aspect_becomes_a_size(model, aspect, size):
    assert WIRE.encode(asked(model=model, aspect=aspect)).body["size"] == size


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"size": "1000x1000"}, "divisible by 16"),
        ({"size": "512x2048"}, "ratio 1:3"),
        ({"size": "0x0"}, "divisible by 16"),
        ({"size": "4096x4096"}, "3840x2160"),
        ({"size": "2K"}, "pixels like"),
        ({"model": "gpt-image-1.5", "size": "1536x864"}, "1024x1024"),
        ({"model": "gpt-image-1.5", "aspect": "16:9"}, "becomes 1536x1024"),
        ({"aspect": "1:8"}, "becomes 512x1536"),
        ({"quality": "ultra"}, "quality"),
        ({"model": "gpt-image-1.5", "quality": "max"}, "quality"),
        ({"extra": {"response_format": "url"}}, "response_format"),
        ({"extra": {"background": "transparent"}, "format": "jpeg"}, "png or webp"),
        ({"references": (picture(),), "mask": picture(1, width=9)}, "size of the first"),
    ],
)
def test_advice_names_its_source(fields, word):
    said = images.advice(asked(**({"model": GPT} | fields)))
    assert len(said) == 1
    assert word in said[0]
    assert "OpenAI" in said[0]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"size": "auto"},
        {"size": "3840x2160", "quality": "max"},
        {"aspect": "21:9"},
        {"model": "flux-pro", "size": "77x77", "quality": "hd"},
        {"references": (picture(),), "mask": picture(1)},
    ],
)
def test_there_is_no_advice_where_all_is_well(fields):
    assert images.advice(asked(**({"model": GPT} | fields))) == []


def test_a_job_is_asked_after():
    call = images.query("task/1:2")
    assert (call.method, call.path, call.generating) == ("GET", "images/tasks/task%2F1%3A2", False)
