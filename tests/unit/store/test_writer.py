"""One thread writes for all who wait; nobody sees what is not on disk."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import errno
import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import Future
from types import SimpleNamespace

import filelock
import pytest

from nbext.data.record import Draft, Record
from nbext.drawings.drawing import Drawings
from nbext.drawings.history import History
from nbext.store import disk, writer
from nbext.store import store as store_module
from nbext.store.lock import file_lock
from nbext.store.store import Store
from nbext.store.writer import Wakes
from nbext.util.threads import log_and_drop
from tests.records import draw, picture
from tests.until import until


class Syncs:
    """Counts the calls that wait for a disk, and the threads that make them."""

    def __init__(self, monkeypatch):
        self.count = 0
        self.threads = set()
        for owner, name in ((os, "fsync"), (disk, "_sync_file_system")):
            monkeypatch.setattr(owner, name, self.counted(getattr(owner, name)))

    def counted(self, real):
        def call(*args):
            self.count += 1
            self.threads.add(threading.current_thread().name)
            return real(*args)

        return call


async def draw_one(store, number):
    """Draw as a session does on its event loop."""
    record = await store.begin_async(Record(type="sent", id=f"d{number}"))
    sink = store.sink()
    sink.write(b"GIF89a\1\0\1\0" + f"{number:08}".encode() * 50)
    info = sink.close()
    await store.stored_picture(info.sha256)
    record.pictures = (info,)
    record.type = "drawing"
    return await store.append_async(record)


def test_a_thousand_drawings_at_once_cost_tens_of_syncs(store, monkeypatch):
    syncs = Syncs(monkeypatch)

    async def all_at_once():
        return await asyncio.gather(*(draw_one(store, number) for number in range(1000)))

    records = asyncio.run(all_at_once())
    assert sorted(record.number for record in records) == list(range(1, 1001))
    assert syncs.count < 100
    # The event loop waits for no disk.
    assert syncs.threads == {"nbext-writer"}
    fresh = Store(store.folder)
    assert [r.type for r in fresh.records()] == ["drawing"] * 1000
    assert all(fresh.is_whole(r.pictures[0].sha256) for r in fresh.records())
    assert list(store.pictures.glob(".*.part")) == []


@pytest.mark.parametrize("count", [3, 40])
def test_many_at_work_write_together(store, monkeypatch, count):
    """Their lines come one after the other, as each is planned when its turn has come."""
    store.begin(Draft(type="sent", id="first"))
    store.rest()
    release, pauses = threading.Event(), []
    sleep = lambda seconds: pauses.append(seconds) or release.wait(60)  # noqa: E731
    monkeypatch.setattr(writer, "time", SimpleNamespace(sleep=sleep))
    syncs = Syncs(monkeypatch)

    async def one(number):
        with store.at_work():
            for _ in range(number):
                await asyncio.sleep(0)
            return await store.begin_async(Draft(type="sent", id=f"d{number}"))

    async def all_at_once():
        tasks = [asyncio.ensure_future(one(number)) for number in range(count)]
        for _ in range(count + 1):
            await asyncio.sleep(0)
        release.set()
        return [draft.number for draft in await asyncio.gather(*tasks)]

    assert asyncio.run(all_at_once()) == list(range(2, count + 2))
    assert bool(pauses) == (count == 40), pauses
    if pauses:
        assert max(pauses) <= writer.LONGEST_PAUSE
        # The first may have begun before the others were there.
        assert syncs.count <= 2


def test_who_waits_goes_on_when_it_is_on_disk(store, monkeypatch):
    release = threading.Event()
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: release.wait(60) and real(descriptor))

    async def ask():
        waiting = asyncio.ensure_future(store.begin_async(Record(type="sent", id="a")))
        for _ in range(5):
            await asyncio.sleep(0.01)
        before = waiting.done()
        release.set()
        return before, (await waiting).number

    assert asyncio.run(ask()) == (False, 1)


def test_a_picture_is_read_before_it_is_in_its_place(store, monkeypatch):
    release = threading.Event()
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: release.wait(60) and real(descriptor))
    data = picture()

    async def take():
        sink = store.sink()
        sink.write(data)
        info = sink.close()
        early = store.read(info.sha256), store.has(info.sha256), store.is_whole(info.sha256)
        release.set()
        await store.stored_picture(info.sha256)
        return early, info

    early, info = asyncio.run(take())
    assert early == (data, True, True)
    assert store.path(info.sha256).name == f"{info.sha256}.png"
    assert store.read(info.sha256) == data


def test_a_path_stays_also_on_an_event_loop(store, monkeypatch):
    real, entered = os.fsync, threading.Event()

    def slow(descriptor):
        entered.set()
        threading.Event().wait(0.05)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", slow)

    async def put():
        info = store.put(picture())
        # A cell runs on the kernel's loop; what it exports is opened later than it is named.
        return store.path(info.sha256), info

    path, info = asyncio.run(put())
    assert entered.is_set()
    assert path.name == f"{info.sha256}.png"
    assert path.read_bytes() == picture()


def test_a_cancelled_wait_cancels_no_writing(store):
    async def ask():
        task = asyncio.ensure_future(store.append_async(Record(type="drawing", id="a", number=1)))
        await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(ask())
    store.append(Record(type="drawing", id="b", number=2))
    assert [r.id for r in Store(store.folder).records()] == ["a", "b"]


def test_what_was_handed_in_is_written_before_python_ends(tmp_path):
    code = (
        "import sys; from pathlib import Path; from nbext.data.record import Record\n"
        "from nbext.store.store import Store; store = Store(Path(sys.argv[1]))\n"
        "for n in range(50): store._submit([Record(type='drawing', id=f'd{n}', number=n + 1)], '', "
        "numbered=False)\n"
    )
    folder = tmp_path / "a.draws"
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, timeout=60)
    assert len(Store(folder).records()) == 50


def test_the_writers_thread_ends_when_all_is_written(store):
    draw(store, picture())
    until(lambda: all(thread.name != "nbext-writer" for thread in threading.enumerate()))


def test_a_store_at_rest_has_written_all_and_has_no_thread(store):
    of_others = set(threading.enumerate())
    for number in (1, 2):
        assert draw(store, prompt=f"cat {number}").number == number
        store.put(picture(size=(10 + number, 10)))
        store.rest()
        assert not set(threading.enumerate()) - of_others
        assert len(list(store.pictures.glob("??/*"))) == number


def test_what_is_recorded_never_changes(store):
    draft = store.begin(Draft(type="sent", id="a", prompt="a cat", parameters={"size": "1x1"}))
    draft.pictures = [store.put(picture())]
    draft.parameters["size"] = "2x2"
    history = History(store)
    recorded = history[1].record
    assert (recorded.pictures, recorded.parameters) == ((), {"size": "1x1"})
    for name, value in (("prompt", "x"), ("pictures", ()), ("changes", {}), ("number", 7)):
        with pytest.raises(AttributeError):
            setattr(recorded, name, value)
    with pytest.raises(AttributeError):
        recorded.pictures.append("x")
    history[1].parameters["size"] = "9x9"
    assert history[1].parameters == {"size": "1x1"}
    draft.type = "drawing"
    assert store.append(draft) == store.records()[0] == Store(store.folder).records()[0]
    assert history[1].record.parameters == {"size": "2x2"}


def test_records_of_a_moment_stay_those(store):
    draw(store, prompt="one")
    before = store.records()
    draw(store, prompt="two")
    assert ([r.prompt for r in before], len(before)) == (["one"], 1)
    assert [r.prompt for r in store.records()[::-1]] == ["two", "one"]
    assert (store.records()[-1].prompt, before[-1].prompt) == ("two", "one")
    with pytest.raises(IndexError):
        before[1]
    seen = 0
    for _ in History(store):
        draw(store)
        seen += 1
    assert seen == 2


def test_several_drawings_stay_several_drawings(history):
    for _ in range(5):
        draw(history.store)
    drawings = history[1:]
    for part in (drawings[1:3], drawings[:0], drawings + drawings, drawings.copy(), history[-2:]):
        assert type(part) is Drawings
    assert [d.number for d in drawings[1:3]] == [2, 3]
    assert drawings[0].number == 1


def test_drawings_are_pickled_and_copied_by_reference(history):
    draw(history.store, picture())
    draw(history.store, picture("blue"))
    for again in (copy.copy, copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))):
        drawing = again(history[1])
        assert drawing == history[1]
        assert drawing.history is history
        assert again(history[:])[1].pictures[0].data == picture("blue")
        assert again(history[2].pictures[0]).data == picture("blue")
    folder, pickled = history.store.folder, pickle.dumps(history[2])
    code = "import pickle, sys; print(pickle.loads(sys.stdin.buffer.read()).pictures[0].sha256)"
    ran = subprocess.run(
        [sys.executable, "-c", code], input=pickled, capture_output=True, check=True
    )
    assert ran.stdout.decode().strip() == history[2].pictures[0].sha256
    assert folder.is_dir()


# Locks

ERRNOS = ("ENOLCK", "EOPNOTSUPP", "EINVAL", "EIO", "ESTALE", "EPERM", "EBADF", "ENOSYS", "EACCES")


@pytest.mark.parametrize("name", ERRNOS)
def test_a_lock_that_fails_costs_no_record(tmp_path, monkeypatch, name):
    import fcntl

    number = getattr(errno, name)

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    monkeypatch.setattr(store_module, "LOCK_SECONDS", 0.1)
    stores = [Store(tmp_path / "a.draws") for _ in range(2)]
    for store in stores * 3:
        draw(store, picture())
    records = Store(tmp_path / "a.draws").records()
    assert [r.number for r in records] == list(range(1, 7))
    assert all(r.type == "drawing" for r in records)


def test_the_lock_is_the_librarys(tmp_path):
    """So that an older version, and Windows' way, keep each other out."""
    path = tmp_path / "history.lock"
    with file_lock(path, 1) as held:
        assert held
        with pytest.raises(filelock.Timeout):
            filelock.FileLock(path).acquire(timeout=0)
    with filelock.FileLock(path), file_lock(path, 0) as held:
        assert not held
    with file_lock(path, 0) as held:
        assert held


@pytest.fixture
def flocks(monkeypatch):
    """The descriptors of the locks that are taken, and what happens at the first of them."""
    import fcntl

    real, seen = fcntl.flock, []

    def flock(descriptor, how):
        seen.append(descriptor)
        if len(seen) == 1:
            seen_first()
        real(descriptor, how)

    def seen_first():
        for act in acts:
            act()

    acts = []
    monkeypatch.setattr(fcntl, "flock", flock)
    return seen, acts


def test_a_lock_whose_file_is_removed_is_taken_on_the_one_in_its_place(tmp_path, flocks):
    path = tmp_path / "history.lock"
    # As git clean does, at the worst moment.
    flocks[1].append(path.unlink)
    with file_lock(path, 1) as held, file_lock(path, 0) as again:
        assert (held, again) == (True, False)


def test_a_process_that_was_forked_meanwhile_keeps_no_lock(tmp_path, flocks):
    path = tmp_path / "history.lock"
    with file_lock(path, 1):
        child = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=flocks[0][:1]
        )
    with file_lock(path, 0) as held:
        assert held
    child.communicate(b"\n", timeout=60)


def test_a_link_in_the_locks_place_is_not_followed(tmp_path):
    path = tmp_path / "history.lock"
    path.symlink_to(tmp_path / "elsewhere")
    with file_lock(path, 1) as held:
        assert not held
    assert not (tmp_path / "elsewhere").exists()


def test_a_lock_that_says_yes_to_all_doubles_no_number(tmp_path):
    """Several processes, none of which keeps another out."""
    code = (
        "import fcntl, sys; from pathlib import Path; from nbext.data.record import Record\n"
        "fcntl.flock = lambda *_: None\n"
        "from nbext.store.store import Store; store = Store(Path(sys.argv[1]))\n"
        "for n in range(40):\n"
        "    record = store.begin(Record(type='sent', id=f'{sys.argv[2]}-{n}'))\n"
        "    record.type = 'drawing'; store.append(record); print(record.id, record.number)\n"
    )
    folder = tmp_path / "a.draws"
    kernels = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(folder), name], stdout=subprocess.PIPE, text=True
        )
        for name in "abcd"
    ]
    told = [line.split() for k in kernels for line in k.communicate(timeout=120)[0].splitlines()]
    store = Store(folder)
    assert len(store.records()) == 160
    assert store.duplicate_numbers() == []
    assert sorted((r.id, str(r.number)) for r in store.records()) == sorted(map(tuple, told))


def test_a_request_that_is_cancelled_while_its_line_is_written_has_not_left(store):
    async def cancelled():
        task = asyncio.ensure_future(store.begin_async(Draft(type="sent", id="a")))
        await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()

    asyncio.run(cancelled())
    (record,) = Store(store.folder).records()
    assert (record.type, record.number, record.error.type) == ("drawing", 1, "Interrupted")
    assert not record.error.maybe_billed


def test_a_group_wakes_a_loop_once(store, monkeypatch):
    entered, release, real = threading.Event(), threading.Event(), os.fsync

    def slow(descriptor):
        entered.set()
        release.wait(60)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", slow)

    async def ask():
        loop, wakes = asyncio.get_running_loop(), []
        loop.set_exception_handler(log_and_drop)
        call = loop.call_soon_threadsafe
        loop.call_soon_threadsafe = lambda *given: wakes.append(given) or call(*given)
        first = asyncio.ensure_future(store.begin_async(Record(type="sent", id="first")))
        # The first one is on its way to the disk alone; all others wait behind it.
        await asyncio.sleep(0)
        entered.wait(60)
        others = [
            asyncio.ensure_future(store.begin_async(Record(type="sent", id=f"d{number}")))
            for number in range(50)
        ]
        await asyncio.sleep(0)
        release.set()
        records = await asyncio.gather(first, *others)
        return [record.number for record in records], len(wakes)

    assert asyncio.run(ask()) == (list(range(1, 52)), 2)


def test_who_asks_for_what_is_written_already_has_it_at_once(store):
    async def ask():
        job = store._submit([Draft(type="sent", id="a")], str, numbered=True)
        while not job.done():
            await asyncio.sleep(0.005)
        return (await store._wakes.wait_for(job))[0].number

    assert asyncio.run(ask()) == 1


@pytest.mark.parametrize("own", [True, False], ids=["own loop", "user's loop"])
def test_jobs_that_end_in_one_turn_of_a_loop_wake_another_loop_once(monkeypatch, own):
    """Results, errors and cancellations come as they are."""
    wakes, jobs = Wakes(), [Future() for _ in range(9)]
    other = asyncio.new_event_loop()
    thread = threading.Thread(target=other.run_forever)
    thread.start()

    def end_all():
        for number, job in enumerate(jobs[:7]):
            job.set_result(number)
        jobs[7].set_exception(KeyError("seven"))
        jobs[8].cancel()
        for job in jobs:
            wakes.wake([job])

    async def wait():
        calls, loop = [], asyncio.get_running_loop()
        if own:
            loop.set_exception_handler(log_and_drop)
        wake = loop.call_soon_threadsafe
        monkeypatch.setattr(loop, "call_soon_threadsafe", lambda *a: calls.append(a) or wake(*a))
        waiting = [wakes.wait_for(job) for job in jobs]
        other.call_soon_threadsafe(end_all)
        return await asyncio.gather(*waiting, return_exceptions=True), len(calls)

    results, count = asyncio.run(wait())
    other.call_soon_threadsafe(other.stop)
    thread.join()
    other.close()
    assert results[:7] == list(range(7))
    assert isinstance(results[7], KeyError)
    assert isinstance(results[8], asyncio.CancelledError)
    # One that it may need if the first is lost is for a loop that is not ours.
    assert count == (1 if own else 2)
