"""What an endpoint remarks about its answer: the artist in the caption, another one as a warning."""

from __future__ import annotations

import base64

import pytest

from nbext.config.settings import Nbext
from nbext.display.caption import caption
from nbext.session.session import Session
from tests.records import picture
from tests.relay import Relay
from tests.sessions import at_work


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "cats.draws", chosen=Nbext(endpoint="embedded", embedded_pace=0))
    yield made
    made.run(made.close())
    made.runner.close()


def test_a_caption_names_what_the_artist_did_not_know(session):
    assert caption(session.draw("a cat").record).endswith("a sketch")
    for model in ("gpt-4o-image", "gpt-image-2", "gemini-2.5-flash-image", "flux-kontext-pro"):
        record = session.draw("一只猫和一台扬琴", model=model).record
        assert caption(record).endswith("不认识：扬琴"), model
        assert record.warnings == (), "it is said once"


def test_a_relay_that_warns_is_heard_once(tmp_path, monkeypatch):
    relay = Relay()
    warning = {"message": "seed is ignored"}
    relay.answer = lambda _body: {
        "data": [{"b64_json": base64.b64encode(picture()).decode()}],
        "warnings": [warning, "seed is ignored", 7],
    }
    with at_work(relay, tmp_path, monkeypatch, model="gpt-image-2") as session:
        record = session.draw("a cat").record
        assert record.notices == ("seed is ignored",)
        assert dict.fromkeys(record.warnings) == {"@1: seed is ignored": None}
        assert "seed" not in caption(record)
    relay.stop()
