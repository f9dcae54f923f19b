"""``history.jsonl``: lines that are only ever appended. Only new lines are read.

A writer holds the history's file lock; readers do not need it. A line cut off by a crash is moved
to another file before the next line is appended, so that no line follows an incomplete one. A
damaged line does not affect the others.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import time
from typing import TYPE_CHECKING, BinaryIO

from nbext.store.disk import open_regular, open_with_status, read_range, sync_folder, write_all
from nbext.store.lines import MAX_LINE, parse, salvage
from nbext.util.atomic import atomic_write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_BOM = b"\xef\xbb\xbf"
# That many bytes before the place that was read to tell whether the file is still the same.
_TAIL_BYTES = 4096
_BLOCK = 8 << 20
_NO_STAMP = (0, 0, 0, 0)
NO_LINES: tuple[bytes, ...] = ()


class Journal:
    """The file of a history's lines.

    Args:
        path: The path of the file, which need not exist.

    Attributes:
        rest: The bytes after the last end of line when the file was read: a record without its end
            of line, or a line that another kernel is writing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._forget()

    def _forget(self) -> None:
        self._read_to = 0
        self._tail = b""
        self._stamp = _NO_STAMP
        self.rest = b""

    def news(self) -> tuple[bool, Iterable[bytes]]:
        """Read the lines appended since the last call. Costs one ``stat`` if there are none.

        Returns:
            Whether the file was replaced or deleted, so that everything known about it is invalid;
            and the new lines, which must be exhausted: ``NO_LINES`` if nothing has changed.

        Raises:
            OSError: The file exists but cannot be read, possibly while iterating.
        """
        try:
            stat = os.stat(self.path)  # noqa: PTH116 -- one call that tests can make fail, as below
        except (FileNotFoundError, NotADirectoryError):
            was_there = self._stamp != _NO_STAMP
            self._forget()
            return was_there, NO_LINES
        if _stamp(stat) == self._stamp:
            return False, NO_LINES
        file = os.fdopen(open_regular(self.path, os.O_RDONLY), "rb")
        try:
            start = max(0, self._read_to - _TAIL_BYTES)
            file.seek(start)
            anew = file.read(self._read_to - start) != self._tail
            if anew:
                # Checked out or restored by git: the same name, maybe the same inode, another file.
                self._forget()
            file.seek(self._read_to)
        except BaseException:
            file.close()
            raise
        return anew, self._lines(file, _stamp(stat))

    def last_lines(self, size: int) -> list[bytes]:
        """Return the last whole lines within so many bytes, without reading what is before them.

        Raises:
            OSError: The file exists but cannot be read.
        """
        try:
            descriptor = open_regular(self.path, os.O_RDONLY)
        except (FileNotFoundError, NotADirectoryError):
            return []
        try:
            end = os.fstat(descriptor).st_size
            start = max(0, end - size)
            lines = read_range(descriptor, start, end).split(b"\n")
        finally:
            os.close(descriptor)
        # What is before the first end of line is whole only at the start of the file.
        return lines[bool(start) : -1]

    def _lines(self, file: BinaryIO, stamp: tuple[int, int, int, int]) -> Iterator[bytes]:
        first = self._read_to == 0
        rest = b""
        with file:
            while block := file.read(_BLOCK):
                rest += block
                end = rest.rfind(b"\n") + 1
                whole, rest = rest[:end], rest[end:]
                self._advance(whole)
                lines = whole.split(b"\n")[:-1]
                if lines and first:
                    lines[0] = lines[0].removeprefix(_BOM)
                    first = False
                yield from lines
                if len(rest) > MAX_LINE:
                    # No record is so long; what follows up to the next end of line goes with it.
                    self._advance(rest)
                    rest = b""
        self.rest = rest
        self._stamp = stamp

    def _advance(self, data: bytes) -> None:
        self._read_to += len(data)
        self._tail = (self._tail + data[-_TAIL_BYTES:])[-_TAIL_BYTES:]

    def append(self, data: bytes, *, alone: bool) -> int:
        """Append lines with one write, and wait until they are on disk.

        Args:
            data: The lines, each with its end of line.
            alone: Whether the file lock is held. If so, a partial write is undone after an error;
                otherwise others may have written after it.

        Returns:
            The offset at which they begin, for ``note``.

        Raises:
            OSError: The disk cannot be written.
        """
        descriptor, status = open_with_status(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            before = status.st_size
            if not alone and before and read_range(descriptor, before - 1, before) != b"\n":
                data = b"\n" + data
            try:
                if write_all(descriptor, data) != len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(descriptor)
            except BaseException:
                if alone:
                    with contextlib.suppress(OSError):
                        os.ftruncate(descriptor, before)
                raise
        finally:
            os.close(descriptor)
        if not before:
            # The file may be new.
            sync_folder(self.path.parent)
        return before

    def note(self, before: int, data: bytes) -> bool:
        """Register lines that this kernel has appended, so that they are not read again.

        Args:
            before: The offset at which they begin.
            data: The lines.

        Returns:
            False if there are unread lines before them.
        """
        if before != self._read_to:
            return False
        self._advance(data)
        self.rest = b""
        with contextlib.suppress(OSError):
            stat = os.stat(self.path)  # noqa: PTH116
            if stat.st_size == self._read_to:
                self._stamp = _stamp(stat)
        return True

    def mend(self) -> Path | None:
        """Move bytes after the last end of line to another file. The file lock must be held.

        A complete record in them is kept: an editor may have trimmed the end of the file, or a
        crash may have left zeros there. Costs one ``stat`` if the file is as it was last read.

        Returns:
            The path of the other file, or None if nothing was moved.

        Raises:
            OSError: The disk cannot be written. The file is unchanged.
        """
        try:
            stat = os.stat(self.path)  # noqa: PTH116
            if _stamp(stat) == self._stamp and not self.rest and stat.st_nlink == 1:
                return None
            descriptor = self._open_own()
        except FileNotFoundError:
            return None
        try:
            size = os.fstat(descriptor).st_size
            if size == 0 or read_range(descriptor, size - 1, size) == b"\n":
                return None
            start = _after_last_line(descriptor, size)
            torn = read_range(descriptor, start, size)
            whole = torn.rstrip(b"\0")
            if parse(whole) is not None:
                os.ftruncate(descriptor, start + len(whole))
                os.lseek(descriptor, 0, os.SEEK_END)
                write_all(descriptor, b"\n")
                os.fsync(descriptor)
                return None
            aside = self._set_aside(torn)
            os.ftruncate(descriptor, start)
            os.lseek(descriptor, 0, os.SEEK_END)
            write_all(descriptor, b"".join(record.to_line() for record in salvage(torn)))
            os.fsync(descriptor)
            return aside
        finally:
            os.close(descriptor)

    def _open_own(self) -> int:
        """Open the file for writing. If it has another name elsewhere, replace it by a copy first.

        The other name may be a backup, or a file of the user's that a stranger's folder points to.

        Raises:
            OSError: The file cannot be opened or copied.
        """
        descriptor = open_regular(self.path, os.O_RDWR)
        if os.fstat(descriptor).st_nlink <= 1:
            return descriptor
        import shutil  # which imports all compressions, for a journal that hardly ever needs it

        # The source is closed before the move, for Windows.
        with (
            atomic_write(self.path) as part,
            os.fdopen(descriptor, "rb") as source,
            part.open("wb") as copy,
        ):
            shutil.copyfileobj(source, copy, _BLOCK)
            copy.flush()
            os.fsync(copy.fileno())
        return open_regular(self.path, os.O_RDWR)

    def _set_aside(self, torn: bytes) -> Path:
        stem = f"history.torn-{time.strftime('%Y%m%dT%H%M%S')}"
        for count in itertools.count():
            aside = self.path.with_name(f"{stem}{f'-{count}' if count else ''}.jsonl")
            try:
                descriptor = open_regular(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            except FileExistsError:
                continue
            try:
                write_all(descriptor, torn)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            return aside
        raise AssertionError  # pragma: no cover -- counting does not end


def _stamp(stat: os.stat_result) -> tuple[int, int, int, int]:
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def _after_last_line(descriptor: int, size: int) -> int:
    """Find the offset after the last end of line."""
    at = size
    while at > 0:
        step = min(65536, at)
        end = read_range(descriptor, at - step, at).rfind(b"\n")
        if end >= 0:
            return at - step + end + 1
        at -= step
    return 0
