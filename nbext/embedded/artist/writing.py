"""Texts: what they are written on, who says them, and the time on a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .compounds import carries_text
from .lettering import can_write
from .lexicon import HAN, lexicon
from .nouns import has_face
from .pending import Pending
from .reading import Mention

if TYPE_CHECKING:
    from .words import Token

# Things written on red paper.
_LUCKY = frozenset("福春喜吉")
_LONGEST_TITLE = 24
# Endings of words that describe a sign instead of being written on it: "a minimalist logo".
_ADJECTIVES = ("ist", "ive", "ful", "ous", "ic", "al", "ish", "less", "able", "ed", "ing", "ern")


class Writing(Pending):
    """Assigns texts and times."""

    def literal(self, token: Token) -> None:
        """Process a text, speech, or a time."""
        if self.negated:
            self.denied()
            return
        if token.kind == "clock":
            clock = self.latest if self.latest is not None and self.latest.name == "clock" else None
            if clock is not None:
                clock.traits["detail"] = token.name
                self.out.match(token.word)
            else:
                self.text = token
            return
        if not can_write(token.name):
            self.out.miss(token.word)
            return
        carrier = self.latest
        if carrier is not None and carries_text(carrier.name) and "text" not in carrier.traits:
            carrier.traits["text"] = token.name
            self.out.match(token.word)
        elif token.kind == "speech" and self.last is not None and has_face(self.last.name):
            self.last.speech = token.name
            self.out.match(token.word)
        else:
            self.lost_text()
            self.text, self.text_colour = token, self.colour

    def lost_text(self) -> None:
        """Report a waiting text as lost when another one comes."""
        if self.text is not None:
            self.place_text()

    def place_text(self) -> None:
        """Write a waiting text on something that can carry it, else on a sheet of paper."""
        token, self.text = self.text, None
        if token is None:
            return
        self.out.match(token.word)
        everything = [m for one in self.mentions for m in (one, *one.wears)]
        for mention in everything:
            if carries_text(mention.name) and "text" not in mention.traits and not mention.absent:
                mention.traits["text"] = token.name
                return
        if token.name in _LUCKY:
            name = "fu"
        elif "classroom" in self.out.places:
            name = "blackboard"
        elif self.mentions:
            name = "banner" if len(token.name) > 2 else "card"
        else:
            name = "card" if len(token.name) <= 8 else "poster"
        self.mentions.append(
            Mention(
                name, word=token.word, colour=self.text_colour, clause=len(self.out.clauses) - 1
            )
        )
        self.mentions[-1].traits["text"] = token.name

    def take_text(self, mention: Mention) -> None:
        """Assign an earlier text to its carrier: 写着“春”字的红纸, "STOP" sign."""
        paper = lexicon().figures[mention.name].role in {"paper", "page"}
        described = " " not in self.title and self.title.lower().endswith(_ADJECTIVES)
        if self.title and not described and self.text is None and paper and can_write(self.title):
            # "an exit sign", "a no smoking sign".
            mention.traits["text"] = self.title.upper()
            self.out.match(self.title)
            for word in [w for w in self.out.unknown if w in self.title]:
                self.out.unknown.remove(word)
            return
        if self.text is None:
            return
        if self.text.kind == "clock":
            fits, key = mention.name == "clock", "detail"
        else:
            fits, key = carries_text(mention.name), "text"
        if fits:
            mention.traits["detail" if key == "detail" else "text"] = self.text.name
            self.out.match(self.text.word)
            self.text = None

    def leave_pages(self) -> None:
        """Remove a poster without a text: the poster is the picture itself."""
        roles = {m.name: lexicon().figures[m.name].role for m in self.mentions}
        others = any(roles[m.name] != "page" for m in self.mentions) or bool(self.out.places)
        pages = [m for m in self.mentions if roles[m.name] == "page" and "text" not in m.traits]
        title = " ".join(word for word in self.out.unknown if not HAN.search(word))
        if pages and not others and can_write(title) and len(title) <= _LONGEST_TITLE:
            # "a save water poster": write the unknown words.
            pages[0].traits["text"] = title.upper()
            for word in [w for w in self.out.unknown if not HAN.search(w)]:
                self.out.unknown.remove(word)
                self.out.match(word)
        for mention in list(self.mentions):
            bare = roles[mention.name] == "page" and "text" not in mention.traits
            if bare and others and not mention.tied:
                self.mentions.remove(mention)
                for one in self.mentions:
                    one.ties = [pair for pair in one.ties if pair[1] is not mention]
