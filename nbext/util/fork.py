"""Reset locks, loops and connections in a forked process, which has none of its parent's threads.

The parent's work stays with the parent: the child neither uses nor closes its loop and sockets, nor
its coroutines, which would record their drawings as interrupted.
"""

from __future__ import annotations

import os
import sys
import time
from _thread import get_ident
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable

# How long a fork waits for the imports of other threads.
SECONDS_TO_IMPORT = 5.0


class ForkHandler(Protocol):
    """An object with resources that do not survive a fork."""

    def after_fork(self) -> None:
        """Create new resources."""


_holders: WeakSet[ForkHandler] = WeakSet()


def register_fork_handler(holder: ForkHandler) -> None:
    """Call ``after_fork`` in each child process while the object exists.

    Example:
        >>> class Counter:
        ...     def __init__(self):
        ...         self.after_fork()
        ...         register_fork_handler(self)
        ...     def after_fork(self):
        ...         self.lock = threading.Lock()
    """
    _holders.add(holder)


def in_children(begin: Callable[[], None]) -> Callable[[], None]:
    """Register a function to be called first in each child process."""
    # Windows has no fork.
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=begin)
    return begin


@in_children
def _tell() -> None:
    for holder in list(_holders):
        holder.after_fork()


def _finish_imports() -> None:
    """Let other threads finish their imports: a child would wait for ever for a module of theirs.

    A first request imports what it needs, in the thread of the background loop.
    """
    limit = time.monotonic() + SECONDS_TO_IMPORT
    while any(map(_is_imported_elsewhere, list(sys.modules.values()))):
        if time.monotonic() > limit:
            return
        time.sleep(0.001)


def _is_imported_elsewhere(module: Any) -> bool:
    """Return whether another thread is importing a module, as far as Python tells."""
    spec: Any = getattr(module, "__spec__", None)
    if not getattr(spec, "_initializing", False):
        return False
    locks: dict[str, Any] = getattr(sys.modules["_frozen_importlib"], "_module_locks", {})
    lock = locks[spec.name]() if spec.name in locks else None
    return getattr(lock, "owner", None) not in (None, get_ident())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_finish_imports)
