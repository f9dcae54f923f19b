"""Which recorded drawing stands for a request."""

from __future__ import annotations

import re
from collections import Counter
from itertools import count

import pytest

from nbext.data.picture import PictureInfo
from nbext.data.record import Failure, Record
from nbext.errors import ReplayError
from nbext.store.replay import Replay, mode_of

THERE, GONE = "a" * 64, "b" * 64


def recorded(*drawings):
    """Records of ``(name, session, cell, repeat)`` or of fields, numbered in order.

    Without cells a session's drawings of the request stand in the order in which it asked.
    """
    numbers, made, asked = count(1), [], Counter()
    for given in drawings:
        drawing = given
        if isinstance(given, tuple):
            drawing = dict(zip(("id", "session", "cell", "repeat"), given, strict=False))
            if len(given) == 2:
                drawing["repeat"] = asked[given[1]]
                asked[given[1]] += 1
        info = PictureInfo(sha256=drawing.pop("sha256", THERE), media_type="image/png", size=9)
        fields = {"type": "drawing", "fingerprint": "f", "pictures": [info]} | drawing
        made.append(Record(**{"number": next(numbers)} | fields))
    return made


class Kernel:
    """Asks as a session does, and records what it draws."""

    def __init__(self, records, session="now", mode="restart", embedded=False):
        self.records, self.session, self.mode = records, session, mode
        self.embedded = embedded
        self.replay = Replay(lambda sha256: sha256 == THERE)
        self.sent = 0
        self.reason = ""

    def run(self, cell="", fingerprint="f", take=0, mode=None, fails=False, execution=0, after=0):
        found = self.replay.find(
            self.records,
            fingerprint,
            take,
            mode=mode or self.mode,
            cell=cell,
            session=self.session,
            embedded=self.embedded,
            execution=execution,
            after=after,
        )
        self.reason = found.reason
        if found.record is not None:
            return found.record.id
        self.sent += 1
        (new,) = recorded(
            {
                "id": f"new{self.sent}",
                "number": len(self.records) + 1,
                "session": self.session,
                "cell": cell,
                "fingerprint": fingerprint,
                "take": take,
                "repeat": found.repeat,
                "embedded": self.embedded,
                "error": Failure(type="ServerError", message="no") if fails else None,
            }
        )
        self.records.append(new)
        return new.id


# What is recorded, the mode, the cells that run, and what each shows.
TABLE = {
    "nothing is recorded": ([], "restart", ["x", "x"], ["new1", "new2"]),
    "the first run is replayed, the next drawn": (
        [("a", "s", "x")], "restart", ["x", "x", "x"], ["a", "new1", "new2"],
    ),
    "the cell's latest": (
        [("a", "s", "x"), ("b", "s", "x"), ("c", "s", "y")], "restart", ["x", "y"], ["b", "c"],
    ),
    "the cell's latest, of whichever session": (
        [("a", "s", "x"), ("b", "s", "y"), ("c", "t", "y")], "restart", ["x", "y"], ["a", "c"],
    ),
    "each cell of its own": (
        [("a", "s", "x"), ("b", "s", "y")], "restart", ["y", "x", "y", "x"], ["b", "a", "new1", "new2"],
    ),
    "no cell ids: the k-th of the session": (
        [("a", "s"), ("b", "s"), ("c", "s")], "restart", ["", "", "", ""], ["a", "b", "c", "new1"],
    ),
    "no cell ids: of the latest session that has so many": (
        [("a", "s"), ("b", "s"), ("c", "t")], "restart", ["", ""], ["c", "b"],
    ),
    "no cell ids: after drawing anew it goes on drawing": (
        [("a", "s")], "restart", ["", "", ""], ["a", "new1", "new2"],
    ),
    "a copied notebook has other cells": (
        [("a", "s", "x"), ("b", "s", "y")], "restart", ["p", "q", "p"], ["a", "b", "new1"],
    ),
    "recorded with ids, run without": ([("a", "s", "x"), ("b", "s", "y")], "restart", ["", ""], ["a", "b"]),
    "recorded without ids, run with": ([("a", "s"), ("b", "s")], "restart", ["x", "y"], ["a", "b"]),
    "made in this very session": ([("a", "now", "x")], "restart", ["x"], ["new1"]),
    "made in this very session, no ids": ([("a", "now")], "restart", [""], ["new1"]),
    "what failed is tried again": (
        [{"id": "a", "cell": "x", "error": Failure(type="E", message="m")}], "restart", ["x"], ["new1"],
    ),
    "the last that succeeded": (
        [("a", "s", "x"), {"id": "b", "session": "t", "cell": "x", "error": Failure(type="E", message="m")}],
        "restart", ["x"], ["a"],
    ),
    "what has no answer is tried again": (
        [{"id": "a", "type": "sent", "cell": "x", "session": "s"}], "restart", ["x"], ["new1"],
    ),
    "sketches never stand in for a model": (
        [{"id": "a", "cell": "x", "session": "s", "embedded": True}], "restart", ["x"], ["new1"],
    ),
    "missing pictures are drawn again": (
        [{"id": "a", "cell": "x", "session": "s", "sha256": GONE}], "restart", ["x"], ["new1"],
    ),
    "another take than the missing one is not shown": (
        [("a", "s", "x"), {"id": "b", "session": "s", "cell": "x", "sha256": GONE}],
        "restart", ["x"], ["new1"],
    ),
    "another request": ([{"id": "a", "cell": "x", "fingerprint": "g"}], "restart", ["x"], ["new1"]),
    "another take": ([{"id": "a", "cell": "x", "session": "s", "take": 1}], "restart", ["x"], ["new1"]),
    "a reply in words": ([{"id": "a", "kind": "chat", "cell": "x", "session": "s", "pictures": []}], "restart", ["x"], ["a"]),
    "another cell is not shown what was shown": (
        [("a", "s", "x"), ("b", "s", "y")], "restart", ["x", "z", "w"], ["a", "b", "new1"],
    ),
    "no cell ids, recorded with: the latest of each cell, in order": (
        [("a", "s", "x"), ("b", "s", "x"), ("c", "s", "y")], "restart", ["", "", ""], ["b", "c", "new1"],
    ),
    "always, every time": ([("a", "s", "x"), ("b", "s", "x")], "always", ["x", "x", "x"], ["b", "b", "b"]),
    "always, what it has drawn": ([], "always", ["x", "x"], ["new1", "new1"]),
    "always, no ids: in order, then the latest": (
        [("a", "s"), ("b", "s")], "always", ["", "", "", ""], ["a", "b", "b", "b"],
    ),
    "never": ([("a", "s", "x")], "never", ["x", "x"], ["new1", "new2"]),
    "only": ([("a", "s", "x")], "only", ["x", "x"], ["a", "a"]),
    "only, no ids": ([("a", "s"), ("b", "s")], "only", ["", "", ""], ["a", "b", "b"]),
}  # fmt: skip


@pytest.mark.parametrize(("records", "mode", "cells", "shown"), TABLE.values(), ids=TABLE)
def test_table(records, mode, cells, shown):
    kernel = Kernel(recorded(*(r if isinstance(r, tuple) else dict(r) for r in records)), mode=mode)
    assert [kernel.run(cell) for cell in cells] == shown


def test_embedded_shows_a_models_drawing_first_else_its_own():
    sketch = {"id": "sketch", "session": "s", "cell": "x", "embedded": True}
    assert Kernel(recorded(dict(sketch)), embedded=True).run("x") == "sketch"
    both = recorded(("real", "s", "x"), dict(sketch))
    assert Kernel(both, embedded=True).run("x") == "real"
    assert Kernel(both, embedded=False).run("x") == "real"
    assert Kernel(recorded(dict(sketch)), mode="only", embedded=True).run("x") == "sketch"


def test_restart_and_run_all_again_and_again_is_free():
    records = []
    cells = ["x", "y", "z"]
    shown = Kernel(records, session="s0")
    first = [shown.run(cell) for cell in cells]
    for number in range(1, 4):
        kernel = Kernel(records, session=f"s{number}")
        assert [kernel.run(cell) for cell in cells] == first
        assert kernel.sent == 0


def test_run_all_after_a_new_take_shows_the_new_take():
    records = recorded(("a", "s", "x"))
    kernel = Kernel(records, session="t")
    assert [kernel.run("x"), kernel.run("x")] == ["a", "new1"]
    again = Kernel(records, session="u")
    assert again.run("x") == "new1"
    assert again.sent == 0


def test_what_failed_in_this_session_is_drawn_not_replayed():
    kernel = Kernel(recorded())
    assert kernel.run("x", fails=True) == "new1"
    assert kernel.run("x") == "new2"
    later = Kernel(kernel.records, session="later")
    assert later.run("x") == "new2"


def test_fresh_counts_as_a_run():
    kernel = Kernel(recorded(("a", "s", "x")))
    assert [kernel.run("x", mode="never"), kernel.run("x")] == ["new1", "new2"]


def test_takes_are_replayed_each_by_its_own():
    records = recorded(*({"id": f"t{n}", "session": "s", "cell": "x", "take": n} for n in range(3)))
    kernel = Kernel(records)
    assert [kernel.run("x", take=n) for n in (2, 0, 1)] == ["t2", "t0", "t1"]
    assert kernel.run("x", take=3) == "new1"


@pytest.mark.parametrize(
    ("records", "embedded", "why"),
    [
        ([], False, "None is recorded"),
        ([{"embedded": True}], False, "sketches"),
        ([{"error": Failure(type="E", message="m")}], False, "failed"),
        ([{"type": "sent"}], False, "no answer"),
        ([{"sha256": GONE}], False, "pictures recorded as @1 are missing"),
        ([{}, {"sha256": GONE}], False, "pictures recorded as @2 are missing"),
    ],
)
def test_only_says_why_nothing_is_shown(records, embedded, why):
    made = recorded(*({"id": f"{n}", "cell": "x"} | dict(r) for n, r in enumerate(records)))
    kernel = Kernel(made, mode="only", embedded=embedded)
    with pytest.raises(ReplayError, match=why) as caught:
        kernel.run("x")
    assert "draws no new ones" in str(caught.value)
    # A class reads this: no hash, and no way round what the teacher has set.
    assert not re.search(r"[0-9a-f]{8}|replay", str(caught.value))
    assert kernel.sent == 0


def test_the_reason_is_given_for_the_last_request_only():
    kernel = Kernel(recorded({"id": "a", "cell": "x", "session": "s", "sha256": GONE}))
    kernel.run("x")
    assert "missing" in kernel.reason
    kernel.run("x", fingerprint="other")
    assert kernel.reason == ""


def test_a_loop_in_a_cell_is_replayed_turn_by_turn():
    first = Kernel(recorded(), session="s")
    drawn = [first.run("x", execution=1) for _ in range(3)]
    anew = [first.run("x", execution=2) for _ in range(3)]
    assert [*drawn, *anew] == [f"new{n}" for n in range(1, 7)]
    second = Kernel(first.records, session="t")
    assert [second.run("x", execution=1) for _ in range(4)] == [*anew, "new1"]
    assert second.run("x", execution=2) == "new2"
    third = Kernel(second.records, session="u")
    assert [third.run("x", execution=1) for _ in range(4)] == ["new2", *anew[1:], "new1"]
    assert third.sent == 0


def test_without_cells_a_run_that_draws_one_more_is_free_the_next_time():
    kernel = Kernel(recorded(("a", "s"), ("b", "s")), session="t")
    assert [kernel.run(), kernel.run(), kernel.run()] == ["a", "b", "new1"]
    again = Kernel(kernel.records, session="u")
    assert [again.run(), again.run(), again.run()] == ["a", "b", "new1"]
    assert again.sent == 0


def test_without_cells_what_failed_first_takes_no_others_place():
    kernel = Kernel(recorded(), session="t")
    assert [kernel.run(fails=True), kernel.run()] == ["new1", "new2"]
    again = Kernel(kernel.records, session="u")
    assert again.run() != "new2"
    assert again.run() == "new2"


@pytest.mark.parametrize("cell", ["y", ""])
def test_another_one_is_never_the_one_it_is_asked_of(cell):
    records = recorded(("a", "s", "x"))
    first = Kernel(records, session="t")
    assert first.run(cell, after=1) == "new1"
    second = Kernel(records, session="u")
    assert second.run(cell, after=1) == "new1"
    assert second.sent == 0


def test_another_one_of_what_was_drawn_anew_since_is_the_one_that_the_cell_drew():
    """``tea.again()`` below, then ``tea`` is drawn once more, and all is run."""
    records = recorded(("a", "s", "x"))
    first = Kernel(records, session="t")
    assert first.run("y", after=1) == "new1"
    assert first.run("x", execution=1) == "a"
    assert first.run("x", execution=2) == "new2"
    second = Kernel(records, session="u")
    assert second.run("x", execution=1) == "new2"
    assert second.run("y", after=3, execution=2) == "new1"
    # In the cell that drew it, it is not the drawing itself.
    third = Kernel(records, session="v")
    assert third.run("x", after=3) == "a"


def test_where_nothing_may_be_sent_fresh_changes_nothing():
    assert [mode_of(mode, fresh=True) for mode in ("restart", "always", "never", "only")] == [
        "never", "never", "never", "only",
    ]  # fmt: skip
    assert mode_of("always", fresh=False) == "always"


def test_what_was_sent_and_never_answered_is_told_once():
    sent = {"id": "a", "type": "sent", "session": "before", "pictures": [], "job": "video_1"}
    kernel = Kernel(recorded(sent))
    assert found(kernel).unfinished.number == 1
    assert "@1 was sent" in found(Kernel(recorded(sent))).reason
    # Not of this kernel's own, of a sketch, or where it was asked for again since.
    for others in (
        [sent | {"session": "now"}],
        [sent | {"embedded": True}],
        [
            sent,
            {"id": "b", "session": "before", "error": Failure(type="ServerError", message="No.")},
        ],
    ):
        asked = found(Kernel(recorded(*others)))
        assert (asked.reason, asked.unfinished) == ("", None)
    # Nor where another take is wanted.
    again = Kernel(recorded(sent))
    found(again, execution=1)
    assert not found(again, execution=2).reason


def found(kernel, execution=0):
    return kernel.replay.find(
        kernel.records,
        "f",
        0,
        mode=kernel.mode,
        cell="c1",
        session=kernel.session,
        embedded=kernel.embedded,
        execution=execution,
    )
