"""What a renderer is handed: a record, and where its pictures are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nbext.data.record import Record
    from nbext.store.store import Store


class Item(Protocol):
    """A recorded drawing as renderers see it; ``nbext.drawings.drawing.Drawing`` is one."""

    @property
    def record(self) -> Record:
        """What is known of it."""

    @property
    def replayed(self) -> bool:
        """Whether it was recorded before, and is shown again."""

    @property
    def earlier(self) -> Sequence[int]:
        """The drawings that it was made from, where the notebook shows later takes of them now."""

    @property
    def store(self) -> Store:
        """The folder with its pictures."""

    @property
    def notebook_folder(self) -> Path:
        """The folder that relative paths in the notebook start from."""
