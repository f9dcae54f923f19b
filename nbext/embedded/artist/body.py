"""Draw a figure's body in its colour and light, with its mood, flag, time and text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .colour import lightness, mix
from .faces import with_grey_hair, with_mood, with_skin
from .flags import clock_hands, flag_cloth
from .lettering import lettering
from .lexicon import lexicon
from .outline import INK, outlined

if TYPE_CHECKING:
    from .backdrop import Backdrop
    from .figures import Drawing
    from .items import Figure

_TONE = re.compile(r'(fill|stroke|stop-color)="(#[0-9a-f]{6})"')
# The parts that a text replaces.
_DECORATION = re.compile(r'<\w+ (?:fill="[^"]*" )?class="x"[^>]*/>')
# The default texts of some figures.
_OWN_TEXT = {"fu": "福", "couplet": "新年快乐"}
_OWN_TIME = "10:09"


def hex_of(item: Figure) -> str | None:
    """Return the colour of a figure: the requested one, or one of its default colours."""
    name = item.get("colour") or item.get("tint")
    return lexicon().colours.get(str(name)) if name else None


def painted(
    b: Backdrop, art: Drawing, item: Figure, scale: float, *, lines: bool, mirrored: bool = False
) -> str:
    """Return a figure's SVG as it appears in the scene.

    Args:
        b: The background, which gives the light.
        art: The figure's drawing.
        item: The figure in the scene, or a thing that it wears.
        scale: Pixels per unit of the drawing.
        lines: Whether to draw lines only.
        mirrored: Whether it will be mirrored; its text will not.
    """
    text = item.get("text") or _OWN_TEXT.get(item["name"])
    featured = _featured(art, item)
    if text and art.text is not None:
        featured = _DECORATION.sub("", featured)
    body = _lit(b, item, featured, scale, lines=lines)
    if not text or art.text is None:
        return body
    colour = _text_colour(art, item, lines=lines)
    letters = lettering(text, art.text, b.figure_tone(colour) if not lines else colour)
    if mirrored:
        # The figure is mirrored about its middle, so mirror the text's box too.
        left, top, wide, high = art.text
        box = (art.width - left - wide, top, wide, high)
        again = lettering(text, box, b.figure_tone(colour) if not lines else colour)
        letters = f'<g transform="translate({art.width:g} 0) scale(-1 1)">{again}</g>'
    return body + letters


def _text_colour(art: Drawing, item: Figure, *, lines: bool) -> str:
    if lines:
        return INK
    hue = lexicon().colours.get(str(item.get("colour")), "")
    if item["name"] in {"card", "badge", "poster"} and hue and lightness(hue) < 0.8:
        # "a red letter A": the letter is red, not the paper.
        return str(hue)
    return art.ink


def _featured(art: Drawing, item: Figure) -> str:
    """Return the body with its requested traits, except its colour."""
    detail = item.get("detail", "")
    if item["name"] == "flag" and detail in lexicon().flags:
        return flag_cloth(detail)
    colour = (
        None if item["name"] in {"card", "badge", "poster"} and item.get("text") else hex_of(item)
    )
    body = art.coloured(colour)
    if item.get("skin"):
        body = with_skin(body, item["skin"])
    if item.get("age") == "old":
        body = with_grey_hair(body)
    if item.get("mood") and "eyes" in art.anchors:
        body = with_mood(body, art, item["mood"])
    if item["name"] == "clock":
        body += clock_hands(detail if ":" in detail else _OWN_TIME)
    kind = lexicon().figures[item["name"]]
    if colour and lightness(colour) < 0.3 and "eyes" in art.anchors and kind.role != "person":
        # Light eyes on black fur.
        body = body.replace('fill="#3a3040"', 'fill="#f3d97a"').replace("#3a3040", "#8f8798")
    return body


def _lit(b: Backdrop, item: Figure, body: str, scale: float, *, lines: bool) -> str:
    """Return the body in the light of the hour, in ink, or as a line drawing."""
    hue = lexicon().colours.get(str(item.get("colour")), "")
    if b.ink:
        keep = {hue, mix(hue, "#462846", 0.2), mix(hue, "#fffaee", 0.5)} if hue else set()
        return _TONE.sub(
            lambda m: f'{m[1]}="{m[2] if m[2] in keep else b.figure_tone(m[2])}"', body
        )
    if lines:
        keep = {hue, mix(hue, "#462846", 0.2)} if hue else set()
        return outlined(body, scale, b.u * 0.0042, INK, keep)
    if b.time == "day" or lexicon().figures[item["name"]].role == "glow":
        return body
    return _TONE.sub(lambda m: f'{m[1]}="{b.figure_tone(m[2])}"', body)
