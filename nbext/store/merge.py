"""Two histories become one: what the other has and this one lacks, each drawing once."""

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
    """What a merge did.

    Attributes:
        added: The numbers of the drawings that came in, as they are called here.
        known: How many were here already.
        annotated: How many of those got a star, tags or a note.
        pictures: How many pictures were copied.
        unsaved: How many records the disk did not take; they are in this kernel's memory.
        missing: Pictures that the other history names and does not have as they were received.
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
    """Take over what another history has.

    A drawing is the same where its id is; ours keep their numbers, theirs get the next ones, in
    their order. Parents are named by id, so they stay right. Of a drawing that both have, an answer
    that only they kept comes over, and a star, a note and tags where we have said nothing.

    Args:
        ours: Where they go to.
        theirs: Where they come from; nothing in it is changed.

    Returns:
        What was done.

    Raises:
        HistoryError: Ours was opened to read, or theirs cannot be read.
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
    """Make the line of a star, a tag or a note that a cell gives."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Record(type="note", id=id_, started=now, changes=changes, cell=cell)


def _as_ours(record: Record, number: int) -> Record:
    return msgspec.structs.replace(record, number=number)


def _annotations(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Say what of theirs is said where ours says nothing; tags are put together."""
    changes = {name: value for name, value in theirs.items() if name not in ours}
    tags = list(dict.fromkeys([*tags_of(ours), *tags_of(theirs)]))
    if tags != tags_of(ours):
        changes["tags"] = tags
    else:
        changes.pop("tags", None)
    return changes


def named(records: Iterable[Record]) -> dict[str, str]:
    """Name every picture that records speak of by its sha256, with where it is spoken of first."""
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
    """Copy what is not here yet, before the records that name it."""
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
