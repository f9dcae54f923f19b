"""Moods, skin colours and ages in a figure's face."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .colour import mix
from .lexicon import lexicon

if TYPE_CHECKING:
    from .figures import Drawing

# Skin colours with their shades.
_SKIN = [
    "#f6cfa8",
    "#eec39a",
    "#f4cba4",
    "#f9d5b4",
    "#f1c9a5",
    "#f3cfa5",
    "#eab98e",
    "#dcab80",
    "#e2b188",
    "#e0b48e",
    "#e0a782",
    "#d8b89c",
]
_SHADES = frozenset(["#eab98e", "#dcab80", "#e2b188", "#e0b48e", "#e0a782", "#d8b89c"])
_HAIR = frozenset(["#3d2d28", "#5b3a2a", "#6b3f2a", "#4a2f2a", "#4a3028", "#8a5b3e", "#4b352c"])
_GREY = "#c9c6cc"
_SKIN_TONE = re.compile("|".join(_SKIN))
# Matches a smile: a curve from left to right that is lower in its middle.
_SMILE = re.compile(
    r'd="M([\d.]+) ([\d.]+)q([\d.]+) ([\d.]+) ([\d.]+) (-?[\d.]+)"|'
    r'd="M([\d.]+) ([\d.]+)Q([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)"'
)
_CLOSED = re.compile(
    r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)" fill="#3a3040"/>'
    r'<circle cx="[\d.]+" cy="[\d.]+" r="[\d.]+" fill="#fffdf6"/>'
)
_INK = "#3a3040"
_TEAR = "#6fb9ea"


def with_skin(body: str, skin: str) -> str:
    """Return a person's SVG with another skin; hair and clothes keep their colours."""
    tone = lexicon().skins[skin]

    def new(match: re.Match[str]) -> str:
        return mix(tone, "#4a2418", 0.14) if match.group() in _SHADES else tone

    return _SKIN_TONE.sub(new, body)


def with_grey_hair(body: str) -> str:
    """Return a person's SVG with grey hair."""
    for tone in _HAIR:
        body = body.replace(f'fill="{tone}"', f'fill="{_GREY}"')
    return body


def with_mood(body: str, art: Drawing, mood: str) -> str:
    """Return a figure's SVG with a mood in its face: mouth, brows, tears, a sweat drop, sleep."""
    x, y, gap = art.anchor("eyes")
    half, pen = gap / 2, max(1.4, gap * 0.11)
    brow = y - gap * 0.52
    if mood == "happy":
        return body + _blush(x, y, gap)
    if mood == "sleepy":
        return _CLOSED.sub(_lid, body) + _snore(x, y, gap, pen)
    if mood == "surprised":
        body = _SMILE.sub(lambda m: _open_mouth(m, y, gap), body)
        return body + _brows(x, brow - gap * 0.12, half, 0, pen)
    body = _SMILE.sub(lambda m: _frown(m, y, gap), body)
    if mood == "angry":
        return body + _brows(x, brow, half, gap * 0.2, pen * 1.3)
    body += _brows(x, brow, half, -gap * 0.18, pen)
    if mood == "scared":
        return body + _drop(x + half + gap * 0.5, y - gap * 0.3, gap * 0.2)
    left, right = x - half - gap * 0.14, x + half + gap * 0.14
    return body + _drop(left, y + gap * 0.42, gap * 0.2) + _drop(right, y + gap * 0.62, gap * 0.2)


def _drop(x: float, y: float, s: float) -> str:
    """Draw a tear, or a drop of sweat."""
    return (
        f'<path fill="{_TEAR}" d="M{x:.1f} {y - s:.1f}Q{x + s:.1f} {y + s:.1f} {x:.1f} '
        f'{y + s:.1f}Q{x - s:.1f} {y + s:.1f} {x:.1f} {y - s:.1f}Z"/>'
    )


def _blush(x: float, y: float, gap: float) -> str:
    """Draw two red cheeks."""
    return "".join(
        f'<circle cx="{x + side * gap * 0.85:.1f}" cy="{y + gap * 0.42:.1f}" '
        f'r="{gap * 0.2:.1f}" fill="#ef7f7f" fill-opacity="0.5"/>'
        for side in (-1, 1)
    )


def _snore(x: float, y: float, gap: float, pen: float) -> str:
    """Draw three Z that rise from a sleeper."""
    s, d = gap * 0.42, ""
    for n, k in enumerate((0.8, 1.1, 1.5)):
        zx, zy = x + gap * (1.2 + 0.5 * n), y - gap * (0.6 + 0.62 * n)
        d += f"M{zx:.1f} {zy:.1f}h{s * k:.1f}l{-s * k:.1f} {s * k:.1f}h{s * k:.1f}"
    return f'<path fill="none" stroke="#5f7fb0" stroke-width="{pen:.1f}" d="{d}"/>'


def _lid(match: re.Match[str]) -> str:
    """Draw a closed lid where an open eye is."""
    x, y, r = map(float, match.groups())
    return (
        f'<path fill="none" stroke="{_INK}" stroke-width="{max(1.4, r * 0.5):.1f}" '
        f'd="M{x - r:.1f} {y:.1f}q{r:.1f} {r:.1f} {2 * r:.1f} 0"/>'
    )


def _brows(x: float, y: float, half: float, slant: float, pen: float) -> str:
    """Draw two brows; with a positive slant they fall towards the nose."""
    a, b = half * 1.5, half * 0.45
    return (
        f'<path fill="none" stroke="{_INK}" stroke-width="{pen:.1f}" d="M{x - a:.1f} '
        f"{y - slant:.1f}L{x - b:.1f} {y + slant:.1f}M{x + a:.1f} {y - slant:.1f}"
        f'L{x + b:.1f} {y + slant:.1f}"/>'
    )


def _mouth(match: re.Match[str], y: float, gap: float) -> tuple[float, float, float, float] | None:
    """Return a smile as x, y, width and depth, or None if the curve is not a smile."""
    values = [float(v) for v in match.groups() if v is not None]
    x0, y0, cx, cy, x1, y1 = values
    if match.group(7) is not None:
        cx, cy, x1, y1 = cx - x0, cy - y0, x1 - x0, y1 - y0
    low = 0.2 * gap < y0 - y < 2.2 * gap
    if not low or x1 <= 0 or abs(y1) > 1.5 or cy <= max(0.5, y1) or x1 > 3 * gap:
        return None
    return x0, y0, x1, cy


def _frown(match: re.Match[str], y: float, gap: float) -> str:
    mouth = _mouth(match, y, gap)
    if mouth is None:
        return match.group()
    x0, y0, wide, deep = mouth
    return f'd="M{x0:g} {y0 + deep * 0.7:.1f}q{wide / 2:.1f} {-deep:.1f} {wide:g} 0"'


def _open_mouth(match: re.Match[str], y: float, gap: float) -> str:
    mouth = _mouth(match, y, gap)
    if mouth is None:
        return match.group()
    x0, y0, wide, deep = mouth
    r = min(wide, deep * 2) * 0.28
    mx, my = x0 + wide / 2, y0 + deep * 0.5
    return (
        f'd="M{mx - r:.1f} {my:.1f}a{r:.1f} {r * 1.25:.1f} 0 1 0 {2 * r:.1f} 0'
        f'a{r:.1f} {r * 1.25:.1f} 0 1 0 {-2 * r:.1f} 0Z"'
    )
