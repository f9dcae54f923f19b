"""Observers of requests in progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from nbext.messages.say import phrase
from nbext.store.claims import is_resumable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbext.data.record import Record
    from nbext.display.item import Item
    from nbext.drawings.drawing import Drawings
    from nbext.wire import events


class Observer(Protocol):
    """Observes takes in progress. Called on the background loop."""

    def event(self, take: int, event: events.Event) -> None:
        """Handle an event of a take's answer."""

    def done(self, take: int, drawing: Item) -> None:
        """Handle the end of a take, successful or not."""

    def notify(self, warnings: Sequence[str]) -> None:
        """Show warnings."""


class View(Observer, Protocol):
    """An observer that shows what it receives: below a cell, in a terminal, in the panel."""

    def reserve(self) -> None:
        """Reserve a place for output after the cell has ended."""

    def finish(self, drawings: Drawings) -> None:
        """Show the result."""

    def fail(self, error: BaseException, *, raised: bool) -> None:
        """Show the error, and the takes that succeeded.

        Args:
            error: The reason for the missing result.
            raised: Whether the error is also raised to the user.
        """


class NullObserver:
    """A view that shows nothing."""

    def event(self, take: int, event: events.Event) -> None:
        """Do nothing."""

    def done(self, take: int, drawing: Item) -> None:
        """Do nothing."""

    def reserve(self) -> None:
        """Do nothing."""

    def finish(self, drawings: Drawings) -> None:
        """Do nothing."""

    def fail(self, error: BaseException, *, raised: bool) -> None:
        """Do nothing."""

    def notify(self, warnings: Sequence[str]) -> None:
        """Write the warnings to standard error: they concern money and stored data."""
        write_warnings(warnings)


def write_warnings(warnings: Sequence[str]) -> None:
    """Write warnings to standard error, one a line."""
    import sys

    for warning in warnings:
        sys.stderr.write(f"nbext: {warning}\n")


def shorten(error: BaseException, ended: Iterable[Item] = ()) -> None:
    """Shorten an interrupt's traceback to one line: its place inside nbext means nothing to a user.

    Args:
        error: Any exception; all but interrupts stay unchanged.
        ended: The takes that had ended by then.
    """
    if isinstance(error, KeyboardInterrupt):
        records = [item.record for item in ended if item.record.error]
        line = phrase("session.interrupted") + next(filter(None, map(_how_to_fetch, records)), "")
        # IPython calls this method to render an exception.
        error._render_traceback_ = lambda: [line]  # type: ignore[attr-defined]


def _how_to_fetch(record: Record) -> str:
    """Say how the result of an interrupted request can be fetched for free, or return ""."""
    if not is_resumable(record):
        return ""
    code = f"nbext.history[{record.number}].fetch()"
    if record.kind == "video":
        code = f"%video @{record.number}"
    return phrase("session.job_continues" if record.job else "session.link_known", code=code)
