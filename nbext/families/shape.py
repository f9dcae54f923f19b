"""The shape of a picture: in pixels, as a ratio, or as a tier."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbext.families import sizes
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from nbext.data.family import Family
    from nbext.data.request import Request

# The ratios that OpenAI's pictures and films have, and most relays know.
STANDARD_SIZES = ("1024x1024", "1024x1536", "1536x1024")
FILM_SIZES = ("720x1280", "1280x720")
TIER = pattern(r"(?i)(512(px)?|0\.5k|[1-8]k)")


def size_of(request: Request, family: Family) -> str:
    """Return the size in pixels that a family draws for a request, or its tier; "" for its default.

    Raises:
        OptionError: The aspect is not a ratio.

    Example:
        >>> from nbext.data.request import Request
        >>> from nbext.families.table import table
        >>> asked = Request(prompt="a cat", model="gpt-image-1", aspect="16:9")
        >>> size_of(asked, table().find("gpt-image-1"))
        '1536x1024'
    """
    if request.size or not request.aspect:
        return request.size
    known = family.sizes or (FILM_SIZES if request.kind == "video" else STANDARD_SIZES)
    size = sizes.nearest(request.aspect, known)
    if not family.step or sizes.exact(request.aspect, size):
        return size
    return sizes.fitted(
        request.aspect,
        long_side=max(sizes.pixels(size) or (1536, 1536)),
        # A divisor of 16 can be replaced by 16, which suits encoders.
        step=max(family.step, 16),
        limit=family.ratio,
        pixels=family.pixels,
        edge=family.edge,
    )


def is_routed(model: str, family: Family) -> bool:
    """Return whether a name has a router's ``vendor/``; relays have other names with a slash.

    Example:
        >>> from nbext.families.table import table
        >>> name = "google/gemini-3-pro-image"
        >>> is_routed(name, table().find(name))
        True
    """
    vendor, slash, _ = model.partition("/")
    return bool(slash) and not any(re.match(p, vendor, re.IGNORECASE) for p in family.names)


def tier_of(size: str) -> str:
    """Return a tier in Google's spelling, or "" if it is not a tier.

    Example:
        >>> tier_of("2k"), tier_of("1024x1024")
        ('2K', '')
    """
    if not TIER.fullmatch(size):
        return ""
    return size if size.lower().endswith("px") else size.upper()
