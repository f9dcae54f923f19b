"""Each word of the lexicon alone: the picture shows it, or the caption names it as unknown."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from nbext.embedded.artist import draw, sketch
from nbext.embedded.artist.audit import CONTENT
from nbext.embedded.artist.items import variants
from nbext.embedded.artist.lexicon import lexicon
from nbext.embedded.artist.parse import tokens

# What a place can show beside its name: the sky is above a meadow.
_AROUND = {"sky", "mountain", "lake", "meadow"}


@pytest.fixture(autouse=True)
def no_pixels(monkeypatch):
    """What is drawn is in the scene; its pixels are tested elsewhere."""
    monkeypatch.setattr(sketch, "_paint", lambda *_: b"")
    monkeypatch.setattr(sketch, "_encoded", lambda *_: b"")


def items(scene):
    return [one for item in scene["figures"] for one in (item, *item["wears"])]


def is_shown(token, scene):
    """Whether a scene holds what a word means, by the word's kind."""
    some, name = items(scene), token.name
    if token.kind == "figure":
        return any(one["name"] in variants(name) for one in some)
    if token.kind == "garment":
        return any(one["name"] == name for one in some)
    if token.kind == "place":
        return scene["place"] == name or (bool(token.part) and name in _AROUND) or name == "sky"
    if token.kind in {"time", "style"}:
        return scene[token.kind] == name
    if token.kind == "weather":
        return name in scene["weather"]
    if token.kind == "colour":
        pattern = not some and name in scene["unknown"]
        return pattern or scene.get("ground") == name or any(one["colour"] == name for one in some)
    if token.kind in {"mood", "age", "skin"}:
        return any(one.get(token.kind) == name for one in some)
    if token.kind == "number":
        return len(some) >= int(name)
    if token.kind == "text":
        return any(one.get("text") == name for one in some)
    return token.kind == "frame" and [item["size"] > 1.2 for item in scene["figures"]] == [True]


@pytest.mark.parametrize("language", ["han", "latin"])
def test_each_word_alone_is_drawn_or_named(language):
    wrong = []
    for word in getattr(lexicon(), language):
        one = draw(word)
        if [item.get("text") for item in one.scene["figures"]] == [word]:
            # A word that means nothing to be seen is written on a card.
            continue
        for token in tokens(word):
            named = any(token.word in other or token.name == other for other in one.unknown)
            # The clothes of a nurse are among the parts of her word.
            inner = token.part and token.kind in {"garment", "number"}
            seen = inner or named or is_shown(token, one.scene)
            if token.kind in CONTENT and not seen:
                wrong.append((word, token.kind, token.name, one.caption))
            if token.word in one.matches and token.word in one.unknown:
                wrong.append((word, "both drawn and unknown", one.caption))
    assert wrong == []


def drawn(prompt):
    """What is drawn, as name, colour and what it wears, and what is named as unknown."""
    one = draw(prompt)
    figures = Counter(
        " ".join(filter(None, (item["colour"], item["name"], *(w["name"] for w in item["wears"]))))
        for item in one.scene["figures"]
    )
    return dict(figures), set(one.unknown)


@pytest.mark.parametrize(
    ("prompt", "figures", "unknown"),
    [
        # Clothes alone, on those who are drawn in them, and on others.
        ("a red dress", {"red dress": 1}, set()),
        ("一条红裙子", {"red dress": 1}, set()),
        ("two blue shirts on a bed", {"blue shirt": 2, "bed": 1}, set()),
        ("a girl in a red dress", {"red girl": 1}, set()),
        ("三个穿红裙子的女孩", {"red girl": 3}, set()),
        ("a boy in a dress", {"boy dress": 1}, set()),
        ("a cat in a red dress", {"cat dress": 1}, set()),
        ("穿黄色大衣的女孩", {"girl coat": 1}, set()),
        ("a boy in blue trousers", {"boy": 1}, {"blue trousers"}),
        # Attributes that nothing takes.
        ("three", {}, {"three"}),
        ("a big", {}, {"big"}),
        ("portrait", {}, {"portrait"}),
        ("portrait of a woman under a tree", {"woman": 1}, {"tree", "under tree"}),
        ("a red and white flag", {"white flag": 1}, {"red"}),
        ("a boy with two hats", {"boy hat": 1}, {"two"}),
        ("two boys with two hats", {"boy hat": 2}, set()),
        ("猫三只", {"cat": 3}, set()),
        ("red and blue balloons", {"red balloon": 2, "blue balloon": 1}, set()),
        ("红色和蓝色的气球", {"red balloon": 1, "blue balloon": 1}, set()),
        ("all three cats are orange", {"orange cat": 3}, set()),
        # All, both, each.
        ("一只猫和一只狗都戴着帽子", {"cat hat": 1, "dog hat": 1}, set()),
        ("两只猫都戴着帽子", {"cat hat": 2}, set()),
        ("a cat and a dog, both wearing hats", {"cat hat": 1, "dog hat": 1}, set()),
        ("A cat and a dog. They wear hats.", {"cat hat": 1, "dog hat": 1}, set()),
        ("一只猫，一只狗，都是黑色的", {"black cat": 1, "black dog": 1}, set()),
        ("猫、狗和兔子都是白色的", {"white cat": 1, "white dog": 1, "white rabbit": 1}, set()),
        ("each of the three dogs wears a scarf", {"dog scarf": 3}, set()),
        ("两个戴着帽子的男孩", {"boy hat": 2}, set()),
        # For whom a thing is.
        ("business card for a dentist", {"card": 1}, {"for a dentist"}),
        ("给牙医的名片", {"card": 1}, {"给牙医"}),
        ("a birthday cake for the teacher", {"cake": 1}, {"for the teacher"}),
        ("a house for birds", {"house": 1}, {"for birds"}),
        # Who wears or holds a thing, and who does not.
        (
            "a boy in a green jacket beside a girl in a purple dress",
            {"boy coat": 1, "purple girl": 1},
            set(),
        ),
        ("five pupils with red bags", {"boy backpack": 3, "girl backpack": 2}, set()),
        ("一个男孩背着书包", {"boy backpack": 1}, set()),
        ("each pupil has a hat", {"boy hat": 2, "girl hat": 1}, set()),
        (
            "a birthday party in a room with six balloons",
            {"cake": 1, "gift": 1, "balloon": 6},
            set(),
        ),
        ("小明和小红都戴着黄帽子", {"boy hat": 1, "girl hat": 1}, set()),
        ("一个戴眼镜的女老师", {"woman glasses": 1}, set()),
        ("a male teacher and a female worker", {"man": 1, "woman": 1}, set()),
        ("a female pirate", {"pirate": 1}, {"female"}),
        ("a mother penguin and her chick", {"penguin": 1, "chick": 1}, set()),
        ("企鹅妈妈", {"penguin": 1}, set()),
        ("妈妈送孩子上学", {"woman": 1, "boy": 1}, {"送", "上学"}),
        ("两个苹果和三个梨，一共五个水果", {"apple": 2, "pear": 3}, set()),
        ("狮子不是黄色的，是紫色的", {"purple lion": 1}, set()),
        ("a cat. It is black.", {"black cat": 1}, set()),
        (
            "an elephant holding a birthday card",
            {"elephant": 1, "card": 1},
            {"holding birthday card"},
        ),
        ("a playground with a slide and two swings", {"slide": 1, "swing": 2}, set()),
        ("一块橡皮和三只蚂蚁", {"eraser": 1, "ant": 3}, set()),
        # The stages of a life.
        ("the life cycle of a frog", {"frogspawn": 1, "tadpole": 1, "frog": 1}, set()),
        ("青蛙的生命周期", {"frogspawn": 1, "tadpole": 1, "frog": 1}, set()),
        ("life cycle of a star", {"star": 1}, {"life cycle"}),
        # Postures and acts.
        ("a girl sitting", {"girl": 1}, {"sitting"}),
        ("坐着的小女孩", {"girl": 1}, {"坐着"}),
        ("坐着的熊猫", {"panda": 1}, set()),
        ("a boy sitting in a chair", {"boy": 1, "chair": 1}, set()),
        ("a man sitting at a desk", {"man": 1, "table": 1}, {"sitting"}),
    ],
)
def test_what_the_caption_claims_is_drawn(prompt, figures, unknown):
    assert drawn(prompt) == (figures, unknown)


@pytest.mark.parametrize(
    "prompt",
    [
        "a cat and a dog, both sitting on a sofa",
        "a black cat, a white dog, both are on a sofa",
        "小猫和小狗都坐在沙发上",
    ],
)
def test_both_sit_on_the_sofa(prompt):
    one = draw(prompt)
    assert one.unknown == ()
    assert {i["name"] for i in one.scene["figures"] if i.get("seated")} == {"cat", "dog"}


@pytest.mark.parametrize("prompt", ["a boy and a girl, both happy", "一个男孩和一个女孩都很开心"])
def test_both_are_happy(prompt):
    assert [i["mood"] for i in draw(prompt).scene["figures"]] == ["happy", "happy"]


@pytest.mark.parametrize(
    ("prompt", "order"),
    [
        ("三角形在圆形的左边，正方形在右边", "triangle disc square"),
        ("a cat on the left, a dog on the right", "cat dog"),
    ],
)
def test_each_side_has_room(prompt, order):
    figures = draw(prompt).scene["figures"]
    assert [f["name"] for f in sorted(figures, key=lambda f: f["x"])] == order.split()
    assert all(
        b["x"] - a["x"] > 0.2 for a, b in itertools.pairwise(sorted(figures, key=lambda f: f["x"]))
    )


def test_only_the_rider_sits():
    figures = draw("一个坐轮椅的男孩和他的狗").scene["figures"]
    assert [f["name"] for f in figures if f.get("seated")] == ["boy"]


def test_it_does_not_snow_indoors():
    inside = draw("下着雪，教室里有一盏灯")
    assert "雪" in inside.unknown
    assert "snow" in draw("下着雪的街道").scene["weather"]


@pytest.mark.parametrize(
    "prompt",
    ["a cat with a red hat by the sea", "海边的猫", "a deer by a lake in the mountains"],
)
def test_a_place_shows_what_is_beside_it(prompt):
    assert draw(prompt).unknown == ()


def test_a_quotation_is_written_on_what_carries_it():
    card = draw('"Happy Teachers\' Day" on a card').scene["figures"]
    assert [(f["name"], f["text"]) for f in card] == [("card", "Happy Teachers' Day")]


def test_a_runner_is_not_claimed_to_run():
    one = draw("two runners")
    assert (len(one.scene["figures"]), one.unknown) == (2, ("running",))
