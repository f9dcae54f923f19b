"""Structured output: create a schema from a Python type, and parse an answer by it.

The wire form is OpenAI's ``response_format: {"type": "json_schema", …}`` (structured outputs
guide). Its strict form requires every property and forbids others.
"""

from __future__ import annotations

import json
import re
from typing import Any, get_origin

import msgspec

from nbext.errors import BadRequestError, OptionError
from nbext.messages.say import phrase


class ResponseSchema:
    """The required form of an answer.

    Args:
        shape: A JSON schema (a dict), or a dataclass, a msgspec struct, a TypedDict or a pydantic
            model; also ``list[Cat]``, ``bool``, an enum … of these, which the request wraps in an
            object, because the API accepts nothing else.

    Raises:
        OptionError: It is none of these.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass
        ... class Cat:
        ...     name: str
        ...     lives: int
        >>> ResponseSchema(Cat).read('{"name": "Mimi", "lives": 9}')
        Cat(name='Mimi', lives=9)
        >>> ResponseSchema(list[Cat]).read('{"value": [{"name": "Mimi", "lives": 9}]}')
        [Cat(name='Mimi', lives=9)]
    """

    def __init__(self, shape: Any) -> None:
        self.shape = shape
        try:
            name, self.schema = _described(shape)
        except (TypeError, NameError, ValueError, KeyError, AttributeError) as error:
            raise _no_schema(shape, f": {error}") from None
        except Exception as error:  # noqa: BLE001 -- from a model's own schema method
            raise _no_schema(shape, f": {type(error).__name__}") from None
        if not isinstance(self.schema, dict) or not isinstance(name, str):
            raise _no_schema(shape)
        self.name = _wire_name(name)
        self._wrapped = not isinstance(shape, dict) and self.schema.get("type") != "object"
        if self._wrapped:
            self.schema = _wrapped(self.schema)
        _validator(self.schema)

    def response_format(self) -> dict[str, Any]:
        """Return it as the ``response_format`` of a chat request."""
        return {
            "type": "json_schema",
            "json_schema": {"name": self.name, "strict": True, "schema": strict(self.schema)},
        }

    def text_format(self) -> dict[str, Any]:
        """Return it as the ``text.format`` of a Responses request."""
        return {
            "type": "json_schema",
            "name": self.name,
            "strict": True,
            "schema": strict(self.schema),
        }

    def read(self, text: str) -> Any:
        """Parse an answer; models wrap JSON in fences, and some ignore the schema.

        Returns:
            An instance of the shape; plain JSON values for a JSON schema.

        Raises:
            BadRequestError: The answer is not JSON, or has another shape; ``.body`` holds it.
        """
        bare = _unfenced(text)
        try:
            if isinstance(self.shape, dict):
                return _validated(json.loads(bare), self.schema)
            if hasattr(self.shape, "model_validate_json"):
                return self.shape.model_validate_json(bare)
            value = json.loads(bare)
            if self._wrapped and isinstance(value, dict) and _VALUE in value:
                value = value[_VALUE]
            return msgspec.convert(value, self.shape, dec_hook=_instance)
        except (ValueError, msgspec.MsgspecError) as error:
            raise BadRequestError(
                phrase("session.wrong_shape", name=self.name, reason=_reason(error)),
                remedy=phrase("session.keep_to_schema"),
                body=text[:4096],
            ) from None


def _reason(error: Exception) -> str:
    """Say in one line what is wrong with an answer."""
    for each in (error, error.__cause__):
        details = getattr(each, "errors", None)  # of pydantic, whose first line only counts them
        if callable(details) and (first := next(iter(details()), None)):
            return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error).splitlines()[0]


def _no_schema(shape: Any, why: str = "") -> OptionError:
    text = shape.__qualname__ if isinstance(shape, type) else repr(shape)
    return OptionError(
        phrase("session.not_a_schema", text=text[:80], value="…" * (len(text) > 80), why=why),
        remedy=phrase("session.schema_kinds"),
    )


def _described(shape: Any) -> tuple[Any, Any]:
    """Return the name and the JSON schema of a shape.

    Raises:
        TypeError: It does not describe a shape.
    """
    if isinstance(shape, dict):
        inner = shape.get("json_schema", shape)
        name = inner.get("title") or inner.get("name") or "answer"
        return name, inner["schema"] if inner is not shape else shape.get("schema", shape)
    name = getattr(shape, "__name__", "answer")
    if hasattr(shape, "model_json_schema"):
        return name, shape.model_json_schema()
    if not isinstance(shape, type) and get_origin(shape) is None:
        raise TypeError(phrase("session.no_shape"))
    return name, rooted(_hoisted(msgspec.json.schema(shape, schema_hook=_schema_of_model)))


# The key of a value that is no object.
_VALUE = "value"


def rooted(schema: dict[str, Any]) -> dict[str, Any]:
    """Put the object that a schema only refers to at its root, where APIs look for its type.

    Example:
        >>> rooted({"$ref": "#/$defs/Cat", "$defs": {"Cat": {"type": "object"}}})
        {'type': 'object'}
    """
    definitions = dict(schema.get("$defs", {}))
    name = schema.get("$ref", "").rpartition("/")[2]
    if name not in definitions:
        return schema
    root: dict[str, Any] = dict(definitions[name])
    if f'"#/$defs/{name}"' not in json.dumps(definitions):
        del definitions[name]
    return root | ({"$defs": definitions} if definitions else {})


def _wrapped(schema: dict[str, Any]) -> dict[str, Any]:
    """Make a schema the only property of an object."""
    inner = dict(schema)
    definitions = inner.pop("$defs", {})
    outer = {"type": "object", "properties": {_VALUE: inner}, "required": [_VALUE]}
    return outer | ({"$defs": definitions} if definitions else {})


def _schema_of_model(shape: type) -> dict[str, Any]:
    """Return the schema of a pydantic model inside another type."""
    if not hasattr(shape, "model_json_schema"):
        raise TypeError(phrase("session.no_shape"))
    return dict(shape.model_json_schema())


def _instance(shape: type, value: Any) -> Any:
    """Build a pydantic model inside another type."""
    validate = getattr(shape, "model_validate", None)
    if validate is None:
        raise NotImplementedError
    return validate(value)


def _hoisted(schema: dict[str, Any]) -> dict[str, Any]:
    """Move the definitions of inner schemas to the top, where their references look for them."""
    definitions: dict[str, Any] = {}

    def plain(part: Any) -> Any:
        if isinstance(part, list):
            return [plain(item) for item in part]
        if not isinstance(part, dict):
            return part
        inner = {key: plain(value) for key, value in part.items() if key != "$defs"}
        for name, definition in part.get("$defs", {}).items():
            definitions[name] = plain(definition)
        return inner

    top: dict[str, Any] = plain(schema)
    return top | ({"$defs": definitions} if definitions else {})


def _wire_name(text: str) -> str:
    """Convert a name to the 64 characters that the API allows."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", text)[:64] or "answer"


def _unfenced(text: str) -> str:
    match = re.search(r"```(?:json)?\s*\n(.*?)\n?```", text, re.DOTALL)
    bare = (match[1] if match else text).strip()
    # Words around an object: "Here it is: {…} I hope it helps."
    inside = re.search(r"\{.*\}", bare, re.DOTALL) if bare[:1] not in ("{", "[", '"') else None
    return inside[0] if inside else bare


def _validated(value: Any, schema: dict[str, Any]) -> Any:
    import jsonschema_rs

    try:
        _validator(schema).validate(value)
    except jsonschema_rs.ValidationError as error:
        where = "".join(f"[{step!r}]" for step in error.instance_path)
        raise ValueError(f"{where}: {error.message}" if where else error.message) from None
    return value


def _validator(schema: dict[str, Any]) -> Any:
    """Compile a schema.

    Raises:
        OptionError: It is invalid.
    """
    import jsonschema_rs

    try:
        return jsonschema_rs.validator_for(schema, retriever=_nothing_is_fetched)
    except ValueError as error:
        why = getattr(error, "message", "") or str(error)
        raise OptionError(phrase("session.invalid_schema", why=why)) from None


def _nothing_is_fetched(uri: str) -> Any:
    raise ValueError(phrase("session.outside_schema", uri=uri))


def strict(schema: Any) -> Any:
    """Close every object: require all its properties and forbid others, as the strict form does.

    Example:
        >>> strict({"type": "object", "properties": {"a": {"type": "string"}}})["required"]
        ['a']
    """
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(value) for key, value in schema.items() if key != "default"}
    properties = closed.get("properties")
    if closed.get("type") == "object" and isinstance(properties, dict):
        closed["required"] = list(properties)
        closed["additionalProperties"] = False
    return closed
