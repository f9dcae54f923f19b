"""Histories of other notebooks, and of archives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.drawings.history import History
from nbext.store.open import open_store

if TYPE_CHECKING:
    from pathlib import Path


def open_history(path: str | Path) -> History:
    """Open the history of another notebook, to read.

    Args:
        path: The notebook, its ``.draws`` folder, the ``history.jsonl`` in it, or an archive that
            ``history.to_zip`` wrote.

    Raises:
        HistoryError: There is no history.
    """
    return History(open_store(path))
