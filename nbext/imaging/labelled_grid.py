"""Arrange pictures in a table with row and column headings, and a name below each picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.imaging.contact_sheet import LABEL_COLOUR, SHEET_GAP
from nbext.imaging.fonts import font_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

GRID_WIDTH = 1200
_WIDEST, _NARROWEST = 360, 96
_HEADING_SIZE, _NAME_SIZE = 20, 17
_NAME_HEIGHT = 28
_MOST_LINES = 6


def cell_size(columns: int, heading: int) -> int:
    """Return the width of a picture in a table.

    Args:
        columns: The number of columns.
        heading: The width of the row headings.
    """
    room = (GRID_WIDTH - heading) // max(1, columns) - SHEET_GAP
    return min(_WIDEST, max(_NARROWEST, room))


def heading_width(rows: Sequence[str]) -> int:
    """Return the width of the row headings."""
    if not any(rows):
        return 0
    widest = max(_length(text, _HEADING_SIZE) for text in rows)
    return int(min(220, max(60, widest))) + SHEET_GAP


def labelled_grid(
    cells: Sequence[Sequence[Sequence[tuple[Image, str]]]],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    width: int,
) -> Image:
    """Arrange pictures in a table, on a transparent background.

    Args:
        cells: For each row and column, its pictures with their names.
        rows: The row headings.
        columns: The column headings.
        width: The width of a picture.
    """
    from PIL import Image, ImageDraw

    left = heading_width(rows)
    across = [max(1, *(len(row[at]) for row in cells)) for at in range(len(columns))]
    widths = [count * (width + SHEET_GAP) + SHEET_GAP for count in across]
    heads = [_wrapped(text, w - SHEET_GAP) for text, w in zip(columns, widths, strict=True)]
    line = int(_HEADING_SIZE * 1.35)
    top = max(map(len, heads)) * line + SHEET_GAP if any(columns) else 0
    sides = [_wrapped(text, left - SHEET_GAP) for text in rows]
    heights = [
        max(
            [image.height + _NAME_HEIGHT for cell in row for image, _ in cell]
            + [len(side) * line, _NAME_HEIGHT]
        )
        + SHEET_GAP
        for row, side in zip(cells, sides, strict=True)
    ]
    sheet = Image.new("RGBA", (left + sum(widths), top + sum(heights)), (0, 0, 0, 0))
    pen = ImageDraw.Draw(sheet)

    def write(place: tuple[float, float], lines: Sequence[str], size: int) -> None:
        for number, text in enumerate(lines):
            at = (place[0], place[1] + number * line)
            pen.text(at, text, fill=LABEL_COLOUR, font=font_for(text, size))

    x = left
    for head, wide in zip(heads, widths, strict=True):
        write((x, 0), head, _HEADING_SIZE)
        x += wide
    y = top
    for row, side, height in zip(cells, sides, heights, strict=True):
        write((0, y), side, _HEADING_SIZE)
        x = left
        for cell, wide in zip(row, widths, strict=True):
            for number, (image, name) in enumerate(cell):
                at = x + number * (width + SHEET_GAP)
                sheet.paste(image, (at + (width - image.width) // 2, y))
                write((at, y + image.height + 4), [_cut(name, width)], _NAME_SIZE)
            x += wide
        y += height
    return sheet


def _wrapped(text: str, width: int) -> list[str]:
    """Wrap a text at a width in pixels; a long text ends in an ellipsis."""
    lines: list[str] = []
    rest = " ".join(text.split())
    while rest and len(lines) < _MOST_LINES:
        fits = len(rest)
        while fits > 1 and _length(rest[:fits], _HEADING_SIZE) > width:
            fits -= 1
        # Break at a space if there is one; Chinese breaks anywhere.
        space = rest.rfind(" ", 0, fits + 1) if fits < len(rest) else -1
        end = space if space > 0 else fits
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    if rest:
        lines[-1] = f"{lines[-1][:-1]}…"
    return lines


def _cut(text: str, width: int) -> str:
    """Shorten a name that is wider than its picture."""
    if _length(text, _NAME_SIZE) <= width:
        return text
    while len(text) > 1 and _length(f"{text}…", _NAME_SIZE) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _length(text: str, size: int) -> float:
    return float(font_for(text, size).getlength(text))
