"""Find the histories near a notebook, and the one that is its own under another name.

If a notebook was duplicated, renamed, stripped of its outputs or moved, its drawings are in a
folder with a different name. It is recognised by the ids of the drawings that the outputs show, and
by the ids and texts of the notebook's cells.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from nbext.errors import OptionError
from nbext.notebook.file import NOTEBOOK_SUFFIXES, NotebookFile, origin

if TYPE_CHECKING:
    from collections.abc import Iterator

# A folder with more histories is not searched.
MAX_HISTORIES = 50
# Nanoseconds after which a disk gives a further change another time: FAT counts two seconds.
_SETTLED = 3_000_000_000
# The number of folders to search for a history that is not beside its notebook.
MAX_FOLDERS = 200


def draws_of(notebook: Path) -> Path:
    """Return the folder of a notebook's history: ``cats.draws`` beside ``cats.ipynb``.

    A notebook written by papermill continues the history of its original, and a renamed notebook
    the history that it left behind, unless it has its own.
    """
    folder = notebook.with_suffix(".draws")
    if notebook.suffix == ".ipynb" and notebook.is_file() and not folder.is_dir():
        with suppress(OptionError):
            file = NotebookFile(notebook)
            other = origin(notebook, file.made_from).with_suffix(".draws")
            return other if other.is_dir() else left_behind(file) or folder
    return folder


def has_notebook(folder: Path) -> bool:
    """Return whether the notebook or script that a history belongs to is beside it."""
    # The history of unnamed kernels may belong to several notebooks.
    return folder.stem == "nbext" or bool(notebooks_of(folder))


def notebooks_of(folder: Path) -> list[Path]:
    """Return the notebook or script that a history belongs to by its name, if it is beside it."""
    # Looked at after each drawing: without a path object for each suffix.
    stem = os.path.splitext(folder)[0]  # noqa: PTH122
    paths = (f"{stem}{suffix}" for suffix in NOTEBOOK_SUFFIXES)
    return [Path(path) for path in paths if os.path.exists(path)]  # noqa: PTH110


def beside(folder: Path, *, but: Path | None = None) -> list[Path]:
    """Return the histories in a folder, without ``but``."""
    # Looked at before each drawing: without a path object for each file of the folder.
    with suppress(OSError):
        names = _histories_in(str(folder))
        if but is not None and but.parent == folder:
            names = [name for name in names if name != but.name]
        here = (n for n in names if os.path.isfile(f"{folder}/{n}/history.jsonl"))  # noqa: PTH113
        return [folder / name for name in islice(here, MAX_HISTORIES)]
    return []


# The names of the histories in a folder, and when the folder last changed.
_listed: dict[str, tuple[int, list[str]]] = {}


def _histories_in(folder: str) -> list[str]:
    """Return the names of a folder's histories; the folder is listed again once it has changed."""
    changed = os.stat(folder).st_mtime_ns  # noqa: PTH116
    known = _listed.get(folder)
    if known is not None and known[0] == changed:
        return known[1]
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(".draws"))
    # A folder that changed just now may change again at what its disk calls the same time.
    if time.time_ns() - changed > _SETTLED:
        _listed[folder] = changed, names
    return names


def below(folder: Path) -> list[Path]:
    """Return the histories in subfolders, two levels deep."""
    inner = _folders(folder.absolute())
    return _histories([*inner, *(deeper for place in inner for deeper in _folders(place))])


def near(folder: Path) -> list[Path]:
    """Return the histories in the folders above, beside and below a folder."""
    above = folder.absolute().parent
    places = [above, *(place for place in _folders(above) if place != folder.absolute())]
    return [*_histories(places), *below(folder)][:MAX_HISTORIES]


def _histories(folders: list[Path]) -> list[Path]:
    return [path for place in folders[:MAX_FOLDERS] for path in beside(place)][:MAX_HISTORIES]


def _folders(folder: Path) -> list[Path]:
    with suppress(OSError), os.scandir(folder) as entries:
        return sorted(
            Path(entry.path)
            for entry in entries
            if not entry.name.startswith((".", "_"))
            and not entry.name.endswith(".draws")
            and entry.is_dir(follow_symlinks=False)
        )[:MAX_FOLDERS]
    return []


def left_behind(file: NotebookFile) -> Path | None:
    """Find the history that a notebook had under another name.

    Returns:
        A folder beside it whose notebook is gone; None if there is none, or more than one.
    """
    folders = beside(file.path.absolute().parent)
    own = [folder for folder in folders if not has_notebook(folder) and shared(file, folder)]
    return own[0] if len(own) == 1 else None


def original_of(file: NotebookFile) -> Path | None:
    """Find the history of the notebook that this notebook is a copy of.

    Returns:
        The folder with most of the drawings that the copy shows; None if there is none.
    """
    own = file.path.absolute().with_suffix(".draws")
    folders = [folder for folder in beside(own.parent) if folder != own]
    counted = Counter({folder: shared(file, folder) for folder in folders})
    best = counted.most_common(1)
    return best[0][0] if best and best[0][1] else None


def shared(file: NotebookFile, folder: Path) -> int:
    """Count the drawings of a history that the notebook shows, or that its cells requested."""
    shown = file.drawings()
    cells = {cell.id: cell.source for cell in file.cells if cell.id}
    ids = {id_.encode() for id_ in (*shown, *cells)}
    count = 0
    for line in _lines(folder / "history.jsonl"):
        if not any(id_ in line for id_ in ids):
            continue
        with suppress(ValueError, RecursionError):
            record = json.loads(line)
            if isinstance(record, dict) and record.get("type") == "drawing":
                prompt = record.get("prompt")
                source = cells.get(str(record.get("cell", "")), "")
                is_of_cell = isinstance(prompt, str) and bool(prompt.strip()) and prompt in source
                count += record.get("id") in shown or is_of_cell
    return count


def _lines(journal: Path) -> Iterator[bytes]:
    with suppress(OSError), journal.open("rb") as lines:
        yield from lines
