"""The words that the artist knows, loaded once from `lexicon.toml`."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_INDOORS = "table plain"
KINDS = {
    # A dress is first what somebody wears.
    "garments": "garment",
    "figures": "figure",
    "places": "place",
    "times": "time",
    "weathers": "weather",
    "styles": "style",
    "colours": "colour",
    "sizes": "size",
    "numbers": "number",
    "relations": "relation",
    "verbs": "verb",
    "grammar": "grammar",
    "frames": "frame",
    "postures": "posture",
    "genders": "gender",
    "skins": "skin",
    "ages": "age",
    "moods": "mood",
}


@dataclass(frozen=True)
class Term:
    """The meaning of a word: a kind (`figure`, `colour`, `verb` …), a name within it, a detail.

    For a flag, the detail is the country.
    """

    kind: str
    name: str
    detail: str = ""


@dataclass(frozen=True)
class Kind:
    """The properties of a figure besides its drawing.

    `size` is its height relative to other figures (a cat is about 0.85), `zone` where it stays
    (`ground`, `sky`, `water`, `thing`), `home` the places it suits if none is named, and `wear`
    where it sits on another figure (`head`, `eyes`, `neck`, `bow`, `hand`). `role` is `person`
    (a colour applies to the clothes), `mount` (people sit astride it), `hollow` (things are in it,
    behind its rim), `deck` (things stand on it), `glow` (the night does not dim it), `paper` (it
    carries a text), `page` (the same, but without a text it is the picture itself: "a poster of a
    cat"), or nothing. `mix` lists the figures that a word stands for: a child is a boy or a girl.
    `own` lists what it always comes with: a witch's hat.
    """

    zh: str
    en: str
    size: float
    zone: str
    home: tuple[str, ...]
    wear: str
    role: str
    tints: tuple[str, ...]
    mix: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """All words, indexed for look-up."""

    han: dict[str, tuple[Term, ...]]
    latin: dict[str, tuple[Term, ...]]
    figures: dict[str, Kind]
    colours: dict[str, str]
    skins: dict[str, str]
    flags: dict[str, str]
    names: dict[str, dict[str, tuple[str, str]]]
    parts: dict[str, frozenset[str]]
    garments: dict[str, frozenset[str]]
    postures: dict[str, frozenset[str]]
    cycles: dict[str, tuple[str, ...]]
    measures: frozenset[str]
    plurals: dict[str, str]
    simplified: dict[int, int]
    longest_han: int
    longest_latin: int
    joined: frozenset[str] = field(default_factory=frozenset)
    misspelt: dict[str, str] = field(default_factory=dict)


def _split(text: str) -> list[str]:
    return [word.replace("_", " ") for word in text.split()]


def _misspelt(latin: dict[str, list[Term]], others: frozenset[str]) -> dict[str, str]:
    """Return misspellings of longer words: a letter left out, or two letters swapped.

    No letter is added or replaced: "beard" must not become "bear", nor "grain" "train".

    Args:
        latin: All words.
        others: Words that mean something else, such as "money" beside "monkey".
    """
    slips_of: dict[str, str] = {}
    twice = set()
    for word in latin:
        if len(word) < 6 or not word.isalpha():
            continue
        slips = {word[:k] + word[k + 1 :] for k in range(1, len(word))}
        slips |= {word[:k] + word[k + 1] + word[k] + word[k + 2 :] for k in range(1, len(word) - 1)}
        for slip in slips - {word}:
            if slip in slips_of:
                twice.add(slip)
            slips_of[slip] = word
    return {
        slip: word
        for slip, word in slips_of.items()
        if slip not in latin and slip not in twice and slip not in others
    }


# Countries without a flag here, in whose names other words are: 拿 and 大, 葡萄 and 牙.
_COUNTRIES = "加拿大 葡萄牙 黑山 南非 海地 巴拿马 马里 马耳他 南苏丹 中非 北马其顿 多米尼加"


def _add_flags(
    flags: dict[str, dict[str, str]], han: dict[str, list[Term]], latin: dict[str, list[Term]]
) -> None:
    """Add the words for national flags: "flag of France", "French flag", 法国国旗."""
    for country, entry in flags.items():
        term = Term("figure", "flag", country)
        for name in _split(entry["zh"]):
            # The country itself is not drawn, and is one word.
            han.setdefault(name, []).append(Term("unknown", name))
            for word in (f"{name}国旗", f"{name}的国旗", f"{name}旗"):
                han.setdefault(word, []).append(term)
        for name in _split(entry["en"]):
            for word in (f"flag of {name}", f"flag of the {name}", f"{name} flag"):
                latin.setdefault(word, []).append(term)
    for name in _COUNTRIES.split():
        han.setdefault(name, []).append(Term("unknown", name))
    for word in ("国旗", "五星红旗", "升国旗"):
        han.setdefault(word, []).append(Term("figure", "flag", "china"))
    for word in ("union jack", "stars and stripes"):
        latin.setdefault(word, []).append(Term("figure", "flag", "uk" if "jack" in word else "usa"))


def _zone(home: str) -> str:
    """Return the default zone of a figure: on a thing if at home on a table, else the ground."""
    return "thing" if set(home.split()) <= {"table", "plain", "lab"} else "ground"


@functools.cache
def lexicon() -> Lexicon:
    """Read the lexicon; later calls return the same object.

    Example:
        >>> lexicon().han["猫"][0].name
        'cat'
    """
    path = Path(__file__).with_name("lexicon.toml")
    table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    han: dict[str, list[Term]] = {}
    latin: dict[str, list[Term]] = {}
    names: dict[str, dict[str, tuple[str, str]]] = {}
    for section, kind in KINDS.items():
        names[kind] = {}
        for name, entry in table[section].items():
            term = Term(kind, name)
            chinese, english = _split(entry["zh"]), _split(entry["en"])
            names[kind][name] = ((chinese or [""])[0], (english or [""])[0])
            for word in chinese:
                han.setdefault(word, []).append(term)
            for word in english:
                latin.setdefault(word, []).append(term)
    for words in table["means"].values():
        # A word for several figures: 春节 is lanterns and fireworks.
        for entry, phrase in words.items():
            word = entry.replace("_", " ")
            where = han if HAN.match(word) else latin
            where.setdefault(word, []).append(Term("means", phrase.replace("_", " ")))
    for word in _split(table["ignored"]["zh"]):
        han.setdefault(word, []).append(Term("ignored", word))
    for word in _split(table["ignored"]["en"]):
        latin.setdefault(word, []).append(Term("ignored", word))
    parts: dict[str, frozenset[str]] = {}
    for entry in table["parts"].values():
        owners = frozenset(entry["of"].split())
        for word in _split(entry["zh"]):
            han.setdefault(word, []).append(Term("part", word))
            parts[word] = owners
        for word in _split(entry["en"]):
            latin.setdefault(word, []).append(Term("part", word))
            parts[word] = owners
    for section, kind in (
        ("life_cycles", "cycle"),
        ("labels", "label"),
        ("acts", "act"),
        ("not_figures", "unknown"),
    ):
        for word in _split(table[section]["zh"]):
            han.setdefault(word, []).append(Term(kind, word))
        for word in _split(table[section]["en"]):
            latin.setdefault(word, []).append(Term(kind, word))
    _add_flags(table["flags"], han, latin)
    figures = {
        name: Kind(
            zh=_split(entry["zh"])[0],
            en=_split(entry["en"])[0],
            size=float(entry.get("size", 0.5)),
            zone=entry.get("zone") or _zone(entry.get("home", _INDOORS)),
            home=tuple(entry.get("home", _INDOORS).split()),
            wear=entry.get("wear", ""),
            role=entry.get("role", ""),
            tints=tuple(table["tints"].get(name, "").split()),
            mix=tuple(entry.get("mix", "").split()),
            own=tuple(entry.get("own", "").split()),
        )
        for name, entry in table["figures"].items()
    }
    return Lexicon(
        han={word: tuple(terms) for word, terms in han.items()},
        latin={word: tuple(terms) for word, terms in latin.items()},
        figures=figures,
        skins={name: entry["hex"] for name, entry in table["skins"].items()},
        flags={name: entry["field"] for name, entry in table["flags"].items()},
        colours={name: entry["hex"] for name, entry in table["colours"].items()},
        names=names,
        parts=parts,
        garments={name: frozenset(e["of"].split()) for name, e in table["garments"].items()},
        postures={name: frozenset(e["of"].split()) for name, e in table["postures"].items()},
        cycles={name: tuple(stages.split()) for name, stages in table["life_cycles"]["of"].items()},
        measures=frozenset(table["measures"]["zh"].split()),
        plurals=dict(table["plurals"]),
        simplified={ord(pair[0]): ord(pair[1]) for pair in table["traditional"]["pairs"].split()},
        longest_han=max(map(len, han)),
        longest_latin=max(word.count(" ") + 1 for word in latin),
        joined=frozenset(table["ignored"]["joined"].split()),
        misspelt=_misspelt(latin, frozenset(table["not_slips"]["en"].split())),
    )
