"""Adapt a request to its family: the notation of its shape, and the fields for its pictures.

The user's request stays unchanged for the record and for replay; the adapted one is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from nbext.families import sizes
from nbext.families.shape import STANDARD_SIZES, is_routed, size_of, tier_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.data.family import Family
    from nbext.data.request import Request, WireName


def fit(request: Request, family: Family, wire: WireName) -> Request:
    """Adapt a request to its family and wire format.

    Args:
        request: The request.
        family: The family of its model.
        wire: The wire format to be used.

    Returns:
        The request to encode: ``size`` and ``aspect`` are set only if they are fields of the body.
        Fields that the user set with ``-p`` take precedence.

    Raises:
        OptionError: The aspect is not a ratio, or there is a mask without a picture.

    Example:
        >>> from nbext.data.request import Request
        >>> from nbext.families.table import table
        >>> asked = Request(prompt="a cat", model="gpt-4o-image", aspect="2:3")
        >>> fit(asked, table().find("gpt-4o-image"), "chat").prompt
        'a cat【2:3】'
    """
    if request.kind != "draw" and wire != "videos":
        # A chat without pictures has no shape; other formats refuse one themselves.
        return _replace(request, aspect="", size="") if wire == "chat" else request
    if request.aspect:
        sizes.ratio(request.aspect)
    return _FITS[wire](request, family)


def _chat(request: Request, family: Family) -> Request:
    extra: dict[str, Any] = {}
    routed = is_routed(request.model, family)
    if routed:
        extra["modalities"] = ["image", "text"] if family.make("text") else ["image"]
    aspect = request.aspect or sizes.aspect_of(request.size)
    match family.size_style:
        case "bracket":
            prompt = f"{request.prompt}【{aspect}】" if aspect else request.prompt
            return _replace(request, extra, prompt=prompt, aspect="", size="")
        case "ar_flag":
            prompt = f"{request.prompt} --ar {aspect}" if aspect else request.prompt
            return _replace(request, extra, prompt=prompt, aspect="", size="")
        case "image_config":
            config = {"aspect_ratio": aspect, "image_size": tier_of(request.size)}
            config = {key: value for key, value in config.items() if value}
            if config and routed:
                extra["image_config"] = config
            elif config:
                extra["extra_body"] = {"google": {"image_config": config}}
            return _replace(request, extra, aspect="", size="")
        case "aspect_ratio":
            resolution, size, aspect = _ratio_and_tier(request, family)
            return _replace(request, extra | resolution, aspect=aspect, size=size)
    return _replace(request, extra)


def _ratio_and_tier(request: Request, family: Family) -> tuple[dict[str, Any], str, str]:
    """Return a shape as a ratio, with a tier in ``resolution`` if the family has tiers.

    Returns:
        The field for the tier, the size and the aspect.
    """
    aspect, tier = request.aspect or sizes.aspect_of(request.size), tier_of(request.size)
    resolution = {}
    if tier and family.tiers:
        # Families spell tiers differently: xAI's are in lower case.
        own = next((name for name in family.tiers if name.lower() == tier.lower()), tier)
        resolution = {"resolution": own}
    size = "" if family.tiers or not request.size or aspect else request.size
    return resolution, size, aspect


def _images(request: Request, family: Family) -> Request:
    extra: dict[str, Any] = {}
    size, aspect = size_of(request, family), ""
    match family.size_style:
        case "size_ratio":
            size = request.size or request.aspect
        case "aspect_ratio":
            extra, size, aspect = _ratio_and_tier(request, family)
    if family.edits == "multipart":
        return _replace(request, extra, size=size, aspect=aspect)
    return _with_pictures(_replace(request, extra, size=size, aspect=aspect), family)


def _with_pictures(request: Request, family: Family) -> Request:
    """Put the pictures to change into the body, for a family whose edits are not a form."""
    # Imported here because few families need it.
    from nbext.wire import images
    from nbext.wire.encoding import data_uri

    pictures = [data_uri(picture) for picture in images.pictures(request)]
    if not pictures:
        return request
    extra: dict[str, Any] = {}
    if family.edits == "json":
        objects = [{"url": picture, "type": "image_url"} for picture in pictures]
        extra["image" if len(objects) == 1 else "images"] = (
            objects[0] if len(objects) == 1 else objects
        )
    else:
        extra["image"] = pictures[0] if len(pictures) == 1 else pictures
    if request.mask is not None:
        extra["mask"] = data_uri(request.mask)
    return _replace(request, extra, references=(), mask=None, conversation=())


def _videos(request: Request, family: Family) -> Request:
    ratio = family.size_style == "size_ratio"
    size = request.size or request.aspect if ratio else size_of(request, family)
    return _replace(request, size=size, aspect="")


def _responses(request: Request, _family: Family) -> Request:
    # The tool draws with a model of its own; all of these support the following.
    size = request.size or (sizes.nearest(request.aspect, STANDARD_SIZES) if request.aspect else "")
    return _replace(request, size=size, aspect="")


def _as_it_is(request: Request, _family: Family) -> Request:
    return request


_FITS: dict[WireName, Callable[[Request, Family], Request]] = {
    "chat": _chat,
    "images": _images,
    "videos": _videos,
    "responses": _responses,
    "gemini": _as_it_is,
    "completions": _as_it_is,
}


def _replace(request: Request, extra: dict[str, Any] | None = None, **fields: Any) -> Request:
    """Change fields of a request; fields that the user has set take precedence."""
    if extra:
        fields["extra"] = _over(extra, request.extra)
    return msgspec.structs.replace(request, **fields)


def _over(body: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Merge the user's fields over those of a body."""
    result = body | own
    for key in body.keys() & own.keys():
        if isinstance(body[key], dict) and isinstance(own[key], dict):
            result[key] = _over(body[key], own[key])
    return result
