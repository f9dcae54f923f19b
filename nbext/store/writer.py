"""One thread that writes for all who wait, so that a hundred drawings cost a few fsyncs."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

J = TypeVar("J")

# A batch of so many jobs says that many ask at once: more are waited for, as long as they come.
BUSY = 8
GATHER_SECONDS = 0.05
_PAUSE = 0.002


class Writer(Generic[J]):
    """Hands all jobs that wait to one function, on a thread that lives while there are any.

    The thread is no daemon: what was handed in is written before the interpreter ends.

    Args:
        work: Does a batch of jobs, in order. It must not raise: who waits would wait for ever.

    Example:
        >>> writer = Writer(lambda jobs: print(sum(jobs)))
        >>> writer.submit(1)
        1
    """

    def __init__(self, work: Callable[[list[J]], None]) -> None:
        self._work = work
        self.after_fork()

    def after_fork(self) -> None:
        """Begin anew in a child process: what waited there is the parent's."""
        self._lock = threading.Lock()
        self._waiting: list[J] = []
        self._running = False

    def submit(self, job: J) -> None:
        """Have a job done, after those that were handed in before."""
        with self._lock:
            self._waiting.append(job)
            if self._running:
                return
            self._running = True
        try:
            threading.Thread(target=self._run, name="nbext-writer").start()
        except RuntimeError:
            # The interpreter is ending and starts no thread any more.
            self._run()

    def _run(self) -> None:
        busy = False
        while True:
            if busy:
                self._gather()
            with self._lock:
                batch, self._waiting = self._waiting, []
                if not batch:
                    self._running = False
                    return
            self._work(batch)
            busy = len(batch) >= BUSY

    def _gather(self) -> None:
        """Wait for jobs as long as they come, but not for long."""
        until, count = time.monotonic() + GATHER_SECONDS, -1
        while count != len(self._waiting) and time.monotonic() < until:
            count = len(self._waiting)
            time.sleep(_PAUSE)
