"""A slip of the hand costs nothing: a name in braces that means nothing, a model that is not there."""

from __future__ import annotations

import pytest

from nbext.config.settings import Nbext
from nbext.data.options import Options
from nbext.errors import OptionError
from nbext.session.session import Session
from nbext.session.variables import escaped, refuse_unfilled, unescaped, variables_of


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "cats.draws", chosen=Nbext(endpoint="embedded"))
    yield made
    made.run(made.close())
    made.runner.close()


@pytest.mark.parametrize(
    ("prompt", "names", "remedy"),
    [
        ("a {anmal}", {"animal": "cat"}, "Did you mean animal?"),
        ("a {animal}", {"animal": "cat"}, "Put an f before the quotes"),
        ("a {zebra}", {"open": open}, "write {{zebra}}"),
        ("{open} door", {"open": open}, "write {{open}}"),
    ],
)
def test_a_name_that_means_nothing_is_told_and_nothing_is_sent(session, prompt, names, remedy):
    session.names = names
    with pytest.raises(OptionError) as error:
        session.draw(prompt)
    assert "Nothing was sent." in error.value.message
    assert remedy in error.value.remedy
    assert len(session.history) == 0


def test_braces_that_are_meant_are_sent(session):
    first = session.draw("a badge with {{name}} and {{{deep}}}, {'a': 1}")
    assert first.prompt == "a badge with {name} and {{deep}}, {'a': 1}"
    assert first.again().prompt == first.prompt
    assert session.draw(first.prompt.replace("{{deep}}", "{{{deep}}}"), fresh=True)
    with pytest.raises(OptionError, match=r"\{hat\}"):
        first.edit("add a {hat}")
    with pytest.raises(OptionError, match=r"\{hat\}"):
        first.again(prompt="a {hat}")


@pytest.mark.parametrize(
    "prompt", ["a {b}", "{{b}} {c}", "{{{d}}}", '{"a": 1}', "{", "{ b }", "{b"]
)
def test_escaping_is_undone(prompt):
    assert unescaped(escaped(prompt)) == prompt
    assert variables_of(escaped(prompt)) == []


def test_other_kinds_take_braces_as_they_are(session):
    refuse_unfilled(Options(prompt="def f(): return f'{x}'", kind="chat"), {}, [])
    text = "what is {x} in {{x}}?"
    assert session.draw(text, kind="chat").prompt == text


@pytest.mark.parametrize(
    ("model", "meant"),
    [
        ("gpt-4o-imag", "gpt-4o-image"),
        ("nano-bananna", "nano-banana"),
        ("gpt-imge-2", "gpt-image-2"),
    ],
)
def test_a_model_that_is_not_listed_is_told_before_it_is_asked(session, model, meant):
    with pytest.raises(OptionError) as error:
        session.draw("a cat", model=model)
    assert f"does not offer the model {model}" in error.value.message
    assert f"Did you mean {meant}" in error.value.remedy
    assert len(session.history) == 0
