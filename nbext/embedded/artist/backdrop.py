"""What is behind the figures: the sky by its hour, the weather, and tools for the places."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .colour import inked, mix

if TYPE_CHECKING:
    from .dice import Dice

SKIES = {
    "day": (("#a9d8f2", "#f3f9f0"), ("#bfe4ee", "#fdf6e3"), ("#9fcdf0", "#e9f4fb")),
    "morning": (("#f9cfae", "#fff3da"), ("#c5d9ee", "#fde3c3"), ("#f6c6c0", "#fdf0d5")),
    "sunset": (("#8a6bb0", "#fbb27a"), ("#e8776a", "#fcd596"), ("#5f6bab", "#f79a80")),
    "night": (("#16204a", "#45508f"), ("#1a1f45", "#4c4a85"), ("#12284a", "#3f6390")),
}
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

    def __init__(self, wide: float, high: float, scene: dict[str, object], dice: Dice) -> None:
        self.w, self.h, self.u = wide, high, min(wide, high)
        self.time = str(scene["time"])
        self.ink = scene.get("manner") == "ink"
        self.neon = scene.get("manner") == "neon"
        self.weather = scene["weather"] if isinstance(scene["weather"], list) else []
        self.named = (
            {str(name) for name in scene["named"]}
            if isinstance(scene["named"], (list, set))
            else set()
        )
        self.dice = dice
        self.parts: list[str] = []
        # Where the sun or the moon stands low, for the water to show it again.
        self.low: tuple[float, str] | None = None

    def tone(self, colour: str) -> str:
        """Return a background's colour in the light of the hour and the weather."""
        if self.ink:
            return inked(colour, 0.42)
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

    def pane(self, dice: Dice, by_day: str) -> str:
        """Return a window's colour: lit in the evening, of all colours under neon."""
        if self.neon:
            return dice.pick(("#ff4fd8", "#36f0ff", "#ffe08a", "#a06bff", "#ff7a5c"))
        return "#ffe08a" if self.time in {"night", "sunset"} else self.tone(by_day)

    def washed(self, colour: str, top: float, foot: float) -> str:
        """Return a paint for what rises into view: in ink its foot is lost in mist."""
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
        """Fill everything below a soft line around y (share of the height)."""
        phase, second = self.dice.between(0, 6.3), self.dice.between(0, 6.3)
        points = []
        for i in range(9):
            t = i / 8
            lift = math.sin(phase + t * 6.3 * waves / 2) + 0.4 * math.sin(second + t * 6.3 * waves)
            points.append((t * self.w, (y + swing * lift) * self.h))
        high = min(py for _, py in points)
        colour = self.washed(colour, high, high + 0.22 * self.h)
        self.path(f"{_curve(points)} L{self.w:.0f} {self.h:.0f} L0 {self.h:.0f}Z", colour)

    def peaks(self, y: float, tall: float, colour: str, cap: str | None, count: int) -> None:
        """Add mountains that stand on y, each with snow on it where `cap` is a colour."""
        step = self.w / count
        for i in self.dice.shuffled(range(count + 1)):
            x = i * step + self.dice.between(-0.25, 0.25) * step
            top = (y - tall * self.dice.between(0.6, 1.0)) * self.h
            foot, half = y * self.h + 2, step * self.dice.between(0.75, 1.05)
            shade = mix(colour, "#2f2a50", 0.16)
            lean = self.dice.between(-0.1, 0.1) * half
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
        """Fill the sky, with sun, moon, stars and clouds by hour and weather."""
        # Dice of its own: another hour or weather must not move what stands on the ground.
        ground, self.dice = self.dice, self.dice.fork("sky")
        self._sky(stars=stars)
        self.dice = ground

    def _sky(self, *, stars: bool) -> None:
        top, bottom = self.dice.pick(SKIES[self.time])
        if self.ink:
            self._paper_sky()
            return
        if {"rain", "storm", "fog", "cloud"} & set(self.weather):
            grey = "#8c99a8" if self.time != "night" else "#1b2140"
            top, bottom = mix(top, grey, 0.6), mix(bottom, grey, 0.35)
        self.gradient("sky", top, bottom)
        clear = not {"rain", "storm", "cloud", "snow", "fog"} & set(self.weather)
        side = self.dice.pick((0.16, 0.2, 0.8, 0.84))
        x, r = side * self.w, 0.06 * self.u
        if "aurora" in self.weather and self.time == "night":
            self._aurora()
        if self.time == "night":
            if stars and "star" not in self.named:
                self.stars(34)
            # Also where another moon is named: what is thrown next falls as it did without it.
            y = self.h * self.dice.between(0.13, 0.2) if clear else 0.0
            if clear and not {"moon", "planet", "earth"} & self.named:
                self.low = (x, "#fff3c4")
                self.circle(x, y, r * 1.7, "#fff3c4", 0.1)
                self.circle(x, y, r, "#ffefb8")
                self.circle(x - r * 0.3, y - r * 0.2, r * 0.2, "#f3dc98")
                self.circle(x + r * 0.35, y + r * 0.3, r * 0.14, "#f3dc98")
        elif clear and not {"sun", "moon"} & self.named:
            y = {"day": 0.15, "morning": 0.42, "sunset": 0.5}[self.time] * self.h
            colour = {"day": "#ffe27a", "morning": "#ffd884", "sunset": "#ffe0a0"}[self.time]
            r *= {"day": 0.95, "morning": 1.3, "sunset": 1.8}[self.time]
            if self.time != "day":
                x = self.w * self.dice.pick((0.28, 0.5, 0.72))
            self.low = (x, colour) if self.time != "day" else None
            self.circle(x, y, r * 2.1, colour, 0.16)
            self.circle(x, y, r * 1.5, colour, 0.25)
            self.circle(x, y, r, colour)
        if "cloud" not in self.named and self.weather != ["sun"]:
            many = (
                7
                if {"cloud", "rain", "storm", "snow"} & set(self.weather)
                else self.dice.roll(3) + 1
            )
            tint = {
                "day": "#ffffff",
                "morning": "#fff2e2",
                "sunset": "#ffd0b4",
                "night": "#6a74ad",
            }[self.time]
            if {"rain", "storm", "cloud"} & set(self.weather):
                tint = mix(tint, "#7d8796", 0.4)
            for n in range(many):
                left = self.w * ((n + self.dice.between(0.1, 0.9)) / many)
                self.cloud(
                    left,
                    self.h * self.dice.between(0.08, 0.34),
                    self.u * self.dice.between(0.06, 0.12),
                    tint,
                    0.75,
                )

    def _paper_sky(self) -> None:
        """Leave the paper white but for a wash, a red sun or the moon."""
        dark = {"night": 0.42, "sunset": 0.2}.get(self.time, 0.06)
        wet = {"rain", "storm", "fog", "cloud", "snow"} & set(self.weather)
        self.gradient("sky", mix("#faf6eb", "#3a3d4a", max(dark, 0.22 if wet else 0)), "#faf6eb")
        if wet or {"sun", "moon"} & self.named:
            return
        x, y, r = self.w * self.dice.pick((0.22, 0.78)), self.h * 0.2, self.u * 0.06
        if self.time == "night":
            self.circle(x, y, r * 1.5, "#faf6eb", 0.3)
            self.circle(x, y, r, "#fdfbf4")
        else:
            self.circle(x, y, r, "#cf5a44", 0.85)

    def _aurora(self) -> None:
        """Hang curtains of light into the night."""
        dice = self.dice.fork("aurora")
        for number, colour in enumerate(("#5ff0b0", "#7fd8f0", "#b58cf5")):
            base, phase = 0.4 - 0.07 * number, dice.between(0, 6.3)
            foot, top = [], []
            for n in range(13):
                t = n / 12
                y = base + 0.06 * math.sin(phase + t * 6.3) + 0.03 * math.sin(2 * phase + t * 12)
                foot.append((t * self.w, y * self.h))
                top.append((t * self.w, (y - 0.22 - 0.05 * math.sin(phase + 9 * t)) * self.h))
            name = f"aurora{number}"
            self.add(
                f'<linearGradient id="{name}" x1="0" y1="1" x2="0" y2="0">'
                f'<stop stop-color="{colour}" stop-opacity="0"/>'
                f'<stop offset="0.18" stop-color="{colour}" stop-opacity="0.62"/>'
                f'<stop offset="1" stop-color="{colour}" stop-opacity="0"/></linearGradient>'
            )
            back = " L".join(f"{x:.1f} {y:.1f}" for x, y in reversed(top))
            self.path(f"{_curve(foot)} L{back}Z", f"url(#{name})")

    def stars(self, many: int) -> None:
        """Sprinkle stars."""
        dice = self.dice.fork("stars")
        for _ in range(many):
            x, y = self.w * dice.between(0, 1), self.h * dice.between(0, 0.62)
            self.circle(x, y, self.u * dice.between(0.0012, 0.0034), "#fff6d8", 0.85)

    def cloud(self, x: float, y: float, size: float, colour: str, opacity: float) -> None:
        """Add one flat-bottomed cloud."""
        s = size
        self.path(
            f"M{x - s:.1f} {y:.1f} a{s * 0.34:.1f} {s * 0.34:.1f} "
            f"0 0 1 {s * 0.28:.1f} {-s * 0.42:.1f} "
            f"a{s * 0.46:.1f} {s * 0.46:.1f} 0 0 1 {s * 0.78:.1f} {-s * 0.16:.1f} "
            f"a{s * 0.36:.1f} {s * 0.36:.1f} 0 0 1 {s * 0.6:.1f} {s * 0.2:.1f} "
            f"a{s * 0.28:.1f} {s * 0.28:.1f} 0 0 1 {s * 0.2:.1f} {s * 0.38:.1f}Z",
            colour,
            opacity,
        )

    def tuft(self, x: float, y: float, s: float, colour: str) -> None:
        """Add a few blades of grass."""
        self.stroke(
            f"M{x:.1f} {y:.1f} q{-s * 0.3:.1f} {-s * 0.5:.1f} {-s * 0.7:.1f} {-s * 0.8:.1f} "
            f"M{x:.1f} {y:.1f} q0 {-s * 0.6:.1f} {s * 0.1:.1f} {-s * 1.1:.1f} "
            f"M{x:.1f} {y:.1f} q{s * 0.3:.1f} {-s * 0.5:.1f} {s * 0.7:.1f} {-s * 0.8:.1f}",
            colour,
            s * 0.16,
        )

    def before(self) -> None:
        """Add the weather that is before the figures: rain, snow, fog, petals, leaves."""
        weather = set(self.weather)
        if weather & {"rain", "storm"}:
            d = []
            for _ in range(110):
                x, y = self.w * self.dice.between(-0.05, 1.05), self.h * self.dice.between(-0.05, 1)
                n = self.u * self.dice.between(0.02, 0.045)
                d.append(f"M{x:.0f} {y:.0f} l{-n * 0.3:.1f} {n:.1f}")
            self.stroke("".join(d), "#eaf4fb", self.u * 0.0028, 0.62)
        if "storm" in weather:
            x, y, s = self.w * self.dice.pick((0.22, 0.78)), self.h * 0.05, self.u * 0.3
            self.path(
                f"M{x:.0f} {y:.0f} l{-s * 0.2:.0f} {s * 0.5:.0f} h{s * 0.14:.0f} l{-s * 0.12:.0f} "
                f"{s * 0.5:.0f} l{s * 0.34:.0f} {-s * 0.62:.0f} h{-s * 0.16:.0f} l{s * 0.14:.0f} "
                f"{-s * 0.38:.0f}Z",
                "#ffe27a",
            )
        if "snow" in weather:
            for _ in range(90):
                self.circle(
                    self.w * self.dice.between(0, 1),
                    self.h * self.dice.between(0, 1),
                    self.u * self.dice.between(0.003, 0.009),
                    "#ffffff",
                    0.85,
                )
        if "fog" in weather:
            for n in range(4):
                y = self.h * (0.35 + 0.17 * n)
                self.ellipse(
                    self.w * self.dice.between(0.2, 0.8),
                    y,
                    self.w * 0.7,
                    self.h * 0.07,
                    "#f2f4f6",
                    0.3,
                )
        if "wind" in weather:
            for n in range(5):
                x, y = self.w * self.dice.between(0.02, 0.6), self.h * (0.12 + 0.14 * n)
                s = self.u * self.dice.between(0.12, 0.22)
                self.stroke(
                    f"M{x:.0f} {y:.0f} q{s * 0.6:.0f} {-s * 0.2:.0f} {s * 1.2:.0f} 0 "
                    f"q{s * 0.3:.0f} {s * 0.16:.0f} {s * 0.3:.0f} {-s * 0.1:.0f} "
                    f"q{-s * 0.02:.0f} {-s * 0.18:.0f} {-s * 0.16:.0f} {-s * 0.12:.0f}",
                    "#ffffff",
                    self.u * 0.006,
                    0.75,
                )
        for kind, colours in (
            ("petals", ("#f7b7c8", "#fbd3dc")),
            ("leaves", ("#d9803f", "#c9503f", "#e8b23f")),
        ):
            if kind in weather:
                for _ in range(42):
                    x, y = self.w * self.dice.between(0, 1), self.h * self.dice.between(0, 1)
                    s, turn = self.u * self.dice.between(0.008, 0.016), self.dice.roll(180)
                    self.add(
                        f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{s:.1f}" ry="{s * 0.5:.1f}" '
                        f'fill="{self.dice.pick(colours)}" '
                        f'transform="rotate({turn} {x:.0f} {y:.0f})"/>'
                    )


def _curve(points: list[tuple[float, float]]) -> str:
    """Return a smooth path through points (Catmull-Rom as cubic Béziers)."""
    d = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for i in range(len(points) - 1):
        a, b = points[max(0, i - 1)], points[i]
        c, e = points[i + 1], points[min(len(points) - 1, i + 2)]
        d += (
            f" C{b[0] + (c[0] - a[0]) / 6:.1f} {b[1] + (c[1] - a[1]) / 6:.1f}"
            f" {c[0] - (e[0] - b[0]) / 6:.1f} {c[1] - (e[1] - b[1]) / 6:.1f} {c[0]:.1f} {c[1]:.1f}"
        )
    return d
