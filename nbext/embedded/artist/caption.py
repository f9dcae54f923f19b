"""The artist's caption: that the picture is a sketch, what it shows, and the unknown words."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal

from .lexicon import lexicon

Way = Literal["drawn", "scene", "picture", "same scene", "same picture"]
# The most words to list.
_MOST_MATCHES, _MOST_UNKNOWN, _LONGEST = 12, 6, 40

_ENGLISH = {
    "drawn": "A sketch (no model drew it): {matches}",
    "nothing drawn": "A sketch (no model drew it), an abstract pattern",
    "scene": "A sketch (no model drew it), changed by: {matches}",
    "picture": "A sketch (no model drew it) on the given picture: {matches}",
    "same scene": "A sketch (no model drew it), unchanged: found nothing to do for “{prompt}”",
    "same picture": "The given picture, unchanged: found nothing to do for “{prompt}”",
    "unknown": "; did not know: {unknown}",
    "comma": ", ",
    "end": ".",
}
_CHINESE = {
    "drawn": "速写（不是模型画的）：{matches}",
    "nothing drawn": "速写（不是模型画的），抽象图案",
    "scene": "速写（不是模型画的），改了：{matches}",
    "picture": "速写（不是模型画的），画在给的图上：{matches}",
    "same scene": "速写（不是模型画的），没有改动：没看懂“{prompt}”要改什么",
    "same picture": "给的图，没有改动：没看懂“{prompt}”要改什么",
    "unknown": "；不认识：{unknown}",
    "comma": "、",
    "end": "。",
}


def caption(matches: list[str], unknown: list[str], *, han: bool, way: Way, prompt: str) -> str:
    """Return one sentence about a sketch.

    Args:
        matches: The words of the prompt that are drawn.
        unknown: The words that are not.
        han: Whether to write Chinese instead of English.
        way: What was done: drawn anew, a scene or picture changed, or left unchanged.
        prompt: The prompt, quoted if it changed nothing.

    Example:
        >>> caption(["cat"], ["zeppelin"], han=False, way="drawn", prompt="a cat and a zeppelin")
        'A sketch (no model drew it): cat; did not know: zeppelin.'
    """
    words = _CHINESE if han else _ENGLISH
    key: str = "nothing drawn" if way == "drawn" and not matches else way
    if key in {"scene", "picture"} and not matches:
        key = f"same {key}"
    line = words["comma"].join(map(_short, matches[:_MOST_MATCHES]))
    sentence = words[key].format(matches=line, prompt=_short(prompt.strip()))
    if unknown:
        line = words["comma"].join(map(_short, unknown[:_MOST_UNKNOWN]))
        sentence += words["unknown"].format(unknown=line)
    return sentence + words["end"]


def remark(sentence: str) -> str:
    """Return the part of a caption that names the unknown words; empty if there are none.

    Example:
        >>> remark("A sketch (no model drew it): cat; did not know: zeppelin.")
        'did not know: zeppelin'
    """
    for words in (_ENGLISH, _CHINESE):
        lead = words["unknown"].format(unknown="")
        _, mark, names = sentence.rpartition(lead)
        if mark:
            return f"{lead.lstrip('；; ')}{names.removesuffix(words['end'])}"
    return ""


def _short(word: str) -> str:
    clean = "".join(c for c in word if c.isprintable())
    return clean if len(clean) <= _LONGEST else clean[: _LONGEST - 1] + "…"


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
        feeling = name("mood", item["mood"]) if item.get("mood") else ""
        things_on = Counter(one(w | {"wears": []}) for w in item.get("wears", []))
        many = "{n} 个{what}" if han else "{n} {what}s"
        wears = [what if n == 1 else many.format(n=n, what=what) for what, n in things_on.items()]
        text = f"“{item['text']}”" if item.get("text") else ""
        if han:
            lead = f"带着{'和'.join(wears)}的" if wears else ""
            return f"{lead}{feeling and feeling + '的'}{colour}{thing}{text}"
        parts = [part for part in (feeling, colour, thing, text) if part]
        return " ".join(parts) + (f" with {' and '.join(wears)}" if wears else "")

    numbers = Counter(one(item) for item in scene["figures"])
    if han:
        things = "、".join(f"{n} 个{what}" for what, n in numbers.items()) or "没有别的东西"
    else:
        things = ", ".join(f"{n} × {what}" for what, n in numbers.items()) or "nothing else"
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
    colours = [f"{names[colour][which]} {share}%" for colour, share in shares]
    if han:
        tone = "偏暗" if light < 0.35 else "偏亮" if light > 0.65 else "明暗适中"
        return (
            f"一张 {width}×{height} 的图，{tone}，"
            f"主要颜色：{'、'.join(colours)}。（只看了颜色，没有模型看图。）"
        )
    tone = "dark" if light < 0.35 else "light" if light > 0.65 else "of middle lightness"
    return (
        f"A picture of {width}×{height} pixels, {tone}; mostly {', '.join(colours)}. "
        "(Only its colours were looked at, by no model.)"
    )
