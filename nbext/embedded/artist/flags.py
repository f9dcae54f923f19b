"""National flags, each from one line of the lexicon, and the hands of a clock."""

from __future__ import annotations

import math

from .lexicon import lexicon

# The position of the cloth on the figure `flag`.
_X, _Y, _W, _H = 16.0, 10.0, 84.0, 56.0


def flag_cloth(country: str) -> str:
    """Return SVG for a flag on its pole, in the units of the figure `flag`."""
    design, *colours = lexicon().flags[country].split()
    pole = (
        '<rect x="10" y="4" width="6" height="126" rx="3" fill="#8a5b3e"/>'
        '<circle cx="13" cy="5" r="5" fill="#f2c14e"/>'
    )
    cloth = {
        "h": _bands,
        "v": _columns,
        "disc": _disc,
        "cross": _cross,
        "swiss": _swiss,
        "star": _one_star,
    }
    if design in cloth:
        return pole + cloth[design](colours)
    return pole + {"china": _china, "usa": _usa, "uk": _uk}[design]()


def _rect(x: float, y: float, w: float, h: float, colour: str) -> str:
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{w:.2f}" height="{h:.2f}" fill="{colour}"/>'


def _bands(colours: list[str]) -> str:
    tall = _H / len(colours)
    return "".join(_rect(_X, _Y + tall * n, _W, tall, c) for n, c in enumerate(colours))


def _columns(colours: list[str]) -> str:
    wide = _W / len(colours)
    return "".join(_rect(_X + wide * n, _Y, wide, _H, c) for n, c in enumerate(colours))


def _disc(colours: list[str]) -> str:
    return _rect(_X, _Y, _W, _H, colours[0]) + (
        f'<circle cx="{_X + _W / 2}" cy="{_Y + _H / 2}" r="{_H * 0.3:.1f}" fill="{colours[1]}"/>'
    )


def _cross(colours: list[str]) -> str:
    return (
        _rect(_X, _Y, _W, _H, colours[0])
        + _rect(_X + _W * 0.3, _Y, _W * 0.13, _H, colours[1])
        + _rect(_X, _Y + _H * 0.4, _W, _H * 0.2, colours[1])
    )


def _swiss(colours: list[str]) -> str:
    x, y = _X + _W / 2, _Y + _H / 2
    return (
        _rect(_X, _Y, _W, _H, colours[0])
        + _rect(x - 17, y - 5.5, 34, 11, colours[1])
        + _rect(x - 5.5, y - 17, 11, 34, colours[1])
    )


def _one_star(colours: list[str]) -> str:
    return _rect(_X, _Y, _W, _H, colours[0]) + _star(_X + _W / 2, _Y + _H / 2, 17, 0, colours[1])


def _star(x: float, y: float, r: float, turn: float, colour: str) -> str:
    """Draw a star whose first point is turned by `turn` radians from upright."""
    points = []
    for n in range(10):
        reach = r if n % 2 == 0 else r * 0.382
        angle = turn + math.pi * n / 5
        points.append(f"{x + reach * math.sin(angle):.2f} {y - reach * math.cos(angle):.2f}")
    return f'<path fill="{colour}" d="M{"L".join(points)}Z"/>'


def _china() -> str:
    # After the law on the national flag: a field of 30 × 20, the large star at (5, 5) with a radius
    # of 3, small ones with a radius of 1, each with a point towards the middle of the large one.
    unit = _W / 30
    out = _rect(_X, _Y, _W, _H, "#de2910")
    out += _star(_X + 5 * unit, _Y + 5 * unit, 3 * unit, 0, "#ffde00")
    for x, y in ((10, 2), (12, 4), (12, 7), (10, 9)):
        turn = math.atan2(5 - x, y - 5)
        out += _star(_X + x * unit, _Y + y * unit, unit, turn, "#ffde00")
    return out


def _usa() -> str:
    out = _bands(["#b5303a" if n % 2 == 0 else "#ffffff" for n in range(13)])
    out += _rect(_X, _Y, _W * 0.4, _H * 7 / 13, "#2a3b6f")
    for row in range(9):
        for column in range(6 - row % 2):
            x = _X + _W * 0.4 * (2 * column + 1 + row % 2) / 12
            y = _Y + _H * 7 / 13 * (row + 1) / 10
            out += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1" fill="#ffffff"/>'
    return out


def _uk() -> str:
    a, b, c, d = _X, _Y, _X + _W, _Y + _H
    diagonals = f"M{a} {b}L{c} {d}M{c} {b}L{a} {d}"
    upright = f"M{_X + _W / 2} {b}V{d}M{a} {_Y + _H / 2}H{c}"
    out = _rect(_X, _Y, _W, _H, "#2a3b7b")
    for path, colour, pen in (
        (diagonals, "#ffffff", 10),
        (diagonals, "#c8253c", 4),
        (upright, "#ffffff", 18),
        (upright, "#c8253c", 10),
    ):
        out += (
            f'<path fill="none" stroke="{colour}" stroke-width="{pen}" stroke-linecap="butt" '
            f'd="{path}"/>'
        )
    return out


def clock_hands(time: str) -> str:
    """Return SVG for the hands of the figure `clock` at "hour:minute"."""
    hour, minute = map(int, time.split(":"))
    out = ""
    for turn, reach, pen, colour in (
        ((hour + minute / 60) / 12, 17, 4.4, "#3a3040"),
        (minute / 60, 26, 3, "#3a3040"),
    ):
        x, y = 45 + reach * math.sin(2 * math.pi * turn), 52 - reach * math.cos(2 * math.pi * turn)
        out += (
            f'<path fill="none" stroke="{colour}" stroke-width="{pen}" d="M45 52L{x:.1f} {y:.1f}"/>'
        )
    return out + '<circle cx="45" cy="52" r="3.4" fill="#d9574a"/>'
