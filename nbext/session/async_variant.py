"""Asynchronous variants of models, for endpoints whose proxies cut off long requests.

Cloudflare and nginx end a request after 60 to 120 seconds, whatever is behind them. If an endpoint
lists ``gpt-4o-image-async`` beside ``gpt-4o-image``, the same picture can be had as a job, without
an open request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.wire.error_rules import GATEWAY_TIMEOUTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from nbext.data.record import Record

# Seconds after which an endpoint that hangs up unanswered was cut off by a proxy: nginx waits
# for 60 and Cloudflare for 100, and clocks differ.
LONG = 55.0
# The errors of such an end, and the statuses that a proxy has said, if anything.
_ENDS: dict[str, tuple[int | None, ...]] = {
    "TruncatedError": (None, 200),
    "ServerError": (502, 520),
}
# How relays name such a model: its name with one of these suffixes.
SUFFIXES = ("-async", "_async", ":async", "/async")


def async_variant(model: str, names: Collection[str]) -> str:
    """Return the name of a model's asynchronous variant, or an empty string if none is listed.

    Example:
        >>> async_variant("gpt-4o-image", ["gpt-4o-image", "gpt-4o-image-async"])
        'gpt-4o-image-async'
        >>> async_variant("gpt-4o-image-async", ["gpt-4o-image-async"])
        ''
    """
    return next((name for end in SUFFIXES if (name := f"{model}{end}") in names), "")


def is_cut_off(kind: str, status: int | None, *, elapsed: float) -> bool:
    """Whether a request ended as those do that a proxy cuts off.

    Args:
        kind: The class of the error.
        status: Of HTTP; None where the connection was closed without an answer.
        elapsed: The seconds that it took.

    Example:
        >>> is_cut_off("TimedOutError", 524, elapsed=3.0)
        True
        >>> [is_cut_off("TruncatedError", None, elapsed=seconds) for seconds in (3.0, 60.2)]
        [False, True]
    """
    if status in GATEWAY_TIMEOUTS:
        return True
    return elapsed >= LONG and status in _ENDS.get(kind, ())


class LongRequests:
    """Remembers where long requests were cut off, in this session and in the history before it."""

    def __init__(self) -> None:
        self._cut: dict[tuple[str, str], bool] = {}

    def note(self, host: str, model: str) -> None:
        """Remember that a request for a model was cut off."""
        self._cut[host, model] = True

    def are_cut(self, host: str, model: str, records: Callable[[], Iterable[Record]]) -> bool:
        """Return whether a request for a model was cut off before.

        Args:
            host: The endpoint's host.
            model: The model's name.
            records: Returns the history's records, called once.
        """
        if (host, model) not in self._cut:
            self._cut[host, model] = any(
                record.error is not None
                and (record.host, record.model) == (host, model)
                and is_cut_off(record.error.type, record.error.status_code, elapsed=record.elapsed)
                for record in records()
            )
        return self._cut[host, model]
