"""Work that a cell waits for: run, interrupted, bridged, nested."""

from __future__ import annotations

import _thread
import asyncio
import contextlib
import gc
import os
import signal
import sys
import threading
import time
import types
import warnings
from concurrent.futures import Future

import anyio
import pytest

import nbext
from nbext.errors import NbextError, SettingsError
from nbext.session import runner as module
from nbext.session.runner import Runner


@pytest.fixture(params=["thread"])
def runner(request):
    made = Runner(types.SimpleNamespace(runner=request.param))
    yield made
    made.close()


class Work:
    """Work that waits to be cancelled, and says when it was."""

    def __init__(self, *, cleanup=0.0):
        self.started = threading.Event()
        self.cancelled = threading.Event()
        self.cleanup = cleanup
        self._release = lambda: None

    async def __call__(self):
        self.started.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            loop, done = asyncio.get_running_loop(), asyncio.Event()
            self._release = lambda: loop.call_soon_threadsafe(done.set)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), self.cleanup)
            self.cancelled.set()
            raise

    def release(self):
        """Let the work end that is cleaning up."""
        self._release()
        self.cancelled.wait(60)


def interrupt_when(event):
    """Press Stop once the event is set."""

    def press():
        event.wait(60)
        time.sleep(0.05)
        _thread.interrupt_main()

    threading.Thread(target=press, daemon=True).start()


async def name_of_thread():
    return threading.current_thread().name


async def fail():
    raise ValueError("mine")


def test_work_runs_on_one_kept_thread(runner):
    assert runner.run(name_of_thread()) == "nbext"
    loop = runner.loop
    assert runner.run(name_of_thread()) == "nbext"
    assert runner.loop is loop
    assert threading.current_thread().name != "nbext"


def test_an_error_comes_through(runner):
    with pytest.raises(ValueError, match="mine"):
        runner.run(fail())


@pytest.mark.parametrize("step", ["_start", "_settle", "_end_wait"])
def test_a_wait_ends_where_memory_is_short_for_a_moment(runner, monkeypatch, step):
    real, failures = getattr(module, step), []

    def fail_once(*arguments):
        if not failures:
            failures.append(step)
            raise MemoryError
        real(*arguments)

    monkeypatch.setattr(module, step, fail_once)
    assert runner.run(asyncio.sleep(0.01, "done")) == "done"
    assert failures == [step]


def test_work_that_reaches_a_closed_loop_ends(runner):
    runner.run(asyncio.sleep(0))
    loop, thread = runner.loop, runner._thread
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    result, ended = Future(), []
    module._start(loop, asyncio.sleep(0), result, ended.append)
    assert result.cancelled()
    assert ended == [result]


def test_it_runs_inside_a_running_loop(runner):
    async def cell():
        return runner.run(name_of_thread())

    assert asyncio.run(cell()) == "nbext"


def test_an_interrupt_cancels_the_work_before_it_goes_on(runner):
    work = Work(cleanup=0.1)
    interrupt_when(work.started)
    with pytest.raises(KeyboardInterrupt):
        runner.run(work())
    assert work.cancelled.is_set()
    assert runner.run(name_of_thread()) == "nbext"


def test_an_interrupt_does_not_wait_long_for_work_that_will_not_end(runner):
    work = Work(cleanup=3600)
    interrupt_when(work.started)
    with pytest.raises(KeyboardInterrupt):
        runner.run(work())
    assert not work.cancelled.is_set()
    work.release()


def test_waiting_inside_the_work_itself_is_an_error(runner):
    async def inside():
        return runner.run(name_of_thread())

    with pytest.raises(NbextError, match="Await"):
        runner.run(inside())


def test_python_in_a_browser_has_no_threads_and_says_so(runner, monkeypatch):
    monkeypatch.setattr("nbext.session.runner.sys.platform", "emscripten")
    with pytest.raises(NbextError, match="no threads in a browser"):
        runner.run(asyncio.sleep(0))


def test_python_in_a_browser_says_so_without_the_packages_of_the_transport(monkeypatch):
    monkeypatch.setattr("nbext.session.current.sys.platform", "emscripten")
    monkeypatch.setattr("nbext.session.current._session", None)
    monkeypatch.setitem(sys.modules, "nbext.session.session", None)
    with pytest.raises(NbextError, match="no threads in a browser"):
        nbext.draw("a cat")


def test_errands_are_done_by_who_waits(runner):
    async def work():
        return await runner.run_in_caller_thread(threading.current_thread)

    assert runner.run(work()) is threading.main_thread()
    # Nobody waits here, so the errand has a worker's thread.
    elsewhere = runner.submit(work()).result(60)
    assert elsewhere is not threading.main_thread()


def test_an_errands_error_goes_to_who_asked(runner):
    def errand():
        raise ValueError("mine")

    async def work():
        with pytest.raises(ValueError, match="mine"):
            await runner.run_in_caller_thread(errand)
        return "went on"

    assert runner.run(work()) == "went on"


def test_an_interrupt_in_an_errand_ends_the_wait_and_nothing_else(runner):
    """The errand is another work's, so that nothing else cancels it."""
    other, waited = Work(), Work()
    others = runner.submit(other())
    assert other.started.wait(60)
    loop = runner.loop
    outcomes = []

    def errand():
        raise KeyboardInterrupt

    async def ask():
        await asyncio.to_thread(waited.started.wait, 60)
        try:
            await runner.run_in_caller_thread(errand)
        except BaseException as error:
            outcomes.append(type(error))

    asking = runner.submit(ask())
    with pytest.raises(KeyboardInterrupt):
        runner.run(waited())
    assert waited.cancelled.is_set()
    asking.result(60)
    assert outcomes == [asyncio.CancelledError]
    assert runner.run(name_of_thread()) == "nbext"
    assert runner.loop is loop
    assert not others.done()
    others.cancel()
    assert other.cancelled.wait(60)


def test_an_errand_that_nobody_waits_for_any_more_is_still_done(runner):
    """The cell that waits ends while another's errand is in the queue."""
    asked = threading.Event()

    async def background():
        told = asyncio.ensure_future(runner.run_in_caller_thread(lambda: "done"))
        await asyncio.sleep(0)
        asked.set()
        return await told

    futures = []

    async def cell():
        # The waiting thread is kept busy, so that the errand stays in the queue until the end.
        futures.append(runner.submit(background()))
        await asyncio.to_thread(asked.wait, 60)

    busy = threading.Event()

    async def block():
        asyncio.get_running_loop().create_task(runner.run_in_caller_thread(lambda: busy.wait(0.3)))
        await cell()

    runner.run(block())
    assert futures[0].result(60) == "done"


def test_functions_that_wait_for_pictures_do_not_keep_pictures_waiting(runner):
    """As tools of many chats at once do that draw: the loop's pool has few threads."""

    async def picture():
        return await asyncio.to_thread(lambda: 1)

    held = threading.Barrier(40, timeout=60)

    def tool():
        held.wait()
        return runner.submit(picture()).result(60)

    async def chats():
        return await asyncio.gather(*(runner.run_in_caller_thread(tool) for _ in range(40)))

    assert sum(runner.submit(chats()).result(60)) == 40


def test_the_bridge_awaits_and_cancels(runner):
    async def cell():
        assert await runner.bridge(name_of_thread()) == "nbext"
        with pytest.raises(ValueError, match="mine"):
            await runner.bridge(fail())
        work = Work()
        task = asyncio.create_task(runner.bridge(work()))
        assert await asyncio.to_thread(work.started.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(work.cancelled.wait, 60)

    asyncio.run(cell())


def test_a_loop_that_awaits_the_bridge_hears_what_a_signal_adds(runner):
    """A callback that is added without waking the loop, as by ipykernel's handler of signals."""
    work = Work()

    async def cell():
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(runner.bridge(work()))
        handled = signal.signal(signal.SIGINT, lambda *_: loop.call_soon(task.cancel))
        interrupt_when(work.started)
        try:
            with pytest.raises(asyncio.CancelledError):
                await task
        finally:
            signal.signal(signal.SIGINT, handled)

    asyncio.run(cell())
    assert work.cancelled.wait(60)


def test_a_bridge_that_has_ended_leaves_no_timer(runner):
    async def cell():
        loop = asyncio.get_running_loop()
        await runner.bridge(name_of_thread())
        return [timer for timer in loop._scheduled if not timer.cancelled()]

    assert asyncio.run(cell()) == []


def test_the_bridge_obeys_a_time_limit(runner):
    work = Work()

    async def cell():
        async with asyncio.timeout(0.1):
            await runner.bridge(work())

    with pytest.raises(TimeoutError):
        asyncio.run(cell())
    assert work.cancelled.wait(60)


def test_closing_cancels_what_runs_and_leaves_no_thread(runner):
    work = Work()
    future = runner.submit(work())
    assert work.started.wait(60)
    thread, loop = runner._thread, runner.loop
    runner.close()
    assert work.cancelled.is_set()
    assert future.cancelled()
    assert not thread.is_alive()
    assert loop.is_closed()
    runner.close()
    assert runner.run(name_of_thread()) == "nbext"


def test_closing_leaves_no_coroutine_that_was_never_awaited(runner):
    connecting = threading.Event()

    async def connect():
        async with anyio.create_task_group() as group:
            while True:
                group.start_soon(anyio.sleep, 30)
                connecting.set()
                await asyncio.sleep(0)

    runner.submit(connect())
    assert connecting.wait(60)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        runner.close()
        gc.collect()
    assert [str(warning.message) for warning in said] == []


def test_closing_from_the_loop_itself_does_not_hang(runner):
    thread = runner.loop and runner._thread

    async def end():
        runner.close()

    runner.submit(end())
    thread.join(60)
    assert not thread.is_alive()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_process_has_a_loop_of_its_own(runner):
    assert runner.run(name_of_thread()) == "nbext"
    child = os.fork()
    if not child:
        signal.alarm(60)
        os._exit(0 if runner.run(name_of_thread()) == "nbext" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_two_threads_wait_at_the_same_time(runner):
    results = {}

    async def work(name):
        await asyncio.sleep(0.05)
        return name

    def wait(name):
        results[name] = runner.run(work(name))

    threads = [threading.Thread(target=wait, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == {n: n for n in range(4)}


# Nested


def nested():
    return Runner(types.SimpleNamespace(runner="nested"))


def test_nested_without_a_loop_simply_runs():
    runner = nested()
    assert runner.run(name_of_thread()) == "nbext"
    with pytest.raises(ValueError, match="mine"):
        runner.run(fail())
    runner.close()


NESTED = """
import asyncio, sys, threading, types
sys.modules["ipykernel"] = types.SimpleNamespace(version_info=(%d, 0, 0))
from nbext.session.runner import Runner
runner = Runner(types.SimpleNamespace(runner="nested"))
ticks = []

async def tick():
    while True:
        ticks.append(1)
        await asyncio.sleep(.01)

async def work():
    while len(ticks) < 7:
        await asyncio.sleep(.01)
    return threading.current_thread().name

async def cell():
    task = asyncio.create_task(tick())
    print(runner.run(work()), len(ticks) > 5, task.done())
    task.cancel()

asyncio.run(cell())
print(hasattr(asyncio, "_nest_asyncio2"))
"""


@pytest.mark.parametrize("version", [6, 7])
def test_nested_lets_the_loops_own_tasks_go_on(version):
    """In a process of its own: the patch of asyncio cannot be taken back."""
    import subprocess

    second = str(version == 7 or sys.version_info >= (3, 14))

    code = NESTED % version
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=os.getcwd(),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )  # fmt: skip
    assert done.stdout.split() == ["nbext", "True", "False", second], done.stderr


def in_a_cell(runner):
    async def cell():
        return runner.run(name_of_thread())

    return asyncio.run(cell())


def test_nested_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(module, "_ipykernel_major", lambda: 7)
    monkeypatch.setitem(sys.modules, "nest_asyncio2", None)
    runner = nested()
    with pytest.raises(SettingsError, match="Install nest-asyncio2"):
        in_a_cell(runner)
    runner.close()


def test_nested_refuses_the_patch_that_loses_cells(monkeypatch):
    monkeypatch.setattr(module, "_ipykernel_major", lambda: 7)
    monkeypatch.setattr(asyncio, "_nest_patched", True, raising=False)
    runner = nested()
    with pytest.raises(SettingsError, match="Restart without nest_asyncio"):
        in_a_cell(runner)
    runner.close()


def test_nested_says_which_loop_it_cannot_run_in(monkeypatch):
    def apply(loop):
        raise ValueError(f"Can't patch loop of type {type(loop)}")

    monkeypatch.setattr(module, "_nest_package", lambda: types.SimpleNamespace(apply=apply))
    runner = nested()
    with pytest.raises(SettingsError, match=r"Use Nbext\.runner"):
        in_a_cell(runner)
    runner.close()
