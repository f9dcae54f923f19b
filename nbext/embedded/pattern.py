"""Build strings that match a regular expression, from its parse tree.

JSON Schema's ``pattern`` is ECMA 262 and not anchored; a pattern that Python cannot parse is
refused. Look-around conditions are ignored: the caller checks the string anyway.
"""

from __future__ import annotations

import re
from re import _constants as kind  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_LONGEST = 500  # characters of a pattern
_REPEATS = (kind.MAX_REPEAT, kind.MIN_REPEAT, kind.POSSESSIVE_REPEAT)
_PRINTABLE = [*range(0x61, 0x7B), *range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x20, 0x7F)]
_CATEGORIES = {
    kind.CATEGORY_DIGIT: "0123456789",
    kind.CATEGORY_SPACE: " ",
    kind.CATEGORY_WORD: "abcdefghijklmnopqrstuvwxyz0123456789",
    kind.CATEGORY_NOT_DIGIT: "abcdefghijklmnopqrstuvwxyz",
    kind.CATEGORY_NOT_SPACE: "abcdefghijklmnopqrstuvwxyz",
    kind.CATEGORY_NOT_WORD: "-.!",
}


def matching(pattern: str, variant: int = 0) -> str | None:
    r"""Return a string that a pattern matches as a whole.

    Args:
        pattern: The regular expression.
        variant: A higher number uses more repetitions, and other letters.

    Returns:
        The string; None if the pattern is unreadable or too long.

    Example:
        >>> matching(r"^[A-Z]{2}-\d+$")
        'AA-0'
    """
    if len(pattern) > _LONGEST:
        return None
    try:
        return _Writer(variant).sequence(parser.parse(pattern))
    except (re.error, RecursionError, OverflowError, NotImplementedError):
        return None


class _Writer:
    def __init__(self, variant: int) -> None:
        self._variant = variant
        self._groups: dict[int, str] = {}
        self._length = 0

    def sequence(self, tree: Any) -> str:
        return "".join(self._one(op, value) for op, value in tree)

    def _one(self, op: Any, value: Any) -> str:
        if op is kind.LITERAL:
            text = chr(value)
        elif op is kind.NOT_LITERAL:
            text = next(chr(code) for code in self._rotate(_PRINTABLE) if code != value)
        elif op is kind.ANY:
            text = chr(self._rotate(_PRINTABLE)[0])
        elif op is kind.IN:
            text = self._member(value)
        elif op in {kind.AT, kind.ASSERT, kind.ASSERT_NOT}:
            text = ""
        elif op is kind.BRANCH:
            text = self.sequence(value[1][self._variant % len(value[1])])
        elif op is kind.SUBPATTERN:
            text = self.sequence(value[3])
            if value[0] is not None:
                self._groups[value[0]] = text
        elif op is kind.GROUPREF:
            text = self._groups.get(value, "")
        elif op in _REPEATS:
            low, high, inner = value
            times = min(int(high), low + self._variant)
            # Nested repeats multiply: give up if the result is too long.
            if times > 10_000 or self._length > 10_000:
                raise NotImplementedError
            text = "".join(self.sequence(inner) for _ in range(times))
        else:
            raise NotImplementedError
        if op in {kind.LITERAL, kind.NOT_LITERAL, kind.ANY, kind.IN}:
            self._length += 1
            if self._length > 10_000:
                raise NotImplementedError
        return text

    def _rotate(self, codes: list[int]) -> list[int]:
        turn = self._variant % len(codes)
        return codes[turn:] + codes[:turn]

    def _member(self, items: list[tuple[Any, Any]]) -> str:
        is_negative = bool(items) and items[0][0] is kind.NEGATE
        if is_negative:
            for code in self._rotate(_PRINTABLE):
                if not any(_holds(item, code) for item in items[1:]):
                    return chr(code)
            raise NotImplementedError
        op, value = items[self._variant % len(items)]
        if op is kind.LITERAL:
            return chr(value)
        if op is kind.RANGE:
            low, high = value
            return chr(low + self._variant % (high - low + 1))
        letters = _CATEGORIES[value]
        return letters[self._variant % len(letters)]


def _holds(item: tuple[Any, Any], code: int) -> bool:
    op, value = item
    if op is kind.LITERAL:
        return bool(code == value)
    if op is kind.RANGE:
        return bool(value[0] <= code <= value[1])
    classes = {
        kind.CATEGORY_DIGIT: r"\d",
        kind.CATEGORY_SPACE: r"\s",
        kind.CATEGORY_WORD: r"\w",
        kind.CATEGORY_NOT_DIGIT: r"\D",
        kind.CATEGORY_NOT_SPACE: r"\S",
        kind.CATEGORY_NOT_WORD: r"\W",
    }
    return re.match(classes[value], chr(code)) is not None
