"""Pictures that requests were given, for whoever asks the same without having their files.

A reviewer has the notebook and its history, but not the author's folder, and an address may be
gone or show something else a year later. The bytes that were sent are in the history.
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
    """Find a picture that came from outside with an earlier request of the same prompt.

    Args:
        store: The history's.
        prompt: Of the request; another prompt is another request, which takes what is there now.
        kind: ``draw``, ``chat`` …
        index: The picture's place among the references; -1 for the mask.
        source: The name of its file.
        url: Its address, as ``public_url`` writes it.

    Returns:
        The latest, None where there is none.
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


def inputs_at(record: Record, index: int) -> Iterator[ReferenceInfo]:
    """Give the picture of a place, then the others: an option may have moved it."""
    if index < 0:
        if record.mask is not None:
            yield record.mask
        return
    yield from record.references[index : index + 1]
    yield from record.references
