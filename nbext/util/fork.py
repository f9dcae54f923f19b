"""Reset locks, loops and connections in a forked process, which has none of its parent's threads.

The parent's work stays with the parent: the child neither uses nor closes its loop and sockets, nor
its coroutines, which would record their drawings as interrupted.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable


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
