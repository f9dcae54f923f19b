"""Places in the open country."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.embedded.artist.colour import mix

from .parts import decor, grassland, snowy, stamp

if TYPE_CHECKING:
    from nbext.embedded.artist.backdrop import Backdrop


def meadow(b: Backdrop) -> None:
    """Hills, with trees far away."""
    greens = b.rng.choice(
        (
            ("#a5cf88", "#8cc06c", "#76b05a"),
            ("#bcd488", "#a3c66c", "#8ab65c"),
            ("#9bcfa0", "#7fbd84", "#68aa70"),
        )
    )
    grassland(b, *greens)
    if not {"tree", "pine"} & b.named:
        for _ in range(b.rng.integer(3) + 2):
            x = b.w * b.rng.choice((b.rng.uniform(0.02, 0.3), b.rng.uniform(0.7, 0.98)))
            stamp(b, "tree", x, b.h * b.rng.uniform(0.66, 0.69), b.u * b.rng.uniform(0.1, 0.17))
    decor(b, ("#ffffff", "#f7c9d4", "#f9e08a"), 26)


def garden(b: Backdrop) -> None:
    """A fence, bushes and flower beds."""
    b.sky()
    b.hill(0.6, 0.02, b.tone(snowy(b, "#a8cf90")), 2)
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
    b.hill(0.73, 0.008, b.tone(snowy(b, "#86bd68")), 1.4)
    if "bush" not in b.named:
        for x in (0.03, 0.2, 0.82, 0.98):
            stamp(b, "bush", b.w * (x + b.rng.uniform(-0.03, 0.03)), b.h * 0.76, b.u * 0.13)
    if not {"flower", "tulip", "rose", "sunflower"} & b.named:
        for n in range(14):
            x = b.w * ((n + b.rng.uniform(0.1, 0.9)) / 14)
            if 0.3 < x / b.w < 0.7:
                continue
            tint = b.rng.choice(("#ee7a94", "#f7c948", "#b48be0", "#f2945c", "#fdf6ee"))
            stamp(
                b,
                b.rng.choice(("flower", "tulip")),
                x,
                b.h * b.rng.uniform(0.79, 0.97),
                b.u * b.rng.uniform(0.09, 0.14),
                tint,
            )
    decor(b, ("#ffffff", "#f7c9d4"), 18, 0.76)


def field(b: Backdrop) -> None:
    """Fields in rows up to the hills."""
    b.sky()
    b.hill(0.58, 0.03, b.tone(snowy(b, "#a9c98e")), 2)
    b.hill(0.64, 0.012, b.tone(snowy(b, "#dcc274")), 1.2)
    near = b.tone(snowy(b, b.rng.choice(("#9cbf62", "#e3c566", "#a9c46a"))))
    b.hill(0.7, 0.006, near, 1)
    line = mix(near, "#5a4a2a", 0.16)
    middle = b.w * b.rng.uniform(0.35, 0.65)
    for n in range(-9, 10):
        b.stroke(
            f"M{middle + n * b.w * 0.06:.0f} {b.h * 0.715:.0f} "
            f"L{middle + n * b.w * 0.24:.0f} {b.h:.0f}",
            line,
            b.u * 0.007,
            0.7,
        )
    if not {"house", "windmill"} & b.named:
        stamp(
            b,
            b.rng.choice(("house", "windmill")),
            b.w * b.rng.choice((0.14, 0.86)),
            b.h * 0.68,
            b.u * 0.15,
        )


def savanna(b: Backdrop) -> None:
    """Dry grass and flat trees."""
    grassland(b, "#d9c27c", "#e3b85f", "#d5a54e")
    if "tree" not in b.named:
        for x in (0.13, 0.88):
            x0, y, s = b.w * (x + b.rng.uniform(-0.05, 0.05)), b.h * 0.68, b.u * 0.2
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
            b.w * b.rng.uniform(0, 1),
            b.h * b.rng.uniform(0.72, 0.97),
            b.u * 0.022,
            b.tone("#b0893f"),
        )


def forest(b: Backdrop) -> None:
    """Trees behind trees, and a clearing."""
    b.sky()
    green = b.rng.choice(("#7fb58a", "#8aba78", "#79ad96"))
    for layer, (y, tall, share) in enumerate(
        ((0.66, 0.5, 0.55), (0.7, 0.6, 0.3), (0.74, 0.74, 0.0))
    ):
        colour = b.tone(snowy(b, mix(mix(green, "#2f6a55", 0.22 * layer), "#e6f2ea", share)))
        many = 8 + layer
        for n in range(many + 1):
            x = b.w * (n + b.rng.uniform(-0.35, 0.35)) / many
            if layer == 2 and 0.2 < x / b.w < 0.8:
                continue
            top, half = b.h * (y - tall * b.rng.uniform(0.6, 0.9)), b.w * 0.085
            foot = b.h * (y + 0.02)
            b.rect(
                x - half * 0.13,
                foot - b.u * 0.08,
                half * 0.26,
                b.u * 0.09,
                mix(colour, b.tone("#5a4030"), 0.5),
            )
            for k in range(3):
                a = top + (foot - b.u * 0.05 - top) * k * 0.26
                z = top + (foot - b.u * 0.05 - top) * (0.46 + k * 0.27)
                b.path(
                    f"M{x:.0f} {a:.0f} Q{x + half * 0.4:.0f} {(a + z) / 2:.0f} "
                    f"{x + half * (0.6 + 0.2 * k):.0f} {z:.0f} Q{x:.0f} {z + half * 0.2:.0f} "
                    f"{x - half * (0.6 + 0.2 * k):.0f} {z:.0f} Q{x - half * 0.4:.0f} "
                    f"{(a + z) / 2:.0f} {x:.0f} {a:.0f}Z",
                    mix(colour, b.tone("#fff8d8"), 0.06 * (2 - k)),
                )
        b.hill(y, 0.008, mix(colour, b.tone("#8fb870"), 0.25), 1.5)
    b.hill(0.76, 0.012, b.tone(snowy(b, "#8fb765")), 1.2)
    b.ellipse(b.w * 0.5, b.h * 0.9, b.w * 0.42, b.h * 0.08, b.tone(snowy(b, "#a9c877")), 0.7)
    decor(b, ("#ffffff", "#f2a0a0"), 22, 0.78)


def mountain(b: Backdrop) -> None:
    """Several mountain ranges."""
    b.sky()
    base = b.rng.choice(("#8ea6c4", "#9a9fc6", "#8fb0b8"))
    cap = b.tone("#fbfdff")
    b.peaks(0.7, 0.46, b.tone(mix(base, "#ffffff", 0.35)), cap, 3)
    b.peaks(0.72, 0.3, b.tone(base), cap, 4)
    b.hill(0.69, 0.03, b.tone(snowy(b, "#86ab8c")), 2.4)
    b.hill(0.75, 0.02, b.tone(snowy(b, "#93bd78")), 1.4)
    if "pine" not in b.named:
        for n in range(7):
            x = (n + b.rng.uniform(0, 1)) / 7
            if not 0.3 < x < 0.7:
                stamp(b, "pine", b.w * x, b.h * b.rng.uniform(0.75, 0.8), b.u * 0.13)
    b.hill(0.86, 0.012, b.tone(snowy(b, "#82b168")), 1)
    decor(b, ("#ffffff", "#d9c6f0"), 18, 0.8)


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
        stamp(b, "cactus", b.w * b.rng.choice((0.1, 0.9)), b.h * 0.75, b.u * 0.17)


def snow(b: Backdrop) -> None:
    """Ice and snow."""
    b.sky()
    b.peaks(0.64, 0.24, b.tone("#b5cde0"), b.tone("#ffffff"), 4)
    b.hill(0.62, 0.02, b.tone("#dbe9f3"), 2)
    b.hill(0.7, 0.02, b.tone("#eaf3f9"), 1.4)
    b.hill(0.84, 0.012, b.tone("#f7fbfe"), 1)
    if "pine" not in b.named:
        for x in (0.07, 0.17, 0.86, 0.95):
            stamp(b, "pine", b.w * x, b.h * b.rng.uniform(0.68, 0.72), b.u * 0.16, "#8fb3b0")
    for _ in range(12):
        b.ellipse(
            b.w * b.rng.uniform(0, 1),
            b.h * b.rng.uniform(0.74, 0.97),
            b.u * 0.03,
            b.u * 0.004,
            b.tone("#cfe0ec"),
            0.7,
        )
