"""Estimate the cost of a request."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.request import Request
from nbext.families import sizes
from nbext.families.shape import size_of
from nbext.families.table import table
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbext.data.family import Family, Price
    from nbext.data.model import Model
    from nbext.families.table import Table

# A picture costs one and a half times as much as one of half the pixels.
_AREA = 4_000_000


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """The cost of one request.

    Attributes:
        usd: US dollars.
        source: The source of the price.
        at_most: Whether it may be less, because the request leaves an option open.
        is_own: Whether it is the user's or the endpoint's own price, not that of the maker or of
            another relay.

    Example:
        >>> str(Cost(usd=0.133, source="OpenAI", at_most=True))
        'at most 0.133 USD (OpenAI)'
    """

    usd: float
    source: str
    at_most: bool = False
    is_own: bool = False

    def __str__(self) -> str:
        how = phrase("model.most") if self.at_most else phrase("model.about")
        source = "" if self.is_own else f" ({self.source})"
        return phrase("model.price", how=how, usd=self.usd, source=source)

    def times(self, count: int) -> Cost:
        """Return the cost of several such requests."""
        return msgspec.structs.replace(self, usd=round(self.usd * count, 6))


def price(
    model: str,
    fields: Request | Mapping[str, Any] | None = None,
    *,
    prices: Mapping[str, float] | None = None,
    entry: Model | None = None,
    families: Table | None = None,
) -> Cost | None:
    """Return the cost of one request.

    The user's own price comes first, then the endpoint's, then the table of families.

    Args:
        model: The model's name.
        fields: The request, or the fields of one: ``size``, ``aspect``, ``quality``, ``extra`` …
        prices: The user's own prices of a picture, by model (``Nbext.prices``).
        entry: The model in the endpoint's list.
        families: The table, with the user's families; by default the built-in one.

    Returns:
        The cost, None if it is not known.

    Example:
        >>> price("gpt-image-2", {"quality": "high", "size": "1024x1024"}).usd
        0.21072
        >>> price("nobody-knows-it") is None
        True
    """
    request = _request(model, fields)
    count = _count(request)
    own = (prices or {}).get(model)
    if own is not None:
        return Cost(usd=round(own * count, 6), source=phrase("model.your_prices"), is_own=True)
    if entry is not None and entry.price is not None:
        return Cost(
            usd=round(entry.price * count, 6), source=phrase("model.endpoint_list"), is_own=True
        )
    families = families or table()
    family = families.find(model)
    result = _of_family(request, family)
    if result is None:
        return None
    usd, at_most = result
    source = families.source(family, "prices")
    title = f"{source.title}, {source.date:%Y-%m}" if source else phrase("model.your_families")
    return Cost(usd=round(usd * count, 6), source=title, at_most=at_most, is_own=source is None)


def _request(model: str, fields: Request | Mapping[str, Any] | None) -> Request:
    if isinstance(fields, Request):
        return fields
    known = {f for f in Request.__struct_fields__ if f not in ("model", "prompt")}
    values = {key: value for key, value in (fields or {}).items() if key in known}
    return Request(prompt="", model=model, **values)


def _count(request: Request) -> int:
    number = request.extra.get("n", 1)
    return number if isinstance(number, int) and 0 < number < 100 else 1


def _of_family(request: Request, family: Family) -> tuple[float, bool] | None:
    """Return the price in a family's table, and whether it may be less.

    Options that the request leaves open count as the most expensive ones.
    """
    rows = [row for row in family.prices if _has(request.model, row.models)]
    rows = [row for row in rows if row.models == rows[0].models]
    size = size_of(request, family)
    if not size and "1K" in family.tiers:
        size = "1K"
    quality = "" if request.quality == "auto" else request.quality
    costs: dict[str, list[float]] = {}
    for row in rows:
        if size and row.sizes and size.lower() not in {each.lower() for each in row.sizes}:
            continue
        for label, usd in _by_quality(row, size):
            if not quality or label in ("", quality):
                costs.setdefault(label, []).append(usd)
    # The first row of a quality and size applies.
    totals = {usd for each in costs.values() for usd in (each[:1] if size else each)}
    if not totals:
        return None
    usd, at_most = max(totals), len(totals) > 1
    if rows[0].per != "second":
        return usd, at_most
    seconds = str(request.extra.get("seconds", ""))
    if seconds.isdecimal():
        return usd * int(seconds), at_most
    return (usd * max(family.seconds), True) if family.seconds else None


def _by_quality(row: Price, size: str) -> list[tuple[str, float]]:
    if row.per != "tokens":
        return [(row.quality, row.usd)]
    width, height = sizes.pixels(size) or (1024, 1024)
    return [
        (quality, round(row.usd * _tokens(factor, width, height) / 1e6, 6))
        for quality, factor in row.factors.items()
    ]


def _tokens(factor: int, width: int, height: int) -> int:
    """Count the tokens of a picture from the steps of its longer side.

    Example:
        >>> _tokens(96, 1024, 1024), _tokens(16, 1024, 1024), _tokens(96, 1536, 1024)
        (7024, 196, 5488)
    """
    long, short = max(width, height), min(width, height)
    across = (2 * factor * short + long) // (2 * long)
    return math.ceil(factor * across * (_AREA // 2 + width * height) / _AREA)


def _has(model: str, pattern: str) -> bool:
    return re.search(pattern, model, re.IGNORECASE) is not None
