"""Write a page completely or not at all, with a hash of its content at its end.

The hash tells a page that nobody has changed, and that may be replaced, from one that somebody has.
"""

from __future__ import annotations

import hashlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Self

from nbext.errors import HistoryError
from nbext.messages.say import phrase
from nbext.util.atomic import atomic_write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

# Bytes that are written together, while they are in the processor's cache. On a busy virtual
# machine the kernel took four times as long for the same bytes in calls of 256 kB and more.
BLOCK = 1 << 15
# Bytes that are hashed together, several blocks: threads that take turns more often lose a third
# of their time by it.
RUN = 128 * BLOCK
SEAL = b"<!-- nbext %s -->\n"


@contextmanager
def sealed_page(target: Path, files: Path | None = None) -> Iterator[Sealed]:
    """Write a page completely or not at all, and seal it.

    Args:
        target: The file.
        files: The folder beside it for its pictures, None for none. What a page that is not
            finished has put there is removed.

    Raises:
        HistoryError: It cannot be written; an existing file stays unchanged.
    """
    before = set(files.rglob("*")) if files is not None else set()
    try:
        with atomic_write(target) as part, part.open("wb") as file, Sealed(file) as sealed:
            yield sealed
            sealed.seal()
    except BaseException as error:
        if files is not None:
            _remove_new(files, before)
        if not isinstance(error, OSError):
            raise
        raise HistoryError(
            phrase("export.unwritable", target=target, value=error.strerror or error)
        ) from None


def _remove_new(folder: Path, before: set[Path]) -> None:
    """Remove the files and folders that were not in a folder before; it too, if it is empty."""
    for path in sorted(set(folder.rglob("*")) - before, reverse=True):
        with suppress(OSError):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    if not before:
        with suppress(OSError):
            folder.rmdir()


class Sealed:
    """A file that ends with the hash of its content.

    A thread hashes, while the page's next part is put together.

    Args:
        file: The file.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        # The run that is filled, how far, and how much of it is written.
        self._run, self._used, self._written = memoryview(bytearray(RUN)), 0, 0
        # The other one, until the first is to be hashed.
        self._empty = [memoryview(bytearray(RUN))]
        self._pool = ThreadPoolExecutor(1, "nbext-hash")
        self._hashing: deque[tuple[Future[None], memoryview]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Write bytes and add them to the hash.

        Raises:
            OSError: They cannot be written.
        """
        for line in lines:
            end = self._used + len(line)
            if end <= self._written + BLOCK:
                self._run[self._used : end] = line
                self._used = end
            else:
                self._fill(memoryview(line))

    def _fill(self, line: memoryview) -> None:
        """Add a line that does not fit into the block."""
        while line:
            part = line[: self._written + BLOCK - self._used]
            self._run[self._used : self._used + len(part)] = part
            self._used += len(part)
            line = line[len(part) :]
            if line:
                self._save()

    def _save(self) -> None:
        """Write the block, and go on with the next one."""
        self._file.write(self._run[self._written : self._used])
        self._written = self._used
        if self._used + BLOCK > RUN:
            self._hash_soon()

    def _hash_soon(self) -> None:
        """Hash the run in the thread, after earlier ones, and go on with an empty one."""
        hashing = self._pool.submit(self._hash.update, self._run[: self._used])
        self._hashing.append((hashing, self._run))
        self._run = self._empty.pop() if self._empty else self._oldest()
        self._used = self._written = 0

    def _oldest(self) -> memoryview:
        """Wait until the run that waits longest is hashed, and return it."""
        hashing, run = self._hashing.popleft()
        hashing.result()
        return run

    def seal(self) -> None:
        """Write the hash as a comment after the page.

        Raises:
            OSError: The page could not be written.
        """
        self._save()
        self._hash_soon()
        while self._hashing:
            self._oldest()
        self._file.write(SEAL % self._hash.hexdigest().encode())


def is_unchanged(page: Path) -> bool:
    """Return whether a file is a page that nobody has changed.

    Args:
        page: The file.
    """
    length = len(SEAL % bytes(64))
    try:
        left = page.stat().st_size - length
        digest = hashlib.sha256()
        with page.open("rb") as file:
            while left > 0:
                part = file.read(min(left, RUN))
                digest.update(part)
                left -= len(part) or left
            return file.read() == SEAL % digest.hexdigest().encode()
    except OSError:
        return False
