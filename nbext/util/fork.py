"""A forked process has none of its parent's threads: locks, loops and connections are made anew.

What was under way in the parent stays the parent's: its loop and its sockets are neither used nor
closed, nor are its coroutines, which would record their drawings as interrupted.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable


class ForkHandler(Protocol):
    """Something that holds what does not outlive a fork."""

    def after_fork(self) -> None:
        """Begin anew."""


_holders: WeakSet[ForkHandler] = WeakSet()


def register_fork_handler(holder: ForkHandler) -> None:
    """Have ``after_fork`` called in each child process, for as long as the object is there.

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
    """Have a function called in each child process, before anything else runs there."""
    # Windows does not fork.
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=begin)
    return begin


@in_children
def _tell() -> None:
    for holder in list(_holders):
        holder.after_fork()
