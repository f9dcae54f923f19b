"""Several pictures laid out on one sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

SHEET_WIDTH = 1024
SHEET_GAP = 12


def _columns(count: int) -> int:
    return {1: 1, 2: 2, 3: 3, 4: 2}.get(count, 3 if count <= 9 else 4)


def cell_width(count: int) -> int:
    """Width in pixels of a cell on a sheet of so many pictures."""
    columns = _columns(count)
    return (SHEET_WIDTH - SHEET_GAP * (columns - 1)) // columns


def contact_sheet(images: Sequence[Image]) -> Image:
    """Lay pictures out side by side, in rows of two to four, on nothing.

    Args:
        images: In order, each as wide as its cell or narrower.
    """
    from PIL import Image

    columns, cell = _columns(len(images)), cell_width(len(images))
    rows = [images[at : at + columns] for at in range(0, len(images), columns)]
    heights = [max(image.height for image in row) for row in rows]
    total = sum(heights) + SHEET_GAP * (len(rows) - 1)
    sheet = Image.new("RGBA", (SHEET_WIDTH, total), (0, 0, 0, 0))
    top = 0
    for row, height in zip(rows, heights, strict=True):
        for column, image in enumerate(row):
            left = column * (cell + SHEET_GAP) + (cell - image.width) // 2
            sheet.paste(image, (left, top + (height - image.height) // 2))
        top += height + SHEET_GAP
    return sheet
