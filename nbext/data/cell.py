"""The cell that is running."""

from __future__ import annotations

import msgspec


class Cell(msgspec.Struct, frozen=True):
    """A cell, as far as its front end names it.

    Attributes:
        id: Empty where it is not known.
        execution_count: Its ``In[ ]`` number, 0 where there is none.
    """

    id: str = ""
    execution_count: int = 0
