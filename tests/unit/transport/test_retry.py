"""When, how often and how late something is sent again."""

from __future__ import annotations

import random

import pytest

from nbext.errors import ConnectError, QuotaError, RateLimitError, ServerError
from nbext.transport.retry import (
    AttemptFailure,
    RequestStage,
    after_status,
    backoff,
    retry_after,
    wait_before_next,
)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}, 37.0),
        ({"retry-after": "Sun, 06 Nov 1994 08:00:00 GMT"}, 0.0),
        ({}, None),
        *(
            ({"retry-after": odd}, None)
            for odd in ["nan", "inf", "-1", "1_0", "x", "9" * 400, "1.2.3"]
        ),
        ({"retry-after": "Sun, 99 Nov 1994 99:49:37 GMT"}, None),
        ({"retry-after": "Mon, 01 Jan 99999999 00:00:00 GMT"}, None),
    ],
)
def test_retry_after(headers, seconds):
    assert retry_after(headers, now=784111740.0) == seconds


def test_backoff_is_full_jitter():
    random.seed(1)
    waits = [[backoff(attempt) for _ in range(500)] for attempt in (1, 2, 3, 9, 5000)]
    for bound, taken in zip([0.5, 1, 2, 8, 8], waits, strict=True):
        assert max(taken) <= bound
        assert min(taken) < bound / 20
        assert abs(sum(taken) / 500 - bound / 2) < bound / 10


def trouble(phase, after=None):
    return AttemptFailure(ConnectError("x"), phase, after)


@pytest.mark.parametrize("generating", [True, False])
@pytest.mark.parametrize("phase", list(RequestStage))
def test_only_what_never_started_is_repeated_when_it_costs(phase, generating):
    wait = wait_before_next(trouble(phase), 1, tries=4, left=100, generating=generating)
    again = (
        {RequestStage.NOT_SENT}
        if generating
        else {RequestStage.NOT_SENT, RequestStage.MAYBE, RequestStage.FREE}
    )
    assert (wait is not None) == (phase in again)


def test_the_wait_is_never_shorter_than_asked_and_never_beyond_the_end():
    asked = trouble(RequestStage.NOT_SENT, 5.0)
    assert 5.0 <= wait_before_next(asked, 1, tries=4, left=100, generating=True) <= 5.5
    assert wait_before_next(asked, 1, tries=4, left=4, generating=True) is None
    assert wait_before_next(asked, 4, tries=4, left=100, generating=True) is None
    assert (
        wait_before_next(trouble(RequestStage.NOT_SENT, 500), 1, tries=4, left=1e6, generating=True)
        is None
    )


@pytest.mark.parametrize(
    ("error", "headers", "generating", "phase"),
    [
        (RateLimitError("x", status_code=429), {"retry-after": "1"}, True, RequestStage.NOT_SENT),
        (RateLimitError("x", status_code=429), {}, True, RequestStage.FINAL),
        (RateLimitError("x", status_code=429), {}, False, RequestStage.FREE),
        (ServerError("x", status_code=503), {"retry-after": "1"}, True, RequestStage.NOT_SENT),
        (ServerError("x", status_code=503), {}, True, RequestStage.MAYBE),
        (ServerError("x", status_code=500), {"retry-after": "1"}, True, RequestStage.MAYBE),
        (ServerError("x", status_code=500), {}, False, RequestStage.FREE),
        (ServerError("x", status_code=501), {}, False, RequestStage.FINAL),
        (QuotaError("x", status_code=429), {"retry-after": "1"}, True, RequestStage.FINAL),
        (QuotaError("x", status_code=429), {"retry-after": "1"}, False, RequestStage.FINAL),
        (ServerError("x", status_code=500), {"x-should-retry": "false"}, False, RequestStage.FINAL),
    ],
)
def test_after_a_status(error, headers, generating, phase):
    assert after_status(error, headers, generating=generating).phase is phase
