"""What comes of a batch: any order, some, twice, none at all; and batches that are lost or late."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import msgspec
import pytest

import nbext
from nbext.errors import NotAnEndpointError
from nbext.magics.sweep import draws
from nbext.session import batches
from nbext.session.batch_note import batches_of
from nbext.store.merge import note_of
from nbext.wire.batches import batch_wire
from tests.records import picture
from tests.relay import File
from tests.until import until

SHELL = SimpleNamespace(kernel=None, user_ns={})
COLOURS = {"cat": (255, 0, 0), "dog": (0, 128, 0), "hen": (0, 0, 255)}
UNPROCESSED = {"code": "batch_expired", "message": "The completion window has ended."}


def line(key, animal):
    data = base64.b64encode(picture(COLOURS[animal], size=(8, 8))).decode()
    response = {"status_code": 200, "body": {"data": [{"b64_json": data}]}}
    return json.dumps({"custom_id": key, "response": response, "error": None}).encode()


@pytest.fixture
def begin(kernel, relay):
    """Send a batch of three animals; another kernel is at work afterwards."""

    def start(answers=None, **job):
        relay.files["POST /v1/files"] = {"id": "file-1"}
        relay.answer = {"id": "batch_1", "status": "validating"}
        relay.files["/v1/batches/batch_1"] = {"id": "batch_1", "output_file_id": "out"} | job
        first = kernel(prices={"gpt-image-2": 0.2})
        drawn()
        ids = {d.record.prompt.split()[1]: d.id for d in first.history}
        if answers is not None:
            data = answers(ids)
            relay.files["/v1/files/out/content"] = lambda: File(data, content_type="text/plain")
        return kernel(prices={"gpt-image-2": 0.2})

    return start


def drawn(**how):
    animals = list(COLOURS)
    return nbext.sweep("a {animal}", animal=animals, model="gpt-image-2", batch=True, **how)


def came(session):
    """The animals that have come, each as itself."""
    pictures = {d.record.prompt.split()[1]: d.pictures[0] for d in session.history if d.pictures}
    for animal, one in pictures.items():
        assert one.image.convert("RGB").getpixel((1, 1)) == COLOURS[animal]
    return set(pictures)


def listed(capsys, words=""):
    capsys.readouterr()
    draws(SHELL, words)
    return capsys.readouterr().out


def test_answers_in_any_order_twice_and_of_others(begin, relay, capsys):
    def answers(ids):
        lines = [line(ids["hen"], "hen"), line(ids["cat"], "cat"), b"{torn", line("x", "dog")]
        return b"\xef\xbb\xbf" + b"\r\n".join(
            [*lines, line(ids["hen"], "dog"), line(ids["dog"], "dog")]
        )

    session = begin(answers, status="completed")
    assert "3 drawings received" in listed(capsys)
    assert came(session) == set(COLOURS)
    assert session.spent == pytest.approx(0.3)
    assert len(drawn()) == 3
    assert relay.posts == 1


@pytest.mark.parametrize("rest", [b"", None])
def test_what_a_completed_batch_has_no_answer_to_may_be_billed(begin, relay, capsys, rest):
    """Its file is empty, lacks lines, or is gone."""
    session = begin(rest if rest is None else lambda _: rest, status="completed")
    relay.files.setdefault("/v1/files/out/content", (404, {"error": {"message": "No such File"}}))
    out = listed(capsys)
    assert "@1, @2, @3: " in out
    assert ("no longer has the file out" if rest is None else "do not contain this drawing") in out
    assert "Look up the batch batch_1 at 127.0.0.1" in out
    assert {d.error.maybe_billed for d in session.history} == {True}
    assert session.budget.under_way == 0


def test_what_a_batch_did_not_process_is_not_billed(begin, capsys):
    def answers(ids):
        error = {"custom_id": ids["cat"], "response": None, "error": UNPROCESSED}
        return b"\n".join([line(ids["hen"], "hen"), json.dumps(error).encode()])

    session = begin(answers, status="expired")
    out = listed(capsys)
    assert "1 drawing received, 2 failed" in out
    assert "@1: The completion window has ended." in out
    assert "@2: The batch ended without this drawing: expired." in out
    assert came(session) == {"hen"}
    assert not any(d.error.maybe_billed for d in session.history if d.error)
    assert session.spent == pytest.approx(0.1)


def test_a_batch_that_does_not_end_can_be_cancelled_under_its_number(begin, relay, capsys):
    session = begin(status="in_progress")
    assert "cancel b1" not in listed(capsys)
    (batch,) = batches_of(session.store.records())
    batch.note.sent = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    note = note_of(batch.first.id, {f"batch.{batch.name}": msgspec.to_builtins(batch.note)})
    session.run(session.store.append_async(note))
    assert "should end within a day. %draws cancel b1" in listed(capsys)
    relay.files["POST /v1/batches/batch_1/cancel"] = {"id": "batch_1", "status": "cancelling"}
    assert "1 batch will be cancelled" in listed(capsys, "cancel b1")
    relay.files["/v1/batches/batch_1"] = {"id": "batch_1", "status": "cancelled"}
    assert "b1  3 drawings" in listed(capsys)
    relay.files["/v1/batches/batch_2"] = {"id": "batch_2", "status": "in_progress"}
    relay.answer = {"id": "batch_2", "status": "validating"}
    drawn()
    assert "b2  3 drawings" in listed(capsys), "the number of a batch never changes"


def test_a_kernel_without_the_key_loses_nothing(begin, relay, capsys, monkeypatch):
    session = begin(status="in_progress")
    monkeypatch.delenv("NBEXT_API_KEY")
    assert "There is no key for" in listed(capsys)
    assert {d.record.type for d in session.history} == {"sent"}
    monkeypatch.delenv("NBEXT_BASE_URL")
    assert "The batch is at 127.0.0.1" in listed(capsys)
    assert drawn().pending == 3
    assert relay.posts == 1


def test_a_batch_without_an_id_is_found_in_the_list(begin, kernel, relay, capsys, monkeypatch):
    """It may have been created: nothing is sent beside it."""
    relay.files["POST /v1/files"] = {"id": "file-1"}
    relay.answer = {"ok": True}
    session = kernel()
    with pytest.raises(NotAnEndpointError, match="does not say the id"):
        drawn()
    monkeypatch.setattr(batches, "GRACE_SECONDS", 0.0)
    (batch,) = batches_of(session.store.records())
    other = {"id": "batch_9", "status": "completed", "metadata": {}}
    ours = {"id": "batch_1", "status": "in_progress", "metadata": {"nbext": batch.name}}
    relay.files["/v1/batches?limit=100"] = {"data": [other], "has_more": True}
    relay.files["/v1/batches?limit=100&after=batch_9"] = {"data": [ours], "has_more": False}
    relay.files["/v1/batches/batch_1"] = ours
    assert "in progress, 0 of 3" in listed(capsys)
    assert drawn().pending == 3
    assert relay.posts == 1


@pytest.mark.parametrize("model", ["gpt-image-2", "gemini-2.5-flash-image"])
def test_a_batch_of_an_embedded_endpoint_that_is_gone_is_drawn_again(
    kernel, capsys, monkeypatch, model
):
    """Each kernel has its own embedded endpoint, at a port of its own, which ends with it."""
    monkeypatch.delenv("NBEXT_BASE_URL")
    monkeypatch.delenv("NBEXT_API_KEY")
    session = kernel(embedded_pace=0)
    how = {"x": ["cat"], "model": model, "batch": True}
    nbext.sweep("a {x}", **how)
    (batch,) = batches_of(session.store.records())
    batch.note.host = "127.0.0.1:1"
    note = note_of(batch.first.id, {f"batch.{batch.name}": msgspec.to_builtins(batch.note)})
    session.run(session.store.append_async(note))
    out = listed(capsys)
    assert f"batch of {model} at the embedded endpoint" in out
    assert "It cost nothing" in out
    sweep = nbext.sweep("a {x}", **how)
    until(lambda: not sweep.collect().pending)
    assert len(sweep) == 1
    assert [d.error is None for d in session.history] == [False, True]


def test_geminis_answers_come_in_a_file_too():
    how = batch_wire("gemini", "gemini-2.5-flash-image")
    job = how.job({"name": "batches/1", "done": True, "response": {"responsesFile": "files/9"}})
    assert (job.state, job.files) == ("done", ("files/9",))
    result = how.result(b'{"key": "ab", "response": {"candidates": []}}')
    assert (result.key, result.status, result.body) == ("ab", 200, b'{"candidates":[]}')
    assert how.result(b'{"key": "ab", "error": {"code": 13}}').status == 500
    assert how.job({"metadata": {"state": "JOB_STATE_EXPIRED"}}).state == "failed"
    assert how.next_page({"nextPageToken": "100"}) == "100"
