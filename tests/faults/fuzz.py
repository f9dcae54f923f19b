"""Random bytes and spoiled good ones for all that reads what others have written.

A reader may refuse, in errors of ours; it may not raise anything else, and not take for ever.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from nbext.config.loading import file_settings
from nbext.data.picture import dimensions, sniff
from nbext.data.record import Record
from nbext.data.request import Request
from nbext.errors import NbextError
from nbext.export.metadata.other_tools import read_provenance
from nbext.export.metadata.provenance import with_provenance
from nbext.imaging.decode import open_image
from nbext.magics.parse import HelpText, parse_line, parse_prompt_line
from nbext.magics.parsers import drawing_parser, sweep_parser
from nbext.store.journal import Journal
from nbext.store.lines import encode, parse, salvage
from nbext.store.zip_store import ZipStore
from nbext.wire.error_classes import classify_error
from nbext.wire.formats import wire_format
from nbext.wire.links import links_in_text
from nbext.wire.model_list import parse as parse_models
from nbext.wire.sse import Parser
from tests.cases.answers import CASES as ANSWERS
from tests.faults.answers import GOOD
from tests.faults.case import Tally
from tests.faults.faulty import mutated, mutated_body
from tests.sinks import Memory, picture

# Seconds that an input of some kilobytes has.
SLOWEST = 10.0
WIRES = ("chat", "responses", "images", "gemini", "completions", "videos")
_BODIES = [good.body for good in GOOD] + [case.body for case in ANSWERS if len(case.body) < 20_000]
_TOKENS = (
    *(
        b"data: ",
        b"\n\n",
        b"\r",
        b"[DONE]",
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b"\\",
        b"\\u",
        b":",
        b",",
    ),
    *(
        b"null",
        b"1e999",
        b"\xff",
        b"\x00",
        b"![](",
        b"](http://",
        b"data:image/png;base64,",
        b"AAAA",
    ),
    *(
        b"<think>",
        b"</think>",
        b"https://h/a.png",
        b"nbext-sha256:",
        b"nbext-open:",
        b"error",
        b"<svg",
    ),
    *("猫".encode(), b"\xe2\x80\xa8", b"\xed\xa0\x80", b"event: ", b"choices", b"content", b"url"),
)


def spoiled(data: bytes, rng: random.Random) -> bytes:
    """Change a few places of some bytes: cut, repeat, replace, insert."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(out) + 1)
        kind = rng.randrange(6)
        if kind == 0:
            del out[at : at + rng.randint(1, 40)]
        elif kind == 1:
            out[at:at] = out[max(0, at - rng.randint(1, 60)) : at] * rng.randint(1, 5)
        elif kind == 2:
            out[at:at] = rng.choice(_TOKENS) * rng.randint(1, 3)
        elif kind == 3:
            out[at : at + 1] = bytes([rng.randrange(256)])
        elif kind == 4:
            del out[at:]
        else:
            out[at:at] = rng.randbytes(rng.randint(1, 8))
    return bytes(out[:40_000])


def any_bytes(rng: random.Random) -> bytes:
    """Nothing that anybody has written."""
    if rng.random() < 0.3:
        return rng.randbytes(rng.randrange(300))
    return b"".join(rng.choice(_TOKENS) for _ in range(rng.randrange(60)))


def _body(rng: random.Random) -> bytes:
    roll = rng.random()
    good = rng.choice(_BODIES)
    if roll < 0.2:
        return any_bytes(rng)
    return mutated_body(good, rng) if roll < 0.5 else spoiled(good, rng)


# Readers: each makes an input of its own kind, and reads it


def _answers(rng: random.Random, _: Path) -> None:
    body = _body(rng)
    request = Request(prompt="a cat", model="m", kind=rng.choice(["draw", "chat", "video"]))
    kinds = ["", "application/json", "text/event-stream", "text/html"]
    sink = Memory()
    decoder = wire_format(rng.choice(WIRES)).decoder(request, sink, content_type=rng.choice(kinds))
    at = 0
    while at < len(body):
        step = rng.choice([1, 7, 100, 100_000])
        decoder.feed(body[at : at + step])
        at += step
    decoder.close()


def _streams(rng: random.Random, _: Path) -> None:
    body = any_bytes(rng) if rng.random() < 0.5 else _body(rng)
    parser = Parser()
    cut = rng.randrange(len(body) + 1)
    whole = Parser()
    one = whole.feed(body) + whole.close()
    two = parser.feed(body[:cut]) + parser.feed(body[cut:]) + parser.close()
    assert one == two, "a stream says something else where it is cut elsewhere"


def _links(rng: random.Random, _: Path) -> None:
    links_in_text(_body(rng).decode("utf-8", "replace"))


def _failures(rng: random.Random, _: Path) -> None:
    headers = {"content-type": rng.choice(["", "text/html", "application/json", "\x9b"])}
    classify_error(rng.randrange(200, 600), headers, _body(rng), host="h", model="m")
    parse_models(mutated({"data": [{"id": "m", "pricing": {"prompt": "1"}}]}, rng))


def _record(rng: random.Random) -> Record:
    folder = rng.choice(["画只猫", "\ud800", "\x00", "x" * 99])
    return Record(type="drawing", id="a", number=3, prompt=folder, model="m", usage={"a": 1})


def _history(rng: random.Random, folder: Path) -> None:
    line = encode(_record(rng))[1]
    read = parse(line)
    assert read is not None, "a line that was written cannot be read"
    lines = [
        spoiled(line, rng) if rng.random() < 0.5 else mutated_body(line, rng) for _ in range(3)
    ]
    for each in lines:
        parse(each)
        salvage(each)
    if rng.random() < 0.05:
        path = folder / "history.jsonl"
        path.write_bytes(b"\n".join(lines))
        journal = Journal(path)
        list(journal.news()[1])
        journal.mend()


_FORMS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")


def _seeds() -> list[bytes]:
    """Pictures with notes of ours, and with those of others."""
    from PIL.PngImagePlugin import PngInfo

    record = Record(type="drawing", id="a", number=1, prompt="a cat", model="m")
    plain = [picture(form, size=(16, 12)) for form in _FORMS]
    info = PngInfo()
    info.add_text("parameters", "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler, Seed: 1")
    info.add_text("prompt", json.dumps({"3": {"class_type": "KSampler", "inputs": {"seed": 1}}}))
    info.add_text("Comment", json.dumps({"prompt": "a", "steps": 28}))
    info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    noted = [with_provenance(data, record, _info(data)) for data in plain if sniff(data)]
    return [*plain, *noted, picture(size=(16, 12), pnginfo=info)]


def _info(data: bytes) -> object:
    from nbext.data.request import Reference

    return Reference.of(data).info


_PICTURES: list[bytes] = []


def _metadata(rng: random.Random, _: Path) -> None:
    if not _PICTURES:
        _PICTURES.extend(_seeds())
    data = spoiled(rng.choice(_PICTURES), rng) if rng.random() < 0.9 else any_bytes(rng)
    media_type = sniff(data)
    dimensions(data)
    read_provenance(data)
    if rng.random() < 0.2:
        open_image(data, media_type)


_WORDS = (
    *("-n", "2", "-m", "x", "--aspect", "2:3", "-i", "@1", "-p", "a=[", "a={}", "--size", "1x1"),
    *(
        "--seed",
        "9" * 30,
        "'",
        '"',
        "\\",
        "-",
        "--",
        "-x",
        "style=a,b",
        "--help",
        "--save",
        "a.png",
    ),
    *("--style", "{x}", "猫", "\x00", "\ud800", "--as", "1a", "-c", "--via", "images", "=", "%s"),
)


def _options(rng: random.Random, _: Path) -> None:
    line = " ".join(rng.choice(_WORDS) for _ in range(rng.randrange(12)))
    if rng.random() < 0.2:
        line = any_bytes(rng).decode("utf-8", "replace")
    out = io.StringIO()
    with contextlib.redirect_stderr(out), contextlib.redirect_stdout(out):
        for read in (
            lambda: parse_line(drawing_parser("draw"), line),
            lambda: parse_prompt_line(drawing_parser("draw", line=True), line),
            lambda: parse_line(sweep_parser(), line),
        ):
            with contextlib.suppress(NbextError, HelpText):
                read()


_SETTINGS = (
    b'model = "x"\n', b"takes = 1\n", b"[endpoints.lab]\n", b'base_url = "http://h"\n', b"replay = 1\n",
    b"[tool.nbext]\n", b"picture_bytes = 1e9\n", b'api_key = "sk-x"\n', b"[prices]\n", b'm = "a"\n',
    b"[families.x]\n", b'names = ["a*"]\n', b"[styles]\n", b'ink = "{prompt} ink"\n', b"\xff", b"= =\n",
    b"max_cost = nan\n", b"max_cost = inf\n", b"[[a]]\n", b"a.b.c = 1\n", b'history_folder = "../x"\n',
)  # fmt: skip


def _settings(rng: random.Random, folder: Path) -> None:
    data = b"".join(rng.choice(_SETTINGS) for _ in range(rng.randrange(8)))
    name = rng.choice(["nbext.toml", "pyproject.toml"])
    (folder / name).write_bytes(data if rng.random() < 0.6 else spoiled(data, rng))
    try:
        file_settings(folder)
    finally:
        (folder / name).unlink()


_ARCHIVE: list[bytes] = []


def _zip(rng: random.Random, folder: Path) -> None:
    if not _ARCHIVE:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("history.jsonl", encode(_record(rng))[1] * 3)
            file.writestr("pictures/ab/" + "ab" * 32 + ".png", picture())
            file.writestr("ro-crate-metadata.json", b"{}")
            file.writestr("../out", b"x")
        _ARCHIVE.append(buffer.getvalue())
    path = folder / "a.zip"
    path.write_bytes(spoiled(_ARCHIVE[0], rng))
    store = ZipStore(path)
    store.records()
    store.changed_members()
    store.stored()


READERS: dict[str, tuple[Callable[[random.Random, Path], None], int]] = {
    "wires": (_answers, 40),
    "streams": (_streams, 15),
    "links": (_links, 10),
    "failures": (_failures, 10),
    "history": (_history, 10),
    "metadata": (_metadata, 8),
    "options": (_options, 3),
    "settings": (_settings, 2),
    "zip": (_zip, 2),
}


def run(count: int, seed: int) -> Tally:
    """Give every reader its share of so many inputs."""
    tally = Tally("fuzzed inputs", count=count)
    shares = sum(share for _, share in READERS.values())
    slowest = SimpleNamespace(seconds=0.0, what="")
    with tempfile.TemporaryDirectory() as base:
        for name, (read, share) in READERS.items():
            number = max(1, count * share // shares)
            tally.facts[name] = number
            for at in range(number):
                _read(name, read, f"{seed}/{name}/{at}", Path(base), tally, slowest)
    left = [path for path in Path(base).parent.glob("out") if path.name == "out"]
    if left and os.path.getmtime(left[0]) > time.time() - 60:
        tally.note("entered", f"{left[0]} was written by an archive")
    tally.facts["slowest"] = f"{slowest.seconds:.2f} s, {slowest.what}"
    return tally


def _read(
    name: str,
    read: Callable[[random.Random, Path], None],
    seed: str,
    folder: Path,
    tally: Tally,
    slowest: SimpleNamespace,
) -> None:
    began = time.thread_time()
    try:
        read(random.Random(seed), folder)
    except NbextError:
        pass
    except BaseException as error:
        where = "".join(traceback.format_exception(error)[-3:])
        tally.note("bare", f"{name} {seed!r}: {where}")
    took = time.thread_time() - began
    if took > SLOWEST:
        tally.note("hangs", f"{name} {seed!r} took {took:.1f} s")
    if took > slowest.seconds:
        slowest.seconds, slowest.what = took, seed
