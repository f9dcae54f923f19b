"""When a request is sent again, and after how long: pure functions, and the one place that sleeps.

What counts is whether a picture may have been paid for. A request that surely never started may be
repeated; one that may have started is never sent twice; one that costs nothing is repeated freely.
Waits follow the "full jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
and what the server asks for in ``Retry-After`` (RFC 9110, 10.2.3) or ``retry-after-ms``.
"""

from __future__ import annotations

import asyncio
import random
import time
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from nbext.errors import RateLimitError, ServerError, TimedOutError
from nbext.wire.error_body import retry_after_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbext.errors import RequestError

BASE = 0.5
CAP = 8.0
LONGEST_WAIT = 120.0

# Answers that a second try of something free may turn into a good one.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 528)})


class RequestStage(Enum):
    """How far a request surely got, or may have got."""

    NOT_SENT = "never started"
    MAYBE = "may have started"
    FREE = "costs nothing"
    FINAL = "the same again would fail again"


class AttemptFailure(NamedTuple):
    """What went wrong with one try.

    Attributes:
        error: What is raised when no other try follows.
        phase: Whether one may follow.
        after: Seconds that the server asks to wait, None where it does not say.
    """

    error: RequestError
    phase: RequestStage
    after: float | None = None


def backoff(attempt: int, *, base: float = BASE, cap: float = CAP) -> float:
    """Seconds to wait after the given try (1 is the first), at random up to a growing bound.

    Example:
        >>> 0.0 <= backoff(1) <= 0.5
        True
    """
    bound: float = min(cap, base * 2 ** min(attempt - 1, 30))
    return random.uniform(0.0, bound)  # noqa: S311 -- spreads load, guards nothing


def retry_after(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """Seconds that a server asks to wait, None where it does not say, or says it in no known way.

    Args:
        headers: Of the answer, names in lower case or a mapping that ignores case.
        now: The time in seconds since the epoch, the clock's where None.

    Example:
        >>> retry_after({"retry-after": "3"})
        3.0
        >>> retry_after({"retry-after-ms": "250"})
        0.25
    """
    milliseconds = _seconds(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "").strip()
    seconds = _seconds(text)
    if seconds is not None or not text:
        return seconds
    try:
        when = parsedate_to_datetime(text[:64]).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return max(0.0, when - (time.time() if now is None else now))


def _seconds(text: str) -> float | None:
    text = text.strip()
    # Nothing but a plain number: float() also takes "nan", "inf" and "1_0".
    if not text or len(text) > 12 or set(text) - set("0123456789."):
        return None
    try:
        return float(text)
    except ValueError:
        return None


def after_status(
    error: RequestError, headers: Mapping[str, str], *, generating: bool
) -> AttemptFailure:
    """Judge an answer with an error status.

    A paid request was surely not accepted where the server says "too many" or "not now" together
    with when to come back; any other error may hide a job that goes on, and is billed.

    Args:
        error: What the answer says, with its status.
        headers: Of the answer.
        generating: Whether the request costs money.
    """
    after = retry_after(headers)
    if after is None:
        after = retry_after_of(error.body)
    status = error.status_code or 0
    if headers.get("x-should-retry", "").strip().lower() == "false":
        return AttemptFailure(error, RequestStage.FINAL)
    passing = isinstance(error, RateLimitError | ServerError | TimedOutError)
    if not generating:
        return AttemptFailure(
            error, RequestStage.FREE if passing and status in PASSING else RequestStage.FINAL, after
        )
    if passing and status in (429, 503) and after is not None:
        return AttemptFailure(error, RequestStage.NOT_SENT, after)
    return AttemptFailure(error, RequestStage.MAYBE if status >= 500 else RequestStage.FINAL, after)


def wait_before_next(
    trouble: AttemptFailure, attempt: int, *, tries: int, left: float, generating: bool
) -> float | None:
    """Seconds until the next try, None where there is to be none.

    Args:
        trouble: What went wrong with this try.
        attempt: Its number, 1 for the first.
        tries: How many there may be.
        left: Seconds until the action's total time is over.
        generating: Whether the request costs money.
    """
    allowed = (
        {RequestStage.NOT_SENT}
        if generating
        else {RequestStage.NOT_SENT, RequestStage.MAYBE, RequestStage.FREE}
    )
    if trouble.phase not in allowed or attempt >= tries:
        return None
    if trouble.after is None:
        wait = backoff(attempt)
    elif trouble.after > LONGEST_WAIT:
        return None
    else:
        # Never earlier than asked; a little later, so that many clients do not return as one.
        wait = trouble.after + backoff(1)
    return wait if wait < left else None


async def sleep(seconds: float) -> None:
    """Wait between two tries; tests put a clock of their own here."""
    await asyncio.sleep(seconds)
