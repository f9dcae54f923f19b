"""A model whose long requests a proxy cuts off is asked as a job, where the endpoint lists it so."""

from __future__ import annotations

import pytest

from nbext.config.settings import Nbext
from nbext.errors import TimedOutError, TruncatedError
from nbext.session import async_variant
from nbext.session.session import Session
from tests.relay import Relay
from tests.sinks import picture

MODEL = "gpt-4o-image"


@pytest.fixture
def relay(monkeypatch):
    running = Relay()
    monkeypatch.setenv("NBEXT_BASE_URL", f"{running.base}/v1")
    monkeypatch.setenv("NBEXT_API_KEY", "sk-none")
    running.models = []

    def answer(body):
        running.models.append(body["model"])
        if body["model"] == MODEL:
            return 524, {"error": "a timeout occurred"}
        return {"task_id": "t1", "status": "queued"}

    running.answer = answer
    running.files["/v1/models"] = {"data": [{"id": MODEL}, {"id": f"{MODEL}-async"}]}
    running.files["/v1/tasks/t1"] = {"status": "done", "url": f"{running.base}/cat.png"}
    running.files["/cat.png"] = picture()
    yield running
    running.stop()


@pytest.fixture
def kernel(tmp_path):
    started = []

    def start():
        started.append(Session(tmp_path / "cats.draws", chosen=Nbext()))
        return started[-1]

    yield start
    for session in started:
        session.run(session.close())
        session.runner.close()


def test_after_a_cut_the_variant_is_asked_also_in_the_next_kernel(relay, kernel):
    session = kernel()
    with pytest.raises(TimedOutError) as error:
        session.draw("a cat", model=MODEL)
    assert f"also lists {MODEL}-async" in error.value.remedy
    assert error.value.maybe_billed
    assert relay.models == [MODEL]
    for prompt, now in (("a dog", session), ("a cow", kernel())):
        drawn = now.draw(prompt, model=MODEL)
        assert drawn.pictures
        assert drawn.model == MODEL
        assert any(f"{MODEL}-async is asked" in line for line in drawn.record.warnings)
    assert relay.models == [MODEL, f"{MODEL}-async", f"{MODEL}-async"]
    # What it was asked as changes nothing of what it is: it is shown again for nothing.
    assert kernel().draw("a dog", model=MODEL).pictures
    assert len(relay.models) == 3


def test_without_a_variant_the_model_is_asked_as_before(relay, kernel):
    relay.files["/v1/models"] = {"data": [{"id": MODEL}]}
    session = kernel()
    for prompt in ("a cat", "a dog"):
        with pytest.raises(TimedOutError) as error:
            session.draw(prompt, model=MODEL)
        assert "async" not in error.value.remedy
    assert relay.models == [MODEL, MODEL]


def hang_up():
    raise ConnectionAbortedError


@pytest.mark.parametrize(("long", "variant"), [(0.0, True), (1e6, False)])
def test_hanging_up_without_a_word_counts_as_a_cut_after_a_long_time_only(
    relay, kernel, monkeypatch, long, variant
):
    monkeypatch.setattr(async_variant, "LONG", long)
    session = kernel()
    relay.before_answer = hang_up
    with pytest.raises(TruncatedError) as error:
        session.draw("a cat", model=MODEL)
    assert error.value.maybe_billed
    assert (f"also lists {MODEL}-async" in error.value.remedy) is variant
    # What may have been paid for is never sent again.
    assert relay.posts == 1
    relay.before_answer = lambda: None
    for prompt, now in (("a dog", session), ("a cow", kernel())):
        if variant:
            assert now.draw(prompt, model=MODEL).model == MODEL
        else:
            with pytest.raises(TimedOutError):
                now.draw(prompt, model=MODEL)
            break
    assert relay.models == ([f"{MODEL}-async"] * 2 if variant else [MODEL])
