"""Histories of other notebooks, and of archives."""

from __future__ import annotations

import difflib
from pathlib import Path

from nbext.drawings.history import History
from nbext.errors import HistoryError
from nbext.notebook.file import draws_of
from nbext.store.store import Store


def open_history(path: str | Path) -> History:
    """Open the history of another notebook, to read.

    Args:
        path: The notebook, its ``.draws`` folder, the ``history.jsonl`` in it, or an archive that
            ``history.to_zip`` wrote.

    Raises:
        HistoryError: There is no history.
    """
    given = Path(path).expanduser().absolute()
    if given.suffix.lower() == ".zip" and given.is_file():
        from nbext.store.zip_store import ZipStore

        return History(ZipStore(given))
    possible = [given, given.parent, _draws(given), Path(f"{given}.draws")]
    if given.name != "history.jsonl":
        possible.remove(given.parent)
    for folder in possible:
        if (folder / "history.jsonl").is_file():
            return History(Store(folder, read_only=True))
    folder = _draws(given)
    if folder.suffix == ".draws" and folder.is_dir():
        raise HistoryError(
            f"{folder} holds no history: there is no history.jsonl in it.",
            remedy="Was it copied or committed without its records?",
        )
    there = [p.name for p in folder.parent.glob("*.draws")] if folder.parent.is_dir() else []
    near = difflib.get_close_matches(folder.name, there, n=1)
    raise HistoryError(
        f"There is no history {folder}.", remedy=f"Did you mean {near[0]}?" if near else ""
    )


def _draws(notebook: Path) -> Path:
    return draws_of(notebook) if notebook.name else notebook
