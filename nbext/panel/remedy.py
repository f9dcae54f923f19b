"""Remedies of cells in the words of a form: fields in place of options, nothing of magics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.messages.say import say
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    import re

# Options of the magics and the fields of the form that take their place.
_FIELDS = {
    "image": "references",
    "i": "references",
    "model": "model",
    "m": "model",
    "takes": "takes",
    "n": "takes",
    "aspect": "aspect",
    "size": "size",
    "quality": "quality",
    "format": "format",
    "seed": "seed",
    "system": "system",
    "style": "style",
    "param": "extra",
    "p": "extra",
    "mask": "mask",
}
_OPTION = pattern(r"(?<![\w-])--?([a-z]+)(?: [A-Z]{2,}\b(?:=[A-Z]+\b)?)?")
_SENTENCE = pattern(r"(?<=[.!?])\s+|(?<=[。！？])")
# What a form has no place for: other options, magics, settings in code, calls of Python.
_CODE = pattern(r"(?<![\w-])--[a-z]|%{1,2}[a-z]|\b\w+=(?=[\w\"'…[(])|\b[Nn]bext\.\w|\b\w+\(…?\)")


def for_form(text: str, language: str = "en") -> str:
    """Say a remedy so that it can be followed in a form.

    Args:
        text: The remedy as a cell says it.
        language: Of the fields' labels: ``en`` or ``zh``.

    Returns:
        The remedy with fields named by their labels, without sentences that only help in a cell.

    Example:
        >>> for_form("Give one: --image REF, or say what to draw.")
        'Give one: “Reference pictures”, or say what to draw.'
        >>> for_form("Try another model. Or %config Nbext.total_timeout = 600.")
        'Try another model.'
    """

    def label(option: re.Match[str]) -> str:
        field = _FIELDS.get(option[1])
        return f"“{say(language, f'panel.{field}')}”" if field else option[0]

    sentences = (_OPTION.sub(label, part) for part in _SENTENCE.split(text))
    return " ".join(part for part in sentences if part and not _CODE.search(part))
