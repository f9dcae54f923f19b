"""Let work that blocks the event loop proceed one step at a time.

A loop runs all that is ready before it looks again at what has come. Where a hundred answers come
together, all of them would be decoded before the first is shown, and before the first of those that
wait behind a ceiling is sent. With one step in each turn of the loop, what needs only a moment,
such as showing a drawing that is on disk, does not wait for what takes longer.
"""

from __future__ import annotations

import asyncio
from collections import deque

from nbext.util.threads import RepeatableCall


class Steps:
    """Lets one waiting task proceed in each turn of the event loop, in order.

    Example:
        >>> async def decode(steps: Steps, pieces: list[bytes]) -> None:
        ...     for piece in pieces:
        ...         await steps.turn()
        ...         ...  # a millisecond of work
    """

    def __init__(self) -> None:
        # The loop in whose present turn a step has been made, None where none has.
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def turn(self) -> None:
        """Wait for a turn of the event loop that no other step uses; at once if nobody waits."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # Whoever waited on another loop, which has ended, waits no more.
            self._loop, self._waiting = loop, deque()
            loop.call_soon(RepeatableCall(self._next, loop, loop=loop))
            return
        future = loop.create_future()
        self._waiting.append(future)
        await future

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let the next task proceed in the next turn."""
        if loop is not self._loop:
            return
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)
                loop.call_soon(RepeatableCall(self._next, loop, loop=loop))
                return
        self._loop = None
