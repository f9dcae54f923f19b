"""What the tests of sessions share."""

from __future__ import annotations

import pytest

from tests.relay import Relay


@pytest.fixture(scope="module")
def relay():
    running = Relay()
    yield running
    running.stop()
