"""Who looks on while takes are drawn."""

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
    """Looks on while takes are drawn. Called on the background loop."""

    def event(self, take: int, event: events.Event) -> None:
        """Take note of what the answer to a take says."""

    def done(self, take: int, drawing: Item) -> None:
        """Take note that a take has ended, well or not."""

    def notify(self, warnings: Sequence[str]) -> None:
        """Say what is not as it should be, though nothing failed."""


class View(Observer, Protocol):
    """An observer that shows what it sees: under a cell, in a terminal, in the panel."""

    def reserve(self) -> None:
        """Take a place for what is shown after the cell has ended."""

    def finish(self, drawings: Drawings) -> None:
        """Show the result."""

    def fail(self, error: BaseException, *, raised: bool) -> None:
        """Show how it ended, and the takes that ended well.

        Args:
            error: Why there is no result.
            raised: Whether the user is told of the error anyway.
        """


class NullObserver:
    """Nobody looks on: a view that shows nothing."""

    def event(self, take: int, event: events.Event) -> None:
        """Ignore it."""

    def done(self, take: int, drawing: Item) -> None:
        """Ignore it."""

    def reserve(self) -> None:
        """Ignore it."""

    def finish(self, drawings: Drawings) -> None:
        """Ignore it."""

    def fail(self, error: BaseException, *, raised: bool) -> None:
        """Ignore it."""

    def notify(self, warnings: Sequence[str]) -> None:
        """Write the warnings to standard error: they concern money and what is on disk."""
        write_warnings(warnings)


def write_warnings(warnings: Sequence[str]) -> None:
    """Write warnings to standard error, a line each."""
    import sys

    for warning in warnings:
        sys.stderr.write(f"nbext: {warning}\n")


def shorten(error: BaseException, ended: Iterable[Item] = ()) -> None:
    """Let an interrupt be one line: where in nbext it came says nothing to a user.

    Args:
        error: Any exception; anything but an interrupt stays as it is.
        ended: The takes that had ended by then.
    """
    if isinstance(error, KeyboardInterrupt):
        records = [item.record for item in ended if item.record.error]
        line = phrase("session.interrupted") + next(filter(None, map(_how_to_fetch, records)), "")
        # IPython asks the exception itself how it is shown.
        error._render_traceback_ = lambda: [line]  # type: ignore[attr-defined]


def _how_to_fetch(record: Record) -> str:
    """Say how what was stopped can be had for free, empty where nothing is known of it."""
    if not is_resumable(record):
        return ""
    code = f"nbext.history[{record.number}].fetch()"
    if record.kind == "video":
        code = f"%video @{record.number}"
    return phrase("session.job_continues" if record.job else "session.link_known", code=code)
