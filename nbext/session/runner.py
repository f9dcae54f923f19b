"""Async work from a cell.

By default, a daemon thread with its own event loop does the work while the cell waits. An interrupt
cancels the work and drops its connection. With ``"nested"``, the kernel's own loop continues while
a cell waits, so that the notebook's tasks can run.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from concurrent.futures import Future
from contextvars import ContextVar
from functools import partial
from inspect import CORO_CREATED, getcoroutinestate, iscoroutine
from typing import TYPE_CHECKING, Any, TypeVar

from nbext.errors import NbextError, SettingsError
from nbext.messages.say import phrase
from nbext.session.waiting import Inbox, awake, new_inbox
from nbext.util.fork import register_fork_handler
from nbext.util.threads import RepeatableCall, call_apart, call_into, log_and_drop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from nbext.config.settings import Nbext

T = TypeVar("T")

# How long an interrupt waits for the work to clean up after itself.
SECONDS_TO_CANCEL = 0.5

# The inbox of the thread that waits for the current work.
_own_inbox: ContextVar[Inbox | None] = ContextVar("nbext_inbox", default=None)


class Runner:
    """Runs coroutines on a background event loop while cells wait.

    Args:
        chosen: The settings. ``runner`` is read at each call.

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
        self.after_fork()
        register_fork_handler(self)

    def after_fork(self) -> None:
        """Forget the parent process's loop; a new one is started when needed."""
        # The parent's loop and its coroutines are still referenced by its thread's frames, so no
        # coroutine is closed here, and none ends its drawing.
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.RLock()
        # Waiting threads, the latest last.
        self._inboxes: list[Inbox] = []

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The background loop, which is started at its first use."""
        with self._lock:
            if self._loop is None or self._thread is None or not self._thread.is_alive():
                self._loop = asyncio.new_event_loop()
                self._loop.set_exception_handler(log_and_drop)
                self._thread = threading.Thread(
                    target=RepeatableCall(_run_loop, self._loop), name="nbext", daemon=True
                )
                self._thread.start()
            return self._loop

    def submit(
        self, work: Coroutine[Any, Any, T], ended: Callable[[Future[T]], object] | None = None
    ) -> Future[T]:
        """Start a coroutine in the background.

        Args:
            work: The coroutine.
            ended: Called with the future once the coroutine has ended, also after the future was
                cancelled; again where memory is short.
        """
        result: Future[T] = Future()
        loop = self.loop
        loop.call_soon_threadsafe(RepeatableCall(_start, loop, work, result, ended, loop=loop))
        return result

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine and wait for its result.

        Raises:
            KeyboardInterrupt: The user stopped the cell. The work has been cancelled.
            NbextError: Called from the background loop itself, where waiting would wait forever,
                or in a browser, where Python has no threads.
        """
        if sys.platform == "emscripten":
            work.close()
            raise no_threads()
        if threading.current_thread() is self._thread:
            work.close()
            raise NbextError(phrase("session.wait_inside"), remedy=phrase("session.await_it"))
        if self._chosen.runner == "nested":
            try:
                loop = _nested_loop()
            except BaseException:
                work.close()
                raise
            return (
                asyncio.run(self.bridge(work)) if loop is None else _nest(loop, self.bridge(work))
            )
        # Held until the work has ended: an event is made of several such locks.
        ended = threading.Lock()
        ended.acquire()
        future: Future[T] | None = None
        inbox = new_inbox()
        with self._lock:
            self._inboxes.append(inbox)
        token = _own_inbox.set(inbox)
        try:
            future = self.submit(work, partial(_end_wait, inbox, ended))
            while (call := inbox.get()) is not None:
                call_into(*call)
            return future.result()
        except BaseException:
            # The task behind the future ends slightly later; wait briefly for it.
            if future is not None and future.cancel():
                ended.acquire(timeout=SECONDS_TO_CANCEL)
            if getcoroutinestate(work) == CORO_CREATED:
                work.close()
            raise
        finally:
            _own_inbox.reset(token)
            self._close_inbox(inbox)

    def _close_inbox(self, inbox: Inbox) -> None:
        """Hand calls that no thread waits for to worker threads."""
        with self._lock:
            self._inboxes.remove(inbox)
            left = inbox.rest()
        for call in left:
            call_apart(*call)

    async def run_in_caller_thread(self, function: Callable[[], T]) -> T:
        """Call a function in the thread that waits in ``run``, such as a tool or a question.

        This is the thread that waits for this work; for background work, the thread that began to
        wait last; or a thread of its own if none waits.
        """
        result: Future[T] = Future()
        own = _own_inbox.get()
        with self._lock:
            inbox = own if own in self._inboxes else next(iter(self._inboxes[-1:]), None)
            if inbox is not None:
                inbox.put((function, result))
        if inbox is None:
            call_apart(function, result)
        return await asyncio.wrap_future(result)

    async def bridge(self, work: Coroutine[Any, Any, T]) -> T:
        """Await work of the background loop from another loop. Cancelling cancels the work."""
        future = self.submit(work)
        try:
            with awake():
                return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            future.cancel()
            raise

    def close(self) -> None:
        """Cancel running work, and stop the loop and its thread."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None or not thread.is_alive():
            return
        if thread is threading.current_thread():
            loop.stop()
            return
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(2)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(2)


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    if loop.is_closed():
        return
    try:
        loop.run_forever()
    finally:
        loop.close()


def no_threads() -> NbextError:
    """Return the error for drawing with Python in a browser."""
    return NbextError(phrase("session.no_threads"), remedy=phrase("session.open_instead"))


def _end_wait(inbox: Inbox, ended: threading.Lock, _: Future[Any]) -> None:
    """Let the thread go on that waits for work which has ended."""
    inbox.put(None)
    if ended.locked():
        ended.release()


def _start(
    loop: asyncio.AbstractEventLoop,
    work: Coroutine[Any, Any, T],
    result: Future[T],
    ended: Callable[[Future[T]], object] | None,
) -> None:
    """Start a task, pass its end to a future, and the cancelling of the future to it.

    ``asyncio.run_coroutine_threadsafe`` does the same by five times as many calls.
    """
    if loop.is_closed():
        work.close()
        result.cancel()
        if ended is not None:
            ended(result)
        return
    task = loop.create_task(work)
    try:
        task.add_done_callback(RepeatableCall(_settle, task, result, ended, loop=loop))
        result.add_done_callback(partial(_pass_cancel, loop, task))
    except BaseException as error:  # noqa: BLE001 -- raised where the result is used
        # Without its callbacks nobody would hear of its end.
        task.cancel()
        result.set_exception(error)
        if ended is not None:
            ended(result)


def _pass_cancel(loop: asyncio.AbstractEventLoop, task: asyncio.Task[T], result: Future[T]) -> None:
    """Cancel the task of a future that was cancelled."""
    if result.cancelled():
        with contextlib.suppress(RuntimeError):  # a closed loop has no tasks
            loop.call_soon_threadsafe(task.cancel)


def _settle(
    task: asyncio.Task[T], result: Future[T], ended: Callable[[Future[T]], object] | None
) -> None:
    """Set a future to the end of its task, and say so."""
    if not task.done():
        return  # its loop was closed
    problem = None if task.cancelled() else task.exception()
    if task.cancelled():
        result.cancel()
    if not result.done() and (result.running() or result.set_running_or_notify_cancel()):
        if problem is None:
            result.set_result(task.result())
        else:
            result.set_exception(problem)
    if ended is not None:
        ended(result)


async def _cancel_all() -> None:
    """Cancel all tasks of this loop and wait until they have ended.

    Each task is allowed to start before it is cancelled, because anyio would otherwise leave a
    coroutine of a pending connection that was never awaited.
    """
    loop = asyncio.get_running_loop()
    cancelled: set[asyncio.Task[Any]] = set()
    while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        begun = {task for task in tasks - cancelled if _has_begun(task)}
        for task in begun:
            task.cancel()
        cancelled |= begun
        if tasks <= cancelled:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(0)
    await loop.shutdown_asyncgens()


def _has_begun(task: asyncio.Task[Any]) -> bool:
    work = task.get_coro()
    return not (iscoroutine(work) and getcoroutinestate(work) == CORO_CREATED)


def _nested_loop() -> asyncio.AbstractEventLoop | None:
    """Return this thread's running loop, patched for nested runs, or None.

    Raises:
        SettingsError: The loop cannot be patched.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return None
    try:
        _nest_package().apply(loop)
    except ValueError:
        # Only asyncio's own loops can be patched: not uvloop's.
        raise SettingsError(
            phrase("session.nested_loop", module=type(loop).__module__),
            remedy=phrase("session.use_thread"),
        ) from None
    return loop


def _nest(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """Run work on a loop that is already running."""
    task = loop.create_task(work)
    try:
        return loop.run_until_complete(task)
    except BaseException:
        task.cancel()
        with contextlib.suppress(BaseException):
            loop.run_until_complete(asyncio.wait([task], timeout=SECONDS_TO_CANCEL))
        raise


def _nest_package() -> Any:
    """Choose the package that allows nested runs of a loop.

    With ipykernel 7 and later, nest-asyncio loses the cells queued behind a waiting cell, and on
    Python 3.14 its loops stand still. nest-asyncio2, a dependency of that ipykernel, does neither.

    Raises:
        SettingsError: The required package is missing, or the other one is already active.
    """
    if _ipykernel_major() < 7 and sys.version_info < (3, 14):
        import nest_asyncio

        return nest_asyncio
    if hasattr(asyncio, "_nest_patched") and not hasattr(asyncio, "_nest_asyncio2"):
        raise SettingsError(
            phrase("session.nest_asyncio_loses"),
            remedy=phrase("session.restart_without"),
        )
    try:
        import nest_asyncio2
    except ImportError:
        raise SettingsError(
            phrase("session.needs_nest2"),
            remedy=phrase("session.install_nest2"),
        ) from None
    return nest_asyncio2


def _ipykernel_major() -> int:
    """Return the major version of the running ipykernel, or 0 without one."""
    return int(getattr(sys.modules.get("ipykernel"), "version_info", (0,))[0])
