"""The city and the street."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.embedded.artist.colour import mix

from .parts import stamp

if TYPE_CHECKING:
    from nbext.embedded.artist.backdrop import Backdrop


def _towers(b: Backdrop, foot: float, low: float, high: float, colour: str, *, lit: bool) -> None:
    x = -0.02 * b.w
    while x < b.w:
        wide, tall = b.w * b.rng.uniform(0.07, 0.13), b.h * b.rng.uniform(low, high)
        tone = b.tone(mix(colour, b.rng.choice(("#c98f8f", "#8fb0c9", "#c9b98f", "#9f94c4")), 0.32))
        top = b.h * foot - tall
        b.rect(x, top, wide, tall + 2, tone, b.u * 0.006)
        if b.rng.integer(3) == 0:
            b.rect(x + wide * 0.3, top - b.u * 0.03, wide * 0.4, b.u * 0.032, tone)
        if lit:
            glow = b.rng.fork("panes")
            pane = b.pane(glow, "#eef6fa")
            step, side = wide / 4, wide / 8
            for r in range(int(tall / (step * 1.3)) - 1):
                for c in range(3):
                    if b.rng.integer(5):
                        pane = b.pane(glow, "#eef6fa") if b.neon else pane
                        b.rect(
                            x + step * (c + 0.5) + side * 0.25,
                            top + step * (0.6 + r * 1.3),
                            side * 1.3,
                            side * 1.7,
                            pane,
                            1,
                            0.85,
                        )
        x += wide * b.rng.uniform(1.02, 1.25)


def _lantern_post(b: Backdrop, x: float, foot: float, tall: float) -> None:
    """Draw a street lamp, lit in the evening."""
    iron = b.tone("#4d5566")
    b.rect(x - tall * 0.015, foot - tall, tall * 0.03, tall, iron)
    b.rect(x - tall * 0.05, foot - tall * 0.04, tall * 0.1, tall * 0.04, iron)
    lit = b.time in {"night", "sunset"} and not b.ink
    if lit:
        b.circle(x, foot - tall * 1.04, tall * 0.26, "#ffe08a", 0.16)
        b.circle(x, foot - tall * 1.04, tall * 0.16, "#ffe08a", 0.22)
    b.circle(x, foot - tall * 1.04, tall * 0.075, "#fff3b8" if lit else b.tone("#eef2f5"))
    b.rect(x - tall * 0.06, foot - tall * 1.14, tall * 0.12, tall * 0.03, iron, 2)


def city(b: Backdrop) -> None:
    """A skyline behind the figures."""
    b.sky()
    _towers(b, 0.8, 0.3, 0.56, "#b9c9dc", lit=False)
    _towers(b, 0.8, 0.16, 0.42, "#8fa3c0", lit=True)
    b.rect(0, b.h * 0.79, b.w, b.h * 0.21, b.tone("#cfcfd2"))
    b.rect(0, b.h * 0.79, b.w, b.h * 0.012, b.tone("#e9e7e2"))
    for n in range(-6, 7):
        b.stroke(
            f"M{b.w * (0.5 + n * 0.07):.0f} {b.h * 0.805:.0f} "
            f"L{b.w * (0.5 + n * 0.2):.0f} {b.h:.0f}",
            b.tone("#b9b8bd"),
            b.u * 0.003,
        )
    b.rect(0, b.h * 0.88, b.w, b.h * 0.004, b.tone("#b9b8bd"))
    for x in (0.05, 0.95):
        _lantern_post(b, b.w * x, b.h * 0.87, b.u * 0.26)
    if not b.named:
        # Add traffic if nothing but the city is requested.
        side = b.rng.integer(2)
        stamp(b, "bus", b.w * (0.3 if side else 0.7), b.h * 0.9, b.u * 0.13)
        stamp(b, "car", b.w * (0.68 if side else 0.32), b.h * 0.95, b.u * 0.12)


def street(b: Backdrop) -> None:
    """Shops, a pavement and the road."""
    b.sky()
    _towers(b, 0.66, 0.3, 0.5, "#c4cfdd", lit=False)
    x = 0.0
    while x < b.w:
        wide, tall = b.u * b.rng.uniform(0.2, 0.28), b.h * b.rng.uniform(0.24, 0.36)
        wall = b.tone(b.rng.choice(("#f0c9a4", "#e8a898", "#f3dfa8", "#b8d0c0", "#bcc6e0")))
        top, foot = b.h * 0.68 - tall, b.h * 0.68
        b.rect(x, top, wide, tall, wall)
        b.rect(x - 2, top - b.u * 0.012, wide + 4, b.u * 0.02, mix(wall, "#5a4058", 0.3))
        glow = b.rng.fork("panes")
        pane = b.pane(glow, "#dff0f7")
        if b.neon:
            # A sign over the pavement.
            sign = b.pane(glow, "#dff0f7")
            b.rect(x + wide * 0.86, top + tall * 0.08, wide * 0.1, tall * 0.5, "#1a1038", 4)
            b.rect(x + wide * 0.88, top + tall * 0.11, wide * 0.06, tall * 0.44, sign, 3)
        for c in (0.14, 0.58):
            b.rect(x + wide * c, top + tall * 0.16, wide * 0.28, tall * 0.26, pane, 3)
        b.rect(x + wide * 0.12, foot - tall * 0.36, wide * 0.44, tall * 0.24, pane, 3)
        b.rect(
            x + wide * 0.66,
            foot - tall * 0.36,
            wide * 0.22,
            tall * 0.36,
            mix(wall, "#5a3040", 0.5),
            3,
        )
        awning = b.tone(b.rng.choice(("#e2574c", "#4f8fc0", "#5fae6a")))
        for k in range(6):
            b.rect(
                x + wide * (0.06 + 0.095 * k),
                foot - tall * 0.44,
                wide * 0.095,
                tall * 0.1,
                awning if k % 2 else b.tone("#fffaf0"),
                2,
            )
        x += wide
    b.rect(0, b.h * 0.68, b.w, b.h * 0.06, b.tone("#d8d4cf"))
    b.rect(0, b.h * 0.735, b.w, b.h * 0.27, b.tone("#6d717d"))
    for n in range(6):
        b.rect(b.w * (n / 5 - 0.05), b.h * 0.94, b.w * 0.1, b.h * 0.012, b.tone("#f3ead0"), 3)


def stadium(b: Backdrop) -> None:
    """Stands with spectators, a red track and a green field."""
    b.sky()
    stand = b.tone("#b9c4d3")
    b.path(f"M0 {b.h * 0.4:.0f} H{b.w:.0f} V{b.h * 0.64:.0f} H0Z", stand)
    b.rect(0, b.h * 0.38, b.w, b.h * 0.03, b.tone("#8fa0b8"))
    rows, step = 5, b.u * 0.034
    tones = ("#e2574c", "#f2b63c", "#4f86c6", "#5fae8a", "#f4f1ea", "#b48be0")
    for row in range(rows):
        y = b.h * (0.44 + 0.04 * row)
        for n in range(int(b.w / step) + 1):
            if b.rng.integer(5):
                x = (n + 0.5 * (row % 2)) * step
                b.circle(x, y, step * 0.3, b.tone(mix(b.rng.choice(tones), "#b9c4d3", 0.35)))
    for n in range(5):
        x = b.w * (0.1 + 0.2 * n)
        b.rect(x, b.h * 0.26, b.u * 0.005, b.h * 0.13, b.tone("#8f96a1"))
        flag = b.tone(b.rng.choice(("#e2574c", "#f2b63c", "#4f86c6")))
        b.path(
            f"M{x:.0f} {b.h * 0.26:.0f} l{b.u * 0.06:.0f} {b.u * 0.018:.0f} "
            f"l{-b.u * 0.06:.0f} {b.u * 0.018:.0f}Z",
            flag,
        )
    track = b.tone("#c9604a")
    b.rect(0, b.h * 0.62, b.w, b.h * 0.12, track)
    for n in range(1, 4):
        b.rect(0, b.h * (0.62 + 0.03 * n), b.w, b.u * 0.004, b.tone("#f6ead8"))
    green = b.tone("#7fb85f")
    b.rect(0, b.h * 0.74, b.w, b.h * 0.26, green)
    for n in range(0, 8, 2):
        b.path(
            f"M{b.w * (n / 8 * 1.0):.0f} {b.h * 0.74:.0f} h{b.w / 8:.0f} "
            f"L{b.w * ((n + 1) / 8 * 1.8 - 0.4):.0f} {b.h:.0f} h{-b.w * 0.225:.0f}Z",
            mix(green, "#ffffff", 0.1),
        )
    b.rect(0, b.h * 0.74, b.w, b.u * 0.006, b.tone("#fbf8f1"))


def plaza(b: Backdrop) -> None:
    """A wide paved square with trees far away."""
    b.sky()
    for n in range(15):
        x = b.w * (n + b.rng.uniform(-0.2, 0.2)) / 14
        b.circle(x, b.h * 0.69, b.u * b.rng.uniform(0.045, 0.07), b.tone("#8fb87a"))
    b.rect(0, b.h * 0.7, b.w, b.h * 0.3, b.tone("#d9d3c8"))
    line = b.tone("#c3bcb0")
    for n in range(-7, 8):
        b.stroke(
            f"M{b.w * (0.5 + n * 0.06):.0f} {b.h * 0.7:.0f} L{b.w * (0.5 + n * 0.2):.0f} {b.h:.0f}",
            line,
            b.u * 0.003,
        )
    for y in (0.73, 0.775, 0.84, 0.92):
        b.rect(0, b.h * y, b.w, b.u * 0.003, line)
