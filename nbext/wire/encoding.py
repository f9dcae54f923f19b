"""Functions that the wire formats share to encode requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pybase64

from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbext.data.request import Reference, Request

PLACEHOLDER = pattern(r"nbext-sha256:([0-9a-f]{64})")


def base64_text(reference: Reference) -> str:
    """Encode a picture's bytes as base64."""
    return pybase64.b64encode(reference.data).decode("ascii")


def data_uri(reference: Reference) -> str:
    """Encode a picture as a data URI (RFC 2397), which needs no download."""
    return f"data:{media_type(reference)};base64,{base64_text(reference)}"


def media_type(reference: Reference) -> str:
    """Return a reference's media type; PNG if its bytes do not tell."""
    return reference.info.media_type or "image/png"


def without_placeholders(text: str) -> str:
    """Remove the placeholders of stored pictures from an earlier answer's text.

    Example:
        >>> without_placeholders("![cat](nbext-sha256:" + 64 * "0" + ")")
        '![cat](picture)'
    """
    return PLACEHOLDER.sub("picture", text)


def sent_hashes(request: Request) -> frozenset[str]:
    """Return the hashes of a request's pictures, to recognise them if they are repeated."""
    sent = [*request.references, *(p for turn in request.conversation for p in turn.pictures)]
    if request.mask is not None:
        sent.append(request.mask)
    return frozenset(reference.info.sha256 for reference in sent)


def refuse(request: Request, wire: str, remedies: Mapping[str, str]) -> None:
    """Refuse options that a wire format does not support, instead of ignoring them.

    Args:
        request: The request.
        wire: The wire format's name.
        remedies: What to do instead, by field; may be empty.

    Raises:
        OptionError: One of the fields is set.
    """
    for field, remedy in remedies.items():
        if getattr(request, field) not in ("", None, ()):
            raise OptionError(phrase("wire.no_place", wire=wire, field=field), remedy=remedy)


def merged(body: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Merge fields into a body: new values win, objects are merged, None removes a field.

    Example:
        >>> merged({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 4}, "d": None})
        {'a': {'b': 4, 'c': 2}}
    """
    result = dict(body)
    for key, value in extra.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def form_fields(body: Mapping[str, Any]) -> dict[str, str]:
    """Encode the fields of a body for a form: text unchanged, anything else as JSON.

    Example:
        >>> form_fields({"prompt": "画只猫", "stream": True})
        {'prompt': '画只猫', 'stream': 'true'}
    """
    return {
        key: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for key, value in body.items()
    }
