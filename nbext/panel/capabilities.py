"""What can be asked of a model: tried on its wire format, so that nothing is offered in vain."""

from __future__ import annotations

import base64
import functools
from typing import Any

import msgspec

from nbext.data.request import Reference, Request
from nbext.errors import NbextError
from nbext.wire.formats import wire_format

# One transparent pixel, for a reference and a mask.
_DOT = Reference.of(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
        "AABJRU5ErkJggg=="
    ),
    source="dot.png",
)
_TRIED: dict[str, dict[str, Any]] = {
    "aspect": {"aspect": "2:3"},
    "size": {"size": "1024x1536"},
    "quality": {"quality": "high"},
    "format": {"format": "jpeg"},
    "seed": {"seed": 7},
    "system": {"system": "paint"},
    "extra": {"extra": {"nbext_field": 1}},
    "images": {"references": (_DOT,)},
    "mask": {"mask": _DOT},
}
FIELDS = tuple(_TRIED)


@functools.lru_cache(256)
def offered(wire_name: str, model: str) -> frozenset[str]:
    """Tell which fields a model's wire format has a place for.

    Args:
        wire_name: The wire format.
        model: The model's name: families of one format differ.

    Returns:
        Some of ``FIELDS``: those that change the request that would be sent.

    Example:
        >>> sorted({"mask", "system"} & offered("images", "gpt-image-1"))
        ['mask']
        >>> sorted({"mask", "system"} & offered("chat", "gpt-4o-image"))
        ['system']
    """
    found = set()
    for name, fields in _TRIED.items():
        plain = Request(prompt="a cat", model=model)
        if name == "mask":
            plain = msgspec.structs.replace(plain, references=(_DOT,))
        asked = msgspec.structs.replace(plain, **fields)
        try:
            if wire_format(wire_name).encode(asked) != wire_format(wire_name).encode(plain):
                found.add(name)
        except NbextError:
            continue
    return frozenset(found)
