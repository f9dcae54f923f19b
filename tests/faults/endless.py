"""Answers that never end: how much memory one of them takes, and how much a record."""

from __future__ import annotations

import asyncio
import json
import resource
import tempfile
import time
from pathlib import Path

from nbext.config.settings import Nbext
from nbext.errors import NbextError
from nbext.session.session import Session
from tests.faults.case import Tally
from tests.faults.server import Exchange, FaultServer, head_bytes
from tests.faults.surroundings import hurry, paid_endpoint

WORDS = "cat " * 2000
# MB that any of them may take, in memory and in the history.
MOST_MEMORY, MOST_RECORD = 300, 20
# Seconds beyond its time that an answer may take on a busy machine.
LATE = 60.0


def _delta(**fields: object) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": fields}]}).encode() + b"\n\n"


_CALL = {"index": 0, "id": "c", "function": {"name": "f", "arguments": WORDS}}
_PART = {"text": "a", "thoughtSignature": WORDS}
# What it begins with, what it repeats, whether it is a stream, and the wire format.
BODIES: dict[str, tuple[bytes, bytes, bool, str]] = {
    "words": (b"", _delta(content=WORDS), True, "chat"),
    "small words": (b"", _delta(content="cat ") * 200, True, "chat"),
    "thoughts": (b"", _delta(reasoning_content=WORDS), True, "chat"),
    "a call": (b"", _delta(tool_calls=[_CALL]), True, "chat"),
    "a response": (
        b"",
        b'data: {"type":"response.output_text.delta","delta":"' + WORDS.encode() + b'"}\n\n',
        True,
        "responses",
    ),
    "signatures": (
        b"",
        b"data: " + json.dumps({"candidates": [{"content": {"parts": [_PART]}}]}).encode() + b"\n\n",
        True,
        "gemini",
    ),
    "an open line": (b"data: ", b"x" * 65536, True, "chat"),
    "an open event": (b"", b"data:\n" * 10_000, True, "chat"),
    "zeros": (b"", bytes(65536), False, "chat"),
    "blanks": (b"", b" " * 65536, False, "chat"),
    "a text": (b'{"choices":[{"message":{"content":"', b"cat " * 16_000, False, "chat"),
    "objects": (b'{"data":[', b"{}," * 20_000, False, "images"),
    "numbers": (b"[", b"1.5," * 20_000, False, "images"),
    "links": (b'{"data":[', b'{"url":"https://h.example/a.png"},' * 2000, False, "images"),
    "a picture": (b'{"data":[{"b64_json":"iVBORw0KGgoAAAANSUhEUgAA', b"AAAA" * 16_000, False, "images"),
    "comments": (b"", b": ping\n\n" * 5000, True, "chat"),
    "a page": (b"<!doctype html>", b"<p>" * 20_000, False, "chat"),
}  # fmt: skip


def run(count: int, seed: int) -> Tally:
    """Take so many answers without an end, each for as many seconds as there are rounds."""
    tally = Tally("answers without an end", count=count)
    seconds = 1.0 if count <= len(BODIES) else 10.0
    names = [list(BODIES)[n % len(BODIES)] for n in range(count)]
    sent: dict[str, int] = {}

    async def fault(x: Exchange) -> None:
        if x.request.method != "POST":
            await x.answer(b'{"data":[]}', content_type="application/json")
            return
        name = json.loads(x.request.body)["user"]
        begin, piece, stream, _ = BODIES[name]
        kind = "text/event-stream" if stream else "application/json"
        await x.send(head_bytes(200, {"content-type": kind}) + begin)
        while True:
            sent[name] = sent.get(name, 0) + len(piece)
            await x.send(piece)

    async def main(folder: Path) -> None:
        async with FaultServer(fault) as server:
            with paid_endpoint(server.base), hurry():
                limits = Nbext(total_timeout=seconds, silence_timeout=seconds)
                session = Session(folder / "cats.draws", chosen=limits)
                for number, name in enumerate(names):
                    await _take(session, number, name, seconds, tally)
                size = (session.store.folder / "history.jsonl").stat().st_size
                if size > count * MOST_RECORD << 20:
                    tally.note("entered", f"the history has {size >> 20} MB")
                tally.facts["MB in the history"] = size >> 20
                await session.runner.bridge(session.close())
                session.runner.close()

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    with tempfile.TemporaryDirectory() as base:
        asyncio.run(main(Path(base)))
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10) - before
    if more > MOST_MEMORY:
        tally.note("entered", f"{more} MB more memory")
    tally.facts |= {"MB sent": {n: v >> 20 for n, v in sent.items()}, "MB more": more}
    return tally


async def _take(session: Session, number: int, name: str, seconds: float, tally: Tally) -> None:
    began = time.monotonic()
    try:
        await session.adraw(f"{number}", model="m", via=BODIES[name][3], params={"user": name})
    except NbextError:
        pass
    except BaseException as error:
        tally.note("bare", f"{name}: {error!r}")
    if time.monotonic() - began > seconds + LATE:
        tally.note("hangs", f"{name} took {time.monotonic() - began:.0f} s of {seconds:.0f}")
