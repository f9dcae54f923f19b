"""What users read, in both languages."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import nbext.messages
from nbext import errors
from nbext.messages.say import (
    current_language,
    language_of,
    messages,
    outcome,
    phrase,
    say,
    table,
    use_language,
)
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


TABLES = sorted(
    path.stem
    for path in Path(nbext.messages.__file__).parent.glob("[!_]*.py")
    if path.stem != "say"
)


def _fields(text):
    """Give the names that a message takes, with how they are written."""
    return {
        (name, conversion, spec)
        for _, name, spec, conversion in string.Formatter().parse(text)
        if name and name.isidentifier() and "|" not in spec  # not an example in JSON
    }


@pytest.mark.parametrize("part", TABLES)
def test_both_languages_say_something_and_take_the_same_values(part):
    wrong = [
        name
        for name, (english, chinese) in table(part).items()
        if not english.strip() or not chinese.strip() or _fields(english) != _fields(chinese)
    ]
    assert wrong == []


@pytest.mark.parametrize("part", TABLES)
def test_english_chooses_between_one_and_many_and_chinese_does_not(part):
    for name, (english, chinese) in table(part).items():
        for _, _, spec, _ in string.Formatter().parse(english):
            assert (spec or "").count("|") in (0, 1), name
        assert "|" not in "".join(re.findall(r"{[^}]*}", chinese)), name


@pytest.mark.parametrize("part", TABLES)
def test_chinese_is_written_in_chinese(part):
    """Names, units and code stay as they are; all else is Chinese, with its own punctuation."""
    for name, (english, chinese) in table(part).items():
        if re.search(r"[a-z]{3,} [a-z]{2,}", re.sub(r"{[^}]*}|`[^`]*`", "", english)):
            assert re.search(r"[\u4e00-\u9fff]", chinese), (name, chinese)
        assert not re.search(r"[\u4e00-\u9fff][,;:?!](?!\w)", chinese), (name, chinese)
        assert not re.search(r"[\u4e00-\u9fff]\.(?: |$)", chinese), (name, chinese)


@pytest.mark.parametrize("part", PARTS)
def test_a_script_has_the_words_that_it_says(part):
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


@pytest.mark.parametrize(
    ("count", "text"), [(1, "1 drawing"), (2, "2 drawings"), (0, "0 drawings")]
)
def test_one_and_many(monkeypatch, count, text):
    monkeypatch.setitem(table("panel"), "probe", ("{count} {count:drawing|drawings}", "{count} 幅"))
    assert say("en", "panel.probe", count=count) == text
    assert say("zh", "panel.probe", count=count) == f"{count} 幅"


def test_the_setting_comes_first_then_the_browser_then_the_system(monkeypatch):
    for name in ("NBEXT_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    use_language("auto")
    assert (current_language(), phrase("panel.draw")) == ("zh", "绘制")
    use_language("auto", "fr-FR")
    assert current_language() == "en"
    use_language("zh", "fr-FR")
    assert current_language() == "zh"


def test_the_setting_is_followed_by_errors():
    from nbext.config.settings import Nbext
    from nbext.errors import ServerError

    settings = Nbext()
    settings.language = "zh"
    assert str(ServerError("坏了。", maybe_billed=True)) == "坏了。这次请求可能已计费。"
    settings.language = "en"
    assert str(ServerError("Broken", maybe_billed=True)) == "Broken. It may have been billed."


def test_there_is_no_such_message():
    with pytest.raises(KeyError):
        phrase("panel.nothing_of_the_kind")
    with pytest.raises(KeyError):
        phrase("nowhere.draw")


def test_every_error_has_words_for_what_came_of_it():
    kinds = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.NbextError)
    } - {"NbextError", "RequestError"}
    assert kinds | {"Interrupted", "failure"} == set(table("outcome"))
    assert outcome("NbextError", "en") == "failed"
