"""The history's folder: one record a line, each picture once.

``cats.draws/history.jsonl`` is only ever appended to; ``cats.draws/pictures/ab/<sha256>.<ext>``
holds each picture under its hash. A picture is written first (temporary file, fsync, rename, fsync
of the folder), then the record's line (one write, fsync, under a file lock), so what a record names
is there. One thread does it for all who wait. No database: these folders live on network homes and
in git.
"""

from __future__ import annotations

import contextlib
import gc
import sys
import threading
import time
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.record import Draft, Failure, Record, draft_of
from nbext.errors import HistoryError, NbextError
from nbext.messages.say import phrase
from nbext.store.index import MAX_COUNTED, Index
from nbext.store.journal import Journal
from nbext.store.lines import encode, parse, salvage
from nbext.store.lock import file_lock
from nbext.store.pictures import PendingPicture, PictureFolder
from nbext.store.record_of import now
from nbext.store.sink import FileSink
from nbext.store.writer import Writer
from nbext.util.atomic import clear_leftovers
from nbext.util.fork import register_fork_handler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from nbext.data.picture import PictureInfo
    from nbext.store.index import Records

# A temporary file older than this was left by a crash.
ORPHAN_SECONDS = 24 * 3600
# A history with more lines that are no record is none.
MAX_PASSED_OVER = 1000
# How often a number is looked for that no other kernel has taken at the same time.
_NUMBER_TRIES = 20
# Seconds to wait for another kernel, and to wait once it has kept the lock for so long.
LOCK_SECONDS = 10.0
STUCK_SECONDS = 0.1
# Messages are read where there is something to say.
_REQUEST = partial(phrase, "store.the_request")


class _Lines:
    """Records that are to be put on disk together.

    Args:
        drafts: The records.
        what: Says what they are, for a warning.
        numbered: Whether they get the next numbers.
        own_numbers: Whether those keep theirs whose numbers nobody has.
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
        self.stored: Future[list[Record]] = Future()


class _Removal:
    """A picture that is to be taken away, unless a record names it."""

    def __init__(self, sha256: str) -> None:
        self.sha256 = sha256


class Store:
    """A history on disk. Nothing is made until something is kept.

    Where the disk refuses, pictures and records are kept in memory and ``warnings`` say what is not
    saved, so that a picture that was paid for is shown in any case. What is in memory is saved with
    the first record that the disk takes again.

    Args:
        folder: ``cats.draws``.
        read_only: Never write; what would be is an error.
        max_bytes: Of a picture.
        max_pixels: Of a picture that is decoded; a larger one is stored all the same.

    Attributes:
        warnings: What is not saved, or was not as it should be, each once.
        passed_over: How many lines are no record.
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
        self._causes: dict[str, str] = {}
        self.passed_over = 0
        self._notified = 0
        self._pictures = PictureFolder(folder / "pictures", folder, max_bytes=max_bytes)
        self._journal = Journal(folder / "history.jsonl")
        self._index = Index()
        # What the disk has not taken yet.
        self._unsaved: list[Record] = []
        self._ready = False
        self._stuck = False
        self._opened = False
        self._writer: Writer[_Lines | PendingPicture | _Removal] = Writer(self._write)
        self.after_fork()
        register_fork_handler(self)

    def after_fork(self) -> None:
        """Be no longer held by a thread of the parent process."""
        self._mutex = threading.RLock()
        self._writer.after_fork()
        self._pictures.after_fork()

    @property
    def pictures(self) -> Path:
        """Where pictures are."""
        return self._pictures.folder

    @property
    def unsaved(self) -> int:
        """How many records are in memory only, because the disk did not take them."""
        return len(self._unsaved)

    # Pictures

    def sink(self) -> FileSink:
        """Take a picture as it comes."""
        return FileSink(
            self._pictures,
            max_bytes=self.max_bytes,
            submit=None if self.read_only else self._put_in_place,
            on_fail=lambda error: self.tell(phrase("store.a_picture"), error),
        )

    def _put_in_place(self, picture: PendingPicture) -> None:
        if self._pictures.is_stored(picture.info):
            # It is there, such as the reference of a request that was one of the drawings.
            with contextlib.suppress(OSError):
                picture.part.unlink()
            return
        self._pictures.expect(picture)
        self._writer.submit(picture)
        if not _on_event_loop():
            picture.stored.result()

    def link(self, path: Path, sha256: str) -> None:
        """Take a picture of another history, by a hard link where the disk allows it, else a copy.

        Args:
            path: Where it is there, unchanged.
            sha256: Its name.
        """
        try:
            self.prepare()
            self._pictures.link(path, sha256)
        except OSError as error:
            self.tell("a picture", error)
            self._pictures.remember(sha256, path.read_bytes())

    async def stored_picture(self, sha256: str) -> None:
        """Wait until a picture is in its place.

        Raises:
            PictureError: The disk has lost it.
        """
        import asyncio

        waiting = self._pictures.waiting(sha256)
        if waiting is not None:
            await asyncio.wrap_future(waiting)

    def arriving(self, sha256: str) -> Path | None:
        """Say where a picture can be read while it is put in its place; None where it cannot."""
        return self._pictures.arriving(sha256)

    def put(self, data: bytes) -> PictureInfo:
        """Keep a picture, or a film.

        Raises:
            PictureError: It is none, or larger than allowed.
        """
        sink = self.sink()
        sink.write(data)
        return sink.close()

    def path(self, sha256: str) -> Path | None:
        """Say where a picture is, and stays; None where it is not on disk."""
        waiting = self._pictures.waiting(sha256)
        if waiting is not None:
            # Its temporary file is about to go. The writer is a thread of its own, and needs
            # no event loop: a name that is gone a moment later would be worse than a short wait.
            waiting.exception()
        return self._pictures.path(sha256)

    def has(self, sha256: str) -> bool:
        """Whether there is a picture of this name; whether it is that one, says ``is_whole``."""
        return self._pictures.has(sha256)

    def is_whole(self, sha256: str) -> bool:
        """Whether a picture is there, unchanged; its bytes are hashed once."""
        return self._pictures.is_whole(sha256)

    def read(self, sha256: str) -> bytes:
        """Read a picture's bytes.

        Raises:
            HistoryError: It is not there.
        """
        return self._pictures.read(sha256)

    def stored(self) -> list[str]:
        """Name the files of the pictures that are there."""
        return self._pictures.names()

    def remember(self, sha256: str, data: bytes) -> None:
        """Keep a picture that the disk did not take."""
        self._pictures.remember(sha256, data)

    def discard(self, sha256: str) -> None:
        """Take a picture away that no record names, such as a preview."""
        if not self.read_only:
            self._writer.submit(_Removal(sha256))

    # Records

    def begin(self, record: Draft) -> Draft:
        """Give a record its number and put it on disk as ``sent``, before the request leaves.

        Numbers are unique with two kernels at once: they are given under the file lock.

        Returns:
            The record, to be filled in.
        """
        draft = draft_of(record)
        draft.number = self._submit([draft], _REQUEST, numbered=True).result()[0].number
        return draft

    async def begin_async(
        self, record: Draft, *, in_line: Callable[[], None] | None = None
    ) -> Draft:
        """Do what ``begin`` does, while the event loop goes on.

        Where it is cancelled meanwhile, the request has a line on disk and never leaves: a second
        line says so.

        Args:
            record: The record.
            in_line: Is called once its number comes before those of all records begun later.
        """
        import asyncio

        draft = draft_of(record)
        stored = asyncio.wrap_future(self._submit([draft], _REQUEST, numbered=True))
        if in_line is not None:
            in_line()
        try:
            draft.number = (await asyncio.shield(stored))[0].number
        except asyncio.CancelledError:
            draft.number = (await stored)[0].number
            draft.type, draft.finished = "drawing", now()
            draft.error = Failure(type="Interrupted", message=phrase("store.interrupted_before"))
            await self.append_async(draft)
            raise
        return draft

    def extend(self, records: Iterable[Draft], *, own_numbers: bool = False) -> list[Record]:
        """Put records of another history on disk, under the next numbers in their order.

        Args:
            records: Theirs.
            own_numbers: Whether those keep their numbers whose numbers nobody has here.
        """
        drafts = [draft_of(record) for record in records]
        what = partial(phrase, "store.other_history")
        job = self._submit(drafts, what, numbered=True, own_numbers=own_numbers) if drafts else None
        return job.result() if job is not None else []

    def append(self, record: Draft) -> Record:
        """Put a record on disk.

        Returns:
            The record as it is there.
        """
        return self._submit([record], partial(_name_of, record), numbered=False).result()[0]

    async def append_async(self, record: Draft) -> Record:
        """Do what ``append`` does, while the event loop goes on."""
        import asyncio

        stored = self._submit([record], partial(_name_of, record), numbered=False)
        return (await asyncio.shield(asyncio.wrap_future(stored)))[0]

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
        """Wait until all is written and no thread of the store's is left; it may be used again."""
        self._writer.rest()

    def records(self) -> Records:
        """Give one record per drawing, its last state, by number; notes are folded in.

        Only what was appended since the last call is read. A request without an answer stays a
        record of type ``sent``.

        Raises:
            HistoryError: The file cannot be read, in a history that was opened to read.
        """
        with self._mutex:
            self._catch_up()
            return self._index.records()

    def record(self, id_: str) -> Record | None:
        """Give a drawing's last state, None where there is no such drawing."""
        with self._mutex:
            self._catch_up()
            return self._index.get(id_)

    def numbered(self, number: int) -> Record | None:
        """Give the drawing of a number, None where there is none."""
        with self._mutex:
            self._catch_up()
            return self._index.numbered(number)

    def with_fingerprints(self, *fingerprints: str) -> list[Record]:
        """Give the records with one of these fingerprints or questions, by number."""
        with self._mutex:
            self._catch_up()
            return self._index.with_fingerprints(*fingerprints)

    def duplicate_numbers(self) -> list[int]:
        """Name the numbers that several drawings have."""
        with self._mutex:
            self._catch_up()
            return self._index.duplicate_numbers()

    def raw_lines(self) -> Iterator[bytes]:
        """Read all lines anew, as they are on disk.

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
        """Whether the records stand under a hash that was made of all of them."""
        return False

    def changed_members(self) -> list[str]:
        """Name what was changed of an archive, beside its pictures and records."""
        return []

    def _catch_up(self) -> None:
        try:
            anew, lines = self._journal.news()
            if anew:
                self._index = Index()
                self.passed_over = 0
            with _collector_at_rest():
                for line in lines:
                    self._read_line(line)
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
        """Say which numbers several drawings have: two branches were merged."""
        doubled = [f"@{number}" for number in self._index.duplicate_numbers()]
        if doubled:
            self._say_once(phrase("store.doubled", names=" and ".join(doubled[:9])))

    def _read_line(self, line: bytes) -> None:
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
        pictures = [job for job in jobs if isinstance(job, PendingPicture)]
        lines = [job for job in jobs if isinstance(job, _Lines)]
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
        with contextlib.ExitStack() as stack:
            alone = False
            try:
                self.prepare()
                alone = stack.enter_context(self._lock())
            except OSError as error:
                problem = error
            encoded = self._encode(jobs)
            if problem is None:
                problem = self._save_all(encoded, alone=alone)
            else:
                self._keep(encoded)
            if problem is None:
                self._settle_numbers(jobs, alone=alone)
                self._save_rest(alone=alone)
        for job in jobs:
            if job.stored.done():
                continue
            if problem is not None:
                self.tell(job.what() if not job.numbered else _name_of(job.drafts[-1]), problem)
            with self._mutex:
                job.stored.set_result([self._index.get(r.id) or r for r in job.records])

    @contextlib.contextmanager
    def _lock(self) -> Iterator[bool]:
        """Hold the file lock, where it can be had."""
        seconds = STUCK_SECONDS if self._stuck else LOCK_SECONDS
        with file_lock(self.folder / "history.lock", seconds) as held:
            if not held and not self._stuck:
                self._say_once(phrase("store.lock", folder=self.folder))
            self._stuck = not held
            yield held

    def _encode(self, jobs: list[_Lines]) -> list[tuple[Record, bytes]]:
        """Give new drawings their numbers, and write all records as lines."""
        encoded: list[tuple[Record, bytes]] = []
        with self._mutex:
            self._catch_up()
            number = self._index.next_number()
            for job in jobs:
                lines: list[tuple[Record, bytes]] = []
                following = number
                try:
                    for draft in job.drafts:
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
        """Whether nobody has a number, on disk or among those about to be written."""
        is_new = number >= following or number < first
        return 0 < number < MAX_COUNTED and is_new and self._index.numbered(number) is None

    def _save_all(self, encoded: list[tuple[Record, bytes]], *, alone: bool) -> OSError | None:
        """Write lines; those that the disk does not take are kept in memory.

        Returns:
            Why it did not take some, None where it took all.
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
                self._catch_up()

    def _settle_numbers(self, jobs: list[_Lines], *, alone: bool) -> None:
        """Take another number where a kernel that held no lock has written it first."""
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
        """Save what is in memory only, now that the disk takes records again."""
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
        self._say_once(phrase("store.saved_now", folder=self.folder))

    def _save_picture(self, data: bytes) -> None:
        """Put a picture in its place, from the writer's own thread."""
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
        """Make the folder, and clear what a crash left in it.

        Raises:
            OSError: The disk refuses.
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
        """Remove what exports to the folder beside the history have left when they crashed."""
        if not self.read_only:
            clear_leftovers(self.folder.parent)

    # Warnings

    def tell(self, what: str, cause: Any) -> None:
        """Say, once, that something is in memory only."""
        reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else cause
        warning = phrase(
            "store.not_saved", what=what[:1].upper() + what[1:], folder=self.folder, reason=reason
        )
        self._causes[warning] = str(reason)
        self._say_once(warning)

    def _say_once(self, warning: str) -> None:
        with self._mutex:
            if warning not in self.warnings:
                self.warnings.append(warning)

    def new_warnings(self) -> list[str]:
        """Give the warnings that were not given before; one for all that is lost to one cause."""
        with self._mutex:
            new, self._notified = self.warnings[self._notified :], len(self.warnings)
        # Of request, picture and drawing the last is the one that says most.
        return list({self._causes.get(warning, warning): warning for warning in new}.values())


def _name_of(record: Draft) -> str:
    """Name a record in a warning."""
    return (
        phrase("store.a_note")
        if record.type == "note"
        else phrase("store.the_drawing", number=record.number)
    )


@contextlib.contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Let the garbage collector rest: of the many objects that come now, none is garbage.

    It would look through all of them again and again, a fifth of the time of reading a history.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _on_event_loop() -> bool:
    """Whether an event loop runs on this thread, which must not wait for a disk."""
    # Imported by whoever runs a loop: a history that is only read does without it.
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
