"""The lock of a history's file, between kernels and machines."""

from __future__ import annotations

import contextlib
import errno
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

# Seconds between two attempts.
_POLL = 0.01
# The devices on which a lock was found to keep others out.
_excluding: set[int] = set()


@contextlib.contextmanager
def file_lock(path: Path, seconds: float) -> Iterator[bool]:
    """Hold the lock of a history's file, as well as the disk allows.

    If locks do not work (network homes without a lock daemon report many errors, or grant every
    lock to everybody), a file that only one kernel can create replaces it; if that fails too, the
    writer continues without: appended lines do not mix, and duplicate numbers are noticed.

    Args:
        path: ``history.lock``.
        seconds: How long to wait for another kernel.

    Yields:
        Whether it is held.
    """
    if path.is_symlink():
        # A stranger's link: its target must not be opened.
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
    """Hold ``flock`` on the file that filelock uses, without filelock's overhead.

    A drawing takes the lock twice, and the library needs a third of a millisecond each time.

    Raises:
        TimeoutError: Another process has held it for too long.
        OSError: The disk has no such locks.
    """
    descriptor = _locked(path, time.monotonic() + seconds)
    try:
        yield
    finally:
        # Closing is not enough: a process forked meanwhile has the file open, too.
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def _locked(path: Path, until: float) -> int:
    """Open and lock a file, creating it if needed; it is not removed."""
    while True:
        descriptor = open_regular(path, os.O_RDWR | os.O_CREAT)
        try:
            _wait(descriptor, until)
            status = os.fstat(descriptor)
            if status.st_nlink:
                if status.st_dev not in _excluding:
                    _check_exclusion(path)
                    _excluding.add(status.st_dev)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        # The file was removed, and others lock the one that replaced it.
        os.close(descriptor)


def _wait(descriptor: int, until: float) -> None:
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() >= until:
            raise TimeoutError
        time.sleep(_POLL)


def _check_exclusion(path: Path) -> None:
    """Check that a lock that this process holds cannot be had again.

    Raises:
        OSError: It can.
    """
    descriptor = open_regular(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return
    finally:
        os.close(descriptor)
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK), str(path))


def _hard_lock(path: Path, seconds: float) -> AbstractContextManager[object]:
    """Hold Windows' lock of a file's first byte."""
    from filelock import FileLock

    return FileLock(path).acquire(timeout=seconds, poll_interval=_POLL)


def _soft_lock(path: Path, seconds: float) -> AbstractContextManager[object]:
    """Hold a file that only one process can create."""
    from filelock import SoftFileLock

    return SoftFileLock(path).acquire(timeout=seconds, poll_interval=_POLL)
