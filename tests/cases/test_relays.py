"""Each situation comes to what is right, and is paid for once."""

from __future__ import annotations

import json

import pytest

from nbext.errors import NbextError
from nbext.session import intervals
from nbext.transport import retry
from tests.cases.gateways import GATEWAYS
from tests.cases.relays import COLOURS, KEY, SITUATIONS
from tests.relay import File
from tests.sessions import at_work

SECRET = "sk-canary-5d1c7e"


@pytest.fixture
def session(relay, tmp_path, monkeypatch):
    monkeypatch.setattr(intervals, "FIRST_LOOK", 0.01)
    monkeypatch.setattr(retry, "SOON", (0.001,) * 4)
    limits = {"replay": "never", "total_timeout": 15.0}
    with at_work(relay, tmp_path, monkeypatch, key=SECRET, **limits) as session:
        yield session


def placed(value, base):
    """Put the relay's address where the situation names it."""
    if isinstance(value, bytes):
        return value.replace(b"{base}", base.encode())
    if isinstance(value, str):
        return value.replace("{base}", base)
    if isinstance(value, dict):
        return {key: placed(item, base) for key, item in value.items()}
    if isinstance(value, File):
        return File(*(placed(item, base) for item in value))
    if isinstance(value, list | tuple):
        return type(value)(placed(item, base) for item in value)
    return value


def behind_the_key(relay, path, data):
    return lambda: data if SECRET in (relay.keys[path] or "") else 401


def set_up(relay, situation):
    relay.answer = placed(situation.answer, relay.base)
    relay.status, relay.content_type = situation.status, situation.content_type
    relay.headers = placed(situation.headers, relay.base)
    relay.files = placed(situation.files, relay.base)
    for path, data in relay.files.items():
        if isinstance(data, list) and data[0] is KEY:
            relay.files[path] = behind_the_key(relay, path, data[1])
    relay.posts, relay.asked = 0, []


def colour(picture):
    pixel = picture.image.convert("RGB").getpixel((1, 1))
    return next(name for name, value in COLOURS.items() if value == pixel)


@pytest.mark.parametrize(
    "situation", [*SITUATIONS, *GATEWAYS], ids=lambda situation: situation.name
)
def test_it_comes_right_and_is_paid_for_once(relay, session, situation, capsys):
    set_up(relay, situation)
    error = None
    try:
        drawing = session.draw("画只猫", **situation.ask)
    except NbextError as problem:
        error, drawing = problem, problem.drawing
    assert type(error).__name__ == (situation.error or "NoneType"), error
    assert tuple(map(colour, drawing.pictures)) == situation.pictures
    assert len(drawing.films) == situation.films
    if situation.posts is not None:
        assert relay.posts == situation.posts
    if situation.billed is not None:
        assert error.maybe_billed == situation.billed
    # Only paths are looked at: whether a list of models is asked for is another matter.
    gets = [path for path in relay.asked if path != "/v1/models" and "/api/pricing" not in path]
    if situation.gets is not None:
        assert tuple(gets) == situation.gets
    shown = " ".join(
        [
            drawing.caption(),
            drawing.text,
            drawing.record.revised_prompt,
            str(error or ""),
            capsys.readouterr().err,
            *drawing.record.warnings,
            json.dumps(drawing.record.progress, ensure_ascii=False),
        ]
    )
    for words in situation.words:
        assert words in shown
    assert SECRET not in shown
