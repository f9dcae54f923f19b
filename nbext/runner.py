"""Async work from a cell.

The default is one daemon thread with its own event loop: the cell waits, an interrupt cancels the
work and so drops its connection, and cells queued behind the cell stay queued. ``"nested"`` runs
the kernel's own loop on while a cell waits, so that the notebook's tasks go on; see ``Runner`` for
its price.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from concurrent.futures import CancelledError as FutureCancelled
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from nbext.errors import NbextError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from nbext.settings import Nbext

T = TypeVar("T")

# How long an interrupt waits for the work to clean up after itself.
SECONDS_TO_CANCEL = 0.5
# A wait without a time-out cannot be interrupted on Windows.
POLL = 0.1


class Runner:
    """Runs coroutines on a kept background loop, for cells that wait.

    Args:
        chosen: The settings; ``runner`` is read anew at each call.

    Example:
        >>> import asyncio
        >>> from types import SimpleNamespace
        >>> runner = Runner(SimpleNamespace(runner="thread"))
        >>> runner.run(asyncio.sleep(0, "done"))
        'done'
        >>> runner.close()
    """

    def __init__(self, chosen: Nbext) -> None:
        self._chosen = chosen
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._errands: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = (
            queue.SimpleQueue()
        )
        self._waiting = 0

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The background loop, started when it is first needed, and again after a fork."""
        with self._lock:
            if self._loop is None or self._thread is None or not self._thread.is_alive():
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="nbext", daemon=True
                )
                self._thread.start()
            return self._loop

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start work in the background."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run work and wait for it.

        Raises:
            KeyboardInterrupt: The user stopped the cell; the work is cancelled by then.
            NbextError: Called from the background loop itself, where waiting would wait forever.
        """
        if threading.current_thread() is self._thread:
            work.close()
            raise NbextError(
                "This waits for a drawing inside of one.", remedy="Await nbext.adraw(…) instead."
            )
        if self._chosen.runner == "nested":
            return _run_nested(self.bridge(work))
        future = self.submit(work)
        self._waiting += 1
        try:
            return self._wait(future)
        except BaseException:
            self._cancel(future)
            raise
        finally:
            self._waiting -= 1

    def _wait(self, future: Future[T]) -> T:
        """Wait in steps that an interrupt can end, doing errands meanwhile."""
        future.add_done_callback(lambda _: self._errands.put((lambda: None, Future())))
        while not future.done():
            with contextlib.suppress(queue.Empty):
                errand, told = self._errands.get(timeout=POLL)
                try:
                    told.set_result(errand())
                except BaseException as error:
                    told.set_exception(error)
                    if not isinstance(error, Exception):
                        raise
        return future.result()

    def _cancel(self, future: Future[Any]) -> None:
        if not future.done() and future.cancel():
            # The task behind the future ends a little later; wait for that, but not for long.
            with contextlib.suppress(FutureCancelled, TimeoutError):
                done = asyncio.run_coroutine_threadsafe(_settled(), self.loop)
                done.result(SECONDS_TO_CANCEL)

    async def in_caller(self, errand: Callable[[], T]) -> T:
        """Do something in the thread that waits in ``run``: a user's function, a question.

        Where nothing waits (``bridge``), it is done in a worker thread.
        """
        if not self._waiting:
            return await asyncio.to_thread(errand)
        told: Future[T] = Future()
        self._errands.put((errand, told))
        return await asyncio.wrap_future(told)

    async def bridge(self, work: Coroutine[Any, Any, T]) -> T:
        """Await work of the background loop from any other loop; cancelling cancels it."""
        future = self.submit(work)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            future.cancel()
            raise

    def close(self) -> None:
        """Stop the loop and its thread."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is not None and thread is not None and thread.is_alive():
            loop.call_soon_threadsafe(loop.stop)
            thread.join(2)
            if not thread.is_alive():
                loop.close()


async def _settled() -> None:
    """Let tasks that were just cancelled run their last steps."""
    for _ in range(5):
        await asyncio.sleep(0)


def _run_nested(work: Coroutine[Any, Any, T]) -> T:
    """Run work on the running loop of this thread, which goes on meanwhile."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    _nest().apply(loop)
    task = loop.create_task(work)
    try:
        return loop.run_until_complete(task)
    except BaseException:
        task.cancel()
        with contextlib.suppress(BaseException):
            loop.run_until_complete(asyncio.wait([task], timeout=SECONDS_TO_CANCEL))
        raise


def _nest() -> Any:
    """Choose the package that lets a loop run inside itself.

    With ipykernel 7 and later, nest-asyncio loses the cells queued behind the one that waits;
    nest-asyncio2, which that ipykernel brings, does not.
    """
    import sys

    ipykernel = sys.modules.get("ipykernel")
    version = getattr(ipykernel, "version_info", (0,)) if ipykernel else (0,)
    if int(version[0]) >= 7:
        try:
            import nest_asyncio2
        except ImportError:
            raise SettingsError(
                'Nbext.runner = "nested" needs nest-asyncio2 with ipykernel 7 and later.',
                remedy='Install nest-asyncio2, or go back to Nbext.runner = "thread".',
            ) from None
        return nest_asyncio2
    import nest_asyncio

    return nest_asyncio
