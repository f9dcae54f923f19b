"""What a cell showed last is what it shows again, as long as nothing above was asked differently.

The relay counts, and never gives the same picture twice: what is paid for again cannot look the same.
"""

from __future__ import annotations

import re

import pytest

from tests.kernel.conftest import Kernel
from tests.until import until

# A thread runs on until it waits for something: so the order of asking is that of starting.
IN_TURN = "import sys, threading\nsys.setswitchinterval(100)\n"
SAME = f"{IN_TURN}results = [None] * 5\ndef work(n):\n    results[n] = nbext.draw('a kite')\n"
SHOW = "print([d.pictures[0].sha256 for d in results])"
# Since Python 3.13 the threads of a pool do not begin in the order of their work.
SORTED = "print(sorted(d.pictures[0].sha256 for d in results))"

CELLS = {
    "draw": "%%draw --as cat\n画只猫",
    "lion": "%%draw --as cat\n画只狮子",
    "dog": "%%draw\na dog",
    "edit": "%%edit\n加一顶帽子",
    "edit x": "%%edit -i cat\nwith a scarf",
    "edit number": "%%edit -i @1\nat night",
    "edit dog": "%%edit\nwith a bone",
    "takes": "%%draw -n 2 --as ts\na bird",
    "edit take": "%%edit -i ts[1]\nin flight",
    "best": "best = nbext.draw('a horse')\nbest.edit('with wings')",
    "go on": "%%draw -c\nand from behind",
    "gather": "import asyncio\n_ = await asyncio.gather(*(nbext.adraw(w) for w in ('slow', 'fast', 'last')))",
    "set": "for word in sorted({'one', 'two', 'three'}, reverse=other_seed):\n    nbext.draw(word)",
    "slow thread": f"{IN_TURN}ts = [threading.Thread(target=nbext.draw, args=(w,)) for w in ('a slow ox', 'an owl')]\n"
    "_ = [t.start() for t in ts], [t.join() for t in ts]",
    "threads": f"{SAME}ts = [threading.Thread(target=work, args=(n,)) for n in range(5)]\n"
    f"_ = [t.start() for t in ts], [t.join() for t in ts]\n{SHOW}",
    "pool": f"{SAME}from concurrent.futures import ThreadPoolExecutor\n"
    f"with ThreadPoolExecutor(5) as pool:\n    _ = list(pool.map(work, range(5)))\n{SORTED}",
    "to_thread": f"{SAME}import asyncio\n_ = await asyncio.gather(*(asyncio.to_thread(work, n) for n in range(5)))\n{SORTED}",
}  # fmt: skip
# A cell that was changed, and how many requests of a cell have an answer before the slow one.
ID = {"lion": "draw"}
FAST = {"gather": 2, "slow thread": 1}

# What runs before the restart, what runs after it, and how many requests that may send.
TABLE = {
    "nothing odd": (["draw", "edit"], ["draw", "edit"], 0),
    "drawn again": (["draw", "edit", "draw"], ["draw", "edit"], 0),
    "edited again": (["draw", "edit", "edit"], ["draw", "edit"], 0),
    "edited again, then edited on": (["draw", "edit", "edit", "edit dog"], ["draw", "edit", "edit dog"], 0),
    "another drawing below, then edited again": (["draw", "edit", "dog", "edit"], ["draw", "edit", "dog"], 0),
    "out of order": (["draw", "dog", "draw", "edit"], ["draw", "dog", "edit"], 0),
    "a number": (["draw", "edit number", "draw", "edit number"], ["draw", "edit number"], 0),
    "a name drawn anew": (["draw", "edit x", "draw"], ["draw", "edit x"], 0),
    "a name drawn anew, edited anew": (["draw", "edit x", "draw", "edit x"], ["draw", "edit x"], 0),
    "takes drawn anew": (["takes", "edit take", "takes"], ["takes", "edit take"], 0),
    "a variable drawn anew with its edit": (["best", "dog", "best"], ["best", "dog"], 0),
    "a conversation begun anew": (["draw", "go on", "draw"], ["draw", "go on"], 0),
    "a slow one among some at once": (["gather", "edit"], ["gather", "edit"], 0),
    "a slow thread": (["slow thread", "edit"], ["slow thread", "edit"], 0),
    "a set": (["set", "edit"], ["set", "edit"], 0),
    "threads that ask the same": (["threads", "edit"], ["threads", "edit"], 0),
    "a pool that asks the same": (["pool", "pool", "edit"], ["pool", "edit"], 0),
    "to_thread that asks the same": (["to_thread", "edit"], ["to_thread", "edit"], 0),
    # What is another question pays.
    "the prompt above was changed": (["draw", "edit"], ["lion", "edit"], 2),
    "a drawing put in between": (["draw", "edit"], ["draw", "dog", "edit"], 2),
    "run again after the restart": (["draw", "edit"], ["draw", "edit", "edit"], 1),
    "changed and changed back": (["draw", "edit", "lion", "edit"], ["draw", "edit"], 0),
}  # fmt: skip

RESTART = "from nbext.session.current import forget_session\nforget_session()"


class Notebook:
    """A kernel that runs the rows of the table, each in a folder of its own."""

    def __init__(self, folder, relay, *, other_seed):
        paid = {"NBEXT_BASE_URL": relay.base, "NBEXT_API_KEY": "sk-none"}
        self.relay, self.folder = relay, folder
        self.kernel = Kernel(folder, NBEXT_MODEL="gpt-image-1.5", **paid)
        # The order of a set is another one in each kernel.
        assert self.kernel.run(f"%load_ext nbext\nother_seed = {other_seed}").status == "ok"

    def open(self, row):
        folder = self.folder / row
        folder.mkdir(exist_ok=True)
        return self.kernel.run(f"{RESTART}\nimport os\nos.chdir({str(folder)!r})")

    def run(self, name, *, wait=False):
        """Run a cell; where it is to wait, its slow request ends when the others have."""
        code, cell = CELLS[name], ID.get(name, name)
        if not (wait and name in FAST):
            return self.kernel.run(code, cell=cell)
        others = self.relay.paid + FAST[name]
        self.relay.go.clear()
        sent = self.kernel.send(code, cell=cell)
        until(lambda: self.relay.paid == others, name)
        self.relay.go.set()
        return self.kernel.wait(sent)[0]


@pytest.fixture(scope="module")
def notebooks(relay, tmp_path_factory):
    """A kernel before the restart and one after it."""
    folder = tmp_path_factory.mktemp("rows")
    opened = [Notebook(folder, relay, other_seed=seed) for seed in (False, True)]
    yield opened
    for notebook in opened:
        notebook.kernel.stop()


def lines_of(ran):
    """What a cell says; streams and the drawings of threads have no order among themselves."""
    return sorted(re.sub(" · made from @., an earlier take", "", ran.text).splitlines())


@pytest.mark.parametrize("row", TABLE)
def test_restart_and_run_all(notebooks, relay, row):
    before, after, paid = TABLE[row]
    first, second = notebooks
    first.open(row)
    shown = {}
    for name in before:
        ran = first.run(name, wait=True)
        assert ran.status == "ok", ran.error
        if "lion" not in shown:
            shown[name] = ran
    sent = relay.paid
    # What is random about threads is as random the next times.
    for _ in range(8 if "the same" in row else 1):
        second.open(row)
        for name in after:
            ran = second.run(name)
            assert ran.status == "ok", ran.error
            if paid == 0:
                assert sorted(ran.pictures) == sorted(shown[name].pictures), name
                assert lines_of(ran) == lines_of(shown[name]), name
    assert relay.paid - sent == paid
