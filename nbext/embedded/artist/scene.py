"""Read a scene from an untrusted source: a picture or a request."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from .items import BANDS
from .lettering import can_write
from .lexicon import lexicon

if TYPE_CHECKING:
    from collections.abc import Container

VERSION = 1
_TIME = re.compile(r"\d{1,2}:[0-5]\d")


def tidy(scene: dict[str, Any]) -> dict[str, Any]:
    """Return a scene from an untrusted source, reduced to what the artist can draw.

    Raises:
        ValueError: It is not a scene of the artist's.
    """
    if not isinstance(scene, dict) or scene.get("version") != VERSION:
        raise ValueError("this is not a scene that the artist made")
    words = lexicon()
    place = scene.get("place")
    style, time = scene.get("style"), scene.get("time")
    items = scene.get("figures")
    figures = [
        _figure(item)
        for item in (items if isinstance(items, list) else [])[:120]
        if isinstance(item, dict) and _known(item.get("name"), words.figures)
    ]
    weather = scene.get("weather")
    light = scene.get("light")
    clean = {
        "version": VERSION,
        "seed": _whole(scene.get("seed")),
        "take": _whole(scene.get("take")),
        "place": _known(place, (*BANDS, "abstract")) or "meadow",
        "time": _known(time, words.names["time"]) or "day",
        "weather": [
            w
            for w in (weather if isinstance(weather, list) else [])
            if _known(w, words.names["weather"])
        ],
        "style": _known(style, words.names["style"]),
        "named": _texts(scene.get("named"), 120),
        "unknown": _texts(scene.get("unknown"), 6),
        "light": light if isinstance(light, str) and len(light) <= 24 else "",
        "figures": figures,
    }
    if ground := _known(scene.get("ground"), words.colours):
        clean["ground"] = ground
    if scene.get("base") == "picture":
        clean["base"] = "picture"
    return clean


def _figure(item: dict[str, Any]) -> dict[str, Any]:
    """Return a figure with its position, all of it within the picture's bounds."""
    entry = _thing(item) | {
        "zone": _known(item.get("zone"), ("ground", "water", "sky", "float", "window")) or "ground",
        "x": _number(item.get("x"), -0.5, 1.5, 0.5),
        "y": _number(item.get("y"), 0.0, 3.0, 0.85),
        "size": _number(item.get("size"), 0.01, 3.0, 0.4),
        "tilt": _number(item.get("tilt"), -180, 180, 0.0),
        "flip": item.get("flip") is True,
        "pose": 1 if item.get("pose") == 1 else 0,
    }
    if "depth" in item:
        entry["depth"] = _number(item["depth"], 0, 2, 0.8)
    entry |= {mark: True for mark in ("seated", "aloft") if item.get(mark) is True}
    extras = item.get("wears")
    entry["wears"] = [
        _thing(thing)
        for thing in (extras if isinstance(extras, list) else [])[:6]
        if isinstance(thing, dict) and _known(thing.get("name"), lexicon().figures)
    ]
    return entry


def _thing(item: dict[str, Any]) -> dict[str, Any]:
    colours = lexicon().colours
    return {
        "name": item["name"],
        "colour": _known(item.get("colour"), colours),
        "tint": _known(item.get("tint"), colours),
    } | _traits(item)


def _traits(item: dict[str, Any]) -> dict[str, str]:
    """Return an item's valid traits: text, time, country, mood, skin and age."""
    words = lexicon()
    tables: dict[str, Container[str]] = {
        "mood": words.names["mood"],
        "skin": words.skins,
        "age": words.names["age"],
    }
    traits = {k: v for k, table in tables.items() if (v := _known(item.get(k), table))}
    text, detail = item.get("text"), item.get("detail")
    if isinstance(text, str) and can_write(text):
        traits["text"] = text
    if isinstance(detail, str) and (detail in words.flags or _TIME.fullmatch(detail)):
        traits["detail"] = detail
    return traits


def _known(value: object, table: Container[str]) -> str | None:
    return value if isinstance(value, str) and value in table else None


def _number(value: object, low: float, high: float, otherwise: float) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return max(low, min(high, float(value)))
    return otherwise


def _whole(value: object) -> int:
    return value if isinstance(value, int) and abs(value) < 1 << 64 else 0


def _texts(value: object, most: int) -> list[str]:
    return [t[:40] for t in value if isinstance(t, str)][:most] if isinstance(value, list) else []
