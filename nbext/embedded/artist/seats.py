"""Positions on, in, under, behind and in front of other figures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .figures import drawing
from .items import BANDS, Figure, shape
from .lexicon import lexicon
from .stage import Floor

if TYPE_CHECKING:
    from .reading import Mention
    from .rng import Rng

# How far a figure sinks behind a seat that hides its legs, as a share of its height.
_ASTRIDE, _INSIDE, _UPON = 0.34, 0.3, 0.04
# Figures in a basket are at least as large as if there were four.
_CRAMMED = 3.2


class Stage(Floor):
    """A floor on which figures can be placed on others."""

    def __init__(self, place: str, wide: float, high: float, rng: Rng) -> None:
        super().__init__(place, wide, high, rng)
        self.seats: dict[int, list[Figure]] = {}
        self.inside: set[int] = set()
        self.bases: dict[int, Figure] = {}

    def sit(self) -> None:
        """Spread figures on the same seat side by side."""
        for base, items in self.seats.items():
            if len(items) < 2:
                continue
            close = 0.66 if base in self.inside else 1.04
            widths = [item["size"] * shape(item) / self.wide * close for item in items]
            share = min(1.0, 0.92 / sum(widths))
            bearer = self.bases.get(base)
            if bearer is not None and base in self.inside:
                # In a basket they are closer together, not smaller.
                room = bearer["size"] * shape(bearer) / self.wide * 0.7
                close = min(1.0, room / sum(widths))
                widths, share = [width * close for width in widths], 1.0
            elif bearer is not None:
                # All candles fit on a cake; but nine elephants are larger than their chair.
                room = bearer["size"] * shape(bearer) / self.wide * 0.86
                share = min(share, max(0.42, room / sum(widths)))
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
        """Place figures on, in, under, behind or in front of others."""
        figures = lexicon().figures
        for number, item in enumerate(items):
            base = anchors[number % len(anchors)]
            if tie == "in" and figures[base["name"]].role == "frame":
                self._frame(item, base, number, len(items))
                continue
            ratio = float((figures[mention.name].size / figures[base["name"]].size) ** 0.8)
            ratio *= {"big": 1.4, "small": 0.68}.get(mention.size or "", 1.0)
            size = base["size"] * max(0.24, min(1.15, ratio))
            x, y = base["x"] * self.wide, base["y"] * self.high
            if tie in {"on", "in"}:
                many = math.ceil(len(items) / len(anchors))
                x, y, size = self._seat(item, base, size, many, number)
            elif tie == "above":
                size = min(size, max(0.12, y - base["size"] - 0.1))
                y -= base["size"] + 0.04
            elif tie == "behind":
                tall = base["size"] > 1.3 * size
                # It is seen at the side of what it is behind, its head also above it.
                half = base["size"] * shape(base) / 2
                x += max(0.35 * size * shape(item), 0.8 * half if tall else 0.0)
                hidden = base["size"] - 0.5 * size if item["zone"] == "ground" else 0.0
                hidden = 0.0 if tall else hidden
                y -= max(0.05 * self.high, hidden)
            else:
                if tie == "under" and base["zone"] != "sky":
                    size = min(size, 0.78 * base["size"])
                x, y = self._before(item, base, size, tie)
            if tie not in {"on", "in"}:
                side = 1 if number % 2 else -1
                x += side * (number // len(anchors)) * size * shape(item) * 0.9
            size = min(size, max(0.16, y - 0.04))
            edge = min(0.48 * self.wide, max(0.05 * self.wide, size * shape(item) / 2))
            x = max(edge, min(self.wide - edge, x))
            self.put(item, x, max(y, 0.16), size)

    def _seat(
        self, item: Figure, base: Figure, size: float, many: int, number: int
    ) -> tuple[float, float, float]:
        """Return the foot of a figure on or in another, and its height there."""
        figures = lexicon().figures
        person = figures[item["name"]].role == "person"
        role = figures[base["name"]].role
        art = drawing(base["name"], base["pose"])
        seat_x, seat_y, _ = art.anchor("seat")
        if person and figures[base["name"]].size < 0.4:
            # A figure on a skateboard is much taller than it.
            size = max(size, 0.46 if many == 1 else 0.34)
            base["size"] = round(min(base["size"], size * 0.17), 4)
        if base["name"] in {"boat", "ship"}:
            size = min(size, base["size"] * 0.46)
        scale = base["size"] / art.height
        x = base["x"] * self.wide
        x += (seat_x - art.width / 2) * scale * (-1 if base["flip"] else 1)
        y = base["y"] * self.high - (art.height - seat_y) * scale
        item["pose"], item["tilt"] = 0, 0.0
        # On a mount, or inside something, the legs are hidden.
        astride, inside = person and role == "mount", role == "hollow"
        if inside:
            # Everything fits between the sides; flowers lean out of a vase.
            mouth = base["size"] * shape(base) * (0.8 if shape(base) > 0.8 else 2.4)
            if shape(base) <= 0.8 and many > 1:
                item["tilt"] = round((22 if many <= 4 else 46) * (2 * number / (many - 1) - 1), 1)
            size = min(size, mouth / min(_CRAMMED, 1 + 0.66 * (many - 1)) / shape(item))
            self.inside.add(id(base))
        y += size * (_ASTRIDE if astride else _INSIDE if inside else _UPON)
        item["zone"], item["seated"] = base["zone"], True
        behind = -0.001 if astride or inside else 0.001
        item["depth"] = round(float(base.get("depth") or base["y"]) + behind, 4)
        if not item["tilt"]:
            self.seats.setdefault(id(base), []).append(item)
            self.bases[id(base)] = base
        return x, y, size

    def _before(self, item: Figure, base: Figure, size: float, tie: str) -> tuple[float, float]:
        """Return the foot of a figure under or in front of another."""
        x = base["x"] * self.wide + size * shape(item) * (0.2 if tie == "under" else -0.35)
        y = base["y"] * self.high + 0.03 * self.high
        if base["name"] == "flag" and tie == "under":
            # Beside the pole, not in front of the cloth.
            x -= base["size"] * shape(base) * 0.75
        if base["zone"] == "sky":
            y = BANDS[self.place][1] * self.high
        item["zone"] = "ground" if base["zone"] == "sky" else base["zone"]
        return x, y

    def _frame(self, item: Figure, base: Figure, number: int, many: int) -> None:
        """Place a figure in the middle of a shape, in front of it."""
        wide = base["size"] * shape(base)
        size = min(base["size"], wide / shape(item)) * (0.58 if many == 1 else 0.5 / many**0.5)
        x = base["x"] * self.wide + (number - (many - 1) / 2) * size * shape(item) * 1.1
        y = base["y"] * self.high - base["size"] / 2 + size / 2
        item["seated"], item["tilt"], item["zone"] = True, 0.0, base["zone"]
        item["depth"] = round(float(base.get("depth") or base["y"]) + 0.001, 4)
        self.put(item, x, y, size)
