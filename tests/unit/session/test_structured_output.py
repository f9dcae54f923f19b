"""The structure of an answer: any type that has a schema, as the API takes it."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import Literal

import msgspec
import pytest

from nbext.errors import BadRequestError, OptionError
from nbext.session.structured_output import ResponseSchema

pydantic = pytest.importorskip("pydantic")


class Coat(enum.Enum):
    red = "red"
    black = "black"


class Cat(pydantic.BaseModel):
    name: str
    coat: Coat = Coat.red


@dataclass
class Home:
    cat: Cat
    rooms: int = 1


class Tree(msgspec.Struct):
    name: str
    branches: list[Tree] = []


@pytest.mark.parametrize(
    ("shape", "answer", "value"),
    [
        (Home, '{"cat": {"name": "Mo"}, "rooms": 2}', Home(Cat(name="Mo"), 2)),
        (Tree, '{"name": "a", "branches": [{"name": "b"}]}', Tree("a", [Tree("b")])),
        (dict[str, int], '{"a": 1}', {"a": 1}),
        (list[int], '{"value": [1, 2]}', [1, 2]),
        (list[int], "[1, 2]", [1, 2]),
        (list[Cat], '{"value": [{"name": "Mo", "coat": "black"}]}', [Cat(name="Mo", coat="black")]),
        (Coat, '{"value": "black"}', Coat.black),
        (Literal["yes", "no"], '{"value": "no"}', "no"),
        (Cat | None, '{"value": null}', None),
        (bool, '```json\n{"value": true}\n```', True),
    ],
)
def test_the_schema_is_an_object_and_the_answer_becomes_the_type(shape, answer, value):
    schema = ResponseSchema(shape)
    sent = schema.response_format()["json_schema"]["schema"]
    assert sent["type"] == "object"
    wanted = set(json.dumps(sent).split("#/$defs/")[1:])
    assert {name.partition('"')[0] for name in wanted} <= set(sent.get("$defs", {}))
    assert schema.read(answer) == value


def test_an_error_names_the_field():
    with pytest.raises(BadRequestError, match="name: Field required"):
        ResponseSchema(list[Cat]).read('{"value": [{}]}')


@pytest.mark.parametrize("shape", [3, "Cat", print, object, complex])
def test_what_has_no_schema_is_refused_without_jargon(shape):
    with pytest.raises(OptionError) as caught:
        ResponseSchema(shape)
    assert "does not describe a structure" in str(caught.value)
    assert "\n" not in str(caught.value)
