"""What can be asked of a model: what its family takes, and its wire format has a place for."""

from __future__ import annotations

import base64
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
    """Tell which fields a model takes over a wire format.

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
    fields = set()
    for field, values in _trials(family).items():
        plain = Request(prompt="a cat", model=model)
        if field == "mask":
            plain = msgspec.structs.replace(plain, references=(_DOT,))
        request = msgspec.structs.replace(plain, **values)
        names = {"references" if field == "images" else field}
        try:
            if encode(request, name, family) == encode(plain, name, family):
                continue
        except NbextError:
            continue
        if not names & {notice.field for notice in notices(request, family, name)}:
            fields.add(field)
    return frozenset(fields)


def choices(family: Family) -> dict[str, tuple[str, ...]]:
    """Say what may be chosen of a family's options, where that is known.

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
    """Give each field a value that the family takes, if it takes any."""
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
