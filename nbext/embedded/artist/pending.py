"""The state of the parser: words waiting for their noun, and things named so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .reading import Clause, Mention, Reading, Spot, Trait

if TYPE_CHECKING:
    from .words import Token


class Pending:
    """Words waiting for their noun in the current clause.

    Attributes:
        out: The result so far.
        mentions: The things so far.
        subject: The subject of the clause, for ties that follow their noun.
        last: The last thing that can be tied, coloured and dressed.
        latest: The last thing named, including things that are worn or held.
    """

    def __init__(self) -> None:
        self.out = Reading()
        self.mentions: list[Mention] = []
        self.clause = Clause()
        self.waiting_wears: list[Mention] = []
        # A text that waits for its carrier, and its colour.
        self.text: Token | None = None
        self.text_colour: str | None = None
        self.before: Token | None = None
        self.number = ""
        # An unknown word right before a sign that it may be written on.
        self.title = ""
        self.total = 0
        # The things that "and" joined in the last clause that names any: for "both wear hats".
        self.earlier: list[Mention] = []
        self.forget()

    def forget(self) -> None:
        """Start a clause: forget all waiting words."""
        self.count: int | None = None
        # The number of those who wear what is named first: 两个戴帽子的男孩.
        self.outer: int | None = None
        self.colour: str | None = None
        self.size: str | None = None
        self.traits: dict[Trait, str] = {}
        self.pending: list[str] = []
        self.doubt = False
        self.aloft = False
        self.predicative = False
        self.goes_on = False
        self.negation = ""
        self.negated = False
        self.tie: str | None = None
        self.spot: Spot | None = None
        self.verb_word = ""
        self.rival: Spot | None = None
        self.side: str | None = None
        self.definite = False
        self.elided: list[tuple[int, str]] = []
        self.subject: Mention | None = None
        self.last: Mention | None = None
        # What is denied before the thing that comes with it.
        self.denials: list[Mention] = []
        # The last thing named, including things that are worn or held.
        self.latest: Mention | None = None
        self.next_ties: list[tuple[str, Mention]] = []
        # Where the things that "and" joins are, too: 沙发上的狗和猫.
        self.shared_ties: list[tuple[str, Mention]] = []
        self.with_more: Mention | None = None
        self.group: list[Mention] = []
        self.former: list[Mention] = []
        self.join = False
        # Whom "all", "both" and 都 mean.
        self.everyone: list[Mention] = []
        # Further colours of several things: "red and blue balloons".
        self.palette: list[tuple[str, str]] = []

    def flush(self) -> None:
        """Add the numbers and colours that waited for their noun to the matches."""
        for word in self.pending:
            self.out.match(word)
        self.pending = []

    def strand(self) -> None:
        """Note the numbers, colours, sizes and garments for which no thing came as adrift."""
        self.out.adrift += self.pending
        self.pending = []

    def denied(self) -> None:
        """End a negation after the word it denies; "or" and 和 continue it."""
        self.negated = False

    def drop(self) -> None:
        """Forget all words waiting for a noun: it is unknown, and so are they."""
        self.out.dropped += self.pending
        self.pending = []
        self.count = self.colour = self.size = None
        self.traits = {}

    def predicate(self) -> None:
        """Apply a colour in a predicate to its subject: "the cat is black and"."""
        if self.predicative and self.colour and self.paint():
            self.flush()
        self.predicative = False

    def meant(self) -> list[Mention]:
        """Return the things that a predicate is about: all that are joined, or the last.

        "it is purple" and 是紫色的 go on about the last thing of the clause before.
        """
        if self.everyone or self.last is not None or not self.goes_on:
            return self.everyone or ([self.last] if self.last is not None else [])
        return self.earlier[-1:]

    def paint(self) -> bool:
        """Give a colour to the things it is said of; return whether it shows on all."""
        bare = [one for one in self.meant() if one.colour is None]
        for one in bare:
            one.colour = self.colour
        if bare:
            self.colour = None
        return bool(bare)
