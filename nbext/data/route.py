"""What an answer's fields are typical of: said as "consistent with", for they prove nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from nbext.messages.say import say
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from nbext.data.record import Record

Sign = Literal["fields", "codex", "sides", "usage", "other"]

_GPT_IMAGE = pattern(r"gpt-image|chatgpt-image", re.IGNORECASE)
_CODEX = pattern(r"-codex\b", re.IGNORECASE)
# What the interface says of each picture it draws.
_FIELDS = ("size", "quality", "background", "output_format")
# Sides of what gpt-image draws are multiples of this.
_STEP = 16


def route_signs(record: Record) -> list[Sign]:
    """Name what the answer of a GPT image model is consistent with, from its own fields.

    Args:
        record: The drawing's.

    Returns:
        ``fields``: it is as OpenAI's own API answers; ``codex``: as a ChatGPT or Codex account
        answers; ``sides``: the sides are no multiples of 16, which OpenAI's API does not draw;
        ``usage``: the usage is counted without the fields that stand beside it at OpenAI, as where
        it is simulated; ``other``: another model is named. None where there is nothing to go by.

    Example:
        >>> from nbext.data.record import Record
        >>> route_signs(
        ...     Record(
        ...         type="drawing",
        ...         id="a",
        ...         model="gpt-image-2",
        ...         wire="images",
        ...         answered_model="gpt-image-2-codex",
        ...     )
        ... )
        ['codex']
    """
    if record.embedded or record.wire != "images" or not _GPT_IMAGE.search(record.model):
        return []
    if _CODEX.search(record.answered_model):
        return ["codex"]
    signs: list[Sign] = []
    if record.answered_model and not _GPT_IMAGE.search(record.answered_model):
        signs.append("other")
    sides = [side for info in record.pictures for side in (info.width, info.height)]
    if any(side % _STEP for side in sides):
        signs.append("sides")
    has_fields = all(record.actual.get(name) for name in _FIELDS)
    if "sides" in signs and record.revised_prompt:
        return ["codex", *signs]
    if record.pictures and record.usage and not any(record.actual.values()):
        signs.append("usage")
    if not signs and has_fields and record.usage and record.pictures:
        signs.append("fields")
    return signs


def route_lines(record: Record, language: str = "en") -> list[str]:
    """Say what an answer is consistent with, a sentence for each sign.

    Args:
        record: The drawing's.
        language: ``en`` or ``zh``.
    """
    return [say(language, f"route.{sign}") for sign in route_signs(record)]
