"""Which wire format a model is spoken to in: the user's table, the endpoint's word, the family."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from nbext.data.request import WIRES
from nbext.errors import OptionError
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


# Families by their names' patterns, first match; whatever is not here speaks chat.
_FAMILIES: tuple[tuple[str, str], ...] = (
    (r"^gpt-image-1-vip|-all$", "chat"),
    (r"^(gpt-image|dall-e|chatgpt-image)", "images"),
    (r"(^|/)(o3-pro|o1-pro|codex|gpt-[\d.]+-codex|.*deep-research)", "responses"),
    # Other makers' names that end so are those of models that talk.
    (r"^gpt-[\d.]+(-turbo)?-instruct|^(davinci|babbage)-\d", "completions"),
)
_BY_KIND = {"respond": "responses", "complete": "completions", "video": "videos"}
# What a talk can be had in, where a model has no other.
_TALKING = ("chat", "responses", "completions")
# What new-api's ``supported_endpoint_types`` call a wire format, in the order that we prefer them.
_TYPES = {
    "openai": "chat",
    "image-generation": "images",
    "openai-response": "responses",
    "gemini": "gemini",
    "openai-video": "videos",
}


# Names whose relays are known to draw over chat: nothing needs to be asked about them.
_OVER_CHAT = re.compile(r"gpt-?4|sora|gemini|nano-?banana|recraft|flux|^embedded|/", re.IGNORECASE)


def is_known(model: str) -> bool:
    """Whether a model's name tells its wire format, without a word of the endpoint.

    Example:
        >>> is_known("gpt-4o-image"), is_known("seedream-9")
        (True, False)
    """
    named = any(re.search(pattern, model, re.IGNORECASE) for pattern, _ in _FAMILIES)
    return named or bool(_OVER_CHAT.search(model))


def choose(
    model: str,
    *,
    kind: str = "draw",
    supported: Sequence[str] = (),
    table: Mapping[str, str] | None = None,
) -> str:
    """Choose the wire format of a model.

    Args:
        model: Its name.
        kind: What is asked: ``draw``, ``chat``, ``respond``, ``complete`` or ``video``.
        supported: What the endpoint says that the model speaks, empty where it says nothing.
        table: The user's own, patterns with ``*`` to wire formats.

    Raises:
        OptionError: The user's table names a wire format that there is not.

    Example:
        >>> choose("gpt-4o-image"), choose("gpt-image-2"), choose("nobody-knows-it")
        ('chat', 'images', 'chat')
    """
    for pattern, name in (table or {}).items():
        if fnmatchcase(model.lower(), pattern.lower()):
            return checked_wire(name)
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    for pattern, name in _FAMILIES:
        if re.search(pattern, model, re.IGNORECASE):
            family = name
            break
    else:
        family = "chat"
    able = _TALKING if kind == "chat" else WIRES
    if family not in able:
        family = "chat"
    spoken = [name for word, name in _TYPES.items() if word in supported and name in able]
    if spoken and family not in spoken:
        return spoken[0]
    return family


def checked_wire(name: str) -> str:
    """Check the name of a wire format.

    Raises:
        OptionError: There is none of this name.
    """
    if name not in WIRES:
        raise OptionError(
            f"There is no wire format {name!r}.",
            remedy=did_you_mean(name, WIRES, otherwise=f"There are {', '.join(WIRES)}."),
        )
    return name


def gpt_model(model: str) -> str:
    """Read a GPT's address as the model that it is.

    Example:
        >>> gpt_model("https://chatgpt.com/g/g-bo0FiWLY7-researchgpt")
        'gpt-4-gizmo-g-bo0FiWLY7'
    """
    found = re.search(r"(?:chatgpt|chat\.openai)\.com/g/(g-[A-Za-z0-9]{6,32})", model)
    return f"gpt-4-gizmo-{found[1]}" if found else model
