"""Restore a history's lost pictures from others with the same sha256."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING

from nbext.errors import HistoryError, NbextError, PictureError
from nbext.messages.say import phrase
from nbext.notebook.file import NotebookFile
from nbext.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def repair(damaged: Store, lost: Sequence[str], *, others: Sequence[Store] = ()) -> list[str]:
    """Restore missing and changed pictures.

    They are looked for in the outputs of the notebook beside the history, then in other histories.
    A changed file is renamed to ``….changed``, never deleted.

    Args:
        damaged: A folder; archives cannot be repaired.
        lost: The sha256 of the pictures to restore, from ``verify()``.
        others: The folders of other histories.

    Returns:
        The sha256 of the restored pictures.

    Raises:
        HistoryError: The folder cannot be written, or it is an archive.
        OptionError: The notebook cannot be read.
    """
    folder = damaged.folder
    if not folder.is_dir():
        raise HistoryError(
            phrase("store.archive_stays", name=folder.name),
            remedy=phrase("store.unpack"),
        )
    store = Store(folder, max_bytes=damaged.max_bytes, max_pixels=damaged.max_pixels)
    wanted = dict.fromkeys(lost)
    restored: list[str] = []
    for sha256, data in _candidates(folder.with_suffix(".ipynb"), others, wanted):
        # A notebook may show a picture twice.
        if sha256 in wanted and _put_back(store, sha256, data):
            restored.append(sha256)
            del wanted[sha256]
    return restored


def restore(store: Store, lost: Sequence[str]) -> None:
    """Restore pictures that a drawing needs, if possible, and report it.

    Args:
        store: The history's store.
        lost: The sha256 of the pictures.
    """
    with contextlib.suppress(NbextError):
        for sha256 in repair(store, lost):
            store.warnings.append(phrase("store.put_back", sha256=sha256[:12]))


def _candidates(
    notebook: Path, others: Sequence[Store], wanted: dict[str, None]
) -> Iterator[tuple[str, bytes]]:
    """Yield available pictures by hash, until all wanted ones are found."""
    if notebook.is_file():
        for data in NotebookFile(notebook).pictures():
            yield hashlib.sha256(data).hexdigest(), data
    for other in others:
        for sha256 in list(wanted):
            with contextlib.suppress(HistoryError):
                data = other.read(sha256)
                yield hashlib.sha256(data).hexdigest(), data


def _put_back(store: Store, sha256: str, data: bytes) -> bool:
    changed = store.path(sha256)
    aside = changed.with_name(f"{changed.name}.changed") if changed is not None else None
    try:
        if changed is not None and aside is not None:
            changed.replace(aside)
        try:
            store.put(data)
        except PictureError:
            if changed is not None and aside is not None:
                aside.replace(changed)
            return False
    except OSError as error:
        message = phrase("store.unwritable", folder=store.folder, value=error.strerror or error)
        raise HistoryError(message) from None
    # A picture that could not be written was in memory only.
    return store.path(sha256) is not None
