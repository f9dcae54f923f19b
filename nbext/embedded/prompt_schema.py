"""Find a JSON Schema in a prompt, and the form in which the answer is wanted.

Libraries for structured output write the schema into the messages if an endpoint may not support
``response_format``: "provide the parsed objects in json that match the following json_schema: …".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbext.embedded.conversation import Conversation

_LONGEST = 200_000  # characters to search
_MOST_STARTS = 200  # braces to try as the start of a schema
_START = re.compile(r'\{\s*"')
_ASKS = re.compile(
    r"json.{0,40}schema|schema.{0,200}json|json.{0,200}schema", re.IGNORECASE | re.DOTALL
)
_FENCE = re.compile(r"```\s?json|(code ?block|fence)", re.IGNORECASE)
_NO_FENCE = re.compile(r"(without|don't|do not|no)\b[^.\n]{0,60}(code ?block|fenc)", re.IGNORECASE)
# Each of these keys alone identifies a schema; "type" does if its value is a type's name.
_KEYS = frozenset({"properties", "$defs", "anyOf", "oneOf", "allOf", "$ref", "items", "enum"})
_TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})


def schema_in_prompt(conversation: Conversation) -> dict[str, Any] | None:
    """Return the schema in the system messages or the last user message, or None.

    Example:
        >>> from nbext.embedded.conversation import Conversation
        >>> schema_in_prompt(Conversation('A cat, as JSON of this schema: {"type": "integer"}'))
        {'type': 'integer'}
    """
    for text in (conversation.text, conversation.system):
        if _ASKS.search(text[:_LONGEST]) and (schema := last_schema(text[:_LONGEST])):
            return schema
    return None


def last_schema(text: str) -> dict[str, Any] | None:
    """Return the last JSON Schema in a text, because examples come first."""
    decoder = json.JSONDecoder()
    schema, position = None, 0
    for _ in range(_MOST_STARTS):
        match = _START.search(text, position)
        if match is None:
            break
        try:
            value, position = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            position = match.start() + 1
            continue
        schema = value if _is_schema(value) else schema
    return schema


def wants_fence(conversation: Conversation) -> bool:
    """Return whether the prompt wants the JSON in a Markdown code block."""
    text = conversation.system[:_LONGEST] + conversation.text[:_LONGEST]
    return _FENCE.search(text) is not None and _NO_FENCE.search(text) is None


def _is_schema(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    kind = value.get("type")
    return (isinstance(kind, str) and kind in _TYPES) or bool(_KEYS & value.keys())
