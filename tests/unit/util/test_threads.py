"""What somebody waits for is called, also where memory is short."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import weakref
from concurrent.futures import Future

import pytest

from nbext.util import threads
from nbext.util.threads import RepeatableCall, call_apart, call_until_done


class Short:
    """Fails for want of memory, the first times."""

    def __init__(self, times, error=MemoryError):
        self.times, self.error, self.calls = times, error, 0

    def __call__(self, *_):
        self.calls += 1
        if self.calls <= self.times:
            raise self.error


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(threads, "_PAUSES", (0.0, 0.001, 0.002))


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
def test_it_is_called_again_until_there_is_memory(error):
    function = Short(2, error)
    call_until_done(function)
    assert function.calls == 3


def test_any_other_error_is_raised_at_once():
    function = Short(1, ValueError)
    with pytest.raises(ValueError):
        call_until_done(function)
    assert function.calls == 1


def test_where_memory_stays_short_it_is_given_up():
    with pytest.raises(MemoryError):
        call_until_done(Short(9))


def test_a_call_that_was_never_entered_is_made_as_it_is_dropped():
    calls = []
    call = RepeatableCall(calls.append, "done")
    del call
    gc.collect()
    assert calls == ["done"]


def test_a_call_is_made_once():
    calls = []
    call = RepeatableCall(calls.append, "done")
    call("what the loop says")
    call()
    del call
    gc.collect()
    assert calls == ["done"]


def test_a_call_that_is_not_wanted_any_more_is_not_made():
    calls = []
    call = RepeatableCall(calls.append, "done")
    call.forget()
    del call
    gc.collect()
    assert calls == []


def test_a_child_process_makes_no_call_of_its_parents(monkeypatch):
    calls = []
    call = RepeatableCall(calls.append, "done")
    own = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: own + 1)
    del call
    gc.collect()
    assert calls == []


def test_a_loop_goes_on_with_a_callback_that_failed_for_want_of_memory():
    async def wait():
        loop = asyncio.get_running_loop()
        ended = loop.create_future()
        short = Short(2)

        def end():
            short()
            ended.set_result("done")

        loop.call_soon(RepeatableCall(end))
        return await ended

    assert asyncio.run(wait()) == "done"


def test_a_loops_call_is_made_by_the_loop_whoever_drops_it():
    async def wait():
        loop = asyncio.get_running_loop()
        ended = loop.create_future()
        thread = threading.get_ident()

        def end():
            ended.set_result(threading.get_ident() == thread)

        def drop():
            call = RepeatableCall(end, loop=loop)
            del call

        await asyncio.to_thread(drop)
        return await asyncio.wait_for(ended, 30)

    assert asyncio.run(wait())


def test_a_closed_loops_call_is_made_by_who_drops_it():
    loop = asyncio.new_event_loop()
    loop.close()
    calls = []
    call = RepeatableCall(calls.append, "done", loop=loop)
    del call
    gc.collect()
    assert calls == ["done"]


def test_a_thread_that_fails_for_want_of_memory_does_its_work():
    result = Future()
    short = Short(1)

    def work():
        return "done"

    real = result.set_running_or_notify_cancel

    def begin():
        short()
        return real()

    result.set_running_or_notify_cancel = begin
    call_apart(work, result)
    assert result.result(30) == "done"
    assert short.calls == 2


def test_nothing_is_kept_of_a_call_that_was_made():
    class Thing:
        def close(self):
            pass

    thing = Thing()
    gone = weakref.ref(thing)
    call = RepeatableCall(thing.close)
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    del thing
    gc.collect()
    assert gone() is None
