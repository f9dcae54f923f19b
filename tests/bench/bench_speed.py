"""Figures, each against a peer in the same run: ``make bench`` prints them, nothing is asserted."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nbext.data.record import Record
from nbext.data.request import Request
from nbext.embedded.artist import draw
from nbext.store.store import Store
from nbext.wire.chat import WIRE

ROOT = Path(__file__).parents[2]


def measured(work, runs=5):
    """The median in milliseconds, after a run to warm up."""
    work()
    spent = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent)


def say(what, ours, peer, theirs):
    print(f"\n{what}: {ours:.1f} ms, {peer} {theirs:.1f} ms, ratio {ours / theirs:.2f}")


def test_a_15_mb_picture_in_a_chat_answer(tmp_path):
    picture = b"\x89PNG\r\n\x1a\n" + os.urandom(15_000_000) + b"\0\0\0\0IEND\xaeB`\x82"
    text = f"![cat](data:image/png;base64,{base64.b64encode(picture).decode()})"
    body = json.dumps(
        {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
    ).encode()
    store = Store(tmp_path / "a.draws")
    request = Request(prompt="cat", model="m")

    def ours():
        decoder = WIRE.decoder(request, store.sink, content_type="application/json")
        for at in range(0, len(body), 65536):
            decoder.feed(body[at : at + 65536])
        decoder.close()

    def naive():
        content = json.loads(body)["choices"][0]["message"]["content"]
        data = base64.b64decode(content.split("base64,")[1][:-1])
        hashlib.sha256(data).hexdigest()
        (tmp_path / "naive.png").write_bytes(data)

    say(
        "15 MB decoded, hashed, on disk with fsync",
        measured(ours),
        "json + base64",
        measured(naive),
    )


@pytest.mark.parametrize("manner", ["", "水墨", "水彩", "像素", "线稿"])
def test_a_sketch_of_1024(manner):
    takes = iter(range(1000))
    prompt = f"{manner}森林里的猫"
    plain = measured(lambda: draw("森林里的猫", take=next(takes)))
    say(
        f"sketch {manner or 'flat'}",
        measured(lambda: draw(prompt, take=next(takes))),
        "flat",
        plain,
    )


def test_reading_a_history_of_10_000(tmp_path):
    for count in (2500, 10_000):
        folder = tmp_path / f"{count}.draws"
        folder.mkdir()
        lines = (
            Record(type="drawing", id=f"{n}", number=n, prompt="画只猫" * 20).to_line()
            for n in range(1, count + 1)
        )
        (folder / "history.jsonl").write_bytes(b"".join(lines))
    ours = measured(lambda: Store(tmp_path / "10000.draws").records())
    quarter = measured(lambda: Store(tmp_path / "2500.draws").records())
    say("10,000 records read", ours, "2,500 of them", quarter)


def test_import(tmp_path):
    def run(code):
        env = {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
        return lambda: subprocess.run([sys.executable, "-c", code], env=env, check=True)

    say("import nbext", measured(run("import nbext")), "nothing", measured(run("")))
    say(
        "import nbext", measured(run("import nbext")), "import httpx", measured(run("import httpx"))
    )
