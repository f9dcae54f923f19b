"""A session of a test that is at work with a relay, as with any paid endpoint."""

from __future__ import annotations

import contextlib

from nbext.config.settings import Nbext
from nbext.session.session import Session


@contextlib.contextmanager
def at_work(relay, folder, monkeypatch, *, key="sk-test-1234567890", **settings):
    """Open a session on a new history in a folder, and close it."""
    monkeypatch.setenv("NBEXT_BASE_URL", f"{relay.base}/v1")
    monkeypatch.setenv("NBEXT_API_KEY", key)
    session = Session(folder / "cats.draws", chosen=Nbext(**settings))
    yield session
    session.run(session.close())
    session.runner.close()
