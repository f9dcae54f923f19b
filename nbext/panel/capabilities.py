"""Determine which fields of the form a model accepts."""

from __future__ import annotations

import base64
import contextlib
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.request import Reference, Request
from nbext.errors import NbextError
from nbext.families.check import notices
from nbext.families.registry import checked_wire
from nbext.families.table import table
from nbext.wire.formats import encode

if TYPE_CHECKING:
    from nbext.data.family import Family
    from nbext.wire.events import Call

# One transparent pixel, for a reference and a mask.
_DOT = Reference.of(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
        "AABJRU5ErkJggg=="
    ),
    source="dot.png",
)
FIELDS = ("aspect", "size", "quality", "format", "seed", "system", "extra", "images", "mask")


def offered(wire_name: str, model: str, family: Family | None = None) -> frozenset[str]:
    """Return the fields that a model accepts over a wire format.

    Args:
        wire_name: The wire format.
        model: The model's name.
        family: Its family, as the endpoint corrects it; the table's by default.

    Returns:
        Some of ``FIELDS``: those that change the request that would be sent, and of which the
        family does not say that it does not take them.

    Example:
        >>> sorted({"mask", "system"} & offered("images", "gpt-image-2"))
        ['mask']
        >>> sorted({"mask", "system"} & offered("chat", "gpt-4o-image"))
        ['system']
    """
    family = family if family is not None else table().find(model)
    name = checked_wire(wire_name)
    plain = Request(prompt="a cat", model=model)
    edit = msgspec.structs.replace(plain, references=(_DOT,))

    def encoded(request: Request) -> Call | None:
        """Encode the request; None if the wire format refuses it."""
        with contextlib.suppress(NbextError):
            return encode(request, name, family)
        return None

    bases = {"mask": (edit, encoded(edit))}
    others = plain, encoded(plain)
    fields = set()
    for field, values in _trials(family).items():
        base, before = bases.get(field, others)
        request = msgspec.structs.replace(base, **values)
        call = encoded(request)
        if call is None or before is None or call == before:
            continue
        names = {"references" if field == "images" else field}
        # A notice that comes once says that a relay may ignore the field, not that it does.
        warnings = notices(request, family, name)
        if not names & {notice.field for notice in warnings if not notice.once}:
            fields.add(field)
    return frozenset(fields)


def choices(family: Family) -> dict[str, tuple[str, ...]]:
    """Return the known choices for a family's options.

    Example:
        >>> choices(table().find("gemini-3-pro-image"))["size"]
        ('1K', '2K', '4K')
    """
    options = {
        "size": family.tiers or family.sizes,
        "aspect": family.aspects,
        "quality": family.qualities or (),
        "format": family.formats or (),
    }
    return {field: values for field, values in options.items() if values}


def _trials(family: Family) -> dict[str, dict[str, Any]]:
    """Return a value for each field that the family accepts, if any."""
    options = choices(family)
    return {
        "aspect": {"aspect": options.get("aspect", ("2:3",))[0]},
        "size": {"size": options.get("size", ("1024x1536",))[0]},
        "quality": {"quality": options.get("quality", ("high",))[-1]},
        "format": {"format": options.get("format", ("jpeg",))[-1]},
        "seed": {"seed": 7},
        "system": {"system": "paint"},
        "extra": {"extra": {"nbext_field": 1}},
        "images": {"references": (_DOT,)},
        "mask": {"mask": _DOT},
    }
