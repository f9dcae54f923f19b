"""The recorded state of batches: a note on the first drawing of each."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import msgspec

from nbext.data.record import Record
from nbext.messages.say import phrase
from nbext.util.text import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

# The name of that note; also the job name of each drawing.
NOTE = "batch."


class BatchNote(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The recorded state of a batch.

    Attributes:
        host: The endpoint's host.
        wire: The wire format of the requests.
        model: Their model.
        ids: The ids of the drawings.
        sent: When it was sent, in UTC.
        job: The endpoint's id, empty while unknown.
        words: The endpoint's status of the batch.
        ended: The number of finished requests.
        over: Whether no more results will come.
    """

    host: str
    wire: str
    model: str
    ids: tuple[str, ...]
    sent: str
    job: str = ""
    words: str = ""
    ended: int = 0
    over: bool = False


class Batch(msgspec.Struct, kw_only=True):
    """A batch of a history.

    Attributes:
        name: Our name of it.
        first: The drawing with the note.
        note: The recorded state.
        number: Its number in the history, from 1, which never changes.
        problem: Why its state could not be read, or has not changed for long.
    """

    name: str
    first: Record
    note: BatchNote
    number: int = 0
    problem: str = ""

    def __str__(self) -> str:
        note = self.note
        state = note.words or phrase("batch.no_status")
        return phrase(
            "batch.line",
            n=len(note.ids),
            model=note.model,
            host=phrase("sweep.the_embedded") if self.first.embedded else note.host,
            state=state,
            ended=note.ended,
            count=len(note.ids),
            moment=moment(note.sent),
        )


def batches_of(records: Sequence[Record]) -> list[Batch]:
    """Return the batches of a history, in the order they were sent."""
    batches: list[Batch] = []
    for record in records:
        for name, value in record.changes.items():
            if name.startswith(NOTE):
                with contextlib.suppress(msgspec.ValidationError):
                    note = msgspec.convert(value, BatchNote)
                    own, number = name.removeprefix(NOTE), len(batches) + 1
                    batches.append(Batch(name=own, first=record, note=note, number=number))
    return batches


def under_way(records: Sequence[Record]) -> dict[str, str]:
    """Return the pending drawings of batches, by fingerprint and take: ``ab12….0``."""
    open_ids = {
        id_ for batch in batches_of(records) if not batch.note.over for id_ in batch.note.ids
    }
    return {
        f"{record.fingerprint}.{record.take}": record.id
        for record in records
        if record.id in open_ids and record.type == "sent"
    }


def is_in_batch(record: Record) -> bool:
    """Return whether a drawing is pending in a batch."""
    return record.job.startswith(NOTE)


def is_known(records: Sequence[Record], record: Record) -> bool:
    """Return whether the batch of a drawing was sent: its note is written just before."""
    name = record.job.removeprefix(NOTE)
    return any(batch.name == name for batch in batches_of(records))
