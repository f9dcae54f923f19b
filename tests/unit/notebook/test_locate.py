"""Which notebook it is, and where its history goes."""

from __future__ import annotations

import itertools
import json
import os
import sys
import types
from pathlib import Path

import pytest

from nbext.notebook.locate import history_folder, notebook_path
from nbext.notebook.neighbours import beside, draws_of


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    for name in ("NBEXT_NOTEBOOK", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shell(**names):
    return types.SimpleNamespace(user_ns=names)


@pytest.mark.parametrize(
    ("named", "environ", "names", "expected"),
    [
        ("a.ipynb", {"NBEXT_NOTEBOOK": "b.ipynb"}, {}, "a.ipynb"),
        ("a", {}, {}, "a.ipynb"),
        ("cats.v2", {}, {}, "cats.v2.ipynb"),
        ("pairs.py", {}, {}, "pairs.py"),
        ("new/folder/a.ipynb", {}, {}, "new/folder/a.ipynb"),
        (
            "",
            {"NBEXT_NOTEBOOK": "b", "JPY_SESSION_NAME": "d.ipynb"},
            {"__vsc_ipynb_file__": "c.ipynb"},
            "b.ipynb",
        ),
        ("", {"JPY_SESSION_NAME": "d.ipynb"}, {"__vsc_ipynb_file__": "c.ipynb"}, "c.ipynb"),
        ("", {"JPY_SESSION_NAME": "d.ipynb"}, {"__session__": "e.ipynb"}, "d.ipynb"),
        ("", {}, {"__session__": "e.ipynb"}, "e.ipynb"),
        ("", {"JPY_SESSION_NAME": "console-1-abc"}, {}, None),
        ("", {}, {"__session__": 7}, None),
        ("", {}, {}, None),
    ],
)
def test_who_says_which_notebook_it_is(named, environ, names, expected):
    path = notebook_path(shell(**names), named, environ)
    assert path == (Path(expected) if expected else None)


def test_a_servers_path_is_found_from_the_notebooks_folder(here):
    """The kernel runs in ``sub``; the server speaks of ``sub/cats.ipynb``."""
    session = {"JPY_SESSION_NAME": "sub/cats.ipynb"}
    assert notebook_path(shell(), "", session) == Path("cats.ipynb")
    (here / "sub").mkdir()
    assert notebook_path(shell(), "", session) == Path("sub/cats.ipynb")
    (here / "cats.ipynb").touch()
    assert notebook_path(shell(), "", session) == Path("cats.ipynb")
    (here / "sub" / "cats.ipynb").touch()
    assert notebook_path(shell(), "", session) == Path("sub/cats.ipynb")


def test_a_script_that_a_notebook_starts_has_a_history_of_its_own(monkeypatch, here):
    monkeypatch.setenv("JPY_SESSION_NAME", str(here / "cats.ipynb"))
    monkeypatch.setitem(sys.modules, "__main__", types.SimpleNamespace(__file__="tools/batch.py"))
    assert notebook_path(None) is None
    assert history_folder(None) == here / "tools" / "batch.draws"
    assert history_folder(shell()) == here / "cats.draws"


def test_where_the_history_goes(monkeypatch, here):
    assert history_folder(shell()) == here / "nbext.draws"
    assert history_folder(shell(), "cats") == here / "cats.draws"
    assert history_folder(shell(), "cats", "kept") == here / "kept"
    monkeypatch.setenv("HOME", str(here / "home"))
    assert history_folder(shell(), "", "~/kept") == here / "home" / "kept"
    monkeypatch.setitem(sys.modules, "__main__", types.SimpleNamespace())
    assert history_folder(None) == here / "nbext.draws"


def renamed(folder, *histories, shows="0123456789abcdef0123"):
    """A notebook that shows a drawing, beside histories that hold it."""
    metadata = {"nbext": {"drawings": [{"id": shows}, {"id": 7}, None]}}
    output = {"output_type": "display_data", "data": {"text/plain": ""}, "metadata": metadata}
    cell = {"cell_type": "code", "source": "", "outputs": [output, {"data": {}, "metadata": []}]}
    (folder / "cats.ipynb").write_text(json.dumps({"cells": [cell], "nbformat": 4}))
    for name in histories:
        (folder / f"{name}.draws").mkdir()
        line = json.dumps({"type": "drawing", "id": "0123456789abcdef0123"})
        (folder / f"{name}.draws" / "history.jsonl").write_text(f"{line}\n")
    return draws_of(folder / "cats.ipynb").name


def test_what_a_renamed_notebook_has_left_behind_is_its_history(here):
    assert renamed(here, "Untitled") == "Untitled.draws"


def test_nothing_else_is(here):
    # Of what is shown nothing is there; it is another's; it may be either of two.
    assert renamed(here, "other", shows="f" * 20) == "cats.draws"
    (here / "other.ipynb").write_text("{}")
    assert renamed(here, "nbext") == "cats.draws"
    assert renamed(here, "one", "two") == "cats.draws"
    assert renamed(here, "cats") == "cats.draws"


def test_histories_in_a_folder_are_those_that_are_there_now(here):
    """A folder that has not changed for long is not listed again; its histories are looked at."""

    def add(name):
        (here / f"{name}.draws").mkdir()
        (here / f"{name}.draws" / "history.jsonl").touch()

    times = itertools.count(1000)

    def grown_old(time=None):
        time = time or next(times)
        os.utime(here, (time, time))
        return [path.name for path in beside(here)]

    assert grown_old() == []
    add("b")
    assert [path.name for path in beside(here)] == ["b.draws"]
    assert grown_old(5000) == ["b.draws"]
    (here / "b.draws" / "history.jsonl").unlink()
    assert grown_old(5000) == []
    (here / "b.draws" / "history.jsonl").touch()
    assert grown_old(5000) == ["b.draws"]
    add("a")
    assert [path.name for path in beside(here)] == ["a.draws", "b.draws"]
    (here / "b.draws").rename(here / "c.draws")
    assert [path.name for path in beside(here)] == ["a.draws", "c.draws"]
    assert beside(here / "nowhere") == []
