"""The cell that is running."""

from __future__ import annotations

import msgspec


class Cell(msgspec.Struct, frozen=True):
    """A cell, identified by its front end.

    Attributes:
        id: The cell's id, empty if unknown.
        execution_count: Its ``In[ ]`` number, 0 outside a notebook.
    """

    id: str = ""
    execution_count: int = 0
