"""The cell that asks, and who looks on while takes are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbext.display.item import Item
    from nbext.drawings.drawing import Drawing
    from nbext.wire import events


class Observer(Protocol):
    """Someone who looks on while takes are drawn. Called on the background loop."""

    def event(self, take: int, event: events.Event) -> None:
        """Something that the answer says."""

    def done(self, take: int, drawing: Drawing) -> None:
        """A take has ended, well or not."""


class NullObserver:
    """Nobody looks on."""

    def event(self, take: int, event: events.Event) -> None:
        """Ignore it."""

    def done(self, take: int, drawing: Drawing) -> None:
        """Ignore it."""


class Cell(msgspec.Struct, frozen=True):
    """The cell that asks."""

    id: str = ""
    execution_count: int = 0


def shorten(error: BaseException, ended: Iterable[Item] = ()) -> None:
    """Let an interrupt be one line: where in nbext it came says nothing to a user.

    Args:
        error: What was raised; anything but an interrupt stays as it is.
        ended: The takes that had ended by then.
    """
    if isinstance(error, KeyboardInterrupt):
        jobs = [f"%video @{d.record.number}" for d in ended if d.record.job and d.record.error]
        goes_on = f" Its job goes on: {jobs[0]} picks it up again." if jobs else ""
        said = [
            "\x1b[31mKeyboardInterrupt\x1b[0m: stopped. A paid endpoint may still bill it."
            + goes_on
        ]
        # IPython asks the exception itself how it is shown.
        error._render_traceback_ = lambda: said  # type: ignore[attr-defined]
