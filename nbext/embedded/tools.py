"""Tool calls without a model: a tool is called if it shares a word with the question."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.embedded.errors import ReplyError
from nbext.embedded.ids import new_id
from nbext.embedded.structured import instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbext.embedded.conversation import Conversation

Call = dict[str, Any]

# Words that are too common to distinguish anything.
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "a an and any are be by can do for from get give has have how i in is it me my of on or "
        "please tell that the their this to use used what when where which who will with you your "
        "function tool returns return",
    )
)
_WORDS = re.compile(r"[a-z0-9]+|[一-鿿぀-ヿ가-힯]")


def words(text: str) -> set[str]:
    """Return the distinctive words of a text; for Chinese, pairs of characters.

    Example:
        >>> sorted(words("What is the weather in Paris?"))
        ['paris', 'weather']
    """
    separate = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text[:20_000]).lower()
    tokens = _WORDS.findall(separate)
    pairs = {a + b for a, b in itertools.pairwise(tokens) if len(a) == len(b) == 1}
    return {word for word in tokens if len(word) > 1 and word not in _COMMON} | pairs


def choose(conversation: Conversation, body: dict[str, Any]) -> list[Call]:
    """Return the tool calls of an answer; none after a tool's result, or if no tool fits.

    ``tool_choice`` may forbid or require a call, in the format of chat completions or Responses.

    Raises:
        ReplyError: 400, if ``tools`` is not a list, or ``tool_choice`` names none of them.
    """
    items = body.get("tools")
    if items is None:
        return []
    if not isinstance(items, list):
        raise ReplyError(400, "tools must be a list", param="tools")
    functions = [one for one in map(_function, items) if one]
    choice = body.get("tool_choice", "auto")
    name = None
    if isinstance(choice, dict):
        function = choice.get("function", choice)
        name = function.get("name") if isinstance(function, dict) else None
    if name is not None:
        functions = [one for one in functions if one["name"] == name]
        if not functions:
            raise ReplyError(400, f"no tool is named {str(name)[:80]}", param="tool_choice")
    if not functions or choice == "none" or conversation.results:
        return []
    question = words(conversation.text)
    for one in functions:
        vocabulary = words(f"{one['name'].replace('_', ' ')} {one.get('description') or ''}")
        if name is not None or question & vocabulary:
            return [_call(one, conversation.text)]
    return [_call(functions[0], conversation.text)] if choice in ("required", "any") else []


def _function(tool: Any) -> dict[str, Any] | None:
    """Return the function of a tool: under ``function`` in chat completions, flat in Responses."""
    if not isinstance(tool, dict) or tool.get("type", "function") != "function":
        return None
    function = tool.get("function", tool)
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        return None
    return function


def _call(function: dict[str, Any], question: str) -> Call:
    schema = function.get("parameters") or {"type": "object"}
    arguments = msgspec.json.encode(instance(schema, question)).decode()
    return {
        "id": new_id("call_"),
        "type": "function",
        "function": {"name": function["name"], "arguments": arguments},
    }


def deltas(calls: list[Call]) -> Iterator[dict[str, Any]]:
    """Yield the deltas of the calls in a stream: the name first, then the arguments in pieces."""
    for index, call in enumerate(calls):
        function = call["function"]
        head = {**call, "index": index, "function": {"name": function["name"], "arguments": ""}}
        yield {"tool_calls": [head]}
        text = function["arguments"]
        for start in range(0, len(text), 16):
            more = {"arguments": text[start : start + 16]}
            yield {"tool_calls": [{"index": index, "function": more}]}


def gather(message: dict[str, Any], delta: dict[str, Any]) -> None:
    """Add a delta to the message of a plain answer."""
    for name, value in delta.items():
        if name == "tool_calls":
            for part in value:
                _gather_call(message.setdefault("tool_calls", []), part)
        elif isinstance(value, list):
            message.setdefault(name, []).extend(value)
        else:
            message[name] = (message.get(name) or "") + value


def _gather_call(calls: list[Call], part: Call) -> None:
    if part["index"] == len(calls):
        calls.append({"id": part["id"], "type": "function", "function": dict(part["function"])})
    else:
        calls[part["index"]]["function"]["arguments"] += part["function"]["arguments"]
