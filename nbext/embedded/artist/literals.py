"""Find literal parts of a prompt: texts to write, formulas, and the time on a clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from .lettering import LONGEST

LiteralKind = Literal["text", "speech", "quote", "clock"]


@dataclass(frozen=True)
class Span:
    """A part of the prompt that is not parsed word by word.

    Attributes:
        start: Its start.
        end: Its end.
        kind: `text` to write, `speech`, `quote` (one of these, or emphasis), or `clock`.
        value: The text, or the time as "hour:minute".
        inner: The start of the text itself.
    """

    start: int
    end: int
    kind: LiteralKind
    value: str
    inner: int = 0


_MOST_SPANS = 24
_ENGLISH = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_NUMBERS = {word: n for n, word in enumerate(_ENGLISH, 1)} | {
    char: n for n, char in enumerate("零一二三四五六七八九十")
}
_NUMBERS |= {"十一": 11, "十二": 12, "两": 2, "二十": 20, "三十": 30, "四十": 40, "五十": 50}
_ATOMS = "He|Li|Na|Mg|Al|Si|Cl|Ca|Mn|Fe|Cu|Zn|Br|Ag|Au|Hg|Pb|H|C|N|O|F|P|S|K|I"
_TERM = r"[A-Za-z0-9²³√π().]{1,12}"
_SUM = rf"-?{_TERM}(?: ?[-+×÷*/^−] ?{_TERM}){{0,6}}"

_QUOTE = re.compile(
    r'"([^"]{1,60})"|“([^“”]{1,60})”|「([^「」]{1,60})」|『([^『』]{1,60})』|《([^《》]{1,60})》'
    r"|(?<!\w)'([^']{1,60})'(?!\w)|‘([^‘’]{1,60})’(?!\w)"
)
_FORMULA = re.compile(
    rf"(?<![A-Za-z0-9.]){_SUM} ?= ?(?:{_SUM}|\?)|(?<![A-Za-z0-9.])\d{{1,3}} ?[+÷×] ?\d{{1,3}}\b"
)
_TIMES = re.compile(r"(?<=\d)x(?=\d)|(?<=\d )x(?= \d)")
_CHEMISTRY = re.compile(rf"(?<![A-Za-z0-9])(?:(?:{_ATOMS})\d{{0,2}}){{1,6}}(?![A-Za-z0-9])")
_LETTER = re.compile(
    r"(?:\bletters?\s+|字母\s*)([A-Z](?:(?:[\s,、和]+(?:and\s+)?)?[A-Z]){0,25}|[b-z])(?![A-Za-z])"
)
_NUMBER = re.compile(
    rf"(?:\b(?:numbers?|numeral|digit|figure)\s+|数字\s*)(\d{{1,6}}(?:\.\d{{1,6}})?|(?:{'|'.join(_ENGLISH)})\b"
    r"|[一二三四五六七八九十]{1,2})"
)
_CAPITALS = re.compile(
    r"\b(?:says?|saying|reads?|reading|words?|text|titled?|labell?ed|slogan|letters)[:,]?\s+"
    r"((?:[A-Z0-9][A-Z0-9'!?&.-]*)(?:\s+[A-Z0-9][A-Z0-9'!?&.-]*){0,8})(?![A-Za-z])"
)
_SPEECH = re.compile(
    r"\b(?:says|saying)[:,]?\s+([A-Za-z][\w'’!? ]{0,30}?)(?=[,.;\n]|$| and a | in )"
)
_WORD = re.compile(r"\bthe words?\s+([A-Za-z]{1,14})(?=\s+(?:in|on|with)\b|[,.;]|$)")
_POWER = re.compile(r"(?<![\w²³])[A-Za-z0-9()]{0,8}[²³√π][A-Za-z0-9()²³]{0,8}")
_HAN_TEXT = re.compile(
    r"(?:写着|写有|印着|刻着|标着|标题是|题为)[:：]?\s*"
    r"([\u4e00-\u9fffA-Za-z0-9！!？? ]{1,12}?)"
    r"(?=的?(?:牌|横|海报|标|旗|条|卡|灯|字样|黑板|红纸|纸)|[，。,.\n]|$)"
)
_HAN_SPEECH = re.compile(r"(?:说道?|喊着?)[:：]\s*([\u4e00-\u9fffA-Za-z0-9！!？?]{1,10})")
# Words before a quotation that make it a text to write.
_WRITES = re.compile(
    r"(?:\b(?:reads?|reading|write|add|put|words?|text|titled?|labell?ed|slogan|letters?|written|writing|with|"
    r"message|caption|headline|named|called|number|printed|formula|equation|character)\b"
    r"|写着?|写有|印着|刻着|标着|标题|文字|字样|口号|标语|内容|汉字|字|大字|公式|带有|题)"
    r"[^,.，。\w]{0,3}(?:(?:on|in) it[^\w]{0,2})?$"
)
_SAYS = re.compile(
    r"(?:\b(?:says?|saying|said|shouts?|shouting|asks?)|说着?|说道|喊着?|问)[^\w]{0,3}$"
)
_CLOCK_WORD = re.compile(r"\b(?:clock|watch|o.?clock)|钟|手表|怀表", re.IGNORECASE)
_TIME = re.compile(r"(?<!\d)(\d{1,2})[:：](\d{2})(?!\d)")
_TIME_WORDS = re.compile(
    rf"\b(?:(half|quarter) (past|to) (\d{{1,2}}|{'|'.join(_ENGLISH)})"
    rf"|(\d{{1,2}}|{'|'.join(_ENGLISH)}) o['’]?clock)\b",
    re.IGNORECASE,
)
_HAN_NUMBER = r"\d{1,2}|[一二两三四五六七八九十]{1,3}"
_HAN_TIME = re.compile(rf"({_HAN_NUMBER})点(?:钟|整|(半)|(一刻)|(三刻)|({_HAN_NUMBER})分)?")
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def literal_spans(prompt: str) -> list[Span]:
    """Return the texts, formulas and times of a prompt, in order and without overlap.

    Example:
        >>> [span.value for span in literal_spans('a sign that says "STOP" and E = mc^2')]
        ['STOP', 'E = mc²']
    """
    spans: list[Span] = []
    prompt = _TIMES.sub("×", prompt)

    def add(span: Span) -> None:
        free = all(span.end <= s.start or span.start >= s.end for s in spans)
        if free and span.value and len(spans) < _MOST_SPANS:
            spans.append(span)

    for match in _QUOTE.finditer(prompt):
        value = next(group for group in match.groups() if group is not None)
        before = prompt[max(0, match.start() - 30) : match.start()]
        kind: LiteralKind = "quote"
        if _SAYS.search(before):
            kind = "speech"
        elif _WRITES.search(before) or prompt[match.end() : match.end() + 1] == "字":
            kind = "text"
        add(Span(match.start(), match.end(), kind, value.strip(), match.start() + 1))
    for span in _times(prompt):
        add(span)
    for match in _FORMULA.finditer(prompt):
        add(Span(match.start(), match.end(), "text", _formula(match.group())))
    for match in _CHEMISTRY.finditer(prompt):
        if any(c.isdigit() for c in match.group()) and match.group() != "H2O":
            add(Span(match.start(), match.end(), "text", match.group().translate(_SUBSCRIPT)))
    for match in _LETTER.finditer(prompt):
        letters = re.sub(r"(?:[\s,、和]|\band\b)+", " ", match[1]).upper()
        add(Span(match.start(), match.end(), "text", letters))
    for match in _NUMBER.finditer(prompt):
        value = match[1] if "字" in match[0] else str(_NUMBERS.get(match[1], match[1]))
        add(Span(match.start(), match.end(), "text", value))
    for match in _CAPITALS.finditer(prompt):
        before = prompt[max(0, match.start(1) - 30) : match.start(1)]
        kind = "speech" if _SAYS.search(before) else "text"
        add(Span(match.start(1), match.end(1), kind, match[1][:LONGEST]))
    for match in _SPEECH.finditer(prompt):
        add(Span(match.start(1), match.end(1), "speech", match[1].strip()))
    for match in _WORD.finditer(prompt):
        add(Span(match.start(1), match.end(1), "text", match[1]))
    for match in _POWER.finditer(prompt):
        add(Span(match.start(), match.end(), "text", match.group()))
    for match in _HAN_SPEECH.finditer(prompt):
        add(Span(match.start(1), match.end(1), "speech", match[1]))
    for match in _HAN_TEXT.finditer(prompt):
        value = match[1].removesuffix("字") if len(match[1]) == 2 else match[1]
        add(Span(match.start(1), match.end(1), "text", value))
    return sorted(spans, key=lambda span: span.start)


def _times(prompt: str) -> list[Span]:
    """Return the times in a prompt that mentions a clock."""
    if not _CLOCK_WORD.search(prompt):
        return []
    times = [(match, int(match[1]), int(match[2])) for match in _TIME.finditer(prompt)]
    for match in _TIME_WORDS.finditer(prompt):
        word = (match[3] or match[4]).lower()
        hour = int(word) if word.isdigit() else _NUMBERS[word]
        minute = {"half": 30, "quarter": 15}.get((match[1] or "").lower(), 0)
        if (match[2] or "").lower() == "to":
            hour, minute = hour - 1, 60 - minute
        times.append((match, hour, minute))
    for match in _HAN_TIME.finditer(prompt):
        minute = 30 if match[2] else 15 if match[3] else 45 if match[4] else _value(match[5] or "0")
        times.append((match, _value(match[1]), minute))
    return [
        Span(match.start(), match.end(), "clock", f"{hour % 12}:{minute:02d}")
        for match, hour, minute in times
        if hour <= 24 and minute < 60
    ]


def _value(text: str) -> int:
    if text.isdigit():
        return int(text)
    if text in _NUMBERS:
        return _NUMBERS[text]
    tens, _, ones = text.partition("十")
    return _NUMBERS.get(tens, 1) * 10 + _NUMBERS.get(ones, 0)


def _formula(text: str) -> str:
    """Write powers as superscripts, and an asterisk as a multiplication sign."""
    text = re.sub(r"\^(\d+)", lambda m: m[1].translate(_SUPERSCRIPT), text)
    text = re.sub(r"(?<=[a-z])([23])(?!\d)", lambda m: m[1].translate(_SUPERSCRIPT), text)
    return text.replace("*", "×")
