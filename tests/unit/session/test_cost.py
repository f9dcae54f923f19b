"""What a drawing costs does not grow with what was drawn before: calls are counted, not time."""

from __future__ import annotations

import itertools
import os
import sys
import threading

import pytest

from nbext.config.settings import Nbext
from nbext.session.session import Session
from nbext.store import disk, lines
from nbext.store.index import Index
from nbext.store.store import Store
from tests.bench import histories

OPTIONS = {"model": "embedded", "size": "64x64"}


class Calls:
    """Counts the calls of Python functions on this thread and on those that are started later."""

    def __init__(self):
        self.count = 0

    def __enter__(self):
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_):
        sys.setprofile(None)
        threading.setprofile(None)

    def _note(self, _frame, event, _value):
        self.count += event == "call"


@pytest.fixture
def open_session(tmp_path, endpoint, monkeypatch):
    """Make the session of a notebook with so many drawings."""
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
    sessions = []

    def make(count):
        # Each in a folder of its own: histories beside a notebook are looked through.
        folder = histories.write(tmp_path / str(count) / "a.draws", count)
        sessions.append(Session(folder, chosen=Nbext()))
        return sessions[-1]

    yield make
    for session in sessions:
        session.run(session.close())
        session.runner.close()


def least(work, calls, times=3):
    """Count the calls of some work, a few times after two that import and open; give the least."""
    counts = []
    for _ in range(times + 2):
        before = calls.count
        work()
        counts.append(calls.count - before)
    return min(counts[2:])


def test_a_draw_takes_the_same_calls_with_two_thousand_drawings_behind_it(open_session):
    numbers = itertools.count()
    with Calls() as calls:
        few, many = (
            least(lambda s=s: s.draw(f"a cat {next(numbers)}", **OPTIONS), calls)
            for s in map(open_session, (10, 2000))
        )
    # One call more for each drawing would be two thousand.
    assert many < few + 500


def test_takes_cost_no_more_each_the_more_there_are(open_session):
    session = open_session(1)
    numbers = itertools.count()
    with Calls() as calls:
        few, many = (
            least(lambda n=n: session.draw(f"a dog {next(numbers)}", n=n, **OPTIONS), calls, 2)
            for n in (2, 8)
        )
    assert many < 4.5 * few


def lines_of(session):
    return len((session.store.folder / "history.jsonl").read_bytes().splitlines())


def test_what_was_read_once_is_not_read_again(open_session, monkeypatch):
    session = open_session(50)
    session.draw("first", **OPTIONS)
    before, read, parse = lines_of(session), [], lines.parse
    for module in (lines, sys.modules[Store.__module__]):
        monkeypatch.setattr(module, "parse", lambda line: read.append(line) or parse(line))
    fold = Index.fold_lines
    monkeypatch.setattr(
        Index,
        "fold_lines",
        lambda index, some, odd: fold(index, (read.append(line) or line for line in some), odd),
    )
    session.draw("second", **OPTIONS)
    # Those that are written are read back before.
    assert len(read) == lines_of(session) - before


def test_a_draw_waits_for_the_disk_as_often_as_it_must(open_session, monkeypatch):
    session = open_session(1)
    session.draw("first", **OPTIONS)
    before, waits = lines_of(session), []
    for owner, name in ((os, "fsync"), (disk, "_sync_file_system")):
        real = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda at, real=real: waits.append(at) or real(at))
    session.draw("second", **OPTIONS)
    # Each line, the picture, its folder, and the one above it where that one is new.
    assert len(waits) - (lines_of(session) - before) in (2, 3)
