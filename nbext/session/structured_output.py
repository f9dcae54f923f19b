"""Structured output: a schema from anything that describes a shape, and an answer read by it.

The wire form is OpenAI's ``response_format: {"type": "json_schema", …}`` (structured outputs
guide), whose strict form wants every property required and no others.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import msgspec

from nbext.errors import BadRequestError, OptionError


class ResponseSchema:
    """What an answer must look like.

    Args:
        given: A JSON schema (a dict), or a dataclass, a msgspec struct, a TypedDict or a pydantic
            model.

    Raises:
        OptionError: It is none of these.

    Example:
        >>> import dataclasses
        >>> @dataclasses.dataclass
        ... class Cat:
        ...     name: str
        ...     lives: int
        >>> ResponseSchema(Cat).read('{"name": "Mimi", "lives": 9}')
        Cat(name='Mimi', lives=9)
    """

    def __init__(self, given: Any) -> None:
        self.given = given
        if isinstance(given, dict):
            self.name = _name(given.get("title") or given.get("name") or "answer")
            self.schema = (
                given.get("schema", given)
                if "json_schema" not in given
                else given["json_schema"]["schema"]
            )
        elif isinstance(given, type) and hasattr(given, "model_json_schema"):
            self.name, self.schema = _name(given.__name__), given.model_json_schema()
        elif _is_described(given):
            self.name = _name(given.__name__)
            self.schema = msgspec.json.schema(given)
        else:
            raise OptionError(
                f"{given!r} is no schema.",
                remedy="Give a JSON schema, a dataclass, a msgspec struct or a pydantic model.",
            )

    def response_format(self) -> dict[str, Any]:
        """Write it as the ``response_format`` of a chat request."""
        return {
            "type": "json_schema",
            "json_schema": {"name": self.name, "strict": True, "schema": strict(self.schema)},
        }

    def text_format(self) -> dict[str, Any]:
        """Write it as the ``text.format`` of a Responses request."""
        return {
            "type": "json_schema",
            "name": self.name,
            "strict": True,
            "schema": strict(self.schema),
        }

    def read(self, text: str) -> Any:
        """Read an answer; models wrap JSON in fences, and some ignore the schema.

        Returns:
            An instance of what was given; plain JSON values for a JSON schema.

        Raises:
            BadRequestError: The answer is no JSON, or not of this shape; ``.body`` holds it.
        """
        bare = _unfenced(text)
        try:
            if isinstance(self.given, dict):
                return _validated(json.loads(bare), self.schema)
            if hasattr(self.given, "model_validate_json"):
                return self.given.model_validate_json(bare)
            return msgspec.json.decode(bare.encode(), type=self.given)
        except (ValueError, msgspec.MsgspecError) as error:
            raise BadRequestError(
                f"The answer is not of the shape {self.name}: {str(error).splitlines()[0]}.",
                remedy="Ask again, or take a model that keeps to schemas.",
                body=text[:4096],
            ) from None


def _is_described(given: Any) -> bool:
    if not isinstance(given, type):
        return False
    return (
        dataclasses.is_dataclass(given)
        or issubclass(given, msgspec.Struct)
        or hasattr(given, "__annotations__")
    )


def _name(text: str) -> str:
    """Keep to the 64 characters that the wire allows."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", text)[:64] or "answer"


def _unfenced(text: str) -> str:
    match = re.search(r"```(?:json)?\s*\n(.*?)\n?```", text, re.DOTALL)
    return (match[1] if match else text).strip()


def _validated(value: Any, schema: dict[str, Any]) -> Any:
    import jsonschema_rs

    try:
        validator = jsonschema_rs.validator_for(schema, retriever=_nothing_is_fetched)
    except ValueError as error:
        said = getattr(error, "message", "") or str(error)
        raise OptionError(f"The schema is none: {said}.") from None
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        where = "".join(f"[{step!r}]" for step in error.instance_path)
        raise ValueError(f"{where}: {error.message}" if where else error.message) from None
    return value


def _nothing_is_fetched(uri: str) -> Any:
    raise ValueError(f"{uri} is not in it, and nothing is fetched")


def strict(schema: Any) -> Any:
    """Close every object: all its properties required, no others, as the strict form wants.

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
