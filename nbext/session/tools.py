"""Python functions as tools of a model: schemas and calls."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec

from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.session.structured_output import rooted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from nbext.wire.events import ToolCall

# The description is sent to the endpoint and paid for by the token.
MAX_RESULT = 20_000


class Tool:
    """A function that a model may call.

    Args:
        function: The function. Its signature and docstring become the schema.

    Raises:
        OptionError: An annotation has no equivalent in JSON.

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
            self.parameters = rooted(msgspec.json.schema(self._fields))
            self.parameters.pop("title", None)
        except (TypeError, NameError, ValueError) as error:
            raise OptionError(
                phrase("session.not_a_tool", name=self.name, error=error),
                remedy=phrase("session.annotate"),
            ) from None

    def schema(self) -> dict[str, Any]:
        """Return the function as an item of a chat request's ``tools``."""
        function = {
            "name": self.name,
            "description": self.description,
            "parameters": self.parameters,
        }
        return {"type": "function", "function": function}

    def call(self, arguments: str) -> Any:
        """Call the function with JSON arguments.

        Returns:
            The message for the model: the result as text or JSON, or an invalid argument or an
            exception in one line, so that the model can correct its call. For an ``async def``,
            an awaitable with that message.
        """
        try:
            fields = msgspec.json.decode(arguments.encode() or b"{}", type=self._fields)
        except msgspec.MsgspecError as error:
            return f"error: {error}"
        values = {name: getattr(fields, name) for name in fields.__struct_fields__}
        try:
            result = self.function(**values)
        except Exception as error:  # noqa: BLE001 -- whatever a user's function raises
            return _error_text(error)
        return _awaited_text(result) if inspect.isawaitable(result) else _text(result)


def _text(result: object) -> str:
    """Return a result for the model: text unchanged, anything else as JSON."""
    if isinstance(result, str):
        return result[:MAX_RESULT]
    return json.dumps(result, ensure_ascii=False, default=str)[:MAX_RESULT]


def _error_text(error: Exception) -> str:
    return f"error: {type(error).__name__}: {error}"[:MAX_RESULT]


async def _awaited_text(result: Awaitable[object]) -> str:
    try:
        return _text(await result)
    except Exception as error:  # noqa: BLE001 -- whatever a user's function raises
        return _error_text(error)


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


def tools_of(items: Iterable[Any]) -> dict[str, Tool]:
    """Create tools from functions, by name; the endpoint's own tools are left out."""
    tools = (Tool(item) for item in items if callable(item))
    return {tool.name: tool for tool in tools}


def tool_fields(items: Iterable[Any]) -> list[dict[str, Any]]:
    """Return tools as a request's body has them: functions as schemas, dicts as they are.

    Args:
        items: Functions, or tools of the endpoint such as ``{"type": "web_search"}``.

    Raises:
        OptionError: An item is neither.
    """
    items = list(items)
    for item in items:
        if not callable(item) and not (isinstance(item, Mapping) and item.get("type")):
            raise OptionError(
                phrase("session.not_a_function", function=item), remedy=phrase("session.tool_like")
            )
    own = [dict(item) for item in items if not callable(item)]
    return [tool.schema() for tool in tools_of(items).values()] + own


class ToolSet:
    """The functions that a model may call in one request, after the user allows each.

    Args:
        functions: Python functions.
        yes: Whether they may run without asking.
        rounds: The maximum number of rounds. Each round is a separate request.
        run: Runs a function in the thread of the cell.
        ask: Asks a question and returns whether the answer is yes.
    """

    def __init__(
        self,
        functions: Iterable[Any],
        *,
        run: Callable[[Callable[[], Any]], Awaitable[Any]],
        yes: bool = False,
        rounds: int = 8,
        ask: Callable[[str], bool] | None = None,
    ) -> None:
        self.tools = tools_of(functions)
        self.rounds = rounds
        self._run = run
        self._yes = yes
        self._ask = ask or ask_in_cell
        self._allowed: set[str] = set()

    async def answer(self, call: ToolCall) -> str:
        """Run a function call of the model.

        Returns:
            The result, or the reason why the function did not run.

        Raises:
            OptionError: There is nobody to ask for permission.
        """
        tool = self.tools.get(call.name)
        if tool is None:
            return f"error: there is no function {call.name}"
        if not self._yes and call.name not in self._allowed:
            shown = f"{call.name}({call.arguments[:200]})"
            if not await self._run(lambda: self._ask(phrase("session.run_function", shown=shown))):
                return "error: the user does not allow this function"
            self._allowed.add(call.name)
        result = await self._run(lambda: tool.call(call.arguments))
        # An async function is awaited on the loop of the requests.
        return str(await result) if inspect.isawaitable(result) else str(result)


def ask_in_cell(question: str) -> bool:
    """Ask a question below the cell.

    Raises:
        OptionError: There is nobody to ask, as under nbclient.
    """
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes", "j", "是", "好")
    except (EOFError, RuntimeError) as error:
        raise OptionError(
            phrase("session.nobody_to_ask", question=question), remedy=phrase("session.allow_yes")
        ) from error
