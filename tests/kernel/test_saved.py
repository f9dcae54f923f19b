"""What a saved notebook holds."""

from __future__ import annotations

import base64
import os

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.usefixtures("forked")


def execute(folder, *cells, **environ):
    from tests.kernel.conftest import HURRY, ROOT

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    env = {
        k: v for k, v in os.environ.items() if not k.startswith(("NBEXT_", "OPENAI_", "LITELLM_"))
    }
    env |= {"PYTHONPATH": str(ROOT), "HOME": str(folder), "IPYTHONDIR": str(folder)}
    env["NBEXT_NOTEBOOK"] = str(folder / "cats.ipynb")
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(folder)}})
    client.execute(env=env | HURRY | environ)
    nbformat.write(notebook, folder / "cats.ipynb")
    return notebook


def test_it_grows_by_the_picture_and_little_else(tmp_path):
    notebook = execute(tmp_path, "%load_ext nbext", "%%draw\n画只猫")
    picture = next((tmp_path / "cats.draws" / "pictures").rglob("*.png"))
    empty = len(nbformat.writes(execute(tmp_path, "%load_ext nbext", "1")))
    grown = len(nbformat.writes(notebook)) - empty
    assert grown <= 1.4 * picture.stat().st_size
    assert "widgets" not in notebook.metadata
    pictures = [o for o in notebook.cells[1].outputs if "image/png" in o.get("data", {})]
    assert len(pictures) == 1
    assert base64.b64decode(pictures[0].data["image/png"]) == picture.read_bytes()
    assert "text/html" not in pictures[0].data


def test_run_again_it_shows_the_same(tmp_path):
    cells = ("%load_ext nbext", "%%draw\n画只猫", "%%edit\n加一顶帽子")
    first = execute(tmp_path, *cells)
    second = execute(tmp_path, *cells, NBEXT_REPLAY="only")
    for one, other in zip(first.cells[1:], second.cells[1:], strict=True):
        assert one.outputs == other.outputs


def test_looking_changes_nothing(tmp_path):
    """git status is clean after Restart & Run All."""
    cells = (
        "%load_ext nbext\nimport nbext",
        "%%draw --as cat\n画只猫",
        "cat.star().tag('final')\ncat.note = 'the hat is whole'",
        "%%edit\n加一顶帽子",
        "%%draw -n 2\na dog",
        "%%chat\nhello",
        "%%sweep --axis animal=cat,dog\na {animal} in ink",
        "nbext.history[1]",
        "%nbext tag @2 good",
        "nbext.draw('a bird')",
    )
    first = execute(tmp_path, *cells)
    folder = tmp_path / "cats.draws"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    second = execute(tmp_path, *cells)
    for one, other in zip(first.cells, second.cells, strict=True):
        assert one.outputs == other.outputs, one.source
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_disk_that_refuses_still_shows_the_picture(tmp_path):
    (tmp_path / "cats.draws").write_text("a file where the folder should be")
    notebook = execute(tmp_path, "%load_ext nbext", "%%draw\n画只猫")
    outputs = notebook.cells[1].outputs
    assert any("image/png" in o.get("data", {}) for o in outputs)
    warning = "".join(o.get("text", "") for o in outputs)
    assert "could not be saved" in warning
    assert len(warning.strip().splitlines()) == 1


def test_run_again_as_it_is_sends_nothing(tmp_path):
    cells = ("%load_ext nbext", "%%draw -n 2\n画只猫", "%%chat\nhello", "%%draw\n画只狗")
    first = execute(tmp_path, *cells)
    history = tmp_path / "cats.draws" / "history.jsonl"
    before = history.read_text()
    assert before.count('"type":"sent"') == 4
    again = execute(tmp_path, *cells)
    assert history.read_text().count('"type":"sent"') == 4
    assert [cell.outputs for cell in again.cells] == [cell.outputs for cell in first.cells]
