"""Tables in plain text."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from nbext.families.prices import price
from nbext.families.table import table as table_of_families
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbext.data.model import Model
    from nbext.families.prices import Cost
    from nbext.families.table import Table


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align columns, including wide characters; leave out empty columns.

    Example:
        >>> print(table(["model", "cost"], [["gpt-4o-image", "0.01"]]))
        model         cost
        gpt-4o-image  0.01
    """
    columns = [i for i in range(len(head)) if any(row[i] for row in rows)]
    return aligned([[row[i] for i in columns] for row in (head, *rows)])


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
    return f"{about}{cost.usd:g} USD"


def models_table(
    models: Sequence[Model], prices: Mapping[str, float], families: Table | None = None
) -> str:
    """List models with their abilities, prices and end dates, where known."""
    families = families or table_of_families()
    rows = []
    for model in sorted(models, key=lambda m: m.id.lower()):
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
    return table(
        [
            phrase("cell.column_model"),
            phrase("cell.column_endpoints"),
            phrase("cell.column_family"),
            phrase("cell.price"),
            phrase("cell.column_note"),
        ],
        rows,
    )
