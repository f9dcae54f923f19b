"""Change a scene as an instruction says; everything else stays in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .addition import MOST_PLACED, Addition
from .compose import place_for
from .items import BANDS, WATERS, Figure, accessory, in_depth, variants, weight, zone_of
from .lexicon import lexicon
from .reading import Mention, Reading

if TYPE_CHECKING:
    from .words import Token


class Change(Addition):
    """Applies one instruction to a copy of a scene."""

    def apply(self, reading: Reading) -> dict[str, Any]:
        """Apply a reading, clause by clause, and return the changed scene."""
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
            # Another take of the same instruction changes the light.
            self.scene["light"] = f"take {self.take}"
        self.scene["figures"] = in_depth(self.figures)
        # The sky has one moon: keep the one added.
        added = {item["name"] for item in self.figures} & {"sun", "moon"}
        self.scene["named"] = sorted({*self.scene["named"], *added})
        return self.scene

    def surroundings(self, reading: Reading) -> None:
        """Set the place, the hour, the weather and the style."""
        if reading.places:
            self.scene.pop("ground", None)
            if reading.ground:
                self.scene["ground"] = reading.ground
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
        """Move the figures to another place's ground, keeping their order and side."""
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
        """Apply one clause."""
        colours = [t.name for t in words if t.kind == "colour"]
        pronoun = any(t.kind == "grammar" and t.name == "pronoun" for t in words)
        asks = set(verbs)
        if "remove" in asks:
            self.remove(mentions)
            return
        if asks & {"turn", "instead"} and self.turn(words, mentions, colours):
            return
        for verb, factor in (("bigger", 1.35), ("smaller", 0.72)):
            if verb in asks:
                for item in self.targets(mentions, words):
                    item["size"] = round(min(1.2, item["size"] * factor), 4)
                return
        if "flip" in asks:
            for item in self.targets(mentions, words):
                item["flip"] = not item["flip"]
            return
        sides = [
            t.name
            for t in words
            if t.name in {"left", "right", "up", "down"} and t.kind == "relation"
        ]
        if sides and (asks & {"move", "turn"} or not mentions):
            self.shift(self.targets(mentions, words), sides[-1])
            return
        if "move" in asks and not any(m.exact for m in mentions):
            return
        self.add(mentions, asks, pronoun, colours, words)

    def remove(self, mentions: list[Mention]) -> None:
        """Remove figures, or what they wear."""
        for mention in [m for m in mentions if m.absent] or mentions:
            names = variants(mention.name)
            left = mention.count if mention.exact else MOST_PLACED
            for item in self.figures:
                rest = []
                for thing in item["wears"]:
                    if left and thing["name"] in names:
                        left -= 1
                    else:
                        rest.append(thing)
                item["wears"] = rest
            others = []
            for item in reversed(self.figures):
                same = item["name"] in names
                if same and mention.colour:
                    same = mention.colour in {item["colour"], item["tint"]}
                if same and left:
                    left -= 1
                else:
                    others.append(item)
            self.scene["figures"] = others[::-1]

    def turn(self, words: list[Token], mentions: list[Mention], colours: list[str]) -> bool:
        """Replace a colour, a figure, or a figure's colour; return whether anything was."""
        instead = any(t.kind == "verb" and t.name == "instead" for t in words)
        if len(colours) >= 2 and len(mentions) <= 1:
            first, second = colours[:2]
            self.recolour(*((second, first) if instead else (first, second)), mentions)
            return True
        if len(mentions) >= 2:
            one, other = mentions[:2]
            return self.swap(*((other, one) if instead else (one, other)))
        if colours:
            return self.paint(colours[-1], mentions, words)
        return bool(mentions) and not instead and self.replace_main(mentions[0])

    def recolour(self, old: str, new: str, mentions: list[Mention]) -> None:
        """Give another colour to all that has a colour, or to those of the things named."""
        scope = {name for m in mentions for name in variants(m.name)}
        for item in self.everything():
            if old in self.visible_colours(item) and (not scope or item["name"] in scope):
                item["colour"] = new

    def swap(self, old: Mention, new: Mention) -> bool:
        """Replace all figures of a kind by another."""
        hit = [item for item in self.everything() if item["name"] in variants(old.name)]
        for item in hit:
            self.become(item, new)
        return bool(hit)

    def paint(self, colour: str, mentions: list[Mention], words: list[Token]) -> bool:
        """Colour the things named; if none is, the main figure and those like it."""
        names = {name for m in mentions for name in variants(m.name)}
        hit = [item for item in self.everything() if item["name"] in names]
        if not names:
            chief = self.targets([], words)
            hit = [f for f in self.figures if chief and f["name"] == chief[0]["name"]] or chief
            some = [int(t.name) for t in words if t.kind == "number"]
            hit = hit[: some[-1]] if some else hit
        for item in hit:
            item["colour"] = colour
        return bool(hit)

    def replace_main(self, mention: Mention) -> bool:
        """Replace the main figure by a thing that the picture does not have yet."""
        main = self.main()
        if main is None or {i["name"] for i in self.everything()} & set(variants(mention.name)):
            return False
        self.become(main, mention)
        return True

    def become(self, item: Figure, mention: Mention) -> None:
        """Replace a figure by another."""
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
