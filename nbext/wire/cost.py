"""The cost that an answer reports, in US dollars."""

from __future__ import annotations

from typing import Any

_TOTALS = ("total", "total_cost", "total_amount", "cost")
# The fields that gateways use, the most reliable first. A plain "cost" may be in credits.
_PLACES = (
    ("usage", "cost"),
    ("usage", "cost", "total_cost"),
    ("usage", "total_cost"),
    ("usage", "cost_usd"),
    ("usage", "cost_in_usd"),
    ("usage", "estimated_cost"),
    ("usage", "cost_in_usd_ticks"),
    ("meta", "usage", "usd_spent"),
    ("inference_status", "cost"),
    ("usage", "cost_details", "upstream_inference_cost"),
    ("response_cost",),
    ("cost_usd",),
    ("_hidden_params", "response_cost"),
    ("provider_metadata", "gateway", "cost"),
    ("providerMetadata", "gateway", "cost"),
    ("cost",),
    ("billing", "amount"),
    ("cost", "amount"),
    ("price", "amount"),
    ("charge", "amount"),
    *((holder, name) for holder in ("billing", "pricing", "charge") for name in _TOTALS),
)
# Fields whose currency must be stated.
_ANY_CURRENCY = frozenset(
    place
    for place in _PLACES
    if place[-1] == "amount" or place == ("cost",) or place[0] in ("billing", "pricing", "charge")
)
_FIRST = frozenset(first for first, *_ in _PLACES if first != "usage")
_IN_USAGE = frozenset(place[1] for place in _PLACES if len(place) > 1 and place[0] == "usage")
# How many of a field's units are one dollar, where it counts others. xAI counts ticks.
_UNITS = {"cost_in_usd_ticks": 1e10}
# A higher number is not the cost of a request.
_DEAREST = 100_000.0


def cost_in(answer: dict[str, Any]) -> float | None:
    """Return the cost in an answer.

    Args:
        answer: The body, or a piece of a stream.

    Returns:
        US dollars; None if it is not given, or in another currency.

    Example:
        >>> cost_in({"usage": {"total_tokens": 9, "cost": 0.04}})
        0.04
        >>> cost_in({"cost": 12}), cost_in({"cost": "0.5", "currency": "USD"})
        (None, 0.5)
        >>> cost_in({"usage": {"cost_in_usd_ticks": 200_000_000}})
        0.02
    """
    usage = answer.get("usage")
    in_usage = isinstance(usage, dict) and not _IN_USAGE.isdisjoint(usage)
    if not in_usage and _FIRST.isdisjoint(answer):
        return None
    for place in _PLACES:
        holder: Any = answer
        value: Any = answer
        for name in place:
            holder, value = value, value.get(name) if isinstance(value, dict) else None
        dollars = _number(value, units=_UNITS.get(place[-1], 1.0))
        currency = str(holder.get("currency") or "") if isinstance(holder, dict) else ""
        in_dollars = currency.upper() == "USD" or (not currency and place not in _ANY_CURRENCY)
        if dollars is not None and in_dollars:
            return dollars
    return None


def _number(value: Any, *, units: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value[:32] if isinstance(value, str) else value) / units
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < _DEAREST else None
