"""A refusal in words that nobody has written a pattern for is understood by what they mean."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbext.wire import meanings
from nbext.wire.error_classes import classify_error
from nbext.wire.meanings import meaning_of
from nbext.wire.refusals import detect_refusal
from tests.cases.refusals import REFUSALS, SPOKEN
from tests.growth import grows_linearly

ROWS = [
    (*group, int(line.split()[0]), line.split(maxsplit=1)[1])
    for group, lines in REFUSALS.items()
    for line in lines.strip().splitlines()
]
FORMS = {
    "OpenAI's": lambda words: {"error": {"message": words, "type": "api_error", "code": None}},
    "flat": lambda words: {"code": -1, "msg": words, "data": None},
    "in a string": lambda words: {"error": {"message": json.dumps({"error": {"message": words}})}},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("group", "kind", "remedy", "status", "words"), ROWS, ids=lambda value: str(value)[:40]
)
def test_a_refusal_is_understood_in_any_form(group, kind, remedy, status, words, form):
    body = json.dumps(FORMS[form](words)).encode()
    error = classify_error(status, {}, body, host="relay.example", model="gpt-image-2")
    assert type(error).__name__ == kind
    assert remedy in error.remedy
    assert words[:40] in error.message
    if group != "content":
        assert error.maybe_billed == (group in {"timeout", "failure"})


@pytest.mark.parametrize(
    ("kind", "words"),
    [(kind, line) for kind, lines in SPOKEN.items() for line in lines.strip().splitlines()],
)
def test_a_model_that_declines_is_understood(kind, words):
    refusal = detect_refusal(words)
    assert refusal is not None
    assert refusal.kind == kind
    assert " ".join(words.split()) in refusal.message


@pytest.mark.parametrize(
    "words",
    [
        "A quiet street in the rain, with a red umbrella.",
        "Here is a short description of the cat you asked about.",
        "猫坐在窗台上，望着外面的雨。",
        "Готово! Кот сидит на окне.",
        "かわいい猫です。",
        "This image shows a server rack with too many cables.",
        "The picture is of a child playing near a wallet that is empty.",
        "The balance between light and dark is lacking, so the mood is calm.",
        "The cat can't reach the picture on the wall.",
        "一只猫坐在繁忙的街道上。",
    ],
)
def test_a_text_that_only_describes_is_no_refusal(words):
    assert detect_refusal(words) is None


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (400, "Unknown parameter: 'style'.", "BadRequestError"),
        (400, "The image could not be decoded", "BadRequestError"),
        (400, "n must be between 1 and 10", "BadRequestError"),
        (400, "Model m does not support the size 1024x1025", "BadRequestError"),
        (404, "Invalid URL (POST /v1/responses)", "NotAnEndpointError"),
        (404, "Task not found", "BadRequestError"),
        (500, "Generation failed, please try again later", "ServerError"),
        (500, "Internal server error", "ServerError"),
        (500, "Failed to download the result", "ServerError"),
        (502, "unexpected EOF", "ServerError"),
        (200, "Something went wrong", "ServerError"),
        (403, "Forbidden", "AccessError"),
    ],
)
def test_a_message_without_a_special_meaning_has_the_error_of_its_status(status, words, kind):
    body = json.dumps({"error": {"message": words}}).encode()
    assert type(classify_error(status, {}, body, host="relay.example")).__name__ == kind


def test_each_meaning_has_words_and_each_word_is_found():
    table = meanings.table()
    assert set(table) == set(meanings.ERRORS) | {"declined"}
    for name, words in table.items():
        for word in words.things + words.states + words.phrases:
            assert word, name
            found = meanings._pattern([word]).search(meanings._normal(f"x {word.rstrip('.')} y"))
            assert found, f"{name}: {word!r} never matches: write it in its simplest form"
        for words_of_kind in (words.things, words.states, words.phrases):
            assert len(set(words_of_kind)) == len(words_of_kind), f"{name} has a word twice"


@given(st.text(max_size=300))
def test_no_text_raises(text):
    assert meaning_of(text) in {*meanings.ERRORS, ""}


@given(st.sampled_from([row[4] for row in ROWS]))
def test_case_width_and_accents_do_not_matter(words):
    wide = "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in words.lower())
    assert meaning_of(words.lower()) == meaning_of(wide)


def test_a_long_text_is_read_in_linear_time():
    assert grows_linearly(lambda size: meanings._in_sentence("image too many " * size), 200)
