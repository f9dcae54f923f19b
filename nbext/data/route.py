"""Recognise the likely source of an answer from its fields; this proves nothing."""

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
# The fields that the API returns for each picture.
_FIELDS = ("size", "quality", "background", "output_format")
# The sides of gpt-image's pictures are multiples of this.
_STEP = 16


def route_signs(record: Record) -> list[Sign]:
    """Return the sources that a GPT image model's answer is consistent with.

    Args:
        record: The drawing's record.

    Returns:
        ``fields``: OpenAI's own API; ``codex``: a ChatGPT or Codex account; ``sides``: not
        OpenAI's API, because the sides are not multiples of 16; ``usage``: simulated usage,
        because fields that OpenAI returns with it are missing; ``other``: another model is named.
        Empty if there are no indications.

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
    """Describe the likely source of an answer, a sentence for each sign.

    Args:
        record: The drawing's record.
        language: ``en`` or ``zh``.
    """
    return [say(language, f"route.{sign}") for sign in route_signs(record)]
