"""The figures: small drawings in `figures/`, coloured as asked, with the points where things sit.

Each file is an SVG of its own. Its root says the three tones that a colour replaces (`data-main`,
`data-dark`, `data-light`) and, where the figure has them, where a head, eyes, a neck, a hand or a
seat is: `data-head="x y width"` in the units of its viewBox.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from .colour import mix

_FOLDER = Path(__file__).with_name("figures")
_ROOT = re.compile(r"<svg ([^>]*)>(.*)</svg>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@dataclass(frozen=True)
class Drawing:
    """One figure as drawn: the SVG inside its root, its size, tones and anchors."""

    body: str
    width: float
    height: float
    tones: tuple[str, str, str]
    anchors: dict[str, tuple[float, ...]]

    def anchor(self, name: str) -> tuple[float, float, float]:
        """Return where `name` (`head`, `eyes`, `neck`, `hand`, `seat`) is, guessed if not said."""
        if name in self.anchors:
            x, y, *rest = self.anchors[name]
            return x, y, rest[0] if rest else self.width * 0.3
        x, y, wide = self.width / 2, 0.0, self.width * 0.42
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
        """Return the body with its main tone, and the two beside it, in `colour` ("#rrggbb")."""
        if colour is None:
            return self.body
        main, dark, light = self.tones
        new = {dark: mix(colour, "#462846", 0.2), light: mix(colour, "#fffaee", 0.5), main: colour}
        pattern = "|".join(re.escape(tone) for tone in dict.fromkeys((main, dark, light)))
        return re.sub(pattern, lambda match: new[match.group()], self.body)


@functools.cache
def drawing(name: str, pose: int = 0) -> Drawing:
    """Read the figure `name`, in its first or another `pose` where it has one."""
    path = _FOLDER / (f"{name}-2.svg" if pose else f"{name}.svg")
    if not path.is_file():
        path = _FOLDER / f"{name}.svg"
    match = _ROOT.search(path.read_text("utf-8"))
    if match is None:
        raise ValueError(f"{path.name} is no figure: it has no <svg> root")
    root = dict(_ATTRIBUTE.findall(match.group(1)))
    _, _, width, height = map(float, root["viewBox"].split())
    anchors = {
        key: tuple(map(float, root[f"data-{key}"].split(",")))
        for key in ("head", "eyes", "neck", "hand", "seat")
        if f"data-{key}" in root
    }
    main = root["data-main"]
    tones = (main, root.get("data-dark", main), root.get("data-light", main))
    return Drawing(match.group(2).strip(), width, height, tones, anchors)


@functools.cache
def poses(name: str) -> int:
    """Count the poses a figure has."""
    return 2 if (_FOLDER / f"{name}-2.svg").is_file() else 1
