"""Work that keeps the event loop busy goes on one step at a time, in order."""

from __future__ import annotations

import asyncio

import pytest

from nbext.transport.steps import Steps


async def turns_of_loop(seen):
    """Note each turn of the loop, to tell what ran in the same one."""
    while True:
        seen.append("|")
        await asyncio.sleep(0)


def run(work):
    """Do some work beside a task that notes the loop's turns; give what was noted."""
    seen = []

    async def whole():
        clock = asyncio.ensure_future(turns_of_loop(seen))
        await work(seen)
        clock.cancel()

    asyncio.run(whole())
    return "".join(seen)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_one_step_in_each_turn_in_order(count):
    steps = Steps()

    async def step(name, seen):
        await steps.turn()
        seen.append(name)

    async def all_at_once(seen):
        await asyncio.gather(*(step(str(number), seen) for number in range(count)))

    seen = run(all_at_once)
    assert seen.replace("|", "") == "".join(map(str, range(count)))
    assert all(len(turn) <= 1 for turn in seen.split("|"))


def test_who_is_cancelled_holds_nobody_up():
    steps, ended = Steps(), []

    async def step(name):
        await steps.turn()
        ended.append(name)

    async def some_are_cancelled():
        tasks = [asyncio.ensure_future(step(name)) for name in "abcd"]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.wait(tasks)

    asyncio.run(some_are_cancelled())
    assert ended == ["a", "c", "d"]


def test_steps_go_on_in_another_loop():
    steps = Steps()

    async def ended_too_early():
        await steps.turn()
        task = asyncio.ensure_future(steps.turn())
        await asyncio.sleep(0)
        task.cancel()

    async def twice():
        await steps.turn()
        await steps.turn()

    for work in (ended_too_early, twice):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(work())
        loop.close()
