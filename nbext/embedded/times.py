"""Times in the format of Google's APIs."""

from __future__ import annotations

from datetime import UTC, datetime


def iso_time(seconds: float) -> str:
    """Return a time in seconds since 1970 as RFC 3339.

    Example:
        >>> iso_time(0)
        '1970-01-01T00:00:00.000000Z'
    """
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
