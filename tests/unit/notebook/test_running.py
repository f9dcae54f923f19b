"""Which notebook is being run, told by the cells that have run."""

from __future__ import annotations

import json

import pytest

from nbext.drawings.open import open_history
from nbext.notebook import file, running
from nbext.notebook.neighbours import draws_of
from nbext.notebook.running import Script, running_notebooks
from nbext.store.store import Store
from tests.growth import grows_linearly
from tests.records import draw


def write(path, *cells, made_from=None):
    """Cells are texts, or a text with tags; ids are their places."""
    made = []
    for n, cell in enumerate(cells):
        source, *tags = cell if isinstance(cell, tuple) else (cell,)
        made.append(
            {"cell_type": "code", "id": f"c{n}", "source": source, "outputs": [], "metadata": {"tags": tags}}
        )  # fmt: skip
    metadata = {"papermill": {"input_path": made_from}} if made_from else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})
    )
    return path


NOTEBOOK = (
    "%load_ext nbext",
    "",
    ("animal = 'cat'", "parameters"),
    "%%draw\na cat\n",
    "%%draw\na cat",
)
INJECTED = "# Parameters\nanimal = 'dog'\n"


@pytest.mark.parametrize(
    ("ran", "cell"),
    [
        (["%load_ext nbext"], "c0"),
        (["%load_ext nbext", "animal = 'cat'"], "c2"),
        (["%load_ext nbext", "animal = 'cat'", "%%draw\na cat"], "c3"),
        (["%load_ext nbext", "animal = 'cat'", "%%draw\na cat", "%%draw\na cat"], "c4"),
        (["%load_ext nbext", "animal = 'cat'", INJECTED, "%%draw\na cat"], "c3"),
        (["%load_ext nbext", "animal = 'cat'", INJECTED], None),
    ],
)
def test_each_cell_is_found(tmp_path, ran, cell):
    follows, running = Script(write(tmp_path / "a.ipynb", *NOTEBOOK)).follow(ran)
    assert follows
    assert (running.id if running else None) == cell


@pytest.mark.parametrize(
    "ran",
    [
        [],
        [""],
        ["%%draw\na cat"],
        ["%load_ext nbext", "%%draw\na cat"],
        ["%load_ext nbext", "animal = 'cat'", "%%draw\na dog"],
        [INJECTED],
    ],
)
def test_something_else_has_run(tmp_path, ran):
    assert not Script(write(tmp_path / "a.ipynb", *NOTEBOOK)).follow(ran)[0]


def test_what_nbclient_passes_over_is_not_waited_for(tmp_path):
    script = Script(
        write(tmp_path / "a.ipynb", "a", ("b", "skip-execution"), ("# Parameters\nx", "injected-parameters"), "d")
    )  # fmt: skip
    assert script.follow(["a", "d"])[1].id == "c3"


def test_the_one_that_reads_like_it(tmp_path):
    cats = write(tmp_path / "cats.ipynb", "load", "cats")
    dogs = write(tmp_path / "dogs.ipynb", "load", "dogs")
    (tmp_path / "broken.ipynb").write_text("{")
    (tmp_path / "folder.ipynb").mkdir()
    assert running_notebooks(["load"], tmp_path) == [cats, dogs]
    assert running_notebooks(["load", "dogs"], tmp_path) == [dogs]
    assert running_notebooks(["load", "fish"], tmp_path) == []
    assert running_notebooks([], tmp_path) == []
    (tmp_path / "cats.draws").mkdir()
    assert running_notebooks(["load"], tmp_path) == [cats]


def test_what_papermill_writes_is_the_notebook_that_it_runs(tmp_path):
    paper = write(tmp_path / "paper.ipynb", "load", "cats")
    write(tmp_path / "run.ipynb", "load", "cats", made_from="paper.ipynb")
    assert running_notebooks(["load", "cats"], tmp_path) == [paper]


def test_a_papermill_copy_goes_on_with_the_history_until_it_has_its_own(tmp_path):
    paper = write(tmp_path / "paper.ipynb", "load")
    copy = write(tmp_path / "out" / "run.ipynb", "load", made_from="paper.ipynb")
    assert draws_of(copy) == tmp_path / "out" / "run.draws"
    draw(Store(paper.with_suffix(".draws")), prompt="a cat")
    assert draws_of(copy) == tmp_path / "paper.draws"
    assert open_history(copy)[1].prompt == "a cat"
    draw(Store(tmp_path / "out" / "run.draws"), prompt="a dog")
    assert open_history(copy)[1].prompt == "a dog"
    stray = write(tmp_path / "stray.ipynb", "load", made_from="gone.ipynb")
    assert draws_of(stray) == tmp_path / "stray.draws"


def test_what_is_no_notebook_is_not_given_to_jupytext(monkeypatch, tmp_path):
    program, text = tmp_path / "start_kernels.py", tmp_path / "cats.py"
    program.write_text("import jupyter_client\n")
    text.write_text(
        "# %load_ext nbext\n\n# + language='bash'\n# ls\n# -\n\n# %%draw\na cat\n\n  in a boat\n"
    )
    read = []
    monkeypatch.setattr(running, "_named_by_parent", lambda: [program, text])
    monkeypatch.setattr(file, "_from_text", lambda path: read.append(path) or b"{}")
    ran = ["%load_ext nbext", "%%bash\nls", INJECTED, "%%draw\na cat\n\n  in a boat\n"]
    for count in range(1, len(ran) + 1):
        running_notebooks(ran[:count], tmp_path)
    assert read == [text] * 4


def test_many_notebooks_take_time_in_proportion(tmp_path):
    def run(count):
        return running_notebooks(["cell 0 of 10"], tmp_path / str(count))

    for count in (20, 160):
        (tmp_path / str(count)).mkdir()
        for n in range(count):
            write(tmp_path / str(count) / f"{n}.ipynb", *(f"cell {c} of {n}" for c in range(30)))
    assert run(20) != []
    assert grows_linearly(run, 20)
