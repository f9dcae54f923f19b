"""What the artist says of a picture: always that it is a sketch, and which words it drew."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .lexicon import lexicon


def caption(drew: list[str], unknown: list[str], *, han: bool, kept: bool, foreign: bool) -> str:
    """Return one sentence in the prompt's language."""
    some = unknown[:6]
    if han:
        head = "这是速写，不是模型画的："
        told = "、".join(f"“{_short(w)}”" for w in drew[:12])
        if foreign:
            body = f"在给的图上做了{told}" if drew else "给的图没有改"
        elif kept:
            body = f"原画上改了{told}" if drew else "原画没有改"
        else:
            body = f"画了{told}" if drew else "画的是抽象构图"
        tail = "，不认识" + "、".join(f"“{_short(w)}”" for w in some) if some else ""
        return f"{head}{body}{tail}。"
    told = ", ".join(f"“{_short(w)}”" for w in drew[:12])
    if foreign:
        body = (
            f"it changed the given picture by {told}" if drew else "the given picture is unchanged"
        )
    elif kept:
        body = f"it changed the scene by {told}" if drew else "the scene is unchanged"
    else:
        body = f"it drew {told}" if drew else "it drew an abstract composition"
    tail = ", and does not know " + ", ".join(f"“{_short(w)}”" for w in some) if some else ""
    return f"A sketch, not a model's picture: {body}{tail}."


def _short(word: str) -> str:
    clean = "".join(c for c in word if c.isprintable())
    return clean if len(clean) <= 24 else clean[:23] + "…"


def of_scene(scene: dict[str, Any], *, han: bool) -> str:
    """Describe a scene exactly, in Chinese or English."""
    words = lexicon()
    which = 0 if han else 1

    def name(kind: str, key: str) -> str:
        pair = words.names[kind].get(key)
        return pair[which] if pair else key

    def one(item: dict[str, Any]) -> str:
        colour = name("colour", item["colour"]) if item["colour"] else ""
        thing = name("figure", item["name"])
        worn = Counter(one(w | {"wears": []}) for w in item.get("wears", []))
        many = "{n} 个{what}" if han else "{n} {what}s"
        wears = [what if n == 1 else many.format(n=n, what=what) for what, n in worn.items()]
        if han:
            lead = f"带着{'和'.join(wears)}的" if wears else ""
            return f"{lead}{colour}{thing}"
        return f"{colour} {thing}".strip() + (f" with {' and '.join(wears)}" if wears else "")

    counted = Counter(one(item) for item in scene["figures"])
    if han:
        things = "、".join(f"{n} 个{what}" for what, n in counted.items()) or "没有别的东西"
    else:
        things = ", ".join(f"{n} × {what}" for what, n in counted.items()) or "nothing else"
    around = [name("place", scene["place"]), name("time", scene["time"])]
    around += [name("weather", w) for w in scene["weather"]]
    if scene["style"]:
        around.append(name("style", scene["style"]))
    if han:
        return f"一张速写（不是模型画的）：{things}；{'、'.join(around)}。"
    return f"A sketch (no model drew it): {things}; {', '.join(around)}."


def of_pixels(
    width: int, height: int, shares: list[tuple[str, int]], light: float, *, han: bool
) -> str:
    """Describe a picture by its size, its colours (name, per cent) and its lightness (0 to 1)."""
    which = 0 if han else 1
    names = lexicon().names["colour"]
    told = [f"{names[colour][which]} {share}%" for colour, share in shares]
    if han:
        tone = "偏暗" if light < 0.35 else "偏亮" if light > 0.65 else "明暗适中"
        return (
            f"一张 {width}×{height} 的图，{tone}，"
            f"主要颜色：{'、'.join(told)}。（只看了颜色，没有模型看图。）"
        )
    tone = "dark" if light < 0.35 else "light" if light > 0.65 else "of middle lightness"
    return (
        f"A picture of {width}×{height} pixels, {tone}; mostly {', '.join(told)}. "
        "(Only its colours were looked at, by no model.)"
    )
