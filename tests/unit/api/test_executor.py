"""Workers that send: pools and a Dask cluster; keys stay where they are, and this kernel writes."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

import nbext
from nbext.errors import OptionError
from nbext.session import remote
from tests.until import until

from .conftest import Endpoint

KEY = "sk-test-0123456789"
MODELS = ("gpt-image-2",)


class Recording(ThreadPoolExecutor):
    """Keeps the tasks as they are sent."""

    def __init__(self):
        super().__init__(2)
        self.tasks = []

    def submit(self, work, *args):
        self.tasks.append(pickle.dumps((work, args)))
        return super().submit(*pickle.loads(self.tasks[-1])[:1], *pickle.loads(self.tasks[-1])[1])


def test_no_key_is_in_a_task(session, relay):
    with Recording() as pool:
        sweep = nbext.sweep("a {x}", x=["cat", "bad dog"], model=MODELS[0], executor=pool)
    assert [len(sweep), len(sweep.failures), len(pool.tasks)] == [1, 1, 2]
    assert "safety system" in sweep.failures[0][1]
    assert not any(KEY.encode() in task for task in pool.tasks)
    assert sweep.drawings[0].pictures[0].data[:4] == b"\x89PNG"
    assert session.budget.sent == 2
    assert nbext.sweep("a cat", model=MODELS[0], executor=pool).drawings[0].replayed
    assert len(session.history) == 2


def test_a_worker_with_another_endpoint_refuses(session, relay, monkeypatch):
    task = {}

    class Elsewhere(ThreadPoolExecutor):
        def submit(self, work, *args):
            task["it"] = args[0]
            monkeypatch.setenv("NBEXT_BASE_URL", "https://other.example/v1")
            return super().submit(work, *args)

    with Elsewhere(1) as pool:
        sweep = nbext.sweep("a cat", model=MODELS[0], executor=pool)
    assert "A worker has no key for 127.0.0.1" in sweep.failures[0][1]
    assert "NBEXT_API_KEY" in sweep.failures[0][1]
    assert relay.posts == 0


def test_an_executor_that_is_over_or_none_is_told(session, relay):
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    sweep = nbext.sweep("a cat", model=MODELS[0], executor=pool)
    assert "The executor accepts no more tasks" in sweep.failures[0][1]
    assert not session.history[1].error.maybe_billed
    with pytest.raises(OptionError, match="executor"):
        nbext.sweep("a dog", model=MODELS[0], executor="dask")
    assert relay.posts == 0


class Slow(Endpoint):
    """Holds one prompt back until it is let go, and notes what was asked."""

    def __init__(self):
        self.prompts = []
        self.go = threading.Event()
        super().__init__()

    def reply(self, body):
        self.prompts.append(body["prompt"])
        if "slow" in body["prompt"]:
            self.go.wait(60)
        return super().reply(body)


@pytest.fixture
def slow(monkeypatch):
    running = Slow()
    monkeypatch.setenv("NBEXT_BASE_URL", f"{running.base}/v1")
    yield running
    running.go.set()
    running.stop()


ANIMALS = ["cat", "dog", "slow hen", "cow", "pig", "fox"]


def kill_when_waiting(session, slow, others, pids):
    """Kill the worker that waits for the slow prompt, once others are drawn."""
    until(lambda: "a slow hen" in slow.prompts)
    until(lambda: sum(bool(d.pictures) for d in session.history) >= others and pids())
    for pid in pids():
        os.kill(pid, signal.SIGKILL)


def test_a_killed_process_loses_nothing_and_draws_nothing_twice(kernel, relay, slow):
    session = kernel()
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    reply = nbext.sweep("a {x}", x=ANIMALS, model=MODELS[0], executor=pool, wait=False)
    kill_when_waiting(session, slow, 2, lambda: list(pool._processes or ()))
    slow.go.set()
    sweep = reply.wait()
    pool.shutdown(wait=False)
    assert len(sweep) + len(sweep.failures) == len(ANIMALS)
    assert "a slow hen" in {d.prompt for d in session.history if d.error and d.error.maybe_billed}
    with ThreadPoolExecutor(2) as other:
        again = nbext.sweep("a {x}", x=ANIMALS, model=MODELS[0], executor=other)
    assert len(again) == len(ANIMALS)
    twice = {prompt for prompt in slow.prompts if slow.prompts.count(prompt) > 1}
    assert twice <= {"a slow hen"}


def test_dask_with_a_worker_killed(kernel, relay, slow, tmp_path):
    distributed = pytest.importorskip("distributed")
    session = kernel()
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            local_directory=str(tmp_path / "dask"),
            silence_logs=50,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):

        def pids():
            """The process of the worker that has something under way."""
            busy = [address for address, tasks in client.processing().items() if tasks]
            return [client.run(os.getpid, workers=busy)[busy[0]]] if len(busy) == 1 else []

        executor = client.get_executor()
        reply = nbext.sweep("a {x}", x=ANIMALS, model=MODELS[0], executor=executor, wait=False)
        kill_when_waiting(session, slow, len(ANIMALS) - 1, pids)
        slow.go.set()
        sweep = reply.wait()
        if sweep.failures:
            sweep = nbext.sweep("a {x}", x=ANIMALS, model=MODELS[0], executor=executor)
    assert len(sweep) == len(ANIMALS), "nothing is lost"
    twice = {prompt for prompt in slow.prompts if slow.prompts.count(prompt) > 1}
    assert twice <= {"a slow hen"}, "nothing but what was in flight there"
    assert {d.prompt for d in session.history if d.error is None} == {f"a {a}" for a in ANIMALS}


def test_a_task_is_small(session, relay):
    assert set(remote.Task.__struct_fields__) == {
        *("request", "call", "id", "wire", "endpoint", "base_url", "embedded", "limits")
    }
