"""Parse ratios and sizes, and find the nearest size that a family allows."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

_RATIO = pattern(r"\s*(\d{1,4}(?:\.\d{1,4})?)\s*[:/]\s*(\d{1,4}(?:\.\d{1,4})?)\s*")
_NEAR = 0.02
_PIXELS = pattern(r"\s*(\d{1,5})\s*[x×*]\s*(\d{1,5})\s*", re.IGNORECASE)


def ratio(aspect: str) -> float:
    """Parse an aspect ratio, width to height.

    Raises:
        OptionError: It is not a ratio.

    Example:
        >>> ratio("3:2")
        1.5
    """
    match = _RATIO.fullmatch(aspect)
    if match is None or not float(match[1]) or not float(match[2]):
        raise OptionError(
            phrase("model.bad_aspect", aspect=aspect), remedy=phrase("model.aspect_like")
        )
    return float(match[1]) / float(match[2])


def pixels(size: str) -> tuple[int, int] | None:
    """Parse a size in pixels, None for any other form (``auto``, ``2K``).

    Example:
        >>> pixels("1024x1536")
        (1024, 1536)
    """
    match = _PIXELS.fullmatch(size)
    return (int(match[1]), int(match[2])) if match else None


def nearest(aspect: str, sizes: Sequence[str]) -> str:
    """Return the size with the ratio nearest to an aspect, the first if several are equal.

    Args:
        aspect: For example ``2:3``.
        sizes: For example ``1024x1536``.

    Raises:
        OptionError: The aspect is not a ratio.

    Example:
        >>> nearest("16:9", ("1024x1024", "1536x1024"))
        '1536x1024'
    """
    wanted = math.log(ratio(aspect))

    def distance(size: str) -> float:
        width, height = pixels(size) or (1, 1)
        return abs(math.log(width / height) - wanted)

    return min(sizes, key=distance)


def fitted(
    aspect: str,
    *,
    long_side: int = 1536,
    step: int = 16,
    limit: float = 3,
    pixels: tuple[int, int] | None = None,
    edge: tuple[int, int] | None = None,
) -> str:
    """Return a size for an aspect, if any size with sides in steps is allowed.

    Args:
        aspect: For example ``16:9``.
        long_side: The longer side in pixels, if the limits allow it.
        step: The step in pixels.
        limit: The largest ratio of the longer to the shorter side; 0 for no limit.
        pixels: The least and the most pixels in all.
        edge: The least and the most pixels of a side.

    Raises:
        OptionError: The aspect is not a ratio.

    Example:
        >>> fitted("16:9"), fitted("7:5", pixels=(3_686_400, 16_777_216), limit=16)
        ('1536x864', '2288x1632')
    """
    wanted = ratio(aspect)
    if limit:
        wanted = min(max(wanted, 1 / limit), limit)
    share = min(wanted, 1 / wanted)
    least, most = pixels or (1, 1 << 40)
    longest = min(edge[1] if edge else 1 << 20, math.isqrt(int(most / share)))
    # The shorter side is rounded, so the minimum may need one more step.
    shortest = math.ceil(math.sqrt(least / share))
    long = min(max(long_side, shortest), longest) // step * step
    short = round(long * share / step) * step
    while long * short < least and long + step <= longest:
        long += step
        short = round(long * share / step) * step
    while long * short > most and short > step:
        short -= step
    return f"{long}x{short}" if wanted > 1 else f"{short}x{long}"


def exact(aspect: str, size: str) -> bool:
    """Return whether a size has an aspect, up to the rounding of its sides."""
    width, height = pixels(size) or (0, 1)
    return abs(width / height / ratio(aspect) - 1) <= _NEAR


def aspect_of(size: str) -> str:
    """Reduce a size in pixels to its ratio; "" for any other form.

    Example:
        >>> aspect_of("1024x1536"), aspect_of("2K")
        ('2:3', '')
    """
    width, height = pixels(size) or (0, 0)
    if not width or not height:
        return ""
    divisor = math.gcd(width, height)
    return f"{width // divisor}:{height // divisor}"
