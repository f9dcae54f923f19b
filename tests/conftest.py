"""Fixtures that many tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# The same examples on each run of CI, so that a change is not refused for what was there before;
# new ones on a developer's machine. Loaded machines are slow, which says nothing of the code.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("developer", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "developer")


@pytest.fixture(scope="session")
def endpoint():
    """The embedded endpoint, without its delays."""
    from nbext.embedded.server import Endpoint

    running = Endpoint(pace=0)
    running.start()
    yield running
    running.stop()
