"""A history that the code of 2026-11-29 recorded, before its files moved: nothing of it is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nbext.config.settings import Nbext
from nbext.drawings.history import History
from nbext.drawings.open import open_history
from nbext.errors import ReplayError
from nbext.session.session import Session
from nbext.store.store import Store
from tests.records import draw, picture

RECORDED = Path(__file__).with_name("before_rooms")


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(RECORDED / "cats.draws", tmp_path / "cats.draws"))


def check(history):
    assert [(d.number, d.kind, d.prompt, len(d.pictures)) for d in history] == [
        (1, "draw", "画只猫", 1),
        (2, "draw", "a hat", 1),
        (3, "draw", "a dog", 1),
        (4, "draw", "a dog", 1),
        (5, "chat", "Hello", 0),
        (6, "draw", "a cat", 0),
    ]
    assert history[2].parents == [history[1]]
    assert (history[2].tags, history[2].note, history[1].starred) == (
        ["final", "hat"],
        "good",
        True,
    )
    assert history[6].error.type == "ModerationError"
    assert history[1].image.size == (64, 64)
    report = history.verify()
    assert report.ok, report


def test_it_opens_and_verifies(folder):
    before = (folder / "history.jsonl").read_bytes()
    check(open_history(folder))
    check(History(Store(folder)))
    assert (folder / "history.jsonl").read_bytes() == before


def test_its_archive_opens_and_verifies():
    check(open_history(RECORDED / "cats.zip"))


def test_it_replays(folder):
    chosen = Nbext()
    chosen.replay = "only"
    session = Session(folder, chosen=chosen)
    cat = session.draw("画只猫", model="gpt-image-1", size="64x64")
    assert (cat.number, cat.replayed) == (1, True)
    hat = session.draw("a hat", model="gpt-image-1", size="64x64", images=[cat])
    assert (hat.number, hat.replayed) == (2, True)
    dogs = session.draw("a dog", model="gpt-image-1", size="64x64", n=2)
    assert [d.number for d in dogs] == [3, 4]
    assert session.draw("Hello", kind="chat").number == 5
    with pytest.raises(ReplayError):
        session.draw("a cat", model="embedded-refuses")


def test_it_goes_on_and_merges(folder, tmp_path):
    assert draw(Store(folder), picture()).number == 7
    ours = Store(tmp_path / "ours.draws")
    draw(ours, prompt="ours")
    history = History(ours)
    merged = history.merge(RECORDED / "cats.draws")
    assert (merged.added, merged.missing) == ([2, 3, 4, 5, 6, 7], [])
    assert history[3].parents == [history[2]]
    assert history[3].tags == ["final", "hat"]
    assert history.verify().ok
    assert history.merge(RECORDED / "cats.zip").added == []
