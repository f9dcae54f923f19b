"""Which drawing comes from which."""

from __future__ import annotations

import json

from nbext.data.record import Failure, Record, ReferenceInfo
from nbext.drawings.history import History
from nbext.drawings.open import open_history
from nbext.store.store import Store
from tests.growth import grows_linearly
from tests.records import draw, picture


def grown(history):
    """Generate, edit, edit the edit; four takes, one of which is edited; two into one."""
    store = history.store
    draw(store, picture("red"), id="a", prompt="画只猫")
    draw(store, picture("blue"), id="b", prompt="加一顶帽子", parents=["a"])
    draw(store, picture("green"), id="c", prompt="make it night", parents=["b"])
    run = {"fingerprint": "f" * 64, "session": "s", "execution_count": 4, "prompt": "a dog"}
    for take in range(4):
        draw(store, picture((take, 0, 0)), id=f"d{take}", take=take, **run)
    draw(store, picture("cyan"), id="e", prompt="a ball", parents=["d2"])
    draw(store, picture("black"), id="f", prompt="both", parents=["c", "e"])
    return history


def test_lines_as_one_reads_them(history):
    grown(history)[6].star()
    assert str(history.tree()).splitlines() == [
        "@1 画只猫",
        "└ @2 加一顶帽子",
        "  └ @3 make it night",
        "    └ @9 both · with @8",
        "@4 @5 @6 @7 a dog · ★ @6",
        "└ @8 a ball · with @6",
    ]
    assert history.tree().edges == [(1, 2), (2, 3), (6, 8), (3, 9), (8, 9)]
    assert [root.numbers for root in history.tree().roots] == [[1], [4, 5, 6, 7]]
    assert len(history.tree()) == 9


def test_the_tree_of_one_drawing(history):
    grown(history)
    assert str(history[8].tree()).splitlines() == [
        "@6 a dog",
        "└ @8 a ball · ◂",
        "  └ @9 both · with @3",
    ]


def test_nested_is_plain_data(history):
    nested = json.loads(json.dumps(grown(history).tree().nested))
    assert [take["number"] for take in nested[1]["takes"]] == [4, 5, 6, 7]
    assert nested[0]["children"][0]["children"][0]["prompt"] == "make it night"


def test_a_second_run_of_a_request_stands_alone(history):
    for take in (0, 1, 0, 1):
        draw(history.store, fingerprint="f", take=take)
    assert [root.numbers for root in history.tree().roots] == [[1, 2], [3, 4]]


def test_references_that_are_shared(history):
    photo = ReferenceInfo(sha256="a" * 64, source="photo.png")
    draw(history.store, prompt="one", references=[photo])
    draw(history.store, prompt="two", references=[photo], mask=photo)
    assert str(history.tree()).splitlines() == [
        "@1 one · with photo.png",
        "@2 two · with photo.png",
        "photo.png was used by @1, @2",
    ]
    assert [d.number for d in history.tree().references["a" * 64]] == [1, 2]


def test_what_failed_and_what_is_missing(history):
    draw(history.store, prompt="no", error=Failure(type="QuotaError", message="no money"))
    draw(history.store, prompt="lost", parents=["\x1b[2Jgone"])
    assert str(history.tree()).splitlines() == [
        "@1 no · failed",
        "@2 lost · its source [2Jgone… is missing",
    ]


def test_circles_are_opened_at_their_first_drawing(history):
    for id_, parents in {"a": ["c"], "b": ["a"], "c": ["b"], "d": ["d"], "e": ["c"]}.items():
        draw(history.store, id=id_, prompt=id_, parents=parents)
    assert str(history.tree()).splitlines() == [
        "@1 a · its source is derived from it",
        "└ @2 b",
        "  └ @3 c",
        "    └ @5 e",
        "@4 d · its source is derived from it",
    ]
    assert len(history[2].tree()) == 4


def test_thousands_of_edits_in_a_row(tmp_path):
    """Deeper than the stack, and the indentation does not grow with it."""
    histories = {}
    for count in (500, 4_000):
        folder = tmp_path / f"{count}.draws"
        folder.mkdir()
        (folder / "history.jsonl").write_bytes(
            b"".join(
                Record(
                    type="drawing", id=f"i{n}", number=n, prompt="x" * 400, parents=[f"i{n - 1}"]
                ).to_line()
                for n in range(1, count + 1)
            )
        )
        histories[count] = History(Store(folder, read_only=True))
    tree = histories[4_000].tree()
    text = tree.text()
    assert len(text.splitlines()) == 4_000
    assert len(text) < 800_000
    assert repr(tree).splitlines()[-1] == "… tree.text() shows all 4000 drawings"
    assert grows_linearly(lambda count: histories[count].tree().text(), 500)


def test_nothing_drawn(history):
    assert repr(history.tree()) == "<Tree: no drawings>"
    assert str(history.tree()) == "<Tree: no drawings>"


def test_a_history_that_was_opened_to_read_has_a_tree(history):
    grown(history)
    assert len(open_history(history.store.folder).tree()) == 9
