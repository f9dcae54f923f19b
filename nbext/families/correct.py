"""Correct a family by the endpoint's list of models."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from nbext.data.family import Family
    from nbext.data.model import Model


def correct(family: Family, entry: Model | None) -> Family:
    """Correct a family by the endpoint's entry for a model, which takes precedence.

    Args:
        family: The family in the table.
        entry: The model in the endpoint's list; None if it is not listed.

    Example:
        >>> from nbext.data.family import Family
        >>> from nbext.data.model import Model
        >>> entry = Model(id="x", outputs=("image",), parameters=("prompt", "seed"))
        >>> correct(Family(outputs=("image", "text"), seed=False), entry).seed
        True
    """
    if entry is None:
        return family
    fields: dict[str, Any] = {}
    outputs = tuple(kind for kind in ("image", "video", "text") if kind in entry.outputs)
    if outputs:
        fields["outputs"] = outputs
    # It is served, whether or not its maker has ended it.
    fields["ended"] = _date(entry.shutdown_date)
    for field, key in (("seed", "seed"), ("mask", "mask")):
        if key in entry.parameters:
            fields[field] = True
    for field, keys in _LISTED.items():
        values = next((entry.values[key] for key in keys if key in entry.values), None)
        if values:
            fields[field] = values
    if "sizes" in fields:
        # The list is complete.
        fields["step"] = 0
    most = entry.values.get("n")
    if most and most[-1].isdecimal():
        fields["n"] = int(most[-1])
    return msgspec.structs.replace(family, **fields)


# Names in lists, by field of a family.
_LISTED = {
    "aspects": ("aspect_ratio", "aspect_ratios"),
    "tiers": ("resolution", "image_size", "resolutions"),
    "sizes": ("size", "sizes"),
    "qualities": ("quality",),
    "formats": ("output_format",),
}


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
