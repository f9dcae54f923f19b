"""A history as a table."""

from __future__ import annotations

import pytest

from nbext.data.record import Failure
from tests.records import draw, picture


@pytest.fixture
def three(history):
    draw(history.store, picture("red"), prompt="a cat", parameters={"size": "1024x1024"})
    draw(history.store, picture("blue"), prompt="a dog", parameters={"quality": "low"})
    draw(history.store, prompt="a cat", error=Failure(type="RateLimitError", message="Too many"))
    history[2].tag("final")
    return history


def test_each_drawing_is_a_row_with_its_parameters_and_marks(three):
    rows = three.rows()
    assert [row["number"] for row in rows] == [1, 2, 3]
    assert [row["size"] is None for row in rows] == [False, False, True]
    assert [row["requested_size"] for row in rows] == ["1024x1024", None, None]
    assert [row["quality"] for row in rows] == [None, "low", None]
    assert [row["tags"] for row in rows] == ["", "final", ""]
    assert [row["error"] for row in rows] == [None, None, "Too many"]
    assert {tuple(row) for row in rows} == {tuple(rows[0])}


def test_a_part_of_the_history_is_a_frame(three):
    pytest.importorskip("pandas")
    assert list(three.search("cat").to_frame()["number"]) == [1, 3]


def test_a_history_can_be_walked_backwards(three):
    assert [drawing.number for drawing in reversed(three)] == [3, 2, 1]
