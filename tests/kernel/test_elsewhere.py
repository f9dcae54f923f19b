"""Notebooks that were copied, stripped, moved, or opened by something else pay for nothing again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import nbformat
import pytest

from nbext.cli.main import main
from tests.kernel.test_reruns import environ, shown, write

CELLS = ["%load_ext nbext", "%%draw\na cat", "%%edit\nwith a hat", "%%draw\na cat"]


@pytest.fixture
def paid(counting_relay):
    """Settings of a relay that counts; the fixture's ``relay`` is the relay."""
    return {
        "NBEXT_BASE_URL": counting_relay.base,
        "NBEXT_API_KEY": "sk-none",
        "NBEXT_MODEL": "gpt-image-1.5",
    }


def run_all(kernel, cells=CELLS, ids=None):
    """Run cells as Lab does, or with ids of another kind; give the pictures."""
    pictures = []
    for n, source in enumerate(cells):
        ran = kernel.run(source, cell=ids[n] if ids else "")
        assert ran.status == "ok", ran.error
        pictures += ran.pictures
    return pictures


def lab(kernels, notebook, paid):
    return kernels(notebook.parent, JPY_SESSION_NAME=str(notebook), **paid)


def save(notebook, kernel, ids, cells=CELLS):
    """Run a notebook's cells as Lab does, and save it with its outputs."""
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(s, id=i) for s, i in zip(cells, ids, strict=True)]
    )
    pictures = []
    for cell in made.cells:
        ran = kernel.run(cell.source, cell=cell.id)
        assert ran.status == "ok", ran.error
        pictures += ran.pictures
        cell.outputs = [
            nbformat.v4.new_output("display_data", o["data"], metadata=o["metadata"])
            for o in ran.outputs
        ]
    nbformat.write(made, notebook)
    return pictures


IDS = ["1111aaaa", "2222bbbb", "3333cccc", "4444dddd"]


@pytest.fixture
def original(kernels, tmp_path, paid):
    """A notebook that was run in Lab, and what it shows."""
    notebook = tmp_path / "own.ipynb"
    pictures = save(notebook, lab(kernels, notebook, paid), IDS)
    assert len(set(pictures)) == 3
    return notebook, pictures


def stripped(notebook):
    made = nbformat.read(notebook, as_version=4)
    for cell in made.cells:
        cell.outputs = []
    nbformat.write(made, notebook)


def test_duplicated_in_lab(kernels, original, paid, counting_relay, capsys):
    notebook, pictures = original
    for name, strip in (("own-Copy1", False), ("own-Copy2", True)):
        copy = notebook.with_name(f"{name}.ipynb")
        shutil.copy(notebook, copy)
        if strip:
            stripped(copy)
        assert main(["check", "--with-key", str(copy)]) == 0, capsys.readouterr().out
        kernel = lab(kernels, copy, paid)
        assert run_all(kernel, ids=IDS) == pictures
        assert counting_relay.paid == 3
        assert main(["verify", str(copy)]) == 0
    assert notebook.with_suffix(".draws").is_dir()


def test_stripped_and_renamed(kernels, original, paid, counting_relay):
    notebook, pictures = original
    stripped(notebook)
    renamed = notebook.rename(notebook.with_name("new.ipynb"))
    assert run_all(lab(kernels, renamed, paid), ids=IDS) == pictures
    assert counting_relay.paid == 3
    assert [path.name for path in notebook.parent.glob("*.draws")] == ["new.draws"]


def test_mailed_without_its_folder(kernels, original, paid, counting_relay, tmp_path):
    notebook, _ = original
    (tmp_path / "mail").mkdir()
    shutil.move(notebook, tmp_path / "mail")
    shutil.move(notebook.with_suffix(".draws"), tmp_path / "left.bak")
    kernel = lab(kernels, tmp_path / "mail" / "own.ipynb", paid)
    kernel.run(CELLS[0], cell=IDS[0])
    ran = kernel.run(CELLS[1], cell=IDS[1])
    assert ran.error["ename"] == "ReplayError"
    assert "cost money again" in ran.error["evalue"]
    assert counting_relay.paid == 3


@pytest.mark.parametrize("place", ["beside", "elsewhere"])
def test_ipython_runs_the_file(original, paid, counting_relay, place):
    notebook, _ = original
    folder = notebook.parent if place == "beside" else notebook.parent / "far" / "away" / "from"
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--colors=nocolor", notebook.name if place == "beside" else notebook],
        cwd=folder, env=environ(notebook.parent, **paid), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("replayed from") == 3, done.stdout + done.stderr
    assert counting_relay.paid == 3
    assert not [*folder.glob("nbext.draws")]


def test_run_by_a_program_in_a_folder_above(original, paid, counting_relay, tmp_path):
    pytest.importorskip("papermill")
    notebook, pictures = original
    inner = tmp_path / "project" / "notebooks"
    inner.mkdir(parents=True)
    shutil.move(notebook, inner)
    shutil.move(notebook.with_suffix(".draws"), inner)
    program = "import papermill\npapermill.execute_notebook('notebooks/own.ipynb', 'out.ipynb', kernel_name='python3')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path / "project", env=environ(tmp_path, **paid), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    ran = nbformat.read(tmp_path / "project" / "out.ipynb", as_version=4)
    assert [p.strip() for p in shown(ran)] == [p.strip() for p in pictures]
    assert counting_relay.paid == 3
    assert [path.parent.name for path in tmp_path.rglob("*.draws")] == ["notebooks"]


@pytest.mark.parametrize("suffix", [".py", ".md"])
def test_text_notebooks(kernels, original, paid, counting_relay, suffix, capsys):
    jupytext = pytest.importorskip("jupytext")
    notebook, pictures = original
    text = notebook.with_suffix(suffix)
    jupytext.write(nbformat.read(notebook, as_version=4), text)
    notebook.unlink()
    assert main(["check", "--with-key", str(text)]) == 0
    assert "3 replayed" in capsys.readouterr().out
    assert main(["verify", str(text)]) == 0
    # Opened in Lab its cells have other ids each time.
    other = ["5555eeee", "6666ffff", "7777aaaa", "8888bbbb"]
    assert run_all(lab(kernels, text, paid), ids=other) == pictures
    if suffix != ".py":  # the kernel that jupytext starts sees the same of either
        return
    done = subprocess.run(
        [sys.executable, "-m", "jupytext", "--set-kernel", "python3", "--execute", "--to", "ipynb", "-o", "run.ipynb", text.name],
        cwd=text.parent, env=environ(text.parent, **paid), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    ran = nbformat.read(text.with_name("run.ipynb"), as_version=4)
    assert [p.strip() for p in shown(ran)] == [p.strip() for p in pictures]
    assert counting_relay.paid == 3


def uri(notebook, number):
    digits = ""
    value = number
    while value or not digits:
        digits, value = str(value % 7) + digits, value // 7
    return f"vscode-notebook-cell:{notebook}#{'WXYZabcdef'[len(digits) - 1]}{digits}sZmlsZQ%3D%3D"


def test_vscode(kernels, tmp_path, paid, counting_relay):
    notebook = write(tmp_path / "own.ipynb", ["%load_ext nbext", *["%%draw\na cat"] * 3])

    def opened():
        """Open it, run all of it, and give what each cell shows, by its id."""
        kernel = kernels(tmp_path, **paid)
        kernel.run(f"__vsc_ipynb_file__ = {str(notebook)!r}")
        pictures = {}
        for n, cell in enumerate(nbformat.read(notebook, as_version=4).cells):
            ran = kernel.run(cell.source, cell=uri(notebook, n))
            assert ran.status == "ok", ran.text
            pictures |= dict.fromkeys([cell.id] * len(ran.pictures), *ran.pictures)
        return pictures

    first = opened()
    assert len(set(first.values())) == 3
    made = nbformat.read(notebook, as_version=4)
    made.cells.insert(1, nbformat.v4.new_code_cell("1 + 1"))
    nbformat.write(made, notebook)
    assert opened() == first
    made.cells.insert(1, made.cells.pop(4))
    made.cells.insert(2, made.cells.pop(3))
    nbformat.write(made, notebook)
    assert opened() == first
    assert counting_relay.paid == 3
    lines = (tmp_path / "own.draws" / "history.jsonl").read_text()
    assert str(tmp_path) not in lines
    assert "vscode" not in lines
    cells = {json.loads(line)["cell"] for line in lines.splitlines()}
    assert cells == {"cell-1", "cell-2", "cell-3"}


def test_a_host_whose_server_runs_the_cells(kernels, original, paid, counting_relay, tmp_path):
    """It sends no cell ids and takes no input, and keeps outputs beside the notebook."""
    notebook, pictures = original
    made = nbformat.read(notebook, as_version=4)
    for cell in made.cells:
        cell.outputs = [
            nbformat.v4.new_output(o.output_type, {}, metadata={"url": "/api/outputs/1/2/0.output"})
            for o in cell.outputs
        ]
    nbformat.write(made, notebook)
    before = notebook.read_bytes()
    kernel = lab(kernels, notebook, paid)
    # In another order than the notebook's, as one looks around.
    kernel.run(CELLS[0])
    kernel.run("1 + 1")
    assert run_all(kernel, CELLS[1:]) == pictures
    assert counting_relay.paid == 3
    kernel.run("%%edit\nin the rain")
    assert counting_relay.paid == 4
    record = json.loads((tmp_path / "own.draws" / "history.jsonl").read_text().splitlines()[-1])
    assert "cell" not in record
    ran = kernel.run("%nbext key")
    assert ran.error["evalue"].count("\n") == 0
    assert "environment" in ran.error["evalue"]
    # --no-wait waits where no answer to a later message is kept.
    assert kernel.run("%%draw --no-wait\na bird").pictures
    assert main(["slim", str(notebook)]) == 0
    assert main(["inline", str(notebook)]) == 0
    assert notebook.read_bytes() == before


def test_no_wait(kernels, tmp_path, paid, counting_relay):
    cells = {
        "a": "%%draw --no-wait --as x\na slow cat",
        "b": "%%edit -i x\nwith a hat",
        "c": "%%draw --no-wait\na slow dog",
        "d": "%%edit\nwith a bone",
        "e": "%%draw --no-wait --as y\na slow bird",
        "f": "display(y.image)",
    }
    first = kernels(tmp_path, **paid)
    first.run("%load_ext nbext")
    shown = {}
    for asks, uses in ("ab", "cd", "ef"):
        counting_relay.go.clear()
        assert first.run(cells[asks], cell=asks).status == "ok"
        sent = first.send(cells[uses], cell=uses)
        counting_relay.go.set()
        ran = first.wait(sent)[0]
        assert ran.status == "ok", ran.error
        shown[uses] = ran.pictures
    assert counting_relay.paid == 5
    first.stop()
    second = kernels(tmp_path, **paid)
    second.run("%load_ext nbext")
    for name, source in cells.items():
        ran = second.run(source, cell=name)
        assert ran.status == "ok", ran.error
        # What is recorded is there at once.
        assert ran.pictures == shown.get(name, ran.pictures)
        assert ran.pictures
    assert counting_relay.paid == 5
    # Where nobody looks on, the cell waits.
    assert second.run("%%draw --no-wait\na fish").pictures
