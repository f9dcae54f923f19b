"""Create a scene's items from the things a prompt mentions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .figures import drawing, poses
from .lexicon import lexicon

if TYPE_CHECKING:
    from .reading import Mention
    from .rng import Rng

# The bands of ground and water in each place, as shares of the height, and whether everything
# floats there.
BANDS: dict[str, tuple[float, float]] = {
    "meadow": (0.68, 0.9),
    "garden": (0.7, 0.9),
    "field": (0.68, 0.9),
    "savanna": (0.68, 0.9),
    "forest": (0.72, 0.9),
    "mountain": (0.74, 0.91),
    "greatwall": (0.8, 0.92),
    "waterfall": (0.8, 0.92),
    "desert": (0.68, 0.9),
    "snow": (0.7, 0.9),
    "beach": (0.76, 0.92),
    "sea": (0.66, 0.9),
    "lake": (0.86, 0.94),
    "city": (0.83, 0.92),
    "street": (0.76, 0.9),
    "room": (0.76, 0.92),
    "classroom": (0.76, 0.95),
    "lab": (0.74, 0.9),
    "table": (0.68, 0.88),
    "plain": (0.76, 0.84),
    "sky": (0.84, 0.92),
    "space": (0.86, 0.93),
    "underwater": (0.84, 0.94),
    "moonscape": (0.74, 0.9),
    "stadium": (0.72, 0.9),
    "plaza": (0.78, 0.92),
}
# Figures that must not be mirrored.
ONE_WAY = frozenset({"flag", "clock", "map", "earth", "globe", "righttriangle", "parabola"})
# Visible through the window of a room.
OUTSIDE = frozenset({"sun", "moon", "star", "rainbow", "comet", "lightning", "snowflake", "planet"})
WATERS = {"sea": (0.62, 0.88), "lake": (0.62, 0.74), "beach": (0.56, 0.64)}
# What else a place shows: a cat by the sea is on a beach.
BESIDE = {
    "beach": frozenset({"sea"}),
    "lake": frozenset({"mountain"}),
    "snow": frozenset({"mountain"}),
    "greatwall": frozenset({"mountain"}),
    "street": frozenset({"city"}),
}
# Where no weather is.
ROOFED = frozenset({"room", "classroom", "lab"})
FLOATING = frozenset({"space", "underwater"})
# Figures of this height are scenery, and stand behind the others.
SCENERY = 1.9
MOST_HELD = 5

Figure = dict[str, Any]


def zone_of(name: str, place: str, *, aloft: bool = False) -> str:
    """Return the zone of a figure in a place: `ground`, `water`, `sky` or `float`."""
    zone = "sky" if aloft else lexicon().figures[name].zone
    if place == "underwater" and zone in {"water", "sky"}:
        return "float"
    if place == "space" and zone != "ground":
        return "float"
    if zone == "water":
        return "water" if place in WATERS else "ground"
    if zone == "sky":
        return "window" if place == "room" and name in OUTSIDE else "sky"
    if place == "classroom" and name == "blackboard":
        return "window"
    return "ground"


def variants(name: str) -> tuple[str, ...]:
    """Return the figures that a name stands for: a child is a boy or a girl.

    Example:
        >>> variants("child"), variants("cat")
        (('boy', 'girl'), ('cat',))
    """
    return lexicon().figures[name].mix or (name,)


def figure(mention: Mention, place: str, rng: Rng, number: int) -> Figure:
    """Create a figure for a mention, without a position."""
    kind = lexicon().figures[mention.name]
    some = variants(mention.name)
    name = some[number % len(some)]
    if len(some) > 1:
        kind = lexicon().figures[name]
    item: Figure = {
        "name": name,
        "zone": zone_of(name, place, aloft=mention.aloft),
        "x": 0.5,
        "y": 0.85,
        "size": 0.5,
        "flip": bool(rng.integer(2)),
        "tilt": 0.0,
        "pose": rng.integer(poses(name)),
        "colour": mention.colour,
        "tint": None,
        "wears": [],
    }
    item |= {str(key): value for key, value in mention.traits.items()}
    if mention.aloft:
        item["aloft"] = True
    if mention.colour is None and kind.tints:
        item["tint"] = kind.tints[(rng.integer(97) + number) % len(kind.tints)]
    if item["zone"] in {"sky", "float"}:
        item["tilt"] = round(rng.uniform(-7, 7), 1)
    for extra in mention.wears:
        # A head wears one hat; a hand can hold several balloons.
        held = lexicon().figures[extra.name].wear in {"hand", ""}
        many = min(extra.count, MOST_HELD) if held else 1
        item["wears"].extend(accessory(extra, rng) for _ in range(many))
        if held:
            # In front view, its hand is at its side.
            item["pose"] = 0
    return item


def accessory(mention: Mention, rng: Rng) -> Figure:
    """Create what a figure wears or holds."""
    kind = lexicon().figures[mention.name]
    tint = rng.choice(kind.tints) if mention.colour is None and kind.tints else None
    return {
        "name": mention.name,
        "colour": mention.colour,
        "tint": tint,
        **{key: value for key, value in mention.traits.items() if key in {"text", "detail"}},
    }


def weight(name: str, size: str | None = None) -> float:
    """Return the relative height of a figure, with natural differences reduced."""
    value = float(lexicon().figures[name].size ** 0.62)
    return value * {"big": 1.4, "small": 0.68}.get(size or "", 1.0)


def shape(item: Figure) -> float:
    """Return a figure's width divided by its height."""
    art = drawing(item["name"], item["pose"])
    return art.width / art.height


def hold_inwards(item: Figure) -> None:
    """Turn a figure so that a balloon in its hand stays within the picture."""
    if any(lexicon().figures[w["name"]].wear == "hand" for w in item["wears"]):
        art = drawing(item["name"], item["pose"])
        right = art.anchor("hand")[0] > art.width / 2
        item["flip"] = (item["x"] > 0.5) == right


def lean(item: Figure, side: str | None, number: int = 0) -> None:
    """Move a figure to the requested side; of several that stand apart, every second."""
    if side == "apart":
        side = "right" if number % 2 else "left"
    if side in {"left", "right"}:
        item["x"] = 0.24 if side == "left" else 0.76
    elif side == "middle":
        item["x"] = 0.5
    elif side in {"up", "down"}:
        item["y"] = max(0.3, min(0.95, item["y"] + (-0.15 if side == "up" else 0.08)))


def in_depth(items: list[Figure]) -> list[Figure]:
    """Return the figures, far ones first; a seated figure follows its seat."""
    order = {"window": 0, "sky": 0, "float": 1, "water": 1, "ground": 1}
    return sorted(
        items, key=lambda i: (order[i["zone"]], round(float(i.get("depth") or i["y"]), 4))
    )
