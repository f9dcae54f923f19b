"""Add to a scene: new figures in free places, and what figures wear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .items import (
    BANDS,
    MOST_HELD,
    WATERS,
    Figure,
    accessory,
    figure,
    hold_inwards,
    shape,
    variants,
    weight,
)
from .lexicon import lexicon
from .seats import Stage
from .selection import Selection

if TYPE_CHECKING:
    from .reading import Mention
    from .words import Token

MOST_PLACED = 80
_STEPS = {"left": (-0.2, 0.0), "right": (0.2, 0.0), "up": (0.0, -0.14), "down": (0.0, 0.1)}


class Addition(Selection):
    """Adds figures, and applies requested traits to figures."""

    def add(
        self,
        mentions: list[Mention],
        verbs: set[str],
        pronoun: bool,
        colours: list[str],
        words: list[Token],
    ) -> None:
        """Add figures to the scene, or put things on the figures that wear them."""
        if pronoun and colours and not mentions:
            for item in self.targets([], words):
                item["colour"] = colours[-1]
            return
        more = "more" in verbs
        # "add two cats" adds to those that are there; "the cat" is one of them.
        adding = more or "add" in verbs
        present = {f["name"] for f in self.figures}
        wearers = [
            m
            for m in mentions
            if present & set(variants(m.name)) and not more and not (m.exact and adding)
        ]
        to_them = pronoun and not any(t.kind == "relation" for t in words)
        for mention in mentions:
            if mention in wearers:
                self.refine(mention)
                continue
            hosts = [] if more else self.hosts(mention, wearers, words, to_them)
            for host in hosts:
                self.wear(host, mention)
            if not hosts:
                self.place(mention, 2 if more and not mention.exact else mention.count)

    def hosts(
        self, mention: Mention, wearers: list[Mention], words: list[Token], to_them: bool
    ) -> list[Figure]:
        """Return the figures that a thing is put on; none if it gets a place of its own."""
        wear = lexicon().figures[mention.name].wear
        if not wear or (mention.count > 1 and wear != "hand"):
            return []
        anchors = {anchor.name for _, anchor in mention.ties}
        named = [f for f in self.figures if f["name"] in anchors or f in self.like(wearers)]
        hosts = named or self.targets([], words)
        if wear != "hand":
            return hosts
        return hosts[:1] if named or to_them else []

    def refine(self, mention: Mention) -> None:
        """Apply requested traits to an existing figure."""
        hit = self.like([mention])
        for item in hit:
            self.feature(item, mention.traits)
            if mention.colour:
                item["colour"] = mention.colour
            for w in mention.wears:
                self.wear(item, w)
            if mention.size:
                factor = 1.35 if mention.size == "big" else 0.72
                item["size"] = round(min(1.2, item["size"] * factor), 4)
        if mention.side:
            self.shift(hit, mention.side)

    def wear(self, host: Figure, mention: Mention) -> None:
        """Put a thing on a figure, replacing what it wore there."""
        spot = lexicon().figures[mention.name].wear
        host["wears"] = [w for w in host["wears"] if lexicon().figures[w["name"]].wear != spot]
        many = min(mention.count, MOST_HELD) if spot == "hand" else 1
        host["wears"].extend(accessory(mention, self.rng) for _ in range(many))
        if spot == "hand" and not 0.25 < host["x"] < 0.75:
            hold_inwards(host)

    def place(self, mention: Mention, count: int) -> None:
        """Add figures in free places, as large as similar ones."""
        place = self.scene["place"] if self.scene["place"] != "abstract" else "plain"
        wide, high = (self.aspect, 1.0) if self.aspect >= 1 else (1.0, 1 / self.aspect)
        stage = Stage(place, wide, high, self.rng)
        units = []
        for f in self.figures:
            half = f["size"] * shape(f) / 2
            x, y = f["x"] * wide, f["y"] * high
            stage.boxes.append((x - half, y - f["size"], x + half, y))
            units.append(f["size"] / weight(f["name"]))
        unit = sorted(units)[len(units) // 2] if units else 0.4
        like = [f["size"] for f in self.figures if f["name"] == mention.name]
        count = max(0, min(count, MOST_PLACED - len(self.figures)))
        for number in range(count):
            item = figure(mention, place, self.rng, number)
            size = like[0] if like else min(0.6, unit * weight(mention.name, mention.size))
            spot = mention.ties[0] if mention.ties else None
            base = next(iter(self.like([spot[1]])), None) if spot else None
            if spot and base is not None and spot[0] in {"on", "under", "behind", "front"}:
                stage.attach(mention, [item], spot[0], [base])
            elif item["zone"] in {"sky", "float"}:
                self.try_places(stage, item, min(size, 0.34), (0.1, 0.52))
            else:
                band = (WATERS if item["zone"] == "water" else BANDS)[place]
                self.try_places(stage, item, size, band)
            if mention.side:
                item["x"] = {"left": 0.22, "middle": 0.5, "right": 0.78}.get(
                    mention.side, item["x"]
                )
            self.figures.append(item)

    def try_places(
        self, stage: Stage, item: Figure, size: float, band: tuple[float, float]
    ) -> None:
        """Place a figure at the freest of several places within a band of the height."""
        best: tuple[float, float, float, float] | None = None
        for n in range(48):
            tall = size * (1 if n < 16 else 0.75 if n < 32 else 0.55)
            half = min(tall * shape(item) / 2, stage.wide / 2)
            x = half + (stage.wide - 2 * half) * self.rng.uniform(0.02, 0.98)
            y = stage.high * self.rng.uniform(*band)
            if item["zone"] in {"sky", "float"}:
                y = max(y, tall + 0.04)
            if item["zone"] in {"ground", "water"} and band[1] > band[0]:
                # Figures farther back are smaller.
                tall *= 0.72 + 0.28 * (y / stage.high - band[0]) / (band[1] - band[0])
                half = min(tall * shape(item) / 2, stage.wide / 2)
            cost = stage.overlap(x - half, y - tall, x + half, y) / max(0.01, tall * tall)
            if best is None or cost < best[0] - 0.001:
                best = (cost, x, y, tall)
        if best is not None:
            stage.put(item, best[1], best[2], best[3])

    def shift(self, items: list[Figure], side: str) -> None:
        """Move figures a step to a side."""
        step = _STEPS.get(side, (0.0, 0.0))
        for item in items:
            item["x"] = round(max(0.08, min(0.92, item["x"] + step[0])), 4)
            item["y"] = round(max(0.2, min(0.97, item["y"] + step[1])), 4)
