"""The lineage of drawings on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nbext.data.record import Record, ReferenceInfo


class Lineage:
    """Finds the drawing that a reference belongs to, and the parents of a drawing.

    Args:
        records: The drawings' records.

    Example:
        >>> from nbext.data.record import Record
        >>> cat = Record(type="drawing", id="a", number=1)
        >>> hat = Record(type="drawing", id="b", number=2, parents=["a"])
        >>> Lineage([cat, hat]).before(hat)
        [1]
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._by_id: dict[str, Record] = {}
        self._by_picture: dict[str, Record] = {}
        for record in records:
            self._by_id[record.id] = record
            for info in record.pictures:
                known = self._by_picture.setdefault(info.sha256, record)
                if record.number < known.number:
                    self._by_picture[info.sha256] = record

    def named(self, id_: str) -> Record | None:
        """Return a drawing by its id."""
        return self._by_id.get(id_)

    def at(self, item: ReferenceInfo, of: Record) -> tuple[int, int] | None:
        """Return the number and the index of a reference's picture; None for one from elsewhere.

        A file with the same bytes as an earlier drawing's picture counts as that picture.
        """
        match = self._by_id.get(item.drawing)
        if match is None:
            match = self._by_picture.get(item.sha256)
            if match is None or match.number >= of.number:
                return None
        hashes = [info.sha256 for info in match.pictures]
        return match.number, hashes.index(item.sha256) if item.sha256 in hashes else 0

    def before(self, record: Record) -> list[int]:
        """Return the numbers of a drawing's parents."""
        ids = [id_ for id_ in (*record.parents, record.continues) if id_ != record.id]
        numbers = [self._by_id[id_].number for id_ in ids if id_ in self._by_id]
        numbers += [at[0] for item in references(record) if (at := self.at(item, record))]
        return [number for number in dict.fromkeys(numbers) if number != record.number]

    def outside(self, record: Record) -> list[ReferenceInfo]:
        """Return a drawing's references from outside the history."""
        return [item for item in references(record) if self.at(item, record) is None]

    def inputs(self, records: Iterable[Record]) -> list[tuple[ReferenceInfo, list[int]]]:
        """Return each picture from outside the history once, with the drawings that used it."""
        uses: dict[str, tuple[ReferenceInfo, list[int]]] = {}
        for record in records:
            for item in self.outside(record):
                numbers = uses.setdefault(item.sha256, (item, []))[1]
                if record.number not in numbers[-1:]:
                    numbers.append(record.number)
        return list(uses.values())


def references(record: Record) -> Iterator[ReferenceInfo]:
    """Yield all pictures of a request, its mask last."""
    yield from record.references
    if record.mask is not None:
        yield record.mask
