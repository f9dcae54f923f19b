"""The searchable texts of drawings in lower case, prepared once for all searches."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from nbext.data.record import tags_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbext.data.record import Record

# Longer texts are not stored; they are converted to lower case for each search.
_LONG = 4096


def text_of(record: Record) -> str:
    """Return the searchable text of a drawing: prompt, answer, tags and note, in lower case."""
    text = f"{record.prompt}\n{record.text}" if record.text else record.prompt
    if record.changes:
        text = "\n".join((text, str(record.changes.get("note", "")), *tags_of(record.changes)))
    return text.lower()


class Texts:
    """Finds the records that contain words.

    Example:
        >>> Texts().holding(["cat"], [])
        []
    """

    def __init__(self) -> None:
        self._records: list[Record] = []
        # None for a text that is too long to store.
        self._texts: list[str | None] = []

    def holding(self, words: list[str], records: Sequence[Record]) -> list[Record]:
        """Return the records that contain all words, in their order.

        Args:
            words: At least one word, in lower case.
            records: The records of a history, of which only new and changed drawings differ.
        """
        self._follow(records)
        matches = list(zip(self._records, self._texts, strict=True))
        for word in words:
            matches = [
                pair
                for pair in matches
                if word in (text_of(pair[0]) if pair[1] is None else pair[1])
            ]
        return [record for record, _ in matches]

    def _follow(self, records: Sequence[Record]) -> None:
        """Prepare the texts of records that are new or have changed."""
        now = list(records)
        before = len(self._records)
        if len(now) == before and all(map(operator.is_, now, self._records)):
            return
        texts = []
        for at, record in enumerate(now):
            if at < before and self._records[at] is record:
                texts.append(self._texts[at])
            else:
                text = text_of(record)
                texts.append(text if len(text) <= _LONG else None)
        self._records, self._texts = now, texts
