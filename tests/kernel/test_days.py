"""A day of work in a notebook, at random: run after it from the top, it pays for nothing.

Cells are run, run again, interrupted, out of order, changed and changed back; some ask for several things at once,
some are put in above, copied or deleted; the notebook is copied, renamed and stripped. Then the kernel is restarted and all is run: no cell pays that
``nbext check`` has called free, and each shows what it last showed.

``NBEXT_DAYS=20`` for more days than the few of ``make test``.
"""

from __future__ import annotations

import os
import random
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

from nbext.cli.check import check
from tests.kernel.conftest import Kernel
from tests.until import PATIENCE, until

DAYS = int(os.environ.get("NBEXT_DAYS", "2"))
ACTIONS = 40
CELLS = 30
RESTART = "import os\nfrom nbext.session.current import forget_session\nforget_session()\n"
POOL = "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as pool:\n"
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

        What is above a cell that edits or goes on may have been asked differently since.
        """
        stands_alone = "edit" not in self.source and not self.source.startswith("%%draw -c")
        return self.pictures.get(self.source) if stands_alone else None


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
        f"import asyncio\n_ = await asyncio.gather(*(nbext.adraw(w) for w in ('a slow {animal}', 'one {other}')))",
        f"{POOL}    _ = list(pool.map(nbext.draw, ('one {animal}', 'a slow {other}')))",
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

    def run(self, cell, *, interrupt=False):
        """Run a cell; where it is interrupted, while its first request is under way."""
        before = self.relay.paid
        self.relay.go.clear()
        self.relay.slow = b"" if interrupt else b"slow"
        ended = threading.Event()

        def watch():
            until(lambda: self.relay.waiting or ended.is_set(), cell.source)
            if interrupt and not ended.is_set():
                self.kernel.interrupt()
                # Other threads do not hear of it, and the cell waits for them.
                if "pool" not in cell.source:
                    ended.wait(PATIENCE)
            self.relay.go.set()

        with ThreadPoolExecutor(1) as pool:
            watching = pool.submit(watch)
            ran = self.kernel.run(cell.source, cell=cell.id)
            ended.set()
        watching.result()
        until(lambda: not self.relay.waiting, cell.source)
        if interrupt and ran.error.get("ename") in ("KeyboardInterrupt", "CancelledError"):
            # What it showed is gone; what it had begun may be billed.
            cell.pictures.pop(cell.source, None)
            cell.outputs = ran.outputs
        elif ran.status == "ok":
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
        what = rng.choice([*["run"] * 12, *["run from here"] * 2, *["interrupt"] * 2, "change", "change", "back", "insert", "copy", "delete", "duplicate", "rename", "strip", "restart"])  # fmt: skip
        self.log.append((what, at, cell.source))
        if what in ("run", "interrupt"):
            self.run(cell, interrupt=what == "interrupt")
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
                # Nothing says any longer which of another cell's drawings it showed.
                each.pictures = {s: shown for s, shown in each.pictures.items() if s in each.own}
            self.save()
        elif what == "restart":
            self.save()
            self.open()


def environment(relay):
    """Where the kernel, and ``nbext check``, send requests."""
    return {
        "NBEXT_BASE_URL": relay.base,
        "NBEXT_API_KEY": "sk-none",
        "NBEXT_MODEL": "gpt-image-2.6-flare",
    }


def use(monkeypatch, relay):
    for name, value in environment(relay).items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def kernel(relay, tmp_path_factory):
    folder = tmp_path_factory.mktemp("days")
    running = Kernel(folder, **environment(relay))
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
    use(monkeypatch, relay)
    foretold = {}
    for finding in check(notebook.path):
        foretold.setdefault(finding.id, set()).add(finding.verdict)
    notebook.open()
    surprises = []
    for at, cell in enumerate(notebook.cells[1:], start=1):
        before, last = relay.paid, cell.last
        ran = notebook.run(cell)
        says = foretold.get(cell.id, set())
        at_once = "gather" in cell.source or "pool" in cell.source
        pictures = sorted(ran.pictures) if at_once else ran.pictures
        if relay.paid > before and says <= {"replayed"}:
            surprises.append((at, cell.source, "paid", relay.paid - before, says))
        elif (
            relay.paid == before
            and last is not None
            and pictures != (sorted(last) if at_once else last)
        ):
            surprises.append((at, cell.source, "another picture", says))
    assert not surprises, "\n".join(map(str, [*notebook.log, *surprises]))


@pytest.mark.parametrize("when", ["at once", "in another session", "before it has run"])
def test_a_copied_cell_goes_on_showing_what_it_showed(kernel, relay, tmp_path, monkeypatch, when):
    """The cell that it was copied from draws again: that is not the copy's."""
    notebook = Notebook(tmp_path / "copied.ipynb", kernel, relay, random.Random(0))
    cell = Cell(notebook.rng, "%%draw\na kite")
    copy = Cell(notebook.rng, cell.source)
    notebook.cells = [notebook.cells[0], cell, copy]
    notebook.save()
    notebook.open()
    [first] = notebook.run(cell).pictures
    # Front ends copy the outputs, too.
    copy.outputs = cell.outputs
    notebook.save()
    notebook.open()
    if when != "before it has run":
        assert notebook.run(copy).pictures == [first]
    if when == "in another session":
        notebook.save()
        notebook.open()
    assert notebook.run(cell).pictures == [first]
    [second] = notebook.run(cell).pictures
    assert second != first
    if when == "at once":
        # Nobody has saved since the copy ran, and no output is left.
        copy.outputs = []
        notebook.save()
    paid, journal = relay.paid, notebook.path.with_suffix(".draws") / "history.jsonl"
    before = journal.read_bytes()
    for _ in range(2):
        notebook.open()
        assert [notebook.run(c).pictures for c in (copy, cell)] == [[first], [second]]
        notebook.open()
        assert [notebook.run(c).pictures for c in (cell, copy)] == [[second], [first]]
    assert (relay.paid, journal.read_bytes()) == (paid, before)
    use(monkeypatch, relay)
    assert [f.reason for f in check(notebook.path)] == ["replayed @2", "replayed @1"]
