"""The panel's words, in both languages."""

from __future__ import annotations

import string

import pytest

from nbext.messages.chinese import MESSAGES as CHINESE
from nbext.messages.english import MESSAGES as ENGLISH
from nbext.messages.say import language_of, messages, say
from nbext.panel import aspect, compare, dropzone, gallery, heartbeat, mask, result

PARTS = [
    compare.Compare,
    dropzone.DropZone,
    gallery.Gallery,
    mask.MaskPainter,
    heartbeat.Heartbeat,
    aspect.AspectChooser,
    result.Result,
]


def test_both_languages_have_the_same_messages():
    assert list(ENGLISH) == list(CHINESE)


@pytest.mark.parametrize("key", ENGLISH)
def test_both_languages_fill_in_the_same(key):
    english, chinese = (
        {field for _, field, _, _ in string.Formatter().parse(text) if field}
        if '{"' not in text
        else set()
        for text in (ENGLISH[key], CHINESE[key])
    )
    assert english == chinese
    assert ENGLISH[key].strip()
    assert CHINESE[key].strip()


@pytest.mark.parametrize("part", PARTS)
def test_a_script_has_the_words_that_it_says(part):
    import re

    said = set(re.findall(r"\bw(?:ords\(\))?\.([a-z_]+)", part._esm))
    assert said <= set(part.uses), "a word is not sent to the script"
    assert set(messages("zh", "panel", part.uses)) == set(part.uses)


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
    assert say("en", "panel.take", number=3) == "Take 3"
