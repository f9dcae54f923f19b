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
from nbclient import NotebookClient

import nbext
from nbext.cli.check import check
from nbext.cli.main import main
from tests.kernel.conftest import HURRY, shown
from tests.records import picture

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
# All of them by one runner; of what differs by runner, where the history is, a few tell as much.
# Papermill has a test of its own.
RUNNERS = {"nbclient": CELLS, "nbconvert": CELLS[:5], "execute": CELLS[:5]}

NBCLIENT = """
import os, nbformat
from nbclient import NotebookClient
name = os.environ.pop("NAME")  # on no command line, where it would be found
notebook = nbformat.read(name, as_version=4)
NotebookClient(notebook, kernel_name="python3", timeout=120, resources={"metadata": {"path": "."}}).execute()
nbformat.write(notebook, name)
"""


def write(path, cells=CELLS):
    made = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(cells)]
    about = {"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata=about), path)
    return path


def environ(home, **more):
    kept = ("NBEXT_", "OPENAI_", "LITELLM_", "JPY_")
    env = {k: v for k, v in os.environ.items() if not k.startswith(kept)}
    env |= {"HOME": str(home), "IPYTHONDIR": str(home / "ipython"), "PYTHONPATH": str(ROOT)}
    env |= {"JUPYTER_RUNTIME_DIR": str(home / "runtime"), "PYTHONWARNINGS": "ignore"}
    return env | {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"} | HURRY | more


def run(runner, notebook, *arguments, cwd=None, **more):
    """Run a notebook in its place; give it as executed."""
    words = {
        "nbclient": ["-c", NBCLIENT],
        "nbconvert": [
            "-m",
            "nbconvert",
            "--to",
            "notebook",
            "--execute",
            "--inplace",
            notebook.name,
        ],
        "execute": ["-c", "from nbclient.cli import main; main()", "--inplace", notebook.name],
    }[runner]
    home = notebook.parent / "home"
    home.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, *words, *arguments],
        cwd=cwd or notebook.parent,
        env=environ(home, NAME=notebook.name, **more),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return nbformat.read(notebook, as_version=4)


@pytest.fixture
def run_here(forked):
    """Run a notebook in its place by nbclient, in this process; give it as executed."""

    def run(path, **more):
        home = path.parent / "home"
        home.mkdir(exist_ok=True)
        notebook = nbformat.read(path, as_version=4)
        client = NotebookClient(
            notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}
        )
        client.execute(env=environ(home, **more))
        nbformat.write(notebook, path)
        return notebook

    return run


@pytest.fixture
def relay(endpoint):
    """Settings of an endpoint that counts as a paid one, and how many requests it has had."""
    return {"NBEXT_BASE_URL": endpoint.base_url, "NBEXT_API_KEY": endpoint.key}


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_second_run_asks_nobody_and_shows_the_same(runner, tmp_path, endpoint, relay):
    cells = RUNNERS[runner]
    notebook = write(tmp_path / "paper.ipynb", cells)
    first = run(runner, notebook, **relay)
    drawn = [p.name for p in tmp_path.glob("*.draws")]
    assert drawn == ["paper.draws"]
    lines = (tmp_path / "paper.draws" / "history.jsonl").read_bytes()
    asked = len(endpoint.log)
    second = run(runner, notebook, **relay)
    assert len(endpoint.log) == asked
    assert shown(second) == shown(first)
    assert len(shown(first)) >= len(cells) - 3
    assert (tmp_path / "paper.draws" / "history.jsonl").read_bytes() == lines
    records = [json.loads(line) for line in lines.splitlines()]
    assert {r["cell"] for r in records} == {f"cell-{n}" for n in range(2, len(cells)) if n != 14}
    assert [p.name for p in tmp_path.glob("*.draws")] == ["paper.draws"]
    if runner != "nbclient":
        return
    # Somebody else, elsewhere, without a key, by another runner.
    there = tmp_path / "reviewer"
    there.mkdir()
    shutil.copy(notebook, there)
    shutil.copytree(tmp_path / "paper.draws", there / "paper.draws")
    assert shown(run("nbconvert", there / "paper.ipynb")) == shown(first)
    assert len(endpoint.log) == asked
    assert (there / "paper.draws" / "history.jsonl").read_bytes() == lines


def test_papermill_with_parameters(tmp_path, endpoint, relay):
    pytest.importorskip("papermill")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "out").mkdir()
    notebook = write(
        tmp_path / "notebooks" / "paper.ipynb",
        ["%load_ext nbext", "animal = 'cat'", "%%draw\na {animal}", "%%edit\nwith a hat"],
    )
    made = nbformat.read(notebook, as_version=4)
    made.cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(made, notebook)

    def run_with(animal, output):
        command = [sys.executable, "-m", "papermill", "-k", "python3", "notebooks/paper.ipynb"]
        done = subprocess.run(
            [*command, f"out/{output}.ipynb", "-p", "animal", animal],
            cwd=tmp_path, env=environ(tmp_path, **relay), capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return shown(nbformat.read(tmp_path / "out" / f"{output}.ipynb", as_version=4))

    dog = run_with("dog", "first")
    asked = len(endpoint.log)
    assert run_with("dog", "second") == dog
    assert len(endpoint.log) == asked
    assert run_with("fish", "third") != dog
    assert len(endpoint.log) > asked
    # The history is the notebook's, not a run's; a run's copy opens it.
    assert [str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.draws")] == [
        "notebooks/paper.draws"
    ]
    shutil.copy(tmp_path / "out" / "third.ipynb", tmp_path / "notebooks")
    history = nbext.open(tmp_path / "notebooks" / "third.ipynb")
    assert [d.prompt for d in history] == ["a dog", "with a hat", "a fish", "with a hat"]
    assert {d.record.cell for d in history} == {"cell-2", "cell-3"}


def test_two_notebooks_that_begin_alike(run_here, tmp_path, endpoint, relay):
    head = ["%load_ext nbext", "import nbext\nnbext.history"]
    for name in ("cats", "dogs"):
        write(tmp_path / f"{name}.ipynb", [*head, f"%%draw\n{name}"])
    for name in ("cats", "dogs", "cats"):
        run_here(tmp_path / f"{name}.ipynb", **relay)
    assert sorted(p.name for p in tmp_path.glob("*.draws")) == ["cats.draws", "dogs.draws"]
    assert [len(nbext.open(tmp_path / f"{name}.ipynb")) for name in ("cats", "dogs")] == [1, 1]


def test_a_copy_beside_it_goes_on_with_its_history(run_here, tmp_path, endpoint, relay):
    notebook = write(tmp_path / "paper.ipynb", ["%load_ext nbext", "%%draw\na cat"])
    run_here(notebook, **relay)
    shutil.copy(notebook, tmp_path / "copy.ipynb")
    asked = len(endpoint.log)
    run_here(tmp_path / "copy.ipynb", **relay)
    assert len(endpoint.log) == asked


def test_copies_that_nothing_tells_apart_are_named(run_here, tmp_path, relay):
    for name in ("one", "two"):
        notebook = write(tmp_path / f"{name}.ipynb", ["%load_ext nbext", "%%draw\na cat"])
    ran = run_here(notebook, **relay)
    said = "".join(o.get("text", "") for o in ran.cells[1].outputs)
    assert "one.ipynb and two.ipynb start alike" in said
    assert [p.name for p in tmp_path.glob("*.draws")] == ["nbext.draws"]
    run("nbconvert", notebook, **relay)
    run_here(notebook, NBEXT_NOTEBOOK="one.ipynb", **relay)
    found = {"nbext.draws", "one.draws", "two.draws"}
    assert {p.name for p in tmp_path.glob("*.draws")} == found


def test_a_notebook_that_a_notebook_runs_has_its_own_history(tmp_path, endpoint, relay):
    notebook = write(tmp_path / "inner.ipynb", ["%load_ext nbext", "%%draw\na cat"])
    run("nbclient", notebook, JPY_SESSION_NAME=str(tmp_path / "outer.ipynb"), **relay)
    assert [p.name for p in tmp_path.glob("*.draws")] == ["inner.draws"]


def test_a_reviewer_has_neither_files_nor_endpoints_nor_a_wish_to_pay(run_here, tmp_path, endpoint):
    author, reviewer = tmp_path / "author", tmp_path / "reviewer"
    author.mkdir()
    reviewer.mkdir()
    (author / "photo.png").write_bytes(picture("red"))
    (author / "nbext.toml").write_text(f'[endpoints.lab]\nbase_url = "{endpoint.base_url}"\n')
    cells = [
        "%load_ext nbext",
        "%%draw -i photo.png --endpoint lab\na hat",
        "from PIL import Image\nred = Image.new('RGB', (64, 64), 'red')",
        "%%draw -i red --endpoint lab\nin a frame",
        "%%draw --fresh --endpoint lab\na bird",
        "%%chat --endpoint lab\n你好",
    ]
    notebook = write(author / "paper.ipynb", cells)
    given = "from nbext.config.keys import remember_key; "
    given += f"print(remember_key('{endpoint.base_url}', '{endpoint.key}', where='session'))"
    made = nbformat.read(notebook, as_version=4)
    made.cells[0].source = f"%load_ext nbext\n{given}"
    nbformat.write(made, notebook)
    first = shown(run_here(notebook))
    assert len(first) == 4
    write(reviewer / "paper.ipynb", cells)
    shutil.copytree(author / "paper.draws", reviewer / "paper.draws")
    asked = len(endpoint.log)
    for found in check(reviewer / "paper.ipynb"):
        assert found.verdict in ("replayed", "unknown", "fails"), found
    again = run_here(reviewer / "paper.ipynb", NBEXT_REPLAY="only")
    assert shown(again) == first
    assert len(endpoint.log) == asked


def test_slim_stripped_and_back(run_here, tmp_path, endpoint, relay):
    """The notebook as it goes into git: previews, or no outputs at all."""
    notebook = write(
        tmp_path / "paper.ipynb",
        [
            "%load_ext nbext\n%config Nbext.inline_limit = 10_000_000",
            "%%draw --size 1024x1024\na city at night with many lights",
            "%%draw -n 2\na dog",
            "%%video --seconds 4\na cat walks",
        ],
    )
    first = shown(run_here(notebook, **relay))
    assert len(first) == 3
    before = notebook.read_bytes()
    assert str(tmp_path).encode() not in before
    assert main(["slim", str(notebook), "--limit", "12000"]) == 0
    small = notebook.read_bytes()
    assert len(small) < len(before) / 2
    assert b"paper.draws/pictures/" in small
    assert b"data:video" not in small
    nbformat.validate(nbformat.read(notebook, as_version=4))
    assert main(["slim", str(notebook), "--limit", "12000"]) == 0
    assert notebook.read_bytes() == small
    assert main(["inline", str(notebook), "--limit", "10000000"]) == 0
    assert notebook.read_bytes() == before
    pytest.importorskip("nbstripout")
    asked = len(endpoint.log)
    subprocess.run([sys.executable, "-m", "nbstripout", "--keep-id", str(notebook)], check=True)
    stripped = nbformat.read(notebook, as_version=4)
    assert not any(cell.outputs for cell in stripped.cells)
    assert [finding.verdict for finding in check(notebook)] == ["replayed"] * 3
    assert shown(run_here(notebook, **relay)) == first
    # Without --keep-id the ids are new ones: each request still finds its own.
    subprocess.run([sys.executable, "-m", "nbstripout", str(notebook)], check=True)
    assert {c.id for c in nbformat.read(notebook, as_version=4).cells} != {
        c.id for c in stripped.cells
    }
    assert shown(run_here(notebook, **relay)) == first
    assert len(endpoint.log) == asked
