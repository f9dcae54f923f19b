"""What the headers of an answer say: its price, a filter's mark, where to ask for the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.messages.say import phrase
from nbext.wire.error_body import one_line
from nbext.wire.events import Notice
from nbext.wire.refusals import filter_mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbext.transport.response import Reply
    from nbext.wire.events import Event

# A header that says more than this, in US dollars, is no price.
_DEAREST = 100_000.0
# What gateways say in US dollars, by the header; the first that is a number counts.
_MONEY = {
    "cost": (
        "x-litellm-response-cost",
        "x-response-cost",
        "x-request-cost",
        "x-response-cost-usd",
        "x-request-cost-usd",
        "x-cost-usd",
    ),
    "key_spend": ("x-litellm-key-spend",),
    "key_budget": ("x-litellm-key-max-budget",),
}
_OF_MONEY = frozenset(name for names in _MONEY.values() for name in names)


def location(reply: Reply) -> str:
    """Return the URL at which an accepted request can be polled (RFC 9110, 15.3.3)."""
    names = ("operation-location", "location", "azure-asyncoperation")
    values = (str(reply.headers.get(name, "")) for name in names)
    return one_line(next(filter(None, values), ""), 2000) if reply.status == 202 else ""


def marks(headers: Mapping[str, str]) -> list[Event]:
    """Report a filter's mark on a picture that is the body itself: only a header can say it."""
    reason = one_line(headers.get("finish-reason", ""), 60)
    mark = filter_mark({"finish-reason": reason})
    return [Notice(message=phrase("wire.marked", mark=mark))] if mark else []


def money(headers: Mapping[str, str]) -> dict[str, float | None]:
    """Read the cost of the request and the budget of the key from a gateway's headers."""
    if _OF_MONEY.isdisjoint(headers):
        return {}
    return {
        name: next((n for key in keys if (n := _dollars(headers.get(key, ""))) is not None), None)
        for name, keys in _MONEY.items()
    }


def _dollars(text: str) -> float | None:
    try:
        dollars = float(text[:32])
    except ValueError:
        return None
    return dollars if 0 <= dollars < _DEAREST else None
