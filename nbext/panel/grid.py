"""Show the drawings of several models side by side: prompts by models."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.panel.thumbnails import THUMB
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbext.display.item import Item
    from nbext.panel.thumbnails import Thumbnails
    from nbext.store.store import Store

MAX_MODELS = 8
# Earlier prompts go out of sight, not out of the history.
MAX_ROWS = 12
_COMMA = pattern("[,，、\n]")


def models_in(text: str) -> tuple[str, ...]:
    """Split a field into names of models.

    Example:
        >>> models_in("gpt-image-2, nano-banana,")
        ('gpt-image-2', 'nano-banana')
    """
    names = (name.strip() for name in _COMMA.split(text))
    return tuple(dict.fromkeys(name for name in names if name))[:MAX_MODELS]


class Cell(msgspec.Struct):
    """The drawing of one prompt by one model.

    Attributes:
        job: Draws it.
        drawings: The ids of those that have come.
        error: Why there is no drawing; empty while that is unknown.
    """

    job: str
    drawings: list[str] = msgspec.field(default_factory=list)
    error: str = ""


class Row(msgspec.Struct):
    """One prompt.

    Attributes:
        prompt: The prompt.
        cells: By model.
    """

    prompt: str
    cells: dict[str, Cell]


class ModelGrid:
    """Holds the rows and sends them to the page.

    Args:
        store: Has the pictures.
        thumbnails: Makes them small.
        tell: Sends a message to the page.

    Attributes:
        shown: Whether it is shown instead of the picture.
    """

    def __init__(self, store: Store, thumbnails: Thumbnails, tell: Callable[..., None]) -> None:
        self.shown = False
        self._store = store
        self._thumbnails = thumbnails
        self._tell = tell
        self._rows: list[Row] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, prompt: str, jobs: Mapping[str, str]) -> None:
        """Add a row.

        Args:
            prompt: The prompt.
            jobs: The jobs that draw it, by model.
        """
        row = Row(prompt=prompt, cells={model: Cell(job=job) for model, job in jobs.items()})
        with self._lock:
            self._rows = [row, *self._rows][:MAX_ROWS]
        self.shown = True
        self.tell_page()

    def cell_of(self, job: str) -> Cell | None:
        """Return the cell that a job fills."""
        with self._lock:
            cells = [cell for row in self._rows for cell in row.cells.values()]
        return next((cell for cell in cells if cell.job == job), None)

    def renew(self, before: str, now: str) -> None:
        """Let another job fill a cell whose job failed."""
        cell = self.cell_of(before)
        if cell is not None:
            cell.job, cell.error = now, ""
            self.tell_page()

    def drawn(self, job: str, item: Item) -> None:
        """Put a drawing into its cell."""
        cell = self.cell_of(job)
        if cell is None or not item.record.pictures or item.record.id in cell.drawings:
            return
        cell.drawings.append(item.record.id)
        self._thumbnails.later(lambda: self._fill(cell, item.record.id))

    def _fill(self, cell: Cell, id_: str) -> None:
        record = self._store.record(id_)
        if record is None or not record.pictures:
            return
        first = record.pictures[0]
        thumb = self._thumbnails.make(self._store, first.sha256, first.media_type, 2 * THUMB)
        self._tell("filled", [thumb], job=cell.job, id=id_, name=f"@{record.number}")

    def ended(self, job: str, error: str) -> None:
        """Mark a cell as finished.

        Args:
            job: Filled it.
            error: Why it failed; empty after success.
        """
        cell = self.cell_of(job)
        if cell is not None:
            cell.error = error
            self._tell("over", job=job, error=error)

    def tell_page(self) -> None:
        """Send the whole grid."""
        with self._lock:
            rows = list(self._rows)
        models = list(dict.fromkeys(model for row in rows for model in row.cells))
        cells = [cell for row in rows for cell in row.cells.values()]
        content: list[dict[str, Any]] = [
            {
                "prompt": row.prompt,
                "cells": {m: msgspec.to_builtins(c) for m, c in row.cells.items()},
            }
            for row in rows
        ]
        self._tell("grid", models=models, rows=content)
        for cell in cells:
            for id_ in cell.drawings:
                self._thumbnails.later(lambda cell=cell, id_=id_: self._fill(cell, id_))  # type: ignore[misc]
