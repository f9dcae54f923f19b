"""What one cell asks for at once begins, is numbered and is shown in the order of asking."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from nbext.config.settings import Nbext
from nbext.errors import HistoryError, NbextError
from nbext.session.observer import NullObserver
from nbext.session.session import Session
from nbext.session.turns import Turns, next_turn, turns


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

    async def plan_slowly(options, cell=None):
        planned.append(options.prompt)
        if len(planned) == 1:
            await others.wait()
        elif len(planned) == 4:
            others.set()
        return await plan(options, cell)

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
        first, second, other = turns.take("a"), turns.take("a"), turns.take("b")
        await other.come()
        waiting = asyncio.ensure_future(second.come())
        await asyncio.sleep(0)
        assert not waiting.done()
        # One that leaves before its turn lets nobody pass those before it.
        third = turns.take("a")
        waiting.cancel()
        second.leave()
        passing = asyncio.ensure_future(third.come())
        await asyncio.sleep(0)
        assert not passing.done()
        first.leave()
        await passing
        third.leave()
        other.leave()
        assert not turns

    asyncio.run(work())


def in_a_thread(function):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


def test_a_thread_that_asked_earlier_is_waited_for_until_its_cell_is_known():
    async def work():
        turns = Turns()
        first = in_a_thread(turns.take)
        second = turns.take("a")
        waiting = asyncio.ensure_future(second.come())
        await asyncio.sleep(0)
        assert not waiting.done()
        first.enter("a")
        await first.come()
        assert not waiting.done()
        first.leave()
        await waiting
        second.leave()
        # Of another cell, or with nothing to ask: nobody waits for it any longer.
        for end in (lambda turn: turn.enter("b"), lambda turn: turn.leave()):
            first, second = in_a_thread(turns.take), turns.take("a")
            waiting = asyncio.ensure_future(second.come())
            await asyncio.sleep(0)
            assert not waiting.done()
            end(first)
            await waiting
            first.leave()
            second.leave()
        assert not turns

    asyncio.run(work())


def test_what_an_argument_draws_is_not_waited_for(session):
    pictures = (session.draw(p, size="64x64") for p in ("a cat", "a dog"))
    assert session.draw("both", size="64x64", images=list(pictures)).number == 3

    def lazily():
        yield from (session.draw(p, size="64x64") for p in ("a fish", "a bird"))

    with next_turn() as turn:
        assert [d.number for d in lazily()] == [4, 5]
        turn.enter("cell")
        turn.leave()


@pytest.mark.parametrize("fails", [{"nonsense": 1}, {"images": "@99"}])
def test_a_verb_that_fails_leaves_nobody_waiting(session, fails):
    for _ in range(2):
        with pytest.raises(NbextError):
            session.draw("a cat", **fails)
    assert session.draw("a cat", size="64x64").number == 1
    assert not turns


def ask_in_threads(asked, patch):
    """Ask four times for the same, each in a thread; the first of them is the last to be ready."""
    called, planned = [threading.Event() for _ in range(5)], threading.Semaphore(0)
    called[0].set()
    take, begin, own = turns.take, asked.begin, threading.local()

    def take_and_tell(cell=None):
        turn = take(cell)
        next(event for event in called if not event.is_set()).set()
        return turn

    def begin_and_tell(reply):
        planned.release()
        return begin(reply)

    def work(n):
        own.number = n
        called[n].wait()
        return asked.draw("a cat", size="64x64").number

    def view(_):
        for _ in range(3 if own.number == 0 else 0):
            planned.acquire()
        return NullObserver()

    patch.setattr(turns, "take", take_and_tell)
    patch.setattr(asked, "view", view)
    patch.setattr(asked, "begin", begin_and_tell)
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(work, range(4)))


def test_threads_that_ask_the_same_are_replayed_in_the_order_of_asking(session, monkeypatch):
    for _ in range(2):
        asked = Session(session.store.folder, chosen=session.settings)
        try:
            with monkeypatch.context() as patch:
                assert ask_in_threads(asked, patch) == [1, 2, 3, 4]
        finally:
            asked.run(asked.close())
            asked.runner.close()
    assert len(session.store.records()) == 4
