"""How threads wait: asleep until there is something to do, and woken by signals."""

from __future__ import annotations

import asyncio
import os
import queue
import signal
import socket
import threading
import types

import pytest

from nbext.session import waiting
from nbext.session.runner import Runner
from nbext.session.waiting import Inbox, MainInbox, awake, new_inbox


@pytest.fixture
def runner():
    runner = Runner(types.SimpleNamespace(runner="thread"))
    yield runner
    runner.close()


async def after(seconds, value):
    await asyncio.sleep(seconds)
    return value


def in_thread(function):
    """The result of a function in a thread of its own, which must end."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function()), daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    return results[0]


def test_each_thread_has_the_inbox_that_suits_it():
    assert isinstance(new_inbox(), MainInbox)
    assert type(in_thread(new_inbox)) is Inbox


def test_no_wait_has_a_time_limit(runner, monkeypatch):
    """A wait with one wakes up for nothing, and in CPython 3.11 it may never end."""
    limits = []

    class Queue(queue.Queue):
        def get(self, block=True, timeout=None):
            limits.append(timeout)
            return super().get(block, timeout)

    monkeypatch.setattr(waiting.queue, "SimpleQueue", Queue)
    assert runner.run(after(0.01, "main")) == "main"
    assert in_thread(lambda: runner.run(after(0.01, "other"))) == "other"
    assert set(limits) == {None}
    assert waiting._bell()._near.gettimeout() is None


def test_many_threads_and_the_main_one_all_end(runner):
    def ask(name):
        return [runner.run(after(0, (name, n))) for n in range(60)] == [
            (name, n) for n in range(60)
        ]

    ends = []
    threads = [
        threading.Thread(target=lambda name=name: ends.append(ask(name)), daemon=True)
        for name in range(8)
    ]
    for thread in threads:
        thread.start()
    assert ask("main")
    for thread in threads:
        thread.join(60)
    assert ends == [True] * 8


def test_a_function_is_called_in_the_thread_that_waits_for_its_work(runner):
    async def work():
        return await runner.run_in_caller_thread(threading.current_thread)

    async def slow():
        begun.set()
        await asyncio.to_thread(over.wait, 60)

    begun, over = threading.Event(), threading.Event()
    other = threading.Thread(target=lambda: runner.run(slow()), daemon=True)
    other.start()
    assert begun.wait(60)
    # The other thread began to wait first and waits still, with nothing to call.
    assert runner.run(work()) is threading.main_thread()
    mine = in_thread(lambda: (runner.run(work()), threading.current_thread()))
    assert mine[0] is mine[1]
    over.set()
    other.join(60)
    assert not other.is_alive()


def test_a_function_may_wait_for_other_work_itself(runner):
    async def outer():
        first = await runner.run_in_caller_thread(lambda: runner.run(after(0.01, "inner")))
        return first, await runner.run_in_caller_thread(lambda: "again")

    assert runner.run(outer()) == ("inner", "again")


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="no such signal here")
def test_signals_reach_whom_they_woke_before(runner):
    near, far = socket.socketpair()
    far.setblocking(False)
    near.settimeout(60)
    handled = signal.signal(signal.SIGUSR1, lambda *_: None)
    before = signal.set_wakeup_fd(far.fileno())
    try:

        async def work():
            await asyncio.to_thread(os.kill, os.getpid(), signal.SIGUSR1)
            await runner.run_in_caller_thread(lambda: None)

        runner.run(work())
        runner.run(after(0.01, None))
        assert signal.SIGUSR1 in near.recv(64)
        assert signal.set_wakeup_fd(far.fileno()) == far.fileno()
    finally:
        signal.set_wakeup_fd(before)
        signal.signal(signal.SIGUSR1, handled)
        near.close()
        far.close()


def test_many_that_await_in_a_cell_share_one_waker_and_no_timer(runner):
    gate = asyncio.Event()

    async def opened(value):
        await gate.wait()
        return value

    async def cell():
        loop = asyncio.get_running_loop()
        tasks = [asyncio.ensure_future(runner.bridge(opened(n))) for n in range(50)]
        await asyncio.sleep(0.01)
        assert len(waiting._wakers) == 1
        # What this test itself waits for is over: no bridge has set a timer.
        assert [timer for timer in loop._scheduled if not timer.cancelled()] == []
        runner.loop.call_soon_threadsafe(gate.set)
        assert await asyncio.gather(*tasks) == list(range(50))

    asyncio.run(cell())
    assert waiting._wakers == {}
    assert signal.set_wakeup_fd(-1) == -1


def test_a_loop_of_another_thread_leaves_signals_alone():
    async def cell():
        with awake():
            return dict(waiting._wakers)

    assert in_thread(lambda: asyncio.run(cell())) == {}
