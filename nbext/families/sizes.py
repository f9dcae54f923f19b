"""Ratios and sizes in pixels: reading them, and the nearest one that a wire format allows."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from nbext.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence

_RATIO = re.compile(r"\s*(\d{1,4}(?:\.\d{1,4})?)\s*[:/]\s*(\d{1,4}(?:\.\d{1,4})?)\s*")
_PIXELS = re.compile(r"\s*(\d{1,5})\s*[x×*]\s*(\d{1,5})\s*", re.IGNORECASE)


def ratio(aspect: str) -> float:
    """Read an aspect ratio, width to height.

    Raises:
        OptionError: It is none.

    Example:
        >>> ratio("3:2")
        1.5
    """
    found = _RATIO.fullmatch(aspect)
    if found is None or not float(found[1]) or not float(found[2]):
        raise OptionError(f"The aspect {aspect!r} is no ratio.", remedy="Write it like 2:3.")
    return float(found[1]) / float(found[2])


def pixels(size: str) -> tuple[int, int] | None:
    """Read a size in pixels, None where it is written in another way (``auto``, ``2K``).

    Example:
        >>> pixels("1024x1536")
        (1024, 1536)
    """
    found = _PIXELS.fullmatch(size)
    return (int(found[1]), int(found[2])) if found else None


def nearest(aspect: str, sizes: Sequence[str]) -> str:
    """Find the size whose ratio is the nearest to an aspect; the first of equals.

    Args:
        aspect: Like ``2:3``.
        sizes: Like ``1024x1536``.

    Raises:
        OptionError: The aspect is no ratio.

    Example:
        >>> nearest("16:9", ("1024x1024", "1536x1024"))
        '1536x1024'
    """
    wanted = math.log(ratio(aspect))

    def distance(size: str) -> float:
        width, height = pixels(size) or (1, 1)
        return abs(math.log(width / height) - wanted)

    return min(sizes, key=distance)


def fitted(aspect: str, *, long_side: int = 1536, step: int = 16, limit: float = 3) -> str:
    """Make a size of an aspect where any size is allowed whose sides are multiples of a step.

    Args:
        aspect: Like ``16:9``.
        long_side: In pixels, a multiple of the step.
        step: In pixels.
        limit: How many times longer than the other a side may be.

    Raises:
        OptionError: The aspect is no ratio.

    Example:
        >>> fitted("16:9")
        '1536x864'
    """
    wanted = min(max(ratio(aspect), 1 / limit), limit)
    short = round(long_side * min(wanted, 1 / wanted) / step) * step
    return f"{long_side}x{short}" if wanted > 1 else f"{short}x{long_side}"
