"""Merge two JSON Schemas into one that requires what both require."""

from __future__ import annotations

from typing import Any

_MOST_BRANCHES = 40

_LARGEST = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"}
_SMALLEST = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"}


def merge(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that requires what both require, if their keywords can be merged."""
    merged = dict(a)
    for name, value in b.items():
        if name not in merged or same(merged[name], value):
            merged[name] = value
            continue
        mine = merged[name]
        if name == "properties":
            both = {key: {"allOf": [mine[key], value[key]]} for key in mine if key in value}
            merged[name] = {**mine, **value, **both}
        elif name == "required":
            merged[name] = [*dict.fromkeys([*mine, *value])]
        elif name == "enum":
            merged[name] = [one for one in mine if any(same(one, two) for two in value)]
        elif name == "type":
            merged[name] = _common(mine, value)
        elif name in _LARGEST:
            merged[name] = max(mine, value)
        elif name in _SMALLEST:
            merged[name] = min(mine, value)
        elif name in {"items", "additionalProperties", "contains", "propertyNames"}:
            merged[name] = {"allOf": [mine, value]}
        elif name in {"anyOf", "oneOf"}:
            merged[name] = [{"allOf": [x, y]} for x in mine for y in value][:_MOST_BRANCHES]
        elif isinstance(mine, dict) and isinstance(value, dict):
            merged[name] = {**mine, **value}
    return merged


def _common(a: Any, b: Any) -> list[str]:
    mine, other = ([one] if isinstance(one, str) else list(one) for one in (a, b))
    common = [kind for kind in mine if kind in other]
    if "integer" in (*mine, *other) and "number" in (*mine, *other) and "integer" not in common:
        common.append("integer")
    return common or ["nothing"]


def same(a: Any, b: Any) -> bool:
    """Return whether two JSON values are equal: true is not 1, and 1.0 is 1."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    return bool(a == b)
