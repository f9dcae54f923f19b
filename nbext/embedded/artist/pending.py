"""The state of reading: what waits for its noun, and what was named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .reading import Clause, Mention, Reading, Trait

if TYPE_CHECKING:
    from .words import Token


class Pending:
    """What was read and waits for its noun, in the clause under way.

    Attributes:
        out: What is asked so far.
        mentions: The things so far.
        subject: What the clause is of, where a tie is said behind its noun.
        last: What was named last and may have ties, colours and wear things.
        latest: What was named last, also when it is worn or held.
    """

    def __init__(self) -> None:
        self.out = Reading()
        self.mentions: list[Mention] = []
        self.clause = Clause()
        self.waiting_wears: list[Mention] = []
        # A text that waits for what carries it, and its colour.
        self.text: Token | None = None
        self.text_colour: str | None = None
        self.before: Token | None = None
        self.number = ""
        # A word that is not known, right before a sign that it may be on.
        self.title = ""
        self.total = 0
        self.forget()

    def forget(self) -> None:
        """Begin a clause: nothing waits for a noun."""
        self.count: int | None = None
        self.colour: str | None = None
        self.size: str | None = None
        self.traits: dict[Trait, str] = {}
        self.pending: list[str] = []
        self.doubt = False
        self.aloft = False
        self.predicative = False
        self.negation = ""
        self.negated = False
        self.tie: str | None = None
        self.side: str | None = None
        self.definite = False
        self.elided: list[tuple[int, str]] = []
        self.subject: Mention | None = None
        self.last: Mention | None = None
        # What was named last, also when it is worn or held.
        self.latest: Mention | None = None
        self.next_ties: list[tuple[str, Mention]] = []
        self.with_more: Mention | None = None
        self.group: list[Mention] = []
        self.join = False

    def flush(self) -> None:
        """Count the numbers and colours that waited for their noun among the matches."""
        for word in self.pending:
            self.out.match(word)
        self.pending = []

    def denied(self) -> None:
        """End a negation with the word it denies; "or" and 和 go on with it."""
        self.negated = False

    def drop(self) -> None:
        """Forget what waits for a noun."""
        self.pending = []
        self.count = self.colour = self.size = None
        self.traits = {}

    def predicate(self) -> None:
        """Give what was named the colour that it is said to have: "the cat is black and"."""
        if self.last is None:
            return
        if self.predicative and self.colour and self.last.colour is None:
            self.last.colour, self.colour = self.colour, None
            self.flush()
        self.predicative = False
