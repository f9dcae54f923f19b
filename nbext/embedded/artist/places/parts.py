"""Parts shared by several places: figures as scenery, hills, grass and water."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.embedded.artist.colour import mix
from nbext.embedded.artist.figures import drawing

if TYPE_CHECKING:
    from nbext.embedded.artist.backdrop import Backdrop


def stamp(
    b: Backdrop,
    name: str,
    x: float,
    foot: float,
    tall: float,
    colour: str | None = None,
    opacity: float = 1,
) -> None:
    """Draw a figure as part of the place, in the background's light."""
    art = drawing(name)
    scale = tall / art.height
    body = art.coloured(colour)
    for tone in dict.fromkeys(part[:7] for part in body.split('"') if part[:1] == "#"):
        body = body.replace(tone, b.tone(tone))
    b.add(
        f'<g transform="translate({x - art.width * scale / 2:.1f} {foot - tall:.1f}) '
        f'scale({scale:.4f})" opacity="{opacity:g}">{body}</g>'
    )


def snowy(b: Backdrop, colour: str) -> str:
    """Return a ground's colour, nearly white in snow."""
    return mix(colour, "#f4f8fc", 0.78) if "snow" in b.weather else colour


def grassland(b: Backdrop, far: str, middle: str, near: str) -> None:
    """Draw a sky over three ranges of hills in these colours."""
    b.sky()
    far, middle, near = (snowy(b, c) for c in (far, middle, near))
    b.hill(0.56, 0.035, b.tone(mix(far, "#bfdcea", 0.45)), 2.2)
    b.hill(0.62, 0.03, b.tone(far), 1.8)
    b.hill(0.69, 0.02, b.tone(middle), 1.2)
    b.hill(0.84, 0.015, b.tone(near), 1)


def decor(b: Backdrop, colours: tuple[str, ...], many: int, top: float = 0.7) -> None:
    """Sprinkle tufts and little flowers."""
    grass = b.tone(snowy(b, "#5f9a4c"))
    if b.ink:
        # Empty paper has more effect.
        many //= 4
    for n in range(many):
        x, y = b.w * b.rng.uniform(0.01, 0.99), b.h * b.rng.uniform(top, 0.98)
        s = b.u * (0.012 + 0.02 * (y / b.h - top))
        if (
            n % 3 == 0
            and colours
            and not b.ink
            and "flower" not in b.named
            and "snow" not in b.weather
        ):
            petal = b.tone(b.rng.choice(colours))
            for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                b.circle(x + dx * s * 0.4, y + dy * s * 0.4, s * 0.36, petal)
            b.circle(x, y, s * 0.28, b.tone("#f9d667"))
        elif "grass" not in b.named:
            b.tuft(x, y, s * 1.3, grass)


def water(b: Backdrop, top: float, bottom: float, high: str, low: str) -> None:
    """Fill a band (shares of the height) with water, from one colour to another."""
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
        x, s = b.w * b.rng.uniform(0, 1), b.u * (0.02 + 0.06 * (n / 20))
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
