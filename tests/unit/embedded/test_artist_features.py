"""Texts, times, flags, and how people look."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from nbext.embedded import artist
from nbext.embedded.artist import describe, draw
from nbext.embedded.artist.lettering import can_write
from nbext.embedded.artist.render import to_png, to_svg


def small(prompt, **options):
    return draw(prompt, **({"width": 192, "height": 192} | options))


def one(sketch, name):
    return next(item for item in sketch.scene["figures"] if item["name"] == name)


def pixels(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


def texts(sketch):
    figures = sketch.scene["figures"]
    things = [*figures, *(worn for f in figures for worn in f["wears"])]
    return {(t["name"], t["text"]) for t in things if t.get("text")}


@pytest.mark.parametrize(
    ("prompt", "written"),
    [
        ('a poster that says "HELLO WORLD"', ("poster", "HELLO WORLD")),
        ("a sign that says STOP", ("sign", "STOP")),
        ("a no smoking sign", ("sign", "NO SMOKING")),
        ("an exit sign", ("sign", "EXIT")),
        ("number 7", ("card", "7")),
        ("the letter A", ("card", "A")),
        ("字母A和B", ("card", "A B")),
        ("数字9", ("card", "9")),
        ("a logo with the letter B", ("badge", "B")),
        ("写着“春”字的红纸", ("fu", "春")),
        ("写着新年快乐的横幅", ("banner", "新年快乐")),
        ("黑板上写着1+1=2", ("blackboard", "1+1=2")),
        ('a teacher and a blackboard with "Hello"', ("blackboard", "Hello")),
        ("a right triangle with a²+b²=c²", ("banner", "a²+b²=c²")),
        ("E=mc^2", ("card", "E=mc²")),
        ("CO2", ("card", "CO₂")),
        ('a cat saying "hi"', ("bubble", "hi")),
        ("小猫说：你好", ("bubble", "你好")),
        ("the number 42 on a red t-shirt", ("tshirt", "42")),
        ('a cup with "MOM" on it', ("cup", "MOM")),
        ('a girl holding a sign "PEACE"', ("sign", "PEACE")),
        ("save water poster", ("poster", "SAVE WATER")),
        ("a stop sign", ("sign", "STOP")),
        ("STOP", ("card", "STOP")),
        ('"love"', ("card", "love")),
        ("the word cat in blue letters", ("card", "cat")),
        ('teacher: "Good morning!"', ("bubble", "Good morning!")),
        ("3 x 4 = 12", ("poster", "3 × 4 = 12")),
        ("一面写着“加油”的旗子", ("flag", "加油")),
    ],
)
def test_short_texts_are_written(prompt, written):
    sketch = small(prompt)
    assert written in texts(sketch)
    assert sketch.unknown == ()


def test_a_text_shows_in_the_picture_and_is_never_mirrored():
    scene = small('a poster that says "LF"').scene
    flipped = [item | {"flip": not item["flip"]} for item in scene["figures"]]
    one_way = pixels(draw("", scene=scene, width=192, height=192).png)
    other = pixels(draw("", scene=scene | {"figures": flipped}, width=192, height=192).png)
    blank = [{k: v for k, v in item.items() if k != "text"} for item in scene["figures"]]
    empty = pixels(draw("", scene=scene | {"figures": blank}, width=192, height=192).png)
    assert one_way.tobytes() != empty.tobytes()
    assert one_way.tobytes() == other.tobytes()


@pytest.mark.parametrize("prompt", ["一块写着“髑髅”的牌子", "a sign that says “Привет”"])
def test_a_text_that_cannot_be_written_is_not_known(prompt):
    sketch = small(prompt)
    assert texts(sketch) == set()
    assert len(sketch.unknown) == 1


def test_what_can_be_written():
    assert can_write("Café ñ Ü, E = mc²!")
    assert can_write("祝老师节日快乐" if can_write("节日") else "新年快乐")
    assert not can_write("")
    assert not can_write("a" * 61)
    assert not can_write("🐈")


def test_a_poster_of_something_is_the_picture_itself():
    for prompt in ("a poster of a cat", "猫的海报", "a logo with a fox"):
        assert len(small(prompt).scene["figures"]) == 1
        assert small(prompt).scene["figures"][0]["name"] in {"cat", "fox"}


@pytest.mark.parametrize(
    ("prompt", "time"),
    [
        ("a clock showing 3:30", "3:30"),
        ("a clock at half past three", "3:30"),
        ("a clock at a quarter to five: quarter to five", "4:45"),
        ("ten o'clock on a clock", "10:00"),
        ("早上八点半的闹钟", "8:30"),
        ("8点15分的钟", "8:15"),
        ("三点一刻的时钟", "3:15"),
    ],
)
def test_a_clock_shows_the_time(prompt, time):
    assert one(small(prompt), "clock")["detail"] == time


def test_two_times_are_two_pictures():
    assert small("a clock showing 3:00").png != small("a clock showing 9:00").png


@pytest.mark.parametrize(
    ("prompt", "country"),
    [
        ("五星红旗", "china"),
        ("国旗下的小学生", "china"),
        ("the Chinese flag", "china"),
        ("flag of France", "france"),
        ("法国国旗", "france"),
        ("flag of the United States", "usa"),
        ("the Japanese flag", "japan"),
    ],
)
def test_national_flags(prompt, country):
    assert one(small(prompt), "flag")["detail"] == country


def test_the_flag_of_china_has_a_red_field_and_five_yellow_stars():
    from nbext.embedded.artist.flags import flag_cloth

    cloth = flag_cloth("china")
    assert cloth.count("#ffde00") == 5
    assert "#de2910" in cloth


@pytest.mark.parametrize(
    ("prompt", "name", "trait", "value"),
    [
        ("a black man", "man", "skin", "dark"),
        ("a white woman", "woman", "skin", "fair"),
        ("一个黑人男孩在踢足球", "boy", "skin", "dark"),
        ("a dark-skinned girl", "girl", "skin", "dark"),
        ("an elderly doctor", "doctor", "age", "old"),
        ("a young chemist", "scientist", "age", "young"),
        ("an angry boy", "boy", "mood", "angry"),
        ("a boy is sad", "boy", "mood", "sad"),
        ("一个伤心的女孩", "girl", "mood", "sad"),
        ("女孩很开心", "girl", "mood", "happy"),
        ("a sleeping cat", "cat", "mood", "sleepy"),
        ("害怕的兔子", "rabbit", "mood", "scared"),
        ("a surprised king", "king", "mood", "surprised"),
    ],
)
def test_how_people_look(prompt, name, trait, value):
    sketch = small(prompt)
    item = one(sketch, name)
    assert item[trait] == value
    assert item["colour"] is None
    assert sketch.unknown == ()
    plain = {k: v for k, v in item.items() if k != trait}
    if trait != "age" or value == "old":
        without = draw("", scene=sketch.scene | {"figures": [plain]}, width=192, height=192)
        assert (without.png != sketch.png) or len(sketch.scene["figures"]) > 1


def test_old_people_and_clothes():
    assert one(small("an old man"), "grandpa")
    assert one(small("an old woman and a dog"), "grandma")
    suit = one(small("a man in a black suit"), "man")
    assert suit["colour"] == "black"
    assert "skin" not in suit


def test_two_girls_of_two_moods():
    girls = small("two girls, one happy and one sad").scene["figures"]
    assert sorted(girl["mood"] for girl in girls) == ["happy", "sad"]


@pytest.mark.parametrize(
    ("prompt", "sitter"),
    [
        ("a man in a wheelchair", "man"),
        ("an old man in a wheelchair", "grandpa"),
        ("a girl in a wheelchair in the park", "girl"),
        ("一个坐轮椅的老奶奶", "grandma"),
        ("坐在轮椅上的男孩", "boy"),
    ],
)
def test_a_wheelchair_has_somebody_in_it(prompt, sitter):
    sketch = small(prompt)
    assert one(sketch, sitter)["seated"]
    assert abs(one(sketch, sitter)["x"] - one(sketch, "wheelchair")["x"]) < 0.05


def test_children_are_boys_and_girls():
    three = {item["name"] for item in small("four children").scene["figures"]}
    assert three == {"boy", "girl"}


@pytest.mark.parametrize(
    ("base", "edit", "expected"),
    [
        ("a cat", "make the cat sad", {"mood": "sad"}),
        ("a cat", "make it angry", {"mood": "angry"}),
        ("一个女孩", "让她哭", {"mood": "sad"}),
        ('a sign that says "STOP"', 'make the sign say "GO"', {"text": "GO"}),
        ("a clock showing 3:30", "make the clock show 5:00", {"detail": "5:00"}),
    ],
)
def test_an_edit_changes_how_somebody_looks(base, edit, expected):
    before = small(base).scene
    (after,) = small(edit, scene=before).scene["figures"]
    assert expected.items() <= after.items()


@pytest.mark.parametrize(
    "edit",
    ["add a zeppelin", "remove the elephant", "rotate it by 30 degrees", "加一只飞艇", "去掉大象"],
)
def test_an_edit_that_is_not_understood_changes_nothing_and_says_so(edit):
    before = small("a cat on a sofa")
    for take in (0, 1):
        after = small(edit, scene=before.scene, take=take)
        assert after.scene == before.scene
        assert after.png == before.png
        assert after.matches == ()
        assert edit in after.caption
        assert "unchanged" in after.caption or "没有改动" in after.caption


def test_a_hat_is_taken_off_and_the_wearer_stays():
    before = small("a cat with a hat")
    after = small("remove the hat from the cat", scene=before.scene)
    assert [(f["name"], f["wears"]) for f in after.scene["figures"]] == [("cat", [])]


def test_a_description_tells_texts_and_moods():
    assert "sad cat" in describe(small("a sad cat").scene)
    assert "“STOP”" in describe(small("a sign that says STOP").scene)
    assert "伤心的猫" in describe(small("伤心的猫").scene, language="zh")


def test_traits_from_outside_are_checked():
    scene = small("a cat").scene
    hostile = {"text": '"/><script>', "mood": "evil", "skin": "#fff", "age": 3, "detail": "99:99"}
    scene["figures"][0] |= hostile
    kept = small("", scene=scene).scene["figures"][0]
    assert not {"mood", "skin", "age", "detail"} & set(kept)
    svg = to_svg(small("", scene=scene).scene, 64, 64)
    assert "script" not in svg
    assert to_png(svg, 64, 64)


def test_the_data_stays_small():
    folder = Path(artist.__file__).parent
    data = [*folder.glob("*.toml"), *folder.glob("figures/*")]
    assert sum(path.stat().st_size for path in data) < 330_000
