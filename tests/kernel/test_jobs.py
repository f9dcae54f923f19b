"""A film's job outlives the kernel that asked for it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from nbext.embedded import tasks
from nbext.embedded.server import Endpoint
from tests.until import until

FILM = "%%video sora-2 --size 320x180 --seconds 1\na cat walks"


@pytest.fixture
def released(monkeypatch):
    """No film is ready before this is set."""
    event, finish = threading.Event(), tasks.finish

    async def finish_when_released(state, task):
        while not event.is_set():
            await asyncio.sleep(0.01)
        await finish(state, task)

    monkeypatch.setattr(tasks, "finish", finish_when_released)
    return event


@pytest.fixture
def relay(released):
    endpoint = Endpoint(pace=0)
    endpoint.start()
    yield endpoint
    endpoint.stop()


def holds(folder, text):
    journal = folder / "nbext.draws" / "history.jsonl"
    return journal.exists() and text in journal.read_text()


@pytest.fixture
def after_a_crash(kernels, tmp_path, relay):
    """A kernel that comes after one that was killed while a cell waited."""

    def start(cell: str, text: str):
        environ = {"NBEXT_BASE_URL": relay.base_url, "NBEXT_API_KEY": relay.key}
        first = kernels(tmp_path, **environ)
        first.run("%load_ext nbext")
        first.send(cell, cell="c1")
        until(lambda: holds(tmp_path, text), "nothing was sent")
        first.stop()
        second = kernels(tmp_path, **environ)
        second.run("%load_ext nbext\nimport nbext")
        return second

    return start


def test_a_job_is_picked_up_by_the_next_kernel(after_a_crash, relay, released):
    second = after_a_crash(FILM, '"job"')
    assert "running" in second.run("%video").text
    released.set()
    ran = second.run("%video @1")
    assert ran.status == "ok", ran.error
    assert any("<video" in o["data"].get("text/html", "") for o in ran.outputs)
    assert "done" in second.run("%video").text
    creates = [r for r in relay.log if r.method == "POST" and r.path.endswith("/videos")]
    assert len(creates) == 1


def test_the_cell_run_again_picks_its_job_up(after_a_crash, relay, released):
    second = after_a_crash(FILM, '"job"')
    released.set()
    ran = second.run(FILM, cell="c1")
    assert ran.status == "ok", ran.error
    assert any("<video" in o["data"].get("text/html", "") for o in ran.outputs)
    assert len([r for r in relay.log if r.method == "POST"]) == 1
    assert second.value("len(nbext.history)") == "1"


def test_a_request_that_a_crash_cut_off_is_told_of(after_a_crash):
    cell = "%%draw embedded-silent\na cat"
    second = after_a_crash(cell, '"sent"')
    second.run("%config Nbext.silence_timeout = 1")
    said = "@1 was sent"
    told = second.run(cell, cell="c1")
    assert said in told.text
    assert "may have been billed" in told.text
    assert said not in second.run(cell, cell="c1").text


def test_who_stops_the_cell_is_told_how_to_have_the_film(kernels, tmp_path, relay):
    kernel = kernels(tmp_path, NBEXT_BASE_URL=relay.base_url, NBEXT_API_KEY=relay.key)
    kernel.run("%load_ext nbext")
    sent = kernel.send(FILM)
    until(lambda: holds(tmp_path, '"job"'), "nothing was sent")
    kernel.interrupt()
    stopped = kernel.wait(sent)[0]
    assert "%video @1 picks it up again" in "".join(stopped.error["traceback"])
    assert len(stopped.error["traceback"]) == 1
