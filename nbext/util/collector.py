"""Spare the garbage collector from looking again and again at many new objects that are in use."""

from __future__ import annotations

import contextlib
import gc
import threading
from typing import TYPE_CHECKING

from nbext.util.fork import in_children

if TYPE_CHECKING:
    from collections.abc import Iterator

# The number of new objects between two looks while much is under way. Python's own is 700 or 2,000:
# a thousand draws at once make it look through all objects of the kernel, several times.
SELDOM = 20_000

_lock = threading.Lock()
_places = 0
# The number before; 0 while it is in force.
_usual = 0


@contextlib.contextmanager
def at_rest() -> Iterator[None]:
    """Pause the collector in a block that creates many objects, none of which is garbage.

    Example:
        >>> with at_rest():
        ...     gc.isenabled()
        False
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def look_seldom(*, begins: bool) -> None:
    """Let the collector look less often from now on, or as before once all who began have ended.

    A number that the user sets meanwhile, or has set higher, stays.

    Args:
        begins: Whether much is under way in one more place, or in one less.
    """
    global _places, _usual
    with _lock:
        _places += 1 if begins else -1
        first, *others = gc.get_threshold()
        if begins and _places == 1 and 0 < first < SELDOM:
            _usual = first
            gc.set_threshold(SELDOM, *others)
        elif not _places and _usual:
            if first == SELDOM:
                gc.set_threshold(_usual, *others)
            _usual = 0


@in_children
def _as_before() -> None:
    """Begin with nothing under way: what is belongs to the parent."""
    global _lock, _places
    _lock = threading.Lock()
    if _places:
        _places = 1
        look_seldom(begins=False)
