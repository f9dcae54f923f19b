"""A day of work in a notebook, at random: run after it from the top, it pays for nothing.

Cells are run, run again, out of order, changed and changed back; some are put in above, copied or deleted;
the notebook is copied, renamed and stripped. Then the kernel is restarted and all is run: no cell pays that
``nbext check`` has called free, and each shows what it last showed.

``NBEXT_DAYS=20`` for more days than the few of ``make test``.
"""

from __future__ import annotations

import os
import random
import shutil

import nbformat
import pytest

from nbext.cli.check import check
from tests.kernel.conftest import Kernel

DAYS = int(os.environ.get("NBEXT_DAYS", "2"))
ACTIONS = 40
CELLS = 30
RESTART = "import os\nfrom nbext.session.current import forget_session\nforget_session()\n"
ANIMALS = ("cat", "dog", "hen", "pig", "owl", "fox", "ant", "bee")


class Cell:
    """A cell of the notebook, and what it showed last, with which text."""

    def __init__(self, rng, source):
        self.id = f"{rng.getrandbits(32):08x}"
        self.source = source
        self.pictures: dict[str, list[str]] = {}
        self.own: set[str] = set()
        self.outputs = []

    @property
    def last(self):
        """The pictures to be seen again; None where there are none.

        What is above a cell that edits or goes on may have been asked differently since. A cell
        that was shown what another one had drawn has no pictures of its own.
        """
        stands_alone = "edit" not in self.source and not self.source.startswith("%%draw -c")
        return self.pictures[self.source] if stands_alone and self.source in self.own else None


def some_source(rng, n):
    """Write one of the cells that people write."""
    animal, other = rng.sample(ANIMALS, 2)
    return rng.choice([
        f"%%draw\na {animal}",
        f"%%draw --as pet\na {animal} in the sun",
        f"%%edit\nwith a {other}",
        f"%%edit -i pet\nas a {other}",
        f"%%draw -n 2 --as both\ntwo of a {animal}",
        f"%%edit -i both[1]\nat night, {n}",
        f"for word in ('{animal}', '{other}'):\n    nbext.draw(word)",
        f"mine = nbext.draw('my {animal}')\nmine.edit('with a {other}')",
        f"nbext.draw('the {animal}').star()",
        f"%%draw -c\nand a {other}",
    ])  # fmt: skip


class Notebook:
    """A notebook on disk, and the kernel that runs it as JupyterLab does."""

    def __init__(self, path, kernel, relay, rng):
        self.path, self.kernel, self.relay, self.rng = path, kernel, relay, rng
        first = [
            "%load_ext nbext\nimport nbext",
            "%%draw --as pet\na pet",
            "%%draw -n 2 --as both\nboth",
        ]
        self.cells = [Cell(rng, source) for source in first]
        self.cells += [Cell(rng, some_source(rng, n)) for n in range(CELLS - len(first))]
        self.log = []

    def save(self):
        cells = []
        for cell in self.cells:
            saved = nbformat.v4.new_code_cell(cell.source, id=cell.id)
            saved.outputs = [
                nbformat.v4.new_output("display_data", o["data"], metadata=o["metadata"])
                for o in cell.outputs
            ]
            cells.append(saved)
        nbformat.write(nbformat.v4.new_notebook(cells=cells), self.path)

    def open(self):
        """Begin anew, as after a restart."""
        where = f"os.chdir({str(self.path.parent)!r})\nos.environ['JPY_SESSION_NAME'] = {str(self.path)!r}"
        assert self.kernel.run(f"{RESTART}{where}\nfor name in ('pet', 'both', 'mine'): globals().pop(name, None)").status == "ok"  # fmt: skip
        self.run(self.cells[0])

    def run(self, cell):
        before = self.relay.paid
        ran = self.kernel.run(cell.source, cell=cell.id)
        if ran.status == "ok":
            if self.relay.paid - before >= len(ran.pictures):
                cell.own.add(cell.source)
            cell.pictures[cell.source] = ran.pictures
            cell.outputs = ran.outputs
        else:
            # A name that is not there yet, or a drawing: the user runs the cells above first.
            assert ran.error["ename"] in ("OptionError", "HistoryError", "NameError"), ran.error
        return ran

    def act(self):
        """Do something that people do."""
        rng, cell = self.rng, self.rng.choice(self.cells[1:])
        at = self.cells.index(cell)
        what = rng.choice([*["run"] * 12, *["run from here"] * 2, "change", "change", "back", "insert", "copy", "delete", "duplicate", "rename", "strip", "restart"])  # fmt: skip
        self.log.append((what, at, cell.source))
        if what == "run":
            self.run(cell)
        elif what == "run from here":
            for below in self.cells[at : at + 3]:
                self.run(below)
        elif what == "change":
            cell.source += rng.choice([", smaller", ", in red", " again"]) * cell.source.startswith(
                "%"
            )
        elif what == "back":
            cell.source = next(iter(cell.pictures), cell.source)
        elif what == "insert":
            self.cells.insert(at, Cell(rng, some_source(rng, at)))
        elif what == "copy":
            self.cells.insert(at + 1, Cell(rng, cell.source))
        elif what == "delete":
            del self.cells[at]
        elif what in ("duplicate", "rename"):
            self.save()
            new = self.path.with_name(f"{what}-{len(self.log)}.ipynb")
            shutil.copy(self.path, new) if what == "duplicate" else self.path.rename(new)
            self.path = new
            self.open()
        elif what == "strip":
            for each in self.cells:
                each.outputs = []
            self.save()
        elif what == "restart":
            self.save()
            self.open()


@pytest.fixture(scope="module")
def kernel(relay, tmp_path_factory):
    folder = tmp_path_factory.mktemp("days")
    paid = {
        "NBEXT_BASE_URL": relay.base,
        "NBEXT_API_KEY": "sk-none",
        "NBEXT_MODEL": "gpt-image-2.6-flare",
    }
    running = Kernel(folder, **paid)
    assert running.run("%load_ext nbext").status == "ok"
    yield running
    running.stop()


@pytest.mark.parametrize("seed", range(DAYS))
def test_after_a_day_of_work_nothing_is_paid_for_again(kernel, relay, tmp_path, seed, monkeypatch):
    rng = random.Random(seed)
    notebook = Notebook(tmp_path / "day.ipynb", kernel, relay, rng)
    notebook.save()
    notebook.open()
    for cell in notebook.cells:
        notebook.run(cell)
    for _ in range(ACTIONS):
        notebook.act()
    notebook.save()
    monkeypatch.setenv("NBEXT_BASE_URL", relay.base)
    monkeypatch.setenv("NBEXT_API_KEY", "sk-none")
    monkeypatch.setenv("NBEXT_MODEL", "gpt-image-2.6-flare")
    foretold = {}
    for finding in check(notebook.path):
        foretold.setdefault(finding.id, set()).add(finding.verdict)
    notebook.open()
    surprises = []
    for at, cell in enumerate(notebook.cells[1:], start=1):
        before, last = relay.paid, cell.last
        ran = notebook.run(cell)
        says = foretold.get(cell.id, set())
        if relay.paid > before and says <= {"replayed"}:
            surprises.append((at, cell.source, "paid", relay.paid - before, says))
        elif relay.paid == before and last is not None and ran.pictures != last:
            surprises.append((at, cell.source, "another picture", says))
    assert not surprises, "\n".join(map(str, [*notebook.log, *surprises]))
