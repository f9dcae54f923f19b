"""What an endpoint says of one of its models, over what the table of families says."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from nbext.data.family import Family
    from nbext.data.model import Model


def corrected(family: Family, listed: Model | None) -> Family:
    """Correct a family by what the endpoint itself says of one of its models: that counts more.

    Args:
        family: As the table has it.
        listed: The model as the endpoint lists it; None where it does not.

    Example:
        >>> from nbext.data.family import Family
        >>> from nbext.data.model import Model
        >>> listed = Model(id="x", outputs=("image",), parameters=("prompt", "seed"))
        >>> corrected(Family(outputs=("image", "text"), seed=False), listed).seed
        True
    """
    if listed is None:
        return family
    changed: dict[str, Any] = {}
    made = tuple(kind for kind in ("image", "video", "text") if kind in listed.outputs)
    if made:
        changed["outputs"] = made
    # It is served, whatever its maker has ended.
    changed["ended"] = _date(listed.shutdown_date)
    for field, key in (("seed", "seed"), ("mask", "mask")):
        if key in listed.parameters:
            changed[field] = True
    for field, keys in _LISTED.items():
        values = next((listed.values[key] for key in keys if key in listed.values), None)
        if values:
            changed[field] = values
    if "sizes" in changed:
        # They are all that there are.
        changed["step"] = 0
    most = listed.values.get("n")
    if most and most[-1].isdecimal():
        changed["n"] = int(most[-1])
    return msgspec.structs.replace(family, **changed)


# By a family's field, what a list calls it.
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
