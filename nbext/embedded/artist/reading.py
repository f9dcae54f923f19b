"""What a prompt asks, as plain values: the things, where they are, and what is around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .words import Token

# There is one of each, however often a poem speaks of it.
ONLY_ONE = frozenset(["sun", "moon", "earth", "rainbow"])
Trait = Literal["text", "detail", "mood", "skin", "age"]


@dataclass
class Mention:
    """One thing the prompt asks for.

    Attributes:
        name: The figure's name in the lexicon.
        count: How many.
        exact: Whether the prompt says how many.
        definite: "the cat", 这只猫: probably one that was there before.
        colour: Its colour's name, or None.
        size: `big`, `small` or None.
        side: `left`, `right`, `up`, `down` or None.
        aloft: Whether it flies.
        again: Whether it may be one that was named before.
        part: Whether it is part of what one word stands for, as the fox of "food chain".
        absent: Whether the prompt says that it is not there.
        speech: What it says.
        traits: A text on it, a clock's time, a flag's country, a mood, a person's skin and age.
        wears: What it wears or holds.
        ties: Where it is by other things: (`on`, the other).
        clause: The number of its clause.
        word: As the prompt writes it.
    """

    name: str
    count: int = 1
    exact: bool = False
    definite: bool = False
    colour: str | None = None
    size: str | None = None
    side: str | None = None
    aloft: bool = False
    again: bool = False
    part: bool = False
    absent: bool = False
    speech: str = ""
    traits: dict[Trait, str] = field(default_factory=dict)
    wears: list[Mention] = field(default_factory=list)
    ties: list[tuple[str, Mention]] = field(default_factory=list)
    clause: int = 0
    word: str = ""


@dataclass
class Clause:
    """What stands between two commas: the verbs, in order, and all words."""

    verbs: list[str] = field(default_factory=list)
    words: list[Token] = field(default_factory=list)
    traits: dict[Trait, str] = field(default_factory=dict)


@dataclass
class Reading:
    """All that a prompt asks.

    Attributes:
        matches: The words that are drawn, as written.
        unknown: The words that are not known, or not possible, as written.
        acted: Words for a change that shows only where there is something to change.
        absent: Words for what is not to be there.
        adrift: Moods, ages and skins of nobody in the prompt; in an edit, of who is there.
        gone: The names of the weathers and styles among them.
    """

    mentions: list[Mention] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    weathers: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    colours: list[str] = field(default_factory=list)
    frame: str | None = None
    clauses: list[Clause] = field(default_factory=list)
    matches: list[str] = field(default_factory=list)
    acted: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    adrift: list[str] = field(default_factory=list)

    def match(self, word: str) -> None:
        """Note a word that is drawn."""
        if word not in self.matches:
            self.matches.append(word)

    def miss(self, word: str) -> None:
        """Note a word that is not known or cannot be drawn; only the first forty are."""
        if word and word not in self.unknown and len(self.unknown) < 40:
            self.unknown.append(word)
