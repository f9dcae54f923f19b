"""Structured answers without a model: values that are valid against a JSON Schema."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.embedded.errors import ReplyError
from nbext.embedded.pattern import matching
from nbext.embedded.prompt_schema import schema_in_prompt, wants_fence
from nbext.embedded.scalars import TRIES, numbers, strings
from nbext.embedded.schema_check import Checker, Schema, TooLargeError
from nbext.embedded.schema_merge import merge, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbext.embedded.conversation import Conversation

_DEEP = 3  # levels with all optional fields; deeper ones have only required fields
_DEEPEST = 40
_ANY_OBJECT = {"type": "object", "properties": {"answer": {"type": "string"}}}
_TYPES = ("object", "array", "string", "number", "boolean", "null")
_HINTS = {
    "object": ("properties", "required", "additionalProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "contains"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
}


@dataclass(frozen=True)
class Form:
    """The form of a JSON answer.

    Attributes:
        schema: The schema of the answer.
        is_fenced: Whether to put the answer into a Markdown code block.
    """

    schema: Schema
    is_fenced: bool = False


def form_of(response_format: Any, conversation: Conversation, *, talks: bool = True) -> Form | None:
    """Return the form that a request wants: from its ``response_format``, or from its prompt.

    Args:
        response_format: From chat completions, or Responses' ``text.format``.
        conversation: Its messages may contain a schema.
        talks: Whether the model answers in text; a drawing model ignores a prompt's schema.

    Returns:
        The form; None for plain text.

    Raises:
        ReplyError: 400, if the type of ``response_format`` is unknown or it has no schema.
    """
    schema = schema_in(response_format)
    if response_format is None or schema is _ANY_OBJECT:
        in_prompt = schema_in_prompt(conversation) if talks else None
        if in_prompt is not None:
            return Form(in_prompt, is_fenced=schema is None and wants_fence(conversation))
    return None if schema is None else Form(schema)


def schema_in(response_format: Any) -> Schema:
    """Return the schema of a ``response_format`` or a ``text.format``; None for plain text.

    Raises:
        ReplyError: 400, if its type is unknown or it has no schema.
    """
    if response_format is None:
        return None
    kind = response_format.get("type") if isinstance(response_format, dict) else None
    if kind == "json_object":
        return _ANY_OBJECT
    if kind == "json_schema":
        holder = response_format.get("json_schema", response_format)
        schema = holder.get("schema") if isinstance(holder, dict) else None
        if isinstance(schema, dict | bool):
            return schema
    elif kind == "text":
        return None
    raise ReplyError(400, "response_format has no schema", param="response_format")


def answer(form: Form, question: str) -> str:
    """Return a valid answer as JSON text.

    Raises:
        ReplyError: 400, if no valid value was found.
    """
    text = msgspec.json.encode(instance(form.schema, question)).decode()
    return f"```json\n{text}\n```" if form.is_fenced else text


def instance(schema: Schema, question: str = "") -> Any:
    """Return a value that is valid against a schema, the same for the same schema and question.

    Args:
        schema: JSON Schema, draft 2020-12 or OpenAI's subset of it.
        question: The text to use if the schema allows any text.

    Raises:
        ReplyError: 400, if no valid value was found.

    Example:
        >>> instance({"type": "object", "properties": {"n": {"type": "integer", "minimum": 3}}})
        {'n': 3}
    """
    for deep in (_DEEP, 0):
        try:
            maker = _Maker(schema, question[:500] or "cat", deep)
            for value in maker.values(maker.root, 0):
                return value
        except TooLargeError:
            continue
        except (TypeError, ValueError, AttributeError, KeyError, RecursionError, OverflowError):
            break  # an invalid schema
    raise ReplyError(400, "no value could be made for this JSON schema", param="response_format")


class _Maker(Checker):
    """Generates values for a schema and its parts, the likeliest first."""

    def __init__(self, root: Schema, text: str, deep: int) -> None:
        super().__init__(root)
        self._text = text
        self._deep = deep

    def values(self, schema: Schema, depth: int) -> Iterator[Any]:
        """Yield valid values; none if nothing can be valid."""
        for value in itertools.islice(self._guesses(schema, depth), TRIES):
            if self.fits(value, schema):
                yield value

    def _guesses(self, schema: Schema, depth: int) -> Iterator[Any]:
        self.step()
        if depth > _DEEPEST or schema is False:
            return
        flat = self._flat(schema)
        if "const" in flat:
            yield flat["const"]
        elif "enum" in flat:
            yield from flat["enum"]
        elif branches := self._branches(flat, depth):
            for branch in branches:
                yield from self._guesses(branch, depth + 1)
        else:
            kinds = [self._values_of_type(kind, flat, depth) for kind in _types(flat)]
            for kind in kinds:  # a few of each first, because "not" may exclude a whole type
                yield from itertools.islice(kind, 4)
            yield from itertools.chain(*kinds)

    def _flat(self, schema: Schema, level: int = 0) -> dict[str, Any]:
        """Return a schema with its references and ``allOf`` merged into it."""
        self.step()
        if schema is True or not isinstance(schema, dict):
            return {} if schema is True else {"enum": []}
        if level > _DEEPEST:
            return {"enum": []}
        flat = {name: value for name, value in schema.items() if name not in {"$ref", "allOf"}}
        parts = list(schema.get("allOf", ()))
        if "$ref" in schema:
            parts.append(self.resolve(schema["$ref"]))
        for part in parts:
            flat = merge(flat, self._flat(part, level + 1))
        return flat

    def _branches(self, flat: dict[str, Any], depth: int) -> list[Schema]:
        for name in ("anyOf", "oneOf"):
            if name in flat:
                rest = {key: value for key, value in flat.items() if key != name}
                options = [self._flat(option) for option in flat[name]]
                if depth > self._deep:  # prefer an end, or a recursive schema has none
                    options.sort(key=lambda one: _types(one)[0] in {"object", "array"})
                return [merge(rest, option) for option in options]
        if "if" in flat:
            rest = {key: value for key, value in flat.items() if key not in {"if", "then", "else"}}
            branch = merge(self._flat(flat["if"]), self._flat(flat.get("then", True)))
            return [merge(rest, branch), merge(rest, self._flat(flat.get("else", True)))]
        return []

    def _values_of_type(self, kind: str, flat: dict[str, Any], depth: int) -> Iterator[Any]:
        if kind == "object":
            yield from self._objects(flat, depth)
        elif kind == "array":
            yield from self._arrays(flat, depth)
        elif kind == "string":
            yield from strings(flat, self._text)
        elif kind in {"number", "integer"}:
            yield from numbers(flat, whole=kind == "integer")
        elif kind == "boolean":
            yield from (True, False)
        elif kind == "null":
            yield None

    def _objects(self, flat: dict[str, Any], depth: int) -> Iterator[Any]:
        properties = flat.get("properties", {})
        required = list(flat.get("required", ()))
        for names in (list(properties), []) if depth < self._deep else ([], list(properties)):
            yield from self._objects_with(flat, [*dict.fromkeys([*required, *names])], depth)

    def _objects_with(self, flat: dict[str, Any], names: list[str], depth: int) -> Iterator[Any]:
        required = set(flat.get("required", ()))
        for name in names:  # grows while names require other names
            others = flat.get("dependentRequired", {}).get(name, ())
            names += [other for other in others if other not in names]
            required |= set(others) if name in required else set()
        depending = flat.get("dependentSchemas", {})
        for name in [name for name in names if name in depending]:
            flat = merge(flat, self._flat(depending[name]))
            names = [*dict.fromkeys([*names, *flat.get("required", ())])]
        properties = flat.get("properties", {})
        value: dict[str, Any] = {}
        options: dict[str, Iterator[Any]] = {}
        for name in names[: flat.get("maxProperties", len(names))]:
            inner = properties.get(name, self._other(flat, name))
            options[name] = self.values(inner, depth + 1)
            try:
                value[name] = next(options[name])
            except StopIteration:
                if name in required:
                    return
        for name in self._new_names(flat):
            if len(value) >= flat.get("minProperties", 0):
                break
            if not self.fits(name, flat.get("propertyNames", True)):
                continue
            inner = properties.get(name, self._other(flat, name))
            nothing = object()
            part = next(self.values(inner, depth + 1), nothing)
            if name not in value and part is not nothing:
                value[name] = part
        yield dict(value)
        # If neighbours have to differ or agree, vary one property at a time.
        for name, more in options.items():
            for other in itertools.islice(more, 4):
                yield {**value, name: other}

    def _other(self, flat: dict[str, Any], name: str) -> Schema:
        """Return the schema of a property that ``properties`` does not name."""
        for pattern, inner in flat.get("patternProperties", {}).items():
            if self.matches(pattern, name):
                return inner
        elsewhere = any(key in flat for key in ("anyOf", "oneOf", "if"))
        if "additionalProperties" not in flat and elsewhere:
            return True  # "unevaluated…" does not apply to what those parts allow
        return flat.get("additionalProperties", flat.get("unevaluatedProperties", True))

    def _new_names(self, flat: dict[str, Any]) -> Iterator[str]:
        patterns = list(flat.get("patternProperties", {}))
        names = self._flat(flat.get("propertyNames", True))
        if "properties" in flat:
            yield from flat["properties"]
        for number in range(TRIES):
            for pattern in patterns:
                if (text := matching(pattern, number)) is not None:
                    yield from (text, f"{text}{number + 1}")
            yield from names.get("enum", ())
            if "pattern" in names and (text := matching(names["pattern"], number)) is not None:
                yield text
            yield f"name{number + 1}".ljust(names.get("minLength", 0), "_")

    def _arrays(self, flat: dict[str, Any], depth: int) -> Iterator[Any]:
        first = flat.get("prefixItems", [])
        rest = flat.get("items", flat.get("unevaluatedItems", True))
        least = max(flat.get("minItems", 0), flat.get("minContains", 0))
        usual = max(least, len(first), 1 if depth < self._deep and "items" in flat else 0)
        usual = max(usual, 1) if "contains" in flat and flat.get("minContains", 1) else usual
        for count in dict.fromkeys((min(usual, flat.get("maxItems", usual)), least)):
            if count > 1000:
                return
            value: list[Any] = []
            matches = flat.get("minContains", 1) if "contains" in flat else 0
            for number in range(count):
                inner = first[number] if number < len(first) else rest
                if count - number <= matches:
                    inner = {"allOf": [inner, flat["contains"]]}
                for one in self.values(inner, depth + 1):
                    if not flat.get("uniqueItems") or not any(same(one, two) for two in value):
                        value.append(one)
                        break
            yield value


def _types(flat: dict[str, Any]) -> list[str]:
    """Return the types to try, in order: those in ``type``, or those the keywords suggest."""
    if "enum" in flat or "const" in flat:
        return ["string"]
    types = flat.get("type")
    if isinstance(types, list):
        return types
    if isinstance(types, str):
        return [types]
    guesses = [kind for kind, names in _HINTS.items() if any(name in flat for name in names)]
    return [*guesses, *(kind for kind in _TYPES[2:] if kind not in guesses), "object", "array"]
