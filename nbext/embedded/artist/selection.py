"""Find the figures of a scene that an instruction refers to."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from .colour import channels
from .compounds import carries_text
from .figures import drawing
from .items import Figure, variants
from .lexicon import lexicon
from .nouns import has_face, is_person
from .rng import Rng

if TYPE_CHECKING:
    from .reading import Mention, Trait
    from .words import Token

_PLURAL_PRONOUNS = frozenset(["它们", "他们", "她们", "them", "their", "they", "everything"])


class Selection:
    """A copy of a scene in which figures can be selected."""

    def __init__(self, scene: dict[str, Any], take: int, seed: int, aspect: float) -> None:
        self.before = scene
        self.scene = copy.deepcopy(scene)
        self.rng = Rng("change", seed, take, len(scene["figures"]))
        self.take = take
        self.aspect = aspect
        self.changed = False

    @property
    def figures(self) -> list[Figure]:
        """The scene's figures."""
        items: list[Figure] = self.scene["figures"]
        return items

    def targets(self, mentions: list[Mention], words: list[Token]) -> list[Figure]:
        """Return the figures that a clause refers to: those named, else the main one or all."""
        matches = self.like(mentions)
        if matches:
            return matches
        if any(
            t.word.lower() in _PLURAL_PRONOUNS or t.word in {"所有", "全部", "all"} for t in words
        ):
            return self.figures
        main = self.main()
        return [main] if main is not None else []

    def like(self, mentions: list[Mention]) -> list[Figure]:
        """Return the figures that match mentions: a child matches a boy or a girl."""
        names = {name for m in mentions for name in variants(m.name)}
        return [f for f in self.figures if f["name"] in names]

    @staticmethod
    def feature(item: Figure, traits: dict[Trait, str]) -> None:
        """Set a mood, an age, a skin, a text or a time, if the figure can have it."""
        for key, value in traits.items():
            if key == "text":
                fits = carries_text(item["name"])
            elif key == "detail":
                fits = item["name"] == ("clock" if ":" in value else "flag")
            else:
                fits = has_face(item["name"]) if key == "mood" else is_person(item["name"])
            if fits:
                item[key] = value

    def main(self) -> Figure | None:
        """Return the main figure: the largest that has a face, else the largest."""
        if not self.figures:
            return None

        def rank(item: Figure) -> tuple[bool, float]:
            return "eyes" in drawing(item["name"], item["pose"]).anchors, item["size"]

        return max(self.figures, key=rank)

    def everything(self) -> list[dict[str, Any]]:
        """Return all figures and everything they wear."""
        return [*self.figures, *(w for item in self.figures for w in item["wears"])]

    @staticmethod
    def visible_colours(item: dict[str, Any]) -> set[str]:
        """Return the names of the visible colour of an item."""
        if item["colour"] or item["tint"]:
            return {item["colour"] or item["tint"]}
        return {nearest(drawing(item["name"]).tones[0])}


def nearest(colour: str) -> str:
    """Return the name of the colour nearest to "#rrggbb"."""
    mine = channels(colour)

    def far(name: str) -> int:
        other = channels(lexicon().colours[name])
        return sum((a - b) ** 2 for a, b in zip(mine, other, strict=True))

    return min(lexicon().colours, key=far)
