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

# Bytes that are hashed and written together. Threads take turns once a block, not once a line.
BLOCK = 1 << 19
# Blocks that wait to be written.
_AHEAD = 3
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

    A thread hashes and writes, while the page's next part is put together.

    Args:
        file: The file.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._block, self._used = memoryview(bytearray(BLOCK)), 0
        self._empty = [memoryview(bytearray(BLOCK)) for _ in range(_AHEAD)]
        self._pool = ThreadPoolExecutor(1, "nbext-page")
        self._saving: deque[tuple[Future[None], memoryview]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Write bytes and add them to the hash.

        Raises:
            OSError: Earlier bytes could not be written.
        """
        for line in lines:
            end = self._used + len(line)
            if end <= BLOCK:
                self._block[self._used : end] = line
                self._used = end
            else:
                self._fill(memoryview(line))

    def _fill(self, line: memoryview) -> None:
        """Add a line that does not fit into the block."""
        while line:
            part = line[: BLOCK - self._used]
            self._block[self._used : self._used + len(part)] = part
            self._used += len(part)
            line = line[len(part) :]
            if line:
                self._save_soon()

    def _save_soon(self) -> None:
        """Save the block in the thread, after earlier ones, and go on with an empty one."""
        saving = self._pool.submit(self._save, self._block[: self._used])
        self._saving.append((saving, self._block))
        self._block, self._used = self._empty.pop() if self._empty else self._oldest(), 0

    def _oldest(self) -> memoryview:
        """Wait until the block that waits longest is written, and return it."""
        saving, block = self._saving.popleft()
        saving.result()
        return block

    def _save(self, block: memoryview) -> None:
        self._hash.update(block)
        self._file.write(block)

    def seal(self) -> None:
        """Write the hash as a comment after the page.

        Raises:
            OSError: The page could not be written.
        """
        self._save_soon()
        while self._saving:
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
                part = file.read(min(left, BLOCK))
                digest.update(part)
                left -= len(part) or left
            return file.read() == SEAL % digest.hexdigest().encode()
    except OSError:
        return False
