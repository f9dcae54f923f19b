"""What the cells of a notebook mark, when it is run again in a new kernel."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from nbext.data.cell import Cell
from nbext.drawings.history import History
from nbext.magics.manage import annotated
from nbext.store.store import Store
from tests.records import draw, picture

CELLS = {
    "star": lambda d: d.star(),
    "final": lambda d: d.tag("final"),
    "more": lambda d: d.tag("good", "other"),
    "off": lambda d: d.star(False),
    "star again": lambda d: d.star(),
    "less": lambda d: d.untag("good"),
    "note": lambda d: setattr(d, "note", "don't crop"),
    "other note": lambda d: setattr(d, "note", "second thoughts"),
    "undo": lambda d: d.history.undo(),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    draw(Store(tmp_path / "cats.draws"), picture())
    return tmp_path / "cats.draws"


class Kernel:
    """A history in a kernel of its own, and which of its cells is running."""

    def __init__(self, folder):
        self.cell, self.count = Cell(), 0
        session = SimpleNamespace(cell=lambda: self.cell, tell_warnings=lambda: None)
        self.drawing = History(Store(folder), session)[1]

    def run(self, cell, mark):
        self.count += 1
        self.cell = Cell(cell, self.count)
        mark(self.drawing)
        return annotated(self.drawing)


def lines(folder):
    return (folder / "history.jsonl").read_bytes()


def run_all(folder):
    kernel = Kernel(folder)
    return [kernel.run(cell, mark) for cell, mark in CELLS.items()]


def test_run_again_it_says_the_same_and_writes_nothing(folder):
    first = run_all(folder)
    assert first[0] == "@1 · ★"
    assert first[3] == "@1 · final · good · other"
    assert first[-1] == "@1 · ★ · final · other · “don't crop”"
    before = lines(folder)
    for _ in range(2):
        assert run_all(folder) == first
        assert lines(folder) == before


def test_a_cell_that_is_new_or_run_once_more_marks_the_drawing(folder):
    run_all(folder)
    kernel = Kernel(folder)
    assert kernel.run("new", CELLS["off"]) == "@1 · final · other · “don't crop”"
    assert not Kernel(folder).drawing.starred
    # Its star is that of a replay once; then it is given.
    kernel = Kernel(folder)
    kernel.run("star", CELLS["star"])
    assert not kernel.drawing.starred
    kernel.run("star", CELLS["star"])
    assert Kernel(folder).drawing.starred


def test_a_cell_that_was_changed_marks_what_it_says_now(folder):
    run_all(folder)
    kernel = Kernel(folder)
    assert kernel.run("final", lambda d: d.tag("best")).endswith(
        "final · other · best · “don't crop”"
    )
    assert Kernel(folder).drawing.tags == ["final", "other", "best"]


def test_without_a_cell_the_drawing_is_marked(folder):
    run_all(folder)
    kernel = Kernel(folder)
    assert kernel.run("", CELLS["off"]) == "@1 · final · other · “don't crop”"
    assert kernel.run("", CELLS["star"]) == "@1 · ★ · final · other · “don't crop”"
    kernel.drawing.history.annotate(kernel.drawing.id, {"star": False})
    assert not Kernel(folder).drawing.starred


def test_marks_of_earlier_versions_stay_and_nothing_is_written_for_them(folder):
    history = History(Store(folder))
    history[1].star().tag("final")
    before = lines(folder)
    kernel = Kernel(folder)
    assert kernel.run("star", CELLS["star"]) == "@1 · ★ · final"
    assert kernel.run("final", CELLS["final"]) == "@1 · ★ · final"
    assert lines(folder) == before
