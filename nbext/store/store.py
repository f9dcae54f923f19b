"""The history's folder: one record per line, each picture once.

``cats.draws/history.jsonl`` is only ever appended to; ``cats.draws/pictures/ab/<sha256>.<ext>``
holds each picture under its hash. The picture is written first (temporary file, fsync, rename,
fsync of the folder), then the record's line (one write, fsync, under a file lock), so that the
pictures of a record always exist. One thread does all writing. There is no database, because these
folders live on network drives and in git.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.record import Draft, Failure, Record, draft_of
from nbext.errors import HistoryError, NbextError
from nbext.messages.say import phrase
from nbext.store.index import MAX_COUNTED, Index
from nbext.store.journal import NO_LINES, Journal
from nbext.store.lines import encode, parse, salvage
from nbext.store.lock import acquire
from nbext.store.pictures import PendingPicture, PictureFolder
from nbext.store.record_of import now
from nbext.store.sink import FileSink
from nbext.store.writer import Expected, Wakes, Writer, new_future
from nbext.util.atomic import clear_leftovers
from nbext.util.collector import at_rest
from nbext.util.fork import register_fork_handler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from nbext.data.picture import PictureInfo
    from nbext.store.index import Records

# A temporary file older than this was left by a crash.
ORPHAN_SECONDS = 24 * 3600
# A history with more lines that are no record is none.
MAX_PASSED_OVER = 1000
# How often a number is looked for that no other kernel has taken at the same time.
_NUMBER_TRIES = 20
# At the end of a history that is read first.
_END_BYTES = 256 << 10
# Seconds to wait for another kernel, and to wait once it has kept the lock for so long.
LOCK_SECONDS = 10.0
STUCK_SECONDS = 0.1
# Messages are read where there is something to say.
_REQUEST = partial(phrase, "store.the_request")


class _Lines:
    """Records to write to disk together.

    Args:
        drafts: The records.
        what: Describes them, for a warning.
        numbered: Whether to give them the next numbers.
        own_numbers: Whether records keep their numbers if these are free.
    """

    def __init__(
        self,
        drafts: Sequence[Draft],
        what: Callable[[], str],
        *,
        numbered: bool,
        own_numbers: bool = False,
    ) -> None:
        self.drafts = list(drafts)
        self.what = what
        self.numbered = numbered
        self.own_numbers = own_numbers
        self.records: list[Record] = []
        self.stored: Future[list[Record]] = new_future()


class _Removal:
    """A picture to remove, unless a record refers to it."""

    def __init__(self, sha256: str) -> None:
        self.sha256 = sha256


class Store:
    """A history on disk. The folder is created when something is first stored.

    If the disk cannot be written, pictures and records are kept in memory, so that paid pictures
    are shown in any case, and ``warnings`` says what is not saved. It is saved with the next record
    that can be written.

    Args:
        folder: ``cats.draws``.
        read_only: Raise an error instead of writing.
        max_bytes: The largest picture in bytes.
        max_pixels: The largest picture that is decoded. Larger ones are stored without decoding.
        written: Called by the writer's thread with records that are on disk.

    Attributes:
        warnings: Problems such as unsaved data, each once until it is solved.
        passed_over: The number of lines that are not records.
    """

    def __init__(
        self,
        folder: Path,
        *,
        read_only: bool = False,
        max_bytes: int = 64_000_000,
        max_pixels: int = 50_000_000,
        written: Callable[[Sequence[Record]], None] | None = None,
    ) -> None:
        self.folder = folder
        self._written = written
        self.read_only = read_only
        self.max_bytes = max_bytes
        self.max_pixels = max_pixels
        self.warnings: list[str] = []
        self._causes: dict[str, str] = {}
        # The warnings that are not repeated.
        self._known: set[str] = set()
        self.passed_over = 0
        self._notified = 0
        self._pictures = PictureFolder(folder / "pictures", folder, max_bytes=max_bytes)
        self._journal = Journal(folder / "history.jsonl")
        self._lock_path = folder / "history.lock"
        self._index = Index()
        # What the disk has not taken yet.
        self._unsaved: list[Record] = []
        self._ready = False
        self._stuck = False
        # Whether another kernel has written between reading the last number and writing the next.
        self._has_met_others = False
        self._opened = False
        self._writer: Writer[_Lines | PendingPicture | _Removal] = Writer(self._write)
        self.after_fork()
        register_fork_handler(self)

    def __reduce__(self) -> tuple[Any, ...]:
        # Copied and pickled as a reference: the records stay in the folder.
        kind = partial(type(self), max_bytes=self.max_bytes, max_pixels=self.max_pixels)
        return kind, (self.folder,)

    def after_fork(self) -> None:
        """Release locks that a thread of the parent process holds."""
        self._mutex = threading.RLock()
        self._wakes = Wakes()
        self._writer.after_fork()
        self._pictures.after_fork()

    @property
    def pictures(self) -> Path:
        """The folder with the pictures."""
        return self._pictures.folder

    @property
    def unsaved(self) -> int:
        """The number of records that could not be written and are only in memory."""
        return len(self._unsaved)

    # Pictures

    def sink(self) -> FileSink:
        """Return a sink for a picture that arrives in pieces."""
        return FileSink(
            self._pictures,
            max_bytes=self.max_bytes,
            submit=None if self.read_only else self._put_in_place,
            on_fail=lambda error: self.tell(phrase("store.a_picture"), error),
        )

    def _put_in_place(self, picture: PendingPicture) -> None:
        if self._pictures.is_stored(picture.info):
            # It is there, such as the reference of a request that was one of the drawings.
            picture.drop_part()
            return
        self._pictures.expect(picture)
        self._writer.submit(picture)
        if not _on_event_loop():
            picture.stored.result()

    def link(self, path: Path, sha256: str) -> None:
        """Add a picture of another history, as a hard link if possible, or else as a copy.

        Args:
            path: The path of the unchanged picture.
            sha256: The hash of the picture.
        """
        try:
            self.prepare()
            self._pictures.link(path, sha256)
        except OSError as error:
            self.tell("a picture", error)
            self._pictures.remember(sha256, path.read_bytes())

    async def stored_picture(self, sha256: str) -> None:
        """Wait until a picture is stored.

        Raises:
            PictureError: The picture was lost by the disk.
        """
        waiting = self._pictures.waiting(sha256)
        if waiting is not None:
            await self._wakes.wait_for(waiting)

    def arriving(self, sha256: str) -> Path | bytes | None:
        """Return the bytes or the path of a picture that is being stored, or None."""
        return self._pictures.arriving(sha256)

    def put(self, data: bytes) -> PictureInfo:
        """Store a picture or a film.

        Raises:
            PictureError: The data is not a picture, or is larger than allowed.
        """
        sink = self.sink()
        sink.write(data)
        return sink.close()

    def path(self, sha256: str) -> Path | None:
        """Return the final path of a picture, or None if it is not on disk."""
        waiting = self._pictures.waiting(sha256)
        if waiting is not None:
            # Its temporary file is about to go. The writer is a thread of its own, and needs
            # no event loop: a name that is gone a moment later would be worse than a short wait.
            waiting.exception()
        return self._pictures.path(sha256)

    def place_of(self, info: PictureInfo) -> str:
        """Return where a picture is stored, for people: ``cats.draws/pictures/0f/0f….png``."""
        name = f"{info.sha256}.{info.extension}"
        return f"{self.folder.name}/pictures/{info.sha256[:2]}/{name}"

    def has(self, sha256: str) -> bool:
        """Return whether a picture with this hash exists; ``is_whole`` checks its bytes."""
        return self._pictures.has(sha256)

    def is_whole(self, sha256: str) -> bool:
        """Return whether a picture exists and is unchanged. Its bytes are hashed once."""
        return self._pictures.is_whole(sha256)

    def read(self, sha256: str) -> bytes:
        """Read a picture's bytes.

        Raises:
            HistoryError: The picture does not exist.
        """
        return self._pictures.read(sha256)

    def stored(self) -> list[str]:
        """Return the files of all stored pictures."""
        return self._pictures.names()

    def remember(self, sha256: str, data: bytes) -> None:
        """Keep a picture in memory that could not be written to disk."""
        self._pictures.remember(sha256, data)

    def discard(self, sha256: str) -> None:
        """Remove a picture that no record refers to, such as a preview."""
        if not self.read_only:
            self._writer.submit(_Removal(sha256))

    # Records

    def at_work(self) -> Expected:
        """Say that a drawing is being made: with many at once, their records are written together.

        Example:
            >>> with store.at_work():  # doctest: +SKIP
            ...     draft = await store.begin_async(draft)
        """
        return self._writer.expect()

    def begin(self, record: Draft) -> Draft:
        """Give a record its number and write it to disk as ``sent``, before the request is sent.

        Numbers are assigned under the file lock, so that they are unique across kernels.

        Returns:
            The record, to be completed later.
        """
        draft = draft_of(record)
        draft.number = self._submit([draft], _REQUEST, numbered=True).result()[0].number
        return draft

    async def begin_async(
        self, record: Draft, *, in_line: Callable[[], None] | None = None
    ) -> Draft:
        """Like ``begin``, without blocking the event loop.

        If it is cancelled meanwhile, the request is not sent, and a second line on disk says so.

        Args:
            record: The record.
            in_line: Called as soon as its number precedes those of all records begun later.
        """
        import asyncio

        draft = draft_of(record)
        stored = self._submit([draft], _REQUEST, numbered=True)
        waiting = self._wakes.wait_for(stored)
        if in_line is not None:
            in_line()
        try:
            draft.number = (await waiting)[0].number
        except asyncio.CancelledError:
            draft.number = (await self._wakes.wait_for(stored))[0].number
            draft.type, draft.waiting, draft.finished = "drawing", False, now()
            draft.error = Failure(type="Interrupted", message=phrase("store.interrupted_before"))
            await self.append_async(draft)
            raise
        return draft

    def extend(self, records: Iterable[Draft], *, own_numbers: bool = False) -> list[Record]:
        """Write the records of another history to disk, with the next numbers.

        Args:
            records: The records of the other history.
            own_numbers: Whether records keep their numbers if these are free here.
        """
        drafts = [draft_of(record) for record in records]
        what = partial(phrase, "store.other_history")
        job = self._submit(drafts, what, numbered=True, own_numbers=own_numbers) if drafts else None
        return job.result() if job is not None else []

    def append(self, record: Draft) -> Record:
        """Write a record to disk, after the pictures that have come before it.

        Returns:
            The record as written.

        Raises:
            PictureError: A picture of this drawing was lost by the disk; nothing is written.
        """
        return self._submit([record], partial(_name_of, record), numbered=False).result()[0]

    async def append_async(self, record: Draft) -> Record:
        """Like ``append``, without blocking the event loop."""
        stored = self._submit([record], partial(_name_of, record), numbered=False)
        return (await self._wakes.wait_for(stored))[0]

    def _submit(
        self,
        drafts: Sequence[Draft],
        what: Callable[[], str],
        *,
        numbered: bool,
        own_numbers: bool = False,
    ) -> Future[list[Record]]:
        if self.read_only:
            raise HistoryError(
                phrase("store.read_only", what=what()),
                remedy=phrase("store.open_notebook"),
            )
        # Copies: the caller may go on filling in its record while it waits.
        copies = [msgspec.structs.replace(draft_of(draft)) for draft in drafts]
        job = _Lines(copies, what, numbered=numbered, own_numbers=own_numbers)
        self._writer.submit(job)
        return job.stored

    def rest(self) -> None:
        """Wait until everything is written and the writer thread has ended."""
        self._writer.rest()

    def records(self) -> Records:
        """Return the last state of each drawing by number, with its notes merged in.

        Only lines appended since the last call are read. A request without an answer is a record of
        type ``sent``.

        Raises:
            HistoryError: The history is read-only and the file cannot be read.
        """
        with self._mutex:
            self._catch_up()
            return self._index.records()

    def latest(self, count: int) -> list[Record]:
        """Return the last drawings, newest first: of a history not read yet, those at its end.

        What is shown first can be prepared from these, while ``records`` reads all of them: a note
        that was written long after its drawing may be missing.

        Raises:
            HistoryError: The history is read-only and the file cannot be read.
        """
        if self._opened:
            return self.records()[-count:][::-1]
        drawings: dict[str, Record] = {}
        with contextlib.suppress(OSError):
            for line in reversed(self._journal.last_lines(_END_BYTES)):
                record = parse(line)
                if record is not None and record.type == "drawing":
                    drawings.setdefault(record.id, record)
        return list(drawings.values())[:count]

    def record(self, id_: str) -> Record | None:
        """Return the last state of a drawing, or None if it does not exist."""
        with self._mutex:
            self._catch_up()
            return self._index.get(id_)

    def numbered(self, number: int) -> Record | None:
        """Return the drawing with a number, or None."""
        with self._mutex:
            self._catch_up()
            return self._index.numbered(number)

    def with_fingerprints(self, *fingerprints: str) -> list[Record]:
        """Return the records with one of these fingerprints or questions, by number."""
        with self._mutex:
            self._catch_up()
            return self._index.with_fingerprints(*fingerprints)

    def models_of(self, kind: str, prompt: str) -> list[str]:
        """Return the models that were sent a prompt, in order."""
        with self._mutex:
            self._catch_up()
            return self._index.models_of(kind, prompt)

    def duplicate_numbers(self) -> list[int]:
        """Return the numbers that several drawings share."""
        with self._mutex:
            self._catch_up()
            return self._index.duplicate_numbers()

    def raw_lines(self) -> Iterator[bytes]:
        """Read all lines again, as they are on disk.

        Raises:
            HistoryError: The file cannot be read.
        """
        try:
            journal = Journal(self._journal.path)
            yield from journal.news()[1]
            if parse(last := journal.rest.rstrip(b"\0")) is not None:
                # An editor has trimmed the end of the file.
                yield last
        except OSError as error:
            raise HistoryError(
                phrase("store.unreadable", path=self._journal.path, error=error)
            ) from None

    def has_manifest(self) -> bool:
        """Whether the archive contains a hash of all records."""
        return False

    def changed_members(self) -> list[str]:
        """Return the changed members of an archive other than pictures and records."""
        return []

    def _catch_up(self) -> None:
        try:
            anew, lines = self._journal.news()
            if lines is NO_LINES and self._opened and not anew:
                return
            if anew:
                self._index = Index()
                self.passed_over = 0
            with at_rest():
                self._index.fold_lines(lines, self._read_odd_line)
        except OSError as error:
            problem = phrase(
                "store.unreadable_value", path=self._journal.path, value=error.strerror or error
            )
            if self.read_only:
                raise HistoryError(problem) from None
            self._say_once(problem)
            return
        if anew or not self._opened:
            self._opened = True
            self._say_doubled()
        rest = self._journal.rest.rstrip(b"\0")
        trimmed = parse(rest) if rest.strip() else None
        if trimmed is not None:
            self._index.fold(trimmed)
        if anew:
            for record in self._unsaved:
                self._index.fold(record)

    def _say_doubled(self) -> None:
        """Warn about numbers that several drawings share after a merge of two branches."""
        doubled = [f"@{number}" for number in self._index.duplicate_numbers()]
        if doubled:
            self._say_once(phrase("store.doubled", names=" and ".join(doubled[:9])))

    def _read_odd_line(self, line: bytes) -> None:
        """Read a line that is empty, damaged, or of another version."""
        record = parse(line)
        if record is not None:
            self._index.fold(record)
            return
        if not line.strip():
            return
        self.passed_over += 1
        self._say_once(phrase("store.line_skipped", name=self._journal.path.name))
        if self.passed_over <= MAX_PASSED_OVER:
            for salvaged in salvage(line):
                self._index.fold(salvaged)

    # Writing, on the writer's thread

    def _write(self, jobs: list[_Lines | PendingPicture | _Removal]) -> None:
        pictures = [j for j in jobs if isinstance(j, PendingPicture) and not j.stored.done()]
        lines = [job for job in jobs if isinstance(job, _Lines) and not job.stored.done()]
        try:
            for _, error in self._pictures.store(pictures):
                self.tell(phrase("store.a_picture"), error)
            if lines:
                self._write_lines(lines)
        except BaseException as error:  # noqa: BLE001 -- who waits hears of it, whatever it is
            waiting: list[Future[Any]] = [job.stored for job in pictures]
            waiting += [job.stored for job in lines]
            for stored in waiting:
                if not stored.done():
                    stored.set_exception(error)
        self._wakes.wake(job.stored for job in jobs if not isinstance(job, _Removal))
        for job in jobs:
            if isinstance(job, _Removal):
                self._remove(job.sha256)

    def _remove(self, sha256: str) -> None:
        with contextlib.suppress(NbextError), self._mutex:
            self._catch_up()
            if not self._index.names(sha256):
                self._pictures.discard(sha256)

    def _write_lines(self, jobs: list[_Lines]) -> None:
        problem: OSError | None = None
        self._has_met_others = False
        release: Callable[[], object] | None = None
        try:
            try:
                self.prepare()
                release = self._lock()
            except OSError as error:
                problem = error
            alone = release is not None
            encoded = self._encode(jobs)
            if problem is None:
                problem = self._save_all(encoded, alone=alone)
            else:
                self._keep(encoded)
            if problem is None:
                if self._has_met_others:
                    self._settle_numbers(jobs, alone=alone)
                self._save_rest(alone=alone)
        finally:
            if release is not None:
                release()
        for job in jobs:
            if job.stored.done():
                continue
            if problem is not None:
                self.tell(job.what() if not job.numbered else _name_of(job.drafts[-1]), problem)
            with self._mutex:
                job.stored.set_result([self._index.get(r.id) or r for r in job.records])
        if problem is None and self._written is not None:
            self._written([record for record, _ in encoded])

    def _lock(self) -> Callable[[], object] | None:
        """Acquire the file lock; return what releases it, None if it is not available."""
        seconds = STUCK_SECONDS if self._stuck else LOCK_SECONDS
        release = acquire(self._lock_path, seconds)
        if release is None and not self._stuck:
            self._say_once(phrase("store.lock", folder=self.folder))
        self._stuck = release is None
        return release

    def _encode(self, jobs: list[_Lines]) -> list[tuple[Record, bytes]]:
        """Number new drawings, and encode all records as lines."""
        encoded: list[tuple[Record, bytes]] = []
        with self._mutex:
            self._catch_up()
            number = self._index.next_number()
            for job in jobs:
                lines: list[tuple[Record, bytes]] = []
                following = number
                try:
                    for draft in job.drafts:
                        if draft.type == "drawing":
                            self._pictures.refuse_lost((*draft.pictures, *draft.films))
                        if job.own_numbers and self._is_free(draft.number, number, following):
                            following = max(following, draft.number + 1)
                        elif job.numbered:
                            draft.number, following = following, following + 1
                        lines.append(encode(draft))
                except NbextError as error:
                    job.stored.set_exception(error)
                    continue
                number = following
                job.records = [record for record, _ in lines]
                encoded += lines
        return encoded

    def _is_free(self, number: int, first: int, following: int) -> bool:
        """Return whether a number is free, on disk and among the records about to be written."""
        is_new = number >= following or number < first
        return 0 < number < MAX_COUNTED and is_new and self._index.numbered(number) is None

    def _save_all(self, encoded: list[tuple[Record, bytes]], *, alone: bool) -> OSError | None:
        """Write lines, and keep those that cannot be written in memory.

        Returns:
            The error that prevented writing, or None.
        """
        try:
            self._save(encoded, alone=alone)
        except OSError as error:
            if len(encoded) == 1:
                self._keep(encoded)
                return error
            # A shorter line may still have room.
            problems = [self._save_all([one], alone=alone) for one in encoded]
            return next((problem for problem in problems if problem is not None), None)
        return None

    def _keep(self, encoded: list[tuple[Record, bytes]]) -> None:
        """Keep records in memory."""
        with self._mutex:
            for record, _ in encoded:
                self._unsaved.append(record)
                self._index.fold(record)

    def _save(self, encoded: list[tuple[Record, bytes]], *, alone: bool) -> None:
        if alone:
            aside = self._journal.mend()
            if aside is not None:
                self._say_once(phrase("store.torn_line", name=aside.name))
        data = b"".join(line for _, line in encoded)
        before = self._journal.append(data, alone=alone)
        with self._mutex:
            if self._journal.note(before, data):
                for record, _ in encoded:
                    self._index.fold(record)
            else:
                self._has_met_others = True
                self._catch_up()

    def _settle_numbers(self, jobs: list[_Lines], *, alone: bool) -> None:
        """Choose another number if a kernel without the lock has written it first."""
        for _ in range(_NUMBER_TRIES):
            with self._mutex:
                self._catch_up()
                again = _Lines(
                    [
                        draft
                        for job in jobs
                        if job.numbered and not job.stored.done()
                        for draft in job.drafts
                        if (first := self._index.numbered(draft.number)) is not None
                        and first.id != draft.id
                    ],
                    _REQUEST,
                    numbered=True,
                )
            if not again.drafts or self._save_all(self._encode([again]), alone=alone):
                return

    def _save_rest(self, *, alone: bool) -> None:
        """Save records that are only in memory, now that the disk can be written again."""
        if not (self._unsaved or self._pictures.memory):
            return
        try:
            for sha256, data in list(self._pictures.memory.items()):
                self._save_picture(data)
                del self._pictures.memory[sha256]
            while self._unsaved:
                self._save_record(self._unsaved[0], alone=alone)
                with self._mutex:
                    del self._unsaved[0]
        except OSError as error:
            self.tell(phrase("store.in_memory"), error)
            return
        saved = phrase("store.saved_now", folder=self.folder)
        self._say_once(saved)
        with self._mutex:
            # If the disk fails again, that is news.
            self._known -= {saved, *self._causes}

    def _save_picture(self, data: bytes) -> None:
        """Move a picture to its final place, in the writer's thread."""
        problems: list[OSError] = []

        def submit(picture: PendingPicture) -> None:
            problems.extend(error for _, error in self._pictures.store([picture]))

        sink = FileSink(
            self._pictures,
            max_bytes=len(data),
            submit=submit,
            on_fail=problems.append,
        )
        sink.write(data)
        sink.close()
        if problems:
            raise problems[0]

    def _save_record(self, record: Record, *, alone: bool) -> None:
        with self._mutex:
            self._catch_up()
            known = self._index.get(record.id)
            draft = draft_of(record)
            if record.type != "note" and self._index.is_shared(record.number, record.id):
                draft.number = self._index.next_number()
                self._say_once(
                    phrase("store.same_number", number=record.number, number2=draft.number)
                )
                for later in range(1, len(self._unsaved)):
                    if self._unsaved[later].id == record.id:
                        moved = msgspec.structs.replace(self._unsaved[later], number=draft.number)
                        self._unsaved[later] = moved
        if record.type == "sent" and known is not None and known.type != "sent":
            return
        self._save([encode(draft)], alone=alone)

    def prepare(self) -> None:
        """Create the folder, and remove files that a crash left in it.

        Raises:
            OSError: The disk cannot be written.
        """
        with self._mutex:
            there = self._pictures.folder.is_dir()
            self._pictures.prepare()
            if self._ready and there:
                return
            limit = time.time() - ORPHAN_SECONDS
            for orphan in self._pictures.folder.glob(".*.part"):
                with contextlib.suppress(OSError):
                    if orphan.stat().st_mtime < limit:
                        orphan.unlink()
            self._ready = True

    def clear_leftovers(self) -> None:
        """Remove files that crashed exports left beside the history."""
        if not self.read_only:
            clear_leftovers(self.folder.parent)

    # Warnings

    def tell(self, what: str, cause: Any) -> None:
        """Warn once that something is only in memory."""
        reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else cause
        warning = phrase(
            "store.not_saved", what=what[:1].upper() + what[1:], folder=self.folder, reason=reason
        )
        self._causes[warning] = str(reason)
        self._say_once(warning)

    def _say_once(self, warning: str) -> None:
        with self._mutex:
            if warning not in self._known:
                self._known.add(warning)
                self.warnings.append(warning)

    def new_warnings(self) -> list[str]:
        """Return the new warnings, with one for all losses of the same cause."""
        with self._mutex:
            new, self._notified = self.warnings[self._notified :], len(self.warnings)
        # Of request, picture and drawing the last is the one that says most.
        return list({self._causes.get(warning, warning): warning for warning in new}.values())


def _name_of(record: Draft) -> str:
    """Return the name of a record for a warning."""
    return (
        phrase("store.a_note")
        if record.type == "note"
        else phrase("store.the_drawing", number=record.number)
    )


def _on_event_loop() -> bool:
    """Return whether this thread runs an event loop, which must not wait for a disk."""
    # Imported by whoever runs a loop: a history that is only read does without it.
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
