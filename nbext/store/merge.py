"""Merge two histories: add what the other has and this one lacks, each drawing once."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.record import Record, tags_of
from nbext.errors import HistoryError, PictureError
from nbext.messages.say import phrase
from nbext.util.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbext.store.store import Store


class MergeReport:
    """The result of a merge.

    Attributes:
        added: The numbers of the added drawings in this history.
        known: The number of drawings that were here already.
        annotated: How many of those received a star, tags or a note.
        pictures: The number of copied pictures.
        unsaved: The number of records that are only in this kernel's memory.
        missing: Pictures that are missing or changed in the other history.
    """

    def __init__(self) -> None:
        self.added: list[int] = []
        self.known = 0
        self.annotated = 0
        self.pictures = 0
        self.unsaved = 0
        self.missing: list[str] = []

    def __repr__(self) -> str:
        came = phrase("store.added", count=len(self.added))
        if self.added:
            came += f", @{self.added[0]}"
        if len(self.added) > 1:
            came += phrase("store.added_to", added=self.added[-1])
        were = phrase("store.known", count=self.known)
        lines = [phrase("store.copied", came=came, were=were, count=self.pictures)]
        if self.unsaved:
            lines.append(phrase("store.unsaved", count=self.unsaved))
        return "\n".join([*lines, *(phrase("store.missing", item=item) for item in self.missing)])


def merge(ours: Store, theirs: Store) -> MergeReport:
    """Add the contents of another history.

    Drawings are identified by id; ours keep their numbers, theirs get the next ones, in their
    order. Parents are named by id and stay valid. For a drawing in both, an answer that only theirs
    has is added, and a star, a note and tags if ours has none.

    Args:
        ours: The history to add to.
        theirs: The history to add; it is not changed.

    Returns:
        A summary.

    Raises:
        HistoryError: Ours was opened for reading only, or theirs cannot be read.
    """
    merged = MergeReport()
    known = {record.id: record for record in ours.records()}
    coming = theirs.records()
    new = [record for record in coming if record.id not in known]
    answered = [
        record
        for record in coming
        if record.id in known and record.type == "drawing" and known[record.id].type == "sent"
    ]
    _copy_pictures([*new, *answered], ours, theirs, merged)
    for record in answered:
        ours.append(_as_ours(record, known[record.id].number))
    for record in ours.extend([_as_ours(record, 0) for record in new]):
        merged.added.append(record.number)
    merged.known = len(coming) - len(new)
    for record in coming:
        if record.id in known:
            changes = _annotations(known[record.id].changes, record.changes)
            if changes:
                ours.append(note_of(record.id, changes))
                merged.annotated += 1
    merged.unsaved = ours.unsaved
    return merged


def note_of(id_: str, changes: dict[str, Any], cell: str = "") -> Record:
    """Create the line for a star, a tag or a note that a cell sets."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Record(type="note", id=id_, started=now, changes=changes, cell=cell)


def _as_ours(record: Record, number: int) -> Record:
    return msgspec.structs.replace(record, number=number)


def _annotations(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Return the annotations that only theirs has; tags are combined."""
    changes = {name: value for name, value in theirs.items() if name not in ours}
    tags = list(dict.fromkeys([*tags_of(ours), *tags_of(theirs)]))
    if tags != tags_of(ours):
        changes["tags"] = tags
    else:
        changes.pop("tags", None)
    return changes


def named(records: Iterable[Record]) -> dict[str, str]:
    """Return the pictures that records refer to, by sha256, with the first reference to each."""
    new_ids: dict[str, str] = {}
    for record in records:
        inputs = [*record.references, *([record.mask] if record.mask else [])]
        results = [info.sha256 for info in (*record.pictures, *record.films)]
        for sha256 in (*results, *(item.sha256 for item in inputs)):
            new_ids.setdefault(sha256, f"@{record.number}")
    return new_ids


def _copy_pictures(
    records: Sequence[Record], ours: Store, theirs: Store, merged: MergeReport
) -> None:
    """Copy missing pictures, before the records that refer to them."""
    for sha256, where in named(records).items():
        if ours.has(sha256):
            continue
        problem = ""
        try:
            data = theirs.read(sha256)
            if hashlib.sha256(data).hexdigest() == sha256:
                ours.put(data)
                merged.pictures += 1
            else:
                problem = phrase("store.differs")
        except HistoryError:
            problem = phrase("store.absent")
        except PictureError as error:
            problem = str(error)
        if problem:
            merged.missing.append(
                phrase(
                    "store.of_the_other", where=where, id=printable(sha256)[:64], problem=problem
                )
            )
