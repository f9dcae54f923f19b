"""Decide when to send a request again and how long to wait. Only ``sleep`` has effects.

The decision depends on whether a picture may have been paid for. A request that certainly never
started may be repeated, one that may have started is never sent twice, and a free one is always
repeated. Waiting times follow the "full jitter" of
https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
and the server's ``Retry-After`` (RFC 9110, 10.2.3) or ``retry-after-ms``.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from nbext.errors import RateLimitError, ServerError, TimedOutError
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbext.errors import RequestError

BASE = 0.5
CAP = 8.0
LONGEST_WAIT = 120.0
# Seconds before a picture is asked for again that its host does not have yet.
SOON = (0.4, 0.8, 1.2, 1.6)

# Answers that a second try of something free may turn into a good one.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 528)})

# Answers of a host that may have the picture a moment later.
MISSING = frozenset({202, 403, 404, 409, 423, 425})


class RequestStage(Enum):
    """How far a request got."""

    NOT_SENT = "never started"
    MAYBE = "may have started"
    FREE = "costs nothing"
    NOT_YET = "will be there in a moment"
    FINAL = "the same again would fail again"


class AttemptFailure(NamedTuple):
    """The failure of one try.

    Attributes:
        error: The error to raise if there is no further try.
        stage: How far the try got, which decides whether another one may follow.
        after: The seconds that the server asks to wait, or None.
    """

    error: RequestError
    stage: RequestStage
    after: float | None = None


def backoff(attempt: int, *, base: float = BASE, cap: float = CAP) -> float:
    """Return the seconds to wait after a try (1 is the first): random, with a growing maximum.

    Example:
        >>> 0.0 <= backoff(1) <= 0.5
        True
    """
    bound: float = min(cap, base * 2 ** min(attempt - 1, 30))
    return random.uniform(0.0, bound)  # noqa: S311 -- spreads load, guards nothing


def bearable(after: float | None, left: float) -> float | None:
    """Return the seconds that a server asks to wait, or None if that is too long.

    A server that asks for a year must not delay later requests.

    Args:
        after: The seconds that the server asks for, or None.
        left: The seconds left for the action.

    Example:
        >>> bearable(3.0, 60.0), bearable(1e9, 60.0)
        (3.0, None)
    """
    return after if after is not None and after <= min(LONGEST_WAIT, left) else None


def retry_after(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """Return the seconds that a server asks to wait in its headers, or None.

    Args:
        headers: The headers of the answer, in lower case or in a mapping that ignores case.
        now: The time in seconds since the epoch. By default the current time.

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
    from email.utils import parsedate_to_datetime  # a server that asks for seconds needs no dates

    try:
        when = parsedate_to_datetime(text[:64]).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return max(0.0, when - (time.time() if now is None else now))


def retry_after_in_body(body: str) -> float | None:
    """Return the seconds that a server asks to wait in the body of its answer, or None.

    Google's ``RetryInfo`` (https://cloud.google.com/apis/design/errors#error_payloads), fields of
    gateways, and the sentence used by OpenAI and others.

    Example:
        >>> retry_after_in_body('{"details": [{"@type": "…RetryInfo", "retryDelay": "34.5s"}]}')
        34.5
        >>> retry_after_in_body("Rate limit reached. Please try again in 250ms.")
        0.25
    """
    for wording, unit in _IN_BODY:
        match = wording.search(body[:65536])
        seconds = _seconds(match["time"]) if match else None
        if match and seconds is not None:
            return seconds * _UNITS[(match.groupdict().get("unit") or unit).lower()]
    return None


_UNITS = {"ms": 0.001, "milliseconds": 0.001, "s": 1.0, "m": 60.0, "秒": 1.0, "分": 60.0}
_TIME = r"(?P<time>[\d.]{1,12})"
# What is looked for, and the unit where the text names none.
_IN_BODY = (
    (pattern(rf'"retryDelay"\s{{0,9}}:\s{{0,9}}"{_TIME}s"'), "s"),
    (
        pattern(
            rf'"retryDelay"\s{{0,9}}:\s{{0,9}}\{{\s{{0,9}}"seconds"\s{{0,9}}:\s{{0,9}}"?{_TIME}'
        ),
        "s",
    ),
    (pattern(rf'"retry_?after_?ms"\s{{0,9}}:\s{{0,9}}"?{_TIME}', re.IGNORECASE), "ms"),
    (pattern(rf'"retry_?after(?:_seconds)?"\s{{0,9}}:\s{{0,9}}"?{_TIME}', re.IGNORECASE), "s"),
    (
        pattern(
            rf"(?:try again|retry|retrying) (?:in|after) {_TIME}\s?(?P<unit>ms|milliseconds|s|m)?",
            re.IGNORECASE,
        ),
        "s",
    ),
    (pattern(rf"{_TIME}\s?(?P<unit>秒|分)钟?[之以]?后(?:重试|再试)"), "s"),
)


def _seconds(text: str) -> float | None:
    # Nothing but a plain number: float() also takes "nan", "inf" and "1_0".
    text = text.strip().rstrip(".")
    if not text or len(text) > 12 or set(text) - set("0123456789."):
        return None
    try:
        return float(text)
    except ValueError:
        return None


def is_busy(error: RequestError) -> bool:
    """Return whether an endpoint refused a request because of too many requests."""
    passing = isinstance(error, RateLimitError | ServerError | TimedOutError)
    return passing and error.status_code in (429, 503)


def after_status(
    error: RequestError, headers: Mapping[str, str], *, generating: bool
) -> AttemptFailure:
    """Return the failure for an answer with an error status.

    A paid request was certainly not accepted if the server answers 429 or 503 and says when to
    retry. After any other error, the endpoint may still be working, and may bill the request.

    Args:
        error: The error, with the status and body of the answer.
        headers: The headers of the answer.
        generating: Whether the request costs money.
    """
    after = retry_after(headers)
    if after is None:
        after = retry_after_in_body(error.body)
    status = error.status_code or 0
    if headers.get("x-should-retry", "").strip().lower() == "false":
        return AttemptFailure(error, RequestStage.FINAL, after)
    passing = isinstance(error, RateLimitError | ServerError | TimedOutError)
    if not generating:
        return AttemptFailure(
            error, RequestStage.FREE if passing and status in PASSING else RequestStage.FINAL, after
        )
    if is_busy(error) and after is not None:
        return AttemptFailure(error, RequestStage.NOT_SENT, after)
    return AttemptFailure(error, RequestStage.MAYBE if status >= 500 else RequestStage.FINAL, after)


def wait_before_next(
    failure: AttemptFailure, attempt: int, *, tries: int, left: float, generating: bool
) -> float | None:
    """Return the seconds until the next try, or None for no further try.

    Args:
        failure: The failure of this try.
        attempt: The number of this try, from 1.
        tries: The maximum number of tries.
        left: The seconds until the time limit of the action.
        generating: Whether the request costs money.
    """
    allowed = {RequestStage.NOT_SENT} if generating else set(RequestStage) - {RequestStage.FINAL}
    if failure.stage not in allowed or attempt >= tries:
        return None
    if failure.after is not None:
        if failure.after > LONGEST_WAIT:
            return None
        # Never earlier than asked; a little later, so that many clients do not return as one.
        wait = failure.after + backoff(1)
    elif failure.stage is RequestStage.NOT_YET:
        wait = SOON[min(attempt, len(SOON)) - 1]
    else:
        wait = backoff(attempt)
    return wait if wait < left else None


async def sleep(seconds: float) -> None:
    """Wait between two tries. Tests replace this function."""
    await asyncio.sleep(seconds)
