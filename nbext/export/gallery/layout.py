"""Compute how wide a drawing is in its row, and how its pictures are arranged."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbext.data.picture import PictureInfo

# Ratios of width to height in steps of 3.5 %, from 0.35 to 2.83: one class each.
RATIOS = 61
MIDDLE = 30
# What a row's cards should look like: a little wider than high.
_GOOD = 1.15


def ratio_class(ratio: float) -> str:
    """Return the CSS class of an aspect ratio.

    Example:
        >>> ratio_class(1.0), ratio_class(2 / 3), ratio_class(100)
        ('r30', 'r18', 'r60')
    """
    return f"r{min(RATIOS - 1, max(0, MIDDLE + round(20 * math.log2(ratio))))}"


def sheet(pictures: Sequence[PictureInfo]) -> tuple[int, float]:
    """Arrange a drawing's pictures as one sheet: its columns and its aspect ratio.

    Example:
        >>> from nbext.data.picture import PictureInfo
        >>> cats = [PictureInfo(sha256="", media_type="", size=1, width=2, height=3)] * 2
        >>> sheet(cats)
        (2, 1.3333333333333333)
    """
    first = pictures[0]
    one = first.width / first.height if first.width > 0 and first.height > 0 else 1.0

    def ratio(columns: int) -> float:
        return one * columns / math.ceil(len(pictures) / columns)

    columns = min(
        range(1, min(len(pictures), 6) + 1), key=lambda n: abs(math.log2(ratio(n) / _GOOD))
    )
    return columns, ratio(columns)
