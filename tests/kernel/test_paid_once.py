"""What was paid for is never paid for again: after Stop, after a failure, in a kernel after a kill.

A relay counts what it is asked for. One kernel stops at every situation, so that the next one meets all of them.
"""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.kernel.conftest import Kernel
from tests.records import picture
from tests.relay import File, Relay
from tests.until import PATIENCE, until

FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\x08free" + bytes(64)
PICTURES = [picture(colour, (24, 16)) for colour in ("red", "green")]
# The waits between two looks are shown elsewhere.
LOAD = """
%load_ext nbext
import nbext
from nbext.session import intervals
from nbext.transport import retry
intervals.FIRST_LOOK, intervals.LAST_LOOK, retry.SOON = 0.01, 0.05, (0.01,) * 4
"""


@dataclass
class Case:
    """A situation in which something is paid for and not there yet.

    Attributes:
        cell: What asks.
        answer: What the relay answers; ``HOLD`` in a stream is where it stops.
        at: The path whose file does not come before the cell is stopped; ``HOLD`` for the stream itself,
            empty where the cell fails by itself.
        before: The relay's files until then.
        after: And from then on.
        known: What is on disk before the cell is stopped, where the relay cannot tell: it has sent more than
            was read.
    """

    cell: str
    answer: Any
    at: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    pictures: int = 1
    known: str = ""

    @property
    def prompt(self):
        return self.cell.split("\n", 1)[1]


HOLD = "hold"


def chunk(text):
    """A piece of a chat's stream."""
    delta = {"index": 0, "delta": {"content": text}}
    return {"id": "c", "object": "chat.completion.chunk", "choices": [delta]}


def film(name, answer, path, state, results, *, at=""):
    """A film's job; a film has no picture."""
    cell = f"%%video wan-2\nfilm {name}"
    return Case(cell, answer, at or path, {path: state}, results, pictures=0)


def cases(base):
    """All situations, each with names of its own at the relay."""
    red, green = PICTURES
    content = "content?variant=video"
    return {
        "a film is being made": Case(
            "%%video wan-2\nfilm one",
            {"id": "f1", "status": "queued"},
            at="/v1/videos/f1",
            after={
                "/v1/videos/f1": {"id": "f1", "status": "completed"},
                f"/v1/videos/f1/{content}": FILM,
            },
            pictures=0,
        ),
        "a film is done, and its content is not there for a moment": Case(
            "%%video wan-2\nfilm two",
            {"id": "f2", "status": "queued"},
            at=f"/v1/videos/f2/{content}",
            before={"/v1/videos/f2": {"id": "f2", "status": "completed"}},
            after={
                "/v1/videos/f2": {"id": "f2", "status": "completed"},
                f"/v1/videos/f2/{content}": [404, 404, FILM],
            },
            pictures=0,
        ),
        "a film's id has a name that nobody has met": Case(
            "%%video wan-2\nfilm three",
            {"code": 0, "ticket_no": "f3", "state": "WAITING"},
            at="/v1/videos/f3",
            after={
                "/v1/videos/f3": {"ticket_no": "f3", "state": "OK", "video_url": f"{base}/f3.mp4"},
                "/f3.mp4": FILM,
            },
            pictures=0,
        ),
        "a picture is being fetched": Case(
            "%%draw gpt-image-2\npicture four",
            {"data": [{"url": f"{base}/4.png"}]},
            at="/4.png",
            after={"/4.png": red},
        ),
        "a picture could not be fetched": Case(
            "%%draw gpt-image-2\npicture five",
            {"data": [{"url": f"{base}/5.png"}]},
            before={"/5.png": 500},
            after={"/5.png": red},
        ),
        "one of two pictures is here": Case(
            "%%draw gpt-image-2 -p n=2\npicture six",
            {"data": [{"url": f"{base}/6a.png"}, {"url": f"{base}/6b.png"}]},
            at="/6b.png",
            before={"/6a.png": red},
            after={"/6a.png": red, "/6b.png": green},
            pictures=2,
        ),
        "a picture's job goes on behind a proxy that gives up": Case(
            "%%draw gpt-image-2\npicture seven",
            {"task_id": "p7", "status": "submitted"},
            at="/v1/images/tasks/p7",
            after={
                "/v1/images/tasks/p7": [
                    524,
                    524,
                    {"status": "completed", "results": [f"{base}/7.png"]},
                ],
                "/7.png": red,
            },
        ),
        "a picture's job has a name that nobody has met": Case(
            "%%draw gpt-image-2\npicture eight",
            {"ok": True, "result": {"handle": "p8", "phase": "ACCEPTED"}},
            at="/v1/tasks/p8",
            after={
                "/v1/tasks/p8": {
                    "handle": "p8",
                    "phase": "DONE",
                    "images": [{"href": f"{base}/8.png"}],
                },
                "/8.png": red,
            },
        ),
        "the link has come and the stream goes on": Case(
            "%%draw gpt-4o-image\npicture nine",
            [chunk(f"> 进度 80%\n\n![x]({base}/9.png)\n"), chunk("\n"), HOLD],
            at=HOLD,
            after={"/9.png": red},
            known="/9.png",
        ),
        "a proxy gives up and names the job": Case(
            "%%draw gpt-image-2\npicture twelve",
            (504, {"message": "gateway timeout, the task goes on", "task_id": "p12"}),
            at="/v1/images/tasks/p12",
            after={
                "/v1/images/tasks/p12": {"status": "SUCCESS", "results": [f"{base}/12.png"]},
                "/12.png": red,
            },
        ),
        "a stream names the job and goes on": Case(
            "%%draw gpt-image-2 -p stream=true\npicture thirteen",
            [{"type": "task.created", "task": {"id": "p13", "status": "queued"}}, HOLD],
            at=HOLD,
            known='"p13"',
            after={
                "/v1/images/tasks/p13": {"status": "SUCCESS", "results": [f"{base}/13.png"]},
                "/13.png": red,
            },
        ),
        "the page of the job has come and the stream goes on": Case(
            "%%draw gpt-4o-image\npicture ten",
            [
                chunk(f"> ID: `task_9`\n> [原始数据]({base}/source/task_9)\n"),
                chunk("> 排队中.\n"),
                HOLD,
            ],
            at=HOLD,
            after={
                "/source/task_9": {"status": "completed", "urls": [f"{base}/10.png"]},
                "/10.png": red,
            },
            known="/source/task_9",
        ),
        "a job is known by its second id": Case(
            "%%draw gpt-image-2\nthe hill",
            {"id": "req-14", "task_id": "p14", "status": "queued"},
            at="/v1/images/tasks/p14",
            after={
                "/v1/images/tasks/p14": {"status": "SUCCESS", "results": [f"{base}/14.png"]},
                "/14.png": red,
            },
        ),
        "a job has an address for its state and one for its result": Case(
            "%%draw gpt-image-2\nthe lake",
            {
                "request_id": "p15",
                "status": "IN_QUEUE",
                "status_url": f"{base}/q/p15/status",
                "response_url": f"{base}/q/p15",
            },
            at="/q/p15/status",
            after={
                "/q/p15/status": {"status": "COMPLETED"},
                "/q/p15": {"images": [{"url": f"{base}/15.png"}]},
                "/15.png": red,
            },
        ),
        "a job's state leads to the picture": Case(
            "%%draw gpt-image-2\nthe tree",
            {"task_id": "p16", "status": "queued"},
            at="/v1/images/tasks/p16",
            after={
                "/v1/images/tasks/p16": File(b"", 302, {"location": "/16.png"}),
                "/16.png": red,
            },
        ),
        "a job is done, and its result comes later": Case(
            "%%draw gpt-image-2\nthe lamp",
            {"task_id": "p17", "status": "queued"},
            at="/v1/images/tasks/p17",
            after={
                "/v1/images/tasks/p17": [
                    {"status": "SUCCESS"},
                    {"status": "SUCCESS"},
                    {"status": "SUCCESS", "results": [f"{base}/17.png"]},
                ],
                "/17.png": red,
            },
        ),
        "a page says that the picture is being made": Case(
            "%%draw gpt-image-2\nthe door",
            {"data": [{"url": f"{base}/18.png"}]},
            at="/18.png",
            after={"/18.png": [File(b"<html>processing</html>", 200, {}, "text/html"), red]},
        ),
        "a picture is at a private address": Case(
            "%%draw gpt-image-2\nthe boat",
            {"data": [{"url": "http://10.1.2.3:9000/19.png"}]},
            at="/19.png",
            after={"/19.png": red},
        ),
        "the picture itself has come and the stream goes on": Case(
            "%%draw gpt-4o-image\npicture eleven",
            [chunk(f"![x](data:image/png;base64,{base64.b64encode(green).decode()})\n"), HOLD],
            at=HOLD,
            known=hashlib.sha256(green).hexdigest(),
        ),
    }


NAMES = list(cases(""))
LAST_BEFORE_THE_KILL = NAMES[-1]


class Till:
    """A relay that is paid by the prompt, and lets a test stop it where a case says."""

    def __init__(self, *, kills=False):
        self.kills = kills
        self.relay = Relay()
        self.relay.answer = self.answer
        self.cases = cases(self.relay.base)
        self.paid = dict.fromkeys(self.cases, 0)
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.before(*self.cases)

    def answer(self, body):
        name = next(name for name, case in self.cases.items() if case.prompt in str(body))
        self.paid[name] += 1
        answer = self.cases[name].answer
        if isinstance(answer, list):
            return [self.hold if piece == HOLD else piece for piece in answer]
        return answer

    def hold(self):
        self.reached.set()
        self.go_on.wait(PATIENCE)

    def before(self, *names):
        for name in names:
            case = self.cases[name]
            self.relay.files |= case.before | ({case.at: self.hold} if case.at else {})

    def after(self):
        self.go_on.set()
        for case in self.cases.values():
            self.relay.files |= case.after


def holds(folder, text):
    journal = folder / "nbext.draws" / "history.jsonl"
    return journal.exists() and text in journal.read_text()


def stop_at_each(kernel, till):
    """Run each cell, and press Stop where its case says so; give what the last line of each error says."""
    lines = {}
    for number, (name, case) in enumerate(till.cases.items()):
        till.reached.clear()
        sent = kernel.send(case.cell, cell=f"c{number}")
        if case.at:
            assert till.reached.wait(PATIENCE), name
            until(lambda text=case.known: holds(kernel.folder, text), f"nothing is on disk: {name}")
            if name == LAST_BEFORE_THE_KILL and till.kills:
                return lines
            kernel.interrupt()
        ran = kernel.wait(sent)[0]
        assert ran.status == "error", name
        lines[name] = ran.error["traceback"][-1]
    return lines


@pytest.fixture(scope="module", params=["the next kernel", "the same kernel"])
def runs(request, tmp_path_factory):
    """A relay, what each cell said when it was stopped, and what it shows when all are run again."""
    till = Till(kills=request.param == "the next kernel")
    folder = tmp_path_factory.mktemp("paid")
    environ = {"NBEXT_BASE_URL": f"{till.relay.base}/v1", "NBEXT_API_KEY": "any-word-will-do"}
    kernels = [Kernel(folder, **environ)]
    try:
        assert kernels[0].run(LOAD).status == "ok"
        lines = stop_at_each(kernels[0], till)
        if till.kills:
            kernels[0].stop()
            kernels.append(Kernel(folder, **environ))
            assert kernels[1].run(LOAD).status == "ok"
        till.after()
        shown = {
            name: kernels[-1].run(case.cell, cell=f"c{number}")
            for number, (name, case) in enumerate(till.cases.items())
        }
        yield till, lines, shown
    finally:
        till.go_on.set()
        for kernel in kernels:
            kernel.stop()
        till.relay.stop()


@pytest.mark.parametrize("name", NAMES)
def test_what_was_stopped_or_failed_is_there_when_it_is_run_again_and_paid_once(runs, name):
    till, lines, shown = runs
    case, ran = till.cases[name], shown[name]
    assert ran.status == "ok", ran.error
    films = [o for o in ran.outputs if "<video" in o["data"].get("text/html", "")]
    assert (bool(ran.pictures), bool(films)) == (bool(case.pictures), not case.pictures)
    assert till.paid[name] == 1
    if name in lines and case.at:
        # And it is said at once how to have it.
        assert re.search(r"%video @\d|history\[\d+\]\.fetch\(\)", lines[name])
