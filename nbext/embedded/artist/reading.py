"""A parsed prompt as plain values: the things, their positions, and their surroundings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from .words import Token

# Drawn once, however often they are named.
ONLY_ONE = frozenset(["sun", "moon", "earth", "rainbow"])
Trait = Literal["text", "detail", "mood", "skin", "age"]


@dataclass
class Mention:
    """A thing that the prompt asks for.

    Attributes:
        name: The figure's name in the lexicon.
        count: The number.
        exact: Whether the prompt states the number.
        definite: Whether it has a definite article, as in "the cat", 这只猫.
        colour: The name of its colour, or None.
        size: `big`, `small` or None.
        side: `left`, `right`, `up`, `down` or None.
        aloft: Whether it flies.
        again: Whether it may be a thing that was named before.
        part: Whether it is part of a word for several things, as the fox of "food chain".
        absent: Whether the prompt denies it.
        tied: Whether it is said where it is or who holds it.
        speech: What it says.
        traits: Text, time on a clock, country of a flag, mood, skin and age.
        wears: What it wears or holds.
        ties: Its positions relative to other things: (`on`, the other).
        clause: The number of its clause.
        word: The word in the prompt.
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
    tied: bool = False
    speech: str = ""
    traits: dict[Trait, str] = field(default_factory=dict)
    wears: list[Mention] = field(default_factory=list)
    ties: list[tuple[str, Mention]] = field(default_factory=list)
    clause: int = 0
    word: str = ""


@dataclass
class Clause:
    """The text between two commas: its verbs, in order, and all words."""

    verbs: list[str] = field(default_factory=list)
    words: list[Token] = field(default_factory=list)
    traits: dict[Trait, str] = field(default_factory=dict)


@dataclass
class Spot:
    """A position that the prompt states: "on the table", 桌子下, "to the left".

    Attributes:
        kind: `on`, `under`, `left` …, as in the lexicon.
        word: The words for it, as reported.
        anchor: The thing that the position refers to; None if there is none.
        shown: Whether something else shows it: a place, or a thing that is worn.
        subject: What is bigger or smaller than the anchor.
    """

    kind: str
    word: str
    anchor: Mention | None = None
    shown: bool = False
    subject: Mention | None = None


class Arrangement(Protocol):
    """The arranged figures of a picture."""

    def shows(self, spot: Spot) -> bool:
        """Return whether the figures stand as a position says."""

    def unseen(self) -> list[Mention]:
        """Return things that cannot be seen."""

    def holds_pose(self, name: str, who: Mention | None) -> bool:
        """Return whether figures are drawn in a posture."""


@dataclass
class Reading:
    """A parsed prompt.

    Attributes:
        matches: The words that are drawn, as written.
        unknown: The words that are unknown or cannot be drawn, as written.
        acted: Words for changes that need something to change.
        absent: Words for denied things.
        adrift: Moods, colours, numbers and other attributes without a figure in the prompt; in an
            edit they apply to existing figures.
        gone: The denied weathers, styles and colours.
        ground: The colour of the background, empty if it is not named.
        dropped: The attributes of unknown things.
        content: The words that mean something to be seen.
        spots: The stated positions.
        placed: The arranged figures; None until they are arranged.
        poses: The stated postures: the word, its name in the lexicon, and who has it.
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
    ground: str = ""
    dropped: list[str] = field(default_factory=list)
    content: list[Token] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    placed: Arrangement | None = None
    poses: list[tuple[str, str, Mention | None]] = field(default_factory=list)

    def retract(self, word: str) -> None:
        """Report as unknown what was taken for drawn."""
        if word in self.matches:
            self.matches.remove(word)
        self.miss(word)

    def match(self, word: str) -> None:
        """Add a word that is drawn."""
        if word not in self.matches:
            self.matches.append(word)

    def miss(self, word: str) -> None:
        """Add a word that is unknown or cannot be drawn, up to forty."""
        if word and word not in self.unknown and len(self.unknown) < 40:
            self.unknown.append(word)
