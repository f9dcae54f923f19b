"""Changing a scene as an instruction asks; what it does not speak of stays where it was."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from .compose import place_for
from .compounds import carries_text
from .figures import drawing
from .items import (
    BANDS,
    MOST_HELD,
    WATERS,
    Figure,
    accessory,
    figure,
    hold_inwards,
    in_depth,
    shape,
    variants,
    weight,
    zone_of,
)
from .lexicon import lexicon
from .reader import has_face, is_person
from .reading import Mention, Reading
from .rng import Rng
from .stage import Stage

if TYPE_CHECKING:
    from .reading import Trait
    from .words import Token

MOST_PLACED = 80
_PLURAL_PRONOUNS = frozenset(["它们", "他们", "她们", "them", "their", "they", "everything"])


class Change:
    """One instruction at work on a copy of a scene."""

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
        listed: list[Figure] = self.scene["figures"]
        return listed

    def apply(self, reading: Reading) -> dict[str, Any]:
        """Do all that a reading asks, clause by clause, and return the changed scene."""
        self.surroundings(reading)
        for number, clause in enumerate(reading.clauses):
            mentions = [m for m in reading.mentions if m.clause == number]
            self.clause(clause.verbs, clause.words, mentions)
            if clause.traits and not mentions:
                for item in self.targets([], clause.words):
                    self.feature(item, clause.traits)
        self.changed = self.scene != self.before
        if not self.changed:
            return self.scene
        if self.take:
            # Another take of the same instruction is seen in another light.
            self.scene["light"] = f"take {self.take}"
        self.scene["figures"] = in_depth(self.figures)
        # The sky has one moon: the one that was added.
        added = {item["name"] for item in self.figures} & {"sun", "moon"}
        self.scene["named"] = sorted({*self.scene["named"], *added})
        return self.scene

    def surroundings(self, reading: Reading) -> None:
        """Set the place, the hour, the weather and the style."""
        if reading.places:
            places = [p for p in reading.places if p != "sky"] or reading.places
            if not (places == ["sky"] and self.scene["place"] == "sky"):
                before, self.scene["place"] = (
                    self.scene["place"],
                    place_for(Reading(places=places), self.rng),
                )
                afoot = any(lexicon().figures[f["name"]].zone == "ground" for f in self.figures)
                if self.scene["place"] == "sea" and afoot:
                    self.scene["place"] = "beach"
                self.rezone(before)
        if reading.times:
            self.scene["time"] = reading.times[-1]
        current: list[str] = self.scene["weather"]
        current[:] = [w for w in current if w not in reading.gone]
        for name in reading.weathers:
            if name == "sun":
                current.clear()
            elif name not in current:
                current.append(name)
        if self.scene["style"] in reading.gone:
            self.scene["style"] = None
        if reading.styles:
            self.scene["style"] = reading.styles[-1]
            if self.scene["style"] == "neon" and not reading.times:
                self.scene["time"] = "night"

    def rezone(self, before: str) -> None:
        """Set the figures down on another place's ground; they keep their order and side."""
        place = self.scene["place"]
        if place in (before, "abstract"):
            return
        old = BANDS.get(before, (0.7, 0.9))
        for item in self.figures:
            was = item["zone"]
            item["zone"] = zone_of(item["name"], place, aloft=item.get("aloft") is True)
            if item.get("seated"):
                continue
            if item["zone"] in {"ground", "water"} and was in {"ground", "water", "float", "sky"}:
                top, bottom = (WATERS if item["zone"] == "water" else BANDS)[place]
                share = (item["y"] - old[0]) / max(0.01, old[1] - old[0])
                share = max(0.0, min(1.0, share))
                item["y"] = round(top + (bottom - top) * share, 4)

    def clause(self, verbs: list[str], words: list[Token], mentions: list[Mention]) -> None:
        """Do one clause."""
        colours = [t.name for t in words if t.kind == "colour"]
        pronoun = any(t.kind == "grammar" and t.name == "pronoun" for t in words)
        said = set(verbs)
        if "remove" in said:
            self.remove(mentions)
            return
        if said & {"turn", "instead"} and self.turn(words, mentions, colours):
            return
        for verb, factor in (("bigger", 1.35), ("smaller", 0.72)):
            if verb in said:
                for item in self.targets(mentions, words):
                    item["size"] = round(min(1.2, item["size"] * factor), 4)
                return
        if "flip" in said:
            for item in self.targets(mentions, words):
                item["flip"] = not item["flip"]
            return
        sides = [
            t.name
            for t in words
            if t.name in {"left", "right", "up", "down"} and t.kind == "relation"
        ]
        if sides and (said & {"move", "turn"} or not mentions):
            self.shift(self.targets(mentions, words), sides[-1])
            return
        if "move" in said and not any(m.counted for m in mentions):
            return
        self.add(mentions, said, pronoun, colours, words)

    def targets(self, mentions: list[Mention], words: list[Token]) -> list[Figure]:
        """Return the figures that a clause speaks of: those named, else the main one or all."""
        named = self.like(mentions)
        if named:
            return named
        if any(
            t.word.lower() in _PLURAL_PRONOUNS or t.word in {"所有", "全部", "all"} for t in words
        ):
            return self.figures
        main = self.main()
        return [main] if main is not None else []

    def like(self, mentions: list[Mention]) -> list[Figure]:
        """Return the figures that are what the mentions name: a child is a boy or a girl."""
        names = {name for m in mentions for name in variants(m.name)}
        return [f for f in self.figures if f["name"] in names]

    @staticmethod
    def feature(item: Figure, traits: dict[Trait, str]) -> None:
        """Give a figure a mood, an age, a skin, a text or a time, where it can have it."""
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

    def remove(self, mentions: list[Mention]) -> None:
        """Take figures, or what they wear, away: what is denied, not what it is taken from."""
        for mention in [m for m in mentions if m.absent] or mentions:
            names = variants(mention.name)
            left = mention.count if mention.counted else MOST_PLACED
            for item in self.figures:
                kept = []
                for thing in item["wears"]:
                    if left and thing["name"] in names:
                        left -= 1
                    else:
                        kept.append(thing)
                item["wears"] = kept
            kept_figures = []
            for item in reversed(self.figures):
                same = item["name"] in names
                if same and mention.colour:
                    same = mention.colour in {item["colour"], item["tint"]}
                if same and left:
                    left -= 1
                else:
                    kept_figures.append(item)
            self.scene["figures"] = kept_figures[::-1]

    def turn(self, words: list[Token], mentions: list[Mention], colours: list[str]) -> bool:
        """Replace one thing by another: a colour, a figure, or a figure's colour."""
        instead = any(t.kind == "verb" and t.name == "instead" for t in words)
        fixed = [t for t in words if t.kind in {"colour", "figure"}]
        if not fixed:
            return False
        if len(colours) >= 2 and len(mentions) <= 1:
            old, new = (colours[1], colours[0]) if instead else (colours[0], colours[1])
            scope = {name for m in mentions for name in variants(m.name)}
            for item in self.everything():
                if old in self.seen(item) and (not scope or item["name"] in scope):
                    item["colour"] = new
            return True
        if len(mentions) >= 2:
            old_one, new_one = (mentions[1], mentions[0]) if instead else (mentions[0], mentions[1])
            hit = [i for i in self.everything() if i["name"] in variants(old_one.name)]
            if hit:
                for item in hit:
                    self.become(item, new_one)
                return True
            return False
        if colours:
            names = {name for m in mentions for name in variants(m.name)}
            hit = [i for i in self.everything() if i["name"] in names]
            if not hit and not names:
                # Of several alike nothing says which: all of them.
                chief = self.targets([], words)
                hit = [f for f in self.figures if chief and f["name"] == chief[0]["name"]] or chief
                some = [int(t.name) for t in words if t.kind == "number"]
                hit = hit[: some[-1]] if some else hit
            for item in hit:
                item["colour"] = colours[-1]
            return bool(hit)
        known = {i["name"] for i in self.everything()}
        main = self.main()
        present = set(variants(mentions[0].name)) & known if mentions else set()
        if mentions and not present and main is not None and not instead:
            self.become(main, mentions[0])
            return True
        return False

    def become(self, item: Figure, mention: Mention) -> None:
        """Put another figure where one is."""
        ratio = weight(mention.name) / weight(item["name"])
        name = self.rng.choice(variants(mention.name))
        kind = lexicon().figures[name]
        item["name"], item["colour"] = name, mention.colour
        for key in ("text", "detail", "mood", "skin", "age"):
            item.pop(key, None)
        self.feature(item, mention.traits)
        item["tint"] = self.rng.choice(kind.tints) if kind.tints else None
        if "size" in item:
            item["size"] = round(item["size"] * max(0.5, min(1.6, ratio)), 4)
            item["pose"] = 0
            item["zone"] = zone_of(name, self.scene["place"])
            item["wears"] += [accessory(w, self.rng) for w in mention.wears]

    def everything(self) -> list[dict[str, Any]]:
        """Return all figures and all that they wear."""
        return [*self.figures, *(w for item in self.figures for w in item["wears"])]

    @staticmethod
    def seen(item: dict[str, Any]) -> set[str]:
        """Return the names of the colour an item is seen in."""
        if item["colour"] or item["tint"]:
            return {item["colour"] or item["tint"]}
        return {nearest(drawing(item["name"]).tones[0])}

    def shift(self, items: list[Figure], side: str) -> None:
        """Move figures a step to a side."""
        step = {"left": (-0.2, 0), "right": (0.2, 0), "up": (0, -0.14), "down": (0, 0.1)}[side]
        for item in items:
            item["x"] = round(max(0.08, min(0.92, item["x"] + step[0])), 4)
            item["y"] = round(max(0.2, min(0.97, item["y"] + step[1])), 4)

    def add(
        self,
        mentions: list[Mention],
        said: set[str],
        pronoun: bool,
        colours: list[str],
        words: list[Token],
    ) -> None:
        """Put figures into the scene, or on the figures that wear them."""
        if pronoun and colours and not mentions:
            for item in self.targets([], words):
                item["colour"] = colours[-1]
            return
        present = {f["name"] for f in self.figures}
        adding = bool(said & {"add", "more"})
        wearers = [
            m
            for m in mentions
            if present & set(variants(m.name)) and not (m.counted and adding) and "more" not in said
        ]
        for mention in mentions:
            kind = lexicon().figures[mention.name]
            tied = {a.name for _, a in mention.ties}
            if mention in wearers:
                self.refine(mention)
                continue
            on = [f for f in self.figures if f["name"] in tied or f in self.like(wearers)]
            if kind.wear and (mention.count == 1 or kind.wear == "hand") and "more" not in said:
                hosts = on or self.targets([], words)
                if hosts and kind.wear != "hand":
                    for host in hosts:
                        self.wear(host, mention)
                    continue
                given = pronoun and not any(t.kind == "relation" for t in words)
                if hosts and (on or given):
                    self.wear(hosts[0], mention)
                    continue
            count = mention.count
            if "more" in said and not mention.counted:
                count = 2
            self.place(mention, count)

    def refine(self, mention: Mention) -> None:
        """Give a figure that is there what is asked of it."""
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
        """Put a thing on a figure, in place of what it wore there."""
        spot = lexicon().figures[mention.name].wear
        host["wears"] = [w for w in host["wears"] if lexicon().figures[w["name"]].wear != spot]
        many = min(mention.count, MOST_HELD) if spot == "hand" else 1
        host["wears"].extend(accessory(mention, self.rng) for _ in range(many))
        if spot == "hand" and not 0.25 < host["x"] < 0.75:
            hold_inwards(host)

    def place(self, mention: Mention, count: int) -> None:
        """Add figures where there is room, as large as their like."""
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
                item["x"] = {"left": 0.22, "right": 0.78}.get(mention.side, item["x"])
            self.figures.append(item)

    def try_places(
        self, stage: Stage, item: Figure, size: float, band: tuple[float, float]
    ) -> None:
        """Put a figure at the freest of some places within a band of the height."""
        best: tuple[float, float, float, float] | None = None
        for n in range(48):
            tall = size * (1 if n < 16 else 0.75 if n < 32 else 0.55)
            half = min(tall * shape(item) / 2, stage.wide / 2)
            x = half + (stage.wide - 2 * half) * self.rng.uniform(0.02, 0.98)
            y = stage.high * self.rng.uniform(*band)
            if item["zone"] in {"sky", "float"}:
                y = max(y, tall + 0.04)
            if item["zone"] in {"ground", "water"} and band[1] > band[0]:
                # Farther back is smaller.
                tall *= 0.72 + 0.28 * (y / stage.high - band[0]) / (band[1] - band[0])
                half = min(tall * shape(item) / 2, stage.wide / 2)
            cost = stage.overlap(x - half, y - tall, x + half, y) / max(0.01, tall * tall)
            if best is None or cost < best[0] - 0.001:
                best = (cost, x, y, tall)
        if best is not None:
            stage.put(item, best[1], best[2], best[3])


def nearest(colour: str) -> str:
    """Return the name of the colour nearest to "#rrggbb"."""
    from .colour import channels

    mine = channels(colour)

    def far(name: str) -> int:
        other = channels(lexicon().colours[name])
        return sum((a - b) ** 2 for a, b in zip(mine, other, strict=True))

    return min(lexicon().colours, key=far)
