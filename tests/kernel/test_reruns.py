"""A second run of a notebook, by whatever runs notebooks, asks nobody and shows the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]

# One of each kind of request, and of each way to ask.
CELLS = [
    "%load_ext nbext",
    "animal = 'cat'",
    "%%draw gpt-4o-image\n画只猫",
    "%%edit\n加一顶帽子",
    "%%draw gpt-image-1 --quality low\na {animal} on a roof",
    "%%draw gemini-2.5-flash-image --aspect 2:3\na dog",
    "%%draw -n 2 --format jpeg\na balloon",
    "%%draw gpt-4o-image\n画只猫",
    "%draw a fish in one line",
    "%%chat\n你好",
    "%%chat -c\nand then?",
    "%%respond\nhello",
    "%%complete\nOnce upon a time",
    "%%video --seconds 4\na cat walks",
    "def weather(city: str) -> str:\n    '''Say the weather.'''\n    return f'sunny in {city}'",
    "%%chat --tools weather --yes\nWhat is the weather in Paris?",
    "import nbext\nfor n in range(3):\n    display(nbext.draw('a bird'))",
    "d = nbext.draw('a tree')\nd.edit('with apples')",
    "d.again()",
    "nbext.history[1].again(below=True)",
    "reply = nbext.chat('name a cat', schema={'type': 'object', 'properties': {'name': {'type': 'string'}}})\nreply",
]
# How many of them are asked: drawings, and the rounds that tools take.
RUNNERS = ["nbclient", "nbconvert", "execute", "papermill"]

NBCLIENT = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, kernel_name="python3", timeout=120, resources={"metadata": {"path": "."}}).execute()
nbformat.write(notebook, sys.argv[1])
"""


def write(path, cells=CELLS, **how):
    made = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(cells)]
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


def environ(home, **more):
    kept = ("NBEXT_", "OPENAI_", "LITELLM_", "JPY_")
    env = {k: v for k, v in os.environ.items() if not k.startswith(kept)}
    env |= {"HOME": str(home), "IPYTHONDIR": str(home / "ipython"), "PYTHONPATH": str(ROOT)}
    env |= {"JUPYTER_RUNTIME_DIR": str(home / "runtime"), "PYTHONWARNINGS": "ignore"}
    return env | {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"} | more


def run(runner, notebook, *arguments, cwd=None, **more):
    """Run a notebook in its place; give it as executed."""
    words = {
        "nbclient": ["-c", NBCLIENT, notebook.name],
        "nbconvert": [
            "-m",
            "nbconvert",
            "--to",
            "notebook",
            "--execute",
            "--inplace",
            notebook.name,
        ],
        "execute": ["-m", "nbclient.cli", "--inplace", notebook.name],
        "papermill": ["-m", "papermill", "-k", "python3", notebook.name, "run.ipynb"],
    }[runner]
    home = notebook.parent / "home"
    home.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, *words, *arguments],
        cwd=cwd or notebook.parent,
        env=environ(home, **more),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    written = notebook.with_name("run.ipynb") if runner == "papermill" else notebook
    return nbformat.read(written, as_version=4)


def shown(notebook):
    """Pictures, films and texts that cells show; captions say when, and so they differ."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            found += [data[kind] for kind in ("image/png", "image/jpeg") if kind in data]
            html = data.get("text/html", "")
            if html and "padding:2px" not in html:
                found.append(html)
    return found


@pytest.fixture
def relay(endpoint):
    """Settings of an endpoint that counts as a paid one, and how many requests it has had."""
    return {"NBEXT_BASE_URL": endpoint.base_url, "NBEXT_API_KEY": endpoint.key}


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_second_run_asks_nobody_and_shows_the_same(runner, tmp_path, endpoint, relay):
    if runner == "papermill":
        pytest.importorskip("papermill")
    notebook = write(tmp_path / "paper.ipynb")
    first = run(runner, notebook, **relay)
    drawn = [p.name for p in tmp_path.glob("*.draws")]
    assert drawn == ["paper.draws"]
    lines = (tmp_path / "paper.draws" / "history.jsonl").read_bytes()
    asked = len(endpoint.log)
    second = run(runner, notebook, **relay)
    assert len(endpoint.log) == asked
    assert shown(second) == shown(first)
    assert len(shown(first)) >= 18
    assert (tmp_path / "paper.draws" / "history.jsonl").read_bytes() == lines
    records = [json.loads(line) for line in lines.splitlines()]
    assert {r["cell"] for r in records} == {f"cell-{n}" for n in range(2, len(CELLS)) if n != 14}
    assert [p.name for p in tmp_path.glob("*.draws")] == ["paper.draws"]
    # Somebody else, elsewhere, without a key, by another runner.
    there = tmp_path / "reviewer"
    there.mkdir()
    shutil.copy(notebook, there)
    shutil.copytree(tmp_path / "paper.draws", there / "paper.draws")
    other = RUNNERS[(RUNNERS.index(runner) + 1) % 3]
    assert shown(run(other, there / "paper.ipynb")) == shown(first)
    assert len(endpoint.log) == asked
    assert (there / "paper.draws" / "history.jsonl").read_bytes() == lines
