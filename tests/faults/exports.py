"""Kernels that are killed while they export, merge and annotate: what was there stays, whole.

What is left of a file under way is cleared at the next start, once it is old.
"""

from __future__ import annotations

import json
import os
import random
import signal
import tempfile
import threading
import zipfile
from pathlib import Path

from nbext.export.gallery.seal import is_unchanged
from nbext.store.store import Store
from tests.faults.case import Tally
from tests.faults.forks import Forks, forking
from tests.records import draw
from tests.sinks import picture

LONGEST = 0.08
WORKS = ("html", "folder", "zip", "merge", "star", "save", "append")
_WORK = """
import PIL.Image, zipfile
import nbext.export.gallery.page, nbext.export.archive.zip, nbext.store.merge
from nbext.data.record import Record
from nbext.drawings.history import History
from nbext.store.store import Store

def work(folder, what, turn):
    history = History(Store(folder / "cats.draws"))
    count = 0
    while True:
        count += 1
        if what == "html":
            history.to_html(folder / "out.html", overwrite=True)
        elif what == "folder":
            history.to_html(folder / "out.html", overwrite=True, embed=False)
        elif what == "zip":
            history.to_zip(folder / "out.zip", overwrite=True)
        elif what == "merge":
            history.merge(History(Store(folder / "others.draws", read_only=True)))
        elif what == "star":
            history[1].star(count % 2 == 0)
            history[2].note = f"note {count}"
        elif what == "save":
            history[1].pictures[0].save(folder / "out.png", overwrite=True)
        else:
            history.store.append(Record(type="drawing", id=f"{turn}-{count}", number=1000 + count))
"""


def run(count: int, seed: int) -> Tally:
    """Kill so many kernels at their work."""
    tally = Tally("kill -9 in exports, merges, notes", count=count)
    rng = random.Random(seed)
    leftovers = 0
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        ids = _prepare(folder)
        with forking(_WORK, base) as forks:
            for turn in range(count):
                what = WORKS[turn % len(WORKS)]
                pid = forks.start(folder, what, turn)
                seconds = rng.uniform(0, LONGEST)
                threading.Timer(seconds, os.kill, (pid, signal.SIGKILL)).start()
                _follow(forks, what, tally)
                leftovers += _check(folder, what, ids, tally)
    tally.facts["files left, and cleared"] = leftovers
    return tally


def _prepare(folder: Path) -> set[str]:
    store, others = Store(folder / "cats.draws"), Store(folder / "others.draws")
    for number in range(6):
        data = picture(size=(200, 100 + number))
        draw(store, data, id=f"own{number}", prompt="cat")
        draw(others, picture(size=(100, 100 + number)), id=f"other{number}", prompt="dog")
    (folder / "cats.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4}')
    return {record.id for record in store.records()}


def _follow(forks: Forks, what: str, tally: Tally) -> None:
    """Wait for the end of a process, and note what it complains of."""
    for line in forks.lines:
        event = json.loads(line)
        if "problem" not in event:
            return
        tally.note("bare", f"{what}: {event['problem']}")


def _check(folder: Path, what: str, ids: set[str], tally: Tally) -> int:
    """Read all as the next kernel does; give how many files were left."""
    store = Store(folder / "cats.draws")
    records = {record.id: record for record in store.records()}
    if missing := ids - records.keys():
        tally.note("lost", f"{what}: {missing}")
    for id_ in ids & records.keys():
        if not store.is_whole(records[id_].pictures[0].sha256):
            tally.note("lost", f"{what}: the picture of {id_}")
    html, archive, saved = (folder / f"out.{suffix}" for suffix in ("html", "zip", "png"))
    if html.exists() and not is_unchanged(html):
        tally.note("lost", f"{what}: half a page")
    if archive.exists():
        with zipfile.ZipFile(archive) as opened:
            if opened.testzip() is not None:
                tally.note("lost", f"{what}: a broken archive")
    if saved.exists() and not saved.read_bytes().endswith(b"IEND\xaeB`\x82"):
        tally.note("lost", f"{what}: half a picture")
    return _clear(folder, what, tally)


def _left(folder: Path) -> list[Path]:
    return [*folder.rglob(".*.part"), *folder.rglob(".gallery-*")]


def _clear(folder: Path, what: str, tally: Tally) -> int:
    """Let what is left be old, and start a kernel."""
    left = _left(folder)
    for path in left:
        os.utime(path, (0, 0))
    store = Store(folder / "cats.draws")
    store.clear_leftovers()
    # Those of pictures go with the next drawing.
    draw(store, id="after", prompt="cat")
    stays = _left(folder)
    if stays:
        tally.note("entered", f"{what} leaves {[path.name for path in stays]}", number=len(stays))
        for path in stays:
            if path.is_file():
                path.unlink()
    return len(left)
