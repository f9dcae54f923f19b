"""Whether a value is valid against a JSON Schema: the check behind made-up structured answers.

Draft 2020-12, the keywords that assert something about a value; formats are not checked.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from nbext.embedded.pattern import is_safe

Schema = Any

_DEEPEST = 60
_MATCHED = 200  # characters that a pattern is tried on


class TooLargeError(Exception):
    """The schema needs more work than a made-up answer is worth."""


class Checker:
    """Checks values against the parts of one schema.

    Args:
        root: The whole schema, that references start from.
        budget: Steps until it gives up.
    """

    def __init__(self, root: Schema, budget: int = 40_000) -> None:
        self.root = root
        self.budget = budget

    def step(self) -> None:
        """Count one step.

        Raises:
            TooLargeError: If there have been too many.
        """
        self.budget -= 1
        if self.budget < 0:
            raise TooLargeError

    def resolve(self, reference: Any) -> Schema:
        """The schema that a ``$ref`` points to; False, that nothing fits, where there is none."""
        if not isinstance(reference, str) or not reference.startswith("#"):
            return False
        value = self.root
        if reference[1:] and not reference.startswith("#/"):
            return self._anchor(reference[1:], self.root, 0)
        for part in reference[2:].split("/") if reference != "#" else []:
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
            if (found := self._anchor(name, value, depth + 1)) is not False:
                return found
        return False

    def fits(self, value: Any, schema: Schema, depth: int = 0) -> bool:
        """Whether a value is valid."""
        self.step()
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return False
        if "$ref" in schema and not self.fits(value, self.resolve(schema["$ref"]), depth + 1):
            return False
        if "enum" in schema and not any(same(value, one) for one in schema["enum"]):
            return False
        if "const" in schema and not same(value, schema["const"]):
            return False
        if not has_type(value, schema.get("type")):
            return False
        if not self._logic(value, schema, depth + 1):
            return False
        if isinstance(value, str):
            return _string(value, schema)
        if isinstance(value, dict):
            return self._object(value, schema, depth + 1)
        if isinstance(value, list):
            return self._array(value, schema, depth + 1)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _number(value, schema)
        return True

    def _logic(self, value: Any, schema: dict[str, Any], depth: int) -> bool:
        for name, right in (("allOf", all), ("anyOf", any)):
            if name in schema and not right(self.fits(value, one, depth) for one in schema[name]):
                return False
        if "oneOf" in schema and sum(self.fits(value, one, depth) for one in schema["oneOf"]) != 1:
            return False
        if "not" in schema and self.fits(value, schema["not"], depth):
            return False
        if "if" in schema:
            branch = "then" if self.fits(value, schema["if"], depth) else "else"
            return branch not in schema or self.fits(value, schema[branch], depth)
        return True

    def _object(self, value: dict[str, Any], schema: dict[str, Any], depth: int) -> bool:
        if any(name not in value for name in schema.get("required", ())):
            return False
        if not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", 1e9):
            return False
        for name, needed in schema.get("dependentRequired", {}).items():
            if name in value and any(other not in value for other in needed):
                return False
        for name, inner in schema.get("dependentSchemas", {}).items():
            if name in value and not self.fits(value, inner, depth):
                return False
        properties = schema.get("properties", {})
        patterns = schema.get("patternProperties", {})
        others = schema.get("additionalProperties", schema.get("unevaluatedProperties", True))
        for name, one in value.items():
            if not self.fits(name, schema.get("propertyNames", True), depth):
                return False
            inner = [properties[name]] if name in properties else []
            inner += [sub for pattern, sub in patterns.items() if finds(pattern, name)]
            if not inner and ("additionalProperties" in schema or not known_elsewhere(schema)):
                inner = [others]
            if not all(self.fits(one, sub, depth) for sub in inner):
                return False
        return True

    def _array(self, value: list[Any], schema: dict[str, Any], depth: int) -> bool:
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 1e9):
            return False
        if schema.get("uniqueItems") and any(
            same(a, b) for i, a in enumerate(value) for b in value[:i]
        ):
            return False
        first = schema.get("prefixItems", [])
        rest = schema.get("items", schema.get("unevaluatedItems", True))
        for number, one in enumerate(value):
            if not self.fits(one, first[number] if number < len(first) else rest, depth):
                return False
        if "contains" in schema:
            hits = sum(self.fits(one, schema["contains"], depth) for one in value)
            return bool(schema.get("minContains", 1) <= hits <= schema.get("maxContains", 1e9))
        return True


def known_elsewhere(schema: dict[str, Any]) -> bool:
    """Whether other parts of a schema may allow properties that ``unevaluated…`` does not see."""
    return any(name in schema for name in ("allOf", "anyOf", "oneOf", "$ref", "if"))


def same(a: Any, b: Any) -> bool:
    """Equality as JSON has it: true is not 1, and 1.0 is 1."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    return bool(a == b)


def has_type(value: Any, types: Any) -> bool:
    """Whether a value is of one of the named types."""
    if types is None:
        return True
    names = types if isinstance(types, list) else [types]
    own = {
        "null": value is None,
        "boolean": isinstance(value, bool),
        "string": isinstance(value, str),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "integer": not isinstance(value, bool)
        and (isinstance(value, int) or (isinstance(value, float) and value.is_integer())),
    }
    return any(own.get(name, False) for name in names if isinstance(name, str))


def _string(value: str, schema: dict[str, Any]) -> bool:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 1e9):
        return False
    return "pattern" not in schema or finds(schema["pattern"], value, unsure=True)


def finds(pattern: str, text: str, *, unsure: bool = False) -> bool:
    """Whether a pattern is in a text; ``unsure`` where finding out could take too long."""
    if len(text) > _MATCHED or not is_safe(pattern):
        return unsure
    return re.search(pattern, text) is not None


def _number(value: float, schema: dict[str, Any]) -> bool:
    if value < schema.get("minimum", value) or value > schema.get("maximum", value):
        return False
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        return False
    if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
        return False
    if step := schema.get("multipleOf"):
        return bool(abs(value / step - round(value / step)) < 1e-9)
    return True
