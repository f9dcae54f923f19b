"""Find pictures again that a history has lost: what has the same sha256 is the same picture."""

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
    """Put pictures back that are missing or changed.

    They are looked for in the outputs of the notebook that stands beside the history, then in other
    histories. A file that is not what its name says is set aside as ``….changed``, never deleted.

    Args:
        damaged: A folder; an archive is not repaired.
        lost: The sha256 of the pictures to find, as ``verify()`` says them.
        others: The folders of other histories, to read.

    Returns:
        The sha256 of those that were found.

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
    """Put pictures back that a drawing needs, as well as can be, and say so.

    Args:
        store: The history's.
        lost: The sha256 of the pictures.
    """
    with contextlib.suppress(NbextError):
        for sha256 in repair(store, lost):
            store.warnings.append(phrase("store.put_back", sha256=sha256[:12]))


def _candidates(
    notebook: Path, others: Sequence[Store], wanted: dict[str, None]
) -> Iterator[tuple[str, bytes]]:
    """Give what there is, under the hash of its bytes, as long as anything is wanted."""
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
    # What the disk did not take is in memory, and gone with it.
    return store.path(sha256) is not None
