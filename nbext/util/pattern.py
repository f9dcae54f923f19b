"""Regular expressions that are compiled at their first use.

Two hundred of them stand in tables of words that only an error or a rare answer needs; compiling
all would take a quarter of the first drawing's time.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, Generic, cast


class LazyPattern(Generic[AnyStr]):
    """What ``re.compile`` gives, compiled when something of it is used.

    Args:
        source: The expression.
        flags: As ``re.compile`` takes them.
    """

    def __init__(self, source: AnyStr, flags: int = 0) -> None:
        self._source: AnyStr = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(self._source, self._flags), name)
        # The next time it is found without coming here.
        setattr(self, name, value)
        return value


def pattern(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Make a regular expression, without compiling it yet.

    Args:
        source: The expression.
        flags: As ``re.compile`` takes them.

    Raises:
        re.error: At the first use, where it is none.

    Example:
        >>> WORD = pattern(r"[a-z]+", re.IGNORECASE)
        >>> WORD.search("3 Cats").group()
        'Cats'
    """
    return cast("re.Pattern[AnyStr]", LazyPattern(source, flags))
