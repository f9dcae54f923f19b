"""Write Latin letters, digits, signs and some Chinese characters as pen strokes.

The letters are in `letters.toml`. The machine's fonts are never used, so that a text looks the same
everywhere.
"""

from __future__ import annotations

import functools
import itertools
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

# Longer texts are not written.
LONGEST = 60
_HEIGHT, _GAP, _SPACE, _LEADING = 70.0, 16.0, 30.0, 112.0
_SMALL = {**dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)), "⁺": "+", "⁻": "-"}
_LOW = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_ALIKE = str.maketrans("‘’“”–—−·…，。！？：；（）　", "''\"\"---..,.!?:;() ")
_NUMBER = re.compile(r"-?\d*\.?\d+|[A-Za-z]")


@dataclass(frozen=True)
class Glyph:
    """A letter: its width in the units of `letters.toml`, and its path."""

    width: float
    path: str


@functools.cache
def _letters() -> dict[str, Glyph]:
    path = Path(__file__).with_name("letters.toml")
    table = tomllib.loads(path.read_text("utf-8"))
    letters = {}
    for char, entry in table["latin"].items():
        width, outline = entry.split(" ", 1)
        letters[char] = Glyph(float(width), outline)
    letters |= {char: Glyph(70, outline) for char, outline in table["han"].items()}
    return letters | {mark: Glyph(0, outline) for mark, outline in table["accents"].items()}


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFC", text).translate(_ALIKE)
    # Decompose accented letters into letter and accent.
    return " ".join(unicodedata.normalize("NFD", text).split())


def can_write(text: str) -> bool:
    """Return whether every character of `text` can be written.

    Example:
        >>> can_write("E = mc²"), can_write("蠹")
        (True, False)
    """
    plain = _plain(text)
    letters = _letters()
    known = (c == " " or c in letters or c in _SMALL or c in _LOW for c in plain)
    return 0 < len(plain) <= LONGEST and all(known)


def _glyphs(line: str) -> tuple[list[tuple[str, float, float, float]], float]:
    """Return the paths of a line with x, y and scale of each, and the line's width."""
    letters = _letters()
    strokes: list[tuple[str, float, float, float]] = []
    x = 0.0
    for char in line:
        if char == " ":
            x += _SPACE
            continue
        if char in _SMALL or char in _LOW:
            glyph = letters[_SMALL.get(char) or _LOW[char]]
            strokes.append((glyph.path, x, -8.0 if char in _SMALL else 44.0, 0.5))
            x += glyph.width * 0.5 + _GAP
            continue
        glyph = letters[char]
        if not glyph.width:
            # Move an accent back over its letter, higher over a capital.
            last = strokes[-1] if strokes else ("", x, 0.0, 1.0)
            tall = char != "̧" and last[0][:1] == "M" and " 0" in last[0][:12]
            strokes.append((glyph.path, last[1], -18.0 if tall else 0.0, 1.0))
            continue
        strokes.append((glyph.path, x, 0.0, 1.0))
        x += glyph.width + _GAP
    return strokes, max(1.0, x - _GAP)


def _lines(text: str, count: int) -> list[str]:
    """Break a text into `count` lines, keeping the longest line as short as possible."""
    words = text.split(" ")
    glue = " "
    if len(words) == 1 and any(c >= "㐀" for c in text):
        words, glue = list(text), ""
    best = [text]
    if count > len(words) or len(words) > 12:
        return best
    shortest = float("inf")
    for cuts in itertools.combinations(range(1, len(words)), count - 1):
        ends = [0, *cuts, len(words)]
        lines = [glue.join(words[a:b]) for a, b in itertools.pairwise(ends)]
        longest = max(_glyphs(line)[1] for line in lines)
        if longest < shortest:
            shortest, best = longest, lines
    return best


def lettering(
    text: str, box: tuple[float, float, float, float], colour: str, *, bold: float = 1.0
) -> str:
    """Return SVG that writes a text in the middle of a box, as large as possible.

    Args:
        text: A text for which `can_write` is true.
        box: Left, top, width and height.
        colour: As "#rrggbb".
        bold: The pen's thickness, 1 for a bold letter.

    Returns:
        One `<g>`.
    """
    left, top, wide, high = box
    best: tuple[float, list[str]] = (0.0, [])
    for count in range(1, 6):
        lines = _lines(_plain(text), count)
        across = max(_glyphs(line)[1] for line in lines) + 14
        down = _HEIGHT + _LEADING * (len(lines) - 1) + 24
        scale = min(wide / across, high / down)
        if scale > best[0] * 1.05:
            best = (scale, lines)
    scale, lines = best
    down = _HEIGHT + _LEADING * (len(lines) - 1)
    out = []
    # The many strokes of a Chinese character need a thinner pen.
    pen = (7.5 if any(c >= "㐀" for c in text) else 10.5) * bold
    for number, line in enumerate(lines):
        strokes, across = _glyphs(line)
        x0 = left + wide / 2 - across * scale / 2
        y0 = top + high / 2 - down * scale / 2 + number * _LEADING * scale
        out += [
            f'<path d="{path}" transform="translate({x0 + x * scale:.2f} {y0 + y * scale:.2f}) '
            f'scale({scale * size:.4f})" stroke-width="{pen / size**0.5:.1f}"/>'
            for path, x, y, size in strokes
        ]
    return f'<g fill="none" stroke="{colour}">{"".join(out)}</g>'
