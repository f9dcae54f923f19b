"""What a family of models takes: its names, its wire formats, its sizes and its prices."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from nbext.data.request import WireName
from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

SizeStyle = Literal["size", "size_ratio", "aspect_ratio", "image_config", "bracket", "ar_flag"]
EditStyle = Literal["multipart", "json", "generations"]


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What something costs, as the source says; the first row that fits counts.

    Attributes:
        usd: US dollars.
        per: What for: a ``picture``, a ``second`` of film, a ``call``, or a million tokens of what
            is drawn (``tokens``, which needs ``factors``).
        models: A regular expression that the model's name has; empty for all of the family.
        quality: The quality it is for; empty for any.
        sizes: The sizes it is for, in pixels or as a tier; empty for any.
        factors: By quality, how many steps the longer side has where tokens are counted by size.
    """

    usd: float
    per: Literal["picture", "second", "call", "tokens"] = "picture"
    models: str = ""
    quality: str = ""
    sizes: tuple[str, ...] = ()
    factors: dict[str, int] = {}


class Family(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Models that take the same options in the same way.

    What nobody has confirmed is None or empty, and nothing is said of it. An empty tuple of
    ``qualities`` or ``formats`` means that the family takes none.

    Attributes:
        name: Its key in ``families.toml``; empty for a model of no known family.
        title: Its name for people.
        names: Regular expressions of its models' names, from the name's beginning or after a ``/``
            or ``:``, in any case.
        examples: Names that are its own.
        wires: Its wire formats, the best first.
        outputs: What its models make: ``image``, ``video``, ``text``.
        size_style: How an aspect and a size are written: as ``size`` in pixels, as a ratio in the
            field ``size`` (``size_ratio``), as ``aspect_ratio`` with a tier in ``resolution``, as
            Google's ``image_config``, as ``【2:3】`` in the prompt (``bracket``) or as ``--ar 2:3``
            (``ar_flag``).
        aspects: The aspects that there are.
        sizes: The sizes in pixels that there are, or with a ``step`` those to prefer.
        tiers: The tiers that there are: ``1K``, ``2K``, …
        step: What both sides are multiples of, where other sizes than ``sizes`` are taken.
        edge: The least and the most pixels of a side.
        pixels: The least and the most pixels in all.
        ratio: How many times longer than the other a side may be.
        edits: How the images format sends pictures to change: as a form, as JSON to the edits, or
            as JSON to the generations.
        references: How many pictures a request takes at most.
        best_references: How many pictures it works best with.
        mask: Whether a mask is taken.
        n: How many pictures one call makes at most.
        formats: The file formats that can be asked for.
        qualities: The qualities that can be asked for.
        seed: Whether a seed is taken.
        system: Whether a system message is taken.
        stream: Whether the images format streams.
        whole_formats: The formats that refuse a stream, previews and a mask.
        previews: How many previews a stream has at most.
        previews_cost: Whether previews are billed.
        seconds: How long a film may be.
        fields: Fields of the body that the family alone has.
        refuses: Fields of the body that it refuses.
        strict: The wire formats in which an option that the family does not take is refused; in
            the others it is ignored.
        loose: Whether relays are known to take other sizes, aspects and seconds than these.
        ended: When it ended, or will.
        successors: What to use instead, the best first.
        prices: What it costs.
        sources: By source, the facts that it gives.
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
        """Whether its models make this; True where nobody says."""
        return not self.outputs or kind in self.outputs


UNKNOWN = Family()
"""The family of a model that nobody has described."""

FIELDS = tuple(name for name in Family.__struct_fields__ if name != "name")
# Facts that need a source; the others say what a family is called.
FACTS = tuple(name for name in FIELDS if name not in ("title", "names", "examples", "sources"))


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where facts come from.

    Attributes:
        title: Who says it, and where.
        date: When it said so.
    """

    title: str
    date: dt.date


def overlay(base: Family, fields: Mapping[str, Any]) -> Family:
    """Correct a family field by field.

    Args:
        base: The family; ``Family(name=…)`` for a new one.
        fields: As TOML has them.

    Raises:
        OptionError: There is no such field, or it takes another kind of value.

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
        raise OptionError(
            f"{where}: {_plain(str(error))}.", remedy=phrase("picture.fields_in_table")
        ) from None
    for pattern in family.names:
        _check_pattern(pattern, where)
    for price in family.prices:
        _check_pattern(price.models, where)
    return family


def _check_pattern(pattern: str, where: str) -> None:
    """Refuse a pattern that is none."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise OptionError(
            phrase("picture.bad_pattern", where=where, pattern=pattern[:60], error=error),
            remedy=phrase("picture.fields_in_table"),
        ) from None


def _plain(text: str) -> str:
    """Say what msgspec says without its punctuation.

    Example:
        >>> _plain("Expected `int`, got `str` - at `$.step`")
        'step: expected int, got str'
    """
    what, _, at = text.replace("`", "").partition(" - at $")
    at = at.lstrip(".")
    what = what[:1].lower() + what[1:]
    return f"{at}: {what}" if at else what


def _meant(field: str) -> str:
    return did_you_mean(
        field, FIELDS, otherwise=phrase("picture.fields", names=", ".join(sorted(FIELDS)))
    )
