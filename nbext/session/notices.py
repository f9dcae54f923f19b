"""Notices for the user that are not errors."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from nbext.messages.say import phrase
from nbext.util.text import number_ranges, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbext.data.record import Record
    from nbext.store.replay import Match

# So many requests without an answer are told in one line.
_MANY = 3


class Notices:
    """Collects notices from any thread until they are shown; duplicates are merged.

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
        """Add notices, except those already waiting."""
        with self._lock:
            self._new += [notice for notice in dict.fromkeys(notices) if notice not in self._new]

    def take(self) -> list[str]:
        """Return the notices not shown yet, in order."""
        with self._lock:
            new, self._new = self._new, []
            return new


def warnings_of(records: Iterable[Record]) -> list[str]:
    """Return the warnings for drawings, new or replayed.

    Args:
        records: The drawings' records, in any order.

    Returns:
        A line for each warning, by number, without duplicates.
    """
    lines: list[str] = []
    for record in sorted(records, key=lambda record: record.number):
        # Without a result, the error says why.
        lost = record.lost if record.error is None else ()
        lines += [*record.warnings, *(f"@{record.number}: {reason}" for reason in lost)]
    return list(dict.fromkeys(map(printable, lines)))


def resending_warnings(matches: Sequence[Match]) -> list[str]:
    """Return the warnings that recorded requests are sent again, with one line for many.

    Args:
        matches: The requests, each with the reason why it is not replayed.
    """
    sent = [match.unfinished for match in matches if match.unfinished is not None]
    if len(sent) < _MANY:
        return [phrase("session.new_instead", reason=match.reason) for match in matches]
    others = [match for match in matches if match.unfinished is None]
    numbers = number_ranges([record.number for record in sent])
    return [
        *(phrase("session.new_instead", reason=match.reason) for match in others),
        phrase("session.unanswered", count=len(sent), numbers=numbers),
    ]
