"""Fixtures that many tests share."""

from __future__ import annotations

import gc
import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from nbext.messages.say import use_language

# Run by ``make peers``, each in an environment of its own.
# Looking for doctests in a table would add its rows a second time.
collect_ignore = ["peers", "cases/gateways"]

# The same examples on each run of CI, so that a change is not refused for what was there before;
# new ones on a developer's machine. Loaded machines are slow, which says nothing of the code.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("developer", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "developer")


# Each worker, and each process that the tests start, would compile everything anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell that starts the tests in its background has interrupts ignored, here and in all that the
# tests start: they test what an interrupt does.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Nobody's key, wherever it is set: a test would draw with it, and have it billed. What the
# tests start inherits this.
for name in ("NBEXT_BASE_URL", "OPENAI_BASE_URL", "LITELLM_API_BASE"):
    os.environ.pop(name, None)
    os.environ.pop(f"{name.partition('_')[0]}_API_KEY", None)
os.environ.pop("NBEXT_ENDPOINT", None)
# What one test has drawn is no reason for another not to draw it.
os.environ["XDG_STATE_HOME"] = os.path.join(os.devnull, "state")
# IPython warns where this names another environment than the one that runs.
os.environ.pop("VIRTUAL_ENV", None)
# The messages that tests read, whatever the system speaks.
os.environ["LC_ALL"] = "C.UTF-8"
os.environ.pop("NBEXT_LANGUAGE", None)
# A client that trusts nobody is made in a thirtieth of the time, and no test goes anywhere. What is
# trusted otherwise is for what a test installs; workers find it where the process that starts them left it.
NOBODY = os.fspath(Path(__file__).with_name("nobody.pem"))
if os.environ.get("SSL_CERT_FILE") != NOBODY:
    os.environ["TRUSTED_WITHOUT_TESTS"] = os.environ.get("SSL_CERT_FILE", "")
    os.environ["SSL_CERT_FILE"] = NOBODY
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"


# Files with few tests that each take long: begun last, one would run on while other workers wait.
LONG = ("browser/", "kernel/", "unit/test_docs.py", "unit/store/", "bench/", "faults/")


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest: workers take files in this order."""
    here = os.fspath(Path(__file__).parent) + os.sep
    places = {}
    for path in {item.path for item in items}:
        name = os.fspath(path).removeprefix(here).replace(os.sep, "/")
        places[path] = next(
            (n for n, start in enumerate(LONG) if name.startswith(start)), len(LONG)
        )
    items.sort(key=lambda item: places[item.path])


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Look for no garbage while the tests are collected, nor among them later: they stay to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def endpoint():
    """The embedded endpoint, without its delays."""
    from nbext.embedded.server import Endpoint

    running = Endpoint(pace=0)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module", autouse=True)
def _sketches(request):
    """Coarse ones, but where it matters what is drawn."""
    from tests.sketches import draw_coarsely

    draw_coarsely(not request.path.name.startswith(("test_artist", "test_masks")))


@pytest.fixture
def counting_relay():
    """A relay that never gives the same picture twice, and counts."""
    from tests.relay import CountingRelay

    running = CountingRelay()
    yield running
    running.stop()


def pytest_runtest_setup():
    """Each test begins in English: the language is that of the process."""
    use_language("auto")


@pytest.fixture(autouse=True)
def _own_log(request):
    """Each test counts its own requests: the log keeps only so many."""
    if "endpoint" in request.fixturenames:
        getattr(request.getfixturevalue("endpoint"), "log", []).clear()


@pytest.fixture(params=["httpx2", "httpx"])
def library(request):
    """Each of the HTTP libraries in turn."""
    from nbext.transport import http

    http.use(request.param)
    yield request.param
    http.use("")


@pytest.fixture
def waits(monkeypatch):
    """No waiting between tries; the seconds that were to be waited."""
    from nbext.transport import retry

    taken = []

    async def sleep(seconds):
        taken.append(seconds)

    monkeypatch.setattr(retry, "sleep", sleep)
    return taken
