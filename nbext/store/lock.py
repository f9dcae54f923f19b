"""The lock of a history's file, among kernels and machines."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

from nbext.store.disk import open_regular

try:
    import fcntl
except ImportError:
    # Windows, where the library locks the first byte of the file.
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

# Seconds between two tries.
_POLL = 0.01


@contextlib.contextmanager
def file_lock(path: Path, seconds: float) -> Iterator[bool]:
    """Hold the lock of a history's file as well as the disk allows.

    Where locks do not work (network homes without a lock daemon answer with many errors), a file
    that only one kernel can create takes its place; where that fails too, the writer goes on
    without: lines that are appended do not mix, and a number that is given twice is noticed.

    Args:
        path: ``history.lock``.
        seconds: How long to wait for another kernel.

    Yields:
        Whether it is held.
    """
    if path.is_symlink():
        # A stranger's: what it leads to is not ours to open.
        yield False
        return
    with contextlib.ExitStack() as stack:
        held = True
        try:
            stack.enter_context(_flock(path, seconds) if fcntl else _hard_lock(path, seconds))
        except TimeoutError:
            held = False
        except (OSError, NotImplementedError):
            try:
                stack.enter_context(_soft_lock(path.with_suffix(".softlock"), seconds))
            except (OSError, NotImplementedError):
                held = False
        yield held


@contextlib.contextmanager
def _flock(path: Path, seconds: float) -> Iterator[None]:
    """Hold ``flock``, as filelock does on the same file, without what that does beside it.

    A drawing takes the lock twice, and the library's way costs a third of a millisecond each time.

    Raises:
        TimeoutError: Somebody else has held it for so long.
        OSError: The disk has no such locks.
    """
    descriptor = _locked(path, time.monotonic() + seconds)
    try:
        yield
    finally:
        # Not only closed: a process that was forked meanwhile has the file open, too.
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def _locked(path: Path, until: float) -> int:
    """Open and lock a file, which is made where it is not there, and stays."""
    while True:
        descriptor = open_regular(path, os.O_RDWR | os.O_CREAT)
        try:
            _wait(descriptor, until)
            if os.fstat(descriptor).st_nlink:
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        # Somebody has removed the file, and others lock the one that took its place.
        os.close(descriptor)


def _wait(descriptor: int, until: float) -> None:
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() >= until:
            raise TimeoutError
        time.sleep(_POLL)


def _hard_lock(path: Path, seconds: float) -> AbstractContextManager[object]:
    """Hold Windows' lock of a file's first byte."""
    from filelock import FileLock

    return FileLock(path).acquire(timeout=seconds, poll_interval=_POLL)


def _soft_lock(path: Path, seconds: float) -> AbstractContextManager[object]:
    """Hold a file that only one process can create."""
    from filelock import SoftFileLock

    return SoftFileLock(path).acquire(timeout=seconds, poll_interval=_POLL)
