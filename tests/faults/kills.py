"""Kernels that are killed while they draw: what they acknowledged is there, and none is asked twice.

A process that has everything imported forks the kernels, so that a thousand of them take minutes.
Each draws in a loop from a relay of ours and says on a pipe what it has shown; SIGKILL comes at any
time. Then the history is read as the next kernel would read it.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import signal
import tempfile
import threading
from pathlib import Path

from nbext.store.store import Store
from tests.faults.answers import GOOD
from tests.faults.case import Tally
from tests.faults.forks import Forks, forking
from tests.faults.surroundings import paid_endpoint
from tests.relay import Answering, Server
from tests.sinks import picture

# Kills on one history.
PER_FOLDER = 25
# A kernel is killed so many seconds after one of its first drawings, at the latest.
LONGEST = 0.06
MOST_DRAWINGS = 6
# The ways in that the kernels draw by: the picture in the answer, behind a link, three takes.
WAYS = ("inside", "link", "takes")

_TURN = re.compile(rb'"(\d+)-\d+ (?:inside|link|takes)')

# What a kernel does.
_WORK = """
import nbext, nbext.session.session, nbext.transport.client, nbext.transport.http, nbext.wire.images
import nbext.api.draw, nbext.drawings.shown, nbext.wire.repairs, PIL.Image, nbext.session.plan
from nbext.config.settings import Nbext
from nbext.session.session import Session

def work(folder, way, turn):
    settings = Nbext(confirm_above=10**9, replay="never")
    session = Session(folder / "cats.draws", chosen=settings)
    out = os.fdopen(os.dup(1), "w", buffering=1)
    count = 0
    while True:
        count += 1
        result = session.draw(f"{turn}-{count} {way}", model="gpt-image-2", n=3 if way == "takes" else 1)
        for d in [result] if way != "takes" else result:
            out.write(json.dumps([d.id, d.number, d.pictures[0].sha256]) + "\\n")
"""


class Relay(Server):
    """Draws a new picture for each request, and notes whose request it was.

    Attributes:
        posts: The kernel that asked, and the request's id. On a busy machine the request of a kernel
            that was killed is read when the next one is at work.
    """

    def __init__(self) -> None:
        self.posts: list[tuple[int, str]] = []
        self.count = 0
        relay = self

        class Handler(Answering):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                turn = _TURN.search(body)
                kernel = int(turn[1]) if turn else -1
                relay.posts.append((kernel, self.headers["idempotency-key"] or ""))
                relay.count += 1
                good = GOOD[6] if b" link" in body else GOOD[5]
                answer = good.body
                if b" link" in body:
                    answer = answer.replace(b"ORIGIN", f"{relay.base}/{relay.count}".encode())
                self.reply(answer, "application/json")

            def do_GET(self) -> None:
                self.reply(picture(size=(8 + len(self.path), 16)), "image/png")

        super().__init__(Handler)


def run(count: int, seed: int) -> Tally:
    """Kill that many kernels."""
    tally = Tally("kill -9 while drawing", count=count)
    rng = random.Random(seed)
    relay = Relay()
    shown = 0
    with (
        tempfile.TemporaryDirectory() as base,
        paid_endpoint(relay.base),
        forking(_WORK, base) as forks,
    ):
        for begin in range(0, count, PER_FOLDER):
            folder = Path(base) / f"{begin}"
            folder.mkdir()
            acknowledged: dict[str, tuple[int, str]] = {}
            for turn in range(begin, min(begin + PER_FOLDER, count)):
                way = WAYS[turn % len(WAYS)]
                acknowledged |= _killed(forks, folder, way, turn, rng)
                _check(folder, acknowledged, _ids(relay, begin, turn), tally)
            shown += len(acknowledged)
    relay.stop()
    tally.facts["acknowledged"] = shown
    return tally


def _killed(
    forks: Forks, folder: Path, way: str, turn: int, rng: random.Random
) -> dict[str, tuple[int, str]]:
    """Let a kernel draw for some time and kill it; give what it had shown until then."""
    pid = forks.start(folder, way, turn)
    timer = threading.Timer(rng.uniform(0, LONGEST), os.kill, (pid, signal.SIGKILL))
    drawings = rng.randrange(MOST_DRAWINGS)
    shown: dict[str, tuple[int, str]] = {}
    rest = ""
    lines = 1
    if drawings == 0:
        timer.start()
    while True:
        line = forks.lines.readline()
        # The last line of a kernel may be half of one, with the word of its end behind it.
        text, mark, _ = (rest + line).partition('{"end"')
        if text.endswith("\n") and text.startswith("["):
            if lines == drawings:
                timer.start()
            lines += 1
            id_, number, sha256 = json.loads(text)
            shown[id_] = (number, sha256)
            text = ""
        if mark or not line:
            if lines <= drawings:
                raise AssertionError("a kernel ended by itself")
            return shown
        rest = text.rstrip("\n")


def _ids(relay: Relay, first: int, last: int) -> list[str]:
    """Give the ids of the requests that some of the kernels sent."""
    return [id_ for kernel, id_ in relay.posts if kernel == -1 or first <= kernel <= last]


def _check(
    folder: Path, acknowledged: dict[str, tuple[int, str]], posts: list[str], tally: Tally
) -> None:
    """Read the history as the next kernel does."""
    store = Store(folder / "cats.draws")
    records = {record.id: record for record in store.records()}
    for id_, (number, sha256) in acknowledged.items():
        record = records.get(id_)
        if record is None or record.type != "drawing" or record.number != number:
            tally.note("lost", f"@{number} was shown and is not recorded")
        elif not store.is_whole(sha256):
            tally.note("lost", f"the picture of @{number} is not whole")
    for key in posts:
        if key not in records:
            tally.note("lost", f"a request {key} left, and no line says so")
    doubled = len(posts) - len(set(posts))
    if doubled:
        tally.note("paid_twice", f"{doubled} requests came twice", number=doubled)
    numbers = [record.number for record in records.values()]
    if len(numbers) != len(set(numbers)):
        tally.note("lost", "two drawings have one number")
    for path in folder.glob("cats.draws/pictures/*/*"):
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.stem:
            tally.note("lost", f"{path.name} is half a picture")
    if store.warnings:
        tally.note("lost", "; ".join(store.warnings))
