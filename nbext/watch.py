"""The cell that asks, and who looks on while takes are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from nbext.history.drawing import Drawing
    from nbext.wire import events


class Watch(Protocol):
    """Someone who looks on while takes are drawn. Called on the background loop."""

    def event(self, take: int, event: events.Event) -> None:
        """Something that the answer says."""

    def done(self, take: int, drawing: Drawing) -> None:
        """A take has ended, well or not."""


class Nobody:
    """Nobody looks on."""

    def event(self, take: int, event: events.Event) -> None:
        """Ignore it."""

    def done(self, take: int, drawing: Drawing) -> None:
        """Ignore it."""


class Cell(msgspec.Struct, frozen=True):
    """The cell that asks."""

    id: str = ""
    execution_count: int = 0
