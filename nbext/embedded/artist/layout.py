"""Where the figures stand: rows on the ground or the water, free places in the sky."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from .figures import drawing, poses
from .lexicon import lexicon

if TYPE_CHECKING:
    from .dice import Dice
    from .reading import Mention

# The band of the ground and of the water in each place, as shares of the height, and whether
# everything floats there.
BANDS: dict[str, tuple[float, float]] = {
    "meadow": (0.68, 0.9),
    "garden": (0.7, 0.9),
    "field": (0.68, 0.9),
    "savanna": (0.68, 0.9),
    "forest": (0.72, 0.9),
    "mountain": (0.74, 0.91),
    "greatwall": (0.8, 0.92),
    "waterfall": (0.8, 0.92),
    "desert": (0.68, 0.9),
    "snow": (0.7, 0.9),
    "beach": (0.76, 0.92),
    "sea": (0.66, 0.9),
    "lake": (0.86, 0.94),
    "city": (0.83, 0.92),
    "street": (0.76, 0.9),
    "room": (0.76, 0.92),
    "classroom": (0.76, 0.95),
    "lab": (0.74, 0.9),
    "table": (0.68, 0.88),
    "plain": (0.76, 0.84),
    "sky": (0.84, 0.92),
    "space": (0.86, 0.93),
    "underwater": (0.84, 0.94),
}
WATERS = {"sea": (0.62, 0.88), "lake": (0.62, 0.74), "beach": (0.56, 0.64)}
FLOATING = frozenset({"space", "underwater"})
# As tall as this, a figure is scenery and stands behind the others.
SCENERY = 1.9
MOST_HELD = 5
_LIGHTS = frozenset({"sun", "moon"})
_PLACED = frozenset({"on", "in", "under", "behind", "front"})

Figure = dict[str, Any]


def zone_of(name: str, place: str, *, aloft: bool = False) -> str:
    """Return where a figure is in a place: `ground`, `water`, `sky` or `float`."""
    zone = "sky" if aloft else lexicon().figures[name].zone
    if place == "underwater" and zone in {"water", "sky"}:
        return "float"
    if place == "space" and zone != "ground":
        return "float"
    if zone == "water":
        return "water" if place in WATERS else "ground"
    if zone == "sky":
        return "sky"
    return "ground"


def figure(mention: Mention, place: str, dice: Dice, number: int) -> Figure:
    """Make one figure of a mention, not yet placed."""
    kind = lexicon().figures[mention.name]
    made: Figure = {
        "name": mention.name,
        "zone": zone_of(mention.name, place, aloft=mention.aloft),
        "x": 0.5,
        "y": 0.85,
        "size": 0.5,
        "flip": bool(dice.roll(2)),
        "tilt": 0.0,
        "pose": dice.roll(poses(mention.name)),
        "colour": mention.colour,
        "tint": None,
        "wears": [],
    }
    if mention.aloft:
        made["aloft"] = True
    if mention.colour is None and kind.tints:
        made["tint"] = kind.tints[(dice.roll(97) + number) % len(kind.tints)]
    if made["zone"] in {"sky", "float"}:
        made["tilt"] = round(dice.between(-7, 7), 1)
    for item in mention.wears:
        # One hat to a head; a hand holds a bunch of balloons.
        held = lexicon().figures[item.name].wear in {"hand", ""}
        many = min(item.count, MOST_HELD) if held else 1
        made["wears"].extend(worn(item, dice) for _ in range(many))
        if held:
            # Seen from the front, its hand is beside it.
            made["pose"] = 0
    return made


def worn(mention: Mention, dice: Dice) -> Figure:
    """Make what a figure wears or holds."""
    kind = lexicon().figures[mention.name]
    tint = dice.pick(kind.tints) if mention.colour is None and kind.tints else None
    return {"name": mention.name, "colour": mention.colour, "tint": tint}


def weight(name: str, size: str | None = None) -> float:
    """Return a figure's height among others; the differences of nature are softened."""
    value = float(lexicon().figures[name].size ** 0.62)
    return value * {"big": 1.4, "small": 0.68}.get(size or "", 1.0)


def shape(item: Figure) -> float:
    """Return a figure's width as a share of its height."""
    drawn = drawing(item["name"], item["pose"])
    return drawn.width / drawn.height


def arrange(mentions: list[Mention], place: str, dice: Dice, aspect: float) -> list[Figure]:
    """Make and place all figures.

    Args:
        mentions: What is asked.
        place: The name of the place.
        dice: Chance.
        aspect: The picture's width as a share of its height.

    Returns:
        The figures, far ones first. x and y (their foot) are shares of the picture's width and
        height, size is their height as a share of the picture's shorter side.
    """
    groups: list[tuple[Mention, list[Figure]]] = [
        (m, [figure(m, place, dice, i) for i in range(m.count)]) for m in mentions
    ]
    of = {id(m): items for m, items in groups}
    # Tied figures are placed upon what they are tied to, after it.
    tied = {
        id(m)
        for m, items in groups
        if not (items[0]["zone"] == "sky" and place not in FLOATING)
        and any(_placed(m, tie, a) and id(a) in of for tie, a in m.ties)
    }
    wide, high = (aspect, 1.0) if aspect >= 1 else (1.0, 1 / aspect)
    stage = Stage(place, wide, high, dice)
    free = [(m, items) for m, items in groups if id(m) not in tied]
    for zone in ("ground", "water"):
        stage.rows([(m, item) for m, items in free for item in items if item["zone"] == zone], zone)
    aloft = [(m, i) for m, items in free for i in items if i["zone"] in {"sky", "float"}]
    stage.aloft(aloft)
    waiting = [(m, items) for m, items in groups if id(m) in tied]
    done = {id(m) for m, _ in free}
    while waiting:
        # What others are tied to comes first: the table, the vase on it, the flowers in it.
        ready = [g for g in waiting if _anchor(g[0], of)[1] in done] or waiting[:1]
        for m, items in ready:
            tie, which = _anchor(m, of)
            stage.attach(m, items, tie, of[which])
            done.add(id(m))
        waiting = [g for g in waiting if id(g[0]) not in done]
    stage.sit()
    placed = [item for _, items in groups for item in items]
    for m, items in groups:
        for item in items:
            lean(item, m.side)
            hold_inwards(item)
    return in_depth(placed)


def hold_inwards(item: Figure) -> None:
    """Turn a figure so that a balloon in its hand is on the picture."""
    if any(lexicon().figures[w["name"]].wear == "hand" for w in item["wears"]):
        drawn = drawing(item["name"], item["pose"])
        right = drawn.anchor("hand")[0] > drawn.width / 2
        item["flip"] = (item["x"] > 0.5) == right


def _anchor(mention: Mention, of: dict[int, list[Figure]]) -> tuple[str, int]:
    """Return how a mention is tied, and to which."""
    return next((tie, id(a)) for tie, a in mention.ties if _placed(mention, tie, a) and id(a) in of)


def _placed(mention: Mention, tie: str, anchor: Mention) -> bool:
    """Tell whether a tie decides the place: before scenery everything stands anyway."""
    figures = lexicon().figures
    tall = figures[anchor.name].size >= SCENERY
    if tall and tie == "under":
        return figures[mention.name].size < SCENERY
    return tie in _PLACED and not (tall and tie == "front")


def lean(item: Figure, side: str | None) -> None:
    """Move a figure to the side it was asked at."""
    if side in {"left", "right"}:
        item["x"] = 0.24 if side == "left" else 0.76
    elif side in {"up", "down"}:
        item["y"] = max(0.3, min(0.95, item["y"] + (-0.15 if side == "up" else 0.08)))


def in_depth(items: list[Figure]) -> list[Figure]:
    """Return the figures, far ones first; what sits on another comes right behind it."""
    order = {"sky": 0, "float": 1, "water": 1, "ground": 1}
    return sorted(
        items, key=lambda i: (order[i["zone"]], round(float(i.get("depth") or i["y"]), 4))
    )


def _rows(things: list[tuple[Mention, Figure]], lines: int) -> list[list[tuple[Mention, Figure]]]:
    """Cut into rows as even as may be, the longer ones in front: five are three before two."""
    cuts = [math.ceil(len(things) * n / lines) for n in range(lines + 1)]
    return [things[a:b] for a, b in itertools.pairwise(cuts)]


class Stage:
    """The places that are taken, in units of the picture's shorter side."""

    def __init__(self, place: str, wide: float, high: float, dice: Dice) -> None:
        self.place, self.wide, self.high, self.dice = place, wide, high, dice
        self.boxes: list[tuple[float, float, float, float]] = []
        self.seats: dict[int, list[Figure]] = {}
        self.inside: set[int] = set()
        # How tall a figure of weight 1 is in front.
        self.near = 0.0

    def put(self, item: Figure, x: float, y: float, size: float) -> None:
        """Place a figure's foot at x, y."""
        item["x"], item["y"] = round(x / self.wide, 4), round(y / self.high, 4)
        item["size"] = round(size, 4)
        half = size * shape(item) / 2
        self.boxes.append((x - half, y - size, x + half, y))

    def rows(self, things: list[tuple[Mention, Figure]], zone: str) -> None:
        """Place figures in rows, the tall ones and the many behind."""
        if not things:
            return
        top, bottom = (WATERS if zone == "water" else BANDS)[self.place]
        top, bottom = top * self.high, bottom * self.high
        scenery = [t for t in things if lexicon().figures[t[1]["name"]].size >= SCENERY]
        front = [t for t in things if t not in scenery]
        if not front or (scenery and scenery[0] is things[0] and len(things) <= 2):
            front, scenery = things, []
        count = len(front)
        # The low ones in front of the tall ones.
        front = sorted(front, key=lambda t: weight(t[1]["name"], t[0].size))
        # In as many rows as let the figures be largest.
        unit, lines = max(
            (self._unit(_rows(front, n), bottom - top) * (1.06 - 0.06 * n), -n)
            for n in range(1, min(6, count) + 1)
        )
        rows = _rows(front, -lines)
        unit = self._unit(rows, bottom - top)
        weights = [weight(i["name"], m.size) for m, i in front]
        if zone == "water" and self.place != "sea":
            unit = min(unit, 0.36 / max(weights))
        if zone == "water" and self.near:
            # Farther off than what stands on the bank.
            unit = min(unit, 0.85 * self.near)
        self.near = self.near or unit
        if scenery:
            self._row(scenery, top + 0.02, 0.62 / max(1.0, len(scenery) ** 0.4), spread=True)
        reach = self._reach(bottom - top, len(rows))
        even = len({len(row) for row in rows}) == 1 and len(rows) > 1
        for number in range(len(rows) - 1, -1, -1):
            depth = number / max(1, len(rows) - 1)
            foot = bottom - depth * reach - (0.03 * self.high if count == 1 else 0)
            # Rows of the same length stand in the gaps of those before them.
            shift = (0.25 if number % 2 else -0.25) if even else 0.0
            self._row(rows[number], foot, unit * (1 - 0.25 * depth), spread=False, shift=shift)

    def _reach(self, band: float, lines: int) -> float:
        """Return how far up the last of some rows stands."""
        if self.place == "plain":
            band = 0.3 * self.high
        return min(band + 0.03 * self.high, band * (lines - 1) / lines + 0.05 * (lines - 1))

    def _unit(self, rows: list[list[tuple[Mention, Figure]]], band: float) -> float:
        """Return how tall a figure of weight 1 may be in these rows."""
        things = [thing for row in rows for thing in row]
        tall = max(weight(i["name"], m.size) for m, i in things)
        # One figure fills the focus; many share the width.
        count = len(things)
        unit = (0.56 if count == 1 else 0.5 if count <= 3 else 0.42) / tall
        unit *= min(1.35, self.high**0.5)
        room = self.wide * (0.66 if count == 1 else 0.86)
        for number, row in enumerate(rows):
            depth = number / max(1, len(rows) - 1)
            across = sum(weight(i["name"], m.size) * shape(i) * (1 - 0.25 * depth) for m, i in row)
            loose = len(row) + (0.5 if len(rows) > 1 else 0)
            unit = min(unit, room / across / (1.04 * loose / len(row)))
        if len(rows) > 1:
            # A row hides no more than about half of the row behind it.
            unit = min(unit, self._reach(band, len(rows)) / (len(rows) - 1) / 0.5 / tall)
        return float(unit)

    def _row(
        self,
        row: list[tuple[Mention, Figure]],
        foot: float,
        unit: float,
        *,
        spread: bool,
        shift: float = 0.0,
    ) -> None:
        row = self.dice.shuffled(row)
        if spread:
            # Scenery stands at the sides and leaves the middle to the figures before it.
            sides = [0.17, 0.83] if self.dice.roll(2) else [0.83, 0.17]
            slots = [*sides, 0.05, 0.95, 0.34, 0.66, 0.5]
            for n, (m, item) in enumerate(row):
                x = slots[n % len(slots)] * self.wide
                lift = 0.012 * (n % 3)
                tall = min(0.66, unit * weight(item["name"], m.size) / weight("house"))
                half = 0.5 * tall * shape(item)
                x = max(half, min(self.wide - half, x + self.dice.between(-0.03, 0.03)))
                self.put(item, x, foot - lift, tall)
            return
        widths = [unit * weight(i["name"], m.size) * shape(i) for m, i in row]
        slack = max(0.0, self.wide * 0.94 - sum(widths))
        gap = min(slack / (len(row) + 1), 0.2) if len(row) > 1 else 0.0
        left = (self.wide - sum(widths) - gap * (len(row) - 1)) / 2
        left += shift * (sum(widths) / len(row) + gap)
        if len(row) == 1:
            left += self.dice.between(-0.09, 0.09) * self.wide
        if row[0][1]["zone"] == "water":
            left += self._aside(left, sum(widths) + gap * (len(row) - 1), foot, unit)
        for (m, item), width in zip(row, widths, strict=True):
            jitter = self.dice.between(-0.3, 0.3) * gap
            lift = self.dice.between(0, 0.035) if len(row) > 1 else 0.0
            size = unit * weight(item["name"], m.size)
            self.put(item, left + width / 2 + jitter, foot - lift * self.high, size)
            left += width + gap

    def _aside(self, left: float, wide: float, foot: float, tall: float) -> float:
        """Return how far a row in the water moves so that nothing on the bank hides it."""
        room = max(0.0, self.wide - wide - 0.04)
        steps = sorted((room * n / 8 + 0.02 - left for n in range(9)), key=abs)

        def hidden(step: float) -> float:
            at = left + step
            return self.overlap(at, foot - tall, at + wide, foot)

        return min((0.0, *steps), key=lambda step: (round(hidden(step), 3), abs(step)))

    def aloft(self, things: list[tuple[Mention, Figure]]) -> None:
        """Place figures in the sky, in space or under water, clear of what is there already."""
        if not things:
            return
        alone = not self.boxes
        floating = self.place in FLOATING or self.place == "sky"
        low = 0.82 if alone or floating else 0.56
        top, bottom, side = 0.07 * self.high, low * self.high, 0.07 * self.wide
        weights = [weight(i["name"], m.size) for m, i in things]
        area = (bottom - top) * (self.wide - 2 * side)
        # Each takes about half of its share of the room, whatever its form.
        taken = sum(w * w * max(0.7, shape(i)) for w, (_, i) in zip(weights, things, strict=True))
        unit = math.sqrt(area / taken) * (0.64 if len(things) > 1 else 0.6)
        largest = (0.56 if len(things) == 1 else 0.46) if alone else 0.3
        lifted = any(i.get("aloft") for _, i in things)
        unit = min(unit, (max(0.4, largest) if lifted else largest) / max(weights))
        broad = max(w * shape(i) for w, (_, i) in zip(weights, things, strict=True))
        unit = min(unit, 0.8 * self.wide / broad)
        columns = max(4, math.ceil(math.sqrt(len(things) * 3 * self.wide / self.high)))
        lines = max(4, math.ceil(len(things) * 3 / columns))
        cells = [(c, r) for c in range(columns) for r in range(lines)]
        for m, item in things:
            size = unit * weight(item["name"], m.size)
            # Sun and moon stand above what else there is.
            above = item["name"] in _LIGHTS and not floating
            size = min(size, 0.26) if above else size
            lowest = top + size + 0.08 * self.high if above else bottom
            half = min(size * shape(item) / 2, self.wide / 2 - 0.02)
            best: tuple[float, float, float] | None = None
            for c, r in self.dice.shuffled(cells):
                span = self.wide - 2 * (side + half)
                x = side + half + span * (c + self.dice.between(0.1, 0.9)) / columns
                y = top + size + max(0.0, lowest - top - size) * (r + 0.5) / lines
                if alone and len(things) == 1 and not above:
                    x, y = self.wide * self.dice.between(0.42, 0.58), self.high * 0.5 + size / 2
                cost = self.overlap(x - half, y - size, x + half, y)
                if alone:
                    cost += 0.006 * (
                        abs(x / self.wide - 0.5) + abs((y - size / 2) / self.high - 0.46)
                    )
                if best is None or cost < best[0]:
                    best = (cost, x, y)
                if cost <= 0 and not alone:
                    break
            if best is not None:
                self.put(item, best[1], best[2], size)

    def overlap(self, left: float, top: float, right: float, bottom: float) -> float:
        """Return how much of a box is taken already."""
        total = 0.0
        for a, b, c, d in self.boxes:
            across, down = min(right, c + 0.02) - max(left, a - 0.02), min(bottom, d) - max(top, b)
            if across > 0 and down > 0:
                total += across * down
        return total

    def sit(self) -> None:
        """Spread what sits on the same thing, side by side."""
        for base, items in self.seats.items():
            if len(items) < 2:
                continue
            close = 0.66 if base in self.inside else 1.04
            widths = [item["size"] * shape(item) / self.wide * close for item in items]
            share = min(1.0, 0.92 / sum(widths))
            widths = [width * share for width in widths]
            half = sum(widths) / 2
            left = max(0.03, min(0.97 - 2 * half, items[0]["x"] - half))
            for item, width in zip(items, widths, strict=True):
                item["x"] = round(left + width / 2, 4)
                item["size"] = round(item["size"] * share, 4)
                left += width

    def attach(
        self, mention: Mention, items: list[Figure], tie: str, anchors: list[Figure]
    ) -> None:
        """Place figures on, under, behind or before another."""
        for number, item in enumerate(items):
            base = anchors[number % len(anchors)]
            drawn = drawing(base["name"], base["pose"])
            scale = base["size"] / drawn.height
            ratio: float = (
                lexicon().figures[mention.name].size / lexicon().figures[base["name"]].size
            )
            ratio *= {"big": 1.4, "small": 0.68}.get(mention.size or "", 1.0)
            size = base["size"] * max(0.24, min(1.15, float(ratio**0.8)))
            x, y = base["x"] * self.wide, base["y"] * self.high
            shift = (number // len(anchors)) * size * shape(item) * 0.9
            shift *= 0 if tie in {"on", "in"} else 1 if number % 2 else -1
            if tie in {"on", "in"}:
                seat_x, seat_y, _ = drawn.anchor("seat")
                offset = (seat_x - drawn.width / 2) * scale * (-1 if base["flip"] else 1)
                y -= (drawn.height - seat_y) * scale
                x += offset
                item["pose"], item["tilt"] = 0, 0.0
                if base["name"] in {"boat", "ship"}:
                    size = min(size, base["size"] * 0.46)
                # Astride a mount, or inside something, the legs are hidden by what is before them.
                astride = (
                    lexicon().figures[mention.name].role == "person"
                    and lexicon().figures[base["name"]].role == "mount"
                )
                inside = lexicon().figures[base["name"]].role == "hollow"
                if inside:
                    # All of it fits between the sides; out of a vase it leans.
                    mouth = base["size"] * shape(base) * (0.8 if shape(base) > 0.8 else 2.4)
                    if shape(base) <= 0.8 and len(items) > 1:
                        item["tilt"] = round(22 * (2 * number / (len(items) - 1) - 1), 1)
                    each = mouth / (1 + 0.66 * (math.ceil(len(items) / len(anchors)) - 1))
                    size = min(size, each / shape(item))
                    self.inside.add(id(base))
                y += size * (0.34 if astride else 0.3 if inside else 0.04)
                item["zone"] = "sky" if base["zone"] == "sky" else base["zone"]
                behind = -0.001 if astride or inside else 0.001
                item["depth"] = round(float(base.get("depth") or base["y"]) + behind, 4)
                item["seated"] = True
                if not item["tilt"]:
                    self.seats.setdefault(id(base), []).append(item)
            elif tie == "behind":
                x += 0.35 * size * shape(item)
                y -= 0.05 * self.high
            else:
                x += size * shape(item) * (0.2 if tie == "under" else -0.35)
                y += 0.03 * self.high
                item["zone"] = "ground" if base["zone"] == "sky" else base["zone"]
                if base["zone"] == "sky":
                    y = BANDS[self.place][1] * self.high
            size = min(size, max(0.16, y - 0.04))
            x = max(0.05 * self.wide, min(0.95 * self.wide, x + shift))
            self.put(item, x, max(y, 0.16), size)
