"""Arrange the figures: rows on the ground or the water, free places in the sky."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .audit import Placed
from .figures import drawing
from .items import FLOATING, SCENERY, Figure, figure, hold_inwards, in_depth, lean
from .lexicon import lexicon
from .reading import ONLY_ONE
from .seats import Stage

if TYPE_CHECKING:
    from .reading import Mention, Reading
    from .rng import Rng

    # What the prompt asks for, and its figures.
    Group = tuple[Mention, list[Figure]]

_TABLES = frozenset({"table", "plain", "room", "classroom", "lab"})
_PLACED = frozenset({"on", "in", "under", "behind", "front", "above"})


def arrange(
    mentions: list[Mention], place: str, rng: Rng, aspect: float, reading: Reading
) -> list[Figure]:
    """Create and arrange all figures.

    Args:
        mentions: The requested things.
        place: The name of the place.
        rng: The random numbers.
        aspect: The picture's width divided by its height.
        reading: The parsed prompt; it is told where the figures are.

    Returns:
        The figures, far ones first. x and y (of the foot) are shares of the picture's width and
        height; size is the height as a share of the picture's shorter side.
    """
    # The first of several children is a boy or a girl at random.
    first = rng.fork("mix").integer(2)
    groups: list[Group] = [
        (m, [figure(m, place, rng, i + first) for i in range(m.count)]) for m in mentions
    ]
    of = {id(m): items for m, items in groups}
    _leave_windows(groups, of)
    wide, high = (aspect, 1.0) if aspect >= 1 else (1.0, 1 / aspect)
    stage = Stage(place, wide, high, rng)
    tied = _tied(groups, of, place)
    free = [group for group in groups if id(group[0]) not in tied]
    _place_free(stage, free, groups)
    _attach(stage, [group for group in groups if id(group[0]) in tied], of)
    stage.sit()
    bubbles = [_bubble(items[0], m.speech, wide, high) for m, items in groups if m.speech]
    everything = [item for _, items in groups for item in items]
    _part(groups)
    for m, items in groups:
        for number, item in enumerate(items):
            lean(item, m.side, number)
            hold_inwards(item)
    placed = Placed(groups, wide, high)
    for spot in reading.spots:
        if spot.kind in {"bigger", "smaller"}:
            placed.compare(spot)
    reading.placed = placed
    return in_depth([*everything, *bubbles])


def _part(groups: list[Group]) -> None:
    """Put the first of two on the same side in the middle: a circle with things on both sides."""
    for side, other in (("left", "right"), ("right", "left")):
        same = [m for m, _ in groups if m.side == side]
        middle = any(m.side == "middle" for m, _ in groups)
        if len(same) == 2 and not middle and any(m.side == other for m, _ in groups):
            same[0].side = "middle"


def _leave_windows(groups: list[Group], of: dict[int, list[Figure]]) -> None:
    """Untie what is under something in a window: under the moon in a room is anywhere in it."""
    for mention, _ in groups:
        mention.ties = [
            (tie, anchor)
            for tie, anchor in mention.ties
            if tie != "under" or id(anchor) not in of or of[id(anchor)][0]["zone"] != "window"
        ]


def _tied(groups: list[Group], of: dict[int, list[Figure]], place: str) -> set[int]:
    """Return the ids of the mentions whose position another thing of the picture decides."""

    def is_loose(mention: Mention, zone: str) -> bool:
        in_air = zone == "sky" and place not in FLOATING
        return zone == "window" or (in_air and not _lands(mention))

    return {
        id(m)
        for m, items in groups
        if not is_loose(m, items[0]["zone"])
        and any(_decides(m, tie, a) and id(a) in of for tie, a in m.ties)
    }


def _place_free(stage: Stage, free: list[Group], groups: list[Group]) -> None:
    """Place the figures that are tied to none: rows on the ground, then the water, then the air."""
    zones = {item["zone"] for _, items in groups for item in items}
    stage.crowded = stage.place not in _TABLES and "water" in zones
    things = [(m, item) for m, items in free for item in items]
    for zone in ("ground", "water"):
        stage.rows([thing for thing in things if thing[1]["zone"] == zone], zone)
    stage.aloft([thing for thing in things if thing[1]["zone"] in {"sky", "float"}])


def _attach(stage: Stage, queue: list[Group], of: dict[int, list[Figure]]) -> None:
    """Place tied figures after what they are tied to: the table, the vase, then the flowers."""
    waiting = {id(m) for m, _ in queue}
    while queue:
        # Things that are tied in a circle begin with the first.
        ready = [g for g in queue if _anchor(g[0], of)[1] not in waiting] or queue[:1]
        for mention, items in ready:
            tie, which = _anchor(mention, of)
            stage.attach(mention, items, tie, of[which])
            waiting.discard(id(mention))
        queue = [g for g in queue if id(g[0]) in waiting]


def _lands(mention: Mention) -> bool:
    """Return whether a thing of the sky stays on the ground: a bird under the table."""
    figures = lexicon().figures
    return not mention.aloft and any(
        (tie in {"on", "in", "under"} or (tie == "above" and mention.name not in ONLY_ONE))
        and figures[anchor.name].zone in {"ground", "thing"}
        and figures[anchor.name].size < SCENERY
        for tie, anchor in mention.ties
        if figures[mention.name].role != "glow"
    )


def _bubble(speaker: Figure, text: str, wide: float, high: float) -> Figure:
    """Create a speech bubble beside a head, on the side with more room."""
    art = drawing(speaker["name"], speaker["pose"])
    scale = speaker["size"] / art.height
    head_x, head_y, head = art.anchor("head")
    flip = -1 if speaker["flip"] else 1
    x = speaker["x"] * wide + (head_x - art.width / 2) * scale * flip
    y = speaker["y"] * high - (art.height - head_y) * scale
    size = max(0.2, min(0.3, speaker["size"] * 0.55))
    side = 1 if x < wide * 0.5 else -1
    half = size * 0.75
    at = x + side * (half * 0.8 + head * scale * 0.42)
    at = max(half + 0.02, min(wide - half - 0.02, at))
    foot = max(size + 0.03, y + head * scale * 0.3)
    return {
        "name": "bubble",
        "zone": "ground",
        "x": round(at / wide, 4),
        "y": round(foot / high, 4),
        "size": round(size, 4),
        "flip": side < 0,
        "tilt": 0.0,
        "pose": 0,
        "colour": None,
        "tint": None,
        "wears": [],
        "text": text,
        "seated": True,
        "depth": 2.0,
    }


def _anchor(mention: Mention, of: dict[int, list[Figure]]) -> tuple[str, int]:
    """Return how a mention is tied, and the index of the other mention."""
    return next(
        (tie, id(a)) for tie, a in mention.ties if _decides(mention, tie, a) and id(a) in of
    )


def _decides(mention: Mention, tie: str, anchor: Mention) -> bool:
    """Return whether a tie decides the position; everything stands before scenery anyway."""
    figures = lexicon().figures
    tall = figures[anchor.name].size >= SCENERY
    small = figures[anchor.name].zone == "thing"
    if tie == "under" and small and figures[mention.name].size > figures[anchor.name].size:
        # What is under a microscope stands beside it.
        return False
    if figures[anchor.name].role == "paper" and small and figures[mention.name].role == "person":
        # Who writes on a blackboard stands before it.
        return False
    if tall and tie == "under":
        return figures[mention.name].size < SCENERY
    return tie in _PLACED and not (tall and tie == "front")
