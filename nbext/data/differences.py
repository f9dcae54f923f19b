"""What was asked for, what came, and where the two differ."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from nbext.data.record import Record

# How far the ratio of the sides may be from the one requested: sizes are rounded to steps.
_RATIO_TOLERANCE = 0.05
_PIXELS = pattern(r"(\d{2,5})\s*[x×*]\s*(\d{2,5})", re.IGNORECASE)
_TIMES = pattern(r"(?<=\d)\s*[x*]\s*(?=\d)", re.IGNORECASE)
_RATIO = pattern(r"(\d{1,4}(?:\.\d{1,4})?)\s*[:/]\s*(\d{1,4}(?:\.\d{1,4})?)")
# A date or a version behind a model's name is still that model.
_SNAPSHOT = pattern(r"-(?:\d{4}-\d{2}-\d{2}|\d{4,8}|latest|preview)$")
_MEDIA_TYPES = {"jpg": "jpeg", "svg": "svg+xml"}
# So much of what a mask protects may change: an edit blends at its borders.
MASK_TOLERANCE = 0.02
# Words that leave the choice to the model.
_OPEN = ("", "auto", "default")


class Difference(msgspec.Struct, frozen=True):
    """Something that came otherwise than requested.

    Attributes:
        name: What: ``model``, ``size``, ``aspect``, ``quality``, ``format``, ``background``, ``n``,
            or ``mask``: how much of what it protects has changed.
        requested: As requested.
        actual: As it came.
    """

    name: str
    requested: str
    actual: str


def with_times(name: str, value: str) -> str:
    """Write a size as people read it.

    Args:
        name: What the value is of.
        value: As a field of a request has it.

    Example:
        >>> with_times("size", "1024x1536"), with_times("quality", "extra")
        ('1024×1536', 'extra')
    """
    return _TIMES.sub("×", value) if name == "size" else value


def requested(record: Record) -> dict[str, str]:
    """Say what was asked for, by name; what was left to the model is not there.

    Args:
        record: The drawing's.
    """
    names = ("size", "aspect", "quality", "format", "background", "n")
    values = {name: str(record.parameters.get(name) or "") for name in names}
    values["format"] = values["format"] or str(record.parameters.get("output_format") or "")
    values |= {"model": record.model, "prompt": record.prompt}
    values["mask"] = "0%" if record.mask is not None else ""
    return {name: value for name, value in values.items() if value.lower() not in _OPEN}


def actual(record: Record) -> dict[str, str]:
    """Say what came, by name, from the pictures themselves where they tell, else as answered.

    Args:
        record: The drawing's.
    """
    stated = record.actual
    values = {
        "model": record.answered_model,
        "prompt": record.revised_prompt,
        "quality": stated.get("quality", ""),
        "background": stated.get("background", ""),
    }
    if record.mask_change is not None:
        values["mask"] = f"{record.mask_change:.0%}"
    if record.pictures:
        first = record.pictures[0]
        values["n"] = str(len(record.pictures))
        values["format"] = first.media_type.rpartition("/")[2]
        if first.width and first.height:
            values["size"] = f"{first.width}x{first.height}"
            values["aspect"] = f"{first.width}:{first.height}"
    return {name: value for name, value in values.items() if value}


def differences(record: Record) -> list[Difference]:
    """List where what came differs from what was asked for; the prompt's wording aside.

    Args:
        record: The drawing's.

    Returns:
        One entry for each; none where nothing came, or where nobody says.

    Example:
        >>> from nbext.data.record import Record
        >>> record = Record(
        ...     type="drawing", id="a", model="gpt-image-2", answered_model="gpt-image-2-codex"
        ... )
        >>> differences(record)
        [Difference(name='model', requested='gpt-image-2', actual='gpt-image-2-codex')]
    """
    if record.embedded:
        return []
    wanted, came = requested(record), actual(record)
    return [
        Difference(name, wanted[name], came[name])
        for name, is_same in _SAME.items()
        if name in wanted and name in came and not is_same(wanted[name], came[name])
    ]


def _same_model(wanted: str, came: str) -> bool:
    def bare(name: str) -> str:
        name = name.strip().lower().rpartition("/")[2]
        while (short := _SNAPSHOT.sub("", name)) != name:
            name = short
        return name

    return bare(wanted) == bare(came)


def _same_size(wanted: str, came: str) -> bool:
    match = _PIXELS.fullmatch(wanted.strip())
    return match is None or f"{int(match[1])}x{int(match[2])}" == came


def _same_aspect(wanted: str, came: str) -> bool:
    ratios = []
    for text in (wanted, came):
        match = _RATIO.fullmatch(text.strip())
        if match is None or not float(match[1]) or not float(match[2]):
            return True
        ratios.append(float(match[1]) / float(match[2]))
    return abs(ratios[0] / ratios[1] - 1) <= _RATIO_TOLERANCE


def _same_format(wanted: str, came: str) -> bool:
    return _MEDIA_TYPES.get(wanted.lower(), wanted.lower()) == came


def _same_word(wanted: str, came: str) -> bool:
    return wanted.lower() == came.lower()


def _enough(wanted: str, came: str) -> bool:
    return not wanted.isdecimal() or int(came) >= int(wanted)


def _mask_held(wanted: str, came: str) -> bool:
    del wanted
    return float(came.rstrip("%")) / 100 <= MASK_TOLERANCE


_SAME = {
    "model": _same_model,
    "size": _same_size,
    "aspect": _same_aspect,
    "quality": _same_word,
    "format": _same_format,
    "background": _same_word,
    "n": _enough,
    "mask": _mask_held,
}
