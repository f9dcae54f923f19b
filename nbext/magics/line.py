"""Which lines of a cell begin a magic of ours; imports nothing."""

from __future__ import annotations

import re

MAGIC = re.compile(r"(?:[^%=]*=)?\s*(%{1,2})(\w+)(\s|$)")
_OURS = re.compile(r"\s*(?:[^%=]*=)?\s*%{1,2}(?:draw|edit|chat|respond|complete|video)(?:\s|$)")


def is_ours(line: str) -> bool:
    """Whether a line begins a magic that takes a prompt.

    Example:
        >>> is_ours("%%draw gpt-4o-image"), is_ours("%%time")
        (True, False)
    """
    return _OURS.match(line) is not None
