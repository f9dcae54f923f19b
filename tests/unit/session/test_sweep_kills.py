"""A sweep whose kernel is killed goes on in another one: what was on disk is free, and no more is paid twice than
may be under way at once.

A relay kills the kernel itself, at one of its requests or answers; then the history is read as the next kernel does.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from contextlib import contextmanager

import pytest

import nbext
from nbext.errors import NbextError
from nbext.session import current
from nbext.store.claims import find_claims, is_resumable
from nbext.store.store import Store
from tests.faults.answers import GOOD
from tests.faults.forks import forking
from tests.relay import Answering, Server
from tests.sessions import at_work
from tests.sinks import picture
from tests.until import until

# What a kernel does: the same sweep, in one of the ways.
WORK = """
import asyncio, os
from concurrent.futures import ThreadPoolExecutor
import nbext, nbext.api.sweep, nbext.session.session, nbext.session.remote, nbext.session.intervals
import nbext.transport.client, nbext.transport.http, nbext.wire.images, nbext.drawings.shown, PIL.Image
import nbext.session.exchange, nbext.session.fetching, nbext.transport.download, nbext.magics.sweep
from nbext.config.settings import Nbext
from nbext.session import current, intervals
from nbext.session.session import Session

def work(folder, what, turn):
    intervals.FIRST_LOOK, intervals.LAST_LOOK = 0.01, 0.02
    way, most, names, base = what
    os.environ |= {"NBEXT_BASE_URL": f"{base}/v1", "NBEXT_API_KEY": "sk-test-1234567890"}
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    settings = Nbext(confirm_above=10**6, max_concurrent=most, model="gpt-image-2")
    current._session = Session(folder / "cats.draws", chosen=settings)
    async def awaited():
        return await nbext.sweep("a {animal}", animal=names, wait=False)
    if way == "called":
        result = nbext.sweep("a {animal}", animal=names)
    elif way == "awaited":
        result = asyncio.run(awaited())
    elif way == "cell":
        body = "prompt: a {animal}\\nanimal: " + json.dumps(names)
        nbext.magics.sweep.sweep(None, "", body)
        result = nbext.sweeps()[-1]
    else:
        # More workers than requests may be under way.
        with ThreadPoolExecutor(most + 3) as executor:
            result = nbext.sweep("a {animal}", animal=names, executor=executor)
    print(json.dumps({"drawings": len(result.drawings)}), flush=True)
"""


class Relay(Server):
    """Draws what it is asked for, inside the answer, behind a link or as a job, and kills a kernel.

    Attributes:
        posts: The prompts and the requests' ids, in order.
        kill: What kills the kernel: ``post`` or ``answer``, how many of them are left, and its process.
    """

    def __init__(self, names):
        self.posts: list[tuple[str, str]] = []
        self.kill: tuple[str, int, int] | None = None
        self.lock = threading.Lock()
        self.ways = {f"a {name}": n % 3 for n, name in enumerate(names)}
        relay = self

        class Handler(Answering):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                prompt = body["prompt"]
                with relay.lock:
                    relay.posts.append((prompt, self.headers["idempotency-key"]))
                relay.come("post")
                way = relay.ways[prompt]
                if way == 2:
                    job = {"id": f"job-{prompt[2:]}", "object": "image", "status": "queued"}
                    answer = json.dumps(job).encode()
                else:
                    answer = GOOD[5 + way].body
                    link = f"{relay.base}/{prompt[2:]}.png"
                    answer = answer.replace(b"ORIGIN", link.encode())
                self.reply(answer, "application/json")
                relay.come("answer")

            def do_GET(self):
                if ".png" in self.path:
                    self.reply(picture(size=(8 + len(self.path), 16)), "image/png")
                    return
                name = self.path.rpartition("/")[2]
                state = {"id": name, "object": "image", "status": "succeeded"}
                state["data"] = [{"url": f"{relay.base}/{name}.png"}]
                self.reply(json.dumps(state).encode(), "application/json")

        super().__init__(Handler)

    def come(self, what):
        """Count a request or an answer; the last of them kills the kernel."""
        with self.lock:
            if self.kill is None or self.kill[0] != what:
                return
            _, left, pid = self.kill
            self.kill = (what, left - 1, pid) if left > 1 else None
            if left <= 1:
                os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def forks(tmp_path_factory):
    with forking(WORK, str(tmp_path_factory.mktemp("kernels"))) as running:
        yield running


@contextmanager
def relaying(names):
    relay = Relay(names)
    try:
        yield relay
    finally:
        relay.stop()


def on_disk(folder):
    """Give the prompts whose drawing is on disk, or can be fetched for free."""
    records = Store(folder / "cats.draws").records()
    drawn = {r.prompt for r in records if r.type == "drawing" and r.pictures and r.error is None}
    return drawn | {r.prompt for r in records if is_resumable(r)}


def end_of(forks):
    """Wait until a kernel has ended; give what it said."""
    told = ""
    while '{"end"' not in (line := forks.lines.readline()):
        told += line
    return told + line.partition('{"end"')[0]


@pytest.mark.parametrize("way", ["called", "awaited", "cell", "executor"])
@pytest.mark.parametrize("most", [1, 2, 8])
def test_no_more_is_paid_twice_than_may_be_under_way(forks, tmp_path, way, most):
    rng = random.Random(f"{way} {most}")
    names = [f"{n}" for n in range(3 * most + 6)]
    disk = [set()]
    with relaying(names) as relay:
        while (left := len(names) - len(disk[-1])) and len(disk) < 3:
            pid = forks.start(tmp_path, [way, most, names, relay.base], len(disk))
            relay.kill = (rng.choice(["post", "post", "answer"]), rng.randint(1, left), pid)
            end_of(forks)
            disk.append(on_disk(tmp_path))
            records = Store(tmp_path / "cats.draws").records()
            last = max(records, key=lambda record: record.started).session
            # What has a job or a link is fetched for free.
            lost = [r for r in records if r.session == last and r.type == "sent"]
            lost = [r for r in lost if not is_resumable(r)]
            claims = find_claims(records)
            unsent = {r.id for r in lost if r.number in claims.unsent}
            posted = {key for _, key in relay.posts}
            assert not unsent & posted, "what is said to be unsent was not sent"
            assert len({r.id for r in lost} - unsent) <= most, "no claim for what only waited"
        relay.kill = None
        forks.start(tmp_path, [way, most, names, relay.base], len(disk))
        told = end_of(forks)
        disk.append(on_disk(tmp_path))
        assert f'"drawings": {len(names)}' in told
        assert disk[-1] == {f"a {name}" for name in names}
        # What a killed kernel had sent may be read later: by its id it belongs to that kernel.
        records = {record.id: record for record in Store(tmp_path / "cats.draws").records()}
        kernels = list(dict.fromkeys(record.session for record in records.values()))
        assert len(relay.posts) == len(set(relay.posts)), "no request came twice"
        for before, after, kernel in zip(disk, disk[1:], kernels, strict=False):
            posts = {p for p, key in relay.posts if records[key].session == kernel}
            assert not before & posts, "what is on disk is free"
            assert len(posts - after) <= most, "only what was under way is paid for again"


def test_what_waited_for_its_place_was_not_sent_and_many_are_told_in_one_line(
    tmp_path, monkeypatch, capsys
):
    """A sweep is cancelled, and one is killed: only what had left may have been billed."""
    names = [f"{n}" for n in range(7)]
    with relaying(names) as relay:
        go, come = threading.Event(), threading.Semaphore(0)
        relay.come = lambda what: (come.release(), go.wait()) if what == "post" else None
        with at_work(relay, tmp_path, monkeypatch, max_concurrent=3) as session:
            monkeypatch.setattr(current, "_session", session)
            reply = nbext.sweep("a {x}", x=names, model="gpt-image-2", wait=False)
            for _ in range(3):
                come.acquire()
            reply.cancel()
            with pytest.raises(NbextError, match="cancelled"):
                reply.wait()
            until(lambda: all(r.type == "drawing" for r in session.store.records()))
            go.set()
            billed = [r.error.maybe_billed for r in session.store.records()]
            assert billed == [True] * 3 + [False] * 4
            assert len(find_claims(session.store.records())) == 3
            assert session.budget.sent == 3
        # As a kernel leaves them that is killed.
        lines = (tmp_path / "cats.draws" / "history.jsonl").read_text().splitlines(keepends=True)
        sent = [line for line in lines if '"type":"sent"' in line]
        (tmp_path / "cats.draws" / "history.jsonl").write_text("".join(sent))
        claims = find_claims(Store(tmp_path / "cats.draws").records())
        assert ([c.number for c in claims], claims.unsent) == ([1, 2, 3], [4, 5, 6, 7])
        told = "4 requests were still waiting and never sent: @4–@7. Nothing is billed;"
        assert told in str(claims)
        with at_work(relay, tmp_path, monkeypatch, max_concurrent=3) as session:
            monkeypatch.setattr(current, "_session", session)
            plan = nbext.sweep("a {x}", x=names, model="gpt-image-2", dry_run=True)
            line = "3 requests have had no answer, and some may have been billed: @1–@3."
            assert line in str(plan)
            capsys.readouterr()
            assert len(nbext.sweep("a {x}", x=names, model="gpt-image-2")) == 7
            told = capsys.readouterr().err
            assert line in told
            assert told.count("billed") == 1
