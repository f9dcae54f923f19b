"""The room in a picture: occupied areas, and places for further figures."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from .items import BANDS, FLOATING, SCENERY, WATERS, Figure, shape, weight
from .lexicon import lexicon

if TYPE_CHECKING:
    from .reading import Mention
    from .rng import Rng

_LIGHTS = frozenset({"sun", "moon"})
_HIGH = _LIGHTS | {"cloud", "rainbow", "banner", "raindrop"}


def _rows(things: list[tuple[Mention, Figure]], lines: int) -> list[list[tuple[Mention, Figure]]]:
    """Split into rows as even as possible, longer ones in front: five are three in front of two."""
    cuts = [math.ceil(len(things) * n / lines) for n in range(lines + 1)]
    return [things[a:b] for a, b in itertools.pairwise(cuts)]


class Floor:
    """The occupied areas, in units of the picture's shorter side."""

    def __init__(self, place: str, wide: float, high: float, rng: Rng) -> None:
        self.place, self.wide, self.high, self.rng = place, wide, high, rng
        self.boxes: list[tuple[float, float, float, float]] = []
        # Whether there are also figures that do not stand on the ground.
        self.crowded = False
        # The height of a figure of weight 1 in front.
        self.near = 0.0

    def put(self, item: Figure, x: float, y: float, size: float) -> None:
        """Place a figure with its foot at x, y."""
        item["x"], item["y"] = round(x / self.wide, 4), round(y / self.high, 4)
        item["size"] = round(size, 4)
        half = size * shape(item) / 2
        self.boxes.append((x - half, y - size, x + half, y))

    def rows(self, things: list[tuple[Mention, Figure]], zone: str) -> None:
        """Place figures in rows, tall and numerous ones behind."""
        if not things:
            return
        top, bottom = (WATERS if zone == "water" else BANDS)[self.place]
        top, bottom = top * self.high, bottom * self.high
        scenery = [t for t in things if lexicon().figures[t[1]["name"]].size >= SCENERY]
        front = [t for t in things if t not in scenery]
        if not front or (scenery and scenery[0] is things[0] and len(things) <= 2):
            front, scenery = things, []
        count = len(front)
        # Low figures in front of tall ones.
        front = sorted(front, key=lambda t: weight(t[1]["name"], t[0].size))
        # Choose the number of rows that allows the largest figures.
        unit, lines = max(
            (self._unit(_rows(front, n), bottom - top) * (1.06 - 0.06 * n), -n)
            for n in range(1, min(6, count) + 1)
        )
        rows = _rows(front, -lines)
        unit = self._unit(rows, bottom - top)
        weights = [weight(i["name"], m.size) for m, i in front]
        if self.crowded and all(lexicon().figures[i["name"]].zone == "thing" for _, i in front):
            # Beside a lake, a cake is not as large as a mountain.
            unit = min(unit, 0.24 / max(weights))
        if zone == "water" and self.place != "sea":
            unit = min(unit, 0.36 / max(weights))
        if zone == "water" and self.near:
            # Farther away than figures on the bank.
            unit = min(unit, 0.85 * self.near)
        self.near = self.near or unit
        if scenery:
            self._row(scenery, top + 0.02, 0.62 / max(1.0, len(scenery) ** 0.4), spread=True)
        reach = self._reach(bottom - top, len(rows))
        even = len({len(row) for row in rows}) == 1 and len(rows) > 1
        for number in range(len(rows) - 1, -1, -1):
            depth = number / max(1, len(rows) - 1)
            foot = bottom - depth * reach - (0.03 * self.high if count == 1 else 0)
            # Rows of the same length are offset into the gaps of the rows in front.
            shift = (0.25 if number % 2 else -0.25) if even else 0.0
            self._row(rows[number], foot, unit * (1 - 0.25 * depth), spread=False, shift=shift)

    def _reach(self, band: float, lines: int) -> float:
        """Return how far up the last of several rows stands."""
        if self.place == "plain":
            band = 0.3 * self.high
        return min(band + 0.03 * self.high, band * (lines - 1) / lines + 0.05 * (lines - 1))

    def _unit(self, rows: list[list[tuple[Mention, Figure]]], band: float) -> float:
        """Return the possible height of a figure of weight 1 in these rows."""
        things = [thing for row in rows for thing in row]
        tall = max(weight(i["name"], m.size) for m, i in things)
        # A single figure fills the focus; several share the width.
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
            # A row may hide about half of the row behind it.
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
        row = self.rng.shuffled(row)
        if spread:
            # Scenery stands at the sides, leaving the middle to the figures in front.
            sides = [0.17, 0.83] if self.rng.integer(2) else [0.83, 0.17]
            slots = [*sides, 0.05, 0.95, 0.34, 0.66, 0.5]
            for n, (m, item) in enumerate(row):
                x = slots[n % len(slots)] * self.wide
                lift = 0.012 * (n % 3)
                tall = min(0.66, unit * weight(item["name"], m.size) / weight("house"))
                half = 0.5 * tall * shape(item)
                x = max(half, min(self.wide - half, x + self.rng.uniform(-0.03, 0.03)))
                self.put(item, x, foot - lift, tall)
            return
        widths = [unit * weight(i["name"], m.size) * shape(i) for m, i in row]
        slack = max(0.0, self.wide * 0.94 - sum(widths))
        gap = min(slack / (len(row) + 1), 0.2) if len(row) > 1 else 0.0
        left = (self.wide - sum(widths) - gap * (len(row) - 1)) / 2
        left += shift * (sum(widths) / len(row) + gap)
        if len(row) == 1:
            left += self.rng.uniform(-0.09, 0.09) * self.wide
        if row[0][1]["zone"] == "water":
            left += self._aside(left, sum(widths) + gap * (len(row) - 1), foot, unit)
        for (m, item), width in zip(row, widths, strict=True):
            jitter = self.rng.uniform(-0.3, 0.3) * gap
            lift = self.rng.uniform(0, 0.035) if len(row) > 1 else 0.0
            size = unit * weight(item["name"], m.size)
            self.put(item, left + width / 2 + jitter, foot - lift * self.high, size)
            left += width + gap

    def _aside(self, left: float, wide: float, foot: float, tall: float) -> float:
        """Return how far to shift a row in the water so that figures on the bank do not hide it."""
        room = max(0.0, self.wide - wide - 0.04)
        steps = sorted((room * n / 8 + 0.02 - left for n in range(9)), key=abs)

        def hidden(step: float) -> float:
            at = left + step
            return self.overlap(at, foot - tall, at + wide, foot)

        return min((0.0, *steps), key=lambda step: (round(hidden(step), 3), abs(step)))

    def aloft(self, things: list[tuple[Mention, Figure]]) -> None:
        """Place figures in the sky, in space or under water, clear of others."""
        if not things:
            return
        alone = not self.boxes
        single = alone and len(things) == 1
        floating = self.place in FLOATING or self.place == "sky"
        low = 0.82 if alone or floating else 0.56
        top, bottom, side = 0.07 * self.high, low * self.high, 0.07 * self.wide
        weights = [weight(i["name"], m.size) for m, i in things]
        area = (bottom - top) * (self.wide - 2 * side)
        # Each takes about half of its share of the room, whatever its shape.
        need = sum(w * w * max(0.7, shape(i)) for w, (_, i) in zip(weights, things, strict=True))
        unit = math.sqrt(area / need) * (0.64 if len(things) > 1 else 0.6)
        largest = (0.56 if len(things) == 1 else 0.46) if alone else 0.3
        flying = any(i.get("aloft") for _, i in things)
        unit = min(unit, (max(0.4, largest) if flying else largest) / max(weights))
        broad = max(w * shape(i) for w, (_, i) in zip(weights, things, strict=True))
        unit = min(unit, 0.8 * self.wide / broad)
        columns = max(4, math.ceil(math.sqrt(len(things) * 3 * self.wide / self.high)))
        lines = max(4, math.ceil(len(things) * 3 / columns))
        cells = [(c, r) for c in range(columns) for r in range(lines)]
        for m, item in things:
            size = unit * weight(item["name"], m.size)
            # Sun and moon are above other figures.
            above = item["name"] in _HIGH and not floating
            above = above and not (single and item["name"] == "banner")
            size = min(size, 0.26) if item["name"] in _LIGHTS and above else size
            lowest = top + size + 0.08 * self.high if above else bottom
            half = min(size * shape(item) / 2, self.wide / 2 - 0.02)
            best: tuple[float, float, float] | None = None
            for c, r in self.rng.shuffled(cells):
                span = self.wide - 2 * (side + half)
                x = side + half + span * (c + self.rng.uniform(0.1, 0.9)) / columns
                y = top + size + max(0.0, lowest - top - size) * (r + 0.5) / lines
                if alone and len(things) == 1 and not above:
                    x, y = self.wide * self.rng.uniform(0.42, 0.58), self.high * 0.5 + size / 2
                    if flying and not floating:
                        # Leave air below flying figures.
                        y = max(size + 0.06, 0.48 * self.high)
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
        """Return how much of a box is occupied."""
        total = 0.0
        for a, b, c, d in self.boxes:
            across, down = min(right, c + 0.02) - max(left, a - 0.02), min(bottom, d) - max(top, b)
            if across > 0 and down > 0:
                total += across * down
        return total
