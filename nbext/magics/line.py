"""Recognise lines that start one of our magics. Imports nothing."""

from __future__ import annotations

import re

# Strings: Python compiles them at first use, not while the extension is loaded.
_MAGIC = r"(?:[^%=]*=)?\s*(%{1,2})(\w+)(\s|$)"
_OURS = r"\s*(?:[^%=]*=)?\s*%{1,2}(?:draw|edit|chat|respond|complete|video)(?:\s|$)"


def magic_of(line: str) -> re.Match[str] | None:
    """Match a line that starts a magic: its per cent signs, its name, the rest.

    Example:
        >>> magic_of("x = %draw a cat").group(2)
        'draw'
    """
    return re.match(_MAGIC, line)


def is_ours(line: str) -> bool:
    """Return whether a line starts a magic that takes a prompt.

    Example:
        >>> is_ours("%%draw gpt-4o-image"), is_ours("%%time")
        (True, False)
    """
    return re.match(_OURS, line) is not None
