"""Made-up structured answers: valid against any schema, by the judgement of another validator."""

from __future__ import annotations

import contextlib
import json
import re

import jsonschema
import pytest

from nbext.embedded.errors import ReplyError
from nbext.embedded.pattern import matching
from nbext.embedded.structured import instance

NODE = {
    "type": "object",
    "properties": {
        "value": {"type": "integer"},
        "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
    },
    "required": ["value", "next"],
    "additionalProperties": False,
}
SCHEMAS = [
    True,
    {},
    {"type": "string"},
    {"type": ["integer", "null"]},
    {"enum": [3, "x"]},
    {"const": {"a": [1]}},
    {"type": "string", "minLength": 40, "maxLength": 41},
    {"type": "string", "maxLength": 0},
    {"type": "string", "maxLength": 1},
    {"type": "string", "pattern": r"^[A-Z]{3}-\d{2,4}(x|y)?$"},
    {"type": "string", "pattern": r"^\d+$", "minLength": 12},
    {"type": "string", "pattern": "^(a+)+$"},
    {"type": "string", "pattern": r"^[^\s@]+@[^\s@]+\.[a-z]{2,}$"},
    {"type": "string", "pattern": "cat", "minLength": 3},
    *(
        {"type": "string", "format": name}
        for name in ("date-time", "date", "uuid", "email", "ipv6")
    ),
    {"type": "integer", "minimum": 5, "maximum": 5},
    {"type": "integer", "exclusiveMinimum": 5, "multipleOf": 7},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.01},
    {"type": "number", "minimum": -10, "maximum": -5},
    {"type": "number", "multipleOf": 0.25, "minimum": 0.3},
    {"type": "integer", "maximum": -100},
    {"type": "array", "minItems": 5, "uniqueItems": True, "items": {"type": "string"}},
    {"type": "array", "minItems": 3, "uniqueItems": True, "items": {"enum": [1, 2, 3]}},
    {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"type": "boolean"}},
    {
        "type": "array",
        "minItems": 3,
        "uniqueItems": True,
        "items": {
            "type": "object",
            "properties": {"a": {"type": "integer"}},
            "required": ["a"],
        },
    },
    {"type": "array", "items": {"type": "string", "pattern": "^[a-z]{2}$"}, "minItems": 4},
    {"prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False, "type": "array"},
    {"type": "array", "contains": {"const": 7}, "minContains": 2},
    {"type": "array", "maxItems": 0, "items": {"type": "string"}},
    {"anyOf": [False, {"type": "integer"}]},
    {"oneOf": [{"type": "integer"}, {"type": "integer", "minimum": 5}]},
    {"oneOf": [{"type": "number", "multipleOf": 2}, {"type": "number", "multipleOf": 3}]},
    {"allOf": [{"type": "string", "minLength": 3}, {"type": "string", "maxLength": 4}]},
    {"allOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}, {"type": "object"}]},
    {"type": "integer", "not": {"const": 1}},
    {"not": {"type": "string"}},
    {"$ref": "#/$defs/node", "$defs": {"node": NODE}},
    {"$defs": {"a/b~c": {"type": "boolean"}}, "$ref": "#/$defs/a~1b~0c"},
    {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#"}}},
        "required": ["children"],
    },
    {
        "type": "object",
        "properties": {f"p{i}": {"$ref": "#"} for i in range(8)},
    },
    {
        "type": "object",
        "properties": {"kind": {"const": "a"}, "x": {"type": "integer"}},
        "if": {"properties": {"kind": {"const": "a"}}},
        "then": {"required": ["x", "kind"]},
        "else": {"required": ["y"]},
    },
    {"type": "object", "minProperties": 3, "additionalProperties": {"type": "integer"}},
    {
        "type": "object",
        "patternProperties": {"^n_": {"type": "integer"}},
        "additionalProperties": False,
        "minProperties": 2,
    },
    {"type": "object", "propertyNames": {"pattern": "^[A-Z]+$"}, "minProperties": 2},
    {"type": "object", "propertyNames": {"enum": ["a", "b"]}, "minProperties": 2},
    {"type": "object", "required": ["unnamed"], "properties": {"a": {"type": "null"}}},
    {
        "type": "object",
        "properties": {"card": {"type": "string"}, "address": {"type": "string"}},
        "required": ["card"],
        "dependentRequired": {"card": ["address"]},
    },
    {
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "required": ["a"],
        "dependentSchemas": {"a": {"properties": {"b": {"minimum": 10}}, "required": ["b"]}},
        "type": "object",
    },
    {"type": "object", "maxProperties": 1, "properties": {"a": {}, "b": {}}},
    {
        "allOf": [{"$ref": "#/$defs/base"}],
        "$defs": {"base": {"type": "object", "properties": {"id": {"type": "integer"}}}},
        "properties": {"name": {"type": "string"}},
        "required": ["id", "name"],
        "unevaluatedProperties": False,
    },
    {
        "anyOf": [
            {
                "type": "object",
                "properties": {"kind": {"enum": ["cat"]}, "lives": {"type": "integer"}},
                "required": ["kind", "lives"],
                "additionalProperties": False,
            },
            {"type": "object", "properties": {"kind": {"enum": ["dog"]}}, "required": ["kind"]},
        ]
    },
    {"type": "object", "properties": {"a": {"type": "string", "description": "画只猫"}}},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=range(len(SCHEMAS)))
def test_a_value_is_valid_and_always_the_same(schema):
    value = instance(schema, "画只猫")
    jsonschema.Draft202012Validator(schema).validate(value)
    assert json.loads(json.dumps(value)) == value
    assert instance(schema, "画只猫") == value


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"enum": []},
        {"type": "integer", "minimum": 2, "maximum": 1},
        {"type": "string", "minLength": 2, "maxLength": 1},
        {"$ref": "#/nowhere"},
        {"$ref": "#"},
        {"allOf": [{"type": "string"}, {"type": "integer"}]},
        {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}},
        {"type": "array", "minItems": 3, "uniqueItems": True, "items": {"type": "boolean"}},
        {"type": "wrong"},
        {"type": "object", "properties": [1]},
        {"type": "string", "pattern": "("},
        {"type": "string", "minLength": "x"},
    ],
)
def test_what_nothing_fits_is_refused(schema):
    with pytest.raises(ReplyError):
        instance(schema)


def test_hostile_schemas_come_to_an_end():
    wide = {"anyOf": [{"$ref": "#"}] * 50}
    deep = {"type": "string"}
    for _ in range(300):
        deep = {"type": "object", "properties": {"a": deep}, "required": ["a"]}
    twice = {"allOf": [{"$ref": "#/$defs/a0"}], "$defs": {}}
    for i in range(30):
        twice["$defs"][f"a{i}"] = {"allOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2}
    huge = {"type": "array", "minItems": 10**9, "items": {}}
    long = {"type": "string", "pattern": "((a{1000}){1000}){1000}"}
    slow = {"enum": ["a" * 60 + "b", "aa"], "pattern": "^(a+)+$", "type": "string"}
    names = {"type": "object", "patternProperties": {"(x+)+y": {}}, "required": ["x" * 60]}
    # Each would take years where its choices are tried one by one.
    for schema in (wide, deep, twice, huge, long, slow, names):
        with contextlib.suppress(ReplyError):
            instance(schema)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^a$",
        r"^\w{3,8}$",
        r"^(?:ab|cd)+\s?$",
        r"(?P<x>a)(?P=x)",
        r"^[^a-y]$",
        r"^.{2}$",
        r"^\D\S\W$",
    ],
)
@pytest.mark.parametrize("variant", range(5))
def test_made_strings_match_their_pattern(pattern, variant):
    assert re.search(pattern, matching(pattern, variant))


@pytest.mark.parametrize(
    "pattern", ["(a*)*", "(a|b+)+c", "a*a*a*a*", "(?=x)x", "^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$"]
)
def test_patterns_that_repeat_or_look_around_get_a_value_too(pattern):
    value = instance({"type": "string", "pattern": pattern, "minLength": 1})
    assert re.search(pattern, value)


@pytest.mark.parametrize("word", ["oneOf", "anyOf", "allOf"])
def test_a_schema_that_asks_for_astronomic_work_is_refused_at_once(word):
    schema = {"$ref": "#/$defs/a0", "$defs": {"a40": {"type": "integer"}}}
    for number in range(40):
        part = {"$ref": f"#/$defs/a{number + 1}"}
        schema["$defs"][f"a{number}"] = {word: [part, part]}
    with contextlib.suppress(ReplyError):  # without a bound it would take years
        assert instance(schema) == 1


@pytest.mark.parametrize(
    "address", ["https://example.com/x.json", "file:///etc/passwd", "other#/a"]
)
def test_a_schema_from_elsewhere_is_not_fetched(address):
    with pytest.raises(ReplyError):
        instance({"$ref": address})


def test_a_schema_may_name_itself_and_its_dialect():
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://example.com/cat.json",
        "type": "object",
        "properties": {"$ref": {"type": "string"}, "lives": {"$ref": "#/$defs/n"}},
        "required": ["$ref", "lives"],
        "$defs": {"n": {"type": "integer", "minimum": 9}},
    }
    assert instance(schema, "x") == {"$ref": "x", "lives": 9}
