"""Drawings as the rows of a table, and rows as a data frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from nbext.data.record import started_of
from nbext.errors import OptionError
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbext.data.record import Record


class Row(Protocol):
    """The parts of a drawing that stand in its row."""

    record: Record

    @property
    def starred(self) -> bool:
        """Whether it has a star."""

    @property
    def tags(self) -> Sequence[str]:
        """Its tags."""

    @property
    def note(self) -> str | None:
        """Its note."""


# The columns of a result, the same for successes, failures and what was not sent.
RESULT = (
    *("number", "take", "model", "elapsed", "cost", "width", "height", "size", "prompt"),
    "error",
)


def result_of(record: Record) -> dict[str, Any]:
    """Return what came of a request, under the names of ``RESULT``.

    Args:
        record: The drawing's record.
    """
    picture = record.pictures[0] if record.pictures else None
    return {
        "number": record.number,
        "take": record.take,
        "model": record.model,
        "elapsed": record.elapsed or None,
        "cost": record.cost,
        "width": picture.width if picture else None,
        "height": picture.height if picture else None,
        "size": picture.size if picture else None,
        "prompt": record.prompt,
        "error": record.error.message if record.error else None,
    }


def rows_of(drawings: Iterable[Row]) -> list[dict[str, Any]]:
    """Return one row for each drawing: its result, its date, its parameters and its marks."""
    drawings = list(drawings)
    # The same columns in each row; a parameter that is named like one of them has its own name.
    names = dict.fromkeys(name for drawing in drawings for name in drawing.record.parameters)
    rows = []
    for drawing in drawings:
        record = drawing.record
        row: dict[str, Any] = result_of(record) | {
            "started": started_of(record),
            "kind": record.kind,
            "endpoint": record.host,
            "answered_model": record.answered_model or None,
            "starred": drawing.starred,
            "tags": ", ".join(drawing.tags),
            "note": drawing.note,
            "sha256": record.pictures[0].sha256 if record.pictures else None,
        }
        for name in names:
            value = record.parameters.get(name)
            column = f"requested_{name}" if name in row else name
            row[column] = (
                value if isinstance(value, str | int | float | bool | None) else str(value)
            )
        rows.append(row)
    return rows


def frame_of(rows: Sequence[dict[str, Any]]) -> Any:
    """Return rows as a pandas data frame, or polars if pandas is not installed.

    Raises:
        OptionError: Neither is installed.
    """
    try:
        import pandas as pd  # type: ignore[import-untyped,import-not-found,unused-ignore]

        return pd.DataFrame(rows)
    except ImportError:
        pass
    try:
        import polars as pl  # type: ignore[import-not-found,unused-ignore]

        return pl.DataFrame(rows, infer_schema_length=None)
    except ImportError:
        raise OptionError(
            phrase("sweep.needs_frames"), remedy=phrase("sweep.install_frames")
        ) from None
