"""Progress that an answer tells in words, in the manners of the relays that do."""

from __future__ import annotations

import re

from nbext.wire.events import Progress

_QUEUE_WORDS = re.compile(r"排队|queued|in queue|waiting", re.IGNORECASE)
_DONE_WORDS = re.compile(r"生成完成|完成 ?✅|generation complete|🎉", re.IGNORECASE)
_RUN_WORDS = re.compile(r"生成中|正在生成|generating|in progress|🎨", re.IGNORECASE)
_SCALE = re.compile(r"^>|进度|progress", re.IGNORECASE)
# The percent signs of a URL are none.
_NUMBER = re.compile(r"(?<![A-Za-z0-9_%/=&-])(\d{1,3}(?:\.\d{1,3})?)(?=\s*(?:%|\.\.|\*\*))")
_LAST_NUMBER = re.compile(r"(?:进度|progress)[^%]*?\.\.\s?(\d{1,3})\s*\Z", re.IGNORECASE)
_MARKS = re.compile(r"[>*`#]|\.{2,}|\.$")
_LINE_LIMIT = 2000
# A line that is no quotation tells progress where it begins with the word.
_BEGINNING = 16


class ProgressReader:
    r"""Reads progress out of a text as it comes; each step is told once.

    Example:
        >>> reader = ProgressReader()
        >>> [p.percent for p in reader.feed("> 进度 **3") + reader.feed("4%**\n> 进度 42..54..")]
        [34.0, 42.0, 54.0]
    """

    def __init__(self) -> None:
        self._line = ""
        self._numbers = 0
        self._state = ""
        self._percent: float | None = None

    def feed(self, text: str) -> list[Progress]:
        """Take the next piece of text."""
        told: list[Progress] = []
        *ended, open_line = text.split("\n")
        for piece in ended:
            told += self._more(piece, ended=True)
            self._line, self._numbers, self._state = "", 0, ""
        return told + self._more(open_line)

    def close(self) -> list[Progress]:
        """Say what the last line tells, which has no end of its own."""
        return self._more("", ended=True)

    def _more(self, piece: str, *, ended: bool = False) -> list[Progress]:
        # A line of this length tells no progress, and is not looked at again with each piece.
        if len(self._line) >= _LINE_LIMIT or not (piece or ended):
            return []
        self._line += piece[: _LINE_LIMIT - len(self._line)]
        line = self._line.strip()
        if not line or not (line.startswith(">") or "进度" in line or len(line) < 200):
            return []
        numbers = _NUMBER.findall(line) if _SCALE.search(line) else []
        last = _LAST_NUMBER.search(line) if ended else None
        if last is not None:
            numbers.append(last[1])
        if not numbers:
            return self._words(line)
        new, self._numbers = numbers[self._numbers :], max(self._numbers, len(numbers))
        told = []
        for number in new:
            percent = min(float(number), 100.0)
            if percent != self._percent:
                told.append(Progress(words=f"{percent:g} %", percent=percent))
            self._percent = percent
        return told

    def _words(self, line: str) -> list[Progress]:
        """Read a line without a number."""
        head = line if line.startswith(">") else line[:_BEGINNING]
        state = ""
        if _DONE_WORDS.search(head):
            state = "done"
        elif _RUN_WORDS.search(head):
            state = "running"
        elif _QUEUE_WORDS.search(head):
            state = "queued"
        if not state or state == self._state or (state == "running" and head is not line):
            return []
        self._state = state
        percent = 100.0 if state == "done" else None
        return [Progress(words=_MARKS.sub("", line).strip()[:100], percent=percent, state=state)]
