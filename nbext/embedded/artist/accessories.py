"""Draw what figures wear and hold: its position, its size, and the parts behind the face."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .body import painted
from .figures import drawing
from .lexicon import lexicon

if TYPE_CHECKING:
    from .backdrop import Backdrop
    from .figures import Drawing
    from .items import Figure

# The width of a worn thing, as a share of the head, neck or distance of the eyes.
_FIT = {
    "hat": 1.5,
    "tophat": 1.35,
    "partyhat": 0.78,
    "crown": 0.95,
    "glasses": 1.92,
    "sunglasses": 1.92,
    "scarf": 1.3,
    "bow": 0.72,
    "bell": 0.42,
    "policecap": 1.25,
    "helmet": 1.3,
    "gradcap": 1.45,
    "strawhat": 1.75,
    "medal": 0.55,
}
_BODY = {"shirt": 0.36, "sweater": 0.36, "suit": 0.4, "coat": 0.5, "skirt": 0.3}
_HELD = {
    "umbrella": 1.2,
    "balloon": 1.0,
    "kite": 0.9,
    "flag": 0.8,
    "guitar": 0.5,
    "racket": 0.5,
    "redenvelope": 0.24,
    "dumbbell": 0.13,
    "fan": 0.26,
}
# An umbrella covers its holder, so it is drawn behind the face.
_BEHIND = frozenset({"umbrella", "balloon", "flag", "kite"})
_GRIP = {
    "umbrella": (0.5, 0.9),
    "balloon": (0.5, 1.0),
    "flag": (0.13, 0.8),
    "book": (0.5, 0.6),
    "camera": (0.5, 0.5),
    "guitar": (0.5, 0.7),
    "heart": (0.5, 0.5),
    "kite": (0.5, 1.0),
    "racket": (0.5, 0.92),
    "paddle": (0.5, 0.9),
    "fan": (0.5, 0.95),
    "dumbbell": (0.5, 0.5),
}


def dressed(
    b: Backdrop, on: Drawing, things: list[Figure], scale: float, *, lines: bool, mirrored: bool
) -> tuple[str, str]:
    """Return the SVG of what a figure wears: the part behind the figure, and the part in front."""
    behind = before = ""
    for thing, lean in zip(things, _spread(things), strict=True):
        markup = _thing(b, on, thing, scale, lean, lines=lines, mirrored=mirrored)
        if thing["name"] in _BEHIND:
            behind += markup
        else:
            before += markup
    return behind, before


def _spread(things: list[Figure]) -> list[tuple[float, float]]:
    """Return the lean of each thing, and its share of its size.

    Things that pull upwards lean away from the face; several are fanned out and smaller.
    """
    spread: list[tuple[float, float]] = []
    counts: dict[str, int] = {}
    for thing in things:
        name = thing["name"]
        many = sum(1 for other in things if other["name"] == name)
        nth = counts[name] = counts.get(name, -1) + 1
        base = 24.0 if name in {"balloon", "kite"} else 0.0
        fan = min(32.0, 90.0 / many) * (nth - (many - 1) / 2)
        spread.append((base + 8 + fan, 0.72) if many > 1 else (base, 1.0))
    return spread


def _thing(
    b: Backdrop,
    on: Drawing,
    item: Figure,
    scale: float,
    how: tuple[float, float],
    *,
    lines: bool,
    mirrored: bool,
) -> str:
    name = item["name"]
    lean, share = how
    thing = drawing(name)
    where = lexicon().figures[name].wear or "hand"
    if where == "bow":
        where = "neck"
    x, y, wide = on.anchor("neck" if where == "body" else where)
    if name in _FIT:
        k = wide * _FIT[name] / thing.width
        left = x - thing.width * k / 2
        top = {
            "head": y - thing.height * k + wide * 0.17,
            "eyes": y - thing.height * k / 2,
            "neck": y - wide * 0.1,
        }[where]
        if name in {"bow", "medal"}:
            top = y + wide * 0.02
    elif name == "sign":
        # Held in front of the chest, to keep the face visible.
        k = on.width * 1.12 / thing.width
        _, neck, neck_wide = on.anchor("neck")
        left, top = (on.width - thing.width * k) / 2, neck + neck_wide * 0.18
    elif where == "body":
        # From the neck to below the knee, or to the hips.
        tall = on.height * _BODY.get(name, 0.62)
        k = tall / thing.height
        left, top = x - thing.width * k / 2, y - wide * 0.04
    else:
        tall = on.height * _HELD.get(name, 0.3) * share
        k = tall / thing.height
        grip_x, grip_y = _GRIP.get(name, (0.5, 0.8))
        left, top = x - thing.width * k * grip_x, y - thing.height * k * grip_y
    body = painted(b, thing, item, scale * k, lines=lines, mirrored=mirrored)
    turn = f"rotate({lean:g} {x:g} {y:g}) " if lean else ""
    return f'<g transform="{turn}translate({left:.2f} {top:.2f}) scale({k:.4f})">{body}</g>'
