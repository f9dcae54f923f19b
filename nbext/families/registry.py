"""Choose a model's wire format from the user's table, the endpoint's list, or its family."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from nbext.data.request import WIRES, WireName
from nbext.errors import OptionError
from nbext.families.shape import is_routed
from nbext.families.table import table
from nbext.messages.say import phrase
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbext.families.table import Table

_BY_KIND: dict[str, WireName] = {
    "respond": "responses",
    "complete": "completions",
    "video": "videos",
}
# The wire formats for a conversation, if a model has no other.
_TALKING: tuple[WireName, ...] = ("chat", "responses", "completions")
# Names of wire formats in lists of models: new-api's endpoint types, LiteLLM's modes, paths, and
# other relays' terms; in order of preference.
_WORDS: dict[str, WireName] = {
    "openai": "chat",
    "chat": "chat",
    "chat.completions": "chat",
    "chat-completions": "chat",
    "chat_completion": "chat",
    "openai-chat": "chat",
    "/v1/chat/completions": "chat",
    "image-generation": "images",
    "image_generation": "images",
    "image-edit": "images",
    "image_edit": "images",
    "openai-image": "images",
    "images": "images",
    "dall-e": "images",
    "dalle": "images",
    "/v1/images/generations": "images",
    "/v1/images/edits": "images",
    "openai-response": "responses",
    "openai-responses": "responses",
    "responses": "responses",
    "/v1/responses": "responses",
    "gemini": "gemini",
    "generatecontent": "gemini",
    "streamgeneratecontent": "gemini",
    "openai-video": "videos",
    "video_generation": "videos",
    "video-generation": "videos",
    "videos": "videos",
    "/v1/videos": "videos",
    "completion": "completions",
    "completions": "completions",
    "/v1/completions": "completions",
}


def is_known(model: str, families: Table | None = None) -> bool:
    """Return whether a model's name determines its wire format, without the endpoint's list.

    Example:
        >>> is_known("gpt-4o-image"), is_known("nobody-knows-it")
        (True, False)
    """
    return bool((families or table()).find(model).name)


def choose(
    model: str,
    *,
    kind: str = "draw",
    supported: Sequence[str] = (),
    own: Mapping[str, str] | None = None,
    families: Table | None = None,
) -> WireName:
    """Choose the wire format of a model.

    Args:
        model: Its name.
        kind: The kind of request: ``draw``, ``chat``, ``respond``, ``complete`` or ``video``.
        supported: The model's wire formats in the terms of the endpoint's list; empty if
            unknown.
        own: The user's table: patterns with ``*``, and wire formats.
        families: The table, with the user's families.

    Raises:
        OptionError: The user's table names an unknown wire format.

    Example:
        >>> choose("gpt-4o-image"), choose("gpt-image-2"), choose("nobody-knows-it")
        ('chat', 'images', 'chat')
    """
    for pattern, name in (own or {}).items():
        if fnmatchcase(model.lower(), pattern.lower()):
            return checked_wire(name)
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    family = (families or table()).find(model)
    able = _TALKING if kind == "chat" else WIRES
    family_wires = [name for name in family.wires if name in able and name != "videos"]
    if kind == "chat" and not family.make("text"):
        family_wires = ["chat"]
    if is_routed(model, family) and "chat" in family_wires:
        # Routers, whose names begin with a vendor, draw over chat.
        family_wires = ["chat"]
    words = {word.lower() for word in supported}
    endpoint_wires = [name for word, name in _WORDS.items() if word in words and name in able]
    best = (
        [name for name in family_wires if name in endpoint_wires] or endpoint_wires or family_wires
    )
    return best[0] if best else "chat"


def checked_wire(name: str) -> WireName:
    """Check the name of a wire format.

    Raises:
        OptionError: There is no such wire format.
    """
    if name not in WIRES:
        raise OptionError(
            phrase("model.no_wire", name=name),
            remedy=did_you_mean(
                name, WIRES, otherwise=phrase("model.wires", names=", ".join(WIRES))
            ),
        )
    return name


def gpt_model(model: str) -> str:
    """Convert a GPT's address to its model's name.

    Example:
        >>> gpt_model("https://chatgpt.com/g/g-bo0FiWLY7-researchgpt")
        'gpt-4-gizmo-g-bo0FiWLY7'
    """
    match = re.search(r"(?:chatgpt|chat\.openai)\.com/g/(g-[A-Za-z0-9]{6,32})", model)
    return f"gpt-4-gizmo-{match[1]}" if match else model
