"""Choose which of several recorded drawings of a request a cell shows.

A recorded drawing has a slot: its cell, and how often that run of the cell had sent the same
request before (as in a loop). Without cells, the slot is how often the session had. The notebook
shows the latest record of a slot, unless its file was saved since then with an earlier one: it was
reverted, or checked out of git.

A cell without a drawing of its own, such as a copied one, shows another cell's. If that cell draws
again, the copy keeps showing the same drawing: its saved output says which one, and so does a note
written with the new drawing (``cells`` among its changes).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbext.data.record import Record

# Among a drawing's changes: other cells that show it, each with its ``repeat``.
CELLS = "cells"


class CellSlot(msgspec.Struct, frozen=True):
    """A cell that shows another cell's drawing.

    Attributes:
        drawing: The id of the drawing.
        cells: All such cells of that drawing by id, each with its recorded ``repeat``.
    """

    drawing: str
    cells: dict[str, int]


class Question:
    """The cells that requested one take of one request in this session, and what they were shown.

    Args:
        saved: Returns the ids of the drawings that the notebook's file shows below a cell.
        saved_since: Returns those that it showed when the kernel began, if it was saved after a
            record was made.
    """

    def __init__(
        self,
        saved: Callable[[str], Sequence[str]],
        saved_since: Callable[[str, Record], Sequence[str]],
    ) -> None:
        self._saved = saved
        self._saved_since = saved_since
        self._runs: dict[str, list[int]] = {}
        self._times: Counter[tuple[str, int]] = Counter()
        self._shown: dict[tuple[str, int], str] = {}

    def count(self, cell: str, execution: int) -> tuple[int, bool]:
        """Count a cell's request.

        Returns:
            How often this run of it had sent the request before, and whether it has run before.
        """
        runs = self._runs.setdefault(cell, [])
        run = (execution or len(runs) + 1) if cell else 0
        if run not in runs[-1:]:
            runs.append(run)
        repeat = self._times[cell, run]
        self._times[cell, run] += 1
        return repeat, run != runs[0]

    def choose(
        self, records: Sequence[Record], cell: str, repeat: int, *, own: bool
    ) -> Record | None:
        """Choose the latest record of a slot.

        Args:
            records: The records that can be shown, by number.
            cell: The requesting cell, empty if unknown.
            repeat: How often it has sent the request before.
            own: Whether only records of this slot are allowed.
        """
        latest = {(record.cell, record.repeat): record for record in records}
        chosen = latest.get((cell, repeat))
        if chosen is not None:
            chosen = self._reverted(records, chosen) or chosen
        if chosen is None and not own and not any(cell and known == cell for known, _ in latest):
            chosen = self._shown_last(records, cell, repeat)
            chosen = chosen or self._of_another(latest, cell, repeat)
        if chosen is not None:
            self._shown[cell, repeat] = chosen.id
        return chosen

    def _reverted(self, records: Sequence[Record], latest: Record) -> Record | None:
        """Return an earlier record of a slot, if the notebook's file shows it instead."""
        slot = latest.cell, latest.repeat
        earlier = {r.id: r for r in records if (r.cell, r.repeat) == slot and r is not latest}
        saved = self._saved_since(latest.cell, latest) if earlier and latest.cell else ()
        if latest.id in saved:
            return None
        return next((earlier[id_] for id_ in reversed(saved) if id_ in earlier), None)

    def _shown_last(self, records: Sequence[Record], cell: str, repeat: int) -> Record | None:
        """Return what a cell without drawings of its own showed last, if recorded."""
        if not cell or not records:
            return None
        noted = next((r for r in records if cells_of(r).get(cell) == repeat), None)
        if noted is not None:
            return noted
        by_id = {record.id: record for record in records}
        saved = [by_id[id_] for id_ in self._saved(cell) if id_ in by_id]
        return saved[repeat] if repeat < len(saved) else None

    def _of_another(
        self, latest: dict[tuple[str, int], Record], cell: str, repeat: int
    ) -> Record | None:
        """Choose the first drawing that no cell was shown yet: a copied notebook has other cells.

        Without cells, records without a cell belong to other requests.
        """
        before = self._shown.get((cell, repeat))
        taken = set(self._shown.values())
        open_ = [record for (known, _), record in latest.items() if cell or known]
        return next((r for r in open_ if r.id == before), None) or next(
            (r for r in open_ if r.id not in taken), None
        )

    def others(self, records: Sequence[Record], cell: str) -> tuple[CellSlot, ...]:
        """Return the cells that show another cell's drawing, if that is not recorded yet.

        Args:
            records: The drawings of the request.
            cell: The cell that is about to draw again.
        """
        by_id = {record.id: record for record in records}
        changed: dict[str, dict[str, int]] = {}
        for (other, repeat), id_ in self._shown.items():
            record = by_id.get(id_)
            if record is None or not other or other in (cell, record.cell):
                continue
            cells = changed.get(id_, cells_of(record))
            if cells.get(other) != repeat:
                changed[id_] = cells | {other: repeat}
        return tuple(CellSlot(id_, cells) for id_, cells in changed.items())


def question_of(record: Record) -> str:
    """Return a name of a drawing's question in its cell, empty if it has none.

    A cell with ``%%edit`` that ran out of order sends the same request as before by its words, to
    another picture.
    """
    return f"{record.cell} {record.question}" if record.cell and record.question else ""


def request_names(record: Record) -> set[str]:
    """Return the names of a drawing's request: its fingerprint, and its question in its cell."""
    return {record.fingerprint, question_of(record)} - {""}


def cells_of(record: Record) -> dict[str, int]:
    """Return the other cells that show a drawing, from an untrusted record.

    Example:
        >>> from nbext.data.record import Record
        >>> cells_of(Record(type="drawing", id="a", changes={"cells": {"b": 0, "c": "x"}}))
        {'b': 0}
    """
    cells = record.changes.get(CELLS)
    if not isinstance(cells, dict):
        return {}
    return {name: repeat for name, repeat in cells.items() if type(repeat) is int}
