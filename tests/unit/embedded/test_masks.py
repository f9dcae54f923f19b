"""Edits with a mask: what is added goes inside it, and outside not a pixel changes."""

from __future__ import annotations

import base64
import io

import httpx
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageOps

from nbext.embedded.masking import additions, largest_rectangle

SIZE = (320, 240)
CLEAR = (0, 0, 0, 0)
REGIONS = {
    "a quarter": lambda pen: pen.rectangle((160, 0, 319, 119), fill=CLEAR),
    "a corner": lambda pen: pen.rectangle((0, 200, 59, 239), fill=CLEAR),
    "an ellipse": lambda pen: pen.ellipse((100, 60, 300, 200), fill=CLEAR),
    "two spots": lambda pen: [pen.ellipse((x, 90, x + 70, 160), fill=CLEAR) for x in (20, 220)],
    "a strip": lambda pen: pen.rectangle((0, 100, 319, 112), fill=CLEAR),
}
ADDITIONS = [
    "add a red balloon",
    "a red balloon",
    "add a bird in the sky",
    "add three cats",
    "put a hat on it",
    "加一只狗",
    "在左边加一条船",
]


@pytest.fixture(scope="module")
def client(endpoint):
    bearer = {"Authorization": f"Bearer {endpoint.key}"}
    with httpx.Client(base_url=endpoint.base_url, headers=bearer, timeout=60) as session:
        yield session


def png(image):
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def mask_of(name, size=SIZE):
    mask = Image.new("RGBA", size, (0, 0, 0, 255))
    REGIONS[name](ImageDraw.Draw(mask))
    return mask


def pictures(answer):
    assert answer.status_code == 200, answer.text
    return [base64.b64decode(one["b64_json"]) for one in answer.json()["data"]]


def edit(client, picture, mask, prompt, **fields):
    files = {"image": ("a.png", picture), "mask": ("m.png", png(mask))}
    data = {"model": "gpt-image-2", "prompt": prompt, **fields}
    return client.post("/images/edits", data=data, files=files)


def differences(before, after, mask):
    """The boxes of what differs inside the mask and outside."""
    one, two = (Image.open(io.BytesIO(data)).convert("RGBA") for data in (before, after))
    assert one.size == two.size
    change = ImageChops.difference(one, two)
    may = mask.getchannel("A").point(lambda value: 255 if value == 0 else 0)
    nothing = Image.new("RGBA", one.size, CLEAR)
    inside = Image.composite(change, nothing, may).getbbox(alpha_only=False)
    return inside, Image.composite(nothing, change, may).getbbox(alpha_only=False)


@pytest.fixture(scope="module")
def originals(client):
    body = {"prompt": "a house by the lake", "size": "x".join(map(str, SIZE))}
    sketch = pictures(client.post("/images/generations", json=body))[0]
    noise = Image.effect_noise(SIZE, 60)
    clear = Image.new("RGBA", SIZE, (200, 120, 40, 130))
    return {
        "a sketch": sketch,
        "a photograph": png(noise.convert("RGB")),
        "grey": png(noise),
        "palette": png(noise.convert("RGB").quantize(16)),
        "translucent": png(clear),
    }


@pytest.mark.parametrize("prompt", ADDITIONS)
@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("original", ["a sketch", "a photograph"])
def test_an_addition_goes_inside_the_mask_and_nothing_else_changes(
    client, originals, original, region, prompt
):
    mask = mask_of(region)
    (after,) = pictures(edit(client, originals[original], mask, prompt))
    inside, outside = differences(originals[original], after, mask)
    assert inside is not None
    assert outside is None


@pytest.mark.parametrize("original", ["grey", "palette", "translucent"])
def test_pictures_of_every_mode_keep_their_pixels(client, originals, original):
    mask = mask_of("an ellipse")
    (after,) = pictures(edit(client, originals[original], mask, "add a red balloon"))
    inside, outside = differences(originals[original], after, mask)
    assert inside is not None
    assert outside is None


def test_a_turned_photograph_is_masked_as_it_is_shown(client):
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    out = io.BytesIO()
    Image.effect_noise((240, 320), 60).convert("RGB").save(out, "JPEG", exif=exif)
    mask = mask_of("a quarter")
    (after,) = pictures(edit(client, out.getvalue(), mask, "add a red balloon"))
    shown = png(ImageOps.exif_transpose(Image.open(out)))
    inside, outside = differences(shown, after, mask)
    assert inside is not None
    assert outside is None


@pytest.mark.parametrize("prompt", ["at night", "make it snow", "remove the house", "as a sketch"])
def test_other_changes_stay_inside_too(client, originals, prompt):
    mask = mask_of("an ellipse")
    (after,) = pictures(edit(client, originals["a sketch"], mask, prompt))
    assert differences(originals["a sketch"], after, mask)[1] is None


@pytest.mark.parametrize("prompt", ["add a dog", "add a red balloon", "add a boat", "add a star"])
def test_an_addition_stands_before_what_is_there(client, prompt):
    body = {"prompt": "a house", "size": "512x512", "seed": 1}
    house = pictures(client.post("/images/generations", json=body))[0]
    mask = Image.new("RGBA", (512, 512), (0, 0, 0, 255))
    box = (180, 250, 330, 440)
    mask.paste(CLEAR, box)
    (after,) = pictures(edit(client, house, mask, prompt))
    (left, top, right, bottom), outside = differences(house, after, mask)
    assert outside is None
    assert max((right - left) / 150, (bottom - top) / 190) > 0.6


def test_the_same_request_again_is_another_take_inside_the_mask(client, originals):
    mask = mask_of("a quarter")
    answer = edit(client, originals["a sketch"], mask, "add a green balloon", n=3)
    takes = pictures(answer)
    assert len(set(takes)) == 3
    for take in takes:
        inside, outside = differences(originals["a sketch"], take, mask)
        assert inside is not None
        assert outside is None


def test_what_was_added_inside_a_mask_can_be_changed_afterwards(client, originals):
    mask = mask_of("a quarter")
    (once,) = pictures(edit(client, originals["a sketch"], mask, "add a red balloon", seed=1))
    (twice,) = pictures(edit(client, once, mask, "make the balloon blue", seed=1))
    inside, outside = differences(once, twice, mask)
    assert inside is not None
    assert outside is None


def test_only_fully_transparent_pixels_may_change(client, originals):
    mask = Image.new("RGBA", SIZE, (0, 0, 0, 1))
    mask.paste(CLEAR, (200, 20, 300, 110))
    (after,) = pictures(edit(client, originals["a sketch"], mask, "add a red balloon"))
    assert differences(originals["a sketch"], after, mask)[1] is None


def test_a_markup_shows_where_the_edit_goes(client, originals):
    markup = Image.new("RGBA", SIZE, CLEAR)
    ImageDraw.Draw(markup).rectangle((180, 20, 299, 110), fill=(255, 0, 0, 255))
    files = {"image": ("a.png", originals["a sketch"]), "markup": ("m.png", png(markup))}
    data = {"model": "gpt-image-2.6-sunburst", "prompt": "add a red balloon"}
    (after,) = pictures(client.post("/images/edits", data=data, files=files))
    may = Image.new("RGBA", SIZE, (0, 0, 0, 255))
    may.paste(CLEAR, (180, 20, 300, 111))
    inside, outside = differences(originals["a sketch"], after, may)
    assert inside is not None
    assert outside is None
    both = files | {"mask": ("m.png", png(mask_of("a corner")))}
    answer = client.post("/images/edits", data=data, files=both)
    assert answer.json()["error"]["param"] == "markup"


def test_the_image_tool_takes_a_mask_too(client, originals):
    mask = mask_of("a quarter")

    def uri(data):
        return "data:image/png;base64," + base64.b64encode(data).decode()

    parts = [
        {"type": "input_text", "text": "add a red balloon"},
        {"type": "input_image", "image_url": uri(originals["a sketch"])},
    ]
    tool = {"type": "image_generation", "input_image_mask": {"image_url": uri(png(mask))}}
    body = {"model": "gpt-5", "input": [{"role": "user", "content": parts}], "tools": [tool]}
    items = client.post("/responses", json=body).json()["output"]
    (after,) = [item["result"] for item in items if item["type"] == "image_generation_call"]
    inside, outside = differences(originals["a sketch"], base64.b64decode(after), mask)
    assert inside is not None
    assert outside is None


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (Image.new("RGBA", SIZE, (0, 0, 0, 255)), "no fully transparent pixel"),
        (Image.new("RGBA", SIZE, (0, 0, 0, 7)), "no fully transparent pixel"),
        (Image.new("RGB", SIZE), "no alpha channel"),
        (Image.new("RGBA", (10, 10), CLEAR), "same size"),
    ],
)
def test_a_mask_that_cannot_work_says_why(client, originals, mask, words):
    answer = edit(client, originals["a sketch"], mask, "add a cat")
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_a_replacement_is_no_addition():
    cat, dog, hat = ({"name": name, "x": 0.5} for name in ("cat", "dog", "hat"))
    assert additions([cat], [dog]) == []
    assert additions([cat], [{**cat, "x": 0.7}]) == []
    assert additions([cat], [dog, cat]) == [dog]
    assert additions([cat], [{**cat, "x": 0.7}, hat]) == [hat]
    assert len(additions([cat], [cat, {**cat, "x": 0.1}, {**cat, "x": 0.2}])) == 2


def test_the_largest_rectangle_is_found_in_any_shape():
    assert largest_rectangle([[False, False], [False, False]]) == (0, 0, 0, 0)
    assert largest_rectangle([[True, False, True], [True, True, True]]) == (0, 1, 3, 2)


def test_what_is_transparent_stays_so_around_an_addition(client):
    sticker = Image.new("RGBA", SIZE, CLEAR)
    ImageDraw.Draw(sticker).ellipse((170, 60, 300, 190), fill=(40, 120, 200, 255))
    mask = Image.new("RGBA", SIZE, (0, 0, 0, 255))
    ImageDraw.Draw(mask).rectangle((10, 10, 130, 130), fill=CLEAR)
    [data] = pictures(edit(client, png(sticker), mask, "add a yellow star"))
    alpha = Image.open(io.BytesIO(data)).convert("RGBA").getchannel("A")
    assert alpha.getpixel((12, 12)) == alpha.getpixel((128, 128)) == 0
    star = alpha.crop((10, 10, 131, 131))
    assert 0.01 < star.histogram()[255] / (121 * 121) < 0.7
