"""The table has every model, size, quality and format that the official clients' types have."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import pytest

import nbext.families
from nbext.families.table import table

openai = pytest.importorskip("openai")
genai = pytest.importorskip("google.genai")

from google.genai import types as google  # noqa: E402
from openai.types import image_generate_params, image_model, video_model, video_size  # noqa: E402

TABLE = Path(nbext.families.__path__[0], "families.toml").read_text("utf-8")
# The types of other versions are read when the table is next brought up to date.
is_same = pytest.mark.skipif(
    f"openai-python {openai.__version__}:" not in TABLE
    or f"google-genai {genai.__version__}:" not in TABLE,
    reason="the table names other versions of the clients as its sources",
)


def literals(kind):
    """Return all texts of a type that is made of literals."""
    parts = typing.get_args(kind)
    return {part for part in parts if isinstance(part, str)}.union(*map(literals, parts))


def field(name):
    params = image_generate_params.ImageGenerateParamsBase
    return literals(typing.get_type_hints(params)[name])


def of_family(fact):
    return {value for family in table().all() for value in getattr(family, fact) or ()}


@is_same
@pytest.mark.parametrize(
    "model", sorted(literals(image_model.ImageModel) | literals(video_model.VideoModel))
)
def test_each_model_has_one_family(model):
    assert len(table().matches(model)) == 1


@is_same
def test_each_value_of_an_option_is_in_the_table():
    assert field("quality") <= of_family("qualities")
    assert field("output_format") <= of_family("formats")
    assert field("size") - {"auto"} <= of_family("sizes")
    assert literals(video_size.VideoSize) <= of_family("sizes")
    own = {"background", "complexity", "moderation", "response_format", "style"}
    assert own <= of_family("fields")


@is_same
def test_each_shape_of_googles_pictures_is_in_the_table():
    words = {"ONE": "1", "TWO": "2", "THREE": "3", "FOUR": "4", "FIVE": "5", "EIGHT": "8"}
    words |= {"NINE": "9", "SIXTEEN": "16", "TWENTY": "20", "TWENTY_ONE": "21"}
    shapes = set()
    for shape in google.AspectRatio:
        sides = re.fullmatch(r"ASPECT_RATIO_(\w+?)_BY_(\w+)", shape.name)
        if sides is not None:
            shapes.add(":".join(words[side] for side in sides.groups()))
    assert len(shapes) > 9
    assert shapes <= of_family("aspects")
    assert {"512", "1K", "2K", "4K"} <= of_family("tiers")


SUFFIXES = ("-2026-12-01", ":free", "-preview", "-2k", "-4k", "-16x9", "-1024x1536")
PREFIXES = ("", "openai/", "google/", "fal-ai/", "vertex_ai/", "@cf/vendor/", "models/")


@pytest.mark.parametrize(
    "model",
    [
        *("gpt-image-2", "gpt-image-2.6-flare", "gemini-3.1-flash-image", "nano-banana-pro"),
        *("doubao-seedream-5-0", "seedream-4-0", "grok-imagine-image", "flux-2-pro", "recraftv4"),
        *("qwen-image-max", "veo3.1-fast", "kling-v3", "imagen-4.0-generate-001", "gpt-4o-image"),
    ],
)
def test_an_unknown_beginning_or_end_changes_nothing(model):
    family = table().find(model).name
    names = {f"{before}{model}{after}" for before in PREFIXES for after in ("", *SUFFIXES)}
    assert {table().find(name).name for name in names} == {family}
