"""Find the pictures of earlier requests, for users without the original files.

A reviewer has the notebook and its history, but not the author's folder, and a URL may be gone or
show something else a year later. The bytes that were sent are in the history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.data.request import Reference
from nbext.errors import HistoryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbext.data.record import Record, ReferenceInfo
    from nbext.store.store import Store


def sent_reference(
    store: Store, prompt: str, kind: str, index: int, *, source: str = "", url: str = ""
) -> Reference | None:
    """Find a reference picture of an earlier request with the same prompt.

    Args:
        store: The history's store.
        prompt: The request's prompt; with another prompt, the current file is used.
        kind: ``draw``, ``chat`` …
        index: The picture's index among the references; -1 for the mask.
        source: The name of its file.
        url: Its address, in the form of ``public_url``.

    Returns:
        The latest, None if there is none.
    """
    for record in reversed(store.records()):
        if record.prompt != prompt or record.kind != kind or record.error is not None:
            continue
        for item in inputs_at(record, index):
            same = item.url == url if url else item.source == source and not item.url
            if same and not item.drawing and store.is_whole(item.sha256):
                try:
                    data = store.read(item.sha256)
                except HistoryError:
                    continue
                return Reference.of(data, source=item.source, url=item.url)
    return None


def numbered_before(
    store: Store, text: str, request: tuple[str, str], *, cell: str, index: int | None
) -> Record | None:
    """Find the drawing that ``@3`` meant in an earlier run of the same request.

    After a merge of two branches, another drawing may have that number: what the cell itself meant
    takes precedence over other cells with the same prompt.

    Args:
        store: The history's store.
        text: The reference, as written.
        request: Prompt and kind.
        cell: The requesting cell's id, empty if unknown.
        index: The picture's index among the references, -1 for the mask; None for the drawing whose
            conversation continues.

    Returns:
        The latest, None if there is none.
    """
    same = [record for record in store.records() if (record.prompt, record.kind) == request]
    same.sort(key=lambda record: bool(cell) and record.cell == cell)
    for record in reversed(same):
        if index is None:
            parent = _continued(record, text, store)
        else:
            match = next((item for item in inputs_at(record, index) if item.source == text), None)
            parent = store.record(match.drawing) if match is not None else None
        if parent is not None:
            return parent
    return None


def _continued(record: Record, text: str, store: Store) -> Record | None:
    """Return the drawing whose conversation a record continues, if it was named like this."""
    parent = store.record(record.continues) if record.continues else None
    if parent is None:
        return None
    # Earlier versions did not record the name.
    return parent if (record.continues_as or f"@{parent.number}") == text else None


def inputs_at(record: Record, index: int) -> Iterator[ReferenceInfo]:
    """Yield the picture at an index, then the others: an option may have moved it."""
    if index < 0:
        if record.mask is not None:
            yield record.mask
        return
    yield from record.references[index : index + 1]
    yield from record.references
