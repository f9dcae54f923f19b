"""The options of a family of models: names, wire formats, sizes and prices."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from nbext.data.request import WireName
from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SizeStyle = Literal["size", "size_ratio", "aspect_ratio", "image_config", "bracket", "ar_flag"]
EditStyle = Literal["multipart", "json", "generations"]


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price; the first row that fits applies.

    Attributes:
        usd: US dollars.
        per: The unit: a ``picture``, a ``second`` of film, a ``call``, or a million tokens of what
            is drawn (``tokens``, which needs ``factors``).
        models: A regular expression for the model's name; empty for the whole family.
        quality: The quality it applies to; empty for any.
        sizes: The sizes it applies to, in pixels or as a tier; empty for any.
        factors: By quality, the steps of the longer side, if tokens are counted by size.
    """

    usd: float
    per: Literal["picture", "second", "call", "tokens"] = "picture"
    models: str = ""
    quality: str = ""
    sizes: tuple[str, ...] = ()
    factors: dict[str, int] = {}


class Family(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Models that accept the same options in the same way.

    Unconfirmed facts are None or empty, and have no effect. An empty tuple of ``qualities`` or
    ``formats`` means that the family accepts none.

    Attributes:
        name: Its key in ``families.toml``; empty for an unknown family.
        title: Its name for people.
        names: Regular expressions of its models' names, matched at the start of the name or after a
            ``/`` or ``:``, in any case.
        examples: Names of its models.
        wires: Its wire formats, best first.
        outputs: What its models produce: ``image``, ``video``, ``text``.
        size_style: How an aspect and a size are sent: as ``size`` in pixels, as a ratio in the
            field ``size`` (``size_ratio``), as ``aspect_ratio`` with a tier in ``resolution``, as
            Google's ``image_config``, as ``【2:3】`` in the prompt (``bracket``) or as ``--ar 2:3``
            (``ar_flag``).
        aspects: The possible aspect ratios.
        sizes: The possible sizes in pixels, or with a ``step`` the preferred ones.
        tiers: The possible tiers: ``1K``, ``2K``, …
        step: Both sides are multiples of it, if sizes other than ``sizes`` are possible.
        edge: The least and the most pixels of a side.
        pixels: The least and the most pixels in all.
        ratio: The largest ratio of the longer to the shorter side.
        edits: How the images format sends pictures to change: as a form, as JSON to the edits, or
            as JSON to the generations.
        references: The most pictures in a request.
        best_references: The number of pictures it works best with.
        mask: Whether it accepts a mask.
        n: The most pictures of one call.
        formats: The possible file formats.
        qualities: The possible qualities.
        seed: Whether it accepts a seed.
        system: Whether it accepts a system message.
        stream: Whether the images format streams.
        whole_formats: The formats that exclude a stream, previews and a mask.
        previews: The most previews in a stream.
        previews_cost: Whether previews are billed.
        seconds: The possible lengths of a film.
        fields: Fields of the request body that only this family has.
        refuses: Fields of the request body that it refuses.
        strict: The wire formats in which unsupported options are refused; in others they are
            ignored.
        loose: Whether relays are known to accept other sizes, aspects and lengths.
        ended: The date of its end.
        successors: Models to use instead, best first.
        prices: Its prices.
        sources: The facts of each source.
    """

    name: str = ""
    title: str = ""
    names: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    wires: tuple[WireName, ...] = ("chat",)
    outputs: tuple[Literal["image", "video", "text"], ...] = ()
    size_style: SizeStyle | None = None
    aspects: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    step: int = 0
    edge: tuple[int, int] | None = None
    pixels: tuple[int, int] | None = None
    ratio: float = 0
    edits: EditStyle = "multipart"
    references: int | None = None
    best_references: int | None = None
    mask: bool | None = None
    n: int | None = None
    formats: tuple[str, ...] | None = None
    qualities: tuple[str, ...] | None = None
    seed: bool | None = None
    system: bool | None = None
    stream: bool | None = None
    whole_formats: tuple[str, ...] = ()
    previews: int | None = None
    previews_cost: bool = False
    seconds: tuple[int, ...] = ()
    fields: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    strict: tuple[WireName, ...] = ()
    loose: bool = False
    ended: dt.date | None = None
    successors: tuple[str, ...] = ()
    prices: tuple[Price, ...] = ()
    sources: dict[str, tuple[str, ...]] = {}

    def make(self, kind: Literal["image", "video", "text"]) -> bool:
        """Return whether its models produce this; True if unknown."""
        return not self.outputs or kind in self.outputs


UNKNOWN = Family()
"""The family of unknown models."""

FIELDS = tuple(name for name in Family.__struct_fields__ if name != "name")
# Facts that need a source; the others only identify a family.
FACTS = tuple(name for name in FIELDS if name not in ("title", "names", "examples", "sources"))


def _is_range(value: tuple[int, int]) -> bool:
    return 0 < value[0] <= value[1]


# What the values of some fields look like, and an example.
_FORMS: dict[str, tuple[str | Callable[[Any], bool], str]] = {
    "aspects": (r"[1-9]\d{0,2}(?:\.\d{1,3})?:[1-9]\d{0,2}(?:\.\d{1,3})?", '["1:1", "16:9"]'),
    "sizes": (r"\d{2,5}x\d{2,5}", '["1024x1024", "1536x1024"]'),
    "tiers": (r"512(?:px)?|0\.5k|[1-8]k", '["1K", "2K"]'),
    "edge": (_is_range, "[512, 2048]"),
    "pixels": (_is_range, "[262144, 4194304]"),
    "step": (lambda value: value >= 0, "16"),
    "ratio": (lambda value: value == 0 or value >= 1, "3"),
    "references": (lambda value: value >= 0, "4"),
    "best_references": (lambda value: value >= 0, "3"),
    "previews": (lambda value: value >= 0, "3"),
    "n": (lambda value: value >= 1, "4"),
}


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The source of facts.

    Attributes:
        title: Who says it, and where.
        date: The date of the statement.
    """

    title: str
    date: dt.date


def overlay(base: Family, fields: Mapping[str, Any]) -> Family:
    """Correct the fields of a family.

    Args:
        base: The family; ``Family(name=…)`` for a new one.
        fields: The fields, as read from TOML.

    Raises:
        OptionError: There is no such field, or its value has the wrong type.

    Example:
        >>> overlay(Family(name="mine"), {"wires": ["images"], "step": 16}).wires
        ('images',)
    """
    where = f"families.{base.name}"
    for field in fields:
        if field not in FIELDS:
            raise OptionError(
                phrase("picture.no_field", where=where, field=str(field)[:40]),
                remedy=_meant(str(field)),
            )
    plain = msgspec.structs.asdict(base) | dict(fields)
    try:
        family = msgspec.convert(plain, Family)
    except msgspec.ValidationError as error:
        raise OptionError(f"{where}: {_plain(str(error))}.", remedy=_remedy(str(error))) from None
    for field in fields:
        _check_value(family, field, where)
    for pattern in family.names:
        _check_pattern(pattern, where)
    for price in family.prices:
        _check_pattern(price.models, where)
    return family


def _check_value(family: Family, field: str, where: str) -> None:
    """Refuse a value of the right type that makes no sense."""
    value = getattr(family, field)
    if field not in _FORMS or value in (None, ()):
        return
    form, example = _FORMS[field]
    if isinstance(form, str):
        wrong = next((text for text in value if not re.fullmatch(form, text, re.IGNORECASE)), None)
    else:
        wrong = None if form(value) else value
    if wrong is not None:
        raise OptionError(
            phrase("picture.bad_value", where=where, field=field, value=repr(wrong)[:60]),
            remedy=phrase("picture.value_form", field=field, example=example),
        )


def _remedy(error: str) -> str:
    """Name the values that a field takes where they are a few words, else where to look."""
    field = re.search(r"at `\$(?:\.prices\[\.{0,3}\d*\])?\.(\w+)", error)
    holder = Price if ".prices[" in error else Family
    hint = get_type_hints(holder).get(field[1]) if field is not None else None
    words = _literals(hint)
    if not words or field is None or "enum" not in error:
        return phrase("picture.fields_in_table")
    return phrase("picture.values", field=field[1], names=", ".join(words))


def _literals(hint: Any) -> list[str]:
    """List the words of a type that is made of some."""
    if get_origin(hint) is Literal:
        return [str(word) for word in get_args(hint)]
    return [word for part in get_args(hint) for word in _literals(part)]


def _check_pattern(pattern: str, where: str) -> None:
    """Raise an error for an invalid regular expression."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise OptionError(
            phrase("picture.bad_pattern", where=where, pattern=pattern[:60], error=error),
            remedy=phrase("picture.fields_in_table"),
        ) from None


def _plain(text: str) -> str:
    """Say msgspec's message in plain words.

    Example:
        >>> _plain("Expected `int`, got `str` - at `$.step`")
        'step takes a whole number, not text'
    """
    what, _, at = text.replace("`", "").partition(" - at $")
    at = at.lstrip(".")
    types = re.fullmatch(r"Expected ([\w| ]+), got (\w+)", what)
    names = [word for word in types[1].split(" | ") if word != "null"] if types else []
    if at and types and {*names, types[2]} <= _TYPES:
        wanted = phrase("picture.or").join(phrase(f"picture.type_{name}") for name in names)
        value = phrase(f"picture.type_{types[2]}")
        return phrase("picture.wrong_type", field=at, wanted=wanted, value=value)
    if at and what.startswith("Invalid RFC3339"):
        return phrase("picture.wrong_date", field=at, wanted=phrase("picture.type_date"))
    if at and (enum := _ENUM.fullmatch(what)):
        return phrase("picture.no_value", field=at, value=enum[1])
    what = what[:1].lower() + what[1:]
    return f"{at}: {what}" if at else what


_ENUM = re.compile(r"Invalid\senum\svalue (.+)")
# The types of which messages speak.
_TYPES = {"array", "bool", "date", "float", "int", "null", "object", "str"}


def _meant(field: str) -> str:
    return did_you_mean(
        field, FIELDS, otherwise=phrase("picture.fields", names=", ".join(sorted(FIELDS)))
    )
