"""The places: one function draws each, from the far to the near."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .colour import mix
from .figures import drawing

if TYPE_CHECKING:
    from collections.abc import Callable

    from .backdrop import Backdrop


def _stamp(
    b: Backdrop,
    name: str,
    x: float,
    foot: float,
    tall: float,
    colour: str | None = None,
    opacity: float = 1,
) -> None:
    """Draw a figure as part of the place, in the background's light."""
    drawn = drawing(name)
    scale = tall / drawn.height
    body = drawn.coloured(colour)
    for tone in dict.fromkeys(part[:7] for part in body.split('"') if part[:1] == "#"):
        body = body.replace(tone, b.tone(tone))
    b.add(
        f'<g transform="translate({x - drawn.width * scale / 2:.1f} {foot - tall:.1f}) '
        f'scale({scale:.4f})" opacity="{opacity:g}">{body}</g>'
    )


def _snowy(b: Backdrop, colour: str) -> str:
    return mix(colour, "#f4f8fc", 0.78) if "snow" in b.weather else colour


def _grassland(b: Backdrop, far: str, middle: str, near: str) -> None:
    b.sky()
    far, middle, near = (_snowy(b, c) for c in (far, middle, near))
    b.hill(0.56, 0.035, b.tone(mix(far, "#bfdcea", 0.45)), 2.2)
    b.hill(0.62, 0.03, b.tone(far), 1.8)
    b.hill(0.69, 0.02, b.tone(middle), 1.2)
    b.hill(0.84, 0.015, b.tone(near), 1)


def _decor(b: Backdrop, colours: tuple[str, ...], many: int, top: float = 0.7) -> None:
    """Sprinkle tufts and little flowers."""
    grass = b.tone(_snowy(b, "#5f9a4c"))
    if b.ink:
        # Empty paper says more.
        many //= 4
    for n in range(many):
        x, y = b.w * b.dice.between(0.01, 0.99), b.h * b.dice.between(top, 0.98)
        s = b.u * (0.012 + 0.02 * (y / b.h - top))
        if (
            n % 3 == 0
            and colours
            and not b.ink
            and "flower" not in b.named
            and "snow" not in b.weather
        ):
            petal = b.tone(b.dice.pick(colours))
            for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                b.circle(x + dx * s * 0.4, y + dy * s * 0.4, s * 0.36, petal)
            b.circle(x, y, s * 0.28, b.tone("#f9d667"))
        elif "grass" not in b.named:
            b.tuft(x, y, s * 1.3, grass)


def meadow(b: Backdrop) -> None:
    """Hills, with trees far away."""
    greens = b.dice.pick(
        (
            ("#a5cf88", "#8cc06c", "#76b05a"),
            ("#bcd488", "#a3c66c", "#8ab65c"),
            ("#9bcfa0", "#7fbd84", "#68aa70"),
        )
    )
    _grassland(b, *greens)
    if not {"tree", "pine"} & b.named:
        for _ in range(b.dice.roll(3) + 2):
            x = b.w * b.dice.pick((b.dice.between(0.02, 0.3), b.dice.between(0.7, 0.98)))
            _stamp(b, "tree", x, b.h * b.dice.between(0.66, 0.69), b.u * b.dice.between(0.1, 0.17))
    _decor(b, ("#ffffff", "#f7c9d4", "#f9e08a"), 26)


def garden(b: Backdrop) -> None:
    """A fence, bushes and flower beds."""
    b.sky()
    b.hill(0.6, 0.02, b.tone(_snowy(b, "#a8cf90")), 2)
    fence = b.tone("#fbf6ea")
    step = b.w / 15
    b.rect(0, b.h * 0.625, b.w, b.u * 0.014, mix(fence, "#8a7f78", 0.12))
    b.rect(0, b.h * 0.685, b.w, b.u * 0.014, mix(fence, "#8a7f78", 0.12))
    for n in range(16):
        x, y, s = n * step, b.h * 0.59, step * 0.5
        b.path(
            f"M{x:.0f} {b.h * 0.73:.0f} V{y:.0f} l{s / 2:.0f} {-s * 0.6:.0f} "
            f"l{s / 2:.0f} {s * 0.6:.0f} V{b.h * 0.73:.0f}Z",
            fence,
        )
    b.hill(0.73, 0.008, b.tone(_snowy(b, "#86bd68")), 1.4)
    if "bush" not in b.named:
        for x in (0.03, 0.2, 0.82, 0.98):
            _stamp(b, "bush", b.w * (x + b.dice.between(-0.03, 0.03)), b.h * 0.76, b.u * 0.13)
    if not {"flower", "tulip", "rose", "sunflower"} & b.named:
        for n in range(14):
            x = b.w * ((n + b.dice.between(0.1, 0.9)) / 14)
            if 0.3 < x / b.w < 0.7:
                continue
            tint = b.dice.pick(("#ee7a94", "#f7c948", "#b48be0", "#f2945c", "#fdf6ee"))
            _stamp(
                b,
                b.dice.pick(("flower", "tulip")),
                x,
                b.h * b.dice.between(0.79, 0.97),
                b.u * b.dice.between(0.09, 0.14),
                tint,
            )
    _decor(b, ("#ffffff", "#f7c9d4"), 18, 0.76)


def field(b: Backdrop) -> None:
    """Fields in rows up to the hills."""
    b.sky()
    b.hill(0.58, 0.03, b.tone(_snowy(b, "#a9c98e")), 2)
    b.hill(0.64, 0.012, b.tone(_snowy(b, "#dcc274")), 1.2)
    near = b.tone(_snowy(b, b.dice.pick(("#9cbf62", "#e3c566", "#a9c46a"))))
    b.hill(0.7, 0.006, near, 1)
    line = mix(near, "#5a4a2a", 0.16)
    middle = b.w * b.dice.between(0.35, 0.65)
    for n in range(-9, 10):
        b.stroke(
            f"M{middle + n * b.w * 0.06:.0f} {b.h * 0.715:.0f} "
            f"L{middle + n * b.w * 0.24:.0f} {b.h:.0f}",
            line,
            b.u * 0.007,
            0.7,
        )
    if not {"house", "windmill"} & b.named:
        _stamp(
            b,
            b.dice.pick(("house", "windmill")),
            b.w * b.dice.pick((0.14, 0.86)),
            b.h * 0.68,
            b.u * 0.15,
        )


def savanna(b: Backdrop) -> None:
    """Dry grass and flat trees."""
    _grassland(b, "#d9c27c", "#e3b85f", "#d5a54e")
    if "tree" not in b.named:
        for x in (0.13, 0.88):
            x0, y, s = b.w * (x + b.dice.between(-0.05, 0.05)), b.h * 0.68, b.u * 0.2
            b.stroke(
                f"M{x0:.0f} {y:.0f} q{s * 0.05:.0f} {-s * 0.5:.0f} {-s * 0.2:.0f} {-s:.0f} "
                f"M{x0:.0f} {y - s * 0.4:.0f} L{x0 + s * 0.3:.0f} {y - s:.0f}",
                b.tone("#7a5a42"),
                s * 0.08,
            )
            b.ellipse(x0, y - s * 1.05, s * 0.62, s * 0.16, b.tone("#8fa055"))
            b.ellipse(x0 + s * 0.12, y - s * 1.15, s * 0.42, s * 0.13, b.tone("#a3b163"))
    for _ in range(16):
        b.tuft(
            b.w * b.dice.between(0, 1),
            b.h * b.dice.between(0.72, 0.97),
            b.u * 0.022,
            b.tone("#b0893f"),
        )


def forest(b: Backdrop) -> None:
    """Trees behind trees, and a clearing."""
    b.sky()
    green = b.dice.pick(("#7fb58a", "#8aba78", "#79ad96"))
    for layer, (y, tall, share) in enumerate(
        ((0.66, 0.5, 0.55), (0.7, 0.6, 0.3), (0.74, 0.74, 0.0))
    ):
        colour = b.tone(_snowy(b, mix(mix(green, "#2f6a55", 0.22 * layer), "#e6f2ea", share)))
        many = 8 + layer
        for n in range(many + 1):
            x = b.w * (n + b.dice.between(-0.35, 0.35)) / many
            if layer == 2 and 0.2 < x / b.w < 0.8:
                continue
            top, half = b.h * (y - tall * b.dice.between(0.6, 0.9)), b.w * 0.085
            foot = b.h * (y + 0.02)
            b.rect(
                x - half * 0.13,
                foot - b.u * 0.08,
                half * 0.26,
                b.u * 0.09,
                mix(colour, "#5a4030", 0.5),
            )
            for k in range(3):
                a = top + (foot - b.u * 0.05 - top) * k * 0.26
                z = top + (foot - b.u * 0.05 - top) * (0.46 + k * 0.27)
                b.path(
                    f"M{x:.0f} {a:.0f} Q{x + half * 0.4:.0f} {(a + z) / 2:.0f} "
                    f"{x + half * (0.6 + 0.2 * k):.0f} {z:.0f} Q{x:.0f} {z + half * 0.2:.0f} "
                    f"{x - half * (0.6 + 0.2 * k):.0f} {z:.0f} Q{x - half * 0.4:.0f} "
                    f"{(a + z) / 2:.0f} {x:.0f} {a:.0f}Z",
                    mix(colour, "#fff8d8", 0.06 * (2 - k)),
                )
        b.hill(y, 0.008, mix(colour, "#8fb870", 0.25), 1.5)
    b.hill(0.76, 0.012, b.tone(_snowy(b, "#8fb765")), 1.2)
    b.ellipse(b.w * 0.5, b.h * 0.9, b.w * 0.42, b.h * 0.08, b.tone(_snowy(b, "#a9c877")), 0.7)
    _decor(b, ("#ffffff", "#f2a0a0"), 22, 0.78)


def mountain(b: Backdrop) -> None:
    """Ranges, one behind another."""
    b.sky()
    base = b.dice.pick(("#8ea6c4", "#9a9fc6", "#8fb0b8"))
    cap = b.tone("#fbfdff")
    b.peaks(0.7, 0.46, b.tone(mix(base, "#ffffff", 0.35)), cap, 3)
    b.peaks(0.72, 0.3, b.tone(base), cap, 4)
    b.hill(0.69, 0.03, b.tone(_snowy(b, "#86ab8c")), 2.4)
    b.hill(0.75, 0.02, b.tone(_snowy(b, "#93bd78")), 1.4)
    if "pine" not in b.named:
        for n in range(7):
            x = (n + b.dice.between(0, 1)) / 7
            if not 0.3 < x < 0.7:
                _stamp(b, "pine", b.w * x, b.h * b.dice.between(0.75, 0.8), b.u * 0.13)
    b.hill(0.86, 0.012, b.tone(_snowy(b, "#82b168")), 1)
    _decor(b, ("#ffffff", "#d9c6f0"), 18, 0.8)


def greatwall(b: Backdrop) -> None:
    """A wall with towers that climbs from ridge to ridge."""
    b.sky()
    base = b.dice.pick(("#8ea6c4", "#9a9fc6", "#8fb0b8"))
    b.peaks(0.66, 0.34, b.tone(mix(base, "#ffffff", 0.4)), None, 3)
    green = b.dice.pick(("#86ab7c", "#8fae72", "#7fa886"))
    b.hill(0.56, 0.05, b.tone(_snowy(b, mix(green, "#dbe6ee", 0.35))), 2.2)
    left = b.dice.roll(2) == 1

    def at(x: float, y: float) -> tuple[float, float]:
        return b.w * (x if left else 1 - x), b.h * y

    # From far to near: a ridge, then the wall along it, wider towards us.
    stretches = (
        ((0.98, 0.4), (0.86, 0.455), (0.72, 0.42), (0.6, 0.475), 0.018, 0.032),
        ((0.6, 0.475), (0.42, 0.55), (0.3, 0.5), (0.2, 0.565), 0.032, 0.05),
        ((0.2, 0.565), (0.3, 0.66), (0.52, 0.64), (0.72, 0.7), 0.05, 0.085),
        ((0.72, 0.7), (0.9, 0.74), (1.0, 0.72), (1.1, 0.76), 0.085, 0.1),
    )
    stone, shade = b.tone("#d8c7a4"), b.tone("#b09c7c")
    for number, (p, q, r, s, start, end) in enumerate(stretches):
        points = []
        for step in range(25):
            t = step / 24
            k = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            x = sum(w * c[0] for w, c in zip(k, (p, q, r, s), strict=True))
            y = sum(w * c[1] for w, c in zip(k, (p, q, r, s), strict=True))
            points.append((*at(x, y), b.u * (start + (end - start) * t)))
        ridge = b.tone(_snowy(b, mix(green, "#dbe6ee", (0.25, 0.14, 0.04, 0.0)[number])))
        line = " L".join(f"{x:.1f} {y + tall * 0.2:.1f}" for x, y, tall in points)
        b.path(f"M{points[0][0]:.1f} {b.h:.1f} L{line} L{points[-1][0]:.1f} {b.h:.1f}Z", ridge)
        top = " L".join(f"{x:.1f} {y - tall:.1f}" for x, y, tall in points)
        foot = " L".join(f"{x:.1f} {y + tall * 0.3:.1f}" for x, y, tall in reversed(points))
        b.path(f"M{top} L{foot}Z", shade)
        walk = " L".join(f"{x:.1f} {y - tall * 0.45:.1f}" for x, y, tall in reversed(points))
        b.path(f"M{top} L{walk}Z", stone)
        for x, y, tall in points:
            b.rect(x - tall * 0.13, y - tall * 1.22, tall * 0.26, tall * 0.3, stone)
    towers = ((0.98, 0.4, 0.06), (0.6, 0.475, 0.1), (0.2, 0.565, 0.15), (0.73, 0.7, 0.22))
    for across, down, size in towers:
        cx, cy = at(across, down)
        tall, wide = b.u * size, b.u * size * 0.8
        b.rect(cx - wide / 2, cy - tall * 0.9, wide, tall * 1.12, stone)
        b.rect(cx + wide * 0.12, cy - tall * 0.9, wide * 0.38, tall * 1.12, shade)
        for n in range(4):
            b.rect(
                cx - wide * 0.58 + n * wide * 0.33, cy - tall * 1.04, wide * 0.2, tall * 0.18, stone
            )
        b.rect(cx - wide * 0.58, cy - tall * 0.92, wide * 1.16, tall * 0.1, shade)
        pane = "#ffe08a" if b.time == "night" else b.tone("#5f5040")
        b.rect(cx - wide * 0.3, cy - tall * 0.6, wide * 0.2, tall * 0.28, pane, tall * 0.08)
        b.rect(cx + wide * 0.06, cy - tall * 0.6, wide * 0.2, tall * 0.28, pane, tall * 0.08)
    b.hill(0.82, 0.02, b.tone(_snowy(b, mix(green, "#6f9a58", 0.5))), 1.3)
    if "pine" not in b.named:
        for x in (0.05, 0.14, 0.88, 0.96):
            _stamp(b, "pine", b.w * x, b.h * b.dice.between(0.84, 0.9), b.u * 0.13)
    _decor(b, ("#ffffff", "#f2a0a0"), 14, 0.84)


def waterfall(b: Backdrop) -> None:
    """Water that falls between two cliffs into a pool."""
    b.sky()
    b.hill(0.4, 0.04, b.tone(_snowy(b, "#a9cfae")), 2.4)
    rock, moss = b.tone("#8d8a94"), b.tone(_snowy(b, "#7fae6a"))
    b.rect(0, b.h * 0.3, b.w, b.h * 0.5, mix(rock, "#2f2a50", 0.3))
    high, low = b.tone("#e6f6fb"), b.tone("#8fcbe2")
    x0, x1 = b.w * 0.38, b.w * 0.62
    b.add(
        f'<linearGradient id="fall" x1="0" y1="0" x2="0" y2="1"><stop stop-color="{low}"/>'
        f'<stop offset="1" stop-color="{high}"/></linearGradient>'
        f'<rect x="{x0:.0f}" y="{b.h * 0.29:.0f}" width="{x1 - x0:.0f}" '
        f'height="{b.h * 0.47:.0f}" fill="url(#fall)"/>'
    )
    for _ in range(14):
        x, y = b.dice.between(x0, x1), b.h * b.dice.between(0.3, 0.6)
        b.stroke(
            f"M{x:.0f} {y:.0f} v{b.u * b.dice.between(0.06, 0.16):.0f}", high, b.u * 0.006, 0.9
        )
    for side in (-1, 1):
        edge = x0 if side < 0 else x1
        far = 0.0 if side < 0 else b.w
        for n, (y, reach) in enumerate(((0.24, 0.02), (0.36, 0.05), (0.5, 0.03), (0.62, 0.09))):
            inner = edge + side * -b.w * reach * b.dice.between(0.3, 1)
            tone = mix(rock, "#ffffff", 0.05 * (3 - n))
            b.path(
                f"M{far:.0f} {b.h * y:.0f} H{inner - side * -b.u * 0.03:.0f} "
                f"Q{inner:.0f} {b.h * y:.0f} {inner:.0f} {b.h * (y + 0.03):.0f} "
                f"V{b.h * 0.78:.0f} H{far:.0f}Z",
                tone if n % 2 else mix(tone, "#2f2a50", 0.1),
            )
            b.path(
                f"M{far:.0f} {b.h * y:.0f} H{inner - side * -b.u * 0.03:.0f} "
                f"q{side * -b.u * 0.04:.0f} {b.u * 0.012:.0f} {side * b.u * 0.01:.0f} "
                f"{b.u * 0.03:.0f} H{far:.0f}Z",
                moss,
            )
    for x in (0.05, 0.14, 0.86, 0.95):
        _stamp(
            b, "tree", b.w * x, b.h * b.dice.between(0.25, 0.27), b.u * b.dice.between(0.13, 0.18)
        )
    b.gradient("pool", low, b.tone("#4f9fc0"), b.h * 0.74, b.h * 0.12)
    for n in range(9):
        b.ellipse(x0 + (x1 - x0) * (n + 0.5) / 9, b.h * 0.757, b.u * 0.032, b.u * 0.02, high, 0.85)
    b.hill(0.83, 0.012, b.tone(_snowy(b, "#86b866")), 1.3)
    for x in (0.06, 0.17, 0.85, 0.96):
        _stamp(b, "bush", b.w * x, b.h * 0.86, b.u * 0.11)
    _decor(b, ("#ffffff", "#f2a0c0"), 18, 0.86)


def desert(b: Backdrop) -> None:
    """Dunes."""
    b.sky()
    for y, swing, colour in (
        (0.6, 0.03, "#f2d8a0"),
        (0.67, 0.035, "#eac685"),
        (0.78, 0.03, "#e2b570"),
        (0.92, 0.02, "#d9a660"),
    ):
        b.hill(y, swing, b.tone(colour), 1.5)
    if "cactus" not in b.named:
        _stamp(b, "cactus", b.w * b.dice.pick((0.1, 0.9)), b.h * 0.75, b.u * 0.17)


def snow(b: Backdrop) -> None:
    """Ice and snow."""
    b.sky()
    b.peaks(0.64, 0.24, b.tone("#b5cde0"), b.tone("#ffffff"), 4)
    b.hill(0.62, 0.02, b.tone("#dbe9f3"), 2)
    b.hill(0.7, 0.02, b.tone("#eaf3f9"), 1.4)
    b.hill(0.84, 0.012, b.tone("#f7fbfe"), 1)
    if "pine" not in b.named:
        for x in (0.07, 0.17, 0.86, 0.95):
            _stamp(b, "pine", b.w * x, b.h * b.dice.between(0.68, 0.72), b.u * 0.16, "#8fb3b0")
    for _ in range(12):
        b.ellipse(
            b.w * b.dice.between(0, 1),
            b.h * b.dice.between(0.74, 0.97),
            b.u * 0.03,
            b.u * 0.004,
            b.tone("#cfe0ec"),
            0.7,
        )


def _water(b: Backdrop, top: float, bottom: float, high: str, low: str) -> None:
    b.gradient("water", b.tone(high), b.tone(low), b.h * top, b.h * (bottom - top))
    if b.low:
        x, colour = b.low
        for n in range(9):
            share = n / 8
            s = b.u * (0.05 + 0.05 * share) * (1 - 0.35 * (n % 2))
            b.ellipse(
                x + b.u * 0.012 * ((n * 2) % 3 - 1),
                b.h * (top + 0.012 + (bottom - top) * 0.62 * share),
                s,
                b.u * 0.006,
                colour,
                0.6 - 0.35 * share,
            )
    shine = b.tone("#e8f6fb")
    for n in range(20):
        y = top + (bottom - top) * (n + 0.6) / 20
        x, s = b.w * b.dice.between(0, 1), b.u * (0.02 + 0.06 * (n / 20))
        b.stroke(
            f"M{x - s:.0f} {b.h * y:.0f} q{s * 0.5:.0f} {-s * 0.14:.0f} {s:.0f} 0 "
            f"q{s * 0.5:.0f} {s * 0.14:.0f} {s:.0f} 0",
            shine,
            b.u * 0.004,
            0.55,
        )


WATER = {
    "sea": ("#6fb9dc", "#2f7fb5"),
    "lake": ("#9fd0e0", "#5fa6c4"),
    "beach": ("#7fcbe0", "#58b3d3"),
}


def sea(b: Backdrop) -> None:
    """Water up to the horizon."""
    b.sky()
    if b.dice.roll(2):
        b.peaks(0.521, 0.1, b.tone("#a3bccd"), None, 5)
    _water(b, 0.52, 1, *WATER["sea"])


def beach(b: Backdrop) -> None:
    """Sand before the water."""
    b.sky()
    _water(b, 0.5, 0.72, *WATER["beach"])
    b.hill(0.68, 0.012, b.tone("#eef7f4"), 1.3)
    b.hill(0.692, 0.012, b.tone("#e9d3a0"), 1.3)
    b.hill(0.72, 0.016, b.tone("#f5e1b0"), 1.1)
    if "palm" not in b.named:
        _stamp(b, "palm", b.w * b.dice.pick((0.08, 0.92)), b.h * 0.78, b.u * 0.5)
    if not {"starfish", "crab"} & b.named:
        _stamp(b, "starfish", b.w * b.dice.between(0.15, 0.85), b.h * 0.96, b.u * 0.05)
    for _ in range(24):
        b.circle(
            b.w * b.dice.between(0, 1),
            b.h * b.dice.between(0.76, 0.99),
            b.u * 0.0025,
            b.tone("#cfae74"),
        )


def lake(b: Backdrop) -> None:
    """A lake between two banks."""
    b.sky()
    b.peaks(0.54, 0.2, b.tone("#a3bccb"), None, 4)
    b.hill(0.53, 0.015, b.tone(_snowy(b, "#8fbd80")), 2.2)
    _water(b, 0.56, 0.86, *WATER["lake"])
    b.hill(0.82, 0.012, b.tone(_snowy(b, "#7fb562")), 1.2)
    for side in (0.04, 0.95):
        for _ in range(5):
            x, y = b.w * (side + b.dice.between(-0.05, 0.05)), b.h * 0.85
            n = b.u * b.dice.between(0.1, 0.19)
            b.stroke(
                f"M{x:.0f} {y:.0f} q{n * 0.04:.0f} {-n * 0.6:.0f} {n * 0.12:.0f} {-n:.0f}",
                b.tone("#5f8f4c"),
                b.u * 0.006,
            )
            b.ellipse(x + n * 0.12, y - n, b.u * 0.008, b.u * 0.024, b.tone("#8a5b3e"))
    _decor(b, ("#ffffff", "#f9e08a"), 16, 0.87)


def _towers(b: Backdrop, foot: float, low: float, high: float, colour: str, *, lit: bool) -> None:
    x = -0.02 * b.w
    while x < b.w:
        wide, tall = b.w * b.dice.between(0.07, 0.13), b.h * b.dice.between(low, high)
        tone = b.tone(mix(colour, b.dice.pick(("#c98f8f", "#8fb0c9", "#c9b98f", "#9f94c4")), 0.32))
        top = b.h * foot - tall
        b.rect(x, top, wide, tall + 2, tone, b.u * 0.006)
        if b.dice.roll(3) == 0:
            b.rect(x + wide * 0.3, top - b.u * 0.03, wide * 0.4, b.u * 0.032, tone)
        if lit:
            glow = b.dice.fork("panes")
            pane = b.pane(glow, "#eef6fa")
            step, side = wide / 4, wide / 8
            for r in range(int(tall / (step * 1.3)) - 1):
                for c in range(3):
                    if b.dice.roll(5):
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
        x += wide * b.dice.between(1.02, 1.25)


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
    """A skyline before which people stand."""
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
        # Nothing is asked for but the city: some traffic.
        side = b.dice.roll(2)
        _stamp(b, "bus", b.w * (0.3 if side else 0.7), b.h * 0.9, b.u * 0.13)
        _stamp(b, "car", b.w * (0.68 if side else 0.32), b.h * 0.95, b.u * 0.12)


def street(b: Backdrop) -> None:
    """Shops, a pavement and the road."""
    b.sky()
    _towers(b, 0.66, 0.3, 0.5, "#c4cfdd", lit=False)
    x = 0.0
    while x < b.w:
        wide, tall = b.u * b.dice.between(0.2, 0.28), b.h * b.dice.between(0.24, 0.36)
        wall = b.tone(b.dice.pick(("#f0c9a4", "#e8a898", "#f3dfa8", "#b8d0c0", "#bcc6e0")))
        top, foot = b.h * 0.68 - tall, b.h * 0.68
        b.rect(x, top, wide, tall, wall)
        b.rect(x - 2, top - b.u * 0.012, wide + 4, b.u * 0.02, mix(wall, "#5a4058", 0.3))
        glow = b.dice.fork("panes")
        pane = b.pane(glow, "#dff0f7")
        if b.neon:
            # A sign hangs out over the pavement.
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
        awning = b.tone(b.dice.pick(("#e2574c", "#4f8fc0", "#5fae6a")))
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


def room(b: Backdrop) -> None:
    """A wall with a window, a floor with a rug."""
    wall = b.tone(b.dice.pick(("#f3d9c0", "#cfe0d4", "#d8d6ea", "#f4e3b5", "#c9dce6")))
    wall = mix(wall, "#ffcf8a", 0.22) if b.time == "night" else wall
    b.rect(0, 0, b.w, b.h, wall)
    for n in range(12):
        b.rect(b.w * n / 12, 0, b.w / 24, b.h * 0.7, mix(wall, "#ffffff", 0.18))
    floor = b.tone("#c99b6c")
    b.rect(0, b.h * 0.7, b.w, b.h * 0.3, floor)
    for n in range(1, 5):
        b.rect(0, b.h * (0.7 + 0.065 * n), b.w, b.u * 0.003, mix(floor, "#4a2f20", 0.2))
    b.rect(0, b.h * 0.685, b.w, b.h * 0.02, mix(wall, "#ffffff", 0.6))
    side = b.dice.roll(2)
    x, y, s = b.w * (0.12 if side else 0.58), b.h * 0.12, b.u * 0.3
    top = {"day": "#aadcf3", "morning": "#fbd5b0", "sunset": "#f39a7a", "night": "#1f2a5a"}[b.time]
    b.rect(x - s * 0.05, y - s * 0.05, s * 1.1, s * 1.1, b.tone("#fffaf0"), 6)
    b.rect(x, y, s, s, top)
    if b.time == "night":
        b.circle(x + s * 0.7, y + s * 0.28, s * 0.1, "#ffefb8")
        for _ in range(8):
            b.circle(
                x + s * b.dice.between(0.05, 0.95),
                y + s * b.dice.between(0.05, 0.9),
                s * 0.012,
                "#fff6d8",
            )
    else:
        b.circle(x + s * 0.7, y + s * 0.28, s * 0.1, "#ffe27a")
        b.path(
            f"M{x:.0f} {y + s * 0.8:.0f} q{s * 0.3:.0f} "
            f"{-s * 0.2:.0f} {s * 0.55:.0f} {-s * 0.04:.0f} "
            f"t{s * 0.45:.0f} {-s * 0.06:.0f} V{y + s:.0f} H{x:.0f}Z",
            b.tone("#8cc06c"),
        )
    b.rect(x + s * 0.48, y, s * 0.04, s, b.tone("#fffaf0"))
    b.rect(x, y + s * 0.48, s, s * 0.04, b.tone("#fffaf0"))
    curtain = b.tone(b.dice.pick(("#e58a7a", "#7fa8c4", "#9cbb86", "#d9a5c0")))
    for near, far in ((x - s * 0.14, x + s * 0.1), (x + s * 1.14, x + s * 0.9)):
        b.path(
            f"M{near:.0f} {y - s * 0.1:.0f} H{far:.0f} Q{far:.0f} {y + s * 0.7:.0f} "
            f"{(near * 3 + far) / 4:.0f} {y + s * 1.2:.0f} H{near:.0f}Z",
            curtain,
        )
    b.rect(x - s * 0.22, y - s * 0.14, s * 1.44, s * 0.05, b.tone("#8a5b3e"), 4)
    px = b.w * (0.66 if side else 0.14)
    b.rect(px, b.h * 0.18, b.u * 0.2, b.u * 0.16, b.tone("#a8733f"), 4)
    b.rect(px + b.u * 0.014, b.h * 0.18 + b.u * 0.014, b.u * 0.172, b.u * 0.132, b.tone("#eaf2ea"))
    b.circle(px + b.u * 0.13, b.h * 0.18 + b.u * 0.055, b.u * 0.018, b.tone("#f2b84a"))
    b.path(
        f"M{px + b.u * 0.014:.0f} {b.h * 0.18 + b.u * 0.146:.0f} "
        f"l{b.u * 0.06:.0f} {-b.u * 0.07:.0f} "
        f"l{b.u * 0.05:.0f} {b.u * 0.05:.0f} l{b.u * 0.03:.0f} {-b.u * 0.02:.0f} "
        f"l{b.u * 0.032:.0f} {b.u * 0.04:.0f}Z",
        b.tone("#7fa88c"),
    )
    if not {"lamp", "pot"} & b.named:
        _stamp(
            b, b.dice.pick(("lamp", "pot")), b.w * (0.92 if side else 0.08), b.h * 0.75, b.u * 0.32
        )
    rug = b.tone(b.dice.pick(("#d9806a", "#7f9fc0", "#c9a0b8", "#8fb09a")))
    b.ellipse(b.w * 0.5, b.h * 0.89, b.w * 0.42, b.h * 0.075, rug)
    b.ellipse(b.w * 0.5, b.h * 0.89, b.w * 0.36, b.h * 0.056, mix(rug, "#fff6e6", 0.35))


def classroom(b: Backdrop) -> None:
    """A blackboard with chalk on it, and desks at the sides."""
    wall = b.tone(b.dice.pick(("#f6e7c8", "#dfeae0", "#e3e6f2")))
    b.rect(0, 0, b.w, b.h, wall)
    b.rect(0, b.h * 0.6, b.w, b.h * 0.12, mix(wall, b.tone("#b98a5a"), 0.4))
    floor = b.tone("#cfa677")
    b.rect(0, b.h * 0.72, b.w, b.h * 0.28, floor)
    for n in range(1, 4):
        b.rect(0, b.h * (0.72 + 0.075 * n), b.w, b.u * 0.003, mix(floor, "#4a2f20", 0.2))
    x, y, w, h = b.w * 0.12, b.h * 0.12, b.w * 0.76, b.h * 0.42
    b.rect(x - b.u * 0.02, y - b.u * 0.02, w + b.u * 0.04, h + b.u * 0.04, b.tone("#a8733f"), 6)
    b.rect(x, y, w, h, b.tone("#3f6b58"), 3)
    b.rect(x + w * 0.1, y + h + b.u * 0.018, w * 0.8, b.u * 0.018, b.tone("#8a5b3e"), 3)
    chalk, pen = b.tone("#eef4ee"), b.u * 0.006
    s = b.u * 0.1
    cx, cy = x + w * 0.17, y + h * 0.34
    b.stroke(f"M{cx:.0f} {cy - s * 0.7:.0f} l{s:.0f} {s * 1.2:.0f} h{-s * 2:.0f}Z", chalk, pen, 0.9)
    cx = x + w * 0.84
    b.add(
        f'<circle cx="{cx:.0f}" cy="{cy:.0f}" r="{s * 0.66:.0f}" fill="none" stroke="{chalk}" '
        f'stroke-width="{pen:.1f}" stroke-opacity="0.9"/>'
    )
    b.stroke(f"M{cx:.0f} {cy:.0f} l{s * 0.5:.0f} {-s * 0.42:.0f}", chalk, pen, 0.9)
    for n in range(3):
        ly, wide = y + h * (0.16 + 0.13 * n), w * b.dice.between(0.14, 0.24)
        d = f"M{x + w * 0.36:.0f} {ly:.0f}"
        for _ in range(6):
            d += f" q{wide / 24:.1f} {-s * 0.24:.1f} {wide / 12:.1f} 0 t{wide / 12:.1f} 0"
        b.stroke(d, chalk, pen, 0.8)
    for k, tone in enumerate(("#f6d36b", "#f3a0b0", "#fdfaf2")):
        b.rect(x + w * (0.7 + 0.05 * k), y + h + b.u * 0.01, w * 0.035, b.u * 0.01, b.tone(tone), 2)
    for side in (0.02, 0.8):
        dx = b.w * side
        b.rect(dx, b.h * 0.76, b.w * 0.18, b.u * 0.03, b.tone("#b9814c"), 4)
        for leg in (0.01, 0.155):
            b.rect(dx + b.w * leg, b.h * 0.76, b.u * 0.014, b.h * 0.14, b.tone("#7f8896"))
    _stamp(b, "book", b.w * 0.1, b.h * 0.765, b.u * 0.06)
    _stamp(b, "apple", b.w * 0.89, b.h * 0.765, b.u * 0.06)


def lab(b: Backdrop) -> None:
    """Shelves with glass, and a bench."""
    wall = b.tone(b.dice.pick(("#dcebee", "#e4eaf3", "#e7efe4")))
    b.gradient("wall", mix(wall, "#ffffff", 0.4), wall)
    for row in range(2):
        y = b.h * (0.24 + 0.19 * row)
        b.rect(b.w * 0.06, y, b.w * 0.88, b.u * 0.018, b.tone("#b9c4cf"), 3)
        n = 0.1
        while n < 0.88:
            tone = b.dice.pick(("#5fc0a8", "#f28aae", "#f2b63c", "#6f9fe0", "#8f7fd0"))
            tall = b.u * b.dice.between(0.08, 0.12)
            if b.dice.roll(3):
                _stamp(b, "flask", b.w * n, y, tall, tone, 0.9)
            else:
                b.rect(b.w * n - tall * 0.2, y - tall, tall * 0.4, tall, b.tone("#f4f8fa"), 4)
                b.rect(
                    b.w * n - tall * 0.2, y - tall * 0.62, tall * 0.4, tall * 0.62, b.tone(tone), 4
                )
            n += b.dice.between(0.1, 0.15)
    bench = b.tone("#8fa3b5")
    b.rect(0, b.h * 0.66, b.w, b.h * 0.34, b.tone("#eef2f5"))
    b.rect(0, b.h * 0.66, b.w, b.h * 0.022, bench)
    for n in range(5):
        b.rect(b.w * (0.02 + 0.2 * n), b.h * 0.72, b.w * 0.16, b.h * 0.24, b.tone("#dde5eb"), 5)
        b.rect(b.w * (0.08 + 0.2 * n), b.h * 0.745, b.w * 0.04, b.h * 0.008, bench, 2)


def table(b: Backdrop) -> None:
    """A still life: a cloth before a plain wall."""
    wall = b.tone(b.dice.pick(("#f6dfc4", "#cfe3dd", "#e6d8ec", "#fae7b4", "#d3e3f0")))
    b.gradient("wall", mix(wall, "#ffffff", 0.3), wall)
    b.circle(
        b.w * b.dice.between(0.35, 0.65), b.h * 0.42, b.u * 0.36, mix(wall, "#ffffff", 0.4), 0.7
    )
    cloth = b.tone(b.dice.pick(("#e9f0ee", "#f7e6d8", "#e3e8f4")))
    wood = b.tone("#c08a58")
    b.rect(0, b.h * 0.62, b.w, b.h * 0.38, wood)
    b.rect(0, b.h * 0.62, b.w, b.h * 0.012, mix(wood, "#ffffff", 0.3))
    for n in range(1, 4):
        b.rect(0, b.h * (0.62 + 0.1 * n), b.w, b.u * 0.003, mix(wood, "#4a2f20", 0.25))
    b.ellipse(b.w * 0.5, b.h * 0.82, b.w * 0.42, b.h * 0.12, cloth)
    b.ellipse(b.w * 0.5, b.h * 0.82, b.w * 0.38, b.h * 0.102, mix(cloth, b.tone("#d98a7a"), 0.2))
    b.ellipse(b.w * 0.5, b.h * 0.82, b.w * 0.365, b.h * 0.096, cloth)


def plain(b: Backdrop) -> None:
    """Soft paper with a disc behind the figures."""
    paper = b.tone(b.dice.pick(("#fbf0dd", "#e6f1ee", "#f3e8f1", "#fdf3cf", "#e6eef8")))
    disc = b.tone(b.dice.pick(("#f7cdb0", "#b9ddd2", "#d9c6e8", "#f8de93", "#b9d2ee")))
    if b.time == "night" and not b.ink:
        paper, disc = "#2c3263", mix(disc, "#2c3263", 0.55)
    b.rect(0, 0, b.w, b.h, paper)
    b.circle(b.w * 0.5, b.h * 0.48, b.u * 0.38, disc)
    if b.time == "night" and "star" not in b.named:
        b.stars(30)
    for n in range(10):
        x, y = b.w * b.dice.between(0.04, 0.96), b.h * b.dice.between(0.04, 0.7)
        if abs(x - b.w / 2) < b.u * 0.4 and abs(y - b.h * 0.48) < b.u * 0.4:
            continue
        b.circle(x, y, b.u * b.dice.between(0.006, 0.014), mix(disc, paper, 0.2 * (n % 3)))


def sky(b: Backdrop) -> None:
    """Above the clouds."""
    b.sky()
    if "cloud" in b.named:
        return
    tint = {"day": "#ffffff", "morning": "#fff0e0", "sunset": "#ffd8c0", "night": "#7680b8"}[b.time]
    for layer in range(3):
        for n in range(9):
            x = b.w * (n + b.dice.between(-0.3, 0.3)) / 8
            y = b.h * (0.86 + 0.06 * layer)
            b.circle(
                x,
                y + b.u * 0.08,
                b.u * b.dice.between(0.08, 0.13),
                mix(tint, "#9fc0dc", 0.2 - 0.09 * layer),
            )


def space(b: Backdrop) -> None:
    """Stars, planets, and the rim of a moon."""
    top, bottom = b.dice.pick(
        (("#0f1433", "#2f2a63"), ("#0c1a38", "#274a6e"), ("#1a1038", "#4a2a62"))
    )
    b.gradient("sky", top, bottom)
    for _ in range(3):
        b.ellipse(
            b.w * b.dice.between(0.1, 0.9),
            b.h * b.dice.between(0.1, 0.6),
            b.u * 0.3,
            b.u * 0.1,
            b.dice.pick(("#7a6fd0", "#c06fa8", "#5fa0d0")),
            0.13,
        )
    b.stars(60)
    for _ in range(20):
        b.circle(b.w * b.dice.between(0, 1), b.h * b.dice.between(0.5, 0.8), b.u * 0.002, "#fff6d8")
    if not {"planet", "earth", "moon", "sun"} & b.named:
        drawn = b.dice.pick(("planet", "earth"))
        keep, b.time = b.time, "day"
        _stamp(b, drawn, b.w * b.dice.pick((0.16, 0.84)), b.h * 0.27, b.u * 0.16)
        b.time = keep
    b.ellipse(b.w * 0.5, b.h * 1.12, b.w * 0.8, b.h * 0.3, "#8f94ad")
    b.ellipse(b.w * 0.5, b.h * 1.135, b.w * 0.8, b.h * 0.3, "#a7abc2")
    for x, y, r in ((0.2, 0.93, 0.05), (0.74, 0.91, 0.04), (0.5, 0.96, 0.03), (0.9, 0.97, 0.03)):
        b.ellipse(b.w * x, b.h * y, b.u * r, b.u * r * 0.32, "#8489a3")
        b.ellipse(b.w * x, b.h * (y + 0.004), b.u * r * 0.86, b.u * r * 0.24, "#959ab3")


def underwater(b: Backdrop) -> None:
    """Light from above, weeds and bubbles."""
    b.gradient("sky", b.tone("#8fdbe6"), b.tone("#1f6f9f"))
    for n in range(5):
        x = b.w * (0.05 + 0.2 * n + b.dice.between(-0.05, 0.05))
        b.path(
            f"M{x:.0f} 0 h{b.w * 0.07:.0f} l{b.w * 0.1:.0f} {b.h:.0f} h{-b.w * 0.16:.0f}Z",
            "#ffffff",
            0.07,
        )
    b.hill(0.8, 0.03, b.tone("#4f93a8"), 2.2)
    b.hill(0.86, 0.016, b.tone("#e6cf9c"), 1.4)
    b.hill(0.93, 0.012, b.tone("#f0dcae"), 1)
    for x in (0.04, 0.1, 0.16, 0.84, 0.9, 0.96):
        stem, x0 = b.u * b.dice.between(0.14, 0.32), b.w * (x + b.dice.between(-0.02, 0.02))
        y = b.h * b.dice.between(0.88, 0.95)
        colour = b.tone(b.dice.pick(("#4fa07a", "#6fb56a", "#d9708a")))
        b.stroke(
            f"M{x0:.0f} {y:.0f} q{stem * 0.16:.0f} {-stem * 0.25:.0f} 0 {-stem * 0.5:.0f} "
            f"q{-stem * 0.16:.0f} {-stem * 0.25:.0f} 0 {-stem * 0.5:.0f}",
            colour,
            b.u * 0.018,
        )
    for _ in range(26):
        x, y = b.w * b.dice.between(0, 1), b.h * b.dice.between(0.05, 0.85)
        r = b.u * b.dice.between(0.004, 0.013)
        b.circle(x, y, r, "#eafaff", 0.4)
        b.circle(x - r * 0.3, y - r * 0.3, r * 0.25, "#ffffff", 0.8)


PLACES: dict[str, Callable[[Backdrop], None]] = {
    "meadow": meadow,
    "garden": garden,
    "field": field,
    "savanna": savanna,
    "forest": forest,
    "mountain": mountain,
    "greatwall": greatwall,
    "waterfall": waterfall,
    "desert": desert,
    "snow": snow,
    "sea": sea,
    "beach": beach,
    "lake": lake,
    "city": city,
    "street": street,
    "room": room,
    "classroom": classroom,
    "lab": lab,
    "table": table,
    "plain": plain,
    "sky": sky,
    "space": space,
    "underwater": underwater,
}
