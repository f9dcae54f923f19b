"""Regular expressions that are compiled at first use.

There are two hundred of them in tables that only an error or a rare answer needs; compiling all
would take a quarter of the first drawing's time.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, Generic, cast


class LazyPattern(Generic[AnyStr]):
    """Behaves like the result of ``re.compile``, but is compiled at first use.

    Args:
        source: The expression.
        flags: The flags of ``re.compile``.
    """

    def __init__(self, source: AnyStr, flags: int = 0) -> None:
        self._source: AnyStr = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(self._source, self._flags), name)
        # Later look-ups of the attribute bypass this method.
        setattr(self, name, value)
        return value


def pattern(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Create a regular expression without compiling it yet.

    Args:
        source: The expression.
        flags: The flags of ``re.compile``.

    Raises:
        re.error: At the first use, if it is invalid.

    Example:
        >>> WORD = pattern(r"[a-z]+", re.IGNORECASE)
        >>> WORD.search("3 Cats").group()
        'Cats'
    """
    return cast("re.Pattern[AnyStr]", LazyPattern(source, flags))
