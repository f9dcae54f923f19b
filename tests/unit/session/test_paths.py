"""A relative path starts at the notebook's folder, wherever the notebook is run from."""

from __future__ import annotations

import pytest

import nbext
from nbext.drawings.open import open_history
from nbext.session import current
from tests.records import picture
from tests.relay import Relay
from tests.sessions import at_work


@pytest.fixture
def session(tmp_path, monkeypatch):
    relay = Relay()
    relay.pictures(picture())
    (tmp_path / "notes").mkdir()
    (tmp_path / "elsewhere").mkdir()
    with at_work(relay, tmp_path / "notes", monkeypatch) as session:
        monkeypatch.setattr(current, "_session", session)
        monkeypatch.setattr(current, "_looking", False)
        monkeypatch.chdir(tmp_path / "elsewhere")
        yield session
    relay.stop()


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != "cats.draws")


def test_all_that_is_written_lies_beside_the_notebook_and_is_read_from_there(session, tmp_path):
    notes = tmp_path / "notes"
    drawing = nbext.draw("a cat", model="gpt-4o-image")
    assert drawing.save("two.png") == notes / "two.png"
    assert drawing.pictures[0].save("three") == notes / "three.png"
    assert nbext.history[:].save("all") == [notes / "all" / "1.png"]
    assert nbext.history.to_html("page.html") == notes / "page.html"
    assert nbext.history.to_zip("study") == notes / "study.zip"
    sweep = nbext.sweep("a {x}", x=["cat"], model="gpt-4o-image", yes=True)
    assert sweep.to_html("sweep.html") == notes / "sweep.html"
    assert names(tmp_path / "elsewhere") == []
    assert names(notes) == [
        *("all", "page.html", "study.zip", "sweep.html", "three.png", "two.png")
    ]
    assert nbext.read("two.png").prompt == "a cat"
    assert nbext.open("study.zip")[1].prompt == "a cat"
    edited = nbext.draw("a hat", images=["two.png"], model="gpt-4o-image")
    assert edited.record.references[0].source == "two.png"
    # An absolute path is what it is.
    assert drawing.save(tmp_path / "elsewhere" / "x.png").parent == tmp_path / "elsewhere"


def test_without_a_notebook_at_work_it_starts_at_the_working_directory(session, tmp_path):
    nbext.draw("a cat", model="gpt-4o-image")
    other = open_history(tmp_path / "notes" / "cats.draws")
    other[1].save("a.png")
    other.to_html("a.html")
    assert names(tmp_path / "elsewhere") == ["a.html", "a.png"]
