"""Several takes of a request: in order, whichever the endpoint draws first."""

from __future__ import annotations

import asyncio
import errno
import os

import pytest

from nbext.config.settings import Nbext
from nbext.data.cell import Cell
from nbext.errors import NoPictureError, RequestError
from nbext.session.exchange import Exchange
from nbext.session.session import Session
from nbext.store import pictures, sink


@pytest.fixture
def start(tmp_path):
    """Start sessions on one history, as kernels do one after the other."""
    started = []

    def start_(**chosen):
        started.append(Session(tmp_path / "cats.draws", chosen=Nbext(**chosen)))
        return started[-1]

    yield start_
    for session in started:
        session.run(session.close())
        session.runner.close()


@pytest.fixture
def backwards(monkeypatch):
    """Each take ends after those behind it."""
    run = Exchange.run

    ended = set()

    async def late(self, call):
        await run(self, call)
        while self.record.take < 2 and self.record.take + 1 not in ended:
            await asyncio.sleep(0.005)
        ended.add(self.record.take)

    monkeypatch.setattr(Exchange, "run", late)


def test_numbers_and_the_last_one_follow_the_takes(start, backwards):
    first = start()
    drawn = first.draw("a cat", n=3)
    assert [(d.number, d.take) for d in drawn] == [(1, 0), (2, 1), (3, 2)]
    assert first.history["@-1"] == drawn[2]
    # An edit of "@-1" is the same request when all is run again, and so it is free.
    edit = first.draw("with a hat", images=["@-1"])
    second = start()
    again = second.draw("a cat", n=3)
    assert [d.id for d in again] == [d.id for d in drawn]
    assert second.draw("with a hat", images=["@-1"]).id == edit.id
    assert len(second.history) == 4


def test_a_take_that_fails_leaves_the_others_in_order(start, monkeypatch):
    run = Exchange.run
    session = start()

    async def broken(self, call):
        if self.record.take == 1:
            raise RequestError("It is broken.")
        await run(self, call)

    monkeypatch.setattr(Exchange, "run", broken)
    with pytest.raises(RequestError, match="1 of 3 takes failed"):
        session.draw("a cat", n=3)
    assert session.history["@-1"].take == 2
    assert session.history["@-2"].take == 0


@pytest.mark.parametrize("small", [True, False])
def test_pictures_that_the_disk_loses(start, monkeypatch, small):
    session = start()
    session.draw("warm up")
    real, lose = pictures.sync_files, []
    if not small:
        # One with a longer head is nowhere but in its file.
        monkeypatch.setattr(sink, "HEADER_BYTES", 64)

    def sync(paths, folder):
        if lose:
            # It was written, and neither comes to rest nor can be read back.
            for path in paths:
                path.unlink()
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(paths, folder)

    monkeypatch.setattr(pictures, "sync_files", sync)
    lose.append(True)
    if small:
        assert session.draw("a cat").image.size
        assert any("only in this kernel" in warning for warning in session.store.warnings)
        lose.clear()
        session.draw("a dog")
        assert [len(drawing.pictures) for drawing in start().history] == [1, 1, 1]
        assert all(drawing.pictures[0].data for drawing in start().history)
        return
    with pytest.raises(NoPictureError, match="disk") as caught:
        session.draw("a cat")
    failed = caught.value.drawing
    assert (failed.number, list(failed.pictures)) == (2, [])
    assert failed.error.type == "NoPictureError"
    assert failed.record.lost
    lose.clear()
    again = session.draw("a cat")
    assert again.pictures[0].data
    fresh = start().history
    assert [len(drawing.pictures) for drawing in fresh] == [1, 0, 1]


def test_numbers_follow_the_takes_where_some_are_shown_by_another_cell(start):
    def draw(session, cell, execution, takes):
        session.cell = lambda: Cell(id=cell, execution_count=execution)
        return [drawing.number for drawing in session.draw("a cat", n=takes)]

    assert draw(start(embedded_pace=0), "a", 1, 3) == [1, 2, 3]
    session = start(embedded_pace=0)
    assert draw(session, "b", 1, 3) == [1, 2, 3]
    assert draw(session, "b", 2, 4) == [4, 5, 6, 7]
    assert draw(session, "a", 3, 4) == [1, 2, 3, 8]
    assert draw(session, "a", 4, 4) == [9, 10, 11, 12]
