"""Each content word of a prompt is drawn, or named as unknown; nothing is passed over."""

from __future__ import annotations

import re

import pytest

from nbext.embedded.artist import draw

# Grammar, and words whose effect is tested by positions below.
_GRAMMAR = (
    "a an the of in on at is are and with for to by from under over after it that says set up their "
    "his her some no without front name saying beside between above clouds bigger than next riding "
    "playing wearing together very art diagram off"
)
PROMPTS = [
    "pupils raising their hands in a classroom",
    'a teacher writing "2 + 3 = 5" on the blackboard',
    "eight children in a row",
    "a girl with a red backpack under a tree",
    "a boy kicking a football on the playground",
    "twelve candles on a birthday cake",
    "eleven red balloons",
    "ten penguins on the ice",
    "a minimalist logo of a fox in a circle",
    'a business card with the name "Li Wei"',
    "a treasure map with a red cross",
    "a portrait of a sad girl with blue hair",
    "an apple on the table under the lamp",
    "no clouds in the sky, a sun over the sea",
    "a mouse bigger than an elephant",
    "a glass bottle on a wooden table",
    "a rainbow after the rain",
    "a pencil sketch of a horse",
    "a bride and groom in a church",
    "a nurse holding a baby",
    "a firefighter on a ladder",
    "a basketball player in a suit",
    "a pizza in a forest",
    "a bird on a branch",
    "a cat at the door",
    "a girl reading",
    "a man sings and a woman dances",
    "the top of a mountain",
    "sad people against a wall",
    "a dog off the leash",
    "a car with red wheels",
    "a forest on the moon",
    "money, a story and fried rice",
]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_each_word_is_drawn_or_named(prompt):
    sketch = draw(prompt, width=64, height=48)
    told = " ".join((*sketch.matches, *sketch.unknown)).lower()
    words = re.findall(r"[a-z0-9-]+", prompt.lower())
    assert [w for w in words if w not in _GRAMMAR.split() and w.rstrip("s") not in told] == []


@pytest.mark.parametrize(
    ("prompt", "unknown"),
    [
        ("地铁站", {"地铁站"}),
        ("咖啡店的标志", {"咖啡店"}),
        ("一个男孩在写字", {"写字"}),
        ("图书馆里看书的学生", {"看书"}),
        ("医院里的医生", {"医院里"}),
        ("伤心的小女孩抱着兔子", {"抱着兔子"}),
        ("房子左边有一棵树，右边有一辆车", set()),
        ("一只猫坐在椅子上", set()),
        ("两棵树之间有一座房子", set()),
        ("老鼠比猫大", set()),
        ("黑板上写着1+1=2", set()),
        ("戴眼镜的老师站在黑板前", set()),
        ("一杯咖啡和一块蛋糕在桌子上", set()),
        ("一辆公交车停在学校前面", set()),
    ],
)
def test_each_chinese_word_is_drawn_or_named(prompt, unknown):
    assert set(draw(prompt, width=64, height=48).unknown) == unknown


def box(sketch, name):
    """The left, top, right and foot of a figure, in a square picture; about as wide as high."""
    item = next(i for i in sketch.scene["figures"] if i["name"] == name)
    x, y, size = item["x"], item["y"], item["size"]
    return x - size / 2, y - size, x + size / 2, y


@pytest.mark.parametrize(
    ("prompt", "one", "other", "holds"),
    [
        ("a dog under the table", "dog", "table", lambda a, b: a[1] > b[1] and a[3] > b[3] - 0.1),
        ("桌子下的狗", "dog", "table", lambda a, b: a[1] > b[1] and a[3] > b[3] - 0.1),
        ("a cup on the table", "cup", "table", lambda a, b: abs(a[3] - b[1]) < 0.1),
        ("a book under a cup", "cup", "book", lambda a, b: a[3] < b[3] and a[1] < b[1]),
        ("a bee over a flower", "bee", "flower", lambda a, b: a[3] < b[1] + 0.06),
        ("a lamp above the table", "lamp", "table", lambda a, b: a[3] < b[1] + 0.06),
        ("a mouse bigger than an elephant", "mouse", "elephant", lambda a, b: a[3] - a[1] > b[3] - b[1]),
        ("大象比老鼠小", "mouse", "elephant", lambda a, b: a[3] - a[1] > b[3] - b[1]),
        ("猫在狗的左边", "cat", "dog", lambda a, b: a[0] < b[0]),
    ],
)  # fmt: skip
def test_things_are_where_the_prompt_says(prompt, one, other, holds):
    for seed in range(4):
        sketch = draw(prompt, width=64, height=64, seed=seed)
        assert sketch.unknown == ()
        assert holds(box(sketch, one), box(sketch, other)), seed


def test_a_position_that_is_not_drawn_is_named():
    for prompt, name in [
        ("twelve candles on a birthday cake", "on birthday cake"),
        ("a ship in a bottle", "in bottle"),
        ("a bird in a tree", "in tree"),
        ("trees on both sides of a road", "sides"),
    ]:
        assert name in draw(prompt, width=400, height=300).unknown, prompt


def test_both_things_are_on_the_table():
    sketch = draw("一杯咖啡和一块蛋糕在桌子上", width=64, height=64)
    table = box(sketch, "table")
    assert all(abs(box(sketch, name)[3] - table[1]) < 0.1 for name in ("cup", "cake"))


def test_the_side_of_a_place_is_no_thing():
    assert [i["name"] for i in draw("飞机在云上面飞", width=64, height=64).scene["figures"]] == [
        "plane"
    ]
    assert draw("a baby elephant", width=64, height=64).scene["named"] == ["elephant"]


def test_nobody_vanishes_behind_a_blackboard():
    sketch = draw('a teacher writing "ABC" on the blackboard', width=64, height=64)
    people = [i for i in sketch.scene["figures"] if i["name"] in {"man", "woman"}]
    assert people
    assert 0.5 < people[0]["y"] <= 1


def figures_of(prompt):
    """The names of the drawn figures, and where their feet are, from the top."""
    items = draw(prompt, width=64, height=48).scene["figures"]
    return [item["name"] for item in items], [item["y"] for item in items]


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("a penguin family on a beach", ["penguin"] * 3),
        ("企鹅一家人", ["penguin"] * 3),
        ("a family at the beach", ["girl", "man", "woman"]),
        ("一家三口在公园里", ["girl", "man", "woman"]),
        ("一家四口", ["boy", "girl", "man", "woman"]),
        ("蓝天下的大巴车", ["bus"]),
    ],
)
def test_a_family_is_of_those_who_are_named(prompt, names):
    assert sorted(figures_of(prompt)[0]) == names


@pytest.mark.parametrize("prompt", ["a whale above the city", "城市上空的鲸鱼", "鲸鱼在城市上方"])
def test_what_is_above_a_place_is_in_the_air(prompt):
    names, feet = figures_of(prompt)
    assert names == ["whale"]
    assert feet[0] < 0.7
    assert figures_of("a whale in the city")[1][0] > 0.75


def test_what_is_under_the_moon_in_a_room_stands_on_its_floor():
    names, feet = figures_of("a cat under the moon in a room")
    assert feet[names.index("cat")] > 0.7


def test_a_line_is_no_drawing_in_lines_and_a_colour_of_the_unknown_is_shown():
    line = draw("a number line", width=64, height=48)
    assert (line.scene["style"], line.unknown) == (None, ("line",))
    assert "beige" in draw("a zeppelin gizmo in beige", width=64, height=48).scene["unknown"]
