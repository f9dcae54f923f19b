"""Several pictures laid out on one sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

SHEET_WIDTH = 1024
SHEET_GAP = 12
LABEL_HEIGHT = 32
# Up to how many pictures stand in how many columns.
_COLUMNS = ((1, 1), (2, 2), (3, 3), (4, 2), (9, 3), (16, 4), (25, 5), (10**9, 6))
# A colour that is readable on white and on black.
LABEL_COLOUR = (118, 118, 118, 255)


def columns(count: int) -> int:
    """Return the number of columns for a sheet of this many pictures."""
    return next(across for most, across in _COLUMNS if count <= most)


def cell_width(count: int) -> int:
    """Return the width in pixels of each cell on a sheet of this many pictures."""
    across = columns(count)
    return (SHEET_WIDTH - SHEET_GAP * (across - 1)) // across


def contact_sheet(images: Sequence[Image], labels: Sequence[str] = ()) -> Image:
    """Arrange pictures side by side, in rows of two to six, on a transparent background.

    Args:
        images: The pictures in order, none wider than its cell.
        labels: A short text below each; empty for no labels.
    """
    from PIL import Image, ImageDraw

    across, cell = columns(len(images)), cell_width(len(images))
    below = LABEL_HEIGHT if labels else 0
    rows = [images[at : at + across] for at in range(0, len(images), across)]
    heights = [max(image.height for image in row) for row in rows]
    total = sum(heights) + SHEET_GAP * (len(rows) - 1) + below * len(rows)
    sheet = Image.new("RGBA", (SHEET_WIDTH, total), (0, 0, 0, 0))
    pen = ImageDraw.Draw(sheet)
    top = number = 0
    for row, height in zip(rows, heights, strict=True):
        for column, image in enumerate(row):
            left = column * (cell + SHEET_GAP) + (cell - image.width) // 2
            sheet.paste(image, (left, top + (height - image.height) // 2))
            if labels:
                place = (left + image.width // 2, top + height + below // 2)
                pen.text(place, labels[number], fill=LABEL_COLOUR, font_size=20, anchor="mm")
            number += 1
        top += height + SHEET_GAP + below
    return sheet
