"""Names in braces: variables of a prompt, and literal braces."""

from __future__ import annotations

from enum import Enum
from inspect import ismodule
from typing import TYPE_CHECKING, Any

from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nbext.data.options import Options
    from nbext.data.record import Record

# A name in any number of braces.
VARIABLE = pattern(r"(\{+)([^\W\d]\w*)(\}+)")


def variables_of(prompt: str) -> list[str]:
    """Return the variables of a prompt: names in single braces.

    Example:
        >>> variables_of('a {animal} in {{braces}}, {"a": 1}')
        ['animal']
    """
    return [name for left, name, right in VARIABLE.findall(prompt) if len(left) + len(right) == 2]


def escaped(prompt: str) -> str:
    """Escape a prompt, so that its names in braces are literal.

    Example:
        >>> escaped('a fox says {hello}, {"a": 1}')
        'a fox says {{hello}}, {"a": 1}'
    """
    return VARIABLE.sub(lambda m: f"{{{m[0]}}}" if len(m[1]) == len(m[3]) else m[0], prompt)


def unescaped(prompt: str) -> str:
    """Remove one pair of braces from names in several.

    Example:
        >>> unescaped("a fox says {{hello}} to {animal}")
        'a fox says {hello} to {animal}'
    """
    return VARIABLE.sub(lambda m: m[0][1:-1] if len(m[1]) == len(m[3]) > 1 else m[0], prompt)


def is_text(value: object) -> bool:
    """Return whether a prompt may use a variable, unlike a function such as ``open``."""
    return not (callable(value) or ismodule(value))


def filling(name: str, value: object) -> str:
    """Return the text that a variable puts into a prompt; a member of an ``Enum`` gives its value.

    Args:
        name: The variable's name, for the error.
        value: Its value.

    Raises:
        OptionError: It has no text: it is bytes, a picture, or an object that only has an address,
            which would be another request in each kernel.

    Example:
        >>> filling("count", 3), filling("kind", Enum("Kind", {"CAT": "cat"}).CAT)
        ('3', 'cat')
    """
    while isinstance(value, Enum):
        value = value.value
    text = str(value)
    if isinstance(value, bytes | bytearray | memoryview) or _ADDRESS.search(text):
        raise OptionError(
            phrase("cell.not_text", name=name, type=type(value).__name__),
            remedy=phrase("session.give_text", name=name),
        )
    return text


_ADDRESS = pattern(r" at 0x[0-9a-fA-F]{4,}>")


def refuse_unfilled(
    options: Options, names: Mapping[str, Any], records: Callable[[], Iterable[Record]]
) -> None:
    """Refuse a prompt with a name in braces that was not filled in.

    A prompt that was drawn before is allowed as it is.

    Args:
        options: The options.
        names: The notebook's variables.
        records: Returns the history's records.

    Raises:
        OptionError: There is such a name.
    """
    if not options.unfilled or any(record.prompt == options.prompt for record in records()):
        return
    name = options.unfilled[0]
    known = [n for n, value in names.items() if n[:1] != "_" and is_text(value)]
    if name in known:
        # Prompts from Python strings are sent unchanged.
        remedy = phrase("session.f_string", name=name)
    else:
        guess = did_you_mean(name, known, n=1)
        remedy = f"{guess} {phrase('session.literal_braces', name=name)}".strip()
    raise OptionError(phrase("session.no_variable", name=name), remedy=remedy)
