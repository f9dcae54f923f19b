"""The sky by its hour and weather: sun, moon, stars, clouds, northern lights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

from .colour import mix
from .curves import curve

if TYPE_CHECKING:
    from .rng import Rng


class Canvas(Protocol):
    """The background that a sky is painted on, with its size, hour and weather."""

    w: float
    h: float
    u: float
    time: str
    ink: bool
    weather: list[Any]
    named: Any
    rng: Rng
    low: tuple[float, str] | None

    def add(self, markup: str) -> None:
        """Add SVG."""

    def circle(self, x: float, y: float, r: float, colour: str, opacity: float = 1) -> None:
        """Add a circle."""

    def path(self, d: str, colour: str, opacity: float = 1) -> None:
        """Add a filled path."""

    def stars(self, many: int) -> None:
        """Add stars."""

    def gradient(
        self, name: str, top: str, bottom: str, y: float = 0, h: float | None = None
    ) -> None:
        """Fill a band from one colour to another."""


SKIES = {
    "day": (("#a9d8f2", "#f3f9f0"), ("#bfe4ee", "#fdf6e3"), ("#9fcdf0", "#e9f4fb")),
    "morning": (("#f9cfae", "#fff3da"), ("#c5d9ee", "#fde3c3"), ("#f6c6c0", "#fdf0d5")),
    "sunset": (("#8a6bb0", "#fbb27a"), ("#e8776a", "#fcd596"), ("#5f6bab", "#f79a80")),
    "night": (("#16204a", "#45508f"), ("#1a1f45", "#4c4a85"), ("#12284a", "#3f6390")),
}


def paint(b: Canvas, *, stars: bool) -> None:
    """Fill the sky with sun, moon, stars and clouds, by hour and weather."""
    top, bottom = b.rng.choice(SKIES[b.time])
    if b.ink:
        _paper_sky(b)
        return
    if {"rain", "storm", "fog", "cloud"} & set(b.weather):
        grey = "#8c99a8" if b.time != "night" else "#1b2140"
        top, bottom = mix(top, grey, 0.6), mix(bottom, grey, 0.35)
    b.gradient("sky", top, bottom)
    clear = not {"rain", "storm", "cloud", "snow", "fog"} & set(b.weather)
    side = b.rng.choice((0.16, 0.2, 0.8, 0.84))
    x, r = side * b.w, 0.06 * b.u
    if "aurora" in b.weather and b.time == "night":
        _aurora(b)
    if b.time == "night":
        if stars and "star" not in b.named:
            b.stars(34)
        # Also if another moon is named, so that the next random numbers stay the same.
        y = b.h * b.rng.uniform(0.13, 0.2) if clear else 0.0
        if clear and not {"moon", "planet", "earth"} & b.named:
            b.low = (x, "#fff3c4")
            b.circle(x, y, r * 1.7, "#fff3c4", 0.1)
            b.circle(x, y, r, "#ffefb8")
            b.circle(x - r * 0.3, y - r * 0.2, r * 0.2, "#f3dc98")
            b.circle(x + r * 0.35, y + r * 0.3, r * 0.14, "#f3dc98")
    elif clear and not {"sun", "moon"} & b.named:
        y = {"day": 0.15, "morning": 0.42, "sunset": 0.5}[b.time] * b.h
        colour = {"day": "#ffe27a", "morning": "#ffd884", "sunset": "#ffe0a0"}[b.time]
        r *= {"day": 0.95, "morning": 1.3, "sunset": 1.8}[b.time]
        if b.time != "day":
            x = b.w * b.rng.choice((0.28, 0.5, 0.72))
        b.low = (x, colour) if b.time != "day" else None
        b.circle(x, y, r * 2.1, colour, 0.16)
        b.circle(x, y, r * 1.5, colour, 0.25)
        b.circle(x, y, r, colour)
    if "cloud" not in b.named and b.weather != ["sun"]:
        many = 7 if {"cloud", "rain", "storm", "snow"} & set(b.weather) else b.rng.integer(3) + 1
        tint = {
            "day": "#ffffff",
            "morning": "#fff2e2",
            "sunset": "#ffd0b4",
            "night": "#6a74ad",
        }[b.time]
        if {"rain", "storm", "cloud"} & set(b.weather):
            tint = mix(tint, "#7d8796", 0.4)
        for n in range(many):
            left = b.w * ((n + b.rng.uniform(0.1, 0.9)) / many)
            _cloud(
                b,
                left,
                b.h * b.rng.uniform(0.08, 0.34),
                b.u * b.rng.uniform(0.06, 0.12),
                tint,
                0.75,
            )


def _paper_sky(b: Canvas) -> None:
    """Leave the paper white except for a wash, a red sun or the moon."""
    dark = {"night": 0.42, "sunset": 0.2}.get(b.time, 0.06)
    wet = {"rain", "storm", "fog", "cloud", "snow"} & set(b.weather)
    b.gradient("sky", mix("#faf6eb", "#3a3d4a", max(dark, 0.22 if wet else 0)), "#faf6eb")
    if wet or {"sun", "moon"} & b.named:
        return
    x, y, r = b.w * b.rng.choice((0.22, 0.78)), b.h * 0.2, b.u * 0.06
    if b.time == "night":
        b.circle(x, y, r * 1.5, "#faf6eb", 0.3)
        b.circle(x, y, r, "#fdfbf4")
    else:
        b.circle(x, y, r, "#cf5a44", 0.85)


def _aurora(b: Canvas) -> None:
    """Add curtains of light to the night sky."""
    rng = b.rng.fork("aurora")
    for number, colour in enumerate(("#5ff0b0", "#7fd8f0", "#b58cf5")):
        base, phase = 0.4 - 0.07 * number, rng.uniform(0, 6.3)
        foot, top = [], []
        for n in range(13):
            t = n / 12
            y = base + 0.06 * math.sin(phase + t * 6.3) + 0.03 * math.sin(2 * phase + t * 12)
            foot.append((t * b.w, y * b.h))
            top.append((t * b.w, (y - 0.22 - 0.05 * math.sin(phase + 9 * t)) * b.h))
        name = f"aurora{number}"
        b.add(
            f'<linearGradient id="{name}" x1="0" y1="1" x2="0" y2="0">'
            f'<stop stop-color="{colour}" stop-opacity="0"/>'
            f'<stop offset="0.18" stop-color="{colour}" stop-opacity="0.62"/>'
            f'<stop offset="1" stop-color="{colour}" stop-opacity="0"/></linearGradient>'
        )
        back = " L".join(f"{x:.1f} {y:.1f}" for x, y in reversed(top))
        b.path(f"{curve(foot)} L{back}Z", f"url(#{name})")


def sprinkle_stars(b: Canvas, many: int) -> None:
    """Add stars."""
    rng = b.rng.fork("stars")
    for _ in range(many):
        x, y = b.w * rng.uniform(0, 1), b.h * rng.uniform(0, 0.62)
        b.circle(x, y, b.u * rng.uniform(0.0012, 0.0034), "#fff6d8", 0.85)


def _cloud(b: Canvas, x: float, y: float, size: float, colour: str, opacity: float) -> None:
    """Add one flat-bottomed cloud."""
    s = size
    b.path(
        f"M{x - s:.1f} {y:.1f} a{s * 0.34:.1f} {s * 0.34:.1f} "
        f"0 0 1 {s * 0.28:.1f} {-s * 0.42:.1f} "
        f"a{s * 0.46:.1f} {s * 0.46:.1f} 0 0 1 {s * 0.78:.1f} {-s * 0.16:.1f} "
        f"a{s * 0.36:.1f} {s * 0.36:.1f} 0 0 1 {s * 0.6:.1f} {s * 0.2:.1f} "
        f"a{s * 0.28:.1f} {s * 0.28:.1f} 0 0 1 {s * 0.2:.1f} {s * 0.38:.1f}Z",
        colour,
        opacity,
    )
