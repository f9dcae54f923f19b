"""Open the histories of other notebooks, from folders and archives."""

from __future__ import annotations

from pathlib import Path

from nbext.errors import HistoryError
from nbext.messages.say import phrase
from nbext.notebook.neighbours import draws_of
from nbext.store.store import Store
from nbext.util.suggest import did_you_mean


def open_store(path: str | Path) -> Store:
    """Open another notebook's history for reading.

    Args:
        path: The notebook, its ``.draws`` folder, the ``history.jsonl`` in it, or an archive that
            ``history.to_zip`` wrote.

    Raises:
        HistoryError: There is no history.
    """
    location = Path(path).expanduser().absolute()
    if location.suffix.lower() == ".zip" and location.is_file():
        from nbext.store.zip_store import ZipStore

        return ZipStore(location)
    possible = [location, location.parent, _draws(location), Path(f"{location}.draws")]
    if location.name != "history.jsonl":
        possible.remove(location.parent)
    for folder in possible:
        if (folder / "history.jsonl").is_file():
            return Store(folder, read_only=True)
    folder = _draws(location)
    if folder.suffix == ".draws" and folder.is_dir():
        raise HistoryError(
            phrase("store.no_history_in", folder=folder),
            remedy=phrase("store.copied_without_records"),
        )
    there = [p.name for p in folder.parent.glob("*.draws")] if folder.parent.is_dir() else []
    raise HistoryError(
        phrase("store.no_history", folder=folder),
        remedy=did_you_mean(folder.name, there, otherwise=phrase("store.draw_first")),
    )


def _draws(notebook: Path) -> Path:
    return draws_of(notebook) if notebook.name else notebook
