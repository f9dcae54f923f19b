"""The background: the sky by hour, the weather, and drawing tools for the places."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from . import sky
from .colour import inked, mix
from .curves import curve
from .lexicon import lexicon

if TYPE_CHECKING:
    from .rng import Rng

_LIGHT = {
    "day": ("#ffffff", 0.0),
    "morning": ("#ffcf9a", 0.14),
    "sunset": ("#b0486a", 0.3),
    "night": ("#182150", 0.62),
}
_FIGURE_LIGHT = {"day": 0.0, "morning": 0.05, "sunset": 0.1, "night": 0.2}
# Lamps, windows and fires keep their colour at night.
GLOWING = frozenset({"#ffe08a", "#fff3b8", "#fff3b0", "#ff9f3a", "#ffb03a"})


class Backdrop:
    """Draws the parts of a background at one size, in one light."""

    def __init__(self, wide: float, high: float, scene: dict[str, object], rng: Rng) -> None:
        self.w, self.h, self.u = wide, high, min(wide, high)
        self.time = str(scene["time"])
        self.ink = scene.get("style") == "ink"
        self.neon = scene.get("style") == "neon"
        self.weather = scene["weather"] if isinstance(scene["weather"], list) else []
        self.ground = lexicon().colours.get(str(scene.get("ground", "")), "")
        self.named = (
            {str(name) for name in scene["named"]}
            if isinstance(scene["named"], (list, set))
            else set()
        )
        self.rng = rng
        # The view through a window.
        self.window: list[dict[str, Any]] = []
        self.parts: list[str] = []
        # The position of a low sun or moon, for its reflection in the water.
        self.low: tuple[float, str] | None = None

    def tone(self, colour: str) -> str:
        """Return a background's colour in the light of the hour and the weather."""
        if self.ink:
            return inked(colour, 0.2)
        if colour in GLOWING:
            return colour
        other, share = _LIGHT[self.time]
        colour = mix(colour, other, share)
        if {"rain", "storm", "fog", "cloud"} & set(self.weather):
            colour = mix(colour, "#8793a3" if self.time != "night" else "#232a48", 0.26)
        return colour

    def figure_tone(self, colour: str) -> str:
        """Return a figure's colour in that light; figures keep more of their own."""
        if self.ink:
            return inked(colour, 0.08)
        if colour in GLOWING:
            return colour
        return mix(colour, _LIGHT[self.time][0], _FIGURE_LIGHT[self.time])

    def pane(self, rng: Rng, by_day: str) -> str:
        """Return a window's colour: lit in the evening, in many colours under neon."""
        if self.neon:
            return rng.choice(("#ff4fd8", "#36f0ff", "#ffe08a", "#a06bff", "#ff7a5c"))
        return "#ffe08a" if self.time in {"night", "sunset"} else self.tone(by_day)

    def washed(self, colour: str, top: float, foot: float) -> str:
        """Return the paint for something tall: in the ink style its foot fades into mist."""
        if not self.ink:
            return colour
        name = f"wash{len(self.parts)}"
        self.add(
            f'<linearGradient id="{name}" gradientUnits="userSpaceOnUse" x1="0" x2="0" '
            f'y1="{top:.0f}" y2="{foot:.0f}"><stop stop-color="{colour}"/>'
            f'<stop offset="0.45" stop-color="{mix(colour, "#faf6eb", 0.55)}" stop-opacity="0.9"/>'
            f'<stop offset="1" stop-color="#faf6eb" stop-opacity="0.75"/></linearGradient>'
        )
        return f"url(#{name})"

    def add(self, markup: str) -> None:
        """Add SVG."""
        self.parts.append(markup)

    def circle(self, x: float, y: float, r: float, colour: str, opacity: float = 1) -> None:
        """Add a disc."""
        faint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        self.add(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{colour}"{faint}/>')

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, colour: str, opacity: float = 1
    ) -> None:
        """Add an ellipse."""
        faint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        self.add(
            f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{rx:.1f}" ry="{ry:.1f}" '
            f'fill="{colour}"{faint}/>'
        )

    def rect(
        self, x: float, y: float, w: float, h: float, colour: str, r: float = 0, opacity: float = 1
    ) -> None:
        """Add a rectangle."""
        faint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        self.add(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{r:.1f}" '
            f'fill="{colour}"{faint}/>'
        )

    def path(self, d: str, colour: str, opacity: float = 1) -> None:
        """Add a filled path."""
        faint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        self.add(f'<path d="{d}" fill="{colour}"{faint}/>')

    def stroke(self, d: str, colour: str, width: float, opacity: float = 1) -> None:
        """Add a line."""
        self.add(
            f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width:.1f}" '
            f'stroke-linecap="round" stroke-linejoin="round" stroke-opacity="{opacity:g}"/>'
        )

    def gradient(
        self, name: str, top: str, bottom: str, y: float = 0, h: float | None = None
    ) -> None:
        """Fill the width from y, h high, from one colour to another."""
        height = self.h - y if h is None else h
        self.add(
            f'<linearGradient id="{name}" x1="0" y1="0" x2="0" y2="1"><stop stop-color="{top}"/>'
            f'<stop offset="1" stop-color="{bottom}"/></linearGradient>'
            f'<rect y="{y:.1f}" width="{self.w:.0f}" '
            f'height="{height + 1:.1f}" fill="url(#{name})"/>'
        )

    def hill(self, y: float, swing: float, colour: str, waves: float = 1.6) -> None:
        """Fill everything below a soft wavy line around y (share of the height)."""
        phase, second = self.rng.uniform(0, 6.3), self.rng.uniform(0, 6.3)
        points = []
        for i in range(9):
            t = i / 8
            lift = math.sin(phase + t * 6.3 * waves / 2) + 0.4 * math.sin(second + t * 6.3 * waves)
            points.append((t * self.w, (y + swing * lift) * self.h))
        high = min(py for _, py in points)
        colour = self.washed(colour, high, high + 0.22 * self.h)
        self.path(f"{curve(points)} L{self.w:.0f} {self.h:.0f} L0 {self.h:.0f}Z", colour)

    def peaks(self, y: float, tall: float, colour: str, cap: str | None, count: int) -> None:
        """Add mountains standing on y, with snow caps if `cap` is a colour."""
        step = self.w / count
        for i in self.rng.shuffled(range(count + 1)):
            x = i * step + self.rng.uniform(-0.25, 0.25) * step
            top = (y - tall * self.rng.uniform(0.6, 1.0)) * self.h
            foot, half = y * self.h + 2, step * self.rng.uniform(0.75, 1.05)
            shade = mix(colour, "#2f2a50", 0.16)
            lean = self.rng.uniform(-0.1, 0.1) * half
            rock, shade = (self.washed(tone, top, foot) for tone in (colour, shade))
            self.path(
                f"M{x - half:.0f} {foot:.0f} Q{x - half * 0.3:.0f} {top + (foot - top) * 0.34:.0f} "
                f"{x:.0f} {top:.0f} Q{x + half * 0.34:.0f} {top + (foot - top) * 0.36:.0f} "
                f"{x + half:.0f} {foot:.0f}Z",
                rock,
            )
            self.path(
                f"M{x:.0f} {top:.0f} Q{x + half * 0.34:.0f} {top + (foot - top) * 0.36:.0f} "
                f"{x + half:.0f} {foot:.0f} H{x + half * 0.1 + lean:.0f} "
                f"Q{x + half * 0.22:.0f} {top + (foot - top) * 0.5:.0f} {x:.0f} {top:.0f}Z",
                shade,
            )
            if cap and not self.ink:
                d, a = (foot - top) * 0.24, half * 0.2
                self.path(
                    f"M{x:.0f} {top - 1:.0f} L{x + a:.0f} {top + d:.0f} "
                    f"L{x + a * 0.4:.0f} {top + d * 0.8:.0f} L{x:.0f} {top + d * 1.2:.0f} "
                    f"L{x - a * 0.45:.0f} {top + d * 0.82:.0f} L{x - a:.0f} {top + d:.0f}Z",
                    cap,
                )

    def sky(self, *, stars: bool = True) -> None:
        """Fill the sky with sun, moon, stars and clouds, by hour and weather."""
        # Its own random numbers, so that the hour and weather do not move things on the ground.
        ground, self.rng = self.rng, self.rng.fork("sky")
        sky.paint(self, stars=stars)
        self.rng = ground

    def stars(self, many: int) -> None:
        """Sprinkle stars."""
        sky.sprinkle_stars(self, many)

    def tuft(self, x: float, y: float, s: float, colour: str) -> None:
        """Add a few blades of grass."""
        self.stroke(
            f"M{x:.1f} {y:.1f} q{-s * 0.3:.1f} {-s * 0.5:.1f} {-s * 0.7:.1f} {-s * 0.8:.1f} "
            f"M{x:.1f} {y:.1f} q0 {-s * 0.6:.1f} {s * 0.1:.1f} {-s * 1.1:.1f} "
            f"M{x:.1f} {y:.1f} q{s * 0.3:.1f} {-s * 0.5:.1f} {s * 0.7:.1f} {-s * 0.8:.1f}",
            colour,
            s * 0.16,
        )
