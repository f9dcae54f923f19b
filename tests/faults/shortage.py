"""No memory, no stack, a system call that fails: once, at any step of each way in.

A tracing function raises when the n-th function of the package is entered, in whichever thread; an audit hook fails the n-th system call made on its behalf. Each work is done by a process
of its own, which ends with a word of ours or with a result. Then the next kernel does the same work:
it must succeed, and pay for nothing that is on disk.
"""

from __future__ import annotations

import json
import os
import random
import signal
import tempfile
import threading
from pathlib import Path
from typing import Any

from nbext.store.store import Store
from tests.faults.answers import FILM, GOOD
from tests.faults.case import Tally
from tests.faults.forks import Forks, forking
from tests.faults.surroundings import paid_endpoint
from tests.relay import Answering, Server
from tests.sinks import picture

# Seconds until a work counts as one that hangs.
PATIENCE = 60.0
WAYS = (
    *("cell", "draw", "link", "edit", "chat", "sweep", "panel", "read", "to_html", "open"),
    *("await", "background", "threads", "job"),
)
# A callback is what a loop, a future or a thread enters: it has no caller of ours that could notice.
ERRORS = ("MemoryError", "RecursionError", "OSError", "callback")
# How many requests a work sends at most; the others send one or none.
REQUESTS = {"sweep": 4, "threads": 3, "read": 0, "to_html": 0, "open": 0}

_WORK = """
import asyncio, errno, faulthandler, inspect, random, resource, sys, threading, time
import IPython.core.interactiveshell, PIL.Image, nbext, nbext.magics.asking, nbext.magics.sweep, nbext.panel.panel
import nbext.api.chat, nbext.api.draw, nbext.api.files, nbext.api.sweep, nbext.drawings.open, nbext.drawings.shown
import nbext.export.gallery.page, nbext.export.metadata.read, nbext.session.exchange, nbext.session.fetching
import nbext.session.plan, nbext.session.session, nbext.transport.client, nbext.transport.download
import nbext.transport.http, nbext.wire.chat, nbext.wire.images, nbext.wire.repairs
from nbext.config.settings import Nbext
from nbext.data.options import Options
from nbext.errors import NbextError
from nbext.session import current
from nbext.session.session import Session

ROOT = os.path.dirname(nbext.__file__)
NUMBERS = [errno.ENOSPC, errno.EIO, errno.EMFILE, errno.ENOMEM, errno.EACCES]
SUSPENDED = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
CALLERS = (
    *("asyncio/events.py", "asyncio/selector_events.py", "concurrent/futures/_base.py"),
    *("concurrent/futures/thread.py", "/threading.py"),
)
OUR_ERRORS = ("nbext/errors.py", "nbext/__init__.py", "nbext/util/public.py")
CALLS = ("open", "os.", "socket.", "shutil.", "fcntl.")

class Fault:
    def __init__(self, error, at):
        self.error, self.at, self.count, self.where = error, at, 0, ""
        self.lock = threading.Lock()
        self.armed = False

    def hit(self, where):
        with self.lock:
            self.count += 1
            if self.count != self.at:
                return None
            self.where = where
            print(f"fault: {self.error} in {where}", file=sys.stderr)
        if self.error == "OSError":
            number = NUMBERS[self.at % len(NUMBERS)]
            return OSError(number, os.strerror(number))
        return RecursionError() if self.error == "RecursionError" else MemoryError()

    def trace(self, frame, event, arg):
        if self.armed and event == "call" and self.may_fail(frame):
            name = frame.f_code.co_filename
            error = self.hit(f"{name[len(ROOT) + 1:]}:{frame.f_code.co_name}")
            if error is not None:
                try:
                    raise error
                finally:
                    # Else the error would hold this frame, and this frame the error, and both what
                    # could not be entered.
                    del error

    def may_fail(self, frame):
        name = frame.f_code.co_filename
        # What a tracing function raises as a coroutine goes on passes by its handlers: no error does.
        if not name.startswith(ROOT) or frame.f_code.co_flags & SUSPENDED:
            return False
        # What turns errors into ours is not meant.
        if name.endswith(OUR_ERRORS):
            return False
        entered = frame.f_back.f_code.co_filename if frame.f_back else "/threading.py"
        return self.error != "callback" or entered.endswith(CALLERS)

    def audit(self, event, arguments):
        if not (self.armed and event.startswith(CALLS)) or "os.fork" in event:
            return
        frame = sys._getframe(1)
        for _ in range(12):
            if frame is None or "importlib" in frame.f_code.co_filename:
                return
            if frame.f_code.co_filename.startswith(ROOT):
                error = self.hit(f"{frame.f_code.co_filename[len(ROOT) + 1:]}:{frame.f_code.co_name} {event}")
                if error is not None:
                    raise error
                return
            frame = frame.f_back

    def __enter__(self):
        if self.error == "OSError":
            sys.addaudithook(self.audit)
        else:
            threading.settrace(self.trace)
            sys.settrace(self.trace)
        self.armed = True

    def __exit__(self, *_):
        self.armed = False
        sys.settrace(None)

def cell(session, folder, text):
    shell = IPython.core.interactiveshell.InteractiveShell.instance()
    shell.user_ns["nbext"] = nbext
    nbext.load_ipython_extension(shell)
    session.shell = shell
    shell.showtraceback = lambda *_, **__: None
    # The magic itself: what IPython does around it is not ours.
    name, body = text.split("\\n", 1)
    shell.find_cell_magic(name[2:])("", body)

def panel(session, folder):
    panel = nbext.panel.panel.Panel(session=session, model="gpt-image-2")
    job = panel.start(Options(prompt="a cat", model="gpt-image-2"))
    while panel._jobs and job.state != "failed":
        time.sleep(0.005)
    if job.state == "failed":
        raise NbextError(job.error)
    panel.close()

def threads():
    problems = []
    def draw(name):
        try:
            nbext.draw(f"a cat called {name}")
        except NbextError as problem:
            problems.append(problem)
    several = [threading.Thread(target=draw, args=(name,)) for name in "ABC"]
    for one in several:
        one.start()
    for one in several:
        one.join()
    if problems:
        raise problems[0]

def do(way, session, folder):
    if way == "cell":
        cell(session, folder, "%%draw\\na cat")
    elif way == "draw":
        nbext.draw("a cat")
    elif way == "link":
        nbext.draw("a cat behind a link")
    elif way == "edit":
        session.history[1].edit("a hat")
    elif way == "chat":
        nbext.chat("a word", model="gpt-5")
    elif way == "sweep":
        nbext.sweep("a {x}", x=["cat", "dog"], n=2)
    elif way == "panel":
        panel(session, folder)
    elif way == "await":
        asyncio.run(nbext.adraw("a cat"))
    elif way == "background":
        reply = session.ask(Options(prompt="a cat", model="gpt-image-2")).start()
        reply.wait()
    elif way == "threads":
        threads()
    elif way == "job":
        nbext.video("a film", model="veo-3").save(folder / "film.mp4", overwrite=True)
    elif way == "read":
        nbext.read(folder / "seed.png")
    elif way == "to_html":
        session.history.to_html(folder / "cats.html", overwrite=True)
    elif way == "open":
        len(list(nbext.open(folder / "cats.draws")))

def work(folder, what, turn):
    way, error, at, hurry = what
    os.chdir(folder)
    sys.stderr = open(folder / "told.txt", "a", buffering=1)
    faulthandler.dump_traceback_later(45, file=sys.stderr)
    if hurry:
        from tests.faults import surroundings
        surroundings.hurry().__enter__()
    settings = Nbext(confirm_above=10**9, model="gpt-image-2", history_folder=str(folder / "cats.draws"))
    session = Session(folder / "cats.draws", chosen=settings)
    current._session = session
    if way == "seed":
        nbext.draw("a seed").save(folder / "seed.png")
        end = {"error": ""}
    else:
        fault = Fault(error, at)
        end = {}
        try:
            with fault:
                do(way, session, folder)
            end["error"] = ""
        except NbextError as problem:
            end["error"] = f"{type(problem).__name__}: {problem}"
        except BaseException as problem:
            import traceback
            end["bare"] = "".join(traceback.format_exception(problem))[-3000:]
        end |= {"count": fault.count, "where": fault.where}
    session.tell_warnings()
    session.store.rest()
    sys.stderr.flush()
    print(json.dumps(end), flush=True)
"""


class Relay(Server):
    """Draws what it is asked for, in the answer or behind a link, and notes the requests' ids."""

    def __init__(self) -> None:
        self.posts: list[str] = []
        relay = self

        class Handler(Answering):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                relay.posts.append(self.headers["idempotency-key"] or "")
                place = 6 if b"behind a link" in body else 5
                place = 12 if b"a film" in body else place
                good = GOOD[4 if b"a word" in body else place]
                answer = good.body.replace(b"ORIGIN", relay.base.encode())
                self.reply(answer, good.content_type)

            def do_GET(self) -> None:
                if self.path.endswith("/models"):
                    self.reply(b'{"data": []}', "application/json")
                elif self.path.endswith(".mp4"):
                    self.reply(FILM, "video/mp4")
                else:
                    self.reply(picture(), "image/png")

        super().__init__(Handler)


def run(count: int, seed: int) -> Tally:
    """Let so many works meet a fault."""
    tally = Tally("no memory, no stack, a failing call", count=count)
    rng = random.Random(seed)
    relay = Relay()
    lengths: dict[tuple[str, str], int] = {}
    ends: dict[str, int] = {"a result": 0, "an error of ours": 0}
    with (
        tempfile.TemporaryDirectory() as base,
        paid_endpoint(relay.base),
        forking(_WORK, base) as forks,
    ):
        for turn in range(count):
            # All pairs, each way first.
            way = WAYS[turn % len(WAYS)]
            error = ERRORS[(turn + turn // len(WAYS)) % len(ERRORS)]
            if (way, error) not in lengths:
                folder = _folder(base, f"{way}-{error}", forks)
                lengths[way, error] = _done(forks, folder, way, error, 0).get("count", 1)
            folder = _folder(base, f"{turn}", forks)
            at = rng.randint(1, max(1, lengths[way, error]))
            _try(forks, folder, (way, error, at), relay, tally, ends)
    relay.stop()
    tally.facts |= ends
    tally.facts["steps"] = {f"{way} {error}": n for (way, error), n in lengths.items()}
    return tally


def _folder(base: str, name: str, forks: Forks) -> Path:
    """Make a folder with a history of one drawing."""
    folder = Path(base) / name
    folder.mkdir()
    _done(forks, folder, "seed", "", 0)
    return folder


def _done(forks: Forks, folder: Path, way: str, error: str, at: int) -> dict[str, Any]:
    """Let a process do a work; give what it says of its end."""
    pid = forks.start(folder, [way, error, at, True], 0)
    timer = threading.Timer(PATIENCE, os.kill, (pid, signal.SIGKILL))
    timer.start()
    end: dict[str, Any] = {}
    while '{"end"' not in (line := forks.lines.readline()):
        if line.startswith("{"):
            end |= json.loads(line)
    timer.cancel()
    return end


def _try(
    forks: Forks,
    folder: Path,
    what: tuple[str, str, int],
    relay: Relay,
    tally: Tally,
    ends: dict[str, int],
) -> None:
    """Let a work meet its fault, look at what is left, and let the next kernel do it again."""
    way, error, at = what
    relay.posts.clear()
    end = _done(forks, folder, way, error, at)
    name = f"{way} {error} {at} in {end.get('where')}"
    if "bare" in end or "problem" in end:
        tally.note("bare", f"{name}: {end.get('bare') or end.get('problem')}")
    elif "error" not in end:
        told = (folder / "told.txt").read_text(errors="replace")
        tally.note("hangs", f"{name}: {told[-6000:]}")
    else:
        ends["an error of ours" if end["error"] else "a result"] += 1
    posts = list(relay.posts)
    if len(posts) != len(set(posts)) or len(posts) > REQUESTS.get(way, 1):
        tally.note("paid_twice", f"{name}: {len(posts)} requests")
    records = {record.id: record for record in Store(folder / "cats.draws").records()}
    told = (folder / "told.txt").read_text(errors="replace")
    kept = 0
    for key in posts:
        record = records.get(key)
        if record is None:
            tally.note("lost", f"{name}: a request left, and no line says so")
            continue
        failure = record.error
        whole = failure is None and (record.pictures or record.films or record.text)
        kept += bool(whole)
        may_be_billed = failure is not None and failure.maybe_billed
        in_progress = record.type == "sent" and not record.waiting
        if not (whole or may_be_billed or in_progress or record.links or "memory" in told):
            tally.note("lost", f"{name}: paid for, and the record says {failure}")
    relay.posts.clear()
    again = _done(forks, folder, way, "", 0)
    if again.get("error", "no end"):
        tally.note("lost", f"{name}: the next kernel ends with {again}")
    # A press of the panel's button is a new take.
    kept = 0 if way == "panel" else kept
    if len(relay.posts) > REQUESTS.get(way, 1) - kept:
        tally.note("paid_twice", f"{name}: {kept} on disk, {len(relay.posts)} sent again")
