"""Shapes for the words that the artist does not know: each word has its own, wherever it stands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .colour import mix
from .dice import Dice

if TYPE_CHECKING:
    from .backdrop import Backdrop

PALETTES = (
    ("#f4e9d8", "#d95d4e", "#f2b544", "#2f5d7c", "#6aa38f", "#2b2a3a"),
    ("#ecf1ee", "#2f6f73", "#e8895a", "#f3cf7a", "#c7536b", "#26354a"),
    ("#f6ece9", "#7a5aa6", "#ef8fa0", "#f5c96a", "#4f8fb0", "#3a2f4a"),
    ("#eef0f6", "#3f64b0", "#f07f5a", "#f7cf58", "#58a98a", "#27304f"),
)


def shapes(b: Backdrop, words: list[str], seed: int, take: int, share: float = 1) -> None:
    """Compose shapes from words.

    Args:
        b: Where to draw.
        words: The words, in order; each decides the form, place and colour of its own shapes.
        seed: The picture's seed.
        take: Which take of it.
        share: 1 fills the picture; less adds a few small ones aloft.
    """
    palette = Dice("palette", seed, take, *words).pick(PALETTES)
    paper, *inks = palette
    if share >= 1:
        b.gradient("paper", b.tone(mix(paper, "#ffffff", 0.35)), b.tone(paper))
        dice = Dice("ground", seed, take, *words)
        b.circle(
            b.w * dice.between(0.3, 0.7),
            b.h * dice.between(0.35, 0.65),
            b.u * 0.34,
            b.tone(mix(dice.pick(inks), paper, 0.72)),
        )
    for number, word in enumerate((words or [""])[:6]):
        dice = Dice("word", word, seed, take)
        colour, other = b.tone(dice.pick(inks)), b.tone(dice.pick(inks))
        form = Dice("form", word).roll(6)
        for piece in range(2 if share >= 1 else 1):
            size = b.u * dice.between(0.15, 0.2) * (1 - 0.55 * piece) * (share**0.7)
            # The words stand around the middle like the hours of a clock.
            turn = 6.2832 * (number / max(3, min(6, len(words))) + 0.13 * take + 0.5 * piece)
            reach = 0.27 if piece == 0 else 0.14
            x = b.w * 0.5 + b.u * (reach * math.cos(turn) + dice.between(-0.04, 0.04))
            y = b.h * 0.5 + b.u * (reach * math.sin(turn) + dice.between(-0.04, 0.04))
            if share < 1:
                x, y = b.w * dice.between(0.16, 0.84), b.h * dice.between(0.08, 0.3)
            _form(b, (form + piece * number) % 6, x, y, size, (colour, other), dice)


def _form(
    b: Backdrop, form: int, x: float, y: float, s: float, tones: tuple[str, str], dice: Dice
) -> None:
    colour, other = tones
    if form == 0:
        for ring in range(4):
            b.circle(
                x, y, s * (1 - 0.26 * ring), colour if ring % 2 == 0 else mix(other, "#ffffff", 0.4)
            )
    elif form == 1:
        turn = dice.between(0, 6.3)
        points = [
            (x + s * math.cos(turn + k * 2.094), y + s * math.sin(turn + k * 2.094))
            for k in range(3)
        ]
        b.path("M" + " L".join(f"{px:.1f} {py:.1f}" for px, py in points) + "Z", colour, 0.9)
        b.circle(x, y, s * 0.26, other)
    elif form == 2:
        for bar in range(5):
            b.rect(
                x - s + bar * s * 0.42,
                y - s * dice.between(0.3, 1),
                s * 0.26,
                s * 1.2,
                colour if bar % 2 else other,
                s * 0.13,
            )
    elif form == 3:
        d = f"M{x - s:.1f} {y:.1f}"
        for wave in range(4):
            d += f" q{s * 0.25:.1f} {(-s if wave % 2 else s) * 0.8:.1f} {s * 0.5:.1f} 0"
        b.stroke(d, colour, s * 0.16)
        b.stroke(d.replace(f"{y:.1f}", f"{y + s * 0.34:.1f}", 1), other, s * 0.09)
    elif form == 4:
        b.path(f"M{x - s:.1f} {y:.1f} A{s:.1f} {s:.1f} 0 0 1 {x + s:.1f} {y:.1f}Z", colour, 0.92)
        b.path(
            f"M{x - s * 0.6:.1f} {y + s * 0.1:.1f} A{s * 0.6:.1f} {s * 0.6:.1f} 0 0 0 "
            f"{x + s * 0.6:.1f} {y + s * 0.1:.1f}Z",
            other,
            0.92,
        )
    else:
        for row in range(4):
            for column in range(4):
                b.circle(
                    x + (column - 1.5) * s * 0.45,
                    y + (row - 1.5) * s * 0.45,
                    s * (0.08 + 0.03 * ((row + column) % 3)),
                    colour if (row + column) % 2 else other,
                )
