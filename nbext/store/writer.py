"""One thread that does all writing, so that a hundred drawings need only a few fsyncs."""

from __future__ import annotations

import atexit
import contextlib
import sys
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from nbext.util.collector import look_seldom
from nbext.util.threads import RepeatableCall, call_until_done, log_and_drop

if TYPE_CHECKING:
    import asyncio
    from asyncio import AbstractEventLoop
    from collections.abc import Awaitable, Callable, Iterable
    from concurrent.futures import Future

    Waiter = asyncio.Future[Any]
    _Pairs = list[tuple[Waiter, Future[Any]]]
    _ByLoop = dict[AbstractEventLoop, _Pairs]

J = TypeVar("J")
T = TypeVar("T")

# With so many at work, the next jobs come soon: they are waited for, the more the longer, because a
# group costs the same whatever is in it.
BUSY = 8
PAUSE_EACH = 0.0001
LONGEST_PAUSE = 0.05
# How long the thread waits for more before it ends: the next line of a drawing comes soon.
IDLE_SECONDS = 1.0


def new_future() -> Future[Any]:
    """Create a future; a history that is only read does without their import, and logging's."""
    from concurrent.futures import Future

    return Future()


class Writer(Generic[J]):
    """Passes all waiting jobs to one function, in a thread that exists while there are jobs.

    Submitted jobs are finished before the interpreter exits.

    Args:
        work: Does a list of jobs in order. It must not raise, or waiting threads would never
            return. For want of memory it may: it is called again, and leaves out what is done.

    Example:
        >>> writer = Writer(lambda jobs: print(sum(jobs)))
        >>> writer.submit(1)
        1
    """

    def __init__(self, work: Callable[[list[J]], None]) -> None:
        self._work = work
        self.after_fork()

    def after_fork(self) -> None:
        """Start afresh in a child process, without the parent's jobs."""
        self._lock = threading.Lock()
        self._more = threading.Condition(self._lock)
        self._waiting: list[J] = []
        self._thread: threading.Thread | None = None
        self._ends = False
        self._idle = False
        self._busy = 0

    def expect(self) -> Expected:
        """Expect jobs from a block: with many such blocks, the jobs are done together."""
        return Expected(self)

    def count(self, change: int) -> None:
        """Count the blocks from which jobs are expected."""
        with self._lock:
            before, self._busy = self._busy, self._busy + change
            if (before < BUSY) != (self._busy < BUSY):
                look_seldom(begins=before < BUSY)

    def submit(self, job: J) -> None:
        """Submit a job, to be done after earlier ones."""
        with self._lock:
            self._waiting.append(job)
            if self._thread is not None:
                if self._idle:
                    self._idle = False
                    self._more.notify()
                return
            # A daemon, so that the interpreter need not wait for it while it is idle.
            run = RepeatableCall(self._run)
            thread = threading.Thread(target=run, name="nbext-writer", daemon=True)
            self._thread = thread
        if not self._ends:
            _open_writers.add(self)
            with contextlib.suppress(RuntimeError):
                thread.start()
                return
        # The interpreter is ending and starts no thread any more.
        self._run()

    def finish(self) -> None:
        """Wait until all submitted jobs are done. Later jobs are done at once."""
        with self._lock:
            self._ends = True
            self._more.notify()
            thread = self._thread
        if thread is not None and thread.is_alive():
            thread.join()

    def rest(self) -> None:
        """Wait until all submitted jobs are done and the thread has ended.

        A later job starts another thread.
        """
        self.finish()
        with self._lock:
            self._ends = False

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting and not self._ends:
                    self._idle = True
                    self._more.wait(IDLE_SECONDS)
                    self._idle = False
                if not self._waiting:
                    self._thread = None
                    return
            if self._busy >= BUSY and not self._ends:
                time.sleep(min(self._busy * PAUSE_EACH, LONGEST_PAUSE))
            with self._lock:
                batch, self._waiting = self._waiting, []
            self._do(batch)

    def _do(self, batch: list[J]) -> None:
        """Do a batch; without memory for it, again: who waits for it would never return."""
        try:
            call_until_done(self._work, batch)
        except (MemoryError, RecursionError):
            with self._lock:
                self._waiting[:0] = batch
            raise


class Expected:
    """A block from which a writer expects jobs."""

    __slots__ = ("_writer",)

    def __init__(self, writer: Writer[Any]) -> None:
        self._writer = writer

    def __enter__(self) -> None:
        self._writer.count(1)

    def __exit__(self, *_: object) -> None:
        self._writer.count(-1)


class Wakes:
    """Wakes each event loop once for all jobs that have ended together.

    To wake a loop is a call of the system: the thread that makes it lets the loop's go on, and
    waits until that lets go. For a hundred drawings this would take longer than to write them.
    Jobs that end in one turn of an event loop have ended together, too.

    Whoever ends jobs says so by ``wake``. A callback of the job's would not do: a future that
    cannot call it, for want of memory, forgets it, and whoever waits would wait for ever.

    Example:
        >>> async def wait(wakes: Wakes, job: Future[int]) -> int:
        ...     return await wakes.wait_for(job)
    """

    def __init__(self) -> None:
        self.after_fork()

    def after_fork(self) -> None:
        """Forget the parent process's waiters."""
        self._lock = threading.Lock()
        self._waiters: dict[Future[Any], list[tuple[AbstractEventLoop, Waiter]]] = {}
        # The jobs that have ended in the present turn of a loop, by that loop and the waiting one.
        self._turns: dict[AbstractEventLoop, _ByLoop] = {}

    def wait_for(self, job: Future[T]) -> Awaitable[T]:
        """Return what the running event loop waits for; cancelling it does not cancel the job."""
        loop = _running_loop()
        assert loop is not None
        waiter: asyncio.Future[T] = loop.create_future()
        with self._lock:
            if not job.done():
                self._waiters.setdefault(job, []).append((loop, waiter))
                return waiter
        _settle([(waiter, job)])
        return waiter

    def wake(self, jobs: Iterable[Future[Any]]) -> None:
        """Wake whoever waits for jobs that have ended; called again, it wakes those left."""
        jobs = list(jobs)
        by_loop: _ByLoop = {}
        with self._lock:
            for job in jobs:
                for loop, waiter in self._waiters.get(job, ()):
                    by_loop.setdefault(loop, []).append((waiter, job))
        here = _running_loop()
        if here is not None:
            _settle(by_loop.pop(here, []))
        if here is None:
            for loop, pairs in by_loop.items():
                _wake(loop, pairs)
        elif by_loop:
            self._wake_after_turn(here, by_loop)
        with self._lock:
            for job in jobs:
                self._waiters.pop(job, None)

    def _wake_after_turn(self, here: AbstractEventLoop, by_loop: _ByLoop) -> None:
        """Wake other loops once for all jobs that end in this turn of the running one."""
        turn = self._turns.get(here)
        if turn is None:
            here.call_soon(RepeatableCall(self._end_turn, here, loop=here))
            turn = self._turns[here] = {}
        for loop, pairs in by_loop.items():
            turn.setdefault(loop, []).extend(pairs)

    def _end_turn(self, here: AbstractEventLoop) -> None:
        for loop, pairs in self._turns.pop(here, {}).items():
            _wake(loop, pairs)


def _running_loop() -> AbstractEventLoop | None:
    """Return the event loop that runs in this thread, None without one."""
    if "asyncio" not in sys.modules:
        return None
    from asyncio import get_running_loop

    try:
        return get_running_loop()
    except RuntimeError:
        return None


def _wake(loop: AbstractEventLoop, pairs: _Pairs) -> None:
    wake = RepeatableCall(_settle, pairs, loop=loop)
    try:
        call_until_done(loop.call_soon_threadsafe, wake)
        if loop.get_exception_handler() is not log_and_drop:
            # A loop of the user's keeps a callback that it could not enter, and goes on without it.
            call_until_done(loop.call_soon_threadsafe, wake)
    except RecursionError:
        raise
    except RuntimeError:
        wake.forget()  # a closed loop has no waiters


def _settle(pairs: _Pairs) -> None:
    """Hand the results of jobs to those who wait for them."""
    for waiter, job in pairs:
        if waiter.done():
            continue
        if job.cancelled():
            waiter.cancel()
            continue
        problem = job.exception()
        if problem is None:
            waiter.set_result(job.result())
        else:
            waiter.set_exception(problem)


# Those with a thread that may have something to do.
_open_writers: weakref.WeakSet[Writer[Any]] = weakref.WeakSet()


@atexit.register
def _finish_all() -> None:
    """Finish waiting jobs before the interpreter stops all threads."""
    for writer in list(_open_writers):
        writer.finish()
