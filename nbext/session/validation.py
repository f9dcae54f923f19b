"""What is given with a prompt, checked before a request is made of it."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from nbext.config.settings import looks_like_key
from nbext.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_TAKES = 64
FORMATS = ("png", "jpeg", "webp", "gif", "svg")
# The arguments of every verb that makes a request of a prompt.
FIELDS = (
    *("model", "images", "mask", "system", "continues", "params", "via", "endpoint", "fresh"),
    *("aspect", "size", "quality", "format", "seed"),
)
_TEXTS = {
    "model": "gpt-4o-image",
    "system": "You paint.",
    "size": "1024x1536",
    "quality": "high",
    "via": "images",
    "endpoint": "lab",
}
# Not names_a_key: prompt_cache_key and its like are no secrets.
_SECRET = re.compile(r"(api|secret|access)[-_]?key|authorization|^key$|password", re.IGNORECASE)


def ratio(text: str) -> str:
    """Read a ratio of the sides like ``2:3`` (or ``2x3``, ``2/3``); empty for none.

    Raises:
        ValueError: It is none.
    """
    if not text.strip():
        return ""
    match = re.fullmatch(r"(\d{1,5})\s*[:x/：]\s*(\d{1,5})", text.strip())
    if not match or not int(match[1]) or not int(match[2]):
        raise ValueError(f"{text!r} is no ratio like 2:3")
    return f"{match[1]}:{match[2]}"


def refuse_unknown(given: Iterable[str], known: Iterable[str], verb: str) -> None:
    """Refuse a mistyped argument.

    Raises:
        OptionError: One is not known; it says which was probably meant.
    """
    known = list(known)
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            raise OptionError(
                f"{verb}() has no argument {name!r}.",
                remedy=f"Did you mean {near[0]}?"
                if near
                else 'Other fields of the body go into params={"…": …}.',
            )


def checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Check the options of a request; those that are None are left out.

    Raises:
        OptionError: One makes no sense.

    Example:
        >>> checked({"aspect": "2x3", "size": None})
        {'aspect': '2:3'}
    """
    found = {name: value for name, value in fields.items() if value is not None}
    for name, example in _TEXTS.items():
        if not isinstance(found.get(name, ""), str):
            raise OptionError(f'{name} is a text: {name}="{example}".')
    if "aspect" in found:
        try:
            found["aspect"] = ratio(found["aspect"])
        except (ValueError, AttributeError):
            raise OptionError(f'{found["aspect"]!r} is no ratio: aspect="2:3".') from None
    if found.get("format", "") not in ("", *FORMATS):
        raise OptionError(f"{found['format']!r} is no format: one of {', '.join(FORMATS)}.")
    if "seed" in found:
        try:
            found["seed"] = operator.index(found["seed"])
        except TypeError:
            raise OptionError(f"{found['seed']!r} is no seed: a whole number.") from None
    return found


def checked_takes(given: Any) -> int:
    """Check how many takes are asked for.

    Raises:
        OptionError: It is no number, or too many.
    """
    try:
        takes = operator.index(given)
    except TypeError:
        takes = 0
    if not 1 <= takes <= MAX_TAKES:
        raise OptionError(f"{given!r} takes are not possible.", remedy=f"Ask for 1 to {MAX_TAKES}.")
    return takes


def checked_params(given: Any) -> dict[str, Any]:
    """Check other fields of the body: they are recorded, so no key may be among them.

    Raises:
        OptionError: They are no table, or hold a key.
    """
    if not isinstance(given, Mapping):
        raise OptionError(f'{given!r} is no table of fields: params={{"style": "ink"}}.')
    _refuse_keys(given)
    return dict(given)


def _refuse_keys(value: Any, name: str = "") -> None:
    # Only of a text: a schema may well have a property that is called password.
    if isinstance(value, str) and value and (names_secret(name) or looks_like_key(value)):
        raise OptionError(
            f"{name} looks like a key: a request is written down with all its fields.",
            remedy="Use %nbext key, or set NBEXT_API_KEY beside NBEXT_BASE_URL in the environment.",
        )
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _refuse_keys(inner, str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_keys(inner, name)


def names_secret(name: str) -> bool:
    """Whether a field of the body is called as keys are.

    Example:
        >>> names_secret("api_key"), names_secret("prompt_cache_key")
        (True, False)
    """
    return bool(_SECRET.search(name))
