"""A key that an endpoint says back is taken out of its answer, however it is cut."""

from __future__ import annotations

import base64
import contextlib
import html
import itertools
import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbext.data.endpoint import Secret
from nbext.transport.redact import RedactingStream
from nbext.wire import events

KEY = "sk-sk-canary/\"\\'0123"


def said(hushed, *given):
    out = [told for event in given for told in hushed(event)]
    return [*out, *hushed.rest()]


def joined(told):
    return "".join(event.text for event in told)


@given(st.lists(st.integers(0, len(f"a {KEY} b {KEY}")), max_size=6))
def test_text_cut_anywhere(cuts):
    text = f"a {KEY} b {KEY}"
    places = [0, *sorted(cuts), len(text)]
    pieces = [text[a:b] for a, b in itertools.pairwise(places)]
    told = said(RedactingStream(Secret(KEY)), *(events.Text(text=piece) for piece in pieces))
    assert joined(told) == "a *** b ***"
    assert all(event.text for event in told)


@given(st.lists(st.text(alphabet="sk-canary" + string.digits, max_size=6), max_size=12))
def test_other_text_stays_as_it_is(pieces):
    told = said(RedactingStream(Secret(KEY)), *(events.Text(text=piece) for piece in pieces))
    assert joined(told) == "".join(pieces)


def test_what_was_held_back_comes_before_the_end():
    told = said(RedactingStream(Secret(KEY)), events.Text(text="ends in sk-"), events.Done())
    assert [type(event).__name__ for event in told] == ["Text", "Text", "Done"]
    assert joined(told[:2]) == "ends in sk-"


def test_text_and_reasoning_are_apart():
    told = said(
        RedactingStream(Secret(KEY)),
        events.Text(text=KEY[:5]),
        events.Reasoning(text=KEY[5:]),
        events.Reasoning(text=KEY),
    )
    assert "".join(e.text for e in told if isinstance(e, events.Text)) == KEY[:5]
    assert "".join(e.text for e in told if isinstance(e, events.Reasoning)) == f"{KEY[5:]}***"


@pytest.mark.parametrize(
    "event",
    [
        events.ResponseStart(request_id=KEY),
        events.Progress(words=f"token {KEY} is wrong", percent=3.0),
        events.Link(url=f"https://h/x.png?key={KEY}", alt=KEY),
        events.Usage(usage={KEY: {"a": [1, KEY]}}),
        events.Meta(model=KEY, raw={"content": [{"text": KEY}, 3, None, ("x", KEY)]}),
        events.ToolCall(id=KEY, name=KEY, arguments=f'{{"k": "{KEY}"}}'),
        events.Citation(url=KEY, title=KEY),
        events.Job(id=KEY, status="failed", message=KEY),
        events.ErrorEvent(kind="ServerError", message=KEY, body=KEY * 3),
        events.Done(finish_reason=KEY),
    ],
    ids=lambda event: type(event).__name__,
)
def test_every_field_of_every_event(event):
    (told,) = said(RedactingStream(Secret(KEY)), event)
    assert type(told) is type(event)
    assert KEY not in str(msgspec.to_builtins(told))
    assert "***" in repr(told)


ODD = 'ab/c+d=="e\\f'


@pytest.mark.parametrize(
    "spelled",
    [ODD, r"ab/c+d==\"e\\f", r"ab\/c+d==\"e\\f", "ab%2Fc%2Bd%3D%3D%22e%5Cf"],
)
def test_a_key_is_found_however_it_is_escaped(spelled):
    """Relays write it into JSON of theirs, which is kept as it came, and into addresses."""
    key = Secret(ODD)
    assert key.redact(f"no: {spelled}!") == "no: ***!"
    assert key.erase(f"no: {spelled}!".encode()) == b"no: ***!"
    (told,) = said(
        RedactingStream(key), events.ErrorEvent(kind="x", message="x", body=f"no {spelled}")
    )
    assert told.body == "no ***"
    assert Secret("sk-\udcff-123456").redact("plain") == "plain"


def test_an_event_without_it_is_passed_on_untouched():
    event = events.Meta(raw={"a": [1]})
    assert said(RedactingStream(Secret(KEY)), event)[0] is event


def test_what_is_too_deep_is_cut_off_and_not_looked_through():
    deep = KEY
    for _ in range(50_000):
        deep = [deep]
    (told,) = said(RedactingStream(Secret(KEY)), events.Meta(raw=deep))
    flat, depth = told.raw, 0
    while flat:
        flat, depth = flat[0], depth + 1
    assert depth == 100


@pytest.mark.parametrize("key", ["", "abc", "test", "None"])
def test_keys_that_are_words_are_left_alone(key):
    redact = RedactingStream(Secret(key))
    event = events.Progress(words=f"{key} and so on")
    assert said(redact, event) == [event]
    assert joined(said(redact, events.Text(text=f"x{key}"))) == f"x{key}"


@pytest.mark.parametrize("key", ["sk-12", "ab12", "9f3a1"])
def test_a_short_key_is_found_as_a_word_of_its_own(key):
    secret = Secret(key)
    for text in (f"bad {key}", f"{key}: wrong", f'{{"key":"{key}"}}', f"令牌{key}无效", f"({key})"):
        assert key not in secret.redact(text)
        assert key.encode() not in secret.erase(text.encode())
    for word in (f"x{key}", f"{key}7", f"x{key}7"):
        assert secret.redact(f"a {word} b") == f"a {word} b"
    for cut in range(len(f"bad {key}, no")):
        text = f"bad {key}, no"
        pieces = [events.Text(text=text[:cut]), events.Text(text=text[cut:])]
        assert joined(said(RedactingStream(secret), *pieces)) == "bad ***, no"
    assert joined(said(RedactingStream(secret), events.Text(text=f"x{key}"))) == f"x{key}"


def test_the_shortest_keys_are_found_beside_a_word_for_a_key():
    assert (
        Secret("x1").redact("Incorrect API key provided: x1") == "Incorrect API key provided: ***"
    )
    assert Secret("x1").redact("Authorization: Bearer x1") == "Authorization: Bearer ***"
    assert Secret("x1").redact("x1 is a rocket") == "x1 is a rocket"


@given(
    st.text(alphabet=string.ascii_letters + string.digits + "-_", min_size=6, max_size=60),
    st.binary(max_size=20),
    st.binary(max_size=20),
)
def test_a_key_in_base64_is_found_wherever_it_stands(key, before, after):
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        echo = encode(before + key.encode() + after).decode()
        redacted = Secret(key).redact(f"Basic {echo}")
        for shift in range(3):
            # Whatever is left, no decoding of it gives the key.
            for piece in redacted.removeprefix("Basic ").split("***"):
                padded = piece[shift:] + "=" * (-len(piece[shift:]) % 4)
                with contextlib.suppress(ValueError):
                    assert key.encode() not in base64.urlsafe_b64decode(padded)
        assert "***" in redacted


def test_a_long_text_takes_linear_time():
    hushed = RedactingStream(Secret("s" * 64))
    told = said(hushed, *(events.Text(text="s" * 63 + "t") for _ in range(2000)))
    assert joined(told) == ("s" * 63 + "t") * 2000


@pytest.mark.parametrize("key", ["sk-canary/9+Zt=4m&L'p", "sk-canary0123"])
def test_a_key_in_html_or_hex_is_found(key):
    numbered = "".join(c if c.isalnum() or c == "-" else f"&#{ord(c)};" for c in key)
    for spelling in (html.escape(key), numbered, key.encode().hex(), key.encode().hex().upper()):
        assert Secret(key).redact(f"no {spelling} here") == "no *** here"


@pytest.mark.parametrize("between", ["\u200b", "\u00ad", "\ufeff", "\0", "\u2060\u200d", "\u202e"])
@pytest.mark.parametrize("places", ["each", "one"])
def test_a_key_split_by_what_no_screen_shows_is_found_and_masked(between, places):
    key = "sk-canary-0123456789abcdef"
    split = between.join(key) if places == "each" else key[:9] + between + key[9:]
    secret = Secret(key)
    assert secret.is_in(f"draw {split} now")
    assert secret.redact(f"no {split}, 猫{between}") == f"no ***, 猫{between}"


def test_a_key_is_noticed_before_sending_across_lines_and_in_wide_letters():
    key = "sk-canary-0123456789abcdef"
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in key)
    for text in (f"{key[:12]}\n    {key[12:]}", " ".join(key), wide, f"画 {wide}"):
        assert Secret(key).is_in(text)
    for text in ("a cat\u200b in a hat", "sk-canary", "猫" * 50, key[:-1]):
        assert not Secret(key).is_in(text)
        assert Secret(key).redact(text) == text
