"""A history's records in memory, one per drawing, ordered by number."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import msgspec

from nbext.data.record import RECORDS
from nbext.store.lines import MAX_NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nbext.data.record import Record

# A larger number is read, but the next drawing does not continue from it: a mistake, or a
# stranger, must not use up the valid numbers.
MAX_COUNTED = 10_000_000


class Records(Sequence["Record"]):
    """A snapshot of the records, in order, without later drawings.

    Nothing is copied: records are only appended, or replaced by a later state.

    Args:
        records: All records.
    """

    __slots__ = ("_length", "_records")

    def __init__(self, records: list[Record]) -> None:
        self._records = records
        self._length = len(records)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, at: int) -> Record: ...
    @overload
    def __getitem__(self, at: slice) -> list[Record]: ...
    def __getitem__(self, at: int | slice) -> Record | list[Record]:
        if isinstance(at, slice):
            first, stop, step = at.indices(self._length)
            if step > 0:
                return self._records[first:stop:step]
            return [self._records[position] for position in range(first, stop, step)]
        position = at + self._length if at < 0 else at
        if not 0 <= position < self._length:
            raise IndexError(at)
        return self._records[position]

    def __iter__(self) -> Iterator[Record]:
        return itertools.islice(self._records, self._length)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))


class Index:
    """Combines lines into one record per drawing, its latest state."""

    def __init__(self) -> None:
        self._records: list[Record] = []
        self._at: dict[str, int] = {}
        self._notes: dict[str, dict[str, Any]] = {}
        # The id of the first drawing with a number, in the order of the file.
        self._first: dict[int, str] = {}
        self._last = 0
        self._in_order = True
        self._ids: dict[str, list[str]] | None = None
        self._models: dict[tuple[str, str], dict[str, None]] | None = None
        self._named: set[str] | None = None

    def fold_lines(self, lines: Iterable[bytes], odd: Callable[[bytes], None]) -> None:
        """Add lines as ``parse`` and ``fold`` would; a start reads tens of thousands of them.

        Args:
            lines: The lines.
            odd: Adds a line that is no record of this version.
        """
        decode, at, notes = RECORDS.decode, self._at, self._notes
        for line in lines:
            try:
                record = decode(line)
            except (msgspec.MsgspecError, ValueError, RecursionError):
                odd(line)
                continue
            if record.unknown or not record.id or not 0 <= record.number < MAX_NUMBER:
                odd(line)
            elif record.id in at or record.id in notes or record.type == "note":
                self.fold(record)
            else:
                self._add(record)

    def fold(self, record: Record) -> None:
        """Add a line: a drawing's next state, or a note."""
        at = self._at.get(record.id)
        if record.type == "note":
            # Kept separately, because a merge in git may put a note before its drawing.
            notes = self._notes[record.id] = self._notes.get(record.id, {}) | record.changes
            if at is not None:
                known = self._records[at]
                changed = msgspec.structs.replace(known, changes=known.changes | notes)
                self._records[at] = changed
            return
        if record.id in self._notes:
            changes = record.changes | self._notes[record.id]
            record = msgspec.structs.replace(record, changes=changes)
        if at is None:
            self._add(record)
        elif record.type != "sent" or self._records[at].type == "sent":
            self._replace(at, record)

    def _add(self, record: Record) -> None:
        number, records = record.number, self._records
        # Nearly every drawing has a larger number than the one before it.
        if records and number <= records[-1].number and _place(record) < _place(records[-1]):
            self._in_order = False
        self._at[record.id] = len(records)
        records.append(record)
        self._first.setdefault(number, record.id)
        if self._last < number < MAX_COUNTED:
            self._last = number
        if self._ids is not None:
            self._add_fingerprints(self._ids, record)
        if self._models is not None:
            self._models.setdefault((record.kind, record.prompt), {})[record.model] = None
        if self._named is not None:
            self._named.update(pictures_of(record))

    def _replace(self, at: int, record: Record) -> None:
        known, self._records[at] = self._records[at], record
        if _place(known) != _place(record):
            self._in_order = False
            if self._first.get(known.number) == record.id:
                del self._first[known.number]
            self._first.setdefault(record.number, record.id)
            self._last = max(self._last, record.number if record.number < MAX_COUNTED else 0)
        if known.fingerprint != record.fingerprint or known.question != record.question:
            self._ids = None
        if (known.kind, known.prompt, known.model) != (record.kind, record.prompt, record.model):
            self._models = None
        if self._named is not None:
            self._named.update(pictures_of(record))

    def records(self) -> Records:
        """Return all records by number."""
        if not self._in_order:
            # A new list, because the old one may be in use.
            self._records = sorted(self._records, key=_place)
            self._at = {record.id: at for at, record in enumerate(self._records)}
            self._in_order = True
        return Records(self._records)

    def get(self, id_: str) -> Record | None:
        """Return a drawing's latest state, or None."""
        at = self._at.get(id_)
        return self._records[at] if at is not None else None

    def numbered(self, number: int) -> Record | None:
        """Return the drawing with a number; the first in the file if there are several."""
        return self.get(self._first.get(number, ""))

    def is_shared(self, number: int, id_: str) -> bool:
        """Return whether another drawing has the same number."""
        records = self.records()
        at = bisect.bisect_left(records, number, key=lambda record: record.number)
        same = itertools.takewhile(lambda record: record.number == number, records[at : at + 20])
        return any(record.id != id_ for record in same)

    def duplicate_numbers(self) -> list[int]:
        """Return the numbers of several drawings, as after a merge of two branches."""
        if len(self._first) == len(self._records):
            return []
        numbers = (record.number for record in self.records())
        return [n for n, group in itertools.groupby(numbers) if n > 0 and len(list(group)) > 1]

    def next_number(self) -> int:
        """Return the number of the next drawing."""
        following = self._last + 1
        if following < MAX_COUNTED:
            return following
        return next(n for n in itertools.count(1) if n not in self._first)

    @staticmethod
    def _add_fingerprints(ids: dict[str, list[str]], record: Record) -> None:
        for name in {record.fingerprint, record.exact, record.question} - {""}:
            ids.setdefault(name, []).append(record.id)

    def with_fingerprints(self, *fingerprints: str) -> list[Record]:
        """Return the records with one of these fingerprints or questions, by number."""
        records = self.records()
        if self._ids is None:
            self._ids = {}
            for record in records:
                self._add_fingerprints(self._ids, record)
        ids = {id_ for name in fingerprints for id_ in self._ids.get(name, ())}
        return sorted((self._records[self._at[id_]] for id_ in ids), key=_place)

    def models_of(self, kind: str, prompt: str) -> list[str]:
        """Return the models that were sent a prompt, in order."""
        if self._models is None:
            self._models = {}
            for record in self.records():
                self._models.setdefault((record.kind, record.prompt), {})[record.model] = None
        return list(self._models.get((kind, prompt), ()))

    def names(self, sha256: str) -> bool:
        """Return whether a record refers to a picture."""
        if self._named is None:
            self._named = {name for record in self._records for name in pictures_of(record)}
        return sha256 in self._named


def pictures_of(record: Record) -> Iterable[str]:
    """Yield the sha256 of all pictures and films of a record: its results and its references."""
    yield from (info.sha256 for info in (*record.pictures, *record.films))
    yield from (item.sha256 for item in record.references)
    if record.mask is not None:
        yield record.mask.sha256


def _place(record: Record) -> tuple[int, str]:
    return record.number, record.started
