"""Places by, on and under the water."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .parts import WATER, decor, snowy, stamp, water

if TYPE_CHECKING:
    from nbext.embedded.artist.backdrop import Backdrop


def sea(b: Backdrop) -> None:
    """Water up to the horizon."""
    b.sky()
    if b.rng.integer(2):
        b.peaks(0.521, 0.1, b.tone("#a3bccd"), None, 5)
    water(b, 0.52, 1, *WATER["sea"])


def beach(b: Backdrop) -> None:
    """Sand before the water."""
    b.sky()
    water(b, 0.5, 0.72, *WATER["beach"])
    b.hill(0.68, 0.012, b.tone("#eef7f4"), 1.3)
    b.hill(0.692, 0.012, b.tone("#e9d3a0"), 1.3)
    b.hill(0.72, 0.016, b.tone("#f5e1b0"), 1.1)
    if "palm" not in b.named:
        stamp(b, "palm", b.w * b.rng.choice((0.08, 0.92)), b.h * 0.78, b.u * 0.5)
    if not {"starfish", "crab"} & b.named:
        stamp(b, "starfish", b.w * b.rng.uniform(0.15, 0.85), b.h * 0.96, b.u * 0.05)
    for _ in range(24):
        b.circle(
            b.w * b.rng.uniform(0, 1),
            b.h * b.rng.uniform(0.76, 0.99),
            b.u * 0.0025,
            b.tone("#cfae74"),
        )


def lake(b: Backdrop) -> None:
    """A lake between two banks."""
    b.sky()
    b.peaks(0.54, 0.2, b.tone("#a3bccb"), None, 4)
    b.hill(0.53, 0.015, b.tone(snowy(b, "#8fbd80")), 2.2)
    water(b, 0.56, 0.86, *WATER["lake"])
    b.hill(0.82, 0.012, b.tone(snowy(b, "#7fb562")), 1.2)
    for side in (0.04, 0.95):
        for _ in range(5):
            x, y = b.w * (side + b.rng.uniform(-0.05, 0.05)), b.h * 0.85
            n = b.u * b.rng.uniform(0.1, 0.19)
            b.stroke(
                f"M{x:.0f} {y:.0f} q{n * 0.04:.0f} {-n * 0.6:.0f} {n * 0.12:.0f} {-n:.0f}",
                b.tone("#5f8f4c"),
                b.u * 0.006,
            )
            b.ellipse(x + n * 0.12, y - n, b.u * 0.008, b.u * 0.024, b.tone("#8a5b3e"))
    decor(b, ("#ffffff", "#f9e08a"), 16, 0.87)


def underwater(b: Backdrop) -> None:
    """Light from above, weeds and bubbles."""
    b.gradient("sky", b.tone("#8fdbe6"), b.tone("#1f6f9f"))
    for n in range(5):
        x = b.w * (0.05 + 0.2 * n + b.rng.uniform(-0.05, 0.05))
        b.path(
            f"M{x:.0f} 0 h{b.w * 0.07:.0f} l{b.w * 0.1:.0f} {b.h:.0f} h{-b.w * 0.16:.0f}Z",
            "#ffffff",
            0.07,
        )
    b.hill(0.8, 0.03, b.tone("#4f93a8"), 2.2)
    b.hill(0.86, 0.016, b.tone("#e6cf9c"), 1.4)
    b.hill(0.93, 0.012, b.tone("#f0dcae"), 1)
    for x in (0.04, 0.1, 0.16, 0.84, 0.9, 0.96):
        stem, x0 = b.u * b.rng.uniform(0.14, 0.32), b.w * (x + b.rng.uniform(-0.02, 0.02))
        y = b.h * b.rng.uniform(0.88, 0.95)
        colour = b.tone(b.rng.choice(("#4fa07a", "#6fb56a", "#d9708a")))
        b.stroke(
            f"M{x0:.0f} {y:.0f} q{stem * 0.16:.0f} {-stem * 0.25:.0f} 0 {-stem * 0.5:.0f} "
            f"q{-stem * 0.16:.0f} {-stem * 0.25:.0f} 0 {-stem * 0.5:.0f}",
            colour,
            b.u * 0.018,
        )
    for _ in range(26):
        x, y = b.w * b.rng.uniform(0, 1), b.h * b.rng.uniform(0.05, 0.85)
        r = b.u * b.rng.uniform(0.004, 0.013)
        b.circle(x, y, r, "#eafaff", 0.4)
        b.circle(x - r * 0.3, y - r * 0.3, r * 0.25, "#ffffff", 0.8)
