"""Load the figures: small drawings in `figures/`, with colours and anchor points.

Each file holds figures of one kind, each an SVG `<symbol>`. A symbol declares the three tones that
a colour replaces (`main`, `dark`, `light`), the anchors that the figure has (`head="x,y,width"`,
also eyes, neck, hand and seat, in the units of its viewBox), and the box for a text
(`text="left,top,width,height"`, written in `ink`). Two abbreviations keep the files short: a
`<circle>` without a fill is an eye with a highlight, and shapes in a `<g fill>` inherit its fill. A
text replaces shapes of the class "x".
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from .colour import mix
from .lexicon import lexicon

FOLDER = Path(__file__).with_name("figures")
_SYMBOL = re.compile(r"<symbol ([^>]*)>(.*?)</symbol>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_GROUP = re.compile(r'<g fill="([^"]*)">(.*?)</g>', re.DOTALL)
_SHAPE = re.compile(r"<(path|circle|ellipse|rect) ")
_FAINT = re.compile(r'fill="(#[0-9a-f]{6})([0-9a-f]{2})"')
_EYE = re.compile(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"/>')
_ANCHORS = ("head", "eyes", "neck", "hand", "seat")
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Drawing:
    """The drawing of a figure.

    Attributes:
        body: The SVG inside its root element.
        width: The width in its own units.
        height: The height in the same units.
        tones: The main tone, the darker and the lighter one.
        anchors: The positions of head, eyes, neck, hand and seat.
        text: The box for a text, or None.
        ink: The colour of the text.
    """

    body: str
    width: float
    height: float
    tones: tuple[str, str, str]
    anchors: dict[str, tuple[float, ...]]
    text: Box | None = None
    ink: str = "#34303c"

    def anchor(self, name: str) -> tuple[float, float, float]:
        """Return an anchor (`head`, `eyes`, `neck`, `hand`, `seat`) as x, y and width.

        An anchor that the figure does not declare is guessed from its head or its size.
        """
        if name in self.anchors:
            x, y, *rest = self.anchors[name]
            return x, y, rest[0] if rest else self.width * 0.3
        x, y, wide = self.width / 2, 0.0, min(self.width * 0.42, self.height * 0.7)
        if "head" in self.anchors:
            x, y, wide = self.anchor("head")
        places = {
            "head": (x, y + 1, wide),
            "eyes": (x, y + wide * 0.45, wide * 0.5),
            "neck": (x, y + wide * 1.0, wide * 0.8),
            "hand": (self.width * 0.86, self.height * 0.68, self.width * 0.3),
            "seat": (self.width / 2, max(0.0, y), self.width * 0.3),
        }
        return places[name]

    def coloured(self, colour: str | None) -> str:
        """Return the body with its three tones derived from `colour` ("#rrggbb")."""
        if colour is None:
            return self.body
        main, dark, light = self.tones
        new = {dark: mix(colour, "#462846", 0.2), light: mix(colour, "#fffaee", 0.5), main: colour}
        pattern = "|".join(re.escape(tone) for tone in dict.fromkeys((main, dark, light)))
        return re.sub(pattern, lambda match: new[match.group()], self.body)


def _with_light(match: re.Match[str]) -> str:
    x, y, r = map(float, match.groups())
    return (
        f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="#3a3040"/>'
        f'<circle cx="{x + 0.3 * r:.1f}" cy="{y - 0.37 * r:.1f}" r="{0.35 * r:.2f}" '
        f'fill="#fffdf6"/>'
    )


def _expanded(body: str) -> str:
    """Expand the abbreviations of the files."""
    body = _GROUP.sub(lambda m: _SHAPE.sub(rf'<\1 fill="{m[1]}" ', m[2]), body)
    body = _FAINT.sub(lambda m: f'fill="{m[1]}" fill-opacity="{int(m[2], 16) / 255:.2f}"', body)
    return _EYE.sub(_with_light, body.strip())


@functools.cache
def _symbols() -> dict[str, tuple[dict[str, str], str]]:
    symbols = {}
    for path in sorted(FOLDER.glob("*.svg")):
        for match in _SYMBOL.finditer(path.read_text("utf-8")):
            root = dict(_ATTRIBUTE.findall(match[1]))
            symbols[root["id"]] = (root, match[2])
    return symbols


def names() -> list[str]:
    """Return the names of all drawings; a second pose ends in "-2"."""
    return list(_symbols())


@functools.cache
def drawing(name: str, pose: int = 0) -> Drawing:
    """Return the figure `name`, in its first pose or another `pose` if it has one.

    For a name with several figures ("child"), the first is returned.
    """
    symbols = _symbols()
    if name not in symbols:
        name = lexicon().figures[name].mix[0]
    root, body = symbols.get(f"{name}-2", symbols[name]) if pose else symbols[name]
    _, _, width, height = map(float, root["viewBox"].split())
    anchors = {k: tuple(map(float, root[k].split(","))) for k in _ANCHORS if k in root}
    main = root["main"]
    box = tuple(map(float, root["text"].split(","))) if "text" in root else None
    return Drawing(
        _expanded(body),
        width,
        height,
        (main, root.get("dark", main), root.get("light", main)),
        anchors,
        (box[0], box[1], box[2], box[3]) if box else None,
        root.get("ink", "#34303c"),
    )


def poses(name: str) -> int:
    """Count the poses a figure has."""
    return 2 if f"{name}-2" in _symbols() else 1
