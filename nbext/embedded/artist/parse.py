"""Split a prompt into words: Chinese by longest match, English by words and plurals."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from .compounds import absorbed
from .lexicon import HAN, Term, lexicon
from .literals import Span, literal_spans
from .words import Token

if TYPE_CHECKING:
    from collections.abc import Iterator

# The part of a prompt that is read; a megabyte must cost nothing.
MOST = 4000

# Instructions about the format rather than the contents: 【2:3】, 16:9, 1024×1024, --ar 2:3.
_FORMAL = re.compile(r"【[^】]{0,20}】|--\w+|\b\d+ ?[:x×：] ?\d+\b")
_LATIN = re.compile(r"[^\W\d_]+(?:['’\-]+[^\W\d_]+)*")
_DIGITS = re.compile(r"\d+")
_PERCENT = re.compile(r"\d+ ?%")
_MIXED = re.compile(r"\d+-?[a-z]+", re.IGNORECASE)
_NAMED = re.compile(r"[a-z]{1,3}\d[a-z\d]*", re.IGNORECASE)
_FULLWIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_BREAKS = frozenset(",，.。;；!！?？、\n|/:：")
_SIDES = frozenset("面边")
_FAMILIES = frozenset({"family", "families", "一家人", "一家"})
_HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2}


def is_han(text: str) -> bool:
    """Return whether `text` has a Chinese character in the part that is read."""
    return HAN.search(text[:MOST]) is not None


def tokens(prompt: str) -> list[Token]:
    """Split a prompt into words, known and unknown.

    Example:
        >>> [t.name for t in tokens("three red balloons")]
        ['3', 'red', 'balloon']
    """
    source = prompt[:MOST]
    spans = literal_spans(source)
    source = _blanked(source, spans)
    # Both translations keep all positions, so that `source` can be quoted.
    text = source.translate(_FULLWIDTH).translate(lexicon().simplified)
    return absorbed(list(_scan(text, source, prompt, spans)))


def _blanked(source: str, spans: list[Span]) -> str:
    """Replace the format instructions of a prompt by spaces, keeping its length."""
    times = [(s.start, s.end) for s in spans]

    def blank(match: re.Match[str]) -> str:
        inside = any(a <= match.start() < b for a, b in times)
        return match.group() if inside else " " * len(match.group())

    return _FORMAL.sub(blank, source)


def _scan(text: str, source: str, prompt: str, spans: list[Span]) -> Iterator[Token]:
    queue = list(spans)
    at = 0
    before: Token | None = None
    while at < len(text):
        if queue and at >= queue[0].start:
            span = queue.pop(0)
            if at > span.start:
                continue
            for token in _literal(span, prompt):
                before = token
                yield token
            at = span.end
            continue
        result, length = _word(text, source, at, before)
        if queue and at + length > queue[0].start:
            length = max(1, queue[0].start - at)
        if result is not None:
            token, one, before = result, before, result
            if token.word.lower() in _FAMILIES and one is not None and one.kind == "figure":
                # "a penguin family" is several penguins.
                yield replace(one, word=token.word, plural=True)
            elif token.kind == "means":
                parts = tokens(token.name)
                yield from (replace(part, word=token.word, part=True) for part in parts)
            else:
                yield token
        at += length


def _literal(span: Span, prompt: str) -> Iterator[Token]:
    word = prompt[span.start : span.end]
    inner = tuple(tokens(span.value)) if span.kind == "quote" else ()
    yield Token(word, span.kind, span.value, inner=inner)


def _word(text: str, source: str, at: int, before: Token | None) -> tuple[Token | None, int]:
    if HAN.match(text[at]):
        return _han(text, source, at, before)
    return _other(text, source, at)


def _han(text: str, source: str, at: int, before: Token | None) -> tuple[Token, int]:
    words = lexicon()
    number, length = _han_number(text, at)
    longest = 0
    for size in range(min(words.longest_han, len(text) - at), 0, -1):
        if text[at : at + size] in words.han:
            longest = size
            break
    measured = before is not None and before.kind == "number" and longest <= 1
    if measured and text[at] in words.measures:
        return Token(source[at], "ignored", "measure", han=True), 1
    if number is not None and length >= longest:
        return Token(source[at : at + length], "number", str(number), han=True), length
    if not longest:
        # 画只猫: a measure word without its number.
        if text[at] in words.measures and (before is None or before.kind != "unknown"):
            return Token(source[at], "ignored", "measure", han=True), 1
        return Token(source[at], "unknown", source[at], han=True), 1
    terms = words.han[text[at : at + longest]]
    if text[at + longest - 1] in "上下里前后" and text[at + longest : at + longest + 1] in _SIDES:
        # 云上面: the 面 belongs to 上, and is no noodles.
        longest += 1
    return _token(source[at : at + longest], terms, han=True), longest


def _token(word: str, terms: tuple[Term, ...], *, plural: bool = False, han: bool = False) -> Token:
    first = terms[0]
    return Token(
        word, first.kind, first.name, plural=plural, han=han, also=terms[1:], detail=first.detail
    )


def _han_number(text: str, at: int) -> tuple[int | None, int]:
    """Parse 三, 十二, 二十 or 三十五."""
    tens: int | None = None
    value = 0
    end = at
    while end < len(text) and end - at < 4:
        char = text[end]
        if char == "十":
            tens = value or 1
            value = 0
        elif char in _HAN_DIGITS and (end == at or text[end - 1] == "十"):
            value = _HAN_DIGITS[char]
        else:
            break
        end += 1
    if end == at:
        return None, 0
    return (tens or 0) * 10 + value, end - at


def _other(text: str, source: str, at: int) -> tuple[Token | None, int]:
    char = text[at]
    if char in _BREAKS:
        return Token(source[at], "break", char), 1
    match = _MIXED.match(text, at)
    if match and (terms := lexicon().latin.get(match.group().lower())):
        return _token(source[at : match.end()], terms), match.end() - at
    if match and not _names_a_figure(match.group().lstrip("0123456789-")):
        # "3d", "1960s" and "35mm" are not counts; "2cats" is.
        return Token(source[at : match.end()], "unknown", match.group().lower()), match.end() - at
    if match := _NAMED.match(text, at):
        # "H2O", "R2D2": one word, known or not.
        word = source[at : match.end()]
        terms = lexicon().latin.get(word.lower(), (Term("unknown", word.lower()),))
        return _token(word, terms), match.end() - at
    if match := _PERCENT.match(text, at):
        return Token(source[at : match.end()], "unknown", match.group()), match.end() - at
    if match := _DIGITS.match(text, at):
        digits = match.group()
        value = int(digits[:4]) if digits.isascii() else 1
        return Token(source[at : match.end()], "number", str(value)), match.end() - at
    match = _LATIN.match(text, at)
    if match is None:
        return None, 1
    if HAN.search(match.group()):
        # Adjacent letters and characters, as in "T恤": the letters end where Chinese begins.
        end = at + next(i for i, c in enumerate(match.group()) if HAN.match(c))
    else:
        end = match.end()
    return _latin(text, source, at, end)


def _names_a_figure(word: str) -> bool:
    latin = lexicon().latin
    return any(form in latin and latin[form][0].kind == "figure" for form in _singulars(word))


def _latin(text: str, source: str, at: int, end: int) -> tuple[Token, int]:
    words = lexicon()
    ends = [end]
    while len(ends) < words.longest_latin and text[ends[-1] : ends[-1] + 1] == " ":
        match = _LATIN.match(text, ends[-1] + 1)
        if match is None:
            break
        ends.append(match.end())
    for stop in reversed(ends):
        phrase = text[at:stop].lower().replace("’", "'")
        for form in _singulars(phrase):
            if terms := words.latin.get(form):
                several = form != phrase and not phrase.endswith("'s")
                plural = several and terms[0].kind in {"figure", "number", "garment"}
                return _token(source[at:stop], terms, plural=plural), stop - at
    word = text[at:end]
    for form in _singulars(word.lower()):
        if meant := words.misspelt.get(form):
            terms = words.latin[meant]
            plural = form != word.lower() and terms[0].kind == "figure"
            return _token(source[at:end], terms, plural=plural), end - at
    parts = word.lower().split("-")[:4]
    if len(parts) > 1 and any(form in words.latin for part in parts for form in _singulars(part)):
        first = at + word.index("-")
        return _latin(text, source, at, first)
    if len(word) == 1:
        return Token(word, "ignored", word), 1
    return Token(source[at:end], "unknown", word.lower()), end - at


def _singulars(phrase: str) -> list[str]:
    """Return the possible singulars of `phrase`, itself first."""
    head, _, last = phrase.rpartition(" ")
    lead = head + " " if head else ""
    forms = [phrase]
    if last in lexicon().plurals:
        forms.append(lead + lexicon().plurals[last])
    if last.endswith("'s"):
        forms.append(lead + last[:-2])
    elif last.endswith("ies") and len(last) > 4:
        forms.append(lead + last[:-3] + "y")
    # "bees" is not "be" + s, nor "buses" "buse": a plural in -es follows a hiss or an o.
    if last.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
        forms.append(lead + last[:-2])
    if last.endswith("s") and not last.endswith("ss") and len(last) > 3:
        forms.append(lead + last[:-1])
    return forms
