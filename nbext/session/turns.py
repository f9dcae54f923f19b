"""Requests of one cell begin in the order of asking, whichever is planned first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.session.observer import Cell


class Turn:
    """The place of one request among those of its cell.

    Args:
        before: Is done when all have begun that were asked for earlier; None for the first.
        reserve: Takes the place where its result is shown, None where that is not needed.
    """

    def __init__(
        self, before: asyncio.Future[None] | None, reserve: Callable[[], None] | None
    ) -> None:
        self._before = before
        self._reserve = reserve
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def come(self) -> None:
        """Wait until all have begun that were asked for earlier."""
        if self._before is not None:
            # Who is cancelled here leaves the others in their order.
            await asyncio.shield(self._before)

    def reserve(self) -> None:
        """Take the place where the result is shown, once."""
        reserve, self._reserve = self._reserve, None
        if reserve is not None:
            reserve()

    def leave(self) -> None:
        """Let the next one begin, once all have begun that were asked for earlier."""
        if self._before is None or self._before.done():
            _settle(self.over)
        else:
            self._before.add_done_callback(lambda _: _settle(self.over))


class Turns:
    """Gives turns. Used on one event loop.

    Example:
        >>> async def two() -> None:
        ...     turns = Turns()
        ...     first, second = turns.take(Cell()), turns.take(Cell())
        ...     first.leave()
        ...     await second.come()
    """

    def __init__(self) -> None:
        self._last: dict[Cell, asyncio.Future[None]] = {}

    def take(self, cell: Cell, *, reserve: Callable[[], None] | None = None) -> Turn:
        """Give the next turn of a cell; whoever takes it must leave it.

        Args:
            cell: The cell that asks.
            reserve: Takes the place where the result is shown.
        """
        turn = Turn(self._last.get(cell), reserve)
        self._last[cell] = turn.over
        turn.over.add_done_callback(lambda over: self._forget(cell, over))
        return turn

    def _forget(self, cell: Cell, over: asyncio.Future[None]) -> None:
        if self._last.get(cell) is over:
            del self._last[cell]


def _settle(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_result(None)
