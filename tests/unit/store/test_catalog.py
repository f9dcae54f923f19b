"""The user's list of histories, by which a notebook far from its history finds it."""

from __future__ import annotations

import json
import shutil

import pytest

import nbext
from nbext.cli.check import check
from nbext.config.settings import Nbext
from nbext.data.cell import Cell
from nbext.session.session import Session
from nbext.store import catalog
from nbext.store.catalog import Catalog

CELLS = {"1b2c3d4e": "%%draw\na cat", "2b2c3d4e": "%%edit\na hat", "3b2c3d4e": "%%draw\na dog"}


@pytest.fixture
def relay(counting_relay, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NBEXT_BASE_URL", counting_relay.base)
    monkeypatch.setenv("NBEXT_API_KEY", "sk-none")
    monkeypatch.setenv("NBEXT_MODEL", "gpt-image-1")
    return counting_relay


@pytest.fixture
def opened():
    """Open sessions, and close them after the test."""
    sessions = []

    def open_(folder, name="own", *, notebook=True, **chosen):
        path = folder / f"{name}.ipynb" if notebook else None
        settings = Nbext(model="gpt-image-1", **chosen)
        sessions.append(Session(folder / f"{name}.draws", chosen=settings, notebook=path))
        return sessions[-1]

    yield open_
    for session in sessions:
        session.run(session.close())
        session.runner.close()


def far(tmp_path, name):
    """A folder that is not near the others."""
    folder = tmp_path / name / "x" / "y" / "z"
    folder.mkdir(parents=True)
    return folder


def write(path, cells):
    cells = [
        {"cell_type": "code", "id": id_, "source": source, "metadata": {}, "outputs": []}
        for id_, source in cells.items()
    ]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}))
    return path


def show(notebook, history):
    """Save in each cell of a notebook what a history has drawn in it."""
    book = json.loads(notebook.read_text())
    for cell, drawing in zip(book["cells"], nbext.open(history), strict=True):
        about = {"id": drawing.record.id}
        output = {"output_type": "display_data", "data": {}, "metadata": {"nbext": about}}
        cell["outputs"] = [output]
    notebook.write_text(json.dumps(book))


def run(session, cells):
    pictures = []
    for count, (id_, source) in enumerate(cells.items(), start=1):
        session.cell = lambda id_=id_, count=count: Cell(id=id_, execution_count=count)
        fields = {"images": ["@-1"]} if source.startswith("%%edit") else {}
        pictures.append(session.draw(source.split("\n")[1], **fields).pictures[0].sha256)
    return pictures


@pytest.fixture
def original(tmp_path, relay, opened):
    """A folder with a notebook whose cells have run, and what they showed."""
    folder = far(tmp_path, "first")
    write(folder / "own.ipynb", CELLS)
    return folder, run(opened(folder), CELLS)


def renamed(cells):
    return {str(n): source for n, source in enumerate(cells.values())}


@pytest.mark.parametrize("what", ["moved", "other ids", "copied with outputs"])
def test_a_notebook_far_from_its_history(original, tmp_path, relay, opened, what, capsys):
    folder, shown = original
    there = far(tmp_path, "second")
    cells = renamed(CELLS) if what == "other ids" else CELLS
    notebook = write(there / "own.ipynb", cells)
    if what == "copied with outputs":
        show(notebook, folder / "own.draws")
    else:
        (folder / "own.ipynb").unlink()
    assert {finding.verdict for finding in check(notebook, with_key=True)} == {"replayed"}
    session = opened(there)
    assert run(session, cells) == shown
    assert relay.paid == 3
    assert "~/first/x/y/z/own.draws" in capsys.readouterr().err
    # It is whole without the other.
    shutil.rmtree(folder)
    assert session.history.verify().ok
    assert run(opened(there), cells) == shown
    assert relay.paid == 3


def test_a_copy_without_outputs_is_a_new_notebook(original, tmp_path, relay, opened):
    there = far(tmp_path, "second")
    write(there / "own.ipynb", CELLS)
    run(opened(there), CELLS)
    assert relay.paid == 6


def test_a_history_in_a_folder_that_the_user_names(original, tmp_path, relay, opened):
    """The user says where it is."""
    folder, _ = original
    (folder / "own.ipynb").unlink()
    there = far(tmp_path, "second")
    write(there / "own.ipynb", CELLS)
    run(opened(there, history_folder=str(there / "own.draws")), CELLS)
    assert relay.paid == 6
    assert len([*(tmp_path / "state" / "nbext" / "histories").iterdir()]) == 1


def test_a_request_in_common_is_no_reason(original, tmp_path, relay, opened):
    there = far(tmp_path, "second")
    cells = {"9b2c3d4e": "%%draw\na cat", "8b2c3d4e": "%%draw\na bird"}
    write(there / "new.ipynb", cells)
    run(opened(there, "new"), cells)
    assert relay.paid == 5


def test_a_long_prompt_in_common_is_one(original, tmp_path, relay, opened):
    folder, _ = original
    long = {"4b2c3d4e": "%%draw\n" + "a lighthouse at dusk, seen from the sea, with gulls " * 2}
    [shown] = run(opened(folder), long)
    (folder / "own.ipynb").unlink()
    there = far(tmp_path, "second")
    write(there / "new.ipynb", renamed(long))
    assert run(opened(there, "new"), renamed(long)) == [shown]
    assert relay.paid == 4


@pytest.mark.parametrize("source", ["the notebook's own code", "other code"])
def test_a_program_elsewhere_runs_it(original, tmp_path, relay, opened, monkeypatch, source):
    """Its kernel knows neither the notebook nor the cell, but what it has run so far."""
    _, shown = original
    inputs = (
        [*CELLS.values()][:1] if source == "the notebook's own code" else ["nbext.draw('a cat')"]
    )
    monkeypatch.setattr("nbext.session.session.inputs_of", lambda _: inputs)
    session = opened(far(tmp_path, "third"), "nbext", notebook=False)
    [picture] = run(session, {"": "%%draw\na cat"})
    assert (picture == shown[0], relay.paid) == (
        (True, 3) if inputs[0] in CELLS.values() else (False, 4)
    )


def test_a_notebook_that_became_a_script(original, tmp_path, relay, opened):
    folder, shown = original
    (folder / "own.ipynb").unlink()
    there = far(tmp_path, "second")
    text = "import nbext\ncat = nbext.draw('a cat')\ncat.edit('a hat')\n"
    (there / "own.py").write_text(text)
    assert run(opened(there, notebook=False), renamed(CELLS))[:2] == shown[:2]


def test_who_does_not_want_it(original, tmp_path, relay, opened):
    (original[0] / "own.ipynb").unlink()
    there = far(tmp_path, "second")
    write(there / "own.ipynb", CELLS)
    run(opened(there, catalog=False), CELLS)
    assert relay.paid == 6
    assert len([*(tmp_path / "state" / "nbext" / "histories").iterdir()]) == 1


def test_what_is_in_it(original, tmp_path, opened, relay):
    folder, _ = original
    [file] = (tmp_path / "state" / "nbext" / "histories").iterdir()
    head, *names, end = file.read_text().split("\n")
    assert json.loads(head) == str(folder / "own.draws")
    assert end == ""
    # The edit has one more: by the bytes of its reference.
    assert len(names) == 4
    assert all(len(name) == 16 and set(name) <= set("0123456789abcdef") for name in names)
    assert file.stat().st_mode & 0o077 == 0
    # Shown again, nothing is added.
    before = file.read_bytes()
    run(opened(folder), CELLS)
    assert file.read_bytes() == before
    # A history from elsewhere is listed when it is first shown.
    file.unlink()
    run(opened(folder), CELLS)
    assert sorted(file.read_text().split("\n")) == sorted(before.decode().split("\n"))


def test_a_damaged_list_finds_nothing(original, tmp_path, relay):
    place = tmp_path / "state" / "nbext" / "histories"
    [file] = place.iterdir()
    name = file.read_text().split("\n")[1]
    (place / "a.txt").write_bytes(b"\xff\xfe\n" + name.encode())
    (place / "b.txt").write_text(f"[1]\n{name}\n")
    (place / "c.txt").write_text("")
    (place / "d.txt").mkdir()
    (place / "e.txt").write_text(f'"{tmp_path / "gone"}"\n{name}\n')
    assert Catalog(lambda: True).holding([name + "0" * 48]) == [original[0] / "own.draws"]


def test_the_oldest_are_forgotten(original, tmp_path, relay, opened, monkeypatch):
    monkeypatch.setattr(catalog, "MAX_HISTORIES", 2)
    for name in ("second", "third"):
        folder = far(tmp_path, name)
        write(folder / "own.ipynb", {})
        run(opened(folder), {"": f"%%draw\n{name}"})
    assert len([*(tmp_path / "state" / "nbext" / "histories").iterdir()]) == 2


@pytest.mark.parametrize(
    ("platform", "environ", "place"),
    [
        ("linux", {"XDG_STATE_HOME": "/state"}, "/state/nbext"),
        ("linux", {"HOME": "/home/me"}, "/home/me/.local/state/nbext"),
        ("darwin", {"HOME": "/me"}, "/me/Library/Application Support/nbext"),
        ("win32", {"LOCALAPPDATA": "/me/local"}, "/me/local/nbext"),
        ("win32", {"HOME": "/me"}, "/me/AppData/Local/nbext"),
    ],
)
def test_where_it_is(monkeypatch, platform, environ, place):
    for variable in ("XDG_STATE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(catalog.sys, "platform", platform)
    assert str(catalog.state_folder()) == place
