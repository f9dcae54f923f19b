"""Limit the paid requests that an endpoint gets at once; the limit adapts itself.

It starts small. While requests wait and the endpoint refuses none, it doubles every few hundredths
of a second, as TCP does when it starts (RFC 5681, 3.1). A refusal ("too many", "not now") halves it
and holds everything back for as long as the endpoint asks; from then on it grows by one for each
round of answers. Beyond the number that it starts with, it grows only while answers do not take
twice as long, on average, as they did below: more at once would then only wait at the other end.
Single answers say little of that: a film takes a hundred times as long as a judgement.

A request keeps its place until its result is on disk. What the user allows at once is then the most
that can be paid for in vain if the kernel is killed.

There is one timer for each endpoint, only while requests wait.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

START = 16
MOST = 4096
# Seconds between two doublings at the start.
DOUBLING = 0.03
# How much longer answers may take on average beyond START than below it while the number grows.
SLOWER = 2.0
# Weights of an answer in the average of the latest ones, and of those up to START at once.
_OF_LATEST, _OF_USUAL = 0.1, 0.05
MINUTE = 60.0
# Seconds to hold back after a refusal that does not say for how long.
PAUSE = 1.0


class Clock(Protocol):
    """The part of an event loop that a limiter uses; tests replace it."""

    def time(self) -> float:
        """Return the time in seconds, from any start."""

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Call a function at a time."""


class Timer(Protocol):
    """A scheduled call."""

    def cancel(self) -> None:
        """Cancel the call."""


class Turn:
    """The place of one request at an endpoint.

    Args:
        holds: Whether it keeps its place after the answer, until ``end``.
        admitted: Called each time when it may be sent, and awaited before it is.

    Attributes:
        number: Its place in the queue, which it keeps after a refusal; 0 before the first.
        started: When it was admitted, by the clock.
        is_waiting: Whether it waits: to be admitted, or to be sent again after a refusal.
        is_early: Whether it was admitted by ``Limiter.admit_now``, and is still to be sent.

    Example:
        ::

            turn = Turn(holds=True)
            await limiter.admit(turn)
            ...  # receive the answer
            turn.leave()
            ...  # write it to disk
            turn.end()
    """

    __slots__ = (
        *("_holds", "_limiter", "_state"),
        *("admitted", "is_early", "is_waiting", "number", "started"),
    )

    def __init__(
        self, *, holds: bool = False, admitted: Callable[[], Awaitable[object] | None] | None = None
    ) -> None:
        self.admitted = admitted
        self.number = 0
        self.started = 0.0
        self.is_waiting = False
        self.is_early = False
        self._holds = holds
        self._limiter: Limiter | None = None
        self._state: Literal["", "active", "unstored"] = ""

    def begin(self, limiter: Limiter) -> None:
        """Take the place that a limiter has counted."""
        self._limiter, self._state = limiter, "active"
        self.is_waiting = False

    def leave(self) -> None:
        """Leave the endpoint, which has answered; end if nothing has to be stored."""
        if self._state == "active" and self._limiter is not None:
            self._state = "unstored" if self._holds else ""
            self._limiter.release("active", stored=not self._holds)

    def wait(self) -> None:
        """Free the place until the next try: the endpoint has refused the request."""
        self.end()
        self.is_waiting = True

    def end(self) -> None:
        """Free the place: the result, or the failure, is on disk."""
        self.is_early = False
        state, self._state = self._state, ""
        if state and self._limiter is not None:
            self._limiter.release(state, stored=True)


class Limiter:
    """Admits requests to one endpoint, first come, first served.

    Args:
        clock: The event loop.
        max_concurrent: Requests at once at most, 0 for as many as the endpoint takes.
        max_per_minute: Requests begun in any 60 seconds at most, 0 for no such limit.

    Attributes:
        limit: How many may be under way now.
        active: How many are.
        unstored: How many have been answered and are not on disk yet.

    Example:
        ::

            limiter = Limiter(asyncio.get_running_loop())
            await limiter.admit(turn)
            try:
                ...  # send; where the endpoint refuses: limiter.refused(turn, after=3.0)
            finally:
                turn.leave()
    """

    def __init__(self, clock: Clock, *, max_concurrent: int = 0, max_per_minute: int = 0) -> None:
        self._clock = clock
        self.max_concurrent = max_concurrent
        self.max_per_minute = max_per_minute
        self.limit = START
        self.active = 0
        self.unstored = 0
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._numbers = 0
        self._begun: deque[float] = deque()
        self._timer: Timer | None = None
        self._timer_at = 0.0
        # Doubling goes on until the first refusal.
        self._doubles = True
        self._doubled = clock.time()
        self._paused_until = 0.0
        self._refused_at = float("-inf")
        # Average seconds of an answer, 0 before the first: lately, and with up to START at once.
        self._recent = 0.0
        self._usual = 0.0
        self._answers = 0

    @property
    def ceiling(self) -> int:
        """The most requests that may be in progress at once."""
        return self.max_concurrent or MOST

    @property
    def crowded(self) -> bool:
        """Whether a refusal may be caused by our other requests."""
        return self.active > 1 or bool(self._waiting)

    async def admit(self, turn: Turn) -> None:
        """Wait until a request may be sent; one that was refused goes before later ones."""
        if turn.is_early:
            turn.is_early = False
        else:
            turn.wait()
            self._number(turn)
            await self._wait(turn)
            turn.begin(self)
        if turn.admitted is None:
            return
        try:
            step = turn.admitted()
            if step is not None:
                await step
        except BaseException:
            turn.wait()
            raise

    def admit_now(self, turn: Turn) -> bool:
        """Admit a request that is about to be prepared, unless it would have to wait.

        Returns:
            Whether it has its place; ``admit`` then only says that it is sent.
        """
        now = self._clock.time()
        self._serve()
        if self._waiting or self._next_time(now) > now or not self._has_room:
            return False
        self._number(turn)
        self._count(now)
        turn.begin(self)
        turn.started, turn.is_early = now, True
        return True

    def _number(self, turn: Turn) -> None:
        if not turn.number:
            self._numbers += 1
            turn.number = self._numbers

    def _count(self, now: float) -> None:
        """Count a request that is admitted."""
        self.active += 1
        if self.max_per_minute:
            self._begun.append(now)

    def release(self, state: Literal["active", "unstored"], *, stored: bool) -> None:
        """Count a request no more at the endpoint, and no more at all if it is stored."""
        if state == "active":
            self.active -= 1
            self.unstored += not stored
        else:
            self.unstored -= 1
        self._serve()

    @property
    def _is_full(self) -> bool:
        """Whether as many requests as the user allows are under way, or not on disk yet."""
        return bool(self.max_concurrent) and self.active + self.unstored >= self.max_concurrent

    @property
    def _has_room(self) -> bool:
        return self.active < min(self.limit, self.ceiling) and not self._is_full

    async def _wait(self, turn: Turn) -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (turn.number, place))
        self._serve()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                # It was let go ahead in the same moment: the next one may.
                self.active -= 1
                self._serve()
            raise
        turn.started = self._clock.time()

    def answered(self, turn: Turn) -> None:
        """Note a successful answer; enough of them raise the limit."""
        took = self._clock.time() - turn.started
        self._recent = _average(self._recent, took, _OF_LATEST)
        if self.limit <= START:
            self._usual = _average(self._usual, took, _OF_USUAL)
        if self._doubles:
            return
        self._answers += 1
        if self._answers >= self.limit:
            self._answers = 0
            more_helps = not self._usual or self._recent <= SLOWER * self._usual
            if self.limit < START or more_helps:
                self.limit = min(self.limit + 1, self.ceiling)

    def refused(self, turn: Turn, after: float | None) -> None:
        """Note that the endpoint has refused a request because of too many requests.

        Args:
            turn: The request.
            after: The seconds that the endpoint asks to wait, None if it does not say.
        """
        now = self._clock.time()
        wait = PAUSE if after is None else after
        self._paused_until = max(self._paused_until, now + wait)
        # Those that were under way together are refused together: that is one refusal.
        if turn.started > self._refused_at:
            self.limit = max(1, min(self.limit, self.active) // 2)
            self._refused_at = now
        self._doubles = False
        self._answers = 0

    def _serve(self) -> None:
        """Admit as many requests as possible, and set the timer for the next change."""
        now = self._clock.time()
        while self._begun and self._begun[0] <= now - MINUTE:
            self._begun.popleft()
        while self._waiting:
            _, place = self._waiting[0]
            if place.done():
                heapq.heappop(self._waiting)
                continue
            when = self._next_time(now)
            if when > now:
                self._wake_at(when)
                return
            if not self._has_room:
                return
            heapq.heappop(self._waiting)
            self._count(now)
            place.set_result(None)

    def _next_time(self, now: float) -> float:
        """Return the earliest time at which the next request may start, as far as time decides."""
        if now < self._paused_until:
            return self._paused_until
        if self.max_per_minute and len(self._begun) >= self.max_per_minute:
            return self._begun[0] + MINUTE
        if self._has_room:
            return now
        if self._is_full or not self._doubles or self.limit >= self.ceiling:
            return now  # an answer makes room, or the disk, not time
        due = self._doubled + DOUBLING
        if due <= now:
            self.limit = min(2 * self.limit, self.ceiling)
            self._doubled = now
            return now
        return due

    def _wake_at(self, when: float) -> None:
        if self._timer is not None and self._timer_at <= when:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = when
        self._timer = self._clock.call_at(when, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._serve()


def _average(before: float, value: float, weight: float) -> float:
    """Return a moving average with one more value; 0 stands for none before."""
    return (1 - weight) * before + weight * value if before else value
