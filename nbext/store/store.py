"""The history's folder: one record a line, each picture once.

``cats.draws/history.jsonl`` is only ever appended to; ``cats.draws/pictures/ab/<sha256>.<ext>``
holds each picture under its hash. A picture is written first (temporary file, fsync, rename, fsync
of the folder), then the record's line (one write, fsync, under a file lock), so what a record names
is there. No database: these folders live on network homes and in git.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import re
import threading
import time
from typing import TYPE_CHECKING, Any

from nbext.data.picture import EXTENSIONS
from nbext.errors import HistoryError
from nbext.store.journal import Journal, line_of, parse, salvage
from nbext.store.sink import FileSink
from nbext.util.fork import register_fork_handler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record

# A temporary file older than this was left by a crash.
ORPHAN_SECONDS = 24 * 3600
LOCK_SECONDS = 10.0
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NOT_SAVED = " is not saved in "


class Store:
    """A history on disk. Nothing is made until something is kept.

    Where the disk refuses, pictures and records are kept in memory and ``warnings`` say what is not
    saved, so that a picture that was paid for is shown in any case. What is in memory is saved with
    the first record that the disk takes again.

    Args:
        folder: ``cats.draws``.
        read_only: Never write; what would be is an error.
        max_bytes: Of a picture.
        max_pixels: Of a picture.

    Attributes:
        warnings: What is not saved, or was not as it should be, each once.
    """

    def __init__(
        self,
        folder: Path,
        *,
        read_only: bool = False,
        max_bytes: int = 64_000_000,
        max_pixels: int = 50_000_000,
    ) -> None:
        self.folder = folder
        self.read_only = read_only
        self.max_bytes = max_bytes
        self.max_pixels = max_pixels
        self.warnings: list[str] = []
        self._told = 0
        self.after_fork()
        self._memory: dict[str, bytes] = {}
        self._unsaved: list[Record] = []
        self._records: dict[str, Record] = {}
        self._notes: dict[str, dict[str, Any]] = {}
        self._sorted: list[Record] | None = None
        # How many lines are no record.
        self.passed_over = 0
        self._linked: dict[tuple[str, int, int], bool] = {}
        self._journal = Journal(folder / "history.jsonl")
        self._ready = False
        register_fork_handler(self)

    def after_fork(self) -> None:
        """Be no longer held by a thread that there is none of."""
        self._mutex = threading.RLock()

    @property
    def pictures(self) -> Path:
        """Where pictures are."""
        return self.folder / "pictures"

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
        """Say where a picture is, None where it is not on disk.

        A record from a stranger names pictures by their hash only, and a link that leads out of the
        folder (git-annex makes them) is followed only to the picture that its name says.
        """
        if not _SHA256.fullmatch(sha256):
            return None
        folder = self.pictures / sha256[:2]
        for extension in (*EXTENSIONS.values(), "bin"):
            path = folder / f"{sha256}.{extension}"
            if path.is_file() and self._is_inside(path, sha256):
                return path
        return None

    def _is_inside(self, path: Path, sha256: str) -> bool:
        try:
            real = path.resolve()
            if real.is_relative_to(self.folder.resolve()):
                return True
            stat = real.stat()
            if stat.st_size > self.max_bytes:
                return False
            seen = (str(real), stat.st_size, stat.st_mtime_ns)
            if seen not in self._linked:
                self._linked[seen] = hash_file(real) == sha256
            return self._linked[seen]
        except (OSError, RuntimeError):
            return False

    def has(self, sha256: str) -> bool:
        """Whether a picture's bytes are there."""
        return sha256 in self._memory or self.path(sha256) is not None

    def read(self, sha256: str) -> bytes:
        """Read a picture's bytes.

        Raises:
            HistoryError: It is not there.
        """
        kept = self._memory.get(sha256)
        if kept is not None:
            return kept
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

    def stored(self) -> list[str]:
        """Name the files of the pictures that are there."""
        return sorted(path.name for path in self.pictures.glob("*/*"))

    def remember(self, sha256: str, data: bytes) -> None:
        """Keep a picture that the disk did not take."""
        with self._mutex:
            self._memory[sha256] = data

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
            record.number = self._next_number()
            self._append(record, journal)
        return record

    def extend(self, records: list[Record]) -> list[Record]:
        """Put records of another history on disk, under the next numbers in their order."""
        if not records:
            return []
        with self._mutex, self._writing("what comes from another history") as journal:
            for number, record in enumerate(records, start=self._next_number()):
                record.number = number
                self._append(record, journal)
        return records

    def append(self, record: Record) -> None:
        """Put a record on disk."""
        what = "a note" if record.type == "note" else f"the drawing @{record.number}"
        with self._mutex, self._writing(what) as journal:
            self._append(record, journal)

    def _next_number(self) -> int:
        records = self.records()
        return 1 + max(records[-1].number, 0) if records else 1

    def _append(self, record: Record, journal: Journal | None) -> None:
        # The caller goes on filling in its record; what is known here is what was written.
        record = copy.copy(record)
        if journal is not None:
            try:
                self._save(record, journal)
            except OSError as error:
                self.tell(f"the drawing @{record.number}", error)
            else:
                self._fold(record)
                self._save_rest(journal)
                return
        self._unsaved.append(record)
        self._fold(record)

    def _save(self, record: Record, journal: Journal) -> None:
        aside = journal.mend()
        if aside is not None:
            self._say_once(f"A line that a crash has cut was set aside in {aside.name}.")
        journal.append(line_of(record))

    def _save_rest(self, journal: Journal) -> None:
        """Save what is in memory only, now that the disk takes records again."""
        if not (self._unsaved or self._memory) or self.read_only:
            return
        try:
            for sha256, data in list(self._memory.items()):
                self.put(data)
                if self.path(sha256) is None:
                    return
                del self._memory[sha256]
            while self._unsaved:
                record = self._unsaved[0]
                taken = {r.number for r in self.records() if r.id != record.id}
                if record.number in taken and record.type != "note":
                    moved = 1 + max(taken)
                    self._say_once(
                        f"Another kernel has a drawing @{record.number}; @{moved} is this one."
                    )
                    record.number = moved
                known = self._records.get(record.id)
                if record.type != "sent" or known is None or known.type == "sent":
                    self._save(record, journal)
                    self._fold(record)
                del self._unsaved[0]
        except OSError as error:
            self.tell("what is in memory", error)
            return
        self._say_once(f"What was in memory only is saved in {self.folder} now.")

    def records(self) -> list[Record]:
        """Give one record per drawing, its last state, by number; notes are folded in.

        Only what was appended since the last call is read. A request without an answer stays a
        record of type ``sent``.

        Raises:
            HistoryError: The file cannot be read, in a history that was opened to read.
        """
        with self._mutex:
            self._catch_up()
            if self._sorted is None:
                self._sorted = sorted(self._records.values(), key=lambda r: (r.number, r.started))
            return list(self._sorted)

    def record(self, id_: str) -> Record | None:
        """Give a drawing's last state, None where there is no such drawing."""
        with self._mutex:
            self._catch_up()
            return self._records.get(id_)

    def _catch_up(self) -> None:
        try:
            anew, lines, rest = self._journal.news()
        except OSError as error:
            problem = f"{self._journal.path} cannot be read: {error.strerror or error}."
            if self.read_only:
                raise HistoryError(problem) from None
            self._say_once(problem)
            return
        if anew:
            self._records, self._notes, self._sorted = {}, {}, None
            self.passed_over = 0
        for line in lines:
            if line.strip():
                self._read_line(line)
        trimmed = parse(rest) if rest.strip() else None
        if trimmed is not None:
            self._fold(trimmed)
        if anew:
            for record in self._unsaved:
                self._fold(record)

    def _read_line(self, line: bytes) -> None:
        record = parse(line)
        if record is not None:
            self._fold(record)
            return
        self.passed_over += 1
        self._say_once(f"{self._journal.path.name}: a line that is no record is passed over.")
        for found in salvage(line):
            self._fold(found)

    def _fold(self, record: Record) -> None:
        self._sorted = None
        known = self._records.get(record.id)
        if record.type == "note":
            # Kept apart, because a merge in git may put a note before its drawing.
            notes = self._notes[record.id] = self._notes.get(record.id, {}) | record.changes
            if known is not None:
                known.changes = known.changes | notes
            return
        if known is not None and record.type == "sent" and known.type != "sent":
            return
        record.changes = record.changes | self._notes.get(record.id, {})
        self._records[record.id] = record

    # Writing

    @contextlib.contextmanager
    def _writing(self, what: str) -> Iterator[Journal | None]:
        """Hold the file lock; gives None where nothing can be written."""
        if self.read_only:
            raise HistoryError(
                f"This history was opened to read; {what} cannot be kept in it.",
                remedy="Open its notebook and load nbext there.",
            )
        with contextlib.ExitStack() as stack:
            journal: Journal | None = self._journal
            try:
                self.prepare()
                stack.enter_context(self._lock())
            except TimeoutError:
                journal = None
                self.tell(
                    what, f"another kernel has kept history.lock for {LOCK_SECONDS:.0f} seconds"
                )
            except OSError as error:
                journal = None
                self.tell(what, error)
            yield journal

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Hold ``history.lock``.

        Raises:
            OSError: It cannot be had; TimeoutError where another kernel keeps it.
        """
        from filelock import FileLock, SoftFileLock

        path = self.folder / "history.lock"
        lock: FileLock | SoftFileLock = FileLock(path)
        try:
            lock.acquire(timeout=LOCK_SECONDS)
        except NotImplementedError:
            # Network homes without flock (ENOSYS).
            lock = SoftFileLock(path.with_suffix(".softlock"))
            lock.acquire(timeout=LOCK_SECONDS)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                lock.release()

    def prepare(self) -> None:
        """Make the folder, and clear what a crash left in it.

        Raises:
            OSError: The disk refuses.
        """
        with self._mutex:
            if not self.pictures.is_dir():
                self.pictures.mkdir(parents=True, exist_ok=True)
                self._ready = False
            if self._ready:
                return
            limit = time.time() - ORPHAN_SECONDS
            for orphan in self.pictures.glob(".*.part"):
                with contextlib.suppress(OSError):
                    if orphan.stat().st_mtime < limit:
                        orphan.unlink()
            self._ready = True

    # Warnings

    def tell(self, what: str, cause: Any) -> None:
        """Say, once, that something is in memory only."""
        reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else cause
        self._say_once(
            f"{what[:1].upper()}{what[1:]}{_NOT_SAVED}{self.folder} ({reason}); it is in this "
            "kernel's memory only. Make room or make the folder writable, and it is saved with the "
            "next drawing. drawing.save(…) saves a picture elsewhere."
        )

    def _say_once(self, warning: str) -> None:
        with self._mutex:
            if warning not in self.warnings:
                self.warnings.append(warning)

    def new_warnings(self) -> list[str]:
        """Give the warnings that were not given before; one for all that is lost to one cause."""
        with self._mutex:
            new, self._told = self.warnings[self._told :], len(self.warnings)
        # Of request, picture and drawing the last is the one that says most.
        return list({w.partition(_NOT_SAVED)[2] or w: w for w in new}.values())


def hash_file(path: Path) -> str:
    """Hash a file without holding it in memory.

    Raises:
        OSError: It cannot be read.
    """
    with open(path, "rb") as file:  # noqa: PTH123 -- as hashlib wants it
        return hashlib.file_digest(file, "sha256").hexdigest()
