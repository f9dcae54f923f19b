"""The lock of a history's file, among kernels and machines."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
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
    from filelock import FileLock, SoftFileLock

    lock: FileLock | SoftFileLock = FileLock(path)
    if path.is_symlink():
        # A stranger's: what it leads to is not ours to open.
        yield False
        return
    held = True
    try:
        lock.acquire(timeout=seconds, poll_interval=_POLL)
    except TimeoutError:
        held = False
    except (OSError, NotImplementedError):
        lock = SoftFileLock(path.with_suffix(".softlock"))
        try:
            lock.acquire(timeout=seconds, poll_interval=_POLL)
        except (OSError, NotImplementedError):
            held = False
    try:
        yield held
    finally:
        if held:
            with contextlib.suppress(OSError):
                lock.release()
