"""Find what a picture does not show although the prompt says it in known words.

A word is drawn only if a figure, an attribute or a position of the scene comes from it. Every other
content word is reported as unknown, whatever the reader made of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .items import BANDS, BESIDE, ROOFED, shape
from .lexicon import lexicon
from .nouns import means
from .selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .items import Figure
    from .reading import Mention, Reading, Spot
    from .words import Token

# Words that mean something to be seen. Verbs of editing and grammar are not among them.
CONTENT = frozenset(
    {"figure", "number", "colour", "size", "skin", "age", "mood", "frame", "garment", "place"}
    | {
        "recipient",
        "posture",
        "time",
        "weather",
        "style",
        "act",
        "part",
        "label",
        "unknown",
        "text",
        "speech",
        "clock",
    }
)
# Where the sky is to be seen.
OUTDOORS = frozenset(BANDS) - {"room", "classroom", "lab", "table", "plain", "underwater", "space"}
# How far a foot may be from where it belongs, as a share of the picture's shorter side.
_NEAR = 0.06


class Placed:
    """The arranged figures, to look up who stands where.

    Args:
        groups: The figures of each thing.
        wide: The picture's width; the shorter side is 1.
        high: Its height.
    """

    def __init__(
        self, groups: list[tuple[Mention, list[Figure]]], wide: float, high: float
    ) -> None:
        self._groups = groups
        self._wide = wide
        self._high = high

    def shows(self, spot: Spot) -> bool:
        """Return whether the figures stand as a position says."""
        if spot.kind == "between":
            return self._between()
        if spot.kind in {"left", "right", "up", "down"}:
            return any(self._leans(m, items, spot.kind) for m, items in self._groups)
        if spot.kind in {"bigger", "smaller"}:
            return self._compares(spot)
        if spot.kind in {"on", "in"} and spot.anchor is not None and "text" in spot.anchor.traits:
            # What is on a blackboard is the writing.
            return True
        pairs = [
            (items, base)
            for m, items in self._groups
            for tie, anchor in m.ties
            if tie == spot.kind and spot.anchor is not None and anchor.name == spot.anchor.name
            if (base := self._items(anchor))
        ]
        return bool(pairs) and all(
            any(self._holds(spot.kind, item, base) for base in bases)
            for items, bases in pairs
            for item in items
        )

    def unseen(self) -> list[Mention]:
        """Return things that are outside of the picture, or behind something larger."""
        return [m for m, items in self._groups if not any(map(self._seen, items))]

    def holds_pose(self, name: str, who: Mention | None) -> bool:
        """Return whether figures sit on something, or are drawn in a posture anyway."""
        drawn = lexicon().postures[name]
        items = [i for m, some in self._groups if who is None or m is who for i in some]
        return bool(items) and all(
            (name == "sit" and item.get("seated") is True) or (item["name"] in drawn)
            for item in items
        )

    def _seen(self, item: Figure) -> bool:
        x, y, half, top = self._box(item)
        inside = 0 < x < self._wide and top < self._high and y > 0 and y - top > 0.02
        if not inside or item["zone"] in {"window", "sky"} or item.get("seated"):
            return inside
        for _, others in self._groups:
            for other in others:
                at, foot, width, head = self._box(other)
                covers = (
                    head <= top and foot >= y and at - width <= x - half and x + half <= at + width
                )
                if covers and _depth(other) > _depth(item) and other is not item:
                    return False
        return True

    def _items(self, mention: Mention) -> list[Figure]:
        return next((items for m, items in self._groups if m is mention), [])

    def _leans(self, mention: Mention, items: list[Figure], side: str) -> bool:
        if mention.side != side:
            return False
        x = float(items[0]["x"])
        return x < 0.5 if side == "left" else x > 0.5 if side == "right" else True

    def _between(self) -> bool:
        middle = [float(i["x"]) for m, items in self._groups if m.side == "middle" for i in items]
        others = [
            float(i["x"])
            for m, items in self._groups
            if m.side in {"apart", "left", "right"}
            for i in items
        ]
        return bool(middle and others) and min(others) < min(middle) <= max(middle) < max(others)

    def compare(self, spot: Spot) -> None:
        """Give two things the sizes that a comparison states, the other's if need be."""
        pairs = zip(self._of(spot.subject), self._of(spot.anchor), strict=False)
        for one, other in () if self._compares(spot) else pairs:
            one["size"], other["size"] = other["size"], one["size"]

    def _compares(self, spot: Spot) -> bool:
        some, others = self._of(spot.subject), self._of(spot.anchor)
        by = 1 if spot.kind == "bigger" else -1
        pairs = [(float(a["size"]), float(b["size"])) for a in some for b in others]
        return bool(pairs) and all(by * (a - b) > 0 for a, b in pairs)

    def _of(self, mention: Mention | None) -> list[Figure]:
        return self._items(mention) if mention is not None else []

    def _holds(self, tie: str, item: Figure, base: Figure) -> bool:
        """Return whether a figure is on, in, under, beside, behind or before another one."""
        x, y, half, top = self._box(item)
        at, foot, width, head = self._box(base)
        apart = abs(x - at)
        overlaps = apart <= half + width + _NEAR
        if tie == "on":
            return apart <= width + _NEAR and head - _NEAR <= y <= foot + _NEAR
        if tie == "in":
            fits = half <= 1.3 * width and y - top <= 1.8 * (foot - head)
            return fits and apart <= width and head - _NEAR <= y <= foot + _NEAR + (y - top) / 2
        if tie == "under":
            low = base["zone"] == "sky" or top >= head + 0.1 * (foot - head)
            return overlaps and y >= foot - _NEAR and low
        if tie == "above":
            return y <= head + _NEAR and (overlaps or item["zone"] == "sky")
        if tie == "beside":
            return item["zone"] == base["zone"] or item["zone"] in {"water", "ground"}
        order = _depth(item) - _depth(base)
        return overlaps and (order <= 0 if tie == "behind" else order >= 0)

    def _box(self, item: Figure) -> tuple[float, float, float, float]:
        """Return the middle, foot, half width and top of a figure."""
        size = float(item["size"])
        x, y = float(item["x"]) * self._wide, float(item["y"]) * self._high
        return x, y, size * shape(item) / 2, y - size


def _depth(item: Figure) -> float:
    behind = item["zone"] in {"window", "sky"}
    return -1.0 if behind else float(item.get("depth") or item["y"])


def audit(reading: Reading, scene: dict[str, Any]) -> None:
    """Report the words that the scene does not show; they are no matches."""
    for word in reading.adrift:
        # The colours of a pattern are those that are named.
        if any(means(word, "colour", name) for name in scene["unknown"]) and not scene["figures"]:
            reading.match(word)
        else:
            reading.retract(word)
    for word, name, who in reading.poses:
        if reading.placed is not None and reading.placed.holds_pose(name, who):
            reading.match(word)
        else:
            reading.miss(word)
    weather = () if scene["place"] in ROOFED else scene["weather"]
    around = {scene["place"], scene["time"], scene["style"], *weather}
    around |= {"sky"} if scene["place"] in OUTDOORS else set()
    around |= BESIDE.get(scene["place"], frozenset())
    for token in reading.content:
        if token.kind in {"place", "time", "style", "weather"} and token.name not in around | {
            scene["place"]
        }:
            if token.word in reading.matches and not _elsewhere(token, reading.content, around):
                reading.retract(token.word)
        elif not (_has_outcome(token.word, reading) or _is_left_out(token, reading, scene)):
            reading.miss(token.word)
    stated = {spot.word for spot in reading.spots}
    for word in reading.acted:
        if not _has_outcome(word, reading) and word not in stated:
            reading.miss(word)
    for mention in reading.placed.unseen() if reading.placed is not None else ():
        reading.retract(mention.word)
    for spot in reading.spots:
        if not (spot.shown or (reading.placed is not None and reading.placed.shows(spot))):
            reading.miss(spot.word)


def _is_left_out(token: Token, reading: Reading, scene: dict[str, Any]) -> bool:
    """Return whether a denied colour is on no figure: "a dog that is not brown"."""
    if token.kind != "colour" or token.name not in reading.gone or not scene["figures"]:
        return False
    return all(token.name not in Selection.visible_colours(item) for item in scene["figures"])


def _elsewhere(token: Token, content: Iterable[Token], around: set[Any]) -> bool:
    """Return whether the same word stands for something that is shown."""
    return any(t.word == token.word and t.name in around for t in content if t is not token)


def _has_outcome(word: str, reading: Reading) -> bool:
    """Return whether a word is reported already, as drawn, unknown or denied."""
    outcomes = (
        *reading.matches,
        *reading.unknown,
        *reading.absent,
        *reading.adrift,
        *reading.dropped,
    )
    return any(word == other or (word in other and len(other) > len(word)) for other in outcomes)
