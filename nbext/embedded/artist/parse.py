"""From a prompt to words: Chinese by the longest match, English by words and their plurals."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .lexicon import HAN, Term, lexicon

# What is read of a prompt. More is never drawn, and a megabyte must cost nothing.
MOST = 4000

# What is said of the picture's form and not of what is on it: 【2:3】, 16:9, 1024×1024, --ar 2:3.
_FORMAL = re.compile(r"【[^】]{0,20}】|--\w+|\b\d+ ?[:x×：] ?\d+\b")
_LATIN = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_DIGITS = re.compile(r"\d+")
_MIXED = re.compile(r"\d+-?[a-z]+", re.IGNORECASE)
_FULLWIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_BREAKS = frozenset(",，.。;；!！?？、\n|/")
_HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2}


@dataclass(frozen=True)
class Token:
    """One word of the prompt: as written, what it means, whether a plural, or part of a meaning."""

    word: str
    kind: str
    name: str
    plural: bool = False
    han: bool = False
    also: tuple[Term, ...] = ()
    part: bool = False


def is_han(text: str) -> bool:
    """Tell whether `text` has a Chinese character in what the artist reads of it."""
    return HAN.search(text[:MOST]) is not None


def tokens(prompt: str) -> list[Token]:
    """Split a prompt into words that mean something to the artist and words that do not.

    Example:
        >>> [t.name for t in tokens("三个红气球")]
        ['3', 'red', 'balloon']
    """
    written = _FORMAL.sub(" ", prompt[:MOST])
    # Both translations keep every character's place, so that `written` can be quoted as it is.
    text = written.translate(_FULLWIDTH).translate(lexicon().simplified)
    found: list[Token] = []
    stray = ""
    at = 0
    while at < len(text):
        char = text[at]
        if HAN.match(char):
            token, length = _han(text, written, at, found)
            if token is None:
                stray += written[at]
                at += 1
                continue
        else:
            token, length = _other(text, written, at)
        if stray:
            found.append(Token(stray, "unknown", stray, han=True))
            stray = ""
        if token is not None and token.kind == "means":
            found.extend(replace(part, word=token.word, part=True) for part in tokens(token.name))
        elif token is not None:
            found.append(token)
        at += length
    if stray:
        found.append(Token(stray, "unknown", stray, han=True))
    return found


def _han(text: str, written: str, at: int, found: list[Token]) -> tuple[Token | None, int]:
    words = lexicon()
    number, length = _han_number(text, at)
    longest = 0
    for size in range(min(words.longest_han, len(text) - at), 0, -1):
        if text[at : at + size] in words.han:
            longest = size
            break
    after_number = bool(found) and found[-1].kind == "number"
    if after_number and longest <= 1 and text[at] in words.measures:
        return Token(written[at], "ignored", "measure", han=True), 1
    if number is not None and length >= longest:
        return Token(written[at : at + length], "number", str(number), han=True), length
    if not longest:
        # 画只猫: a measure word without its number.
        if text[at] in words.measures and (not found or found[-1].kind != "unknown"):
            return Token(written[at], "ignored", "measure", han=True), 1
        return None, 1
    terms = words.han[text[at : at + longest]]
    word = written[at : at + longest]
    return Token(word, terms[0].kind, terms[0].name, han=True, also=terms[1:]), longest


def _han_number(text: str, at: int) -> tuple[int | None, int]:
    """Read 三, 十二, 二十 or 三十五."""
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


def _other(text: str, written: str, at: int) -> tuple[Token | None, int]:
    char = text[at]
    if char in _BREAKS:
        return Token(written[at], "break", char), 1
    match = _MIXED.match(text, at)
    if match and (terms := lexicon().latin.get(match.group().lower())):
        word = written[at : match.end()]
        return Token(word, terms[0].kind, terms[0].name), match.end() - at
    if match and not _names_a_figure(match.group().lstrip("0123456789-")):
        # "3d", "1960s" and "35mm" count nothing, "2cats" does.
        return Token(written[at : match.end()], "unknown", match.group().lower()), match.end() - at
    if match := _DIGITS.match(text, at):
        digits = match.group()
        value = int(digits[:4]) if digits.isascii() else 1
        return Token(written[at : match.end()], "number", str(value)), match.end() - at
    match = _LATIN.match(text, at)
    if match is None:
        return None, 1
    if HAN.search(match.group()):
        # Letters and characters side by side, as in "T恤": the letters end where Chinese begins.
        end = at + next(i for i, c in enumerate(match.group()) if HAN.match(c))
    else:
        end = match.end()
    return _latin(text, written, at, end)


def _names_a_figure(word: str) -> bool:
    latin = lexicon().latin
    return any(form in latin and latin[form][0].kind == "figure" for form in _singulars(word))


def _latin(text: str, written: str, at: int, end: int) -> tuple[Token, int]:
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
                plural = form != phrase and terms[0].kind in {"figure", "number"}
                token = Token(
                    written[at:stop], terms[0].kind, terms[0].name, plural=plural, also=terms[1:]
                )
                return token, stop - at
    word = text[at:end]
    for form in _singulars(word.lower()):
        if meant := words.misspelt.get(form):
            terms = words.latin[meant]
            plural = form != word.lower() and terms[0].kind == "figure"
            return Token(written[at:end], terms[0].kind, terms[0].name, plural=plural), end - at
    if "-" in word:
        first = at + word.index("-")
        return _latin(text, written, at, first)
    if len(word) == 1:
        return Token(word, "ignored", word), 1
    return Token(written[at:end], "unknown", word.lower()), end - at


def _singulars(phrase: str) -> list[str]:
    """Return what `phrase` may be the plural of, itself first."""
    head, _, last = phrase.rpartition(" ")
    lead = head + " " if head else ""
    forms = [phrase]
    if last in lexicon().plurals:
        forms.append(lead + lexicon().plurals[last])
    if last.endswith("'s"):
        forms.append(lead + last[:-2])
    elif last.endswith("ies") and len(last) > 4:
        forms.append(lead + last[:-3] + "y")
    if last.endswith("es") and len(last) > 3:
        forms.append(lead + last[:-2])
    if last.endswith("s") and len(last) > 3:
        forms.append(lead + last[:-1])
    return forms
