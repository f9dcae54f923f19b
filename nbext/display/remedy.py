"""Rewrite remedies, which are written for cells, for a form or a Python call."""

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
# The arguments of Python functions that are named or written differently from the option.
_ARGUMENTS = {
    "image": "images",
    "i": "images",
    "m": "model",
    "n": "n",
    "takes": "n",
    "seed": "seed",
    "rounds": "rounds",
    "seconds": "seconds",
    "endpoint": "endpoint",
    "via": "via",
} | {name: name for name in ("aspect", "size", "quality", "format", "mask", "model", "system")}
_NUMBERS = {"n", "seed", "rounds", "seconds"}
_SWITCHES = {"--fresh": "fresh=True", "--yes": "yes=True", "--dry-run": "nbext.request(…).code()"}
# A value, or several: 1K, 2K or 4K.
_VALUE = r"[@\w](?:[\w:.@×-]*\w)?"
_CALL = pattern(
    rf"(?<![\w-])--?([a-z]+)"
    rf"(?: ([A-Z]{{2,}}\b|{_VALUE}(?:(?:(?:, |、){_VALUE})*(?: or | 或 |、){_VALUE})?))?"
)
_MEASURE = pattern(r"\bauto\b|\d(?:[\w:.×-]*\w)?")
_WORD = pattern(rf"\b(?!or\b|或){_VALUE}|@{_VALUE}")
_PARAMETER = pattern(r"(?<![\w-])(?:-p|--param) (\w+)=(\w+(?:\.\d+)?)")
_SWITCH = pattern(r"(?<![\w-])--(?:fresh|yes|dry-run)\b")
_OPTION = pattern(r"(?<![\w-])--?([a-z]+)(?: [A-Z]{2,}\b(?:=[A-Z]+\b)?)?")
_SENTENCE = pattern(r"(?<=[.!?])\s+|(?<=[。！？])")
# What a form has no place for: other options, magics, settings in code, calls of Python. A key is
# set in a cell also by those who use the form.
_CODE = pattern(
    r"(?<![\w-])--[a-z]|%{1,2}(?!nbext key\b)[a-z]|\b\w+=(?=[\w\"'…[(])|\b[Nn]bext\.\w|\b\w+\(…?\)"
)


def for_form(text: str, language: str = "en") -> str:
    """Rewrite a remedy for someone who uses the form.

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


def for_call(text: str) -> str:
    """Rewrite a warning or a remedy with the arguments of Python functions.

    Args:
        text: The text as a cell says it, in either language.

    Returns:
        The text with arguments in place of options.

    Example:
        >>> for_call("Use --size 1K, 2K or 4K.")
        'Use size="1K", "2K" or "4K".'
        >>> for_call("Add -p max_tokens=500, or draw with --fresh.")
        'Add params={"max_tokens": 500}, or draw with fresh=True.'
    """

    def argument(option: re.Match[str]) -> str:
        name = _ARGUMENTS.get(option[1])
        if name is None:
            return option[0]
        value = option[2] or ""
        if not value or (value.isalpha() and value.isupper() and value.isascii()):
            return f"{name}=…"
        if name in _NUMBERS:
            return f"{name}={value}"
        words = _MEASURE if name in ("aspect", "size") else _WORD
        return f"{name}={words.sub(_quoted, value)}"

    text = _PARAMETER.sub(lambda field: f'params={{"{field[1]}": {_literal(field[2])}}}', text)
    text = _SWITCH.sub(lambda switch: _SWITCHES[switch[0]], text)
    return _CALL.sub(argument, text)


def _quoted(value: re.Match[str]) -> str:
    return f'"{value[0]}"'


def _literal(value: str) -> str:
    """Write a value of ``-p KEY=VALUE`` in Python."""
    constants = {"true": "True", "false": "False", "null": "None"}
    is_number = value.replace(".", "", 1).isdecimal()
    return constants.get(value, value if is_number else f'"{value}"')
