"""A kernel on a notebook, and a fast endpoint that draws plain colours."""

from __future__ import annotations

import base64
import json

import pytest

from nbext.config.settings import Nbext
from nbext.session import current
from nbext.session.session import Session
from tests.records import picture
from tests.relay import Relay

COLOURS = ("red", "green", "blue", "gold", "teal", "pink", "gray", "navy")


class Endpoint(Relay):
    """Draws a plain colour, refuses what is bad, and judges by the colours it was shown."""

    def __init__(self):
        super().__init__()
        self.drawn = 0
        self.judged = 0
        self.answer = self.reply

    def reply(self, body):
        if "messages" in body:
            self.judged += 1
            score = {"reasons": "it is plain", "score": 1 + self.judged % 5}
            message = {"role": "assistant", "content": json.dumps(score)}
            return {
                "choices": [{"message": message, "finish_reason": "stop"}],
                "usage": {"cost": 0.01},
            }
        if "bad" in body["prompt"]:
            return {
                "error": {"message": "refused by our safety system", "code": "moderation_blocked"}
            }
        self.drawn += 1
        data = picture(COLOURS[self.drawn % len(COLOURS)], size=(16, 16 + self.drawn))
        return {"data": [{"b64_json": base64.b64encode(data).decode()}]}


@pytest.fixture
def relay():
    running = Endpoint()
    yield running
    running.stop()


@pytest.fixture
def kernel(tmp_path, relay, monkeypatch):
    """Start a kernel on the notebook; another call is another kernel."""
    monkeypatch.setenv("NBEXT_BASE_URL", f"{relay.base}/v1")
    monkeypatch.setenv("NBEXT_API_KEY", "sk-test-0123456789")
    monkeypatch.setattr(current, "_looking", False)
    started = []

    def start(**chosen):
        session = Session(tmp_path / "cats.draws", chosen=Nbext(**{"confirm_above": 100} | chosen))
        monkeypatch.setattr(current, "_session", session)
        started.append(session)
        return session

    yield start
    for session in started:
        session.run(session.close())
        session.runner.close()


@pytest.fixture
def session(kernel):
    return kernel()
