"""Progress that relays report in an answer's text."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from nbext.util.pattern import pattern
from nbext.wire.events import Progress

if TYPE_CHECKING:
    from nbext.data.kinds import ProgressState

# The first state whose words occur in a line applies.
_STATES: tuple[tuple[ProgressState, re.Pattern[str]], ...] = (
    (
        "done",
        pattern(
            r"生成完成|完成 ?✅|绘制完成|generation complete|image (?:is )?ready|🎉"
            r"|готово|завершен|完了",
            re.IGNORECASE,
        ),
    ),
    (
        "running",
        pattern(
            r"生成中|正在|绘制中|处理中|generating|in progress|rendering|drawing|processing|diffus"
            r"|🎨|🏃|🖌|генер|рису|обработк|выполня",
            re.IGNORECASE,
        ),
    ),
    (
        "queued",
        pattern(
            r"排队|队列|前面还有|等待|queued|in (?:the )?queue|queue position|waiting|position in"
            r"|очеред|ожида|⏳|⌛|順番|待ち",
            re.IGNORECASE,
        ),
    ),
)
# A line about progress: quoted, as in relays' answers, or with a typical word.
_SCALE = pattern(
    r"^>|进度|进行|绘制|生成|渲染|progress|status|render|generat|drawing|processing|loading|step|stage"
    r"|прогресс|генерац|этап|готов|шаг|第\s?\d|progres|fortschritt|avance|進捗|進行|진행|⏳|🎨|🏃"
    r"|[█▓▒░■□▰▱⬛⬜🟩🟦🟪🟧🟨🟥🟢]|\[[#=>.\s-]{5,100}\]",
    re.IGNORECASE,
)
# The percent signs of a URL do not count.
_NUMBER = pattern(
    r"(?<![A-Za-z0-9_%/=&-])(?<!\d\.)(\d{1,3}(?:\.\d{1,3})?)"
    r"(?=\s*(?:%|\.\.|\*\*|percent\b|процент|パーセント|…))",
    re.IGNORECASE,
)
_SHARE = pattern(
    r"(?:进度|progress|прогресс)\W{0,6}(0?\.\d{1,4}|1\.0{1,4})(?![\d.%]|\s*%)", re.IGNORECASE
)
_STEPS = pattern(
    r"(?:step|stage|шаг|этап|步骤?|第|frame|pass)\W{0,4}(\d{1,5})\s{0,2}[步张帧]?[,，]?\s{0,2}"
    r"(?:/|of|из|共)\s{0,2}(\d{1,5})"
    r"|\[(\d{1,5})/(\d{1,5})\]",
    re.IGNORECASE,
)
_FULL = "█▓■▰⬛🟩🟦🟪🟧🟨🟥🟢"
_NUMBER_OR_BAR = pattern(rf"[\d{_FULL}]")
_BAR = pattern(rf"([{_FULL}#=]{{0,100}})([░□▱▒⬜⚪·-]{{0,100}})")
_LAST_NUMBER = pattern(r"(?:进度|progress|прогресс)[^%]*?\.\.\s?(\d{1,3})\s*\Z", re.IGNORECASE)
_MARKS = pattern(r"[>*`#]|\.{2,}|\.$")
# A picture in base64, in whose place its hash stands.
_PICTURE = pattern(r"(?:base64,)?nbext-sha256:[0-9a-f]{64}")
_LINE_END = pattern(r"[\n\r]")
_LINE_LIMIT = 2000
# An unquoted line reports progress if it begins with the word.
_BEGINNING = 16


class ProgressReader:
    r"""Finds progress in a text as it arrives; each step is reported once.

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
        # The beginning of a line that was examined last, and what it says.
        self._head = ""
        self._head_state: ProgressState | None = None

    def feed(self, text: str) -> list[Progress]:
        """Process a piece of text."""
        steps: list[Progress] = []
        *ended, open_line = _LINE_END.split(text)
        for piece in ended:
            steps += self._more(piece, ended=True)
            self._line, self._numbers, self._state = "", 0, ""
        return steps + self._more(open_line)

    def close(self) -> list[Progress]:
        """Report the progress in the last line, which has no line break."""
        return self._more("", ended=True)

    def _more(self, piece: str, *, ended: bool = False) -> list[Progress]:
        # A line of this length is not about progress, and is not examined again.
        if len(self._line) >= _LINE_LIMIT or not (piece or ended):
            return []
        self._line += piece[: _LINE_LIMIT - len(self._line)]
        line = self._line.strip()
        if not line or not (line.startswith(">") or "进度" in line or len(line) < 200):
            return []
        if not line.isascii():
            # Full-width digits and signs count too.
            line = unicodedata.normalize("NFKC", line.replace("…", "\x00")).replace("\x00", "…")
        numbers = _percents(line, ended=ended) if _has_number(line) else []
        # Checked last: it is slow, and few lines have a number.
        if not (numbers and _SCALE.search(line)):
            return self._words(line)
        new, self._numbers = numbers[self._numbers :], max(self._numbers, len(numbers))
        steps = []
        for percent in new:
            if percent != self._percent:
                steps.append(Progress(words=f"{percent:g} %", percent=percent))
            self._percent = percent
        return steps

    def _words(self, line: str) -> list[Progress]:
        """Parse a line without a number."""
        quoted = line.startswith(">")
        head = line if quoted else line[:_BEGINNING]
        if head != self._head:
            # A line is examined again with each of its pieces.
            self._head = head
            self._head_state = next((state for state, words in _STATES if words.search(head)), None)
        state = self._head_state
        if state is None or state == self._state or (state == "running" and not quoted):
            return []
        self._state = state
        percent = 100.0 if state == "done" else None
        return [Progress(words=_MARKS.sub("", line).strip()[:100], percent=percent, state=state)]


def _has_number(line: str) -> bool:
    """Return whether a line has a number, or a bar; a picture's hash is none."""
    if "nbext-sha256:" in line:
        line = _PICTURE.sub("", line)
    return _NUMBER_OR_BAR.search(line) is not None


def _percents(line: str, *, ended: bool) -> list[float]:
    """Return the percentages of a line, in order; a share or steps if there are none."""
    numbers = [float(number) for number in _NUMBER.findall(line)]
    last = _LAST_NUMBER.search(line) if ended else None
    if last is not None:
        numbers.append(float(last[1]))
    if not numbers and ended:
        # A number that is not a percentage has no sign after it, so wait for the end of its line.
        share, steps = _SHARE.search(line), _STEPS.search(line)
        if share is not None:
            numbers = [100 * float(share[1])]
        elif steps is not None:
            done, whole = (int(n) for n in steps.groups() if n is not None)
            numbers = [100 * done / whole] if 0 < done <= whole else []
        elif line.startswith(">") or len(line) < 60:
            numbers = _bar(line)
    return [round(min(number, 100.0), 1) for number in numbers]


def _bar(line: str) -> list[float]:
    """Parse a bar such as ``█████░░░░░``."""
    if not any(char in line for char in _FULL):
        return []
    for match in _BAR.finditer(line):
        full, empty = len(match[1]), len(match[2])
        if full and full + empty >= 5:
            return [100 * full / (full + empty)]
    return []
