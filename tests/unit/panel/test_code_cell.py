"""The cell that is inserted asks for what was drawn."""

from __future__ import annotations

import pytest

from nbext.magics.draw import request_options
from nbext.magics.parse import drawing_parser, fill_in, parse_line
from nbext.panel.code_cell import cell_of
from tests.sinks import picture

PROMPTS = [
    "画只猫",
    "two\nlines, and\n\na gap",
    'a fox says "{hello}" to {animal} and {{x}}',
    "%percent and 'quotes'",
]


def drawn(session, prompt, **fields):
    return session.draw(prompt, **fields)


def read(text, names):
    head, _, body = text.partition("\n")
    assert head.startswith("%%draw ")
    options = parse_line(drawing_parser("draw"), head.removeprefix("%%draw "))
    return fill_in(body, names), request_options(options)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_prompt_is_the_same_again(session, prompt):
    drawing = drawn(session, prompt)
    names = {"animal": "猫"}
    assert read(cell_of(drawing, names=names), names)[0] == prompt


def test_the_request_is_the_same_again(session):
    asked = {
        "aspect": "2:3",
        "seed": 7,
        "system": "paint in ink",
        "extra": {"number": "7", "flag": True, "deep": {"a": [1, 2]}, "word": "it's"},
        "images": [picture()],
    }
    first = drawn(session, "a cat", **asked)
    again = drawn(session, "a hat on it", images=[f"@{first.number}"])
    for drawing in (first, again):
        prompt, options = read(cell_of(drawing), {})
        request = session.run(session.request(prompt, **options))
        assert request.fingerprint() == drawing.record.fingerprint
    assert "-i @1" in cell_of(again)
    assert "cats.draws/pictures/" in cell_of(first)
    assert cell_of(first, takes=3).startswith("%%draw gpt-4o-image -n 3 ")
