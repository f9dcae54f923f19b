"""A panel without a kernel: what it would send to the page is kept."""

from __future__ import annotations

import pytest

from nbext.config.settings import Nbext
from nbext.session.session import Session
from tests.until import until


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "cats.draws", chosen=Nbext(endpoint="embedded"))
    yield made
    made.run(made.close())
    made.runner.close()


class Page:
    """Stands for the page: remembers messages, and answers as a script would."""

    def __init__(self, part):
        self.part = part
        self.heard = []
        part.send = self._send

    def _send(self, content, buffers=None):
        self.heard.append((content, list(buffers or [])))

    def of(self, do):
        return [(content, buffers) for content, buffers in self.heard if content["do"] == do]

    def last(self, do):
        return self.of(do)[-1]

    def say(self, do, buffers=(), **content):
        self.part._hear(self.part, {"do": do, **content}, list(buffers))


@pytest.fixture
def page():
    return Page


@pytest.fixture
def wait():
    return until


@pytest.fixture
def panel(session):
    from nbext.panel.panel import Panel

    made = Panel(session=session)
    made.pages = {
        "pulse": Page(made.pulse),
        "stage": Page(made.stage),
        "gallery": Page(made.gallery),
        "form": Page(made.form),
        "zone": Page(made.form.zone),
    }
    yield made
    made.close()
