"""Understand options as Chinese keyboards, word processors and users of other tools write them."""

from __future__ import annotations

import re
import unicodedata

# A dash as written by word processors and Chinese keyboards; one or more of them, or of ASCII's.
_DASHES = "-－–—−‒―"
_NAME = re.compile(rf"([{_DASHES}]+)([^\s=＝]*)([=＝]?)")
# A quotation that is a word of the line, in typographic quotes.
_QUOTED = re.compile(r"(?<![^\s=＝])[“”«„]([^“”»\"]*)[“”»](?=\s|$)")
_SIZE = re.compile(r"[(\[]?\s*(\d{1,5})\s*[x×*,]\s*(\d{1,5})\s*[)\]]?", re.IGNORECASE)
_SHAPES = {"square": "1:1", "portrait": "2:3", "landscape": "3:2", "wide": "16:9", "tall": "9:16"}


def plain_line(line: str, *, first: bool = False) -> str:
    """Write the quotes of an option line as a shell has them; texts inside stay as they are.

    Args:
        line: The line.
        first: Whether only its first word is an option's value, and the rest is a prompt.

    Example:
        >>> plain_line("--system “你好，猫” -n 2")
        '--system "你好，猫" -n 2'
    """
    if first and (match := _QUOTED.match(line)):
        return f'"{match[1]}"{line[match.end() :]}'
    return line if first else _QUOTED.sub(r'"\1"', line)


def plain_word(word: str) -> str:
    """Write the name of an option in ASCII; its value stays as it is.

    Example:
        >>> plain_word("－－ｓｉｚｅ＝２"), plain_word("—size"), plain_word("–n"), plain_word("-1")
        ('--size=２', '--size', '-n', '-1')
    """
    match = _NAME.match(word)
    if match is None or match[0].isascii():
        return word
    name = unicodedata.normalize("NFKC", match[2])
    dashes = "--" if len(name) > 1 or len(match[1]) > 1 else "-"
    return f"{dashes}{name}{match[3] and '='}{word[match.end() :]}"


def is_option(text: str) -> bool:
    """Return whether a text begins like an option, with any kind of dash."""
    return text[:1] in _DASHES if text else False


def _plain(text: str) -> str:
    """Write a value in ASCII's letters and digits, without quotes around it."""
    return unicodedata.normalize("NFKC", text).strip(" \"'“”")


def size(text: str) -> str:
    """Parse a size: pixels in any spelling, or a name that the model knows.

    Raises:
        ValueError: It is a single number.

    Example:
        >>> size("1024×1536"), size("(1024, 1536)"), size("2K"), size("landscape_4_3")
        ('1024x1536', '1024x1536', '2K', 'landscape_4_3')
    """
    plain = _plain(text)
    match = _SIZE.fullmatch(plain)
    if match:
        return f"{match[1]}x{match[2]}"
    if plain.isdecimal():
        raise ValueError(plain)
    return plain


def shape(text: str) -> str:
    """Return the ratio that a word stands for; other texts stay as they are.

    Example:
        >>> shape("square"), shape("2：3")
        ('1:1', '2:3')
    """
    plain = _plain(text)
    return _SHAPES.get(plain.lower(), plain)


def file_format(text: str) -> str:
    """Return a file format in lower case, and jpeg for jpg.

    Example:
        >>> file_format("JPG")
        'jpeg'
    """
    plain = text.lower().lstrip(".")
    return "jpeg" if plain == "jpg" else plain
