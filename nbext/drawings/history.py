"""The drawings of a notebook, in order."""

from __future__ import annotations

import bisect
import itertools
import operator
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import msgspec

from nbext.data.cell import Cell
from nbext.data.record import started_of, tags_of
from nbext.drawings.drawing import Drawing, Drawings, missing_picture
from nbext.drawings.marks import Marks
from nbext.drawings.texts import Texts
from nbext.errors import HistoryError, OptionError
from nbext.messages.say import phrase
from nbext.notebook.vscode import is_uri
from nbext.store.claims import Claims, find_claims
from nbext.store.lines import line_of
from nbext.store.merge import MergeReport, merge, note_of
from nbext.store.open import open_store
from nbext.store.slots import request_names
from nbext.util.pattern import pattern
from nbext.util.public import Public
from nbext.util.text import counted, human_size, printable
from nbext.util.tracebacks import hide_own_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nbext.data.record import Record
    from nbext.drawings.drawing import Sender
    from nbext.drawings.lineage import Tree
    from nbext.drawings.marks import Change
    from nbext.drawings.picture import Picture
    from nbext.store.store import Store
    from nbext.store.verify import Report

_ABSENT = object()
# The values that mean no annotation.
_BLANK: dict[str, Any] = {"star": False, "tags": [], "note": ""}
# This process's histories by folder, for unpickled drawings.
_open: WeakValueDictionary[str, History] = WeakValueDictionary()
# The number of latest drawings shown as thumbnails.
_THUMBNAILS = 16
_REFERENCE = pattern(r"@(-?[0-9]{1,9})(?:\.([0-9]{1,9}))?")


class History(Public):
    """The drawings of a notebook, by number. Numbers are those in the captions, from 1.

    ``history[3]`` is the drawing whose caption says ``@3``. Negative numbers count from the end.
    Drawings that this kernel has shown come after all others, so that ``@-1`` means the same when
    the notebook is run again.

    Args:
        store: The history's folder.
        session: Sends requests for ``drawing.edit()``; None if the history is read-only.

    Example:
        >>> nbext.history[-1].prompt, len(nbext.history)  # doctest: +SKIP
    """

    def __init__(self, store: Store, session: Sender | None = None) -> None:
        self.store = store
        self.session = session
        # The ids of shown drawings, in places reserved when each was requested.
        self._places: list[list[str]] = []
        self._shown: dict[str, list[str]] = {}
        self.shown_requests: set[str] = set()
        self._undo: list[tuple[str, dict[str, Any]]] = []
        self._marks: Marks | None = None
        self._texts = Texts()
        folder = str(store.folder)
        if session is not None or folder not in _open:
            _open[folder] = self

    def __reduce__(self) -> tuple[Any, ...]:
        return _history_in, (str(self.store.folder),)

    @property
    def inline_limit(self) -> int:
        """The largest picture, in bytes, that is shown in full."""
        from nbext.display.mimebundle import INLINE_LIMIT

        return int(self.session.settings.inline_limit) if self.session else INLINE_LIMIT

    def take_place(self) -> list[str]:
        """Reserve the next place in the order of shown drawings, for a running request."""
        place: list[str] = []
        self._places.append(place)
        return place

    def show(self, drawing: Drawing, place: list[str] | None = None) -> None:
        """Record that this kernel has shown a drawing.

        Args:
            drawing: The drawing.
            place: Its place in the order; the last by default.
        """
        place = self.take_place() if place is None else place
        if drawing.id in self._shown:
            self._shown[drawing.id].remove(drawing.id)
        place.append(drawing.id)
        self._shown[drawing.id] = place
        self.shown_requests |= request_names(drawing.record)

    @property
    def shown(self) -> list[str]:
        """The ids of the drawings that this kernel has shown, in order."""
        return [id_ for place in self._places for id_ in place]

    def __len__(self) -> int:
        return len(self.store.records())

    def __iter__(self) -> Iterator[Drawing]:
        for record in self.store.records():
            yield Drawing(record, self)

    def __reversed__(self) -> Iterator[Drawing]:
        for record in reversed(self.store.records()):
            yield Drawing(record, self)

    def __bool__(self) -> bool:
        return len(self) > 0

    def __getitem__(self, number: Any) -> Any:
        records = self.store.records()
        if isinstance(number, slice):
            return self._slice(records, number)
        if isinstance(number, str):
            return self.find(number)[0]
        try:
            number = operator.index(number)
        except TypeError:
            text = phrase("history.not_a_number", type=type(number).__name__)
            raise hide_own_lines(TypeError(text)) from None
        if number < -len(records):
            record = None
        elif number < 0:
            record = next(itertools.islice(self._from_last(records), -number - 1, None), None)
        else:
            record = self.store.numbered(number) if number > 0 else None
        if record is not None:
            return Drawing(record, self)
        last = (
            phrase("history.last_is", number=records[-1].number)
            if records
            else phrase("history.empty")
        )
        raise HistoryError(phrase("history.no_drawing", number=number), remedy=last)

    def _slice(self, records: Sequence[Record], wanted: slice) -> Drawings:
        """Return drawings by number: ``[3:6]`` is @3, @4 and @5; ``[-3:]`` is the last three."""
        first, stop = wanted.start, wanted.stop
        if first is not None and first < 0 and stop is None:
            count = min(-first, len(records))
            last = list(itertools.islice(self._from_last(records), count))[::-1]
            return Drawings(Drawing(record, self) for record in last[:: wanted.step])
        if all(bound is None or bound < 0 for bound in (first, stop)):
            chosen: Sequence[Record] = list(self._from_last(records))[::-1][wanted]
        else:
            first, stop = (
                bisect.bisect_left(records, bound, key=lambda record: record.number)
                if bound is not None and bound >= 0
                else bound
                for bound in (first, stop)
            )
            chosen = records[first : stop : wanted.step]
        return Drawings(Drawing(record, self) for record in chosen)

    def _from_last(self, records: Sequence[Record]) -> Iterator[Record]:
        """Yield the records backwards, beginning with the last one that this kernel has shown."""
        for id_ in (id_ for place in reversed(self._places) for id_ in reversed(place)):
            record = self.store.record(id_)
            if record is not None:
                yield record
        yield from (record for record in reversed(records) if record.id not in self._shown)

    def _ipython_key_completions_(self) -> list[int]:
        return [record.number for record in self.store.records()]

    def by_ids(self, ids: Iterable[str]) -> Drawings:
        """Return drawings by their ids. Unknown ids are ignored."""
        records = (self.store.record(id_) for id_ in ids)
        return Drawings(Drawing(record, self) for record in records if record is not None)

    def unseen(self) -> Claims:
        """List requests that may be billed without a picture, as a text for the support team.

        Example:
            >>> print(history.unseen())  # doctest: +SKIP
            relay.example: 1 request that may be billed without a picture
        """
        session = getattr(self.session, "id", "")
        return find_claims(self.store.records(), session=session)

    def resolve(self, reference: str) -> tuple[Drawing, Picture]:
        """Resolve a reference such as ``@3``, ``@3.2`` or ``@-1``.

        Returns:
            The drawing and the picture.

        Raises:
            HistoryError: There is no such drawing or picture.
        """
        drawing, index = self.find(reference)
        return drawing, _picture(drawing, index)

    def picture_of(self, record: Record, reference: str) -> Picture:
        """Return a picture of a drawing by its number, which is 2 in ``@3.2``.

        Raises:
            HistoryError: There is no such picture.
        """
        return _picture(Drawing(record, self), numbers_of(reference)[1])

    def find(self, reference: str) -> tuple[Drawing, int]:
        """Find a drawing by reference, even if it has no picture.

        Returns:
            The drawing and the number of the picture, from 1.

        Raises:
            HistoryError: There is no such drawing.

        Example:
            >>> nbext.history.find("@3.2")  # doctest: +SKIP
        """
        number, index = numbers_of(reference)
        return self[number], index

    @property
    def last(self) -> Drawing:
        """The last drawing.

        Raises:
            HistoryError: There is none.
        """
        drawing: Drawing = self[-1]
        return drawing

    @property
    def starred(self) -> Drawings:
        """The drawings with a star."""
        return Drawings(self).starred

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for each drawing; see ``Drawings.rows``.

        Example:
            >>> pandas.DataFrame(nbext.history.rows())  # doctest: +SKIP
        """
        return Drawings(self).rows()

    def to_frame(self) -> Any:
        """Return the rows as a pandas data frame, or polars if pandas is not installed.

        Raises:
            OptionError: Neither is installed.

        Example:
            >>> nbext.history.to_frame().groupby("model")["cost"].sum()  # doctest: +SKIP
        """
        return Drawings(self).to_frame()

    @property
    def cost(self) -> float:
        """The total cost in US dollars, as far as it is known."""
        return round(sum(record.cost or 0.0 for record in self.store.records()), 6)

    def search(
        self,
        text: str = "",
        *,
        model: str = "",
        kind: str = "",
        tag: str = "",
        starred: bool | None = None,
        failed: bool | None = None,
        since: str | date | None = None,
        until: str | date | None = None,
    ) -> Drawings:
        """Find the drawings that match all arguments.

        Args:
            text: Words in the prompt, answer, tags or note, in any order; case is ignored.
            model: A part of the model's name.
            kind: ``draw``, ``chat``, …
            tag: A tag.
            starred: Whether the drawing has a star.
            failed: Whether the drawing failed.
            since: The earliest time: ``"2026-11-22"``, a date or a datetime.
            until: The latest time.

        Raises:
            OptionError: A date is not valid, or an argument is not text.

        Example:
            >>> nbext.history.search("cat", model="gpt").starred  # doctest: +SKIP
        """
        for value in (text, model, kind, tag):
            if not isinstance(value, str):
                raise OptionError(phrase("history.not_text", value=value))
        words, part = text.lower().split(), model.lower()
        first, last = _moment(since), _moment(until, end=True)

        def matches(record: Record) -> bool:
            """Test the cheapest conditions first."""
            return (
                kind in ("", record.kind)
                and failed in (None, record.error is not None)
                and (not part or part in record.model.lower())
                and starred in (None, record.changes.get("star") is True)
                and (not tag or tag in tags_of(record.changes))
                and ((first is None and last is None) or _is_between(record, first, last))
            )

        records: Sequence[Record] = self.store.records()
        if words:
            records = self._texts.holding(words, records)
        return Drawings(Drawing(record, self) for record in records if matches(record))

    def mark(self, id_: str, change: Change) -> Record:
        """Set a star, a tag or a note, unless the running cell set the same before.

        Args:
            id_: The drawing's id.
            change: Computes the changes from the drawing's current marks.

        Raises:
            HistoryError: The history is read-only, or has no such drawing.
        """
        record = self._record(id_)
        cell = self._cell()
        step = self._replayed().replay(id_, cell, change) if cell.id else None
        if step is None:
            return self.annotate(id_, change(record.changes), cell=cell.id)
        self._undo.append((id_, _before(step.before, step.changes)))
        return record

    def marks(self, id_: str) -> dict[str, Any]:
        """Return a drawing's star, tags and note at this point of the notebook."""
        marks = self._marks.of(id_) if self._marks is not None else None
        return self._record(id_).changes if marks is None else marks

    def _cell(self) -> Cell:
        """Return the running cell."""
        return self.session.cell() if self.session is not None else Cell()

    def _replayed(self) -> Marks:
        """Return the marks on disk from before this kernel's first mark."""
        if self._marks is None:
            self._marks = Marks(self.store.raw_lines())
        return self._marks

    def _record(self, id_: str) -> Record:
        record = self.store.record(id_)
        if record is None:
            raise HistoryError(phrase("history.not_in_history", id_=id_))
        return record

    def annotate(self, id_: str, changes: dict[str, Any], *, cell: str = "") -> Record:
        """Append a star, a tag or a note. Nothing is written if nothing changes.

        Args:
            id_: The drawing's id.
            changes: The new values.
            cell: The id of the cell that sets them, empty outside a cell.

        Raises:
            HistoryError: The history was opened for reading only, or has no such drawing.
        """
        record = self._record(id_)
        before = _before(record.changes, changes)
        if all(
            record.changes.get(name, _BLANK.get(name, _ABSENT)) == value
            for name, value in changes.items()
        ):
            return record
        self._append_note(id_, changes, cell)
        self._undo.append((id_, before))
        changed = self.store.record(id_)
        if changed is None:
            raise HistoryError(phrase("history.folder_gone", folder=self.store.folder))
        return changed

    def undo(self) -> Drawing:
        """Undo the last star, tag or note of this kernel. Call it again for earlier ones.

        Nothing is removed from the file; the former state is appended.

        Returns:
            The drawing in its current state.

        Raises:
            HistoryError: There is nothing to undo.

        Example:
            >>> nbext.history.undo()  # doctest: +SKIP
        """
        if not self._undo:
            raise HistoryError(phrase("history.nothing_to_undo"))
        id_, before = self._undo.pop()
        cell = self._cell()
        if not cell.id or self._replayed().replay(id_, cell, lambda _: before) is None:
            self._append_note(id_, before, cell.id)
        return self.by_ids([id_])[0]

    def _append_note(self, id_: str, changes: dict[str, Any], cell: str) -> None:
        # Read the earlier marks before new ones are appended.
        self._replayed().leave(id_)
        self.store.append(note_of(id_, changes, cell))
        self._tell_warnings()

    def renumber(self) -> list[tuple[int, int]]:
        """Renumber drawings that have the same number after a merge of two branches.

        The first drawing in the file keeps the number. The others get the next free ones.

        Returns:
            The old and new numbers of the renumbered drawings.

        Raises:
            HistoryError: The history was opened for reading only.
        """
        shared = set(self.store.duplicate_numbers())
        others = [
            record
            for record in self.store.records()
            if record.number in shared
            and (first := self.store.numbered(record.number)) is not None
            and first.id != record.id
        ]
        changed = self.store.extend(others)
        self._tell_warnings()
        return [(old.number, new.number) for old, new in zip(others, changed, strict=True)]

    def _tell_warnings(self) -> None:
        """Warn about data that could not be written to disk."""
        if self.session is not None:
            self.session.tell_warnings()
            return
        for warning in self.store.new_warnings():
            sys.stderr.write(f"nbext: {warning}\n")

    def to_html(
        self,
        path: str | Path | None = None,
        *,
        title: str = "",
        order: str = "newest",
        embed: bool | str = "auto",
        overwrite: bool = False,
    ) -> Path:
        """Write a gallery that needs no network.

        Args:
            path: The file. By default ``cats.html`` beside ``cats.draws``. A relative path starts
                at the notebook's folder.
            title: The heading of the page.
            order: ``"newest"`` or ``"oldest"`` first.
            embed: Whether to write a single file. ``"auto"`` does so up to 50 MB.
            overwrite: Whether to replace an existing file. A gallery that nbext wrote and nobody
                has changed since is always replaced.

        Returns:
            The path of the file.

        Raises:
            OptionError: The file already exists.

        Example:
            >>> nbext.history.to_html("cats.html", overwrite=True)  # doctest: +SKIP
        """
        from nbext.export.gallery.page import write_html

        return write_html(
            self.store.records(),
            self._target(path, ".html"),
            picture_path=self.store.path,
            title=title or self.store.folder.stem,
            order=order,
            embed=embed,
            overwrite=overwrite,
        )

    def tree(self, drawing: Drawing | None = None) -> Tree:
        """Return the tree of drawings and their edits.

        Args:
            drawing: Return only the ancestors and descendants of this drawing.

        Example:
            >>> nbext.history.tree()  # doctest: +SKIP
        """
        from nbext.drawings.lineage import Tree, family

        records = self.store.records()
        if drawing is None:
            return Tree(records, self.by_ids)
        return Tree(records, self.by_ids, only=family(records, drawing.id), marked=drawing.id)

    def beside(self, path: str | Path) -> Path:
        """Resolve a relative path, which starts at the notebook's folder.

        For a history without a notebook at work, it starts at the working directory.
        """
        folder = self.session.beside if self.session is not None else Path()
        return folder / Path(path).expanduser()

    def _target(self, path: str | Path | None, suffix: str) -> Path:
        """Return the file to export to. In a folder, it has the name of the history."""
        stem = self.store.folder.stem
        if path is None:
            return self.store.folder.with_name(f"{stem}{suffix}")
        target = self.beside(path)
        if target.is_dir():
            return target / f"{stem}{suffix}"
        return target if target.suffix else target.with_suffix(suffix)

    def to_zip(
        self,
        path: str | Path | None = None,
        *,
        title: str = "",
        author: str | Sequence[str] = "",
        licence: str = "",
        gallery: bool = True,
        partial: bool = False,
        overwrite: bool = False,
    ) -> Path:
        """Write an archive for others: an RO-Crate that ``nbext.open`` can open.

        Args:
            path: The file. By default ``cats.zip`` beside ``cats.draws``. A relative path starts
                at the notebook's folder.
            title: The title. By default the name of the history, such as ``cats``.
            author: The author, or a list of authors.
            licence: An SPDX identifier such as ``CC-BY-4.0``, a URL, or a sentence.
            gallery: Whether to include the gallery.
            partial: Whether to leave out missing and changed pictures instead of raising an error.
            overwrite: Whether to replace an existing file.

        Returns:
            The path of the file.

        Raises:
            OptionError: The file already exists.
            HistoryError: The file cannot be written, the history is empty, or a picture is missing.

        Example:
            >>> nbext.history.to_zip("study.zip", author="Ada Lovelace")  # doctest: +SKIP
        """
        from nbext.export.archive.zip import write_zip

        title = title or self.store.folder.stem
        return write_zip(
            self.store.records(),
            self._target(path, ".zip"),
            read=self.store.read,
            line=_public_line,
            gallery=(lambda page: self.to_html(page, title=title)) if gallery else None,
            title=title,
            author=author,
            licence=licence,
            partial=partial,
            overwrite=overwrite,
        )

    def merge(self, other: History | str | Path) -> MergeReport:
        """Add the drawings of another history, without duplicates.

        The drawings of this history keep their numbers; the added ones get the next free numbers.
        Pictures are copied.

        Args:
            other: A history, or a path that ``nbext.open`` accepts.

        Returns:
            A summary.

        Raises:
            HistoryError: There is no such history, or this one is read-only.

        Example:
            >>> nbext.history.merge("colleague.zip")  # doctest: +SKIP
        """
        if self.store.read_only:
            raise HistoryError(
                phrase("history.merge_read_only"),
                remedy=phrase("history.merge_here"),
            )
        theirs = other.store if isinstance(other, History) else open_store(other)
        merged = merge(self.store, theirs)
        self._tell_warnings()
        return merged

    def methods(self, *, title: str = "", language: str = "en") -> Text:
        """Write the methods section of a paper, which says how its pictures were made.

        Args:
            title: A heading; empty for none.
            language: ``en`` or ``zh``.

        Returns:
            Markdown text, which a cell displays as formatted text.

        Example:
            >>> nbext.history.methods()  # doctest: +SKIP
        """
        from nbext.export.archive.methods import methods

        manifest = self.manifest
        return Text(
            methods(self.store.records(), title=title, language=language, manifest=manifest)
        )

    @property
    def manifest(self) -> str:
        """The number of lines on disk and their hash, to pass to ``verify`` later."""
        from nbext.store.verify_records import lines_of, manifest_of

        return manifest_of(lines_of(self.store))

    def verify(self, *, credentials: bool = False, manifest: str = "") -> Report:
        """Hash every picture and line again, to find missing, changed and unrecorded data.

        Args:
            manifest: An earlier value of ``manifest``, to also find removed and reordered lines.
            credentials: Whether to check the Content Credentials of pictures. Needs
                ``nbext[c2pa]``.

        Example:
            >>> nbext.history.verify()  # doctest: +SKIP
        """
        from nbext.store.verify import verify

        report = verify(self.store, manifest=manifest)
        if credentials:
            from nbext.drawings.signing import signatures

            for record in self.store.records():
                lines = signatures(record, self.store)
                report.credentials += [f"@{record.number}: {line}" for line in lines]
        return report

    def _repr_mimebundle_(self, **_: Any) -> Any:
        """Show the last pictures with their numbers, and a list as plain text."""
        from nbext.display.mimebundle import sheet_bundle

        recent = [drawing for drawing in self[-_THUMBNAILS:] if drawing.record.pictures]
        if not recent:
            return {"text/plain": repr(self)}
        data, metadata = sheet_bundle(recent, inline_limit=self.inline_limit)
        return data | {"text/plain": repr(self)}, metadata

    def __repr__(self) -> str:
        from nbext.messages.say import outcome

        records = self.store.records()
        lines = [f"<History {self.store.folder.name}: {counted(len(records), 'drawing')}>"]
        for record in records[-20:]:
            size = human_size(sum(info.size for info in (*record.pictures, *record.films)))
            came = outcome(record.error.type) if record.error else size
            came = "unfinished" if record.type == "sent" else came
            model, prompt = printable(record.model), printable(record.prompt[:200])[:50]
            lines.append(f"  @{record.number:<4} {model:<24} {came:>10}  {prompt}")
        if len(records) > 20:
            lines.insert(1, phrase("history.more", value=len(records) - 20))
        return "\n".join(lines)


class Text(str):
    """A Markdown text that a cell displays as formatted text."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return str(self)


def _public_line(record: Record) -> bytes:
    """Return a record as a line without folder names of the machine that wrote it.

    Earlier versions recorded the path of a cell in VS Code.
    """
    return line_of(msgspec.structs.replace(record, cell="") if is_uri(record.cell) else record)


def _picture(drawing: Drawing, index: int) -> Picture:
    """Return a picture of a drawing by its number, from 1."""
    pictures = drawing.pictures
    if not pictures and drawing.films:
        raise missing_picture(drawing)
    if not 1 <= index <= len(pictures):
        failure = ""
        if drawing.error:
            failure = phrase("history.it_failed", message=drawing.error.message)
        raise HistoryError(
            phrase(
                "history.no_such_picture",
                number=drawing.number,
                many=phrase("history.pictures", count=len(pictures)),
                index=index,
                failed=failure,
            )
        )
    return pictures[index - 1]


def _history_in(folder: str) -> History:
    """Return the history of a folder: this process's own, or a read-only one."""
    history = _open.get(folder)
    return history if history is not None else History(open_store(folder))


def _is_between(record: Record, first: datetime | None, last: datetime | None) -> bool:
    """Return whether a drawing was sent between two times."""
    when = started_of(record)
    return when is not None and (first is None or when >= first) and (last is None or when <= last)


def numbers_of(reference: str) -> tuple[int, int]:
    """Parse a reference.

    Raises:
        HistoryError: It is not a reference.

    Example:
        >>> numbers_of("@3.2"), numbers_of("@-1")
        ((3, 2), (-1, 1))
    """
    match = _REFERENCE.fullmatch(reference.strip())
    if not match or match[1] in ("0", "-0"):
        raise HistoryError(
            phrase("history.not_a_drawing", reference=reference),
            remedy=phrase("history.reference_like"),
        )
    return int(match[1]), int(match[2] or 1)


def _moment(value: object, *, end: bool = False) -> datetime | None:
    """Parse a date or a time. A date alone means the beginning or the end of that day."""
    if value is None:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = value.isoformat()
    if isinstance(value, str):
        alone = len(value.strip()) == 10
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise OptionError(
                phrase("history.not_a_date", value=value), remedy=phrase("history.date_like")
            ) from None
        if alone and end:
            value = value.replace(hour=23, minute=59, second=59, microsecond=999_999)
    if not isinstance(value, datetime):
        raise OptionError(
            phrase("history.not_a_date", value=value), remedy=phrase("history.date_like")
        )
    return value if value.tzinfo else value.astimezone()


def _before(marks: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that changes replace."""
    return {name: marks.get(name, _BLANK.get(name)) for name in changes}
