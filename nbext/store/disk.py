"""File access for histories, the same on Linux, macOS and Windows, within the folder only.

A history may come from a stranger, so only regular files are opened: no links to other files, no
pipes that never end.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Windows has neither of these, but converts line ends unless a file is opened as binary.
_ALWAYS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_REFUSES_LINKS = hasattr(os, "O_NOFOLLOW")
# From this number of files on, syncing the file system costs less than syncing each file.
MANY = 3


def open_regular(path: Path, flags: int) -> int:
    """Open a regular file, and nothing else.

    Args:
        path: The file.
        flags: The flags of ``os.open``.

    Returns:
        A descriptor.

    Raises:
        OSError: It cannot be opened, or is a link, a pipe, a device or a folder.
    """
    return open_with_status(path, flags)[0]


def open_with_status(path: Path, flags: int) -> tuple[int, os.stat_result]:
    """Open a regular file like ``open_regular``; return also its status.

    Raises:
        OSError: It cannot be opened, or is a link, a pipe, a device or a folder.
    """
    if not _REFUSES_LINKS:
        _refuse_link(path)
    try:
        descriptor = os.open(path, flags | _ALWAYS, 0o666)
    except OSError:
        # Systems refuse a link by different numbers.
        _refuse_link(path)
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, phrase("store.not_a_file"), str(path))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, status


def _refuse_link(path: Path) -> None:
    if os.path.islink(path):  # noqa: PTH114 -- one call that cannot raise
        raise OSError(errno.EINVAL, phrase("store.link"), str(path))


def read_regular(path: Path, limit: int) -> bytes:
    """Read a regular file.

    Raises:
        OSError: It cannot be read, is not a regular file, or is larger than the limit.
    """
    descriptor = open_regular(path, os.O_RDONLY)
    try:
        data = read_range(descriptor, 0, limit + 1)
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return data


def read_range(descriptor: int, start: int, end: int) -> bytes:
    """Read the bytes from ``start`` to ``end``, or to the end of the file."""
    os.lseek(descriptor, start, os.SEEK_SET)
    pieces = []
    while start < end and (piece := os.read(descriptor, end - start)):
        pieces.append(piece)
        start += len(piece)
    return b"".join(pieces)


def write_all(descriptor: int, data: bytes | memoryview) -> int:
    """Write all data, in as many writes as needed.

    Raises:
        OSError: The disk failed; ``written`` is the number of bytes written before.
    """
    view = memoryview(data)
    written = 0
    while written < len(view):
        try:
            written += os.write(descriptor, view[written:])
        except OSError as error:
            error.written = written  # type: ignore[attr-defined]
            raise
    return written


def sync_files(paths: Iterable[Path], folder: Path) -> None:
    """Wait until files are on disk.

    Args:
        paths: Closed files on one file system.
        folder: A folder on it.

    Raises:
        OSError: The disk failed.
    """
    paths = list(paths)
    if len(paths) > MANY and _sync_file_system(folder):
        return
    for path in paths:
        # Windows syncs only files opened for writing.
        descriptor = open_regular(path, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_folders(folders: Iterable[Path]) -> None:
    """Sync renames and new files in folders to disk, if the file system can."""
    folders = list(folders)
    if len(folders) > MANY and _sync_file_system(folders[0]):
        return
    for folder in folders:
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Sync a rename or a new file to disk, if the file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@functools.cache
def _syncfs() -> Callable[[int], int] | None:
    """Return Linux's call that syncs one file system; None elsewhere."""
    try:
        import ctypes

        function: Callable[[int], int] = ctypes.CDLL(None).syncfs
    except (ImportError, OSError, TypeError, AttributeError):
        return None
    return function


def _sync_file_system(folder: Path) -> bool:
    """Sync the file system of a folder; return False if that is not possible."""
    syncfs = _syncfs()
    if syncfs is None:
        return False
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        return syncfs(descriptor) == 0
    finally:
        os.close(descriptor)


def hash_file(path: Path) -> str:
    """Hash a file without holding it in memory.

    Raises:
        OSError: It cannot be read.
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
