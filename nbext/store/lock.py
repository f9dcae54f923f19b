"""The lock of a history's file, between kernels and machines."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from functools import partial
from typing import TYPE_CHECKING

from nbext.store.disk import open_regular

try:
    import fcntl
except ImportError:
    # Windows, where the library locks the first byte of the file.
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

# Seconds between two attempts.
_POLL = 0.01
# The devices on which a lock was found to keep others out.
_excluding: set[int] = set()


@contextlib.contextmanager
def file_lock(path: Path, seconds: float) -> Iterator[bool]:
    """Hold the lock of a history's file, as well as the disk allows; see ``acquire``.

    Yields:
        Whether it is held.
    """
    release = acquire(path, seconds)
    try:
        yield release is not None
    finally:
        if release is not None:
            release()


def acquire(path: Path, seconds: float) -> Callable[[], object] | None:
    """Acquire the lock of a history's file, as well as the disk allows.

    If locks do not work (network homes without a lock daemon report many errors, or grant every
    lock to everybody), a file that only one kernel can create replaces it; if that fails too, the
    writer continues without: appended lines do not mix, and duplicate numbers are noticed.

    Args:
        path: ``history.lock``.
        seconds: How long to wait for another kernel.

    Returns:
        What releases it, None if it is not held.
    """
    if os.path.islink(path):  # noqa: PTH114 -- one call that cannot raise
        # A stranger's link: its target must not be opened.
        return None
    try:
        if fcntl:
            return partial(_unlock, _locked(path, time.monotonic() + seconds))
        return _release_of(_hard_lock(path, seconds))
    except TimeoutError:
        return None
    except (OSError, NotImplementedError):
        try:
            return _release_of(_soft_lock(path.with_suffix(".softlock"), seconds))
        except (OSError, NotImplementedError):
            return None


def _release_of(lock: AbstractContextManager[object]) -> Callable[[], object]:
    """Enter a lock, and return what leaves it."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(lock)
        return stack.pop_all().close


def _unlock(descriptor: int) -> None:
    # Closing is not enough: a process forked meanwhile has the file open, too.
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _locked(path: Path, until: float) -> int:
    """Open and lock the file that filelock uses, creating it if needed; it is not removed.

    A drawing takes the lock twice, and the library needs a third of a millisecond each time.

    Raises:
        TimeoutError: Another process has held it for too long.
        OSError: The disk has no such locks.
    """
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
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
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
