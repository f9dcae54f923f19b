"""The base of the objects that users hold: a slip ends in one sentence, at the user's line."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from types import FunctionType, NoneType
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar

from nbext.errors import resource_error
from nbext.messages.say import one_of, phrase
from nbext.util.habits import SETTERS
from nbext.util.suggest import Suggesting, missing_attribute, public_class
from nbext.util.tracebacks import hide_own_lines, is_ours

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_Function = TypeVar("_Function", bound="Callable[..., Any]")

# What parameters are annotated with, and what that accepts. Other annotations are not checked.
_KINDS: dict[str, type[Any] | None] = {
    "str": str,
    "Path": os.PathLike,
    "int": SupportsIndex,
    "None": NoneType,
    # Public objects are recognized by the names of their classes.
    "Drawing": None,
    "History": None,
}
# What a value of a wrong type leads to, somewhere below.
_SYMPTOMS = (TypeError, AttributeError, ValueError)
_KNOWN = (*_SYMPTOMS, MemoryError, RecursionError, OSError)


# Beside the public names of a class: what ``history[3]`` and ``for d in history`` call.
_SPECIAL = ("__contains__", "__getitem__", "__iter__", "__len__", "__reversed__")


class Public(Suggesting):
    """The methods raise errors of ours, as ``with_own_errors``; unknown attributes are not set."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, value in list(vars(cls).items()):
            if isinstance(value, FunctionType) and (not name.startswith("_") or name in _SPECIAL):
                setattr(cls, name, with_own_errors(value))

    if not TYPE_CHECKING:
        # Type checkers report unknown attributes themselves.

        def __setattr__(self, name: str, value: object) -> None:
            caller = sys._getframe(1).f_globals.get("__name__", "")  # noqa: SLF001
            if not (name[:1] == "_" or is_ours(caller) or _is_settable(self, name)):
                raise _not_settable(self, name)
            super().__setattr__(name, value)


def with_own_errors(function: _Function) -> _Function:
    """Let a function raise errors of ours for what its caller, or this machine, has to change.

    That is an argument of a wrong type, and a lack of memory, of stack, or of what the system
    gives. Arguments are looked at only after the function has failed.

    Args:
        function: A function, also one of coroutines or generators. Its parameters for texts,
            paths and whole numbers are checked.

    Example:
        >>> @with_own_errors
        ... def first(name: str) -> str:
        ...     return name.strip()[0]
        >>> first(5)
        Traceback (most recent call last):
        TypeError: name must be text, not int.
    """

    @functools.wraps(function)
    def called(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except _KNOWN as error:
            _explain(error, function, args, options)
            raise

    @functools.wraps(function)
    def iterated(*args: Any, **options: Any) -> Any:
        try:
            yield from function(*args, **options)
        except _KNOWN as error:
            _explain(error, function, args, options)
            raise

    @functools.wraps(function)
    async def awaited(*args: Any, **options: Any) -> Any:
        try:
            return await function(*args, **options)
        except _KNOWN as error:
            _explain(error, function, args, options)
            raise

    if inspect.iscoroutinefunction(function):
        return awaited  # type: ignore[return-value]
    return iterated if inspect.isgeneratorfunction(function) else called  # type: ignore[return-value]


def _explain(
    error: Exception, function: Callable[..., Any], args: Sequence[Any], options: Mapping[str, Any]
) -> None:
    """Raise an error of ours for one that has such a cause.

    Raises:
        ResourceError: This machine lacks something.
        TypeError: An argument has a wrong type.
    """
    own = resource_error(error)
    if own is not None:
        raise own from error
    if not isinstance(error, _SYMPTOMS):
        return
    signature = inspect.signature(function)
    try:
        arguments = signature.bind(*args, **options).arguments
    except TypeError:
        # One is missing or unknown, as Python says; but in a line of ours.
        hide_own_lines(error)
        return
    for name, value in arguments.items():
        parameter = signature.parameters[name]
        kinds = _kinds(parameter)
        values = value if _is_several(parameter) else (value,)
        wrong = [one for one in values if kinds and not _is_any(one, kinds)]
        if wrong:
            raise _wrong_type(name, kinds, wrong[0]) from None


def _kinds(parameter: inspect.Parameter) -> tuple[str, ...]:
    """Return what a parameter accepts, as in ``_KINDS``; nothing if it accepts anything else."""
    kinds = tuple(str(parameter.annotation).split(" | "))
    return kinds if all(kind in _KINDS for kind in kinds) else ()


def _is_several(parameter: inspect.Parameter) -> bool:
    return parameter.kind is inspect.Parameter.VAR_POSITIONAL


def _is_any(value: object, kinds: tuple[str, ...]) -> bool:
    names = {base.__name__ for base in type(value).__mro__}
    return any(
        kind in names if of is None else isinstance(value, of)
        for kind, of in ((kind, _KINDS[kind]) for kind in kinds)
    )


def _wrong_type(name: str, kinds: tuple[str, ...], value: object) -> TypeError:
    words = [phrase(f"error.kind_{kind.lower()}") for kind in kinds if kind != "None"]
    of = type(value).__name__
    return hide_own_lines(
        TypeError(phrase("error.wrong_type", name=name, kinds=one_of(words), type=of))
    )


def _is_settable(item: object, name: str) -> bool:
    """Return whether an attribute may be set: one of its own, or one with a setter."""
    kind = type(item)
    if name in vars(item):
        return True
    known = getattr(kind, name, None)
    if isinstance(known, property):
        return known.fset is not None
    # A user's subclass has attributes of its own.
    return known is None and not is_ours(kind.__module__)


def _not_settable(item: object, name: str) -> AttributeError:
    """Return the error for an attribute that cannot be set, with what to do in its place."""
    owner = public_class(type(item)).__name__
    instead = SETTERS.get(owner, {}).get(name)
    if instead is None and not hasattr(type(item), name):
        return missing_attribute(owner, name, lambda: [*dir(type(item)), *vars(item)])
    words = [phrase("error.not_settable", owner=owner, name=name)]
    if instead:
        words.append(phrase("error.use_instead", code=instead))
    text = "".join(words) if words[0].endswith("。") else " ".join(words)
    return hide_own_lines(AttributeError(text, name=name))
