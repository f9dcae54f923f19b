"""Call functions for whoever waits for their results, also where memory is short."""

from __future__ import annotations

import contextvars
import os
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable
    from concurrent.futures import Future

# Seconds between tries while there is no memory, or no stack.
_PAUSES = (0.0, 0.01, 0.1, 1.0)


def call_until_done(function: Callable[..., Any], *arguments: Any) -> None:
    """Call a function, and again where it fails for want of memory or of stack.

    For what somebody waits for, who would wait for ever.

    Raises:
        MemoryError: There was none for more than a second.
        RecursionError: There was no stack.

    Example:
        >>> call_until_done(print, "done")
        done
    """
    for pause in _PAUSES:
        try:
            function(*arguments)
        except (MemoryError, RecursionError):
            if pause == _PAUSES[-1]:
                raise
            time.sleep(pause)
        else:
            return


class RepeatableCall:
    """A callback of an event loop or of a thread that somebody waits for.

    Where memory or stack is short, a callback can fail before its first line. Loops and threads log
    this and forget the callback, and whoever waits for it would wait for ever. As they drop this
    one, it is called after all.

    Args:
        function: It does nothing where it is called again after it has done its work.
        *arguments: Its arguments; those of the loop are left out.
        loop: The loop whose callback it is; none for a thread's.

    Example:
        >>> call = RepeatableCall(print, "done")
        >>> call()
        done
        >>> call()
    """

    __slots__ = ("_call", "_loop", "_process")

    def __init__(
        self,
        function: Callable[..., Any],
        *arguments: Any,
        loop: AbstractEventLoop | None = None,
    ) -> None:
        self._call: Callable[[], Any] | None = partial(function, *arguments)
        self._loop = loop
        self._process = os.getpid()

    def __call__(self, *_: object) -> None:
        """Call the function, once."""
        if self._call is not None:
            call_until_done(self._call)
            self._call = None

    def forget(self) -> None:
        """Never call the function."""
        self._call = None

    def __del__(self) -> None:
        # The callbacks of a process that was forked are not its child's.
        if self._call is None or self._process != os.getpid() or sys.is_finalizing():
            return
        if self._loop is not None:
            # The thread that has scheduled it may be the last to drop it, and is not the loop's.
            try:
                self._loop.call_soon_threadsafe(self)
            except RuntimeError:
                self._loop = None  # it is closed
            else:
                return
        self()


def log_and_drop(loop: AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what a callback has raised, and drop the callback, which may be repeatable.

    For ``set_exception_handler`` of an event loop of ours.
    """
    loop.default_exception_handler(context)
    # The error refers to the frame that holds this, and so to the callback.
    context.clear()


def call_into(function: Callable[[], Any], result: Future[Any]) -> None:
    """Call a function and set the result of the future that waits for it, once."""
    if result.done() or result.running() or not result.set_running_or_notify_cancel():
        return
    try:
        result.set_result(function())
    except Exception as error:  # noqa: BLE001 -- passed on to the waiting work
        result.set_exception(error)
    except BaseException:
        # Not before: what only reads a history does without these futures.
        from concurrent.futures import CancelledError

        # Raised on the loop, an interrupt would end its thread and all other work.
        result.set_exception(CancelledError())
        raise


def call_apart(function: Callable[[], Any], result: Future[Any]) -> None:
    """Call a function in a thread of its own.

    Such a function may wait long: for a user, a drawing or a name's address. A loop's pool has few
    threads: all other work would wait with it.
    """
    if not result.cancelled():
        call = contextvars.copy_context().run
        work = RepeatableCall(call_into, function, result)
        threading.Thread(target=call, args=(work,), daemon=True).start()
