"""The cell that is inserted asks for what was drawn."""

from __future__ import annotations

import pytest

from nbext.magics.asking import options_of_line
from nbext.magics.parse import parse_line
from nbext.magics.parsers import drawing_parser
from nbext.magics.place import Place
from nbext.panel.code_cell import cell_of
from nbext.session.variables import escaped
from tests.sinks import picture

PROMPTS = [
    "画只猫",
    "two\nlines, and\n\na gap",
    'a fox says "{hello}" to {animal} and {{x}}',
    "%percent and 'quotes'",
]


def drawn(session, prompt, **fields):
    return session.draw(escaped(prompt), **fields)


def read(session, text, names):
    head, _, body = text.partition("\n")
    assert head.startswith("%%draw ")
    line = parse_line(drawing_parser("draw"), head.removeprefix("%%draw "))
    place = Place(names, session.settings, session.history, session.beside)
    return options_of_line("draw", line, body, place)[0]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_prompt_is_the_same_again(session, prompt):
    drawing = drawn(session, prompt)
    names = {"animal": "猫"}
    assert drawing.prompt == prompt
    assert read(session, cell_of(drawing), names).prompt == prompt


def test_the_request_is_the_same_again(session):
    asked = {
        "aspect": "2:3",
        "seed": 7,
        "system": "paint in ink",
        "params": {"number": "7", "flag": True, "deep": {"a": [1, 2]}, "word": "it's"},
        "images": [picture()],
    }
    first = drawn(session, "a cat", **asked)
    again = drawn(session, "a hat on it", images=[f"@{first.number}"])
    for drawing in (first, again):
        request = session.run(session.plan(read(session, cell_of(drawing), {})))
        assert request.fingerprint() == drawing.record.fingerprint
    assert "-i @1" in cell_of(again)
    assert "cats.draws/pictures/" in cell_of(first)
    assert cell_of(first, takes=3).startswith("%%draw gpt-4o-image -n 3 ")
