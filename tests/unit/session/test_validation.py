"""What Python gives with a prompt: one thing or several, and slips of the hand."""

from __future__ import annotations

import asyncio
import io
import re

import pytest
from PIL import Image

import nbext
from nbext.config.settings import Nbext
from nbext.errors import NbextError, OptionError, RequestError
from nbext.session import current
from nbext.session.session import Session
from nbext.session.validation import checked_prompt
from tests.records import picture


@pytest.fixture
def session(tmp_path, endpoint, monkeypatch):
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
    made = Session(tmp_path / "cats.draws", chosen=Nbext())
    monkeypatch.setattr(current, "_session", made)
    yield made
    made.run(made.close())
    made.runner.close()


@pytest.mark.parametrize("several", [False, True])
def test_one_picture_needs_no_list(session, tmp_path, several):
    data = picture(3)
    path = tmp_path / "cat.png"
    path.write_bytes(data)
    for given in (str(path), path, data, Image.open(io.BytesIO(data))):
        asked = nbext.request("a cat", images=[given] if several else given)
        assert len(asked.request.references) == 1
    drawn = session.draw("a cat")
    assert drawn.edit("a hat", images=str(path)).record.references[1].source == "cat.png"
    assert nbext.chat("who?", images=str(path)).record.references[0].source == "cat.png"


def test_a_path_starts_at_the_notebook_wherever_its_history_is(tmp_path, monkeypatch):
    (tmp_path / "cat.png").write_bytes(picture())
    folder = tmp_path / "elsewhere" / "cats.draws"
    monkeypatch.chdir(tmp_path)
    session = Session(folder, chosen=Nbext(history_folder=str(folder)))
    asked = session.run(session.request("a cat", images="cat.png"))
    session.runner.close()
    assert asked.references[0].source == "cat.png"


@pytest.mark.parametrize(
    ("verb", "given", "said"),
    [
        ("draw", {"image": "a.png"}, "Did you mean images?"),
        ("draw", {"num_images": 2}, "Did you mean n?"),
        ("draw", {"aspect_ratio": "2:3"}, "Did you mean aspect?"),
        ("draw", {"output_format": "png"}, "Did you mean format?"),
        ("draw", {"reference_image": "a.png"}, "Did you mean images?"),
        ("video", {"duration": 3}, "Did you mean seconds?"),
        ("draw", {"steps": 30}, "params={'steps': 30}"),
        ("draw", {"filename": "a.png"}, "Use drawing.save"),
        ("draw", {"dry_run": True}, "Use nbext.request"),
        ("draw", {"n": "3"}, "a whole number from 1 to 64, not '3'"),
        ("draw", {"model": ["a", "b"]}, "To compare models: nbext.sweep"),
        ("chat", {"messages": []}, 'nbext.chat("…", system="…")'),
        ("draw", {"n": 10**9}, "Use 1 to 64."),
        ("draw", {"aspect": "wide"}, "not a ratio"),
        ("draw", {"aspect": (2, 3)}, "not a ratio"),
        ("draw", {"size": (512, 512)}, "size must be text"),
        ("draw", {"format": "bmp"}, "png, jpeg, webp"),
        ("draw", {"seed": "x"}, "not a seed"),
        ("draw", {"model": 5}, "model must be text"),
        ("draw", {"params": "x"}, "not a table"),
        ("draw", {"params": {"api_key": "1"}}, "looks like a key"),
        ("draw", {"params": {"headers": {"Authorization": "Bearer 1"}}}, "looks like a key"),
        ("draw", {"params": {"note": "sk-canary-0123456789abcdef"}}, "looks like a key"),
        ("draw", {"model": "sk-canary-0123456789abcdef"}, "model contains what looks like a key"),
        (
            "draw",
            {"system": "Use sk-canary-0123456789abcdef."},
            "system contains what looks like a key",
        ),
        (
            "draw",
            {"quality": "ghp_canary0123456789abcdef"},
            "quality contains what looks like a key",
        ),
        ("draw", {"continues": 5}, "not a drawing"),
        ("request", {"n": 2}, "no argument"),
        ("chat", {"modle": "x"}, "Did you mean model?"),
        ("chat", {"rounds": 0, "tools": [print]}, "rounds"),
        ("chat", {"tools": 5}, "not a function"),
        ("respond", {"modle": "x"}, "Did you mean model?"),
        ("complete", {"schema": {"type": "object"}}, "no argument"),
        ("video", {"secods": 3}, "Did you mean seconds?"),
        ("video", {"seconds": -1}, "not a number of seconds"),
    ],
)
def test_a_slip_of_the_hand_is_told_and_nothing_is_sent(session, endpoint, verb, given, said):
    before = len(endpoint.log)
    with pytest.raises(OptionError, match=re.escape(said)) as told:
        getattr(nbext, verb)("a cat", **given)
    assert "canary" not in str(told.value)
    assert len(endpoint.log) == before
    assert not list(session.history)


def test_a_prompt_is_a_text(session):
    with pytest.raises(OptionError, match="A prompt must be text, not 5"):
        nbext.draw(5)


def test_other_fields_go_with_every_verb_of_a_drawing(session):
    drawn = session.draw("a cat", params={"style": "ink", "depth": 1})
    assert drawn.edit("a hat", params={"style": "ink"}).parameters == {"style": "ink"}
    assert drawn.again(params={"style": "oil"}).parameters == {"style": "oil", "depth": 1}


def test_a_schema_may_speak_of_passwords(session):
    schema = {"type": "object", "properties": {"password": {"type": "string"}}}
    assert set(nbext.chat("an account", schema=schema)) == {"password"}


def posts(endpoint):
    return len([r for r in endpoint.log if r.method == "POST"])


def test_a_question_is_asked_once(session, endpoint):
    before = posts(endpoint)

    async def several_times():
        asking = nbext.achat("hi")
        first = await asking
        assert (await asking).id == first.id
        heard = nbext.achat("ho")
        kinds = [type(event).__name__ async for event in heard]
        assert "Text" in kinds
        assert (await heard).prompt == "ho"
        with pytest.raises(OptionError, match="already awaited"):
            async for _ in heard:
                pass
        return asking, first

    asking, first = asyncio.run(several_times())
    assert asking.wait().id == first.id
    assert posts(endpoint) - before == 2


def test_what_failed_or_was_cancelled_is_not_asked_again(session, endpoint):
    asking = nbext.achat("hi", model="embedded-error")
    before = posts(endpoint)
    for _ in range(2):
        with pytest.raises(RequestError):
            asking.wait()
    assert posts(endpoint) - before == 1
    job = nbext.video("a cat", model="embedded-silent", wait=False)
    job.cancel()
    with pytest.raises(NbextError, match="cancelled"):
        job.wait()
    with pytest.raises(NbextError, match="cancelled"):
        asyncio.run(awaited(job))


async def awaited(asking):
    return await asking


@pytest.mark.parametrize(
    "key",
    [
        "sk-canary-0123456789abcdef",
        "gsk_canary0123456789abcdef",
        "nvapi-canary0123456789abcdef",
        "github_pat_canary0123456789abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "-----BEGIN PRIVATE KEY-----",
        "anOddKeyOfOurOwn",
    ],
)
@pytest.mark.parametrize("verb", ["draw", "chat"])
def test_a_key_in_a_prompt_is_noticed_before_it_is_sent(session, endpoint, verb, key, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "anOddKeyOfOurOwn")
    sent = len(endpoint.log)
    with pytest.raises(OptionError, match="prompt contains what looks like a key") as caught:
        session.draw(f"a cat, and {key}", kind=verb)
    assert key not in str(caught.value)
    assert len(endpoint.log) == sent
    assert not session.store.records()


def test_words_that_look_a_little_like_keys_are_drawn(session, monkeypatch):
    monkeypatch.setenv("SOME_TOKEN", "a cat")
    monkeypatch.setenv("MONKEY", "a cat on a red sofa")
    for prompt in ("a cat on a red sofa", "a task-force of sk-8 skateboards", "eyJ and AKIA"):
        assert session.draw(prompt).prompt == prompt


@pytest.mark.parametrize(
    ("prompt", "remedy"),
    [
        (3, "Convert it with str(…)."),
        (None, "Convert it with str(…)."),
        (b"a cat", "Convert it with .decode()."),
        (["a cat", "a dog"], 'Several prompts: nbext.sweep("a {animal}"'),
        (iter(["a cat"]), 'Several prompts: nbext.sweep("a {animal}"'),
        ([{"role": "user", "content": "hi"}], 'nbext.chat("…", system="…")'),
    ],
)
def test_a_prompt_that_is_no_text_is_told_what_to_do(prompt, remedy):
    with pytest.raises(OptionError) as caught:
        checked_prompt(prompt, "chat")
    assert remedy in str(caught.value)


# What Python cannot write: a number of thousands of digits, half of a character, a NUL in a path.
LONG, HALF = 10**5000, "a\ud800"
UNWRITABLE = {
    "a seed": lambda: nbext.draw("a cat", seed=LONG),
    "the takes": lambda: nbext.draw("a cat", n=LONG),
    "the seconds of a film": lambda: nbext.video("a cat", seconds=LONG),
    "the rounds of a chat": lambda: nbext.chat("a cat", rounds=LONG),
    "a field": lambda: nbext.draw("a cat", params={"a": [{"b": -LONG}]}),
    "a field's name": lambda: nbext.draw("a cat", params={"a": [{HALF: 1}]}),
    "a field's text": lambda: nbext.draw("a cat", params={"a": HALF}),
    "a field's name in bytes": lambda: nbext.draw("a cat", params={b"a": 1}),
    "the system's words": lambda: nbext.chat("a cat", system=HALF),
    "a quality": lambda: nbext.draw("a cat", quality=HALF),
    "an axis": lambda: nbext.sweep("a {x}", x=[LONG, 1]),
    "a number in the history": lambda: nbext.history[LONG],
    "a number from the end": lambda: nbext.history[-LONG],
    "a file to read": lambda: nbext.read("a\0b.png"),
    "half a file name": lambda: nbext.read(f"{HALF}.png"),
    "a reference": lambda: nbext.draw("a cat", images=["a\0b.png"]),
}


@pytest.mark.parametrize("what", UNWRITABLE)
def test_what_cannot_be_written_is_refused_in_words(session, what):
    with pytest.raises(NbextError) as caught:
        UNWRITABLE[what]()
    assert "Exceeds the limit" not in str(caught.value)
    assert not session.store.records()


def test_the_last_of_more_drawings_than_there_are(session):
    session.draw("a cat")
    assert len(session.history[-LONG:]) == 1
