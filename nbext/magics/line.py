"""Which lines of a cell begin a magic of ours; imports nothing."""

from __future__ import annotations

import re

# Python compiles them at their first use, not while the extension is loaded.
_MAGIC = r"(?:[^%=]*=)?\s*(%{1,2})(\w+)(\s|$)"
_OURS = r"\s*(?:[^%=]*=)?\s*%{1,2}(?:draw|edit|chat|respond|complete|video)(?:\s|$)"


def magic_of(line: str) -> re.Match[str] | None:
    """Match a line that begins a magic: its per cent signs, its name, what follows that.

    Example:
        >>> magic_of("x = %draw a cat").group(2)
        'draw'
    """
    return re.match(_MAGIC, line)


def is_ours(line: str) -> bool:
    """Whether a line begins a magic that takes a prompt.

    Example:
        >>> is_ours("%%draw gpt-4o-image"), is_ours("%%time")
        (True, False)
    """
    return re.match(_OURS, line) is not None
