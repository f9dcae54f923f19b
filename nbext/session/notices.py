"""What a user is told though nothing failed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from nbext.util.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbext.data.record import Record


class Notices:
    """Collects notices, from any thread, until they are shown; the same one is shown once a time.

    Example:
        >>> notices = Notices()
        >>> notices.add("The disk is full.", "The disk is full.")
        >>> notices.take(), notices.take()
        (['The disk is full.'], [])
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._new: list[str] = []

    def add(self, *notices: str) -> None:
        """Add notices, but for those that are waiting to be shown already."""
        with self._lock:
            self._new += [notice for notice in dict.fromkeys(notices) if notice not in self._new]

    def take(self) -> list[str]:
        """Give the notices that nobody has seen yet, in order."""
        with self._lock:
            new, self._new = self._new, []
            return new


def warnings_of(records: Iterable[Record]) -> list[str]:
    """Say what drawings are to be read with, when they have come and whenever they are replayed.

    Args:
        records: The drawings', in any order.

    Returns:
        A line each, by number; the same one once.
    """
    lines: list[str] = []
    for record in sorted(records, key=lambda record: record.number):
        # Where nothing came the error says why.
        lost = record.lost if record.error is None else ()
        lines += [*record.warnings, *(f"@{record.number}: {reason}" for reason in lost)]
    return list(dict.fromkeys(map(printable, lines)))
