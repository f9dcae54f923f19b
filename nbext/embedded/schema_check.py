"""Check values against a JSON Schema with jsonschema-rs, with a limit on its work.

Draft 2020-12; formats are not checked. The limit is needed because a small schema can require 2³⁰
evaluations of one value, which no validator refuses by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_rs import Draft202012Validator

Schema = Any

_ROOT = "urn:nbext:root"  # the URN of the whole schema, for references in its parts
_DEEPEST = 60
_MOST_EVALUATIONS = 200_000
_BACKTRACKS = 20_000  # only for patterns with look-around; all others take linear time
_PATTERN_BYTES = 2**20  # of a compiled pattern
_IN_PLACE = ("not", "if", "then", "else")
_IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")


class TooLargeError(Exception):
    """The schema needs more work than a generated answer is worth."""


class Checker:
    """Checks values against one schema and its parts.

    Args:
        root: The whole schema.
        budget: The number of steps until it gives up.

    Attributes:
        root: The schema with absolute references, so that a part of it can be checked alone.
    """

    def __init__(self, root: Schema, budget: int = 40_000) -> None:
        from jsonschema_rs import Registry

        self.root = absolute(root)
        self._budget = budget
        self._registry = Registry([(_ROOT, self.root)], retriever=_refuse_to_fetch)
        self._validators: dict[int, tuple[Schema, Draft202012Validator]] = {}
        self._patterns: dict[str, Schema] = {}

    def step(self) -> None:
        """Count one step.

        Raises:
            TooLargeError: If there have been too many.
        """
        self._budget -= 1
        if self._budget < 0:
            raise TooLargeError

    def fits(self, value: Any, schema: Schema) -> bool:
        """Return whether a value is valid against the schema or a part of it.

        Raises:
            TooLargeError: If the check takes too much work.
            ValueError: If the part is not a valid schema.
        """
        self.step()
        if isinstance(schema, bool):
            return schema
        self._count_evaluations(schema, value, {})
        return self._validator(schema).is_valid(value)

    def matches(self, pattern: str, text: str) -> bool:
        """Return whether a regular expression occurs in a text."""
        return self.fits(text, self._patterns.setdefault(pattern, {"pattern": pattern}))

    def _validator(self, schema: Schema) -> Draft202012Validator:
        from jsonschema_rs import Draft202012Validator, FancyRegexOptions

        if id(schema) not in self._validators:
            self.step()
            validator = Draft202012Validator(
                schema,
                registry=self._registry,
                retriever=_refuse_to_fetch,
                validate_formats=False,
                pattern_options=FancyRegexOptions(_BACKTRACKS, _PATTERN_BYTES, _PATTERN_BYTES),
            )
            self._validators[id(schema)] = (
                schema,
                validator,
            )  # keep the schema alive: ids are reused
        return self._validators[id(schema)][1]

    def _count_evaluations(
        self, schema: Schema, value: Any, counts: dict[tuple[int, int], int]
    ) -> int:
        """Count how often a validator would evaluate a part of the schema on a part of the value.

        Each pair of parts is counted once and then looked up, so this is fast even for astronomic
        numbers.

        Raises:
            TooLargeError: If the number is too large, or infinite.
        """
        pair = id(schema), id(value)
        if pair not in counts:
            counts[pair] = _MOST_EVALUATIONS  # a recursive schema has no end
            parts = _applications(schema, value, self)
            counts[pair] = 1 + sum(self._count_evaluations(*part, counts) for part in parts)
        if counts[pair] > _MOST_EVALUATIONS:
            raise TooLargeError
        return counts[pair]

    def resolve(self, reference: Any) -> Schema:
        """Return the schema that a ``$ref`` points to; False (matches nothing) without one."""
        if not isinstance(reference, str) or not reference.startswith(f"{_ROOT}#"):
            return False
        value = self.root
        fragment = reference.removeprefix(f"{_ROOT}#")
        if fragment and not fragment.startswith("/"):
            return self._anchor(fragment, self.root, 0)
        for part in fragment[1:].split("/") if fragment else []:
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and name in value:
                value = value[name]
            elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
                value = value[int(name)]
            else:
                return False
        return value

    def _anchor(self, name: str, where: Any, depth: int) -> Schema:
        self.step()
        if depth > _DEEPEST:
            return False
        if isinstance(where, dict) and where.get("$anchor") == name:
            return where
        inner = where.values() if isinstance(where, dict) else where
        for value in inner if isinstance(where, dict | list) else ():
            if (match := self._anchor(name, value, depth + 1)) is not False:
                return match
        return False


def absolute(schema: Schema) -> Schema:
    """Return a copy of a schema with references relative to the root, and without ``$schema``.

    Example:
        >>> absolute({"$ref": "#/$defs/a", "$schema": "https://json-schema.org/draft/2020-12"})
        {'$ref': 'urn:nbext:root#/$defs/a'}
    """
    if isinstance(schema, list):
        return [absolute(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {}
    for name, value in schema.items():
        if name in {"const", "enum", "default", "examples"}:
            copy[name] = value
        elif name in {"$id", "$schema"} and isinstance(value, str):
            continue
        elif name == "$ref" and isinstance(value, str) and value.startswith("#"):
            copy[name] = _ROOT + value
        else:
            copy[name] = absolute(value)
    return copy


def _refuse_to_fetch(uri: str) -> Any:
    raise ValueError(f"{uri} is not fetched")


def _applications(schema: Schema, value: Any, checker: Checker) -> Iterator[tuple[Schema, Any]]:
    """Yield the parts of a schema that may be evaluated, each with its part of the value."""
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        yield checker.resolve(schema["$ref"]), value
    for name in _IN_PLACE_LISTS:
        for inner in schema.get(name, ()):
            yield inner, value
    for name in _IN_PLACE:
        if name in schema:
            yield schema[name], value
    for inner in schema.get("dependentSchemas", {}).values():
        yield inner, value
    if isinstance(value, dict):
        any_name = [*schema.get("patternProperties", {}).values()]
        any_name += [schema.get(f"{kind}Properties") for kind in ("additional", "unevaluated")]
        for name, part in value.items():
            yield schema.get("propertyNames"), name
            yield schema.get("properties", {}).get(name), part
            for inner in any_name:
                yield inner, part
    elif isinstance(value, list):
        first = schema.get("prefixItems", [])
        for number, part in enumerate(value):
            yield (first[number] if number < len(first) else schema.get("items")), part
            yield schema.get("contains"), part
            yield schema.get("unevaluatedItems"), part
