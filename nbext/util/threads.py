"""Call functions for whoever waits for their results."""

from __future__ import annotations

import contextvars
import threading
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future


def call_into(function: Callable[[], Any], result: Future[Any]) -> None:
    """Call a function and set the result of the future that waits for it."""
    if not result.set_running_or_notify_cancel():
        return
    try:
        result.set_result(function())
    except Exception as error:  # noqa: BLE001 -- passed on to the waiting work
        result.set_exception(error)
    except BaseException:
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
        threading.Thread(target=call, args=(call_into, function, result), daemon=True).start()
