"""Every test of the transport runs on both HTTP libraries, and none waits between tries."""

from __future__ import annotations

import pytest

from nbext.transport import http, retry


@pytest.fixture(params=["httpx2", "httpx"])
def library(request):
    http.use(request.param)
    yield request.param
    http.use("")


@pytest.fixture
def waits(monkeypatch):
    taken = []

    async def sleep(seconds):
        taken.append(seconds)

    monkeypatch.setattr(retry, "sleep", sleep)
    return taken
