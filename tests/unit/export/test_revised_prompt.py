"""A prompt that the endpoint says it changed is told wherever a drawing is told of."""

from __future__ import annotations

import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nbext
from nbext.data.wording import revision
from nbext.export.gallery.details import details
from tests.records import draw, picture

REVISED = "A cat with a red hat, in the style of a woodcut"


def test_it_stands_in_details_methods_file_and_archive(store, history, tmp_path):
    record = draw(store, picture(), revised_prompt=REVISED)
    assert f"Revised prompt: {REVISED}" in details(record)
    page = history.to_html(tmp_path / "cats.html").read_text("utf-8")
    assert "<b>Drawn from</b> <del>" in page
    assert repr(history[1].revision).startswith("[-")
    assert REVISED in str(history.methods())
    assert nbext.read(history[1].save(tmp_path / "cat.png")).revised_prompt == REVISED
    with zipfile.ZipFile(history.to_zip(tmp_path / "cats.zip")) as file:
        crate = json.loads(file.read("ro-crate-metadata.json"))
    (value,) = [e for e in crate["@graph"] if e.get("name") == "revised prompt"]
    assert value["value"] == REVISED


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a red cat", "a fluffy red cat", "a {+fluffy +}red cat"),
        ("a red cat", "a blue cat", "a [-red -]{+blue +}cat"),
        ("画只猫", "画一只猫", "画{+一+}只猫"),
        ("the same", "the same", "the same"),
        ("", "new", "{+new+}"),
    ],
)
def test_a_revision_is_told_word_by_word(before, after, shown):
    assert str(revision(before, after)) == shown


def test_a_revision_in_html_is_escaped():
    assert revision("", "<b>").to_html() == "<ins>&lt;b&gt;</ins>"


@given(st.text(), st.text())
def test_both_texts_are_whole_in_a_revision(before, after):
    pieces = revision(before, after)
    assert "".join(p.text for p in pieces if p.change != "added") == before
    assert "".join(p.text for p in pieces if p.change != "removed") == after


def test_texts_that_are_too_long_to_compare_are_told_one_by_one():
    pieces = revision("a " * 5000, "b " * 5000)
    assert [piece.change for piece in pieces] == ["removed", "added"]
