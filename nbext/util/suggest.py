"""Suggestions for a misspelled name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Never

# difflib is quadratic in the length of a word.
_LONGEST = 200


def close_names(name: str, known: Iterable[str], *, n: int = 3, cutoff: float = 0.6) -> list[str]:
    """Return the known names with a similar spelling, regardless of case.

    Args:
        name: What was typed.
        known: The existing names.
        n: The most names to return.
        cutoff: The least similarity, from 0 to 1.

    Returns:
        The closest first.

    Example:
        >>> close_names("Gpt-4o-imge", ["gpt-4o-image", "sora_image"])
        ['gpt-4o-image']
    """
    by_lower = {candidate.lower(): candidate for candidate in known}
    from difflib import get_close_matches

    matches = get_close_matches(name[:_LONGEST].lower(), by_lower, n=n, cutoff=cutoff)
    return [by_lower[match] for match in matches]


def did_you_mean(name: str, known: Iterable[str], *, otherwise: str = "", n: int = 3) -> str:
    """Return a sentence that suggests the known names with a similar spelling.

    Args:
        name: What was typed.
        known: The existing names.
        otherwise: The sentence to return if none is close.
        n: The most names to suggest.

    Example:
        >>> did_you_mean("gpt-4o-imge", ["gpt-4o-image", "sora_image"])
        'Did you mean gpt-4o-image?'
    """
    names = close_names(name, known, n=n)
    if not names:
        return otherwise
    return phrase("error.did_you_mean", names=phrase("error.alternatives").join(names))


def is_suggested(text: str) -> bool:
    """Return whether a text already suggests a name.

    Example:
        >>> is_suggested("Did you mean gpt-4o-image?"), is_suggested("Try again.")
        (True, False)
    """
    return phrase("error.did_you_mean", names="").rstrip(" ?？") in text


class AttributeNameError(AttributeError):
    """An unknown attribute. Its message suggests similar names; it is written when it is read.

    Args:
        owner: The name of the class or module, as in ``ATTRIBUTES``.
        name: The attribute.
        known: The existing attributes.
    """

    def __init__(self, owner: str, name: str, known: Iterable[str]) -> None:
        # An object would let Python add a suggestion of its own.
        super().__init__(owner, name, name=name, obj=None)
        self._owner = owner
        self._wrong = name
        self._known = known

    def __reduce__(self) -> tuple[type[AttributeError], tuple[str]]:
        return AttributeError, (str(self),)

    def __str__(self) -> str:
        from nbext.util.habits import ATTRIBUTES

        habit = ATTRIBUTES.get(self._owner, {}).get(self._wrong)
        known = [name for name in self._known if not name.startswith("_")]
        guess = (
            phrase("error.did_you_mean", names=habit)
            if habit
            else did_you_mean(self._wrong, known, n=1)
        )
        message = phrase("error.no_attribute", owner=self._owner, name=self._wrong)
        return f"{message} {guess}".rstrip()


class Suggesting:
    """Suggests the right name for a mistyped attribute of its subclasses."""

    if not TYPE_CHECKING:
        # Type checkers report unknown attributes themselves.

        def __getattr__(self, name: str) -> Never:
            if hasattr(type(self), name):
                # A property has raised an AttributeError: raise that one.
                return object.__getattribute__(self, name)
            if name.startswith("_"):
                raise AttributeError(
                    f"{type(self).__name__!r} object has no attribute {name!r}",
                    name=name,
                    obj=self,
                )
            raise AttributeNameError(type(self).__name__, name, dir(self))
