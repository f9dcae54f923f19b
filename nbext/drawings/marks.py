"""Stars, tags and notes that the cells of a notebook give: run again, they are as they were.

A notebook may give a star in one cell and take it away in another. When it is run again, each cell
finds what it gave the last time, says the same and writes nothing, as drawings are replayed.
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
        cell: The id of the cell that gave it.
        changes: What it changed.
        before: The drawing's marks before it.
    """

    cell: str
    changes: dict[str, Any]
    before: dict[str, Any]

    @property
    def after(self) -> dict[str, Any]:
        """The drawing's marks behind it."""
        return self.before | self.changes


class Marks:
    """What earlier kernels have marked, as this kernel comes past it again.

    Args:
        lines: The lines of the history, in order.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._steps: dict[str, list[Step]] = {}
        # How far this kernel has come; a drawing that it has marked anew is left out.
        self._at: dict[str, int] = {}
        self._runs: dict[str, int] = {}
        for line in lines:
            # Most lines are no marks, and long.
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
        """Find the mark that a cell gave the last time.

        Args:
            id_: The drawing's.
            cell: It; without an id nothing is replayed for it.
            change: Makes the changes from the marks that the drawing has.

        Returns:
            The mark; None where the cell gives another one, or gives it once more.
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
        """Note that a drawing was marked anew: from now on it is as it is."""
        self._at.pop(id_, None)

    def of(self, id_: str) -> dict[str, Any] | None:
        """Give the marks that a drawing had at this point of the notebook.

        Returns:
            None where that is what it has.
        """
        at = self._at.get(id_, 0)
        return self._steps[id_][at - 1].after if at else None
