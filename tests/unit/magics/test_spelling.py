"""Options as people type them on Chinese keyboards, from word processors, and from other tools."""

from __future__ import annotations

import pytest

from nbext.errors import OptionError
from nbext.magics.asking import read_cell
from nbext.magics.parse import parse_line, parse_prompt_line
from nbext.magics.parsers import drawing_parser, sweep_parser


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("－－size 1024x1536", "size", "1024x1536"),
        ("——size ２０４８×１０２４", "size", "2048x1024"),
        ("—size “1024x1536”", "size", "1024x1536"),
        ("--size 1024*1536", "size", "1024x1536"),
        ("--size (1024,1536)", "size", "1024x1536"),
        ("--size 2K", "size", "2K"),
        ("--size landscape_4_3", "size", "landscape_4_3"),
        ("–n 2", "takes", 2),
        ("--aspect＝2：3", "aspect", "2:3"),
        ("--aspect Portrait", "aspect", "2:3"),
        ("--format JPG", "format", "jpeg"),
        ("--system “你好，世界！”", "system", "你好，世界！"),
        ("-m gpt-4o-image,gpt-image-2", "models", ("gpt-4o-image", "gpt-image-2")),
        ("gpt-image-2", "model", "gpt-image-2"),
    ],
)
def test_an_option_is_understood_as_typed(line, name, value):
    assert getattr(parse_line(drawing_parser("draw"), line), name) == value


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("--size 1024", "1024x1024"),
        ("--num 2", "Use -n N"),
        ("--width 512 --height 512", "Use --size WxH"),
        ("--steps 30", "Use -p NAME=VALUE"),
        ("-o cat.png", "Use --save PATH"),
        ("--ar 2:3", "Use --aspect W:H"),
        ("--aspec 2:3", "Did you mean --aspect"),
        ("model=gpt-image-2", "Use --model gpt-image-2"),
        ("gpt-image-2 size=2K", "Use --size 2K"),
        ("n=2", "Use -n 2"),
        ("gpt-image-2 style=ink", "Use --style ink"),
        ("stream=false", "Use -p stream=false"),
        ("@1", "Write -i @1"),
        ("cats/cat.png", "Write -i cats/cat.png"),
    ],
)
def test_an_option_of_another_tool_is_named_as_here(line, advice):
    with pytest.raises(OptionError) as caught:
        parse_line(drawing_parser("draw"), line)
    assert advice in str(caught.value)


def test_an_axis_without_its_option_is_advised_as_one():
    with pytest.raises(OptionError, match="Use -x style=ink,oil"):
        parse_line(sweep_parser(), "style=ink,oil")


def test_a_prompt_on_the_line_keeps_its_own_punctuation():
    line, prompt = parse_prompt_line(
        drawing_parser("draw", line=True), "－－aspect 2：3 一只猫 — “你好，世界”"
    )
    assert (line.aspect, prompt) == ("2:3", "一只猫 — “你好，世界”")
    assert parse_prompt_line(drawing_parser("draw", line=True), "–n 2 a — b")[1] == "a — b"


def test_a_prompt_in_the_place_of_the_model_is_sent_to_the_body():
    with pytest.raises(OptionError, match="in the cell's body"):
        read_cell("draw", "'a red cat'", "\n")
