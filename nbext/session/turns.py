"""Start the requests of one cell in the order they were made, across threads."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nbext.util.fork import register_fork_handler
from nbext.util.threads import RepeatableCall

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator


class Turn:
    """The place of one request among those of its cell. Every turn must be left.

    Args:
        turns: The queue that issued it.
        number: How many turns were issued before it in this process.

    Attributes:
        number: See above.
        thread: The requesting thread.
        cell: The requesting cell, None until it is known.
        is_over: Whether the turn was left, so that the next one may begin.
    """

    def __init__(self, turns: Turns, number: int) -> None:
        self.number = number
        self.thread = threading.get_ident()
        self.cell: Hashable = None
        self.is_over = False
        self._turns = turns
        self._reserve: Callable[[], None] | None = None
        self._waiter: tuple[asyncio.AbstractEventLoop, asyncio.Future[None]] | None = None

    def __lt__(self, other: Turn) -> bool:
        return self.number < other.number

    def enter(self, cell: Hashable, *, reserve: Callable[[], None] | None = None) -> None:
        """Assign the turn to a cell.

        Args:
            cell: The cell; requests of different cells do not wait for each other.
            reserve: Reserves the place of the output, None if that is not needed.
        """
        self._reserve = reserve
        self._turns.enter(self, cell)

    async def come(self) -> None:
        """Wait until all earlier requests of the cell have begun."""
        loop = asyncio.get_running_loop()
        while (future := self._turns.future_of(self, loop)) is not None:
            await future

    def wait_on(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        """Return a future that ends when the turn may have come."""
        future: asyncio.Future[None] = loop.create_future()
        self._waiter = loop, future
        return future

    def call(self) -> None:
        """Make the waiter check again; callable from any thread."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            loop, future = waiter
            if _is_running(loop):
                _settle(future)
                return
            with contextlib.suppress(RuntimeError):  # a closed loop has no waiters
                loop.call_soon_threadsafe(RepeatableCall(_settle, future, loop=loop))

    def reserve(self) -> None:
        """Reserve the place of the output, once."""
        reserve, self._reserve = self._reserve, None
        if reserve is not None:
            reserve()

    def leave(self) -> None:
        """Let the next request begin."""
        self._turns.leave(self)


class Turns:
    """Issues turns to any thread, and resolves them on the event loops that wait.

    Example:
        >>> async def two() -> None:
        ...     turns = Turns()
        ...     first, second = turns.take("cell"), turns.take("cell")
        ...     first.leave()
        ...     await second.come()
    """

    def __init__(self) -> None:
        self.after_fork()
        register_fork_handler(self)

    def after_fork(self) -> None:
        """Start with no turns: the parent's requests are not the child's."""
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        # Turns whose cell is not known yet, in order.
        self._unplaced: dict[int, Turn] = {}
        # The open turns of each cell, as a heap; finished ones may remain behind the first.
        self._of: dict[Hashable, list[Turn]] = {}

    def __bool__(self) -> bool:
        return bool(self._of or self._unplaced)

    def take(self, cell: Hashable = None) -> Turn:
        """Issue the next turn.

        Args:
            cell: The requesting cell; None if it is set later with ``Turn.enter``.
        """
        with self._lock:
            turn = Turn(self, next(self._numbers))
            self._unplaced[turn.number] = turn
        if cell is not None:
            self.enter(turn, cell)
        return turn

    def enter(self, turn: Turn, cell: Hashable) -> None:
        """Add a turn to those of a cell."""
        with self._lock:
            if self._unplaced.pop(turn.number, None) is None:
                return
            turn.cell = cell
            heapq.heappush(self._of.setdefault(cell, []), turn)
            self._call(*self._of)

    def leave(self, turn: Turn) -> None:
        """Remove a turn."""
        with self._lock:
            if turn.is_over:
                return
            turn.is_over = True
            if self._unplaced.pop(turn.number, None) is not None:
                self._call(*self._of)
                return
            line = self._of[turn.cell]
            while line and line[0].is_over:
                heapq.heappop(line)
            if line:
                self._call(turn.cell)
            else:
                del self._of[turn.cell]

    def future_of(self, turn: Turn, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None] | None:
        """Return a future to wait for, None if the turn has come."""
        with self._lock:
            return None if turn.is_over or self._has_come(turn) else turn.wait_on(loop)

    def _has_come(self, turn: Turn) -> bool:
        if self._of[turn.cell][0] is not turn:
            return False
        # A thread cannot wait for a turn that it has itself yet to assign.
        others = (other for other in self._unplaced.values() if other.thread != turn.thread)
        first = next(others, None)
        return first is None or turn.number < first.number

    def _call(self, *cells: Hashable) -> None:
        for cell in cells:
            self._of[cell][0].call()


# One queue for the process: a thread takes its turn before its session is known.
turns = Turns()


@contextmanager
def next_turn() -> Iterator[Turn]:
    """Take the next turn for a request that is made and sent in the block.

    Example:
        >>> with next_turn() as turn:
        ...     turn.enter("cell")
        ...     turn.leave()
    """
    turn = turns.take()
    try:
        yield turn
    except BaseException:
        turn.leave()
        raise
    if turn.cell is None:
        turn.leave()


def _is_running(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether this thread runs a loop, which then needs not be woken."""
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
