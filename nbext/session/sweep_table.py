"""Rows for a sweep: dicts, a data frame of pandas or polars, or a CSV file."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.util.suggest import did_you_mean

# The column separators that spreadsheets write to CSV files.
_DELIMITERS = ",;\t"
_QUOTED = pattern(r'"[^"]*"')
# The first line with which Excel names the separator.
_SEPARATOR = pattern(r"sep=([,;\t|])\s*$")


def is_frame(table: Any) -> bool:
    """Return whether a value is a data frame."""
    return hasattr(table, "to_dict") and hasattr(table, "columns")


def read_rows(table: Any, folder: Path) -> list[dict[str, Any]]:
    """Read the rows of a table.

    Args:
        table: A list of dicts, a data frame, or the path of a CSV file.
        folder: The folder that a relative path starts from.

    Returns:
        The rows, all with the same columns.

    Raises:
        OptionError: It is not a table, has no rows, or a row lacks a value.
    """
    rows: Any
    if isinstance(table, str | Path):
        rows = _read_csv(folder / Path(table).expanduser())
    elif hasattr(table, "to_dicts"):
        rows = table.to_dicts()
    elif is_frame(table):
        _refuse_doubled(table.columns)
        rows = table.to_dict("records")
    else:
        rows = table
    if not isinstance(rows, Sequence) or not all(isinstance(row, Mapping) for row in rows):
        raise OptionError(phrase("sweep.table_kinds"))
    if not rows:
        raise OptionError(phrase("sweep.table_empty"))
    names = set(rows[0])
    for number, row in enumerate(rows, start=1):
        if set(row) != names:
            lacks = ", ".join(sorted(map(str, names.symmetric_difference(row))))
            raise OptionError(phrase("sweep.row_differs", number=number, lacks=lacks))
        for name, value in row.items():
            refuse_missing(phrase("sweep.row", number=number, name=name), value)
    return [{str(name): value for name, value in row.items()} for row in rows]


def _read_csv(path: Path) -> list[dict[Any, Any]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            head = file.readline()
            mark = _SEPARATOR.match(head)
            if mark is None:
                file.seek(0)
            delimiter = mark[1] if mark is not None else _delimiter(head)
            reader = csv.DictReader(file, delimiter=delimiter, skipinitialspace=delimiter != "\t")
            reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
            _refuse_doubled(reader.fieldnames)
            # Spreadsheets write empty rows below the last one.
            rows = [row for row in reader if any(row.values())]
    except OSError as error:
        near = did_you_mean(path.name, [p.name for p in path.parent.glob("*.[ct]sv")])
        raise OptionError(
            phrase("sweep.unreadable", name=path.name, value=error.strerror or error), remedy=near
        ) from None
    except UnicodeDecodeError:
        raise OptionError(
            phrase("sweep.not_utf8", name=path.name), remedy=phrase("sweep.save_utf8")
        ) from None
    except csv.Error as error:
        raise OptionError(phrase("sweep.not_csv", name=path.name, error=error)) from None
    for number, row in enumerate(rows, start=1):
        if None in row:
            raise OptionError(phrase("sweep.long_row", number=number, name=path.name))
    return rows


def _delimiter(head: str) -> str:
    """Return the separator of columns that a header has most of, outside of quotes."""
    return max(_DELIMITERS, key=_QUOTED.sub("", head).count)


def _refuse_doubled(names: Iterable[object]) -> None:
    """Refuse two columns with the same name, of which one would be lost.

    Raises:
        OptionError: There are such columns.
    """
    name, count = next(iter(Counter(map(str, names)).most_common(1)), ("", 0))
    if count > 1:
        raise OptionError(phrase("sweep.doubled_column", name=name))


def refuse_missing(name: str, value: object) -> None:
    """Refuse missing values: None, NaN, infinity, and pandas' own markers.

    Raises:
        OptionError: It is a missing value.
    """
    if is_missing(value):
        raise OptionError(phrase("sweep.missing_value", name=name, value=value))


def is_missing(value: object) -> bool:
    """Return whether a value stands for a missing one: None, NaN, NaT, NA, infinity.

    Example:
        >>> is_missing(float("nan")), is_missing(0), is_missing("")
        (True, False, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and not math.isfinite(value)
