"""Messages by key, in the user's language."""

from __future__ import annotations

from typing import Literal

from nbext.messages import chinese, english

Language = Literal["en", "zh"]

_TABLES = {"en": english.MESSAGES, "zh": chinese.MESSAGES}


def language_of(setting: str, browser: str) -> Language:
    """Choose the language.

    Args:
        setting: ``Nbext.language``: ``auto``, ``en`` or ``zh``.
        browser: What the browser or the system says, e.g. ``zh-CN``; empty where it says nothing.

    Example:
        >>> language_of("auto", "zh-Hant-TW"), language_of("en", "zh-CN"), language_of("auto", "")
        ('zh', 'en', 'en')
    """
    wanted = setting if setting in _TABLES else browser.lower().replace("_", "-").split("-")[0]
    return "zh" if wanted == "zh" else "en"


def say(language: str, key: str, **values: object) -> str:
    """Get a message.

    Args:
        language: ``en`` or ``zh``.
        key: Its key in the tables.
        **values: What its ``{name}`` stand for.

    Raises:
        KeyError: There is no such message.

    Example:
        >>> say("zh", "panel.take", number=2)
        '第 2 张'
    """
    text = _TABLES[language][key]
    return text.format(**values) if values else text


def messages(language: str, part: str, keys: tuple[str, ...] | list[str]) -> dict[str, str]:
    """Get several messages of a part at once, for a script.

    Args:
        language: ``en`` or ``zh``.
        part: What stands before the dot of each key.
        keys: What stands behind it.

    Example:
        >>> messages("en", "panel", ("draw", "cancel"))
        {'draw': 'Draw', 'cancel': 'Cancel'}
    """
    return {key: say(language, f"{part}.{key}") for key in keys}
