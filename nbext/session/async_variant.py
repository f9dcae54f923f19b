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
                and record.error.status_code in GATEWAY_TIMEOUTS
                and (record.host, record.model) == (host, model)
                for record in records()
            )
        return self._cut[host, model]
