"""Replay follows the question: a relay that counts, and never gives the same picture twice."""

from __future__ import annotations

import pytest

from nbext.config.settings import Nbext
from nbext.data.cell import Cell
from nbext.session.session import Session


@pytest.fixture
def relay(counting_relay):
    return counting_relay


@pytest.fixture
def start(tmp_path, relay, monkeypatch):
    """Starts kernels of one notebook."""
    kernels = []

    def start_kernel():
        kernels.append(Kernel(tmp_path, relay, monkeypatch))
        return kernels[-1]

    yield start_kernel
    for kernel in kernels:
        kernel.stop()


class Kernel:
    """Runs cells as a front end that names them does."""

    def __init__(self, folder, relay, monkeypatch):
        monkeypatch.setenv("NBEXT_BASE_URL", relay.base)
        monkeypatch.setenv("NBEXT_API_KEY", "sk-none")
        chosen = Nbext()
        chosen.model = "gpt-image-1"
        self.session = Session(folder / "a.draws", chosen=chosen)
        self.count = 0
        self.names = {}

    def stop(self):
        self.session.run(self.session.close())
        self.session.runner.close()

    def run(self, cell):
        self.count += 1
        where = Cell(id=cell.partition(":")[0], execution_count=self.count)
        drawings = []
        for step in cell.partition(":")[2].split(";"):
            prompt, _, image = step.partition("<")
            name, _, prompt = prompt.rpartition("=")
            images = [self.names.get(image, image)] if image else []
            takes = 2 if prompt.startswith("2 ") else 1
            self.session.cell = lambda: where
            drawing = self.session.draw(prompt, images=images, n=takes)
            self.names[name] = drawing
            drawings += [drawing] if takes == 1 else drawing
        return [d.pictures[0].sha256 for d in drawings]


A, B, C = "A:x=a cat", "B:a dog", "C:a hat<@-1"
# What runs, what runs after a restart, and how much of that is paid for.
TABLE = {
    "nothing odd": ([A, C], [A, C], 0),
    "drawn again": ([A, C, A], [A, C], 0),
    "edited again": ([A, C, C], [A, C], 0),
    "edited three times": ([A, C, C, C], [A, C], 0),
    "edited again, then on": ([A, C, C, "D:a bone<@-1"], [A, C, "D:a bone<@-1"], 0),
    "edited on, then both again": ([A, C, "D:a bone<@-1", C, "D:a bone<@-1"], [A, C, "D:a bone<@-1"], 0),
    "another drawing below, then edited again": ([A, C, B, C], [A, C, B], 0),
    "out of order": ([A, B, A, C], [A, B, C], 0),
    "out of order, all again": ([A, B, C, A, C], [A, B, C], 0),
    "a name drawn anew": ([A, "C:a hat<x", A], [A, "C:a hat<x"], 0),
    "a name drawn anew and edited anew": ([A, "C:a hat<x", A, "C:a hat<x"], [A, "C:a hat<x"], 0),
    "a chain in one cell": ([A, "C:a hat<@-1;a hat<@-1;a coat<@-1"], [A, "C:a hat<@-1;a hat<@-1;a coat<@-1"], 0),
    "a chain in one cell, again": (
        [A, "C:a hat<@-1;a coat<@-1", "C:a hat<@-1;a coat<@-1"], [A, "C:a hat<@-1;a coat<@-1"], 0,
    ),
    "a set in another order": (["A:one;two;three", C], ["A:two;three;one", C], 0),
    "run all twice before": ([A, B, C, A, B, C], [A, B, C], 0),
    # Another question is another one.
    "the prompt above was changed": ([A, C], ["A:x=a lion", C], 2),
    "the prompt in a chain was changed": ([A, "C:a hat<@-1;a coat<@-1"], [A, "C:a cap<@-1;a coat<@-1"], 2),
    "a drawing was put in between": ([A, C], [A, B, C], 2),
    "the edit was changed": ([A, C], [A, "C:a cap<@-1"], 1),
    "a name means another": ([A, "B:y=a dog", "C:a hat<x"], [A, "B:y=a dog", "C:a hat<y"], 1),
    "run again after the restart": ([A, C], [A, C, C], 1),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "paid"), TABLE.values(), ids=TABLE)
def test_what_a_cell_showed_last_is_shown_again(start, relay, before, after, paid):
    first = start()
    shown = {cell.partition(":")[0]: first.run(cell) for cell in before}
    was = relay.paid
    second = start()
    again = [(cell.partition(":")[0], second.run(cell)) for cell in after]
    assert relay.paid - was == paid
    if paid == 0:
        for cell, pictures in again:
            assert sorted(pictures) == sorted(shown[cell]), cell
    # A third time all is free, and as it was.
    was, third = relay.paid, start()
    last = dict(again)
    for cell in dict.fromkeys(after):
        assert third.run(cell) == last[cell.partition(":")[0]]
    assert relay.paid == was
    report = second.session.history.verify()
    assert report.ok, report
