"""Requests at once: a number that finds what an endpoint takes, on a clock of the test's own."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools

import pytest

from nbext.transport import limiter as module
from nbext.transport.limiter import Limiter, Turn


@contextlib.asynccontextmanager
async def place(limiter, turn=None):
    """Hold a place at the endpoint, as a request does until it has its answer."""
    turn = turn or Turn()
    await limiter.admit(turn)
    try:
        yield turn
    finally:
        turn.leave()


class FakeClock:
    """Time passes when the test says so."""

    def __init__(self):
        self.now = 1000.0
        self.timers = []
        self.most_timers = 0
        self._order = itertools.count()

    def time(self):
        return self.now

    def call_at(self, when, callback):
        timer = FakeTimer()
        heapq.heappush(self.timers, (when, next(self._order), timer, callback))
        live = [t for *_, t, _ in self.timers if not t.cancelled]
        self.most_timers = max(self.most_timers, len(live))
        return timer

    async def settle(self):
        for _ in range(8):
            await asyncio.sleep(0)

    async def run(self, until):
        """Let time pass up to a moment, timer by timer."""
        while True:
            await self.settle()
            due = [t for t in self.timers if t[0] <= until and not t[2].cancelled]
            if not due:
                break
            timer = min(due, key=lambda t: t[:2])
            self.timers.remove(timer)
            self.now = max(self.now, timer[0])
            timer[3]()
        self.now = until
        await self.settle()


class FakeTimer:
    cancelled = False

    def cancel(self):
        self.cancelled = True


class Endpoint:
    """Takes a number of requests at once and refuses the others."""

    def __init__(self, clock, limiter, *, capacity=10**9, takes=1.0, after=2.0):
        self.clock, self.limiter = clock, limiter
        self.capacity, self.takes, self.after = capacity, takes, after
        self.active = self.most = self.refusals = self.sent = 0
        self.done = []
        self.begun = []

    async def request(self, name):
        turn = None
        while True:
            async with place(self.limiter, turn) as turn:
                self.sent += 1
                self.begun.append((self.clock.now, name))
                if self.active >= self.capacity:
                    self.refusals += 1
                    self.limiter.refused(turn, self.after)
                    continue
                self.active += 1
                self.most = max(self.most, self.active)
                over = asyncio.get_running_loop().create_future()
                self.clock.call_at(
                    self.clock.now + self.takes,
                    lambda over=over: over.done() or over.set_result(None),
                )
                await over
                self.active -= 1
                self.limiter.answered(turn)
                self.done.append(name)
                return


def run(main):
    return asyncio.run(main())


async def sweep(number, *, seconds, **how):
    clock = FakeClock()
    limits = {name: how.pop(name) for name in ("max_concurrent", "max_per_minute") if name in how}
    limiter = Limiter(clock, **limits)
    endpoint = Endpoint(clock, limiter, **how)
    tasks = [asyncio.ensure_future(endpoint.request(n)) for n in range(number)]
    await clock.run(clock.now + seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert limiter.active == 0
    return endpoint, limiter, clock


def test_it_starts_small_and_grows_fast_while_nothing_is_refused():
    async def main():
        clock = FakeClock()
        limiter = Limiter(clock)
        endpoint = Endpoint(clock, limiter)
        tasks = [asyncio.ensure_future(endpoint.request(n)) for n in range(1000)]
        await clock.settle()
        assert endpoint.active == module.START
        await clock.run(clock.now + 1.5)
        assert len(endpoint.done) == 1000
        await asyncio.gather(*tasks)

    run(main)


def test_a_ceiling_is_kept_and_reached():
    endpoint, limiter, _ = run(lambda: sweep(1000, seconds=12, max_concurrent=100))
    assert endpoint.most == 100
    assert limiter.limit == 100
    assert len(endpoint.done) == 1000


def test_so_many_a_minute_and_no_more():
    endpoint, *_ = run(lambda: sweep(100, seconds=130, max_per_minute=30))
    times = [moment for moment, _ in endpoint.begun]
    assert len(times) == 90
    for at, moment in enumerate(times):
        assert sum(1 for other in times[at:] if other < moment + 60) <= 30


@pytest.mark.parametrize("capacity", [1, 5, 20, 200])
def test_it_finds_what_an_endpoint_takes(capacity):
    number, seconds = 60 * capacity, 200
    endpoint, limiter, _ = run(lambda: sweep(min(number, 1500), seconds=seconds, capacity=capacity))
    # Within three times what the endpoint needs for them, its pauses included.
    assert len(endpoint.done) == min(number, 1500)
    assert limiter.limit <= 2 * capacity + 1


def test_refusals_of_one_burst_count_once():
    async def main():
        clock = FakeClock()
        limiter = Limiter(clock)
        limiter.limit = 64
        turns = []

        async def hold():
            async with place(limiter) as turn:
                turns.append(turn)
                await asyncio.sleep(3600)

        tasks = [asyncio.ensure_future(hold()) for _ in range(64)]
        await clock.settle()
        clock.now += 1
        for turn in turns:
            limiter.refused(turn, 1.0)
        assert limiter.limit == 32
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    run(main)


def test_everything_waits_for_as_long_as_the_endpoint_asks():
    endpoint, *_ = run(lambda: sweep(40, seconds=100, capacity=4, takes=1.0, after=7.0))
    times = sorted({moment for moment, _ in endpoint.begun})
    first_refusal = times[0]
    assert not [moment for moment in times if first_refusal + 0.2 < moment < first_refusal + 7.0]
    assert len(endpoint.done) == 40


def test_first_come_first_served_also_after_a_refusal():
    endpoint, *_ = run(lambda: sweep(60, seconds=300, capacity=5))
    order = endpoint.done
    assert sorted(order) == list(range(60))
    # Nobody is overtaken by more than what is under way at once.
    assert all(abs(place - name) <= 40 for place, name in enumerate(order))


def test_one_timer_however_many_wait_and_none_where_nobody_does():
    _, _, clock = run(lambda: sweep(500, seconds=0, max_per_minute=20))
    # Those of the fake endpoint's own requests apart.
    assert clock.most_timers <= 1 + 20

    async def main():
        clock = FakeClock()
        limiter = Limiter(clock, max_per_minute=5)
        async with place(limiter):
            pass
        assert clock.timers == []

    run(main)


def test_who_is_cancelled_leaves_its_place_to_the_next():
    async def main():
        clock = FakeClock()
        limiter = Limiter(clock, max_concurrent=1)
        endpoint = Endpoint(clock, limiter)
        tasks = [asyncio.ensure_future(endpoint.request(n)) for n in range(4)]
        await clock.settle()
        tasks[0].cancel()
        tasks[2].cancel()
        await clock.settle()
        assert limiter.active == 1
        await clock.run(clock.now + 5)
        assert endpoint.done == [1, 3]
        assert limiter.active == 0

    run(main)


def test_who_is_cancelled_in_the_moment_of_its_turn_leaves_it_too():
    async def main():
        clock = FakeClock()
        limiter = Limiter(clock, max_concurrent=1)
        endpoint = Endpoint(clock, limiter)
        first = asyncio.ensure_future(endpoint.request(0))
        second = asyncio.ensure_future(endpoint.request(1))
        third = asyncio.ensure_future(endpoint.request(2))
        await clock.settle()
        first.cancel()
        # One step: the first lets go, and the second is let go ahead without having run yet.
        await asyncio.sleep(0)
        second.cancel()
        await clock.run(clock.now + 5)
        await asyncio.gather(first, second, return_exceptions=True)
        await third
        assert limiter.active == 0

    run(main)


def test_it_does_not_grow_where_more_only_waits_longer():
    """An endpoint that works on eight at a time and lets the others wait."""

    async def main():
        clock = FakeClock()
        limiter = Limiter(clock)
        limiter._doubles = False
        limiter.limit = 8
        for _ in range(400):
            turns = []
            for _ in range(limiter.limit):
                turn = module.Turn()
                turn.started = clock.now
                turns.append(turn)
            for place, turn in enumerate(turns):
                clock.now = turn.started + 1.0 * (1 + place // 8)
                limiter.answered(turn)
        return limiter.limit

    assert 8 <= run(main) < 40


@pytest.mark.parametrize("at_once", [1, 8, 40])
def test_it_recovers_where_some_answers_take_far_longer_than_others(at_once):
    """As where a vision model judges in a second what another draws in a minute."""

    async def main():
        clock = FakeClock()
        limiter = Limiter(clock)
        limiter._doubles = False
        limiter.limit = at_once
        durations = itertools.cycle([0.01, 60.0, 1.0, 5.0])
        for _ in range(60):
            turns = [module.Turn() for _ in range(limiter.limit)]
            for turn in turns:
                turn.started = clock.now - next(durations)
                limiter.answered(turn)
        return limiter.limit

    assert run(main) > at_once + 40


def test_a_request_keeps_its_place_until_its_result_is_stored():
    async def main():
        clock = FakeClock()
        limiter = Limiter(clock, max_concurrent=2)
        turns = [module.Turn(holds=True) for _ in range(3)]
        await limiter.admit(turns[0])
        await limiter.admit(turns[1])
        third = asyncio.ensure_future(limiter.admit(turns[2]))
        turns[0].leave()
        await clock.run(clock.now + 60)
        assert not third.done(), "answered, and not on disk"
        assert (limiter.active, limiter.unstored) == (1, 1)
        turns[0].end()
        turns[0].end()
        await third
        for turn in turns:
            turn.end()
        assert (limiter.active, limiter.unstored) == (0, 0)
        assert not clock.timers

    run(main)


def test_without_a_ceiling_what_is_stored_late_holds_nobody_up():
    async def main():
        limiter = Limiter(FakeClock())
        for _ in range(100):
            turn = module.Turn(holds=True)
            await asyncio.wait_for(limiter.admit(turn), 5)
            turn.leave()
        assert (limiter.active, limiter.unstored) == (0, 100)

    run(main)


def test_a_place_is_taken_ahead_only_where_nobody_waits_and_there_is_room():
    """So that what is written before a request is sent can say whether it is going to wait."""

    async def main():
        clock = FakeClock()
        limiter = Limiter(clock, max_concurrent=2, max_per_minute=3)
        first, second, third = (module.Turn(holds=True) for _ in range(3))
        assert [limiter.admit_now(turn) for turn in (first, second, third)] == [True, True, False]
        assert limiter.active == 2
        # Admitted already: it takes no second place.
        await limiter.admit(first)
        assert limiter.active == 2
        waiting = asyncio.ensure_future(limiter.admit(third))
        await asyncio.sleep(0)
        second.end()
        assert not limiter.admit_now(module.Turn()), "another waits, or has just been let go ahead"
        await waiting
        for turn in (first, second, third):
            turn.end()
        assert limiter.active == 0
        assert not limiter.admit_now(module.Turn()), "three in this minute"

    run(main)


def test_who_fails_before_it_is_sent_frees_its_place():
    async def main():
        async def fail():
            raise OSError("the disk")

        limiter = Limiter(FakeClock())
        turn = module.Turn(holds=True, admitted=fail)
        with pytest.raises(OSError, match="the disk"):
            await limiter.admit(turn)
        assert turn.is_waiting
        assert (limiter.active, limiter.unstored) == (0, 0)

    run(main)
