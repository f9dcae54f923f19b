"""Half price, tomorrow: batches at OpenAI's and Gemini's interface, over kernels that come and go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import nbext
from nbext.config.settings import Nbext
from nbext.errors import BudgetError, HistoryError, OptionError
from nbext.magics.sweep import draws
from nbext.session import batches, current
from nbext.session.batch_note import under_way
from nbext.session.session import Session
from tests.records import picture
from tests.until import until

ROOT = Path(__file__).parents[3]
MODELS = ["gpt-image-2", "gemini-2.5-flash-image"]
PICTURE = picture(size=(64, 64))
CREATES = ("/v1/batches", ":batchGenerateContent")


@pytest.fixture
def kernel(tmp_path, endpoint, monkeypatch):
    """Start a kernel on the notebook; another call is another kernel."""
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
    monkeypatch.setattr(current, "_looking", False)
    started = []

    def start(**chosen):
        session = Session(tmp_path / "cats.draws", chosen=Nbext(**chosen))
        monkeypatch.setattr(current, "_session", session)
        started.append(session)
        return session

    yield start
    for session in started:
        session.run(session.close())
        session.runner.close()


def begun(endpoint):
    """How many batches the endpoint was asked for, and how many drawings beside them."""
    posts = [entry.path for entry in endpoint.log if entry.method == "POST"]
    batches = sum(path.endswith(CREATES) for path in posts)
    return batches, sum(path.endswith(("generations", ":generateContent")) for path in posts)


def drawn(model, animals=("cat", "dog"), **how):
    fixed = {"size": "1024x640"} if model.startswith("gpt") else {}
    return nbext.sweep(
        "a {animal}", animal=list(animals), model=model, batch=True, fixed=fixed, **how
    )


def waited(sweep):
    until(lambda: not sweep.collect().pending)
    return sweep


@pytest.mark.parametrize("model", MODELS)
def test_pictures_come_in_another_kernel(kernel, endpoint, model, capsys):
    first = kernel(prices={model: 0.2})
    sweep = drawn(model)
    assert (len(sweep), sweep.pending) == (0, 2)
    assert [d.record.type for d in first.history] == ["sent", "sent"]
    assert first.budget.under_way == 2
    second = kernel(prices={model: 0.2})
    shell = SimpleNamespace(kernel=None, user_ns={})
    out = ""
    while "received" not in out:
        draws(shell, "")
        out += capsys.readouterr().out
    assert f"b1  2 drawings in a batch of {model} at 127.0.0.1" in out
    assert "2 drawings received" in out
    assert all(d.pictures[0].image.size for d in second.history)
    assert second.spent == pytest.approx(0.2), "half the price"
    again = drawn(model)
    assert [d.replayed for d in again] == [True, True]
    assert begun(endpoint)[0] == 1
    assert nbext.sweeps()[0].drawings == again.drawings
    draws(shell, "")
    assert "No request is running" in capsys.readouterr().out


def test_what_a_batch_has_is_not_sent_again(kernel, endpoint):
    kernel()
    drawn(MODELS[0])
    more = drawn(MODELS[0], ["cat", "dog", "hen"])
    assert more.pending + len(more) == 3
    assert begun(endpoint)[0] == 2, "the hen alone"
    kernel()
    late = nbext.sweep("a {animal}", animal=["cat"], model=MODELS[0], fixed={"size": "1024x640"})
    # It has come meanwhile, or it is said where it is; it is not drawn beside the batch.
    assert len(late) == 1 or "not finished yet" in late.failures[0][1]
    assert len(waited(more)) == 3
    ours = begun(endpoint)[1]
    assert ours <= 3, "only the endpoint's own, inside the batches"


def test_failures_have_reasons_each(kernel):
    kernel()
    sweep = waited(drawn("gpt-image-2", ["cat", "embedded-refuses please"]))
    assert len(sweep) + len(sweep.failures) == 2


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("at", ["before", "after"])
def test_a_kernel_killed_in_between_pays_once(kernel, endpoint, tmp_path, monkeypatch, model, at):
    """Killed as the batch leaves, or before anyone has heard its id."""
    code = f"""
import os, nbext
from nbext.session import batches
whole = batches.answer_of
async def killed(session, endpoint, call, *, key=""):
    if {at!r} == "after":
        await whole(session, endpoint, call, key=key)
    os.kill(os.getpid(), 9)
batches.answer_of = killed
nbext.sweep("a {{animal}}", animal=["cat", "dog"], model={model!r}, batch=True,
            fixed={{"size": "1024x640"}} if {model!r}.startswith("gpt") else {{}})
"""
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "NBEXT_BASE_URL": endpoint.base_url,
        "NBEXT_API_KEY": endpoint.key,
        "NBEXT_NOTEBOOK": "cats.ipynb",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environ, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    session = kernel()
    assert [d.record.type for d in session.history] == ["sent", "sent"]
    if at == "before":
        session.run(batches.collect(session))
        assert {d.record.type for d in session.history} == {"sent"}, "it may be about to leave"
        monkeypatch.setattr(batches, "GRACE_SECONDS", 0.0)
    sweep = waited(drawn(model))
    assert len(sweep) == 2
    assert begun(endpoint)[0] == 1
    assert len([d for d in session.history if d.pictures]) == 2


def test_drawings_of_a_batch_that_never_left_are_drawn(kernel, endpoint, monkeypatch):
    """The kernel ended between their lines and the batch's note, which is written before it is sent."""
    kernel()

    async def ended(*_):
        raise HistoryError("ended")

    with monkeypatch.context() as patch:
        patch.setattr(batches, "_save", ended)
        with pytest.raises(HistoryError):
            drawn("gpt-image-2")
    kernel()
    fixed = {"size": "1024x640"}
    sweep = nbext.sweep("a {animal}", animal=["cat", "dog"], model="gpt-image-2", fixed=fixed)
    assert len(sweep) == 2
    assert begun(endpoint)[0] == 0


def test_what_cannot_be_a_batch_is_told_before(kernel, endpoint):
    session = kernel(max_requests=1)
    with pytest.raises(OptionError, match="cannot be used in batches"):
        nbext.sweep("a cat", model=MODELS[0], batch=True, fixed={"via": "chat"})
    with pytest.raises(OptionError, match="takes no reference pictures"):
        nbext.sweep("a cat", model=MODELS[0], image=[PICTURE], batch=True)
    with pytest.raises(BudgetError):
        drawn(MODELS[0])
    with pytest.raises(OptionError, match="needs no executor"):
        drawn(MODELS[0], executor=object())
    assert len(session.history) == 0
    assert begun(endpoint) == (0, 0)


def test_another_endpoint_leaves_it_alone(kernel, monkeypatch, capsys):
    kernel()
    drawn(MODELS[0], ["cat"])
    monkeypatch.setenv("NBEXT_BASE_URL", "http://localhost:1/v1")
    session = kernel()
    draws(SimpleNamespace(kernel=None, user_ns={}), "")
    assert "The batch is at 127.0.0.1" in capsys.readouterr().out
    assert session.history[1].record.type == "sent"
    with pytest.raises(HistoryError, match="not finished yet"):
        session.run(batches.pick_up(session, session.history[1].record))


def test_a_batch_is_cancelled(kernel, capsys):
    session = kernel()
    drawn(MODELS[0], ["cat", "dog", "hen", "fox"])
    shell = SimpleNamespace(kernel=None, user_ns={})
    draws(shell, "cancel b1")
    assert "1 batch will be cancelled" in capsys.readouterr().out
    with pytest.raises(OptionError, match="number b7"):
        draws(shell, "cancel b7")
    while under_way(session.store.records()):
        draws(shell, "")
    came = [d for d in session.history if d.pictures]
    gone = [d for d in session.history if d.error]
    assert len(came) + len(gone) == 4
