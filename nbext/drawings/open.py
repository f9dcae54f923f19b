"""Opens the histories of other notebooks and of archives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.drawings.history import History
from nbext.store.open import open_store

if TYPE_CHECKING:
    from pathlib import Path


def open_history(path: str | Path) -> History:
    """Open the history of another notebook for reading.

    Args:
        path: A notebook, its ``.draws`` folder, or an archive.

    Example:
        >>> nbext.open("paper.ipynb")[3].prompt  # doctest: +SKIP
    """
    return History(open_store(path))
