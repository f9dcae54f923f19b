"""Moods, ages and skins: which figure has them, and which figures can show them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .nouns import has_face, is_person, means
from .pending import Pending
from .reading import Mention, Trait

if TYPE_CHECKING:
    from .words import Token

_SKIN_COLOURS = {"black": "dark", "brown": "brown", "white": "fair"}
ELDERS = {"man": "grandpa", "person": "grandpa", "woman": "grandma"}
# Words that may stand between a mood and its noun: "a happy little red dog", 开心的小狗.
_LEADING = frozenset({"colour", "size", "number", "age", "mood", "skin"})


class Traits(Pending):
    """Assigns moods, ages and skins."""

    def trait(self, token: Token, ahead: list[Token]) -> None:
        """Store a mood, an age or a skin for its noun, or assign it to the last thing named."""
        key: Trait = "mood" if token.kind == "mood" else "skin" if token.kind == "skin" else "age"
        if self.negated:
            self.out.miss(
                f"{self.negation} {token.word}" if not token.han else self.negation + token.word
            )
            self.denied()
            return
        rest = [t for t in ahead if t.kind not in _LEADING]
        if token.han and rest and rest[0].name == "de":
            rest = [t for t in rest[1:] if t.name != "measure"]
            leads = bool(rest) and rest[0].kind in {"figure", "unknown"}
        else:
            leads = (
                bool(rest)
                and rest[0].kind == "figure"
                and (key != "mood" or not token.han or self.last is None)
            )
        able = [m for m in self.mentions if self.suits(key, m)]
        if leads:
            self.traits[key] = token.name
            self.pending.append(token.word)
        elif self.count and self.last is None and able:
            self.one_of(able[-1], key, token)
        elif any(self.suits(key, one) for one in self.meant()):
            for one in self.meant():
                if self.suits(key, one):
                    self.give(one, key, token.name, token.word)
        else:
            self.clause.traits[key] = token.name
            self.out.adrift.append(token.word)

    def one_of(self, many: Mention, key: Trait, token: Token) -> None:
        """Assign a trait to part of a group: "two girls, one happy and one sad"."""
        count, self.count = self.count or 1, None
        self.flush()
        self.out.match(token.word)
        if count >= many.count:
            self.give(many, key, token.name, token.word)
            return
        many.count -= count
        traits = many.traits | {key: token.name}
        other = replace(many, count=count, traits=traits, wears=list(many.wears))
        self.mentions.insert(self.mentions.index(many), other)

    @staticmethod
    def suits(key: Trait, mention: Mention) -> bool:
        """Return whether a figure can show a mood, an age or a skin."""
        return has_face(mention.name) if key == "mood" else is_person(mention.name)

    def give(self, mention: Mention, key: Trait, value: str, word: str) -> None:
        """Assign a trait to a figure that can show it."""
        mention.traits[key] = value
        if key == "age" and value == "old" and mention.name in ELDERS:
            mention.name = ELDERS[mention.name]
        self.out.match(word)

    def person_colour(self, token: Token) -> None:
        """Read "a black man" as a skin colour, and "a black suit" as clothes."""
        if self.colour in _SKIN_COLOURS and is_person(token.name) and not token.han:
            before = self.before
            if before is not None and before.kind == "colour":
                self.traits["skin"] = _SKIN_COLOURS[self.colour]
                self.colour = None

    def fit_traits(self, token: Token) -> None:
        """Remove a mood, an age or a skin that the figure cannot show, and report it."""
        probe = Mention(token.name)
        for key in list(self.traits):
            if self.suits(key, probe):
                continue
            value = self.traits.pop(key)
            words = [w for w in self.pending if means(w, key, value)]
            for word in words:
                self.pending.remove(word)
                self.out.miss(word)
