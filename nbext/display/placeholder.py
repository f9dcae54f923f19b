"""The empty frame in whose place a picture will come."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pybase64

from nbext.display.mimebundle import MAX_ON_SHEET, sheet_width
from nbext.display.video import SHOWN
from nbext.imaging.contact_sheet import (
    LABEL_HEIGHT,
    SHEET_GAP,
    SHEET_WIDTH,
    cell_width,
    columns,
)
from nbext.imaging.frames import framed

if TYPE_CHECKING:
    from nbext.display.mimebundle import Bundle


def placeholder(ratio: str, takes: int) -> Bundle:
    """Create an empty frame in the shape of the coming pictures, so that nothing jumps.

    It is a picture itself: hosts leave other space around HTML, and do not shrink an SVG.

    Args:
        ratio: The sides of one, such as ``2:3`` or ``1024x1536``; a square if unknown.
        takes: How many there will be.
    """
    width, height = sides(ratio)
    if takes == 1:
        by = SHOWN / max(width, height)
        size = (max(1, round(width * by)), max(1, round(height * by)))
        return _encoded(framed(size, [(0, 0, *size)]), size[0])
    takes = min(takes, MAX_ON_SHEET)
    across, cell = columns(takes), cell_width(takes)
    # As on the sheet, where a column leaves room for the others.
    high = max(1, min(round(cell * height / width), 3 * cell))
    wide = max(1, min(cell, round(high * width / height)))
    below = high + LABEL_HEIGHT + SHEET_GAP
    left = (cell - wide) // 2
    boxes = [
        (n % across * (cell + SHEET_GAP) + left, n // across * below, wide, high)
        for n in range(takes)
    ]
    total = -(-takes // across) * below - SHEET_GAP
    return _encoded(framed((SHEET_WIDTH, total), boxes), sheet_width(SHEET_WIDTH, total))


def _encoded(png: bytes, width: int) -> Bundle:
    """Create the output of a PNG, with the width at which it is shown."""
    text = pybase64.b64encode(png).decode("ascii")
    shown = {"alt": "", "width": width}
    return {"text/plain": "", "image/png": text}, {"image/png": shown}


def sides(ratio: str) -> tuple[int, int]:
    """Return the sides of a ratio or size; a square for any other text.

    Example:
        >>> sides("2:3"), sides("1024x1536"), sides("auto")
        ((2, 3), (1024, 1536), (1, 1))
    """
    match = re.fullmatch(r"(\d{1,5})\s*[:x×]\s*(\d{1,5})", ratio.strip())
    width, height = (int(match[1]), int(match[2])) if match else (1, 1)
    return (width, height) if width and height else (1, 1)
