"""A notebook gets its name when there is something in it, and takes its history along."""

from __future__ import annotations

import shutil

import nbformat
import pytest
from nbclient import NotebookClient

DRAW = "%%draw\n画只猫"


@pytest.fixture
def untitled(kernels, tmp_path):
    """A notebook that was drawn in, as the editor has saved it."""
    kernel = kernels(JPY_SESSION_NAME=str(tmp_path / "Untitled.ipynb"))
    kernel.run("%load_ext nbext", cell="c1")
    output = kernel.run(DRAW, cell="c2").outputs[-1]
    kernel.stop()
    cell = nbformat.v4.new_code_cell(DRAW, id="c2")
    cell.outputs = [
        nbformat.v4.new_output("display_data", output["data"], metadata=output["metadata"])
    ]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("%load_ext nbext", id="c1"), cell]
    )
    nbformat.write(notebook, tmp_path / "Untitled.ipynb")
    return tmp_path / "Untitled.ipynb"


def test_a_renamed_notebook_brings_its_history(kernels, untitled):
    named = untitled.rename(untitled.with_name("cats.ipynb"))
    kernel = kernels(JPY_SESSION_NAME=str(named))
    kernel.run("%load_ext nbext\nimport nbext", cell="c1")
    ran = kernel.run(DRAW, cell="c2")
    assert ran.replayed == [1]
    assert "Untitled.draws was renamed to cats.draws" in ran.text
    assert kernel.value("len(nbext.history)") == "1"
    assert not untitled.with_suffix(".draws").exists()
    assert (named.with_suffix(".draws") / "history.jsonl").is_file()


def test_a_copy_has_a_history_of_its_own(kernels, untitled):
    shutil.copy(untitled, untitled.with_name("copy.ipynb"))
    kernel = kernels(JPY_SESSION_NAME=str(untitled.with_name("copy.ipynb")))
    kernel.run("%load_ext nbext", cell="c1")
    assert kernel.run(DRAW, cell="c2").replayed == [1]
    kernel.run(DRAW, cell="c2")
    histories = [untitled.with_suffix(".draws"), untitled.with_name("copy.draws")]
    drawings = [(path / "history.jsonl").read_text().count("drawing") for path in histories]
    assert drawings == [1, 2]


def test_it_is_found_where_nobody_names_the_notebook(untitled, forked, tmp_path, monkeypatch):
    named = untitled.rename(untitled.with_name("cats.ipynb"))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    notebook = nbformat.read(named, as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    pictures = [
        o.data["image/png"] for o in notebook.cells[1].outputs if "image/png" in o.get("data", {})
    ]
    saved = nbformat.read(named, as_version=4).cells[1].outputs[0].data["image/png"]
    assert [picture.strip() for picture in pictures] == [saved.strip()]
    assert [path.name for path in tmp_path.glob("*.draws")] == ["cats.draws"]
