"""Compose a scene from a reading: the place, hour and weather, and the arranged figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .figures import drawing
from .items import BESIDE
from .layout import arrange
from .lexicon import lexicon
from .reading import ONLY_ONE
from .rng import Rng
from .scene import VERSION

if TYPE_CHECKING:
    from .lexicon import Kind
    from .reading import Mention, Reading

# Named together with other figures, these are the subject of the picture.
_SIGHTS = frozenset({"greatwall", "waterfall", "classroom", "lab"})
_BLOSSOMS = frozenset({"flower", "tulip", "rose", "sunflower"})
_OWN = {
    "city": frozenset({"building"}),
    "street": frozenset({"building", "house"}),
    "forest": frozenset({"tree"}),
    "classroom": frozenset({"table"}),
}
_INDOORS = frozenset({"table", "plain", "room"})
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
        for mention in mentions:
            if mention is not close:
                reading.retract(mention.word)
    else:
        for token in reading.content:
            if token.kind == "frame":
                reading.retract(token.word)
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
        # "a food chain: grass, rabbit, fox" repeats the parts of its first words.
        spelt_out = first is not None and first.part and not one.part
        if first is None or not (spelt_out or _may_be(one, first)) or _unlike(one, first):
            distinct.append(one)
            continue
        stands[id(one)] = first
        first.count = max(first.count, one.count) if spelt_out else first.count
        _join(first, one)
    for one in distinct:
        ties = [(tie, stands.get(id(other), other)) for tie, other in one.ties]
        one.ties = [pair for pair in ties if pair[1] is not one]
    return distinct


def _may_be(one: Mention, first: Mention) -> bool:
    """Return whether a thing named later can be the same: in another clause, or the only moon."""
    return one.again and (one.clause != first.clause or one.name in ONLY_ONE)


def _unlike(one: Mention, first: Mention) -> bool:
    return bool(one.colour and first.colour and one.colour != first.colour)


def _join(first: Mention, one: Mention) -> None:
    """Give a thing what is said of it where it is named again."""
    first.colour = first.colour or one.colour
    first.size = first.size or one.size
    first.side = first.side or one.side
    first.aloft = first.aloft or one.aloft
    first.speech = first.speech or one.speech
    first.traits = one.traits | first.traits
    first.wears.extend(one.wears)
    first.ties.extend(one.ties)


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
    kinds = [lexicon().figures[name] for name in names]
    if reading.places:
        return _named_place(reading, kinds)
    if not kinds:
        return _empty_place(reading, rng)
    return _home(kinds, outdoors=bool(reading.times or reading.weathers), rng=rng)


def _named_place(reading: Reading, kinds: list[Kind]) -> str:
    """Return the place that the prompt names: its sight, else the last one."""
    places = [p for p in reading.places if p != "sky"] or reading.places
    # "a lake in the mountains" is one place that shows both.
    both = next((p for p in places if set(places) <= {p, *BESIDE.get(p, ())}), places[-1])
    place = next((p for p in places if p in _SIGHTS), both)
    aboard = any(tie in {"on", "in"} for m in reading.mentions for tie, _ in m.ties)
    ashore = any(kind.zone == "ground" for kind in kinds) and not aboard
    return "beach" if place == "sea" and ashore else place


def _empty_place(reading: Reading, rng: Rng) -> str:
    """Return a place without figures: a landscape for an hour, weather or style; else none."""
    outdoors = reading.times or reading.weathers
    if not outdoors and (reading.unknown or not reading.styles):
        return "abstract"
    if {"sunset", "morning"} & set(reading.times):
        return rng.choice(("sea", "mountain"))
    return rng.choice(("meadow", "mountain", "field"))


def _home(kinds: list[Kind], *, outdoors: bool, rng: Rng) -> str:
    """Choose a place where these figures are at home."""
    zones = [kind.zone for kind in kinds]
    if "water" in zones and "ground" in zones:
        return "lake" if kinds[0].home != ("sea",) else "sea"
    if len(kinds) > 1 and set(zones) == {"thing"}:
        # A diagram is on paper, apples are on a table.
        return "plain" if any("table" not in kind.home for kind in kinds) else "table"
    outdoors = outdoors or any(kind.size >= 1.9 for kind in kinds)
    if outdoors and kinds[0].home[0] in _INDOORS:
        return "meadow"
    # Figures on the ground take precedence over flying ones.
    chief = next((zones.index(z) for z in ("ground", "water", "sky") if z in zones), 0)
    homes = kinds[chief].home
    if "thing" in zones and "sky" in zones and "ground" not in zones:
        homes = ("room", "garden")
    if outdoors:
        homes = tuple(home for home in homes if home not in _INDOORS) or ("meadow",)
    return rng.choice(homes)
