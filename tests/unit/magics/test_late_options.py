"""An option behind the prompt of a line is a slip, and costs nothing."""

from __future__ import annotations

import pytest

from nbext.errors import OptionError
from nbext.magics.asking import read_cell


@pytest.mark.parametrize(
    "line", ["a dog --aspect 2:3", "a dog --aspect=2:3", "a dog --takes 4", "a --fresh dog"]
)
@pytest.mark.parametrize("magic", ["draw", "edit", "video"])
def test_an_option_behind_the_prompt_is_refused(magic, line):
    if magic == "video" and "--takes" in line:
        return
    with pytest.raises(OptionError, match=rf"Write options first: %{magic} --"):
        read_cell(magic, line, None)


@pytest.mark.parametrize(
    ("magic", "line"),
    [
        ("draw", "--aspect 2:3 a dog"),
        ("draw", "a dog -- and a cat"),
        ("draw", "a sign that says --stop"),
        ("draw", "-m midjourney a dog --aspect 2:3 --stylize 100"),
        ("chat", "what does git --model do?"),
    ],
)
def test_what_is_no_option_is_text(magic, line):
    prompt = read_cell(magic, line, None)[1]
    assert line.endswith(prompt)
    assert prompt[-5:] == line[-5:]


def test_the_body_of_a_cell_is_text():
    assert read_cell("draw", "", "a dog --aspect 2:3")[1] == "a dog --aspect 2:3"
