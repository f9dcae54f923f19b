"""From a scene to an SVG and its pixels."""

from __future__ import annotations

import re
from typing import Any

import resvg_py

from .abstract import shapes
from .backdrop import Backdrop
from .colour import lightness, mix
from .figures import Drawing, drawing
from .items import WATERS, Figure
from .lexicon import lexicon
from .places import PLACES, WATER
from .rng import Rng
from .weather import falling

PAPER = "#fcfaf3"
INK = "#34303c"
_TONE = re.compile(r'(fill|stroke|stop-color)="(#[0-9a-f]{6})"')
_TAG = re.compile(r"<(?:path|circle|ellipse|rect)\b[^>]*>")
# How wide a worn thing is, as a share of the head, neck or gap of the eyes it sits on.
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
}
_HELD = {"umbrella": 1.2, "balloon": 1.0, "kite": 0.9, "flag": 0.8, "guitar": 0.5}
# An umbrella is over its holder, so it is drawn behind the face.
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
}


def to_svg(
    scene: dict[str, Any], width: int, height: int, *, backdrop: bool = True, crisp: bool = False
) -> str:
    """Return a scene as SVG, `width` × `height`; `crisp` has no pixel between two colours."""
    rng = Rng("backdrop", scene["seed"], scene["take"], scene["place"])
    b = Backdrop(width, height, scene, rng)
    lines = scene["style"] == "line"
    if backdrop:
        if scene["place"] == "abstract":
            shapes(b, scene["unknown"], scene["seed"], scene["take"])
        else:
            PLACES[scene["place"]](b)
        if lines:
            b.parts = [_outlined("".join(b.parts), 1, b.u * 0.0022, mix(INK, PAPER, 0.45), set())]
    for item in scene["figures"]:
        b.add(_figure(b, scene, item, lines=lines))
    # The weather has rng of its own, so that a figure more or less does not move the snow.
    b.rng = Rng("weather", scene["seed"], scene["take"])
    at = len(b.parts)
    falling(b)
    if lines and backdrop:
        b.parts[at:] = [_outlined("".join(b.parts[at:]), 1, b.u * 0.0016, INK, set())]
    edges = ' shape-rendering="crispEdges"' if crisp else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}"{edges} stroke-linecap="round" stroke-linejoin="round">'
        f"{''.join(b.parts)}</svg>"
    )


def to_png(svg: str, width: int, height: int) -> bytes:
    """Render an SVG; the fonts of the machine are never looked at."""
    return bytes(
        resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height, skip_system_fonts=True)
    )


def hex_of(item: Figure) -> str | None:
    """Return the colour a figure has: what was asked, or one of those it comes in."""
    name = item.get("colour") or item.get("tint")
    return lexicon().colours.get(str(name)) if name else None


def _figure(b: Backdrop, scene: dict[str, Any], item: Figure, *, lines: bool) -> str:
    drawn = drawing(item["name"], item.get("pose", 0))
    tall = item["size"] * b.u
    scale = tall / drawn.height
    x, y = item["x"] * b.w, item["y"] * b.h
    out = []
    wet = item["zone"] == "water" and scene["place"] in WATERS and not item.get("seated")
    if item["zone"] == "ground" and not item.get("seated") and not lines:
        out.append(
            f'<ellipse cx="{x:.1f}" cy="{y - tall * 0.005:.1f}" '
            f'rx="{drawn.width * scale * 0.46:.1f}" '
            f'ry="{max(2.0, min(tall * 0.045, b.u * 0.022)):.1f}" '
            f'fill="#2a2348" fill-opacity="0.18"/>'
        )
    if wet:
        y += tall * 0.06
    flip = -1 if item.get("flip") else 1
    body = _painted(b, drawn, item, scale, lines=lines)
    things = item.get("wears", [])
    spread = _spread(things)
    put = [
        (w["name"] in _BEHIND, _worn(b, drawn, w, scale, turn, lines=lines))
        for w, turn in zip(things, spread, strict=True)
    ]
    under = "".join(markup for behind, markup in put if behind)
    wears = "".join(markup for behind, markup in put if not behind)
    turn = f" rotate({item['tilt']:g})" if item.get("tilt") else ""
    out.append(
        f'<g transform="translate({x:.1f} {y:.1f}){turn} scale({flip * scale:.4f} {scale:.4f}) '
        f'translate({-drawn.width / 2:g} {-drawn.height:g})">{under}{body}{wears}</g>'
    )
    if wet:
        out.append(_waterline(b, scene["place"], x, y, drawn.width * scale, tall, lines=lines))
    return "".join(out)


def _waterline(
    b: Backdrop, place: str, x: float, y: float, wide: float, tall: float, *, lines: bool
) -> str:
    """Cover the foot of what swims with the water it is in."""
    high, low = WATER[place]
    top, bottom = {"sea": (0.52, 1.0), "lake": (0.56, 0.86), "beach": (0.5, 0.72)}[place]
    share = max(0.0, min(1.0, (y / b.h - top) / (bottom - top)))
    colour = mix(b.tone(high), b.tone(low), share)
    d, half = tall * 0.12, wide * 0.62
    step = half / 3
    wave = "".join(f" q{step / 2:.1f} {-d * 0.3:.1f} {step:.1f} 0" for _ in range(6))
    path = (
        f"M{x - half:.1f} {y - d * 0.55:.1f}{wave} Q{x + half * 0.6:.1f} {y + d * 0.5:.1f} {x:.1f} "
        f"{y + d * 0.5:.1f} Q{x - half * 0.6:.1f} "
        f"{y + d * 0.5:.1f} {x - half:.1f} {y - d * 0.55:.1f}Z"
    )
    if lines:
        return (
            f'<path d="{path}" fill="{PAPER}"/><path d="M{x - half:.1f} {y - d * 0.55:.1f}{wave}" '
            f'fill="none" stroke="{INK}" stroke-width="{b.u * 0.003:.1f}"/>'
        )
    shine = mix(colour, "#ffffff", 0.55)
    return (
        f'<path d="{path}" fill="{colour}"/><path d="M{x - half:.1f} {y - d * 0.55:.1f}{wave}" '
        f'fill="none" stroke="{shine}" stroke-width="{b.u * 0.004:.1f}" stroke-linecap="round"/>'
    )


def _painted(b: Backdrop, drawn: Drawing, item: Figure, scale: float, *, lines: bool) -> str:
    colour = hex_of(item)
    body = drawn.coloured(colour)
    kind = lexicon().figures[item["name"]]
    if colour and lightness(colour) < 0.3 and "eyes" in drawn.anchors and kind.role != "person":
        # On black fur, eyes of light.
        body = body.replace('fill="#3a3040"', 'fill="#f3d97a"').replace("#3a3040", "#8f8798")
    if b.ink:
        asked = lexicon().colours.get(str(item.get("colour")), "")
        keep = {asked, mix(asked, "#462846", 0.2), mix(asked, "#fffaee", 0.5)} if asked else set()
        return _TONE.sub(
            lambda m: f'{m[1]}="{m[2] if m[2] in keep else b.figure_tone(m[2])}"', body
        )
    if lines:
        asked = lexicon().colours.get(str(item.get("colour")), "")
        keep = {asked, mix(asked, "#462846", 0.2)} if asked else set()
        return _outlined(body, scale, b.u * 0.0042, INK, keep)
    if b.time == "day" or kind.role == "glow":
        return body
    return _TONE.sub(lambda m: f'{m[1]}="{b.figure_tone(m[2])}"', body)


def _spread(things: list[Figure]) -> list[tuple[float, float]]:
    """Return how far each thing leans, and its share of its size.

    What pulls upwards leans away from the face; several stand in a fan, smaller.
    """
    spread: list[tuple[float, float]] = []
    seen: dict[str, int] = {}
    for thing in things:
        name = thing["name"]
        many = sum(1 for other in things if other["name"] == name)
        nth = seen[name] = seen.get(name, -1) + 1
        base = 24.0 if name in {"balloon", "kite"} else 0.0
        fan = min(32.0, 90.0 / many) * (nth - (many - 1) / 2)
        spread.append((base + 8 + fan, 0.72) if many > 1 else (base, 1.0))
    return spread


def _worn(
    b: Backdrop, on: Drawing, item: Figure, scale: float, how: tuple[float, float], *, lines: bool
) -> str:
    name = item["name"]
    lean, share = how
    thing = drawing(name)
    where = lexicon().figures[name].wear or "hand"
    if where == "bow":
        where = "neck"
    x, y, wide = on.anchor(where)
    if name in _FIT:
        k = wide * _FIT[name] / thing.width
        left = x - thing.width * k / 2
        top = {
            "head": y - thing.height * k + wide * 0.17,
            "eyes": y - thing.height * k / 2,
            "neck": y - wide * 0.1,
        }[where]
        if name == "bow":
            top = y + wide * 0.02
    else:
        tall = on.height * _HELD.get(name, 0.3) * share
        k = tall / thing.height
        grip_x, grip_y = _GRIP.get(name, (0.5, 0.8))
        left, top = x - thing.width * k * grip_x, y - thing.height * k * grip_y
    body = _painted(b, thing, item, scale * k, lines=lines)
    turn = f"rotate({lean:g} {x:g} {y:g}) " if lean else ""
    return f'<g transform="{turn}translate({left:.2f} {top:.2f}) scale({k:.4f})">{body}</g>'


def _outlined(markup: str, scale: float, width: float, ink: str, keep: set[str]) -> str:
    """Turn shapes into a line drawing: paper inside, a pen around, asked colours as a wash."""
    pen = f' stroke="{ink}" stroke-width="{width / scale:.3f}" stroke-linejoin="round"'

    def shape(match: re.Match[str]) -> str:
        tag = match.group()
        fill = re.search(r' fill="([^"]*)"', tag)
        colour = fill.group(1) if fill else "#000000"
        if ' stroke="' in tag:
            inked = re.sub(r' stroke="#[0-9a-f]{6}"', f' stroke="{ink}"', tag)
            broad = re.search(r' stroke-width="([0-9.]+)"', tag)
            tone = re.search(r' stroke="(#[0-9a-f]{6})"', tag)
            line = 2 * width / scale
            if not (broad and tone and float(broad[1]) > 2.2 * line) or lightness(tone[1]) < 0.26:
                return inked
            # A broad stroke is a limb or a tail: two lines with paper between them.
            inside = mix(tone[1], PAPER, 0.3) if tone[1] in keep else PAPER
            inner = inked.replace(broad[0], f' stroke-width="{float(broad[1]) - line:.3f}"')
            return inked + inner.replace(f' stroke="{ink}"', f' stroke="{inside}"')
        faint = re.search(r' fill-opacity="([0-9.]+)"', tag)
        if faint and float(faint[1]) < 0.3:
            # A glow or a shadow has no line.
            return ""
        if faint and float(faint[1]) < 0.7:
            return tag
        if colour.startswith("url"):
            return tag.replace(colour, PAPER)
        if not colour.startswith("#"):
            return tag
        if colour in keep:
            new = mix(colour, PAPER, 0.3)
        elif lightness(colour) < 0.26:
            new = ink
        else:
            new = PAPER
        end = "/>" if tag.endswith("/>") else ">"
        return tag[: -len(end)].replace(f'fill="{colour}"', f'fill="{new}"') + pen + end

    return _TAG.sub(shape, markup)
