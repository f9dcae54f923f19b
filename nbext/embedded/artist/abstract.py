"""Abstract shapes for unknown words; each word has its own shapes, wherever it occurs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .colour import mix
from .lexicon import lexicon
from .rng import Rng

if TYPE_CHECKING:
    from .backdrop import Backdrop

PALETTES = (
    ("#f4e9d8", "#d95d4e", "#f2b544", "#2f5d7c", "#6aa38f", "#2b2a3a"),
    ("#ecf1ee", "#2f6f73", "#e8895a", "#f3cf7a", "#c7536b", "#26354a"),
    ("#f6ece9", "#7a5aa6", "#ef8fa0", "#f5c96a", "#4f8fb0", "#3a2f4a"),
    ("#eef0f6", "#3f64b0", "#f07f5a", "#f7cf58", "#58a98a", "#27304f"),
    ("#f3efe2", "#c8553d", "#f28f3b", "#588b8b", "#ffd5c2", "#2d3047"),
)
_FORMS = 9


def shapes(b: Backdrop, words: list[str], seed: int, take: int) -> None:
    """Fill the picture with tiles, like a quilt, or with discs.

    Args:
        b: The background to draw on.
        words: The words, in order; each decides the form, place and colour of its own shapes. The
            name of a colour sets the colour of all shapes.
        seed: The picture's seed.
        take: The number of the take.
    """
    paper, *inks = Rng("palette", seed, take, *words).choice(PALETTES)
    hues = [tone for word in words if (tone := lexicon().colours.get(word))]
    if hues:
        paper = mix(hues[0], "#fffaf0", 0.86)
        inks = [
            mix(tone, other, share)
            for tone in hues[:3]
            for other, share in (
                ("#fffaf0", 0.0),
                ("#fffaf0", 0.42),
                ("#2b2a3a", 0.3),
                ("#fffaf0", 0.66),
            )
        ]
    paper, inks = b.tone(paper), [b.tone(ink) for ink in inks]
    words = words or [""]
    if Rng("style", seed, take, *words).integer(3):
        _quilt(b, words, seed, take, paper, inks)
    else:
        _orbits(b, words, seed, take, paper, inks)


def _quilt(
    b: Backdrop, words: list[str], seed: int, take: int, paper: str, inks: list[str]
) -> None:
    side = b.u * 0.88 / (4 if len(words) < 4 else 5)
    columns = max(1, round(b.w * 0.94 / side))
    rows = max(1, round(b.h * 0.94 / side))
    side = min(b.w * 0.9 / columns, b.h * 0.9 / rows)
    left, top = (b.w - side * columns) / 2, (b.h - side * rows) / 2
    b.rect(0, 0, b.w, b.h, mix(paper, "#ffffff", 0.3))
    for row in range(rows):
        for column in range(columns):
            word = words[(row * 2 + column + take) % len(words)]
            rng = Rng("tile", word, seed, take, row, column)
            # A word has two forms; an occasional plain tile gives the eye a rest.
            form = Rng("form", word, rng.integer(2)).integer(_FORMS)
            ground, colour, other = rng.shuffled([paper, *inks])[:3]
            x, y = left + side * column, top + side * row
            b.rect(x, y, side + 0.5, side + 0.5, ground)
            if rng.integer(7):
                _tile(b, form, x, y, side, (colour, other), rng)


def _tile(
    b: Backdrop, form: int, x: float, y: float, s: float, tones: tuple[str, str], rng: Rng
) -> None:
    colour, other = tones
    turn = rng.integer(4)
    corners = ((x, y), (x + s, y), (x + s, y + s), (x, y + s))
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = (corners[(turn + k) % 4] for k in range(4))
    mx, my = x + s / 2, y + s / 2
    if form == 0:
        b.path(
            f"M{ax:.1f} {ay:.1f} L{bx:.1f} {by:.1f} A{s:.1f} {s:.1f} 0 0 1 {dx:.1f} {dy:.1f}Z",
            colour,
        )
    elif form == 1:
        b.circle(mx, my, s * 0.46, colour)
        b.circle(mx, my, s * 0.2, other)
    elif form == 2:
        b.path(f"M{ax:.1f} {ay:.1f} L{bx:.1f} {by:.1f} L{dx:.1f} {dy:.1f}Z", colour)
    elif form == 3:
        for bar in range(4):
            if turn % 2:
                b.rect(x + s * bar / 4, y, s / 8, s, colour)
            else:
                b.rect(x, y + s * bar / 4, s, s / 8, colour)
    elif form == 4:
        half = s / 2
        for ex, ey in ((ax, ay), (bx, by)):
            hx, hy = (ex + mx) / 2, (ey + my) / 2
            b.circle(hx, hy, half / 2, colour if (ex, ey) == (ax, ay) else other)
        b.path(
            f"M{cx:.1f} {cy:.1f} L{dx:.1f} {dy:.1f} "
            f"A{half:.1f} {half:.1f} 0 0 1 {cx:.1f} {cy:.1f}Z",
            colour,
        )
    elif form == 5:
        for ring, tone in ((1.0, colour), (0.72, other), (0.44, colour)):
            r = s * ring
            px, py = ax + (bx - ax) * ring, ay + (by - ay) * ring
            qx, qy = ax + (dx - ax) * ring, ay + (dy - ay) * ring
            b.path(
                f"M{ax:.1f} {ay:.1f} L{px:.1f} {py:.1f} A{r:.1f} {r:.1f} 0 0 1 {qx:.1f} {qy:.1f}Z",
                tone,
            )
    elif form == 6:
        for r in range(3):
            for c in range(3):
                b.circle(x + s * (c + 0.5) / 3, y + s * (r + 0.5) / 3, s * 0.1, colour)
    elif form == 7:
        b.path(
            f"M{ax:.1f} {ay:.1f} Q{bx:.1f} {by:.1f} {cx:.1f} {cy:.1f} "
            f"Q{dx:.1f} {dy:.1f} {ax:.1f} {ay:.1f}Z",
            colour,
        )
        b.circle(mx, my, s * 0.1, other)
    else:
        b.path(
            f"M{mx:.1f} {y:.1f} L{x + s:.1f} {my:.1f} L{mx:.1f} {y + s:.1f} L{x:.1f} {my:.1f}Z",
            colour,
        )
        b.circle(mx, my, s * 0.2, other)


def _orbits(
    b: Backdrop, words: list[str], seed: int, take: int, paper: str, inks: list[str]
) -> None:
    b.gradient("paper", mix(paper, "#ffffff", 0.35), paper)
    rng = Rng("ground", seed, take, *words)
    mx, my = b.w * rng.uniform(0.46, 0.54), b.h * rng.uniform(0.46, 0.54)
    inks = rng.shuffled(inks)
    b.circle(mx, my, b.u * 0.4, mix(inks[0], paper, 0.7))
    b.circle(mx, my, b.u * 0.17, inks[0])
    b.circle(mx, my, b.u * 0.09, mix(inks[0], paper, 0.6))
    for number in range(max(5, len(words))):
        word = words[number % len(words)]
        rng = Rng("orbit", word, seed, take, number)
        turn = 6.2832 * (number / max(5, len(words))) + 0.7 * take + rng.uniform(-0.15, 0.15)
        reach = b.u * (0.27, 0.38, 0.33)[number % 3]
        colour, other = rng.shuffled(inks)[:2]
        x, y = mx + reach * math.cos(turn), my + reach * math.sin(turn)
        # The arc of its path, then the shape of the word.
        ex, ey = mx + reach * math.cos(turn - 1.1), my + reach * math.sin(turn - 1.1)
        b.stroke(
            f"M{ex:.1f} {ey:.1f} A{reach:.1f} {reach:.1f} 0 0 1 {x:.1f} {y:.1f}",
            colour,
            b.u * 0.012,
        )
        s = b.u * rng.uniform(0.13, 0.19)
        form = Rng("form", word, number % 2).integer(_FORMS)
        b.circle(x, y, s * 0.62, mix(paper, "#ffffff", 0.4))
        if form in {1, 5, 7}:
            b.circle(x, y, s * 0.5, colour)
            b.circle(x, y, s * 0.3, other)
        else:
            b.circle(x, y, s * 0.5, mix(other, paper, 0.55))
            _tile(b, form, x - s * 0.3, y - s * 0.3, s * 0.6, (colour, other), rng)
