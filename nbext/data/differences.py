"""Compare the requested values with the actual ones."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from nbext.data.record import results_of
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.data.record import Record

# How far the aspect ratio may differ: sizes are rounded to steps.
_RATIO_TOLERANCE = 0.05
_PIXELS = pattern(r"(\d{2,5})\s*[x×*]\s*(\d{2,5})", re.IGNORECASE)
# A size by its tier, and how far the sides' mean may be from it: tiers have other ratios, too.
_TIER = pattern(r"(0\.5|[1-8])\s*k|(512)\s*(?:px)?", re.IGNORECASE)
_TIER_TOLERANCE = 1.6
_TIMES = pattern(r"(?<=\d)\s*[x*]\s*(?=\d)", re.IGNORECASE)
_RATIO = pattern(r"(\d{1,4}(?:\.\d{1,4})?)\s*[:/]\s*(\d{1,4}(?:\.\d{1,4})?)")
# A model's name with a date or a version is still the same model, as is one with a router's
# variant (``:free``), or with other punctuation.
_SNAPSHOT = pattern(r"-(?:\d{4}-\d{2}-\d{2}|\d{4,8}|latest|preview)$")
_MEDIA_TYPES = {"jpg": "jpeg", "svg": "svg+xml"}
# The share of the protected area that may change: edits blend at the mask's border.
MASK_TOLERANCE = 0.02
# Values that leave the choice to the model.
_OPEN = ("", "auto", "default")
# How far a film's length and its frame rate may differ: films end with a whole frame.
_SECONDS_TOLERANCE, _FPS_TOLERANCE = 0.5, 0.5
# How far the short side may be from that of a resolution: 1088 pixels are called 1080p.
_LINES = pattern(r"(\d{3,4})p", re.IGNORECASE)
_LINES_TOLERANCE = 0.05
# Other names under which models take a film's length, frame rate and sound.
_NAMES = {
    "seconds": ("seconds", "duration", "duration_seconds", "durationSeconds"),
    "resolution": ("resolution",),
    "fps": ("fps", "frames_per_second", "framespersecond"),
    "audio": ("generate_audio", "generateAudio", "audio", "sound"),
}
_YES_NO = {"true": "yes", "on": "yes", "1": "yes", "false": "no", "off": "no", "0": "no"}


class Difference(msgspec.Struct, frozen=True):
    """A value that differs from the requested one.

    Attributes:
        name: ``model``, ``size``, ``aspect``, ``quality``, ``format``, ``background``, ``n``;
            ``seconds``, ``resolution``, ``fps`` and ``audio`` of a film; or ``mask`` for the share
            of the protected area that changed.
        requested: The requested value.
        actual: The actual value.
    """

    name: str
    requested: str
    actual: str


def with_times(name: str, value: str) -> str:
    """Format a size for people.

    Args:
        name: The name of the value.
        value: The value as in a request.

    Example:
        >>> with_times("size", "1024x1536"), with_times("quality", "extra")
        ('1024×1536', 'extra')
    """
    return _TIMES.sub("×", value) if name == "size" else value


def requested(record: Record) -> dict[str, str]:
    """Return the requested values by name, without those left to the model.

    Args:
        record: The drawing's record.
    """
    names = ("size", "aspect", "quality", "format", "background", "n")
    values = {name: str(record.parameters.get(name) or "") for name in names}
    values["format"] = values["format"] or str(record.parameters.get("output_format") or "")
    values |= {"model": record.model, "prompt": record.prompt}
    if record.kind == "video":
        values |= {name: _named(record, names) for name, names in _NAMES.items()}
        values["audio"] = _YES_NO.get(values["audio"].lower(), "")
    values["mask"] = "0%" if record.mask is not None else ""
    return {name: value for name, value in values.items() if value.lower() not in _OPEN}


def _named(record: Record, names: tuple[str, ...]) -> str:
    """Return the first of several parameters that is set."""
    values = (record.parameters.get(name) for name in names)
    return next((str(value) for value in values if value is not None and value != ""), "")


def actual(record: Record) -> dict[str, str]:
    """Return the actual values by name: from the pictures if possible, else from the answer.

    Args:
        record: The drawing's record.
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
    if pictures := results_of(record):
        first = pictures[0]
        values["n"] = str(len(pictures))
        values["format"] = first.media_type.rpartition("/")[2]
        if first.width and first.height:
            values["size"] = f"{first.width}x{first.height}"
            common = math.gcd(first.width, first.height)
            values["aspect"] = f"{first.width // common}:{first.height // common}"
    if record.films:
        values |= {name: stated.get(name, "") for name in ("size", "seconds", "fps", "audio")}
        sides = _PIXELS.fullmatch(values["size"])
        if sides is not None:
            width, height = int(sides[1]), int(sides[2])
            common = math.gcd(width, height)
            values["aspect"] = f"{width // common}:{height // common}"
            values["resolution"] = f"{min(width, height)}p"
    return {name: value for name, value in values.items() if value}


def revision(record: Record) -> str:
    """Return the prompt that the endpoint says it used, empty if that is the one it was sent.

    Args:
        record: The drawing's record.
    """
    same = record.revised_prompt.split() == record.prompt.split()
    return "" if same else record.revised_prompt


def differences(record: Record) -> list[Difference]:
    """Return the values that differ from the requested ones, except the prompt.

    Args:
        record: The drawing's record.

    Returns:
        One entry for each; empty if there is no result, or nothing is known.

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
    return wanted == came or _bare_model(wanted) == _bare_model(came)


@lru_cache(maxsize=256)
def _bare_model(name: str) -> str:
    """Return a model's name without its maker, version and punctuation."""
    name = name.strip().lower().rpartition("/")[2].partition(":")[0]
    name = name.replace(".", "-").replace("_", "-")
    while (short := _SNAPSHOT.sub("", name)) != name:
        name = short
    return name


def _same_size(wanted: str, came: str) -> bool:
    match = _PIXELS.fullmatch(wanted.strip())
    if match is not None:
        return f"{int(match[1])}x{int(match[2])}" == came
    tier, sides = _TIER.fullmatch(wanted.strip()), _PIXELS.fullmatch(came)
    if tier is None or sides is None:
        return True
    edge = float(tier[2] or 1024 * float(tier[1]))
    mean = math.sqrt(int(sides[1]) * int(sides[2]))
    return edge / _TIER_TOLERANCE <= mean <= edge * _TIER_TOLERANCE


@lru_cache(maxsize=256)
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


def _same_seconds(wanted: str, came: str) -> bool:
    return _is_near(wanted.strip().lower().removesuffix("s"), came, _SECONDS_TOLERANCE)


def _same_fps(wanted: str, came: str) -> bool:
    return _is_near(wanted, came, _FPS_TOLERANCE)


def _is_near(wanted: str, came: str, tolerance: float) -> bool:
    try:
        return abs(float(wanted) - float(came)) <= tolerance
    except ValueError:
        # A word, such as "short", cannot be compared.
        return True


def _same_resolution(wanted: str, came: str) -> bool:
    lines = _LINES.fullmatch(wanted.strip())
    if lines is None:
        return True
    return abs(int(came.rstrip("p")) / int(lines[1]) - 1) <= _LINES_TOLERANCE


def _mask_held(wanted: str, came: str) -> bool:
    del wanted
    return float(came.rstrip("%")) / 100 <= MASK_TOLERANCE


_SAME: dict[str, Callable[[str, str], bool]] = {
    "model": _same_model,
    "size": _same_size,
    "aspect": _same_aspect,
    "quality": _same_word,
    "format": _same_format,
    "background": _same_word,
    "n": _enough,
    "seconds": _same_seconds,
    "resolution": _same_resolution,
    "fps": _same_fps,
    "audio": _same_word,
    "mask": _mask_held,
}
