"""Python functions as tools of a model: their schema, and their calls."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec

from nbext.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# What a tool says goes to the endpoint and is paid for by the token.
MAX_RESULT = 20_000


class Tool:
    """A function that a model may ask for.

    Args:
        function: Its signature and docstring become its schema.

    Raises:
        OptionError: An annotation is of no type that JSON has.

    Example:
        >>> def add(a: int, b: int = 1) -> int:
        ...     "Add two numbers."
        ...     return a + b
        >>> Tool(add).call('{"a": 2}')
        '3'
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.name = getattr(function, "__name__", type(function).__name__)[:64]
        self.description = inspect.cleandoc(function.__doc__ or "")[:1024]
        try:
            hints = get_type_hints(function)
            self._fields = _struct(self.name, inspect.signature(function), hints)
            self.parameters = _plain(msgspec.json.schema(self._fields))
        except (TypeError, NameError, ValueError) as error:
            raise OptionError(
                f"{self.name} cannot be a tool: {error}.",
                remedy="Annotate its arguments: str, int, float, bool, list, dict or a dataclass.",
            ) from None

    def schema(self) -> dict[str, Any]:
        """Write it as one of a chat request's ``tools``."""
        function = {
            "name": self.name,
            "description": self.description,
            "parameters": self.parameters,
        }
        return {"type": "function", "function": function}

    def call(self, arguments: str) -> str:
        """Call the function with arguments in JSON.

        Returns:
            What it gave, as text or JSON; a wrong argument or an exception is told to the model, in
            one line, so that it can mend its call.
        """
        try:
            given = msgspec.json.decode(arguments.encode() or b"{}", type=self._fields)
        except msgspec.MsgspecError as error:
            return f"error: {error}"
        values = {name: getattr(given, name) for name in given.__struct_fields__}
        try:
            result = self.function(**values)
        except Exception as error:  # noqa: BLE001 -- whatever a user's function raises
            return f"error: {type(error).__name__}: {error}"[:MAX_RESULT]
        if isinstance(result, str):
            return result[:MAX_RESULT]
        return json.dumps(result, ensure_ascii=False, default=str)[:MAX_RESULT]


def _struct(name: str, signature: inspect.Signature, hints: dict[str, Any]) -> Any:
    fields: list[Any] = []
    for parameter in signature.parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        kind = hints.get(parameter.name, str)
        if parameter.default is parameter.empty:
            fields.append((parameter.name, kind))
        else:
            fields.append((parameter.name, kind, parameter.default))
    return msgspec.defstruct(name, fields, kw_only=True)


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Put the one object in place of the reference to it, as relays expect it."""
    definitions = schema.pop("$defs", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    top: dict[str, Any] = dict(definitions.pop(name, schema))
    if definitions:
        top["$defs"] = definitions
    top.pop("title", None)
    return top


def tools_of(functions: Iterable[Any]) -> dict[str, Tool]:
    """Make tools of functions, by name.

    Raises:
        OptionError: One cannot be called.
    """
    made: dict[str, Tool] = {}
    for function in functions:
        if not callable(function):
            raise OptionError(f"{function!r} is no function.")
        tool = Tool(function)
        made[tool.name] = tool
    return made
