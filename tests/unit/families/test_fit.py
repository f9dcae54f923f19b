"""How a request is said to each family: what leaves for a given request."""

from __future__ import annotations

import pytest

from nbext.errors import OptionError
from nbext.families import sizes
from nbext.families.registry import choose
from nbext.families.shape import size_of
from nbext.families.table import table
from nbext.wire.encoding import data_uri
from nbext.wire.fit import fit
from nbext.wire.formats import encode
from tests.unit.wire.asked import asked, picture, turns

URI = data_uri(picture(7))
GOOGLE = {"aspect_ratio": "16:9", "image_size": "2K"}

# By model: where it goes, and what of its body is the shape of the picture, for
# `--aspect 16:9` alone, and with `--size` where the family has tiers.
SHAPES = {
    "gpt-4o-image": ("chat", {}),
    "gpt-4o-all": ("chat", {}),
    "gpt-image-2-vip": ("images", {"size": "1536x864"}),
    "gpt-image-1": ("images", {"size": "1536x1024"}),
    "gpt-image-1-mini": ("images", {"size": "1536x1024"}),
    "gpt-image-1.5": ("images", {"size": "1536x1024"}),
    "chatgpt-image-latest": ("images", {"size": "1536x1024"}),
    "gpt-image-2": ("images", {"size": "1536x864"}),
    "gpt-image-2.5-flare": ("images", {"size": "1536x864"}),
    "gpt-image-2.6-sunburst": ("images", {"size": "1536x864"}),
    "openai/gpt-5-image": (
        "chat",
        {"modalities": ["image", "text"], "aspect_ratio": "16:9"},
    ),
    "openai/gpt-image-2": ("chat", {"modalities": ["image"], "aspect_ratio": "16:9"}),
    "dall-e-3": ("images", {"size": "1792x1024"}),
    "dall-e-2": ("images", {"size": "1024x1024"}),
    "gemini-2.0-flash-exp-image-generation": (
        "chat",
        {"extra_body": {"google": {"image_config": {"aspect_ratio": "16:9"}}}},
    ),
    "gemini-2.5-flash-image": (
        "chat",
        {"extra_body": {"google": {"image_config": {"aspect_ratio": "16:9"}}}},
    ),
    "gemini-3-pro-image-preview": (
        "chat",
        {"extra_body": {"google": {"image_config": {"aspect_ratio": "16:9"}}}},
    ),
    "google/gemini-3.1-flash-image": (
        "chat",
        {"modalities": ["image", "text"], "image_config": {"aspect_ratio": "16:9"}},
    ),
    "gemini-3.1-flash-lite-image": (
        "chat",
        {"extra_body": {"google": {"image_config": {"aspect_ratio": "16:9"}}}},
    ),
    "gemini-nano-banana-2.1": (
        "chat",
        {"extra_body": {"google": {"image_config": {"aspect_ratio": "16:9"}}}},
    ),
    "imagen-4.0-generate-001": ("images", {"size": "1536x864"}),
    "doubao-seedream-4-5-251128": ("images", {"size": "2560x1440"}),
    "doubao-seedream-4-0-250828": ("images", {"size": "2560x1440"}),
    "seedream-5-5": ("images", {"size": "1536x864"}),
    "doubao-seedream-3-0-t2i-250415": ("images", {"size": "1536x1024"}),
    "jimeng-4.5": ("images", {"size": "16:9"}),
    "grok-imagine-image-2.0": ("images", {"aspect_ratio": "16:9"}),
    "grok-4-image": ("chat", {"aspect_ratio": "16:9"}),
    "flux-2-pro": ("images", {"size": "1536x864"}),
    "black-forest-labs/flux.2-pro": ("chat", {"modalities": ["image"], "aspect_ratio": "16:9"}),
    "flux-kontext-pro": ("images", {"aspect_ratio": "16:9"}),
    "flux-dev": ("images", {"size": "1536x1024"}),
    "recraftv3": ("chat", {"aspect_ratio": "16:9"}),
    "recraftv4": ("images", {"size": "1344x768"}),
    "recraftv4_pro": ("images", {"size": "2688x1536"}),
    "ideogram-v3": ("images", {"aspect_ratio": "16:9"}),
    "qwen-image-max": ("images", {"size": "2560x1440"}),
    "z-image-turbo": ("images", {"size": "1280x720"}),
    "gpt-image-3": ("images", {"size": "1536x1024"}),
    "gemini-3.5-flash-image": (
        "chat",
        {"extra_body": {"google": {"image_config": {"aspect_ratio": "16:9"}}}},
    ),
    "cogview-4-250304": ("images", {"size": "1344x768"}),
    "glm-image": ("images", {"size": "1728x960"}),
    "kling-image-o1": ("images", {"size": "1536x1024"}),
    "midjourney": ("chat", {}),
    "stablediffusion": ("images", {"size": "1536x1024"}),
    "embedded": ("chat", {"aspect_ratio": "16:9"}),
}
FILMS = {
    "sora-2": {"size": "1280x720"},
    "sora-2-pro": {"size": "1280x720"},
    "veo3.1-fast": {"size": "1280x720"},
    "kling-v3": {"size": "1280x720"},
    "doubao-seedance-2-0": {"size": "16:9"},
    "MiniMax-Hailuo-2.3": {"size": "1280x720"},
    "wan2.7-t2v": {"size": "1280x720"},
    "grok-imagine-video": {"size": "1280x720"},
    "viduq3": {"size": "1280x720"},
}
PLAIN = {"model", "prompt", "messages", "stream", "seconds"}


def test_every_family_that_draws_is_here():
    here = {table().find(model).name for model in (*SHAPES, *FILMS)}
    there = {f.name for f in table().all() if f.outputs[0] != "text" or f.name == "gpt-4o-all"}
    assert here == there


@pytest.mark.parametrize("model", SHAPES)
def test_an_aspect_is_said_as_the_family_has_it(model):
    wire, shape = SHAPES[model]
    assert choose(model) == wire
    call = encode(asked(model=model, aspect="16:9"), wire)
    assert {k: v for k, v in call.body.items() if k not in PLAIN} == shape
    assert call.stream is (wire == "chat")


@pytest.mark.parametrize("model", FILMS)
def test_so_it_is_for_films(model):
    assert choose(model, kind="video") == "videos"
    call = encode(asked(model=model, kind="video", aspect="16:9"), "videos")
    assert {k: v for k, v in call.body.items() if k not in PLAIN} == FILMS[model]


@pytest.mark.parametrize(
    ("model", "prompt"),
    [
        ("gpt-4o-image", "画只猫【2:3】"),
        ("sora_image", "画只猫【2:3】"),
        ("gpt-image-1-vip", "画只猫【2:3】"),
        ("midjourney", "画只猫 --ar 2:3"),
        ("nobody-knows-it", "画只猫"),
    ],
)
def test_some_read_it_in_the_prompt(model, prompt):
    for fields in ({"aspect": "2:3"}, {"size": "1024x1536"}):
        call = encode(asked(model=model, **fields), "chat")
        assert call.prompt_sent == call.body["messages"][0]["content"] == prompt
    assert encode(asked(model=model), "chat").prompt_sent == "画只猫"


def test_tiers():
    body = encode(asked(model="gemini-3-pro-image", aspect="16:9", size="2k"), "chat").body
    assert body["extra_body"] == {"google": {"image_config": GOOGLE}}
    body = encode(asked(model="google/gemini-3-pro-image", aspect="16:9", size="2K"), "chat").body
    assert body["image_config"] == GOOGLE
    body = encode(asked(model="grok-imagine-image", aspect="16:9", size="2K"), "images").body
    assert (body["aspect_ratio"], body["resolution"]) == ("16:9", "2k")
    assert "size" not in body
    assert encode(asked(model="seedream-4-5", size="4K"), "images").body["size"] == "4K"


def test_over_the_other_wire_a_ratio_is_a_size():
    assert encode(asked(model="recraftv3", aspect="16:9"), "images").body["size"] == "16:9"


def test_a_talk_has_no_shape():
    call = encode(asked(kind="chat", model="gemini-3", aspect="2:3", size="1024x1536"), "chat")
    assert set(call.body) == {"model", "stream", "messages"}
    for kind, wire in (("respond", "responses"), ("complete", "completions")):
        with pytest.raises(OptionError, match="aspect"):
            encode(asked(kind=kind, aspect="2:3"), wire)


def test_what_nobody_knows_gets_the_fields():
    body = encode(
        asked(model="nobody", aspect="3:2", size="1536x1024", seed=0, quality="hd"), "chat"
    ).body
    assert {k: body[k] for k in ("aspect_ratio", "size", "seed", "quality")} == {
        "aspect_ratio": "3:2",
        "size": "1536x1024",
        "seed": 0,
        "quality": "hd",
    }
    assert "modalities" not in body
    body = encode(asked(model="somebody/new-9", aspect="3:2"), "chat").body
    assert (body["aspect_ratio"], body["modalities"]) == ("3:2", ["image", "text"])


def test_what_the_user_sets_counts_most():
    extra = {"modalities": ["image"], "image_config": {"image_size": "4K"}, "aspect_ratio": None}
    body = encode(
        asked(model="google/gemini-3-pro-image", aspect="16:9", size="2K", extra=extra), "chat"
    ).body
    assert body["modalities"] == ["image"]
    assert body["image_config"] == {"aspect_ratio": "16:9", "image_size": "4K"}
    body = encode(asked(model="black-forest-labs/flux.2-pro", extra={"modalities": None}), "chat")
    assert "modalities" not in body.body


def test_what_was_asked_stays_what_it_was():
    request = asked(model="doubao-seedream-4-5", aspect="2:3", references=(picture(7),))
    fingerprint = request.fingerprint()
    shaped = fit(request, table().find(request.model), "images")
    assert shaped.size == "1664x2496"
    assert (request.aspect, request.size, request.fingerprint()) == ("2:3", "", fingerprint)


def test_an_aspect_that_is_none_is_refused():
    for wire in ("chat", "images", "gemini", "videos", "responses"):
        with pytest.raises(OptionError, match="not a ratio"):
            encode(asked(aspect="wide"), wire)


# Pictures to change


def test_seedream_edits_over_the_generations():
    one = encode(asked(model="doubao-seedream-4-5", references=(picture(7),)), "images")
    assert (one.path, one.files, one.body["image"]) == ("images/generations", (), URI)
    two = encode(asked(model="doubao-seedream-4-5", references=(picture(7), picture(7))), "images")
    assert two.body["image"] == [URI, URI]


def test_grok_edits_in_json():
    one = encode(asked(model="grok-imagine-image", references=(picture(7),)), "images")
    assert (one.path, one.files) == ("images/edits", ())
    assert one.body["image"] == {"url": URI, "type": "image_url"}
    two = encode(asked(model="grok-imagine-image", references=(picture(7), picture(7))), "images")
    assert two.body["images"] == 2 * [{"url": URI, "type": "image_url"}]


def test_others_edit_with_a_form():
    call = encode(asked(model="gpt-image-2", references=(picture(7),), mask=picture(9)), "images")
    assert (call.path, call.body) == ("images/edits", None)
    assert [upload.field for upload in call.files] == ["image", "mask"]


def test_to_go_on_is_to_edit_the_last_pictures():
    request = asked(model="seedream-4-5", conversation=turns(pictures=[picture(7)]))
    assert encode(request, "images").body["image"] == URI
    with pytest.raises(OptionError, match="no picture to change"):
        encode(asked(model="seedream-4-5", mask=picture()), "images")


# Sizes


@pytest.mark.parametrize("model", ["gpt-image-2", "seedream-4-5", "seedream-5-5", "flux-2-pro"])
@pytest.mark.parametrize("aspect", ["1:1", "7:5", "21:9", "9:21", "1:3", "3:1", "13:11", "1.91:1"])
def test_a_size_keeps_to_the_limits_of_its_family(model, aspect):
    family = table().find(model)
    width, height = sizes.pixels(size_of(asked(model=model, aspect=aspect), family))
    assert width % family.step == height % family.step == 0
    assert family.pixels[0] <= width * height <= family.pixels[1]
    if family.edge:
        assert family.edge[0] <= min(width, height) <= max(width, height) <= family.edge[1]
    assert sizes.ratio(aspect) == pytest.approx(width / height, rel=0.03)
