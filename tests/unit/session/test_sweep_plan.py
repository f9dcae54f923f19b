"""Axes and tables become requests: what is meant, what is refused, and in which words."""

from __future__ import annotations

import itertools
from enum import Enum

import pytest
from PIL import Image

from nbext.errors import OptionError
from nbext.session.sweep_plan import plan_sweep
from tests.lazily import Lazily

np, pd, pl = Lazily("numpy"), Lazily("pandas"), Lazily("polars")


def prompts(plan):
    return [place.options.prompt for place in plan.places]


def test_variables_come_from_axes_then_from_the_notebook():
    plan = plan_sweep(
        'a {size} {animal} in {{braces}}, {"a": 1}',
        axes={"animal": ["cat"]},
        names={"size": "big", "animal": "no", "open": open},
    )
    assert prompts(plan) == ['a big cat in {braces}, {"a": 1}']


def test_prompts_are_an_axis():
    plan = plan_sweep(["a {x} cat", "a {x} dog"], axes={"x": ["red"], "model": ["m1", "m2"]})
    assert prompts(plan) == ["a red cat"] * 2 + ["a red dog"] * 2
    assert list(plan.axes) == ["prompt", "x", "model"]
    assert plan.title == "2 prompts"


def test_braces_of_a_prompt_that_is_a_value_are_meant():
    plan = plan_sweep("{prompt}", axes={"prompt": ["a {cat}"], "model": ["m"]})
    assert prompts(plan) == ["a {cat}"]
    assert plan.title == "a {cat}"


def test_pictures_are_an_axis_each_with_a_name_of_its_own():
    from PIL import Image

    red, blue = Image.new("RGB", (2, 2), "red"), Image.new("RGB", (2, 2), "blue")
    plan = plan_sweep("a cat", axes={"image": [red, blue, "@3", [red, "@4"]]})
    assert plan.axes == {"images": ("picture", "picture (2)", "@3", "picture + @4")}
    assert [len(place.options.images) for place in plan.places] == [1, 1, 1, 2]
    assert plan.places[1].options.images == (blue,)
    assert len(plan_sweep("a cat", axes={"images": red}).places) == 1


def test_numbers_of_an_array_or_a_column_are_an_axis():
    import numpy as np

    for values in (np.arange(3), pd.Series([0, 1, 2]), pl.Series([0, 1, 2]), range(3)):
        plan = plan_sweep("a {x}", axes={"x": values, "seed": values})
        assert plan.axes == {"x": ("0", "1", "2"), "seed": ("0", "1", "2")}
        assert prompts(plan)[::3] == ["a 0", "a 1", "a 2"]
        assert [type(place.options.seed) for place in plan.places] == [int] * 9
    assert prompts(plan_sweep("a {x}", axes={"x": np.array(0.5)})) == ["a 0.5"]
    assert len(plan_sweep("a cat", axes={"images": np.zeros((4, 4, 3), "uint8")}).places) == 1


@pytest.mark.parametrize("kind", ["pandas", "polars", "list"])
def test_tables_of_every_kind(kind):
    frame = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "list": list}[kind]
    rows = [{"animal": "cat", "seed": 1, "id": "a"}, {"animal": "dog", "seed": 2, "id": "b"}]
    plan = plan_sweep("a {animal}", table=frame(rows), axes={"model": ["m1", "m2"]})
    assert prompts(plan) == ["a cat", "a cat", "a dog", "a dog"]
    assert [place.options.seed for place in plan.places] == [1, 1, 2, 2]
    assert not any(place.options.params for place in plan.places)
    assert "id is neither a variable" in plan.warnings[0]
    assert not plan.is_grid


def test_a_column_of_the_body_is_named_so():
    plan = plan_sweep("a cat", table=[{"param.background": "opaque"}], axes={})
    assert plan.places[0].options.params == {"background": "opaque"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_as_spreadsheets_write_it(tmp_path, delimiter):
    text = "animal,seed\n猫,1\ndog,2\n".replace(",", delimiter)
    (tmp_path / "rows.csv").write_text(text, encoding="utf-8-sig")
    plan = plan_sweep("a {animal}", table="rows.csv", axes={}, folder=tmp_path)
    assert prompts(plan) == ["a 猫", "a dog"]
    assert [place.options.seed for place in plan.places] == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nanimal;style\ncat;ink\n",
        '"animal";"style";"notes, long, and more"\n"cat";"ink";"x"\n',
        "animal, style\ncat, ink\n",
        'animal, style\n"cat", "ink"\n,\n\n,\n',
    ],
)
def test_csv_as_people_leave_it(tmp_path, text):
    """A line for Excel, separators in quotes, spaces, empty rows at the end."""
    (tmp_path / "rows.csv").write_text(text)
    plan = plan_sweep("a {animal} in {style}", table="rows.csv", axes={}, folder=tmp_path)
    assert prompts(plan) == ["a cat in ink"]


def csv_with(data):
    def make(tmp_path):
        (tmp_path / "rows.csv").write_bytes(data)
        return "rows.csv"

    return make


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (csv_with(b"animal\n\xff\xfe\n"), "not UTF-8"),
        (csv_with(b"animal\ncat,red\n"), "more values than columns"),
        (csv_with(b"animal,style\ncat\n"), "Row 1: style has a missing value"),
        (csv_with(b""), "no rows"),
        (csv_with(b"animal;style\n;\n\n"), "no rows"),
        (csv_with(b"animal,animal\ncat,dog\n"), "two columns animal"),
        (lambda _: pd.DataFrame([["cat", "dog"]], columns=["animal", "animal"]), "two columns"),
        (lambda _: pd.DataFrame({"animal": ["cat", None]}), "Row 2: animal"),
        (lambda _: pd.DataFrame({"animal": ["cat", pd.NA]}), "Row 2: animal"),
        (lambda _: pd.DataFrame({"animal": ["cat"], "when": [pd.NaT]}), "Row 1: when"),
        (lambda _: pl.DataFrame({"animal": ["cat", None]}), "Row 2: animal"),
        (lambda _: [{"animal": "cat", "seed": float("inf")}], "Row 1: seed"),
        (lambda _: {"animal": ["cat"]}, "A table is a list"),
        (lambda _: [{"anmal": "cat"}], "Did you mean anmal"),
        (lambda _: [{"animal": "cat", "seed": 1.5}], "not a seed"),
        (lambda _: 7, "A table is a list"),
    ],
)
def test_bad_tables_are_told(tmp_path, table, words):
    with pytest.raises(OptionError, match=words):
        plan_sweep("a {animal}", table=table(tmp_path), axes={}, folder=tmp_path)


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        ({"x": range(1000), "y": range(1000)}, "1,000,000 drawings"),
        ({"x": [1], "continues": ["@1"]}, "cannot be an axis"),
        ({"x": [None]}, "missing"),
        ({"x": (str(n) for n in itertools.count())}, "more than 10,000 values"),
        ({"x": [["cat", "dog"], ["hen"]]}, "A value of x is a list"),
        ({"x": {"cat": 1}}, "A value of x is a dict"),
        ({"x": [b"cat"]}, "bytes, not text"),
        # Another request in each kernel.
        ({"x": [object()]}, "object, not text"),
        ({"x": [Image.new("RGB", (4, 4))]}, "Image, not text"),
        ({"x": [1], "param": [{"api_key": "sk-1234567890abcdef"}]}, "looks like a key"),
        ({"x": [1], "size": [7]}, "size must be text"),
        ({"x": [1], "format": ["bmp"]}, "not a format"),
    ],
)
def test_bad_axes_are_told(axes, words):
    with pytest.raises(OptionError, match=words):
        plan_sweep("a {x}", axes=axes)


def test_frames_and_arrays_are_no_axis():
    for values in (pd.DataFrame({"x": ["cat"]}), pl.DataFrame({"x": ["cat"]})):
        with pytest.raises(OptionError, match="Pass the frame as table="):
            plan_sweep("a {x}", axes={"x": values})
    with pytest.raises(OptionError, match="A value of x is a ndarray"):
        plan_sweep("a {x}", axes={"x": np.zeros((2, 2))})


def test_members_of_an_enumeration_are_their_values():
    style = Enum("Style", {"INK": "ink", "OIL": "oil"})
    assert prompts(plan_sweep("in {style}", axes={"style": style})) == ["in ink", "in oil"]


def test_a_column_and_an_axis_of_one_name_are_told():
    with pytest.raises(OptionError, match="both a column"):
        plan_sweep("a {x}", table=[{"x": 1}], axes={"x": [2]})
