"""The panel's words, in both languages."""

from __future__ import annotations

import string

import pytest

from nbext.panel import aspect, compare, dropzone, gallery, heartbeat, mask, result
from nbext.panel.words import WORDS, language_of, say, table

PARTS = [
    compare.Compare,
    dropzone.DropZone,
    gallery.Gallery,
    mask.MaskPainter,
    heartbeat.Heartbeat,
    aspect.AspectChooser,
    result.Result,
]


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_fill_in_the_same(key):
    english, chinese = (
        {field for _, field, _, _ in string.Formatter().parse(text) if field}
        if not text.startswith("{") and '{"' not in text
        else set()
        for text in WORDS[key]
    )
    assert english == chinese
    assert all(text.strip() for text in WORDS[key])


@pytest.mark.parametrize("part", PARTS)
def test_a_script_has_the_words_that_it_says(part):
    import re

    said = set(re.findall(r"\bw(?:ords\(\))?\.([a-z_]+)", part._esm))
    assert said <= set(part.uses), "a word is not sent to the script"
    assert set(table("zh", *part.uses)) == set(part.uses)


@pytest.mark.parametrize(
    ("wanted", "browser", "language"),
    [
        ("auto", "zh-CN", "zh"),
        ("auto", "ZH", "zh"),
        ("auto", "de-DE", "en"),
        ("zh", "en-US", "zh"),
        ("en", "zh", "en"),
        ("auto", "zha", "en"),
    ],
)
def test_the_language(wanted, browser, language):
    assert language_of(wanted, browser) == language


def test_a_sentence_is_filled_in():
    assert say("en", "take", number=3) == "Take 3"
