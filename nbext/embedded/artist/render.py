"""Render a scene as SVG and as pixels."""

from __future__ import annotations

from typing import Any

import resvg_py

from .abstract import shapes
from .accessories import dressed
from .backdrop import Backdrop
from .body import painted
from .colour import mix
from .figures import drawing
from .items import ONE_WAY, ROOFED, WATERS, Figure
from .outline import INK, PAPER, outlined
from .places import PLACES, WATER
from .rng import Rng
from .weather import falling


def to_svg(
    scene: dict[str, Any], width: int, height: int, *, backdrop: bool = True, crisp: bool = False
) -> str:
    """Return a scene as SVG; `crisp` avoids antialiasing."""
    rng = Rng("backdrop", scene["seed"], scene["take"], scene["place"])
    b = Backdrop(width, height, scene, rng)
    b.window = [item for item in scene["figures"] if item["zone"] == "window"]
    lines = scene["style"] == "line"
    if backdrop:
        if scene["place"] == "abstract":
            shapes(b, scene["unknown"], scene["seed"], scene["take"])
        else:
            PLACES[scene["place"]](b)
        if lines:
            b.parts = [outlined("".join(b.parts), 1, b.u * 0.0022, mix(INK, PAPER, 0.45), set())]
    for item in scene["figures"]:
        if item["zone"] == "window" and backdrop and scene["place"] in {"room", "classroom"}:
            # The place draws it itself.
            continue
        b.add(_figure(b, scene, item, lines=lines))
    # The weather has its own random numbers, so that another figure does not move the snow.
    b.rng = Rng("weather", scene["seed"], scene["take"])
    at = len(b.parts)
    if scene["place"] not in ROOFED:
        falling(b)
    if lines and backdrop:
        b.parts[at:] = [outlined("".join(b.parts[at:]), 1, b.u * 0.0016, INK, set())]
    edges = ' shape-rendering="crispEdges"' if crisp else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}"{edges} stroke-linecap="round" stroke-linejoin="round">'
        f"{''.join(b.parts)}</svg>"
    )


def to_png(svg: str, width: int, height: int) -> bytes:
    """Render an SVG without using the machine's fonts."""
    return bytes(
        resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height, skip_system_fonts=True)
    )


def _figure(b: Backdrop, scene: dict[str, Any], item: Figure, *, lines: bool) -> str:
    art = drawing(item["name"], item.get("pose", 0))
    tall = item["size"] * b.u
    scale = tall / art.height
    x, y = item["x"] * b.w, item["y"] * b.h
    out = []
    wet = item["zone"] == "water" and scene["place"] in WATERS and not item.get("seated")
    if item["zone"] == "ground" and not item.get("seated") and not lines:
        out.append(
            f'<ellipse cx="{x:.1f}" cy="{y - tall * 0.005:.1f}" '
            f'rx="{art.width * scale * 0.46:.1f}" '
            f'ry="{max(2.0, min(tall * 0.045, b.u * 0.022)):.1f}" '
            f'fill="#2a2348" fill-opacity="0.18"/>'
        )
    if wet:
        y += tall * 0.06
    flip = -1 if item.get("flip") and item["name"] not in ONE_WAY else 1
    mirrored = flip < 0
    body = painted(b, art, item, scale, lines=lines, mirrored=mirrored)
    things = item.get("wears", [])
    under, wears = dressed(b, art, things, scale, lines=lines, mirrored=mirrored)
    turn = f" rotate({item['tilt']:g})" if item.get("tilt") else ""
    out.append(
        f'<g transform="translate({x:.1f} {y:.1f}){turn} scale({flip * scale:.4f} {scale:.4f}) '
        f'translate({-art.width / 2:g} {-art.height:g})">{under}{body}{wears}</g>'
    )
    if wet:
        out.append(_waterline(b, scene["place"], x, y, art.width * scale, tall, lines=lines))
    return "".join(out)


def _waterline(
    b: Backdrop, place: str, x: float, y: float, wide: float, tall: float, *, lines: bool
) -> str:
    """Cover the lower part of a swimming figure with water."""
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
