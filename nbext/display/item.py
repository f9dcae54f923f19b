"""The input of renderers: a record and the location of its pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nbext.data.record import Record
    from nbext.store.store import Store


class Item(Protocol):
    """A recorded drawing as renderers use it, such as ``nbext.drawings.drawing.Drawing``."""

    @property
    def record(self) -> Record:
        """The drawing's record."""

    @property
    def replayed(self) -> bool:
        """Whether it is shown again from an earlier session."""

    @property
    def earlier(self) -> Sequence[int]:
        """The drawings that it was made from, if the notebook now shows later takes of them."""

    @property
    def store(self) -> Store:
        """The folder with its pictures."""

    @property
    def notebook_folder(self) -> Path:
        """The folder that relative paths in the notebook start from."""
