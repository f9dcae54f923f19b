"""Messages by key, in the user's language.

A key is ``part.name``: ``part`` is the module beside this one that holds the table, ``name`` the
entry in its ``MESSAGES``, a pair of English and Chinese. Tables are read when they are first needed.

In a message ``{path}`` stands for a value, and ``{count:picture|pictures}`` for the first word
where ``count`` is 1, for the second otherwise. A message that takes no values is used as it is.
"""

from __future__ import annotations

import functools
import importlib
import locale
import os
import string
from typing import Any, Literal, cast

Language = Literal["en", "zh"]
Setting = Literal["auto", "en", "zh"]

LANGUAGES: tuple[Language, ...] = ("en", "zh")
# Where a system names its language; the first that is set counts.
_ENVIRONMENT = ("NBEXT_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")

_current: Language | None = None


def language_of(setting: str, browser: str) -> Language:
    """Choose the language.

    Args:
        setting: ``Nbext.language``: ``auto``, ``en`` or ``zh``.
        browser: What the browser or the system says, e.g. ``zh-CN``; empty where it says nothing.

    Example:
        >>> language_of("auto", "zh-Hant-TW"), language_of("en", "zh-CN"), language_of("auto", "")
        ('zh', 'en', 'en')
    """
    name = setting if setting in LANGUAGES else browser
    return "zh" if name.lower().replace("_", "-").split("-")[0] == "zh" else "en"


def use_language(setting: str, browser: str = "") -> None:
    """Set the language of this process's messages.

    Args:
        setting: ``Nbext.language``: ``auto``, ``en`` or ``zh``.
        browser: The browser's language, where one is known; else the system's counts.

    Example:
        >>> use_language("zh")
        >>> phrase("panel.draw")
        '绘制'
        >>> use_language("auto")
    """
    global _current
    _current = language_of(setting, browser) if setting in LANGUAGES or browser else None


def current_language() -> Language:
    """Get the language of this process's messages: as set, else the system's."""
    return _current or language_of("auto", _system_language())


def _system_language() -> str:
    for name in _ENVIRONMENT:
        value = os.environ.get(name, "")
        if value and value != "auto":
            return value
    # On Windows and macOS it is often in no variable.
    return locale.getlocale()[0] or ""


def phrase(key: str, /, **values: object) -> str:
    """Get a message in the language of this process.

    Args:
        key: ``part.name``, as in the tables.
        **values: What its ``{name}`` stand for.

    Raises:
        KeyError: There is no such message, or it takes a value that is not given.

    Example:
        >>> phrase("caption.pictures", value=2)
        '2 pictures'
    """
    return say(current_language(), key, **values)


def say(language: str, key: str, /, **values: object) -> str:
    """Get a message in a language.

    Args:
        language: ``en`` or ``zh``.
        key: ``part.name``, as in the tables.
        **values: What its ``{name}`` stand for.

    Raises:
        KeyError: There is no such message, or it takes a value that is not given.

    Example:
        >>> say("zh", "panel.take", number=2)
        '第 2 张'
    """
    part, _, name = key.partition(".")
    text = table(part)[name][language == "zh"]
    if not values:
        return text
    # Python's own way takes a tenth of the time, and has no plural.
    return str(_FORMATTER.vformat(text, (), values)) if "|" in text else text.format_map(values)


def outcome(type_: str, language: str = "") -> str:
    """Say in a word or two why a request failed.

    Args:
        type_: The error's type, as a record names it; of one that is not known "failed" is said.
        language: ``en`` or ``zh``; by default that of this process's messages.

    Example:
        >>> outcome("QuotaError", "en"), outcome("ZeroDivisionError", "zh")
        ('no credit left', '失败')
    """
    known = type_ if type_ in table("outcome") else "failure"
    return say(language or current_language(), f"outcome.{known}")


def messages(language: str, part: str, keys: tuple[str, ...] | list[str]) -> dict[str, str]:
    """Get several messages of a part at once, for a script that fills them in itself.

    Args:
        language: ``en`` or ``zh``.
        part: What stands before the dot of each key.
        keys: What stands behind it.

    Example:
        >>> messages("en", "panel", ("draw", "cancel"))
        {'draw': 'Draw', 'cancel': 'Cancel'}
    """
    return {key: say(language, f"{part}.{key}") for key in keys}


@functools.cache
def table(part: str) -> dict[str, tuple[str, str]]:
    """Read the table of a part: English and Chinese by name.

    Raises:
        KeyError: There is no such part.
    """
    try:
        module = importlib.import_module(f"nbext.messages.{part}")
    except ModuleNotFoundError:
        raise KeyError(part) from None
    return cast("dict[str, tuple[str, str]]", module.MESSAGES)


class _Formatter(string.Formatter):
    """Fills in values, and chooses between singular and plural."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if "|" in format_spec:
            one, _, many = format_spec.partition("|")
            return one if value == 1 else many
        return format(value, format_spec)


_FORMATTER = _Formatter()
