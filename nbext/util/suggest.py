"""Suggestions for a misspelled name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.messages.say import one_of, phrase
from nbext.util.tracebacks import hide_own_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
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
    return phrase("error.did_you_mean", names=one_of(names))


def is_suggested(text: str) -> bool:
    """Return whether a text already suggests a name.

    Example:
        >>> is_suggested("Did you mean gpt-4o-image?"), is_suggested("Try again.")
        (True, False)
    """
    return phrase("error.did_you_mean", names="").rstrip(" ?？") in text


def attribute_meant(owner: str, name: str, known: Iterable[str], *, cutoff: float = 0.7) -> str:
    """Return the attribute that a name stands for, here or in other libraries; empty if none.

    Args:
        owner: The name of the class or module, as in ``ATTRIBUTES``.
        name: What was typed.
        known: The existing attributes.
        cutoff: The least similarity, from 0 to 1.

    Example:
        >>> attribute_meant("Drawing", "images", []), attribute_meant("Panel", "promt", ["prompt"])
        ('pictures', 'prompt')
    """
    from nbext.util.habits import ATTRIBUTES

    elsewhere = ATTRIBUTES.get(owner, {})
    if name in elsewhere:
        return elsewhere[name]
    own = [one for one in known if not one.startswith("_")]
    if close := close_names(name, own, n=1, cutoff=cutoff):
        return close[0]
    # What other libraries call it says little where it is merely similar.
    close = close_names(name, elsewhere, n=1, cutoff=0.85)
    return elsewhere[close[0]] if close else ""


class _Explanation:
    """The message of an AttributeError, written when it is read: ``hasattr`` never reads it."""

    def __init__(self, owner: str, name: str, known: Callable[[], Iterable[str]]) -> None:
        self._owner = owner
        self._name = name
        self._known = known

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)

    def __repr__(self) -> str:
        return repr(str(self))

    def __str__(self) -> str:
        from nbext.util.habits import ADVICE

        message = phrase("error.no_attribute", owner=self._owner, name=self._name)
        advice = ADVICE.get(self._owner, {}).get(self._name)
        if advice:
            guess = phrase(f"error.{advice}", name=self._name)
        else:
            name = attribute_meant(self._owner, self._name, self._known())
            if not name:
                return message
            guess = phrase("error.did_you_mean", names=name)
        return f"{message}{guess}" if message.endswith("。") else f"{message} {guess}"


def missing_attribute(owner: str, name: str, known: Callable[[], Iterable[str]]) -> AttributeError:
    """Return the error for an unknown attribute, which suggests similar names.

    Args:
        owner: The name of the class or module, as in ``ATTRIBUTES``.
        name: The attribute.
        known: Returns the existing attributes.

    Example:
        >>> print(missing_attribute("Drawing", "images", list))
        Drawing has no attribute 'images'. Did you mean pictures?
    """
    # With an object, Python would add a suggestion of its own.
    return hide_own_lines(AttributeError(_Explanation(owner, name, known), name=name, obj=None))


class Suggesting:
    """Suggests the right name for an unknown attribute of its subclasses."""

    if not TYPE_CHECKING:
        # Type checkers report unknown attributes themselves.

        def __getattr__(self, name: str) -> Never:
            kind = type(self)
            if hasattr(kind, name):
                # A property has raised an AttributeError: raise that one.
                return object.__getattribute__(self, name)
            if name.startswith("_"):
                raise AttributeError(
                    f"{kind.__name__!r} object has no attribute {name!r}", name=name, obj=self
                )
            raise missing_attribute(public_class(kind).__name__, name, lambda: dir(kind))


def public_class(kind: type) -> type:
    """Return the class that users know: a cell shows a subclass of its own.

    Args:
        kind: The class of a public object, or a subclass of it.
    """
    for base in kind.__mro__:
        bases = {parent.__name__ for parent in base.__bases__}
        if bases & {"Suggesting", "Public"}:
            return base
    return kind
