"""What is true of a model, whatever is requested of it, is told once in a session."""

from __future__ import annotations

import base64

import pytest

from nbext.config.settings import Nbext
from nbext.session.session import Session
from tests.relay import Relay
from tests.sinks import picture


@pytest.fixture
def relay(monkeypatch):
    running = Relay()
    monkeypatch.setenv("NBEXT_BASE_URL", f"{running.base}/v1")
    monkeypatch.setenv("NBEXT_API_KEY", "sk-none")
    running.answer = {"data": [{"b64_json": base64.b64encode(picture()).decode()}]}
    yield running
    running.stop()


def ended(drawing):
    return [line for line in drawing.record.warnings if "was shut down" in line]


def test_an_ended_model_is_told_once_a_session_and_model(relay, tmp_path):
    for _ in range(2):
        session = Session(tmp_path / "cats.draws", chosen=Nbext(replay="never"))
        try:
            first, second = (session.draw("a cat", model="dall-e-3") for _ in range(2))
            assert (len(ended(first)), len(ended(second))) == (1, 0)
            assert ended(session.draw("a cat", model="gpt-image-1"))
        finally:
            session.run(session.close())
            session.runner.close()
