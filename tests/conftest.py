"""Fixtures that many tests share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def endpoint():
    """The embedded endpoint, without its delays."""
    from nbext.embedded.server import Endpoint

    running = Endpoint(pace=0)
    running.start()
    yield running
    running.stop()
