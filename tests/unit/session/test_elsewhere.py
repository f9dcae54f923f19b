"""Before a notebook pays, the histories near it are looked through."""

from __future__ import annotations

import json
import os
import shutil
import time
import zipfile

import pytest

import nbext
from nbext.cli.check import check
from nbext.config.settings import Nbext
from nbext.data.cell import Cell
from nbext.errors import NbextError, ReplayError
from nbext.session.session import Session


@pytest.fixture
def relay(counting_relay, monkeypatch):
    monkeypatch.setenv("NBEXT_BASE_URL", counting_relay.base)
    monkeypatch.setenv("NBEXT_API_KEY", "sk-none")
    return counting_relay


_sessions = []


@pytest.fixture(autouse=True)
def _no_session_is_left():
    """Closes what a test has opened: a connection that is left would fail another test."""
    yield
    while _sessions:
        session = _sessions.pop()
        session.run(session.close())
        session.runner.close()


def kernel(folder, name, *, model="gpt-image-1", source="NBEXT_MODEL"):
    """A session of a notebook in a folder; nothing of it is running."""
    chosen = Nbext()
    chosen.put("model", model, source)
    notebook = folder / f"{name}.ipynb"
    _sessions.append(Session(folder / f"{name}.draws", chosen=chosen, notebook=notebook))
    return _sessions[-1]


def draw(session, prompt, cell="", count=1, **fields):
    session.cell = lambda: Cell(id=cell, execution_count=count)
    return session.draw(prompt, **fields).pictures[0].sha256


def day(folder, name="own"):
    """A picture, its edit, and another one by the same words."""
    session = kernel(folder, name)
    return [
        draw(session, "a cat", "A"),
        draw(session, "a hat", "B", images=["@-1"]),
        draw(session, "a cat", "C"),
    ]


def again(session, cells=("A", "B", "C")):
    return [
        draw(session, "a cat", cells[0]),
        draw(session, "a hat", cells[1], images=["@-1"]),
        draw(session, "a cat", cells[2]),
    ]


def test_another_notebook_of_the_folder_holds_it(tmp_path, relay, capsys):
    shown = day(tmp_path)
    session = kernel(tmp_path, "copy")
    assert again(session) == shown
    assert relay.paid == 3
    assert [d.number for d in session.history] == [1, 2, 3]
    assert capsys.readouterr().err.count("3 drawings of own.draws are replayed here") == 1
    # It is whole without the other, and the pictures are there once.
    linked = next((tmp_path / "copy.draws" / "pictures").rglob("*.png"))
    assert linked.stat().st_nlink == 2
    shutil.rmtree(tmp_path / "own.draws")
    assert again(kernel(tmp_path, "copy")) == shown
    assert session.history.verify().ok
    assert relay.paid == 3


@pytest.mark.parametrize("cells", [("", "", ""), ("x", "y", "z")])
def test_its_cells_have_other_ids_or_none(tmp_path, relay, cells):
    shown = day(tmp_path)
    session = kernel(tmp_path, "stripped")
    assert again(session, cells) == shown
    assert relay.paid == 3
    assert session.history.verify().ok


def test_only_what_is_asked_for_comes_from_another_notebook(tmp_path, relay):
    day(tmp_path)
    session = kernel(tmp_path, "new")
    assert draw(session, "a dog", "x")
    draw(session, "a hat", "y", images=["@-1"])
    assert relay.paid == 5
    draw(session, "a cat", "z")
    assert relay.paid == 5
    # And run again, it is another take.
    draw(session, "a cat", "z", count=2)
    assert relay.paid == 6
    assert [d.prompt for d in session.history] == ["a dog", "a hat", "a cat", "a cat", "a cat"]
    assert session.history.verify().ok


def test_fresh_and_sketches(tmp_path, relay, monkeypatch):
    day(tmp_path)
    draw(kernel(tmp_path, "copy"), "a cat", "A", fresh=True)
    assert relay.paid == 4
    monkeypatch.setenv("NBEXT_ENDPOINT", "embedded")
    draw(kernel(tmp_path, "sketch"), "a bird", "A")
    monkeypatch.delenv("NBEXT_ENDPOINT")
    draw(kernel(tmp_path, "other"), "a bird", "A")
    assert relay.paid == 5


def test_a_disk_without_links(tmp_path, relay, monkeypatch):
    def refuse(*_):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    shown = day(tmp_path)
    assert again(kernel(tmp_path, "copy")) == shown
    assert relay.paid == 3


def test_moved_to_another_folder(tmp_path, relay):
    (tmp_path / "project").mkdir()
    (tmp_path / "archive").mkdir()
    shown = draw(kernel(tmp_path / "project", "own"), "a cat", "1b2c3d4e")
    assert draw(kernel(tmp_path / "archive", "own"), "a cat", "1b2c3d4e") == shown
    assert relay.paid == 1
    # Another's request, by chance or by a copy of a colleague, is no reason to look that far.
    (tmp_path / "bob").mkdir()
    draw(kernel(tmp_path / "bob", "own"), "a cat", "q")
    (tmp_path / "project" / "own.ipynb").touch()
    (tmp_path / "archive" / "own.ipynb").touch()
    draw(kernel(tmp_path / "bob", "other"), "a cat", "1b2c3d4e", fresh=True)
    assert relay.paid == 3


def shows(path, drawing, cell="A"):
    """Save a notebook that shows a drawing."""
    about = {"id": drawing.id, "number": drawing.number, "prompt": drawing.prompt}
    about |= {"model": drawing.model}
    output = {"output_type": "display_data", "data": {}, "metadata": {"nbext": about}}
    cell = {"cell_type": "code", "id": cell, "source": "", "metadata": {}, "outputs": [output]}
    path.write_text(json.dumps({"cells": [cell], "nbformat": 4, "nbformat_minor": 5}))


def test_it_stops_where_the_notebook_shows_what_no_history_holds(tmp_path, relay):
    session = kernel(tmp_path, "own")
    draw(session, "a cat", "A")
    (tmp_path / "mail").mkdir()
    shows(tmp_path / "mail" / "own.ipynb", session.history[1])
    shutil.move(tmp_path / "own.draws", tmp_path / "own.draws.bak")
    there = kernel(tmp_path / "mail", "own")
    with pytest.raises(ReplayError, match=r"shows @1.* cost money again") as stopped:
        draw(there, "a cat", "A")
    assert "fresh=True" in stopped.value.remedy
    assert relay.paid == 1
    draw(there, "a dog", "B")
    draw(there, "a cat", "A", fresh=True)
    draw(there, "a cat", "A", count=2)
    assert relay.paid == 4


def test_another_default_model(tmp_path, relay, capsys):
    shown = day(tmp_path)
    session = kernel(tmp_path, "own", model="gpt-image-1.5")
    assert again(session) == shown
    assert relay.paid == 3
    assert "drawn with gpt-image-1" in capsys.readouterr().err
    # Run again it is another take, of the model that is the default now.
    draw(session, "a cat", "A", count=2)
    assert session.history[-1].model == "gpt-image-1.5"
    assert relay.paid == 4


def test_another_model_by_name_is_another_request(tmp_path, relay):
    day(tmp_path)
    draw(kernel(tmp_path, "own"), "a cat", "A", model="gpt-image-1.5")
    draw(kernel(tmp_path, "own", model="gpt-image-1.5", source="%config"), "a hat", "Q")
    assert relay.paid == 5


def notebook_of(path, cells):
    cells = [
        {"cell_type": "code", "id": id_, "source": source, "metadata": {}, "outputs": []}
        for id_, source in cells.items()
    ]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}))


@pytest.mark.parametrize(
    "prompts", [("a dog with a hat", "a bird with a hat"), ("with a hat",) * 2]
)
@pytest.mark.parametrize("how", ["-i @2", "-i @1 -i @2", "-c @2"])
def test_a_number_that_two_branches_have_given(tmp_path, relay, monkeypatch, how, prompts):
    """After a union merge each branch's cell still means its own drawing."""
    names = [word for word in how.split() if word.startswith("@")]
    fields = {"images": names} if "-i" in how else {"continues": names[0]}
    base = kernel(tmp_path, "own")
    draw(base, "a cat", "A")
    shutil.copytree(tmp_path / "own.draws", tmp_path / "theirs")
    theirs = kernel(tmp_path, "theirs")
    theirs.open_folder(tmp_path / "theirs")
    shown = []
    for session, word, prompt in zip((base, theirs), ("dog", "bird"), prompts, strict=True):
        draw(session, f"a {word}", f"{word} 1")
        shown.append(draw(session, prompt, f"{word} 2", **fields))
    lines = (tmp_path / "theirs" / "history.jsonl").read_text().splitlines(keepends=True)
    with (tmp_path / "own.draws" / "history.jsonl").open("a") as file:
        file.writelines(lines[2:])
    shutil.copytree(
        tmp_path / "theirs" / "pictures", tmp_path / "own.draws" / "pictures", dirs_exist_ok=True
    )
    cells = {f"{word} 2": f"%%draw {how}\n{prompt}" for word, prompt in zip(("bird", "dog"), prompts[::-1], strict=True)}  # fmt: skip
    notebook_of(tmp_path / "own.ipynb", {"load": "%load_ext nbext"} | cells)
    monkeypatch.setenv("NBEXT_MODEL", "gpt-image-1")
    paid = relay.paid
    for renumbered in (False, True):
        merged = kernel(tmp_path, "own")
        if renumbered:
            assert merged.history.renumber()
        again = [
            draw(merged, prompt, f"{word} 2", **fields)
            for word, prompt in zip(("bird", "dog"), prompts[::-1], strict=True)
        ]
        assert again == shown[::-1]
        findings = check(tmp_path / "own.ipynb")
        ids = [d.id for d in merged.history if d.prompt in prompts]
        numbers = [merged.store.record(id_).number for id_ in reversed(ids)]
        assert [f.reason for f in findings] == [f"replayed @{number}" for number in numbers]
    assert relay.paid == paid
    assert kernel(tmp_path, "own").history.verify().ok


def test_an_archive_names_no_folder(tmp_path, relay):
    session = kernel(tmp_path, "own")
    draw(session, "a cat", "vscode-notebook-cell:/home/zora/own.ipynb#W1sZmlsZQ%3D%3D")
    archive = session.history.to_zip(tmp_path / "own.zip", gallery=False)
    assert b"zora" not in zipfile.ZipFile(archive).read("history.jsonl")
    assert nbext.open(archive).verify().ok


def test_methods_and_archive_carry_what_verify_takes(tmp_path, relay):
    session = kernel(tmp_path, "own")
    draw(session, "a cat", "A")
    manifest = session.history.manifest
    assert f"`{manifest}`" in session.history.methods()
    archive = nbext.open(session.history.to_zip(tmp_path / "own.zip", gallery=False))
    text = zipfile.ZipFile(tmp_path / "own.zip").read("METHODS.md").decode()
    assert f"`{archive.manifest}`" in text
    assert archive.verify(manifest=archive.manifest).ok
    draw(session, "a dog", "B")
    lines = (tmp_path / "own.draws" / "history.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "own.draws" / "history.jsonl").write_bytes(b"".join(lines[2:]))
    assert not nbext.open(tmp_path / "own.draws").verify(manifest=manifest).ok


def test_a_list_of_models_is_there_offline(tmp_path, relay, endpoint, monkeypatch):
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
    session = kernel(tmp_path, "own")
    listed = session.run(session.recorded_models())
    assert listed
    monkeypatch.setenv("NBEXT_BASE_URL", "http://127.0.0.1:9/v1")
    later = kernel(tmp_path, "own")
    assert later.run(later.recorded_models()) == listed
    later.settings.replay = "only"
    assert later.run(later.recorded_models()) == listed
    new = kernel(tmp_path, "new")
    with pytest.raises(NbextError):
        new.run(new.recorded_models())
    assert later.history.verify().ok


def test_a_notebook_that_was_reverted(tmp_path, relay):
    """It shows what its file shows, if that was saved after what was drawn since."""
    session = kernel(tmp_path, "own")
    first = draw(session, "a cat", "1b2c3d4e")
    latest = draw(session, "a cat", "1b2c3d4e", count=2)
    notebook = tmp_path / "own.ipynb"
    shows(notebook, session.history[1], cell="1b2c3d4e")
    for later, shown in ((0, latest), (3600, first)):
        os.utime(notebook, (notebook.stat().st_atime, time.time() + later))
        assert draw(kernel(tmp_path, "own"), "a cat", "1b2c3d4e") == shown
    # Saved again, with the latest.
    shows(notebook, session.history[2], cell="1b2c3d4e")
    os.utime(notebook, (notebook.stat().st_atime, time.time() + 3600))
    assert draw(kernel(tmp_path, "own"), "a cat", "1b2c3d4e") == latest
    assert relay.paid == 2
