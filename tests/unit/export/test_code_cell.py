"""A record as what asks for its drawing again: the same request comes of it."""

from __future__ import annotations

import ast

import pytest

from nbext.data.lineage import Lineage
from nbext.data.picture import PictureInfo
from nbext.data.record import Record, ReferenceInfo
from nbext.export.code.cell import cell_text, step_text
from nbext.magics.parse import parse_line
from nbext.magics.parsers import drawing_parser

CAT = PictureInfo(sha256="c" * 64, media_type="image/png", size=1)
HAT = PictureInfo(sha256="d" * 64, media_type="image/png", size=1)
FIRST = Record(type="drawing", id="a", number=1, model="m", prompt="画只猫", pictures=[CAT, HAT])


def edit(**fields):
    fields = {"prompt": "加一顶帽子", "model": "m"} | fields
    return Record(type="drawing", id="b", number=2, **fields)


def options(text):
    line, _, prompt = text.partition("\n")
    return parse_line(drawing_parser("draw"), line.removeprefix("%%draw")), prompt


def call(step):
    """A step as Python reads it: its function, the prompt and the named arguments, as source."""
    (statement,) = ast.parse(step).body
    assert isinstance(statement, ast.Assign)
    named = {word.arg: ast.unparse(word.value) for word in statement.value.keywords}
    return ast.unparse(statement.value.func), ast.literal_eval(statement.value.args[0]), named


def test_the_cell_asks_the_same():
    record = edit(
        model="a model",
        parameters={"aspect": "2:3", "seed": 7, "style": "true", "n": 2, "deep": {"a": [1]}}
        | {"tone": "[ink", "frame": "{none}"},
        system="be\nbrief",
        references=[
            ReferenceInfo(sha256="d" * 64, source="cat", drawing="a"),
            ReferenceInfo(sha256="e" * 64, source="my hat.png"),
        ],
        mask=ReferenceInfo(sha256="c" * 64, drawing="a"),
        continues="a",
    )
    asked, prompt = options(cell_text(record, Lineage([FIRST])))
    assert prompt == "加一顶帽子"
    assert (asked.model, asked.aspect, asked.seed) == ("a model", "2:3", 7)
    texts = {"style": "true", "tone": "[ink", "frame": "{none}"}
    assert asked.params == texts | {"n": 2, "deep": {"a": [1]}}
    assert asked.system == "be brief"
    # As the history calls them, not as a variable that another notebook does not have.
    assert asked.images == ("@1.2", "my hat.png")
    assert asked.mask == "@1"
    assert asked.continues == "@1"


def test_a_step_names_the_steps_before_it():
    record = edit(
        references=[
            ReferenceInfo(sha256="c" * 64, source="@1", drawing="a"),
            ReferenceInfo(sha256="d" * 64, source="@1.2", drawing="a"),
            ReferenceInfo(sha256="e" * 64, source="Image"),
        ],
        parameters={"aspect": "2:3", "stream": False},
        continues="a",
    )
    step = step_text(record, Lineage([FIRST]))
    assert step.startswith("# 'Image.png' is the picture with sha256 '" + "e" * 64)
    verb, prompt, named = call(step)
    assert (verb, prompt) == ("nbext.draw", "加一顶帽子")
    assert named == {
        "model": "'m'",
        "images": "[d1, d1.pictures[1], 'Image.png']",
        "aspect": "'2:3'",
        "params": "{'stream': False}",
        "continues": "d1",
    }


@pytest.mark.parametrize(
    ("kind", "parameters", "verb", "named"),
    [
        ("chat", {"seed": 3}, "nbext.chat", {"params": "{'seed': 3}"}),
        ("complete", {"max_tokens": 4}, "nbext.complete", {"params": "{'max_tokens': 4}"}),
        (
            "video",
            {"size": "1280x720", "seconds": "4"},
            "nbext.video",
            {"size": "'1280x720'", "params": "{'seconds': '4'}"},
        ),
    ],
)
def test_each_kind_has_its_verb(kind, parameters, verb, named):
    found = call(step_text(edit(kind=kind, model="", parameters=parameters)))
    assert (found[0], found[2]) == (verb, named)


@pytest.mark.parametrize(
    "hostile",
    ["'); import os; os.abort()  #", 'a"""\n\\', "a\u2028b\u202ec\x00\ud800", "%%bash\nrm -r ~"],
)
def test_a_step_stays_one_call_whatever_a_record_says(hostile):
    record = edit(
        prompt=hostile,
        model=hostile,
        system=hostile,
        parameters={hostile: [hostile]},
        references=[ReferenceInfo(sha256=hostile, source=hostile)],
    )
    verb, prompt, named = call(step_text(record))
    assert (verb, prompt, ast.literal_eval(named["model"])) == ("nbext.draw", hostile, hostile)
    line, _, body = cell_text(record).partition("\n")
    assert body == hostile
    assert len(line.splitlines()) == 1


def test_a_file_with_the_bytes_of_an_earlier_drawing_is_that_drawing():
    record = edit(references=[ReferenceInfo(sha256="d" * 64, source="saved.png")])
    assert cell_text(record, Lineage([FIRST, record])) == "%%draw m -i @1.2\n加一顶帽子"
    assert Lineage([FIRST, record]).before(record) == [1]
    # A drawing that came later is not what it was made from.
    later = Record(type="drawing", id="c", number=3, pictures=[HAT])
    assert Lineage([later, record]).before(record) == []
    assert Lineage([later, record]).inputs([record])[0][1] == [2]
