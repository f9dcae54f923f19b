"""The garbage collector looks less often while many drawings are made, and as before afterwards."""

from __future__ import annotations

import contextlib
import gc
import os

import pytest

from nbext.store.store import Store
from nbext.store.writer import BUSY
from nbext.util.collector import SELDOM


@pytest.fixture(autouse=True)
def usual():
    """The numbers that the user has, which the tests leave as they were."""
    before = gc.get_threshold()
    gc.set_threshold(900, 11, 12)
    yield
    gc.set_threshold(*before)


@contextlib.contextmanager
def drawings(store, count):
    """So many drawings that are being made."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(store.at_work())
        yield stack


def test_it_looks_less_often_while_many_drawings_are_made(tmp_path):
    first, second = Store(tmp_path / "a.draws"), Store(tmp_path / "b.draws")
    with drawings(first, BUSY - 1):
        assert gc.get_threshold() == (900, 11, 12)
    with drawings(first, BUSY):
        assert gc.get_threshold() == (SELDOM, 11, 12)
        with drawings(second, 2 * BUSY):
            pass
        # The other notebook's are done; this one's are not.
        assert gc.get_threshold() == (SELDOM, 11, 12)
    assert gc.get_threshold() == (900, 11, 12)


def test_a_number_of_the_users_own_stays(tmp_path):
    store = Store(tmp_path / "a.draws")
    with drawings(store, BUSY):
        gc.set_threshold(50)
    assert gc.get_threshold()[0] == 50
    for own in (0, SELDOM, 2 * SELDOM):
        gc.set_threshold(own)
        with drawings(store, BUSY):
            assert gc.get_threshold()[0] == own
        assert gc.get_threshold()[0] == own


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_child_process_begins_as_usual(tmp_path):
    with drawings(Store(tmp_path / "a.draws"), BUSY):
        child = os.fork()
        if not child:
            as_usual = gc.get_threshold() == (900, 11, 12)
            with drawings(Store(tmp_path / "b.draws"), BUSY):
                seldom = gc.get_threshold() == (SELDOM, 11, 12)
            os._exit(not (as_usual and seldom and gc.get_threshold() == (900, 11, 12)))
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
    assert gc.get_threshold() == (900, 11, 12)
