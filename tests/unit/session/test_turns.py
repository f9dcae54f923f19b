"""What one cell asks for at once begins, is numbered and is shown in the order of asking."""

from __future__ import annotations

import asyncio

import pytest

from nbext.config.settings import Nbext
from nbext.errors import HistoryError
from nbext.session.observer import Cell, NullObserver
from nbext.session.session import Session
from nbext.session.turns import Turns


@pytest.fixture
def session(tmp_path, endpoint, monkeypatch):
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
    made = Session(tmp_path / "cats.draws", chosen=Nbext())
    yield made
    made.run(made.close())
    made.runner.close()


class View(NullObserver):
    """Notes when the place of a prompt is taken."""

    places: list[str]

    def __init__(self, prompt):
        self.reserve = lambda: self.places.append(prompt)


def slow_first(session, monkeypatch):
    """Let the first request be planned when all others long have been."""
    plan, planned, others = session.plan, [], asyncio.Event()

    async def plan_slowly(options):
        planned.append(options.prompt)
        if len(planned) == 1:
            await others.wait()
        elif len(planned) == 4:
            others.set()
        return await plan(options)

    monkeypatch.setattr(session, "plan", plan_slowly)


def at_once(session, prompts):
    async def gather():
        return await asyncio.gather(*(session.adraw(p, size="64x64") for p in prompts))

    return asyncio.run(gather())


def test_what_is_asked_for_first_has_the_first_number_and_place(session, monkeypatch):
    View.places = []
    monkeypatch.setattr(session, "view", lambda options: View(options.prompt))
    slow_first(session, monkeypatch)
    prompts = ["slow", "a cat", "a cat", "a dog"]
    drawings = at_once(session, prompts)
    assert [d.number for d in drawings] == [1, 2, 3, 4]
    assert View.places == prompts
    # After a restart each shows what it has shown, though one of them is drawn anew.
    again = Session(session.store.folder, chosen=Nbext())
    try:
        View.places = []
        monkeypatch.setattr(again, "view", lambda options: View(options.prompt))
        slow_first(again, monkeypatch)
        drawings = at_once(again, ["another", "a cat", "a cat", "a dog"])
    finally:
        again.run(again.close())
        again.runner.close()
    assert [d.number for d in drawings] == [5, 2, 3, 4]
    assert View.places == ["another", "a cat", "a cat", "a dog"]


def test_one_that_fails_holds_nobody_up_and_lets_nobody_pass(session, monkeypatch):
    slow_first(session, monkeypatch)

    async def gather():
        asked = [("slow", []), ("of nothing", ["@99"]), ("a cat", []), ("a dog", [])]
        work = [session.adraw(p, size="64x64", images=i) for p, i in asked]
        return await asyncio.gather(*work, return_exceptions=True)

    slow, failure, cat, dog = asyncio.run(gather())
    assert isinstance(failure, HistoryError)
    assert [slow.number, cat.number, dog.number] == [1, 2, 3]


def test_cells_do_not_wait_for_each_other():
    async def work():
        turns = Turns()
        first, second, other = turns.take(Cell("a")), turns.take(Cell("a")), turns.take(Cell("b"))
        await other.come()
        waiting = asyncio.ensure_future(second.come())
        await asyncio.sleep(0)
        assert not waiting.done()
        # One that leaves before its turn lets nobody pass those before it.
        third = turns.take(Cell("a"))
        waiting.cancel()
        second.leave()
        passing = asyncio.ensure_future(third.come())
        await asyncio.sleep(0)
        assert not passing.done()
        first.leave()
        await passing
        third.leave()
        other.leave()
        await asyncio.sleep(0)
        assert not turns._last

    asyncio.run(work())
