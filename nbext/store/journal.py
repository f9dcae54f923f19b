"""``history.jsonl``: lines that are only ever appended, read as far as they are new.

A writer holds the history's file lock; a reader never needs it. One line is one write, so a reader
sees it whole or not yet. What a crash has cut is set aside before the next line is appended, so no
line ever stands behind half of another; a line that was damaged costs nothing but itself.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import re
import time
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.record import Record

if TYPE_CHECKING:
    from pathlib import Path

TYPES = ("sent", "drawing", "note")
# How a line begins; inside a JSON string its quotes would be escaped.
_BEGIN = re.compile(r'\{"type":"(?:sent|drawing|note)","id":"')
# A larger number is no count of drawings.
MAX_NUMBER = 1_000_000_000
_MAX_DEPTH = 100
# More records than this do not run together by accident.
_MAX_RUN_TOGETHER = 16
_BOM = b"\xef\xbb\xbf"
# That many bytes before the place that was read to tell whether the file is still the same.
_TAIL_BYTES = 64
_NO_STAMP = (0, 0, 0, 0)


class Journal:
    """The file of a history's lines.

    Args:
        path: Of the file, which need not be there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._forget()

    def _forget(self) -> None:
        self._read_to = 0
        self._tail = b""
        self._stamp = _NO_STAMP

    def news(self) -> tuple[bool, list[bytes], bytes]:
        """Read what was appended since the last call; costs one ``stat`` where nothing was.

        Returns:
            Whether the file is another one than before (or gone), so that what is known of it is to
            be forgotten; the new lines; and what stands behind the last end of line: a record
            whose end of line was trimmed, or a line that another kernel is about to write.

        Raises:
            OSError: The file is there and cannot be read.
        """
        try:
            stat = os.stat(self.path)  # noqa: PTH116 -- one call that tests can make fail, as below
        except (FileNotFoundError, NotADirectoryError):
            was_there = self._stamp != _NO_STAMP
            self._forget()
            return was_there, [], b""
        if _stamp(stat) == self._stamp:
            return False, [], b""
        with self.path.open("rb") as file:
            start = max(0, self._read_to - _TAIL_BYTES)
            file.seek(start)
            anew = file.read(self._read_to - start) != self._tail
            if anew:
                # Checked out or restored by git: the same name, maybe the same inode, another file.
                self._forget()
            file.seek(self._read_to)
            new = file.read()
        whole = new.rfind(b"\n") + 1
        lines = new[:whole].split(b"\n")[:-1]
        if lines and self._read_to == 0:
            lines[0] = lines[0].removeprefix(_BOM)
        self._advance(new[:whole])
        self._stamp = _stamp(stat)
        return anew, lines, new[whole:]

    def _advance(self, read: bytes) -> None:
        self._read_to += len(read)
        self._tail = (self._tail + read[-_TAIL_BYTES:])[-_TAIL_BYTES:]

    def append(self, line: bytes) -> None:
        """Append a line in one write, and wait until it is on disk; half a line is taken back.

        Args:
            line: With its end. The file lock must be held.

        Raises:
            OSError: The disk refuses; the file is as it was.
        """
        new = not self.path.exists()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            before = os.fstat(descriptor).st_size
            try:
                if os.write(descriptor, line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(descriptor)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.ftruncate(descriptor, before)
                raise
            if before == self._read_to:
                # Nothing of another kernel's stands between, and the writer knows its own line.
                self._advance(line)
                self._stamp = _stamp(os.fstat(descriptor))
        finally:
            os.close(descriptor)
        if new:
            sync_folder(self.path.parent)

    def mend(self) -> Path | None:
        """Set aside what stands behind the last end of line; the file lock must be held.

        Returns:
            Where it was put, None where the file is whole.

        Raises:
            OSError: The disk refuses; the file is as it was.
        """
        try:
            descriptor = os.open(self.path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            size = os.fstat(descriptor).st_size
            if size == 0 or os.pread(descriptor, 1, size - 1) == b"\n":
                return None
            start = _after_last_line(descriptor, size)
            torn = _read(descriptor, start, size)
            if parse(torn) is not None:
                # An editor has trimmed the end of the file; nothing is lost.
                os.pwrite(descriptor, b"\n", size)
                os.fsync(descriptor)
                return None
            aside = self._set_aside(torn)
            os.ftruncate(descriptor, start)
            os.fsync(descriptor)
            return aside
        finally:
            os.close(descriptor)

    def _set_aside(self, torn: bytes) -> Path:
        stem = f"history.torn-{time.strftime('%Y%m%dT%H%M%S')}"
        for count in itertools.count():
            aside = self.path.with_name(f"{stem}{f'-{count}' if count else ''}.jsonl")
            try:
                descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            except FileExistsError:
                continue
            try:
                write_all(descriptor, torn)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            return aside
        raise AssertionError  # pragma: no cover -- counting does not end


def parse(line: bytes) -> Record | None:
    """Read a line, None where it is no record.

    Example:
        >>> parse(b'{"type":"sent","id":"a"}').id, parse(b"<<<<<<< HEAD")
        ('a', None)
    """
    try:
        record = Record.from_line(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    known = record.type in TYPES and record.id and 0 <= record.number < MAX_NUMBER
    return record if known else None


def line_of(record: Record) -> bytes:
    """Write a record as a line, also where an answer holds what JSON cannot.

    Half of a surrogate pair, as a stream may cut it, or a number of more than 64 bits must not cost
    the record of a picture that was paid for.
    """
    try:
        return record.to_line()
    except (ValueError, TypeError, OverflowError, msgspec.MsgspecError, RecursionError):
        fields = {name: _encodable(value) for name, value in msgspec.structs.asdict(record).items()}
        return Record(**fields).to_line()


def _encodable(value: Any, depth: int = 0) -> Any:
    if depth > _MAX_DEPTH:
        return "…"
    if isinstance(value, str):
        # Halves that meet become one character again, a half alone is replaced.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_encodable(str(k)): _encodable(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item, depth + 1) for item in value]
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.asdict(value).items()
        return type(value)(**{k: _encodable(v, depth + 1) for k, v in fields})
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < 1 << 63 else str(value)
    return value if value is None or isinstance(value, bool | float) else _encodable(str(value))


def salvage(line: bytes) -> list[Record]:
    """Find the whole records in a damaged line.

    The end of line between two of them is gone, or the half of one stands before another.

    Example:
        >>> [r.id for r in salvage(b'{"type":"sent","id":"a{"type":"sent","id":"b"}')]
        ['b']
    """
    text = line.decode("utf-8", "replace")
    decoder = json.JSONDecoder()
    found = []
    for begin in itertools.islice(_BEGIN.finditer(text), _MAX_RUN_TOGETHER):
        try:
            _, end = decoder.raw_decode(text, begin.start())
        except (ValueError, RecursionError):
            continue
        record = parse(text[begin.start() : end].encode())
        if record is not None:
            found.append(record)
    return found


def write_all(descriptor: int, data: bytes | memoryview) -> int:
    """Write all of it, in as many writes as it takes.

    Raises:
        OSError: The disk refuses; its ``written`` says how many bytes it took before.
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


def sync_folder(folder: Path) -> None:
    """Put a rename or a new file on disk; not every file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _stamp(stat: os.stat_result) -> tuple[int, int, int, int]:
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def _after_last_line(descriptor: int, size: int) -> int:
    """Find the offset behind the last end of line."""
    at = size
    while at > 0:
        step = min(65536, at)
        found = os.pread(descriptor, step, at - step).rfind(b"\n")
        if found >= 0:
            return at - step + found + 1
        at -= step
    return 0


def _read(descriptor: int, start: int, end: int) -> bytes:
    pieces = []
    while start < end and (piece := os.pread(descriptor, end - start, start)):
        pieces.append(piece)
        start += len(piece)
    return b"".join(pieces)
