"""The way to an endpoint, and what else goes on meanwhile."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time

import pytest

from nbext.config import keys
from nbext.config.settings import Nbext
from nbext.errors import ReplayError, SettingsError
from nbext.session import connection as connection_module
from nbext.session.connection import Connection
from nbext.session.session import Session

KEY = "sk-canary-0123456789abcdef"
RELAY = "https://relay.example/v1"


class SlowRing:
    """A keyring whose user takes a while to unlock it."""

    def __init__(self):
        self.asked: list[threading.Thread] = []
        self.asking = self.most = 0
        self.unlocked = threading.Event()

    def get_password(self, service, entry):
        self.asked.append(threading.current_thread())
        self.asking += 1
        self.most = max(self.most, self.asking)
        assert self.unlocked.wait(60)
        self.asking -= 1
        return RELAY if entry == keys.LAST else KEY


@pytest.fixture
def ring(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("NBEXT_", "OPENAI_", "LITELLM_")):
            monkeypatch.delenv(name)
    ring = SlowRing()
    monkeypatch.setattr(keys, "_keyring", lambda: ring)
    monkeypatch.setattr(keys, "_kernel", {})
    monkeypatch.setattr(keys, "_answers", {})
    return ring


def test_the_embedded_endpoint_takes_the_pace_that_is_set(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith(("NBEXT_", "OPENAI_", "LITELLM_")):
            monkeypatch.delenv(name)
    chosen = Nbext(endpoint="embedded")
    connection = Connection(chosen, tmp_path)
    for pace in (0.0, 2.0):
        chosen.embedded_pace = pace
        asyncio.run(connection.endpoint())
        assert connection_module.SERVER.pace == pace
    chosen.embedded_pace = 1.0
    asyncio.run(connection.endpoint())


async def unlock_after_ticks(ring, ticks=5):
    """Unlock the keyring only once the loop is seen to go on while it is asked."""
    end = time.monotonic() + 60
    while not ring.asking and time.monotonic() < end:
        await asyncio.sleep(0.005)
    for _ in range(ticks):
        await asyncio.sleep(0.01)
    assert ring.asking
    ring.unlocked.set()


def test_a_slow_keyring_holds_nothing_else_up(ring, tmp_path):
    connection = Connection(Nbext(), tmp_path)

    async def ask():
        endpoint, _ = await asyncio.gather(connection.endpoint(), unlock_after_ticks(ring))
        return endpoint

    endpoint = asyncio.run(ask())
    assert (endpoint.base_url, endpoint.key.reveal()) == (RELAY, KEY)
    assert threading.main_thread() not in ring.asked


def test_a_slow_keyring_is_asked_by_one_at_a_time(ring, tmp_path):
    connection = Connection(Nbext(), tmp_path)

    async def ask():
        asking = [connection.endpoint() for _ in range(4)]
        *endpoints, _ = await asyncio.gather(*asking, unlock_after_ticks(ring))
        return endpoints

    assert {endpoint.base_url for endpoint in asyncio.run(ask())} == {RELAY}
    assert ring.most == 1


def test_a_draw_waits_for_the_keyring_and_the_loop_does_not(ring, tmp_path):
    """Replay only: with no endpoint that answers, the ladder is gone down to tell which it is."""
    session = Session(tmp_path / "cats.draws", chosen=Nbext(replay="only"))
    asking = session.runner.submit(session.adraw("a cat"))
    session.run(unlock_after_ticks(ring))
    with pytest.raises(ReplayError):
        asking.result(60)
    session.runner.close()


def test_an_interrupt_does_not_wait_for_the_keyring(ring, tmp_path):
    connection = Connection(Nbext(), tmp_path)

    async def ask():
        asking = asyncio.ensure_future(connection.endpoint())
        while not ring.asking:
            await asyncio.sleep(0.005)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert not ring.unlocked.is_set()
        ring.unlocked.set()

    asyncio.run(ask())


def test_an_unknown_endpoint_is_not_the_embedded_one(ring, tmp_path):
    connection = Connection(Nbext(), tmp_path)
    assert not asyncio.run(connection.is_embedded("nowhere"))
    with pytest.raises(SettingsError, match="nowhere"):
        asyncio.run(connection.endpoint("nowhere"))


def test_a_request_that_begins_after_the_close_leaves_no_connection_open(tmp_path, recwarn):
    """As a panel's list of models does when the notebook is closed at once."""
    session = Session(tmp_path / "cats.draws", chosen=Nbext(endpoint="embedded"))

    async def main():
        await session.close()
        assert await session.models()

    session.run(main())
    gc.collect()
    session.runner.close()
    gc.collect()
    assert not [str(one.message) for one in recwarn if one.category is ResourceWarning]
