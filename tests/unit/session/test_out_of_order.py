"""Cells that were run again in any order show what they last showed when all of them are run anew."""

from __future__ import annotations

import random

import pytest

from nbext.config.settings import Nbext
from nbext.data.cell import Cell
from nbext.session.session import Session

EDIT = {"images": ["@-1"]}
CELLS = {
    "1a2b3c4d": ("a cat", {}),
    "2a2b3c4d": ("a hat", EDIT),
    "3a2b3c4d": ("in winter", EDIT),
    "4a2b3c4d": ("a dog", {}),
    "5a2b3c4d": ("and a cart", {"continues": "@-1"}),
    "6a2b3c4d": ("a hat", EDIT),
}


class Kernel:
    """A kernel in which the cells are run."""

    def __init__(self, folder):
        self.session = Session(folder / "own.draws", chosen=Nbext(model="gpt-image-1"))
        self.count = 0

    def run(self, cell):
        self.count += 1
        self.session.cell = lambda: Cell(id=cell, execution_count=self.count)
        prompt, fields = CELLS[cell]
        return self.session.draw(prompt, **fields).pictures[0].sha256

    def stop(self):
        self.session.run(self.session.close())
        self.session.runner.close()


@pytest.mark.parametrize("seed", range(4))
def test_any_order(tmp_path, counting_relay, monkeypatch, seed):
    monkeypatch.setenv("NBEXT_BASE_URL", counting_relay.base)
    monkeypatch.setenv("NBEXT_API_KEY", "sk-none")
    chance, shown = random.Random(seed), {}
    for _ in range(2):
        kernel = Kernel(tmp_path)
        order = [*CELLS, *(chance.choice([*CELLS]) for _ in range(8))]
        for cell in order:
            shown[cell] = kernel.run(cell)
        kernel.stop()
        paid = counting_relay.paid
        kernel = Kernel(tmp_path)
        assert {cell: kernel.run(cell) for cell in CELLS} == shown, order
        kernel.stop()
        assert counting_relay.paid == paid
