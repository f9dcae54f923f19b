"""Thoughts in a text are told from the answer in the same way, wherever the text is cut."""

from __future__ import annotations

import pytest

from nbext.wire.think_tags import ThoughtSplitter


def said(*pieces):
    """Give answer and thoughts of a text that comes in pieces, and what came before an end."""
    splitter = ThoughtSplitter()
    texts = {"answer": "", "thought": "", "before": ""}
    for kind, text in [
        part for piece in pieces for part in splitter.feed(piece)
    ] + splitter.close():
        if kind == "end":
            texts["before"], texts["answer"] = texts["answer"], ""
        else:
            texts[kind] += text
    return texts


@pytest.mark.parametrize(
    "text",
    [
        "<think>a cat</think>\n\nHere it is.",
        "a cat</think>\n\n Here it is.",
        "x\n<think>a cat</think>\n\nHere it is.",
        "a</think> \n",
        "no thought\n\nat all",
    ],
)
def test_a_text_cut_anywhere_says_the_same(text):
    whole = said(text)
    assert said(*text) == whole
    for cut in range(len(text)):
        assert said(text[:cut], text[cut:]) == whole


def test_white_space_goes_with_the_end_of_a_thought_and_no_further():
    assert said("a cat</think>", "\n", "\n", "Here", " it is")["answer"] == "Here it is"
