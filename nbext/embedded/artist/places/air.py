"""Above the clouds, and among the stars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.embedded.artist.colour import mix

from .parts import stamp

if TYPE_CHECKING:
    from nbext.embedded.artist.backdrop import Backdrop


def sky(b: Backdrop) -> None:
    """Above the clouds."""
    b.sky()
    if "cloud" in b.named:
        return
    tint = {"day": "#ffffff", "morning": "#fff0e0", "sunset": "#ffd8c0", "night": "#7680b8"}[b.time]
    for layer in range(3):
        for n in range(9):
            x = b.w * (n + b.rng.uniform(-0.3, 0.3)) / 8
            y = b.h * (0.86 + 0.06 * layer)
            b.circle(
                x,
                y + b.u * 0.08,
                b.u * b.rng.uniform(0.08, 0.13),
                mix(tint, "#9fc0dc", 0.2 - 0.09 * layer),
            )


def space(b: Backdrop) -> None:
    """Stars, planets, and the rim of a moon."""
    top, bottom = b.rng.choice(
        (("#0f1433", "#2f2a63"), ("#0c1a38", "#274a6e"), ("#1a1038", "#4a2a62"))
    )
    b.gradient("sky", top, bottom)
    for _ in range(3):
        b.ellipse(
            b.w * b.rng.uniform(0.1, 0.9),
            b.h * b.rng.uniform(0.1, 0.6),
            b.u * 0.3,
            b.u * 0.1,
            b.rng.choice(("#7a6fd0", "#c06fa8", "#5fa0d0")),
            0.13,
        )
    b.stars(60)
    for _ in range(20):
        b.circle(b.w * b.rng.uniform(0, 1), b.h * b.rng.uniform(0.5, 0.8), b.u * 0.002, "#fff6d8")
    if not {"planet", "earth", "moon", "sun", "mars", "solarsystem"} & b.named:
        art = b.rng.choice(("planet", "earth"))
        keep, b.time = b.time, "day"
        stamp(b, art, b.w * b.rng.choice((0.16, 0.84)), b.h * 0.27, b.u * 0.16)
        b.time = keep
    b.ellipse(b.w * 0.5, b.h * 1.12, b.w * 0.8, b.h * 0.3, "#8f94ad")
    b.ellipse(b.w * 0.5, b.h * 1.135, b.w * 0.8, b.h * 0.3, "#a7abc2")
    for x, y, r in ((0.2, 0.93, 0.05), (0.74, 0.91, 0.04), (0.5, 0.96, 0.03), (0.9, 0.97, 0.03)):
        b.ellipse(b.w * x, b.h * y, b.u * r, b.u * r * 0.32, "#8489a3")
        b.ellipse(b.w * x, b.h * (y + 0.004), b.u * r * 0.86, b.u * r * 0.24, "#959ab3")


def moonscape(b: Backdrop) -> None:
    """Grey ground with craters, and the earth in a black sky."""
    b.gradient("sky", "#0b0f26", "#252a52")
    b.stars(60)
    if not {"earth", "planet", "sun"} & b.named:
        light, b.time = b.time, "day"
        stamp(b, "earth", b.w * b.rng.choice((0.2, 0.8)), b.h * 0.32, b.u * 0.2)
        b.time = light
    b.hill(0.66, 0.02, "#7f8499", 2)
    b.hill(0.72, 0.015, "#9a9eb4", 1.4)
    b.hill(0.85, 0.01, "#adb1c6", 1)
    for _ in range(11):
        x, y = b.w * b.rng.uniform(0.02, 0.98), b.h * b.rng.uniform(0.75, 0.97)
        r = b.u * b.rng.uniform(0.015, 0.055)
        b.ellipse(x, y, r, r * 0.32, "#858aa2")
        b.ellipse(x, y + r * 0.07, r * 0.84, r * 0.23, "#979cb3")
