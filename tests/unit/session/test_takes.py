"""Several takes of a request: in order, whichever the endpoint draws first."""

from __future__ import annotations

import asyncio

import pytest

from nbext.config.settings import Nbext
from nbext.errors import RequestError
from nbext.session.exchange import Exchange
from nbext.session.session import Session


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
