"""Counts, colours, sizes and postures: which things they belong to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .nouns import means
from .pending import Pending

if TYPE_CHECKING:
    from .words import Token

# The most figures of one kind.
MOST_ALIKE = 36
EACH_OF = frozenset({"each", "every", "每个", "每只", "每位", "每张"})


class Attributes(Pending):
    """Assigns counts, colours, sizes and postures to one thing or to several."""

    def settle(self) -> None:
        """Give the words that follow their thing to it: "a cat in black", 猫三只."""
        self.predicate()
        self.traits = {}
        if self.colour and self.paint():
            self.flush()
        last, before = self.last, self.before
        if before is not None and before.kind == "size" and self.size:
            # "the tree is tall", 树很高
            plain = [one for one in self.meant() if one.size is None]
            for one in plain:
                one.size = self.size
            if plain:
                self.size = None
                self.flush()
        after = before is not None and before.name == "measure"
        if after and self.count and last is not None and not last.exact:
            last.count, last.exact = min(self.count, MOST_ALIKE), True
            self.flush()

    def share_out(self) -> None:
        """Distribute colours over a group: "5 balloons: two red and three blue"."""
        if self.colour and self.count:
            self.elided.append((self.count, self.colour))
        last = self.last
        pairs = self.elided
        if len(pairs) < 2 or last is None or last not in self.mentions:
            return
        self.colour = None
        last.count, last.colour = pairs[0]
        at = self.mentions.index(last) + 1
        self.mentions[at:at] = [
            replace(last, count=count, colour=colour, wears=list(last.wears), ties=list(last.ties))
            for count, colour in pairs[1:]
        ]

    def tinge(self, token: Token) -> None:
        """Store a colour for its thing; two colours that are joined are for several things."""
        if self.colour is not None:
            word = next((w for w in reversed(self.pending) if means(w, "colour", self.colour)), "")
            if self.join:
                self.palette.append((self.colour, word))
            elif word:
                self.pending.remove(word)
                self.out.miss(word)
        self.colour = token.name
        self.out.colours.append(token.name)
        self.pending.append(token.word)

    def several_colours(self, count: int, several: bool) -> list[tuple[int, str]]:
        """Return how many of several things have each colour but the last; report one's."""
        palette, self.palette = self.palette, []
        if not self.colour or not palette:
            return []
        if not several or count <= len(palette):
            for _, word in palette:
                self.out.retract(word)
            return []
        parts = len(palette) + 1
        return [
            (count // parts + (at < count % parts), colour)
            for at, (colour, _) in enumerate(palette)
        ]

    def everybody(self, token: Token) -> None:
        """Note whom "all", "both", 都 and 每个 mean: what "and" joined, here or before."""
        if token.word.lower() in EACH_OF:
            self.definite = True
        everyone = [one for one in self.group or self.earlier if not one.absent]
        if sum(one.count for one in everyone) == 1:
            # "a black cat, a white dog, both on a sofa"
            everyone = [one for one in self.mentions if not one.absent][-2:]
        self.everyone = everyone

    def posture(self, token: Token) -> None:
        """Note how somebody sits or kneels, which the picture must show."""
        if self.negated:
            self.denied()
            return
        self.out.poses.append((token.word, token.name, self.last))
