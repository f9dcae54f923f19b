"""When, how often and how late something is sent again."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbext.errors import ConnectError, QuotaError, RateLimitError, ServerError
from nbext.transport.retry import (
    AttemptFailure,
    RequestStage,
    after_status,
    backoff,
    retry_after,
    retry_after_in_body,
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


def failure(phase, after=None):
    return AttemptFailure(ConnectError("x"), phase, after)


@pytest.mark.parametrize("generating", [True, False])
@pytest.mark.parametrize("phase", list(RequestStage))
def test_only_what_never_started_is_repeated_when_it_costs(phase, generating):
    wait = wait_before_next(failure(phase), 1, tries=4, left=100, generating=generating)
    again = {RequestStage.NOT_SENT} if generating else set(RequestStage) - {RequestStage.FINAL}
    assert (wait is not None) == (phase in again)


def test_the_wait_is_never_shorter_than_asked_and_never_beyond_the_end():
    asked = failure(RequestStage.NOT_SENT, 5.0)
    assert 5.0 <= wait_before_next(asked, 1, tries=4, left=100, generating=True) <= 5.5
    assert wait_before_next(asked, 1, tries=4, left=4, generating=True) is None
    assert wait_before_next(asked, 4, tries=4, left=100, generating=True) is None
    assert (
        wait_before_next(failure(RequestStage.NOT_SENT, 500), 1, tries=4, left=1e6, generating=True)
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
    assert after_status(error, headers, generating=generating).stage is phase


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ('{"error":{"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.07s"}]}}', 34.07),
        ('[{"error": {"details": [{"retryDelay": "0.5s"}]}}]', 0.5),
        ('{"retry_after": 12}', 12.0),
        ('{"error":{"retryAfter":"3"}}', 3.0),
        ('{"retry_after_ms": 250}', 0.25),
        ('{"retry_after_seconds": 4.5}', 4.5),
        ("Rate limit reached. Please try again in 20s. Visit …", 20.0),
        ("Please try again in 6ms.", 0.006),
        ("Please retry after 7 seconds.", 7.0),
        ("请求过于频繁，请30秒后重试", 30.0),
        ("请 2 分钟之后再试", 120.0),
        ('{"retryDelay": "soon"}', None),
        ("try again later", None),
        ("", None),
        ("retry in nan", None),
    ],
)  # fmt: skip
def test_a_time_in_the_body(body, seconds):
    assert retry_after_in_body(body) == seconds
    error = RateLimitError("x", status_code=429, body=body)
    stage = RequestStage.FINAL if seconds is None else RequestStage.NOT_SENT
    assert after_status(error, {}, generating=True).stage is stage
    # The header knows better.
    assert after_status(error, {"retry-after": "1"}, generating=True).after == 1.0


@given(st.text(max_size=300))
def test_no_body_raises(body):
    seconds = retry_after_in_body(body)
    assert seconds is None or seconds >= 0
