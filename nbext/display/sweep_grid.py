"""Show the drawings of a sweep as a table, and assign rows and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from nbext.display.caption import caption, picture_name
from nbext.display.mimebundle import details, encoded, thumbnail
from nbext.errors import OptionError
from nbext.imaging.decode import preview
from nbext.imaging.fonts import font_for
from nbext.imaging.labelled_grid import cell_size, heading_width, labelled_grid
from nbext.messages.say import outcome, phrase
from nbext.util.suggest import did_you_mean
from nbext.util.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL.Image import Image

    from nbext.display.item import Item
    from nbext.display.mimebundle import Bundle

# Pictures in a table; more take seconds to make, and nobody sees them.
MOST_PICTURES = 64
# Values of a single axis that stand beside each other.
MOST_ABREAST = 4
# Readable on white and on black.
FRAME_COLOUR = (128, 128, 128, 48)
RUNNING_COLOUR = (118, 118, 118, 255)
FAILED_COLOUR = (200, 80, 65, 255)
TAKE = "take"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """The positions of a sweep's drawings in a table.

    Attributes:
        row_axis: The axis of the rows, empty for a single row.
        column_axis: The axis of the columns, empty for a single column.
        rows: The rows' headings.
        columns: The columns' headings.
        at: The row and column of each drawing.
        rest: What each drawing is on the other axes, in words.
        shapes: The sides of each picture, as requested; empty if unknown.
    """

    row_axis: str
    column_axis: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    at: tuple[tuple[int, int], ...]
    rest: tuple[str, ...] = ()
    shapes: tuple[tuple[int, int], ...] = ()

    def shape(self, number: int) -> tuple[int, int]:
        """Return the aspect ratio of a coming picture; 3:2 if unknown."""
        return self.shapes[number] if self.shapes else (3, 2)


def layout(
    labels: Sequence[Mapping[str, str]], takes: int, *, rows: str = "", columns: str = ""
) -> Layout:
    """Choose which axes are rows and columns.

    Models stand beside each other where there is another axis. The values of a single axis do
    where there is room, else they stand below each other. What is neither row nor column stands in
    the cells.

    Args:
        labels: Of each place, by axis.
        takes: How many drawings each place has.
        rows: The axis of the rows, or ``take``; chosen automatically if empty.
        columns: The axis of the columns, or ``take``.

    Raises:
        OptionError: An axis is unknown, or rows and columns are the same.

    Example:
        >>> layout([{"model": "a"}, {"model": "b"}], 2).columns
        ('take 1', 'take 2')
        >>> layout([{"model": "a"}, {"model": "b"}], 1).columns
        ('a', 'b')
    """
    values: dict[str, dict[str, None]] = {}
    for place in labels:
        for name, label in place.items():
            values.setdefault(name, {})[label] = None
    rows, columns = _axes({name: len(of) for name, of in values.items()}, takes, rows, columns)
    heads = {name: list(of) for name, of in values.items()}
    heads |= {TAKE: [phrase("sweep.take", value=number + 1) for number in range(takes)], "": [""]}
    places = [
        (_index(heads[rows], place, rows, take), _index(heads[columns], place, columns, take))
        for place in labels
        for take in range(takes)
    ]
    others = [n for n in values if len(values[n]) > 1 and n not in (rows, columns)]
    numbered = takes > 1 and TAKE not in (rows, columns)
    rest = [
        " · ".join([*(place[n] for n in others), *([heads[TAKE][take]] if numbered else [])])
        for place in labels
        for take in range(takes)
    ]
    return Layout(
        row_axis=rows,
        column_axis=columns,
        rows=tuple(heads[rows]),
        columns=tuple(heads[columns]),
        at=tuple(places),
        rest=tuple(rest),
    )


def _axes(sizes: dict[str, int], takes: int, rows: str, columns: str) -> tuple[str, str]:
    """Choose the axes of rows and columns that were not chosen, from the axes and their sizes.

    Raises:
        OptionError: An axis is unknown, or rows and columns are the same.
    """
    known = [*sizes, TAKE]
    for name in (rows, columns):
        if name and name not in known:
            raise OptionError(
                phrase("sweep.not_its_axis", name=name),
                remedy=did_you_mean(
                    name, known, otherwise=phrase("sweep.its_axes", names=", ".join(known))
                ),
            )
    if rows and rows == columns:
        raise OptionError(phrase("sweep.rows_and_columns", rows=rows))
    varying = [name for name, size in sizes.items() if size > 1 and name not in (rows, columns)]
    if not columns and "model" in varying and (rows or len(varying) > 1):
        columns = "model"
        varying.remove(columns)
    alone = not rows and not columns and takes == 1 and len(varying) == 1
    if alone and sizes[varying[0]] <= MOST_ABREAST:
        columns = varying.pop(0)
    rows = rows or (varying.pop(0) if varying else "")
    columns = columns or (varying.pop(0) if varying else "")
    return rows, columns or (TAKE if takes > 1 and rows != TAKE else "")


def hidden_layout(choices: int, takes: int) -> Layout:
    """Return the layout of a vote: a row for each take, and letters instead of names.

    Args:
        choices: How many pictures there are to choose from.
        takes: How often.

    Example:
        >>> hidden_layout(2, 1).rest
        ('A', 'B')
    """
    return Layout(
        row_axis="question",
        column_axis="",
        rows=tuple(f"{take + 1}." for take in range(takes)),
        columns=("",) * choices,
        at=tuple((take, choice) for choice in range(choices) for take in range(takes)),
        rest=tuple(LETTERS[choice : choice + 1] for choice in range(choices) for _ in range(takes)),
    )


def _index(heads: Sequence[str], place: Mapping[str, str], axis: str, take: int) -> int:
    if not axis:
        return 0
    return take if axis == TAKE and axis not in place else heads.index(place[axis])


def grid_bundle(
    grid: Layout,
    items: Mapping[int, Item],
    *,
    inline_limit: int,
    names: Mapping[int, str] | None = None,
) -> Bundle:
    """Create the output of a table of drawings.

    Args:
        grid: Their positions.
        items: Those that are there, by their place in the sweep.
        inline_limit: Bytes; a larger picture is shown smaller.
        names: Labels below the pictures, instead of their numbers.
    """
    shown = sorted(items)
    text = "\n".join((names or {}).get(n) or caption(items[n].record) for n in shown)
    about: dict[str, Any] = {"drawings": [details(items[n].record) for n in shown]}
    if names:
        about = {}
    if not any(items[n].record.pictures for n in shown):
        return {"text/plain": text}, {"nbext": about} if about else {}
    if len(items) > MOST_PICTURES:
        text += phrase("sweep.first_of", MOST_PICTURES=MOST_PICTURES, count=len(items))
    image = grid_image(grid, {n: items[n] for n in shown[:MOST_PICTURES]}, names=names)
    data, media_type = preview(image, inline_limit)
    prompts = list(dict.fromkeys(items[n].record.prompt for n in shown))
    return encoded(data, media_type, " / ".join(prompts), text, about, wide=True)


def progress_bundle(grid: Layout, items: Mapping[int, Item], *, inline_limit: int) -> Bundle:
    """Create the output of an unfinished table, in its final size with empty frames.

    Args:
        grid: The positions of the drawings.
        items: Those that are there, by their place in the sweep.
        inline_limit: Bytes; a larger picture is shown smaller.
    """
    places = range(min(len(grid.at), MOST_PICTURES))
    image = grid_image(grid, {n: items.get(n) for n in places})
    data, media_type = preview(image, inline_limit)
    return encoded(data, media_type, "", "", {}, wide=True)


def grid_image(
    grid: Layout,
    items: Mapping[int, Item | None],
    *,
    names: Mapping[int, str] | None = None,
) -> Image:
    """Draw a table of drawings, without empty rows and columns.

    Args:
        grid: Their positions.
        items: The drawings by their place, None for one that is being drawn.
        names: Labels below the pictures, instead of their numbers.
    """
    rows = sorted({grid.at[n][0] for n in items})
    columns = sorted({grid.at[n][1] for n in items})
    inside: dict[tuple[int, int], list[int]] = {}
    for number in sorted(items):
        inside.setdefault(grid.at[number], []).append(number)
    heads = [printable(grid.rows[at]) for at in rows]
    most = [max(len(inside.get((row, at), ())) for row in rows) for at in columns]
    width = cell_size(sum(max(1, count) for count in most), heading_width(heads))
    cells = [
        [
            [
                (
                    _small(items[n], width, grid.shape(n)),
                    (names or {}).get(n) or _name(grid, n, items[n]),
                )
                for n in inside.get((row, column), ())
            ]
            for column in columns
        ]
        for row in rows
    ]
    heads_across = [printable(grid.columns[at]) for at in columns]
    return labelled_grid(cells, rows=heads, columns=heads_across, width=width)


def _small(item: Item | None, width: int, shape: tuple[int, int]) -> Image:
    """Scale a picture into its cell, or draw a frame that says why there is none."""
    if item is not None and item.record.pictures:
        return thumbnail(item, 0, item.record.pictures[0], width)
    from PIL import Image, ImageDraw

    across, down = shape
    image = Image.new(
        "RGBA", (width, max(1, min(round(width * down / across), 3 * width))), FRAME_COLOUR
    )
    if item is not None:
        error = item.record.error
        word = phrase("sweep.running") if error is None else outcome(error.type)
        colour = RUNNING_COLOUR if error is None else FAILED_COLOUR
        ImageDraw.Draw(image).text((12, 12), word, fill=colour, font=font_for(word, 18))
    return image


def _name(grid: Layout, number: int, item: Item | None) -> str:
    """Name a picture by its number and by the values that its row and column do not show."""
    rest = printable(grid.rest[number]) if grid.rest else ""
    name = picture_name(item.record, 0) if item is not None else ""
    return " · ".join(part for part in (name, rest) if part)
