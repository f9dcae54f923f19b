"""The history's folder: one record a line, each picture once.

``cats.draws/history.jsonl`` is only ever appended to; ``cats.draws/pictures/ab/<sha256>.<ext>``
holds each picture under its hash. A picture is written first (temporary file, fsync, rename, fsync
of the folder), then the record's line (one write, fsync, under a file lock), so what a record names
is there. No database: these folders live on network homes and in git.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.picture import EXTENSIONS, PictureInfo, dimensions, sniff
from nbext.data.record import Record
from nbext.errors import HistoryError, PictureError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A temporary file older than this was left by a crash.
ORPHAN_SECONDS = 24 * 3600
LOCK_SECONDS = 10.0
# A JPEG's size may stand behind its thumbnail and colour profile.
HEADER_BYTES = 65536
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Store:
    """A history on disk. Nothing is made until something is kept.

    Where the disk refuses, pictures and records are kept in memory and ``warnings`` say what is not
    saved, so that a picture that was paid for is shown in any case.

    Args:
        folder: ``cats.draws``.
        read_only: Never write; what would be is an error.
        max_bytes: Of a picture.
        max_pixels: Of a picture.
    """

    def __init__(
        self,
        folder: Path,
        *,
        read_only: bool = False,
        max_bytes: int = 64 << 20,
        max_pixels: int = 50_000_000,
    ) -> None:
        self.folder = folder
        self.read_only = read_only
        self.max_bytes = max_bytes
        self.max_pixels = max_pixels
        self.warnings: list[str] = []
        self._told = 0
        self._mutex = threading.RLock()
        self._memory: dict[str, bytes] = {}
        self._unsaved: list[Record] = []
        self._records: dict[str, Record] = {}
        self._read_to = 0
        self._read_of: tuple[int, int] = (0, 0)
        self._ready = False

    @property
    def _journal(self) -> Path:
        return self.folder / "history.jsonl"

    # Pictures

    def sink(self) -> FileSink:
        """Take a picture as it comes."""
        return FileSink(self)

    def put(self, data: bytes) -> PictureInfo:
        """Keep a picture, or a film.

        Raises:
            PictureError: It is none, or larger than allowed.
        """
        sink = self.sink()
        sink.write(data)
        return sink.close()

    def path(self, sha256: str) -> Path | None:
        """Say where a picture is, None where it is not on disk."""
        if not _SHA256.fullmatch(sha256):
            return None
        folder = self.folder / "pictures" / sha256[:2]
        for extension in (*EXTENSIONS.values(), "bin"):
            path = folder / f"{sha256}.{extension}"
            if path.is_file():
                return path
        return None

    def remember(self, sha256: str, data: bytes) -> None:
        """Keep a picture in memory, where the disk refuses it."""
        self._memory[sha256] = data

    def has(self, sha256: str) -> bool:
        """Whether a picture's bytes are there."""
        return sha256 in self._memory or self.path(sha256) is not None

    def read(self, sha256: str) -> bytes:
        """Read a picture's bytes.

        Raises:
            HistoryError: It is not there.
        """
        if sha256 in self._memory:
            return self._memory[sha256]
        path = self.path(sha256)
        if path is None:
            raise HistoryError(
                f"The picture {sha256[:12]}… is not in {self.folder.name}/pictures.",
                remedy="Was the folder copied without it? history.verify() lists what is missing.",
            )
        try:
            return path.read_bytes()
        except OSError as error:
            raise HistoryError(f"The picture {path.name} cannot be read: {error}.") from None

    def discard(self, sha256: str) -> None:
        """Take a picture away that no record names, such as a preview."""
        for record in self.records():
            named = {info.sha256 for info in (*record.pictures, *record.films)}
            if sha256 in named | {item.sha256 for item in record.references}:
                return
        self._memory.pop(sha256, None)
        path = self.path(sha256)
        if path is not None:
            with contextlib.suppress(OSError):
                path.unlink()

    # Records

    def begin(self, record: Record) -> Record:
        """Give a record its number and put it on disk as ``sent``, before the request leaves.

        Numbers are unique with two kernels at once: they are given under the file lock.
        """
        with self._mutex, self._writing("the request") as journal:
            self.records()
            record.number = 1 + max((r.number for r in self._records.values()), default=0)
            self._append(record, journal)
        return record

    def append(self, record: Record) -> None:
        """Put a record on disk."""
        with self._mutex, self._writing(f"the drawing @{record.number}") as journal:
            self._append(record, journal)

    def _append(self, record: Record, journal: Path | None) -> None:
        saved = False
        if journal is not None:
            try:
                _append_line(journal, record.to_line())
                saved = True
            except OSError as error:
                self.tell(f"the drawing @{record.number}", error)
        if not saved:
            self._unsaved.append(record)
        self._fold(record)

    def records(self) -> list[Record]:
        """Give one record per drawing, its last state, by number; notes are folded in.

        Only what was appended since the last call is read.
        """
        with self._mutex:
            self._catch_up()
            return sorted(self._records.values(), key=lambda r: (r.number, r.started))

    def _catch_up(self) -> None:
        try:
            stat = self._journal.stat()
        except OSError:
            return
        identity = (stat.st_dev, stat.st_ino)
        if identity != self._read_of or stat.st_size < self._read_to:
            self._records, self._read_to, self._read_of = {}, 0, identity
            for record in self._unsaved:
                self._fold(record)
        if stat.st_size == self._read_to:
            return
        try:
            with self._journal.open("rb") as file:
                file.seek(self._read_to)
                new = file.read()
        except OSError as error:
            raise HistoryError(f"{self._journal} cannot be read: {error}.") from None
        # The last line may still be in the making by another kernel.
        whole = new.rfind(b"\n") + 1
        self._read_to += whole
        for line in new[:whole].split(b"\n"):
            if line.strip():
                self._read_line(line)

    def _read_line(self, line: bytes) -> None:
        try:
            self._fold(Record.from_line(line))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            warning = f"{self._journal.name}: a line that is no record is passed over."
            if warning not in self.warnings:
                self.warnings.append(warning)

    def _fold(self, record: Record) -> None:
        known = self._records.get(record.id)
        if record.type == "note":
            if known is not None:
                known.changes = known.changes | record.changes
            return
        if known is not None:
            if record.type == "sent" and known.type != "sent":
                return
            record.changes = known.changes | record.changes
        self._records[record.id] = record

    # Writing

    @contextlib.contextmanager
    def _writing(self, what: str) -> Iterator[Path | None]:
        """Hold the file lock; gives None where nothing can be written."""
        if self.read_only:
            raise HistoryError(
                f"This history was opened to read; {what} cannot be kept in it.",
                remedy="Open its notebook and load nbext there.",
            )
        from filelock import FileLock, Timeout

        try:
            self.prepare()
            lock = FileLock(self.folder / "history.lock")
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout:
            self.tell(what, "another kernel has kept history.lock for 10 seconds")
            yield None
            return
        except OSError as error:
            self.tell(what, error)
            yield None
            return
        try:
            yield self._journal
        finally:
            lock.release()

    def prepare(self) -> None:
        """Make the folder, set a torn line aside, clear what a crash left.

        Raises:
            OSError: The disk refuses.
        """
        with self._mutex:
            if not (self._ready and self.folder.is_dir()):
                self._prepare()

    def _prepare(self) -> None:
        (self.folder / "pictures").mkdir(parents=True, exist_ok=True)
        self._set_torn_line_aside()
        limit = time.time() - ORPHAN_SECONDS
        for orphan in self.folder.glob("pictures/.*.part"):
            with contextlib.suppress(OSError):
                if orphan.stat().st_mtime < limit:
                    orphan.unlink()
        self._ready = True

    def _set_torn_line_aside(self) -> None:
        """Keep a last line that a crash has cut in a file of its own, so that lines go on whole."""
        from filelock import FileLock

        with FileLock(self.folder / "history.lock", timeout=LOCK_SECONDS):
            try:
                with self._journal.open("r+b") as file:
                    size = file.seek(0, os.SEEK_END)
                    start = _after_last_line(file, size)
                    if start == size:
                        return
                    file.seek(start)
                    torn = file.read()
                    aside = self.folder / f"history.torn-{time.strftime('%Y%m%dT%H%M%S')}.jsonl"
                    aside.write_bytes(torn)
                    file.truncate(start)
                    file.flush()
                    os.fsync(file.fileno())
            except FileNotFoundError:
                return
        self.warnings.append(f"A line that a crash has cut was set aside in {aside.name}.")

    def tell(self, what: str, cause: Any) -> None:
        """Warn, once, that something is not saved."""
        reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else cause
        warning = (
            f"{what} is not saved in {self.folder} ({reason}); it is in this kernel's memory only. "
            "Make room or make the folder writable, then save it with drawing.save(…)."
        )
        if warning not in self.warnings:
            self.warnings.append(warning)

    def new_warnings(self) -> list[str]:
        """Give the warnings that were not given before."""
        new, self._told = self.warnings[self._told :], len(self.warnings)
        return new


class FileSink:
    """A picture on its way to the folder, hashed as it comes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._hash = hashlib.sha256()
        self._head = b""
        self._size = 0
        self._memory: bytearray | None = None
        self._path: Path | None = None
        self._file: Any = None
        self._start()

    def _start(self) -> None:
        if self._store.read_only:
            self._memory = bytearray()
            return
        try:
            self._store.prepare()
            self._path = self._store.folder / "pictures" / f".{uuid.uuid4().hex}.part"
            self._file = self._path.open("xb", buffering=0)
        except OSError as error:
            self._store.tell("a picture", error)
            self._memory = bytearray()

    def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            PictureError: It grows over the limit; the sink is closed then.
        """
        self._size += len(data)
        if self._size > self._store.max_bytes:
            self.abort()
            raise PictureError(
                f"The picture is larger than {self._store.max_bytes >> 20} MB.",
                remedy="%config Nbext.picture_bytes sets the limit.",
            )
        self._hash.update(data)
        if len(self._head) < HEADER_BYTES:
            self._head += bytes(data[: HEADER_BYTES - len(self._head)])
        if self._memory is not None:
            self._memory += data
            return
        written = 0
        try:
            while written < len(data):
                written += self._file.write(data[written:])
        except OSError as error:
            self._memory = self._to_memory(error)
            self._memory += data[written:]

    def _to_memory(self, error: OSError) -> bytearray:
        """Go on in memory where the disk is full: what was written can still be read."""
        self._store.tell("a picture", error)
        written = b""
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            with contextlib.suppress(OSError):
                written = self._path.read_bytes()
            with contextlib.suppress(OSError):
                self._path.unlink()
        return bytearray(written)

    def close(self) -> PictureInfo:
        """Keep the picture under its hash.

        Raises:
            PictureError: The bytes are no picture or film, or claim to have too many pixels.
        """
        media_type = sniff(self._head[:512])
        width, height = dimensions(self._head)
        problem = ""
        if not media_type:
            problem = "The bytes are no picture." if self._size else "The picture is empty."
        elif width * height > self._store.max_pixels:
            problem = f"The picture claims {width}×{height} pixels."
        if problem:
            self.abort()
            raise PictureError(problem)
        sha256 = self._hash.hexdigest()
        info = PictureInfo(
            sha256=sha256, media_type=media_type, size=self._size, width=width, height=height
        )
        if self._memory is None:
            try:
                self._keep(info)
            except OSError as error:
                self._memory = self._to_memory(error)
        if self._memory is not None:
            self._store.remember(sha256, bytes(self._memory))
        return info

    def _keep(self, info: PictureInfo) -> None:
        if self._path is None:
            return
        os.fsync(self._file.fileno())
        folder = self._store.folder / "pictures" / info.sha256[:2]
        folder.mkdir(exist_ok=True)
        self._file.close()
        self._path.replace(folder / f"{info.sha256}.{info.extension}")
        _sync_folder(folder)

    def abort(self) -> None:
        """Forget it."""
        self._memory = None
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()


def _append_line(journal: Path, line: bytes) -> None:
    """Append in one write, and wait until it is on disk; a line half-written is taken back."""
    descriptor = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        before = os.fstat(descriptor).st_size
        try:
            if os.write(descriptor, line) != len(line):
                raise OSError(28, "No space left on device")
            os.fsync(descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)


def _after_last_line(file: Any, size: int) -> int:
    """Find the offset behind the last end of line."""
    at = size
    while at > 0:
        step = min(65536, at)
        file.seek(at - step)
        found = file.read(step).rfind(b"\n")
        if found >= 0:
            return int(at - step + found + 1)
        at -= step
    return 0


def _sync_folder(folder: Path) -> None:
    """Put a rename on disk; not every file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
