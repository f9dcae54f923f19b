"""Async work from a cell: results, errors, interrupts, and what is refused."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from nbext.errors import NbextError
from nbext.runner import Runner

ROOT = Path(__file__).parents[2]


@pytest.fixture
def runner():
    made = Runner(SimpleNamespace(runner="thread"))
    yield made
    made.close()


@pytest.fixture
def nested():
    made = Runner(SimpleNamespace(runner="nested"))
    yield made
    made.close()


@pytest.fixture(params=["thread", "nested"])
def either(request):
    made = Runner(SimpleNamespace(runner=request.param))
    yield made
    made.close()


class Forever:
    """Work that never ends by itself, and says how it ended."""

    def __init__(self):
        self.began = threading.Event()
        self.ended = threading.Event()
        self.how = ""

    async def work(self):
        self.began.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            self.how = "cancelled"
            raise
        finally:
            self.ended.set()


async def thread_name():
    return threading.current_thread().name


def test_a_result_and_an_error_come_back(either):
    assert either.run(asyncio.sleep(0, "done")) == "done"

    async def fail():
        raise LookupError("as it was raised")

    with pytest.raises(LookupError, match="as it was raised"):
        either.run(fail())
    assert either.run(asyncio.sleep(0, "and again")) == "and again"


def test_work_runs_on_one_kept_thread(runner):
    async def here():
        return threading.current_thread(), asyncio.get_running_loop()

    first, second = runner.run(here()), runner.run(here())
    assert first == second
    assert first[0].name == "nbext"
    assert first[0].daemon
    assert first[1] is runner.loop


def test_the_loop_is_started_only_when_it_is_needed():
    made = Runner(SimpleNamespace(runner="thread"))
    before = threading.active_count()
    made.close()
    assert threading.active_count() == before


def test_an_interrupt_cancels_the_work_and_goes_on(either):
    forever = Forever()

    def interrupt():
        forever.began.wait(10)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        either.run(forever.work())
    assert forever.ended.wait(5)
    assert forever.how == "cancelled"
    assert either.run(asyncio.sleep(0, "usable")) == "usable"


def test_work_that_clings_does_not_hold_an_interrupt(runner):
    began, release = threading.Event(), threading.Event()

    async def clings():
        began.set()
        while not release.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.05)

    def interrupt():
        began.wait(10)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        runner.run(clings())
    release.set()
    assert runner.run(asyncio.sleep(0, "usable")) == "usable"


def test_errands_are_done_by_the_thread_that_waits(runner):
    async def work():
        return await runner.in_caller(threading.current_thread), await thread_name()

    assert runner.run(work()) == (threading.current_thread(), "nbext")


def test_an_errands_error_reaches_the_work(runner):
    def fail():
        raise LookupError("of the user's function")

    async def work():
        try:
            await runner.in_caller(fail)
        except LookupError as error:
            return f"seen: {error}"

    assert runner.run(work()) == "seen: of the user's function"


def test_an_interrupt_in_an_errand_ends_the_cell(runner):
    forever = Forever()

    def stopped():
        raise KeyboardInterrupt

    async def work():
        asking = asyncio.ensure_future(runner.in_caller(stopped))
        await asyncio.gather(forever.work(), asking, return_exceptions=True)

    with pytest.raises(KeyboardInterrupt):
        runner.run(work())
    assert forever.ended.wait(5)
    assert runner.run(asyncio.sleep(0, "usable")) == "usable"


def test_where_nobody_waits_an_errand_goes_to_a_worker(runner):
    async def work():
        return await runner.in_caller(threading.current_thread)

    async def outside():
        return await runner.bridge(work())

    worker = asyncio.run(outside())
    assert worker is not threading.current_thread()
    assert worker.name != "nbext"


def test_waiting_on_its_own_loop_is_refused(runner):
    async def inside():
        return runner.run(asyncio.sleep(0))

    with pytest.raises(NbextError, match=r"waits for a drawing inside of one.*adraw"):
        runner.run(inside())


def test_a_bridge_gives_results_and_errors(runner):
    async def fail():
        raise LookupError("over the bridge")

    async def outside():
        name = await runner.bridge(thread_name())
        with pytest.raises(LookupError, match="over the bridge"):
            await runner.bridge(fail())
        return name

    assert asyncio.run(outside()) == "nbext"


def test_a_cancelled_bridge_cancels_the_work(runner):
    forever = Forever()

    async def outside():
        crossing = asyncio.create_task(runner.bridge(forever.work()))
        await asyncio.to_thread(forever.began.wait, 10)
        crossing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await crossing

    asyncio.run(outside())
    assert forever.ended.wait(5)
    assert forever.how == "cancelled"


def test_two_threads_wait_at_the_same_time(runner):
    meeting = asyncio.Event()

    async def first():
        await asyncio.wait_for(meeting.wait(), 10)
        return "met"

    async def second():
        meeting.set()

    future = runner.submit(first())
    other = threading.Thread(target=lambda: runner.run(second()))
    other.start()
    assert future.result(10) == "met"
    other.join(10)


def test_closing_ends_the_thread_and_another_use_starts_a_new_one():
    made = Runner(SimpleNamespace(runner="thread"))
    loop, name = made.loop, made.run(thread_name())
    thread = made._thread
    made.close()
    assert name == "nbext"
    assert not thread.is_alive()
    assert loop.is_closed()
    made.close()
    assert made.run(asyncio.sleep(0, "again")) == "again"
    made.close()


def test_nested_goes_on_with_the_callers_own_tasks(nested):
    """In a process of its own: nest-asyncio patches asyncio for good."""
    code = """
import asyncio
from types import SimpleNamespace
from nbext.runner import Runner

ticks = []

async def tick():
    while True:
        ticks.append(1)
        await asyncio.sleep(0.01)

async def cell():
    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    runner = Runner(SimpleNamespace(runner="nested"))
    print(runner.run(asyncio.sleep(0.3, "done")), len(ticks) > 3)
    ticking.cancel()
    runner.close()

asyncio.run(cell())
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == "done True", done.stderr


def test_a_child_process_starts_a_loop_of_its_own(runner):
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    code = """
import asyncio, os, warnings
from types import SimpleNamespace
from nbext.runner import Runner

warnings.simplefilter("ignore")
runner = Runner(SimpleNamespace(runner="thread"))
runner.run(asyncio.sleep(0))
child = os.fork()
if child == 0:
    os._exit(7 if runner.run(asyncio.sleep(0, "here")) == "here" else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == "7", done.stderr


def test_waiting_takes_no_longer_than_the_work(runner):
    began = time.monotonic()
    for _ in range(50):
        runner.run(asyncio.sleep(0))
    # Each would take POLL, 0.1 s, if the end of the work did not wake the one that waits.
    assert time.monotonic() - began < 50 * 0.1
