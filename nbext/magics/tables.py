"""Tables in plain text."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from nbext.families.prices import price
from nbext.families.table import table as table_of_families
from nbext.messages.say import phrase
from nbext.util.text import html_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbext.data.model import Model
    from nbext.families.prices import Cost
    from nbext.families.table import Table

_TABLE = "border-collapse:collapse;margin:0;font-size:13px"
_CELL = "text-align:left;vertical-align:top;padding:2px 8px;max-width:none"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align columns, including wide characters; leave out empty columns.

    Example:
        >>> print(table(["model", "cost"], [["gpt-4o-image", "0.01"]]))
        model         cost
        gpt-4o-image  0.01
    """
    return aligned(_filled(head, rows))


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Draw a table as HTML, in the colours of the host; leave out empty columns.

    Example:
        >>> "<th" in html_table(["model"], [["a<b"]]), "a&lt;b" in html_table(["model"], [["a<b"]])
        (True, True)
    """
    names, *values = _filled(head, rows)
    top = "".join(f'<th scope="col" style="{_CELL}">{html_text(name)}</th>' for name in names)
    body = "".join(f"<tr>{''.join(map(_html_cell, row, range(len(row))))}</tr>" for row in values)
    return (
        f'<div style="overflow-x:auto"><table style="{_TABLE}"><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _html_cell(text: str, column: int) -> str:
    """Draw a cell; a model's name and a price stay on one line."""
    line = ";white-space:nowrap" if column == 0 or text.endswith("USD") else ""
    return f'<td style="{_CELL}{line}">{html_text(text)}</td>'


def _filled(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the head and the rows without columns that are empty in all rows."""
    columns = [i for i in range(len(head)) if any(row[i] for row in rows)]
    return [[row[i] for i in columns] for row in (head, *rows)]


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Align the columns of rows, including wide characters.

    Example:
        >>> print(aligned([["历史记录", "2 drawings"], ["model", "gpt-4o-image"]]))
        历史记录  2 drawings
        model     gpt-4o-image
    """
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _cost(cost: Cost) -> str:
    """Format a price; a price that is not the endpoint's own is approximate."""
    about = "" if cost.is_own else "≤ " if cost.at_most else "~ "
    return f"{about}{cost.usd:.3g} USD"


def models_table(
    models: Sequence[Model], prices: Mapping[str, float], families: Table | None = None
) -> str:
    """List models with their abilities, prices and end dates, where known."""
    return table(*_head_and_rows(models, prices, families))


def models_data(
    models: Sequence[Model], prices: Mapping[str, float], families: Table | None = None
) -> dict[str, str]:
    """Make the output of a list of models: a table that wraps inside its columns."""
    head, rows = _head_and_rows(models, prices, families)
    return {"text/plain": table(head, rows), "text/html": html_table(head, rows)}


def _head_and_rows(
    models: Sequence[Model], prices: Mapping[str, float], families: Table | None
) -> tuple[list[str], list[list[str]]]:
    families = families or table_of_families()
    rows = []
    # Those of the embedded endpoint that only fail stand last, as with Tab.
    for model in sorted(models, key=lambda m: (m.id.startswith("embedded-"), m.id.lower())):
        cost = price(model.id, prices=prices, entry=model, families=families)
        rows.append(
            [
                model.id,
                ", ".join(model.types),
                families.find(model.id).title,
                _cost(cost) if cost is not None else "",
                phrase("cell.until", shutdown_date=model.shutdown_date)
                if model.shutdown_date
                else "",
            ]
        )
    head = [
        phrase("cell.column_model"),
        phrase("cell.column_endpoints"),
        phrase("cell.column_family"),
        phrase("cell.price"),
        phrase("cell.column_note"),
    ]
    return head, rows
