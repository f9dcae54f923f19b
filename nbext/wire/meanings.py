"""What the words of an error mean, by the table ``meanings.toml``.

Services say the same few things in ever new sentences. Each names a thing (a balance, a key, a
model) and its state (spent, invalid, unknown), so both are looked for, near each other.
"""

from __future__ import annotations

import bisect
import functools
import re
import tomllib
import unicodedata
from importlib import resources
from typing import Literal, NamedTuple, get_args

import msgspec

Meaning = Literal[
    "balance",
    "timeout",
    "busy",
    "key",
    "model",
    "content",
    "place",
    "account",
    "verification",
    "maintenance",
    "prompt_length",
    "picture_size",
    "parameter",
    "declined",
    "",
]
_ORDER: tuple[Meaning, ...] = get_args(Meaning)
# What an endpoint says. A model's own words may also decline.
ERRORS: frozenset[Meaning] = frozenset(_ORDER) - {"", "declined"}

# A thing and its state are at most this many characters apart, and in one sentence.
_NEAR = 48
# A phrase counts as a thing and a state at this distance.
_PHRASE = 6
_TEXT = 2000
_ENDS = re.compile(r"[.!?]\s|[。！？!?\n;；]")
# Names of models, versions and ids: their parts are no words.
_IDS = re.compile(r"\b(?=[\w./:-]*-)(?=[\w./:-]*\d)[a-z][\w./:-]*\w", re.IGNORECASE)
_CASES = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
# The code of an error that has none.
_GRPC = re.compile(r"\bcode = Unknown\b")
_LETTER = "[a-z0-9\u0400-\u04ff]"
_ACCENT = re.compile("[\u0300-\u036f]")


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one meaning. See ``meanings.toml``."""

    things: list[str]
    states: list[str]
    phrases: list[str]


class _Find(NamedTuple):
    """The compiled words of one meaning; None for none."""

    things: re.Pattern[str] | None
    states: re.Pattern[str] | None
    phrases: re.Pattern[str] | None


class _Span(NamedTuple):
    """Where a thing is in a text."""

    start: int
    end: int


def table() -> dict[Meaning, Words]:
    """Read the table of words."""
    text = resources.files("nbext.wire").joinpath("meanings.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[Meaning, Words])


@functools.lru_cache(64)
def meaning_of(text: str, among: frozenset[Meaning] = ERRORS) -> Meaning:
    """Return what an error's text means, or "".

    Args:
        text: A message with codes, in any language; only its beginning is read.
        among: The meanings to choose from.

    Example:
        >>> meaning_of("Your wallet does not cover this image"), meaning_of("модель отключена")
        ('balance', 'model')
        >>> meaning_of("Model x does not support this size"), meaning_of("Internal error")
        ('parameter', '')
    """
    best: tuple[int, int] | None = None
    for sentence in _ENDS.split(_normal(text[:_TEXT])):
        for name, distance in _in_sentence(sentence).items():
            # The closest pair says most; where two are as close, the first table's.
            rank = (distance, _ORDER.index(name))
            if name in among and (best is None or rank < best):
                best = rank
    return _ORDER[best[1]] if best else ""


def _in_sentence(sentence: str) -> dict[Meaning, int]:
    """Return the meanings of a sentence, each with the distance of its words."""
    things = {name: _spans(find.things, sentence) for name, find in _compiled().items()}
    result: dict[Meaning, int] = {}
    for name, find in _compiled().items():
        if find.phrases and find.phrases.search(sentence):
            result[name] = _PHRASE
        for state in _spans(find.states, sentence):
            distance = _distance(things[name], state)
            # What an option is about is not about the model or the key.
            if distance <= min(_NEAR, _distance(things["parameter"], state)):
                result[name] = min(distance, result.get(name, distance))
    return result


def _spans(words: re.Pattern[str] | None, sentence: str) -> list[_Span]:
    return [_Span(*match.span()) for match in words.finditer(sentence)] if words else []


def _distance(things: list[_Span], state: _Span) -> int:
    """Return how many characters are between a state and the nearest of the things."""
    at = bisect.bisect_left(things, state)
    nearby = things[max(at - 1, 0) : at + 1]
    gaps = (max(thing.start - state.end, state.start - thing.end, 0) for thing in nearby)
    return min(gaps, default=_NEAR + 1)


def _normal(text: str) -> str:
    """Normalise case, accents, the width of letters and the notation of codes."""
    text = _GRPC.sub(" ", unicodedata.normalize("NFKC", text))
    text = _CASES.sub(" ", _IDS.sub("#", text))
    plain = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", _ACCENT.sub("", plain)).replace("’", "'")


@functools.cache
def _compiled() -> dict[Meaning, _Find]:
    return {
        name: _Find(*map(_pattern, (words.things, words.states, words.phrases)))
        for name, words in table().items()
    }


def _pattern(words: list[str]) -> re.Pattern[str] | None:
    """Compile words to one pattern: beginnings of words, or whole words where they end in ``.``."""
    # Longer words first: "api key" before "api".
    parts = [_word(_normal(word)) for word in sorted(set(words), key=len, reverse=True)]
    return re.compile("|".join(parts)) if parts else None


def _word(word: str) -> str:
    whole = word.endswith(".")
    body = r"\s+".join(map(re.escape, word.removesuffix(".").split(" ")))
    # Languages without spaces have no beginnings of words, and stand right beside Latin ones.
    begins = f"(?<!{_LETTER})" if word[:1] < "\u0530" else ""
    ends = f"(?!{_LETTER})" if whole else ""
    return f"{begins}{body}{ends}"
