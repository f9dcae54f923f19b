"""The body of ``%%sweep``: a prompt, YAML or JSON."""

from __future__ import annotations

import sys

import pytest

from nbext.errors import OptionError
from nbext.magics.sweep_body import read_body

YAML = """\
prompt: a {style} {animal}
style: [ink, "oil, on canvas"]
animal:
  - cat
  - no
aspect: 2:3
seed: [1, 2]
n: 2
"""


def test_yaml_says_what_json_says():
    body = read_body(YAML)
    assert body.prompts == ("a {style} {animal}",)
    assert body.axes == {
        "style": ["ink", "oil, on canvas"],
        "animal": ["cat", "no"],
        "seed": [1, 2],
    }
    assert body.fixed == {"aspect": "2:3"}
    assert body.takes == 2
    json = (
        '{"prompt": "a {style} {animal}", "style": ["ink", "oil, on canvas"], '
        '"animal": ["cat", "no"], "aspect": "2:3", "seed": [1, 2], "n": 2}'
    )
    assert read_body(json) == body


@pytest.mark.parametrize(
    "prompt", ["a cat: big", "{style} cat", "a poster that says\nname: Bob", "{}", '{"a": 1'[:1]]
)
def test_a_prompt_is_no_yaml(prompt):
    assert read_body(prompt).prompts == (prompt,)


def test_prompts_tables_and_single_values():
    body = read_body("prompt: [a cat, a dog]\ntable: rows.csv\nbackground: opaque\nmodel: m\n")
    assert body.prompts == ("a cat", "a dog")
    assert body.table == "rows.csv"
    assert body.axes == {"background": "opaque"}
    assert body.fixed == {"model": "m"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prompt: a cat\nimage: @1", "quotes"),
        ("prompt: a: b: c", "not valid YAML in line 1"),
        ("prompt: 7", "A prompt must be text"),
        ("prompt: []", "A prompt must be text"),
        ("prompt: a cat\nx: [1]\nx: [2]", "x occurs twice in the body"),
        ("prompt: a cat\napi_key: [abc]", "looks like a key"),
        ("- a\n- b\nprompt: c", "not valid YAML"),
        ('{"x": [1]}', "no prompt"),
        ("prompt: a cat\nx: !!python/object:os.system [ls]", "not valid YAML"),
    ],
)
def test_bad_bodies_are_told(text, words):
    with pytest.raises(OptionError, match=words):
        read_body(text)


def test_without_yaml_json_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(OptionError, match="JSON"):
        read_body("prompt: a cat")
