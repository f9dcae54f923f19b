"""Replay the stars, tags and notes that cells set, so that a second run leaves them as they were.

A notebook may set a star in one cell and remove it in another. When it is run again, each cell
finds what it set the last time and writes nothing, just as drawings are replayed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nbext.data.cell import Cell

    Change = Callable[[Mapping[str, Any]], dict[str, Any]]


class Step(msgspec.Struct, frozen=True):
    """A mark in the history.

    Attributes:
        cell: The id of the cell that set it.
        changes: What it changed.
        before: The drawing's marks before the change.
    """

    cell: str
    changes: dict[str, Any]
    before: dict[str, Any]

    @property
    def after(self) -> dict[str, Any]:
        """The drawing's marks after the change."""
        return self.before | self.changes


class Marks:
    """The marks of earlier kernels, consumed in order as this kernel sets them again."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._steps: dict[str, list[Step]] = {}
        # How many marks of each drawing were replayed; drawings with new marks are left out.
        self._at: dict[str, int] = {}
        self._runs: dict[str, int] = {}
        for line in lines:
            # Most lines are not marks, and long.
            if b'"note"' in line:
                self._add(line)

    def _add(self, line: bytes) -> None:
        try:
            record = Record.from_line(line)
        except msgspec.MsgspecError:
            return
        if record.type == "note":
            steps = self._steps.setdefault(record.id, [])
            before = steps[-1].after if steps else {}
            steps.append(Step(record.cell, record.changes, before))
            self._at.setdefault(record.id, 0)

    def replay(self, id_: str, cell: Cell, change: Change) -> Step | None:
        """Find the mark that a cell set the last time.

        Args:
            id_: The drawing's id.
            cell: The cell; without an id nothing is replayed.
            change: Computes the changes from the drawing's marks.

        Returns:
            The mark; None if the cell sets a different one, or runs a second time.
        """
        if not cell.id or self._runs.setdefault(cell.id, cell.execution_count) != (
            cell.execution_count
        ):
            return None
        steps = self._steps.get(id_, [])
        for at in range(self._at.get(id_, len(steps)), len(steps)):
            step = steps[at]
            if step.cell == cell.id and step.changes == change(step.before):
                self._at[id_] = at + 1
                return step
        return None

    def leave(self, id_: str) -> None:
        """Stop replaying a drawing's marks, because it has a new one."""
        self._at.pop(id_, None)

    def of(self, id_: str) -> dict[str, Any] | None:
        """Return the marks that a drawing had at this point of the notebook.

        Returns:
            None if the current marks apply.
        """
        at = self._at.get(id_, 0)
        return self._steps[id_][at - 1].after if at else None
