"""Compose a scene from a reading: the place, hour and weather, and the arranged figures."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from .figures import drawing
from .items import BANDS
from .layout import arrange
from .lettering import can_write
from .lexicon import lexicon
from .reading import ONLY_ONE
from .rng import Rng

if TYPE_CHECKING:
    from collections.abc import Container

    from .reading import Mention, Reading

VERSION = 1
# Named together with other figures, these are the subject of the picture.
_SIGHTS = frozenset({"greatwall", "waterfall", "classroom", "lab"})
_TIME = re.compile(r"\d{1,2}:[0-5]\d")
_BLOSSOMS = frozenset({"flower", "tulip", "rose", "sunflower"})
_OWN = {
    "city": frozenset({"building"}),
    "street": frozenset({"building", "house"}),
    "forest": frozenset({"tree"}),
    "classroom": frozenset({"table"}),
}
_LATER = frozenset({"moon", "star", "comet"})


def compose(reading: Reading, seed: int, take: int, aspect: float) -> dict[str, Any]:
    """Compose the scene that a prompt asks for.

    Args:
        reading: The parsed prompt.
        seed: The seed; the same seed and take give the same scene.
        take: The number of the take; each has its own layout, palette and poses.
        aspect: The width divided by the height.

    Returns:
        The scene as plain values, as stored in pictures.
    """
    mentions = same_again(reading.mentions)
    names = [m.name for m in mentions]
    # Unknown words influence the picture too: they are part of the random seed.
    rng = Rng("compose", seed, take, *names, *reading.places, *reading.unknown)
    faces = [n for n in names if "eyes" in drawing(n).anchors]
    close = reading.frame == "close" and len(faces) == 1 and mentions[names.index(faces[0])]
    place = place_for(reading, rng)
    for mention in mentions_denied(reading, place):
        reading.miss(mention.word)
    if close and close.count == 1 and not reading.places:
        place = "plain"
    time = reading.times[-1] if reading.times else "day"
    if not reading.times:
        late = _LATER & set(names) or "aurora" in reading.weathers
        late = late and place not in {"space", "underwater"}
        if late or "neon" in reading.styles[-1:]:
            time = "night"
        elif rng.integer(6) == 0 and take:
            time = "morning"
    figures = arrange(mentions, place, rng, aspect, reading) if mentions else []
    if close and close.count == 1:
        figures = [f for f in figures if f["name"] == close.name]
        close_up(figures[0], aspect)
    return {
        "version": VERSION,
        "seed": seed,
        "take": take,
        "place": place,
        "time": time,
        "weather": sorted(set(reading.weathers)),
        "style": reading.styles[-1] if reading.styles else None,
        "named": sorted({*names, *_left_out(reading.mentions)}),
        # The colours of unknown things are those of the shapes.
        "unknown": [*reading.unknown[:5], *reading.colours][:6],
        "light": "",
        "figures": figures,
    } | ({"ground": reading.ground} if reading.ground else {})


def mentions_denied(reading: Reading, place: str) -> list[Mention]:
    """Return denied things that the place always has, such as a city's buildings."""
    own = _OWN.get(place, frozenset())
    return [m for m in reading.mentions if m.absent and m.name in own]


def _left_out(mentions: list[Mention]) -> set[str]:
    """Return the names of things that the place must leave out, because the prompt denies them."""
    absent = {m.name for m in mentions if m.absent}
    return absent | (_BLOSSOMS if absent & _BLOSSOMS else set())


def same_again(mentions: list[Mention]) -> list[Mention]:
    """Merge things named twice: "a cat on a mat. The cat is black" is one cat."""
    distinct: list[Mention] = []
    stands: dict[int, Mention] = {}
    absent = {m.name for m in mentions if m.absent}
    for one in mentions:
        if one.absent or (one.part and one.name in absent):
            continue
        one.wears = [thing for thing in one.wears if not thing.absent]
        first = next((m for m in distinct if m.name == one.name), None)
        unlike = first and one.colour and first.colour and one.colour != first.colour
        apart = first and (one.clause != first.clause or one.name in ONLY_ONE)
        # "a food chain: grass, rabbit, fox" repeats the parts of its first words.
        spelt_out = first and first.part and not one.part and not one.exact
        again = (one.again and apart) or spelt_out
        if first is None or unlike or not again:
            distinct.append(one)
            continue
        stands[id(one)] = first
        first.colour = first.colour or one.colour
        first.size = first.size or one.size
        first.count = max(first.count, one.count) if spelt_out else first.count
        first.side = first.side or one.side
        first.aloft = first.aloft or one.aloft
        first.speech = first.speech or one.speech
        first.traits = one.traits | first.traits
        first.wears.extend(one.wears)
        first.ties.extend(one.ties)
    for one in distinct:
        ties = [(tie, stands.get(id(other), other)) for tie, other in one.ties]
        one.ties = [pair for pair in ties if pair[1] is not one]
    return distinct


def close_up(item: dict[str, Any], aspect: float) -> None:
    """Enlarge a figure until its face fills the picture."""
    art = drawing(item["name"], item["pose"])
    wide, high = (aspect, 1.0) if aspect >= 1 else (1.0, 1 / aspect)
    _, _, head = art.anchor("head")
    eyes = art.anchor("eyes")
    size = min(2.6, 0.5 * art.height / head)
    off = (eyes[0] / art.width - 0.5) * size * art.width / art.height
    item["x"] = round(0.5 - (-off if item["flip"] else off) / wide, 4)
    item["y"] = round((0.46 * high + size * (1 - eyes[1] / art.height)) / high, 4)
    item["size"] = round(size, 4)
    item["zone"], item["tilt"] = "ground", 0.0


def place_for(reading: Reading, rng: Rng) -> str:
    """Choose the place: the one named, else one that suits the first figure."""
    names = [m.name for m in reading.mentions if not m.absent]
    if len(names) > 1:
        # Beside others, a thing that carries a text does not decide the place.
        names = [n for n in names if n not in {"banner", "card"}] or names
    places = [p for p in reading.places if p != "sky"] or reading.places
    grounded = any(lexicon().figures[n].zone == "ground" for n in names)
    if places:
        place = next((p for p in places if p in _SIGHTS), places[-1])
        aboard = any(tie in {"on", "in"} for m in reading.mentions for tie, _ in m.ties)
        if place == "sea" and grounded and not aboard:
            return "beach"
        return place
    if not names:
        something = reading.times or reading.weathers or reading.colours or reading.styles
        only_colours = not (reading.times or reading.weathers or reading.styles)
        if (reading.unknown and not (reading.times or reading.weathers)) or not something:
            return "abstract"
        if only_colours:
            return "abstract"
        if {"sunset", "morning"} & set(reading.times):
            return rng.choice(("sea", "mountain"))
        return rng.choice(("meadow", "mountain", "field"))
    homes = [lexicon().figures[n].home for n in names]
    wets = [h for n, h in zip(names, homes, strict=True) if lexicon().figures[n].zone == "water"]
    if wets and grounded and not any(h == homes[0] for h in wets if grounded and len(names) == 1):
        return "lake" if homes[0] != ("sea",) else "sea"
    things = all(lexicon().figures[n].zone == "thing" for n in names)
    if things and len(names) > 1:
        # A diagram is on paper, apples are on a table.
        return "plain" if any("table" not in home for home in homes) else "table"
    tall = any(lexicon().figures[n].size >= 1.9 for n in names)
    if (reading.times or reading.weathers or tall) and homes[0][0] in {"table", "plain", "room"}:
        return "meadow"
    first = homes[0]
    zones = [lexicon().figures[n].zone for n in names]
    for zone in ("ground", "water", "sky"):
        # Figures on the ground take precedence over flying ones.
        if zone in zones:
            first = homes[zones.index(zone)]
            break
    if "thing" in zones and "sky" in zones and "ground" not in zones:
        first = ("room", "garden")
    if reading.times or reading.weathers or tall:
        first = tuple(p for p in first if p not in {"plain", "table", "room"}) or ("meadow",)
    return rng.choice(first)


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
    figures = []
    items = scene.get("figures")
    for item in (items if isinstance(items, list) else [])[:120]:
        if not isinstance(item, dict) or not _known(item.get("name"), words.figures):
            continue
        entry = _thing(item) | {
            "zone": _known(item.get("zone"), ("ground", "water", "sky", "float", "window"))
            or "ground",
            "x": _number(item.get("x"), -0.5, 1.5, 0.5),
            "y": _number(item.get("y"), 0.0, 3.0, 0.85),
            "size": _number(item.get("size"), 0.01, 3.0, 0.4),
            "tilt": _number(item.get("tilt"), -180, 180, 0.0),
            "flip": item.get("flip") is True,
            "pose": 1 if item.get("pose") == 1 else 0,
        }
        if "depth" in item:
            entry["depth"] = _number(item["depth"], 0, 2, 0.8)
        for mark in ("seated", "aloft"):
            if item.get(mark) is True:
                entry[mark] = True
        extras = item.get("wears")
        entry["wears"] = [
            _thing(w)
            for w in (extras if isinstance(extras, list) else [])[:6]
            if isinstance(w, dict) and _known(w.get("name"), words.figures)
        ]
        figures.append(entry)
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
