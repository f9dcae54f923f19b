"""The conversation that led to a drawing."""

from __future__ import annotations

import pytest

from nbext.errors import HistoryError
from nbext.store.conversation import conversation_turns
from tests.records import draw, picture


def test_turns_go_from_the_oldest_with_the_raw_answer(store):
    draw(store, picture(), id="a", prompt="a cat", raw="raw a", text="text a")
    last = draw(
        store, picture("blue"), id="b", prompt="a dog", continues="a", prompt_sent="【2:3】a dog"
    )
    said = conversation_turns(store, last)
    assert [(turn.role, turn.text) for turn in said] == [
        ("user", "a cat"),
        ("assistant", "text a"),
        ("user", "【2:3】a dog"),
        ("assistant", ""),
    ]
    assert said[1].raw == "raw a"
    assert said[1].pictures[0].drawing == "a"


def test_a_damaged_history_that_goes_in_circles_ends(store):
    draw(store, id="a", prompt="first", continues="b")
    last = draw(store, id="b", prompt="second", continues="a")
    assert {turn.text for turn in conversation_turns(store, last)} >= {"first", "second"}


def test_a_missing_picture_is_said(store):
    last = draw(store, picture(), prompt="a cat")
    store.path(last.pictures[0].sha256).unlink()
    with pytest.raises(HistoryError, match=r"is not in cats\.draws"):
        conversation_turns(store, last)
