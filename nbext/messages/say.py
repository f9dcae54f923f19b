"""Messages by key, in the user's language.

A key is ``part.name``: ``part`` is the module beside this one with the table, ``name`` the entry in
its ``MESSAGES``, a pair of English and Chinese. Tables are loaded when first needed.

In a message ``{path}`` stands for a value, and ``{count:picture|pictures}`` for the first word if
``count`` is 1, else for the second. A message without values is used as it is.
"""

from __future__ import annotations

import functools
import importlib
import math
import os
import sys
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Language = Literal["en", "zh"]
Setting = Literal["auto", "en", "zh"]

LANGUAGES: tuple[Language, ...] = ("en", "zh")
# Environment variables with the system's language; the first that is set counts.
_ENVIRONMENT = ("NBEXT_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
# As the environment stores them, decoded at each access.
_STORED_NAMES = tuple(getattr(os.environ, "encodekey", str)(name) for name in _ENVIRONMENT)

_current: Language | None = None

# What controls a terminal or reverses text, apart from tabs and ends of lines.
_CONTROLS = dict.fromkeys(
    [
        *(*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)),
        *(*range(0x202A, 0x202F), *range(0x2066, 0x206A)),
    ]
)


def language_of(setting: str, browser: str) -> Language:
    """Choose a language.

    Args:
        setting: ``Nbext.language``: ``auto``, ``en`` or ``zh``.
        browser: The language of the browser or the system, such as ``zh-CN``; empty if unknown.

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
        browser: The browser's language; empty to use the system's.

    Example:
        >>> use_language("zh")
        >>> phrase("panel.draw")
        '绘制'
        >>> use_language("auto")
    """
    global _current
    _current = language_of(setting, browser) if setting in LANGUAGES or browser else None


def current_language() -> Language:
    """Return the language of this process's messages: the one set, else the system's."""
    return _current or language_of("auto", _system_language())


def _system_language() -> str:
    # Each message asks for it: the variables are decoded only when they have changed.
    stored = getattr(os.environ, "_data", None)
    names = _ENVIRONMENT if stored is None else _STORED_NAMES
    values = os.environ if stored is None else stored
    language = _language_in(tuple([values.get(name) for name in names]))
    if language or not sys.platform.startswith(("win32", "darwin")):
        return language
    # There, the language is often in no variable.
    import locale

    return locale.getlocale()[0] or ""


@functools.lru_cache(16)
def _language_in(values: tuple[str | bytes | None, ...]) -> str:
    """Return the language that variables name, of which some are not set; empty if none does."""
    texts = (os.fsdecode(value) for value in values if value is not None)
    return next((text for text in texts if text and text != "auto"), "")


def phrase(key: str, /, **values: object) -> str:
    """Return a message in the language of this process.

    Args:
        key: ``part.name``, as in the tables.
        **values: The values for its ``{name}`` fields.

    Raises:
        KeyError: There is no such message, or a value is missing.

    Example:
        >>> phrase("caption.pictures", value=2)
        '2 pictures'
    """
    return say(current_language(), key, **values)


def say(language: str, key: str, /, **values: object) -> str:
    """Return a message in a language.

    Args:
        language: ``en`` or ``zh``.
        key: ``part.name``, as in the tables.
        **values: The values for its ``{name}`` fields, whose control characters are left out.

    Raises:
        KeyError: There is no such message, or a value is missing.

    Example:
        >>> say("zh", "panel.take", number=2)
        '第 2 张'
    """
    text = _message(key, language == "zh")
    if not values:
        return text
    try:
        return _filled(text, values)
    except ValueError:
        # Python writes no number of thousands of digits.
        return _filled(text, {name: _short(value) for name, value in values.items()})


def _filled(text: str, values: Mapping[str, object]) -> str:
    if "|" in text:
        values = {name: _Countable(value) for name, value in values.items()}
    return harmless(text.format_map(values))


def _short(value: object) -> object:
    """Return a whole number of more than a hundred digits as a power of ten, for people."""
    if not isinstance(value, int) or abs(value) < 10**100:
        return value
    return _Power(f"{'-' * (value < 0)}10^{round(value.bit_length() * math.log10(2))}")


class _Power(str):
    """A text that stands for a number, however a message formats the number."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        return str(self)

    def __repr__(self) -> str:
        return str(self)


@functools.cache
def _message(key: str, column: int) -> str:
    part, _, name = key.partition(".")
    return table(part)[name][column]


def harmless(text: str) -> str:
    r"""Leave out control characters: a message may name a stranger's file or model.

    Example:
        >>> harmless("cats\x1b]0;title\x07.ipynb")
        'cats]0;title.ipynb'
    """
    return text if text.isprintable() else text.translate(_CONTROLS)


def outcome(type_: str, language: str = "") -> str:
    """Return the reason of a failure in a word or two.

    Args:
        type_: The error's type, as recorded; "failed" is returned for an unknown type.
        language: ``en`` or ``zh``; by default that of this process's messages.

    Example:
        >>> outcome("QuotaError", "en"), outcome("ZeroDivisionError", "zh")
        ('no credit left', '失败')
    """
    known = type_ if type_ in table("outcome") else "failure"
    return say(language or current_language(), f"outcome.{known}")


def messages(language: str, part: str, keys: tuple[str, ...] | list[str]) -> dict[str, str]:
    """Return several messages of a part, unformatted, for a script that fills in the values.

    Args:
        language: ``en`` or ``zh``.
        part: The part of the keys before the dot.
        keys: The parts after the dot.

    Example:
        >>> messages("en", "panel", ("draw", "cancel"))
        {'draw': 'Draw', 'cancel': 'Cancel'}
    """
    return {key: say(language, f"{part}.{key}") for key in keys}


@functools.cache
def table(part: str) -> dict[str, tuple[str, str]]:
    """Return the table of a part: English and Chinese by name.

    Raises:
        KeyError: There is no such part.
    """
    try:
        module = importlib.import_module(f"nbext.messages.{part}")
    except ModuleNotFoundError:
        raise KeyError(part) from None
    return cast("dict[str, tuple[str, str]]", module.MESSAGES)


class _Countable:
    """A value that also chooses between singular and plural."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __format__(self, spec: str) -> str:
        if "|" in spec:
            one, _, many = spec.partition("|")
            return one if str(self._value) == "1" else many
        return format(self._value, spec)

    def __repr__(self) -> str:
        return repr(self._value)

    def __str__(self) -> str:
        return str(self._value)


def all_of(words: Sequence[str]) -> str:
    """Join words with "and"."""
    return _joined(words, "all_of")


def one_of(words: Sequence[str]) -> str:
    """Join alternatives with "or".

    Example:
        >>> one_of(["1K", "2K", "4K"])
        '1K, 2K or 4K'
    """
    return _joined(words, "one_of")


def _joined(words: Sequence[str], way: Literal["all_of", "one_of"]) -> str:
    *others, last = words
    if not others:
        return last
    return phrase(f"error.{way}", others=phrase("error.comma").join(others), last=last)
