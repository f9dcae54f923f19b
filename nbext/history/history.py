"""The drawings of a notebook, in order."""

from __future__ import annotations

import difflib
import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbext.data.record import Record
from nbext.errors import HistoryError
from nbext.export.words import human_size
from nbext.history.drawing import Drawing, Drawings, Picture
from nbext.history.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_REFERENCE = re.compile(r"@(-?\d+)(?:\.(\d+))?")


class History:
    """A notebook's drawings. Numbers are those of the captions, and start at 1.

    ``history[3]`` is the drawing that a caption calls ``@3``. Negative numbers count from the last:
    a drawing that this kernel has shown counts as later than one that it has not, so that ``@-1``
    means the same when the notebook is run again.

    Args:
        store: The folder.
        session: What sends for ``drawing.edit()``; None for a history that was opened to read.

    Example:
        >>> nbext.history[-1].prompt, len(nbext.history)  # doctest: +SKIP
    """

    def __init__(self, store: Store, session: Any = None) -> None:
        self.store = store
        self.session = session
        self._shown: list[str] = []

    @property
    def inline_limit(self) -> int:
        """Bytes up to which a picture is shown whole."""
        from nbext.history.bundle import INLINE_LIMIT

        return int(self.session.settings.inline_limit) if self.session else INLINE_LIMIT

    def show(self, drawing: Drawing) -> None:
        """Note that this kernel has shown a drawing."""
        if drawing.id in self._shown:
            self._shown.remove(drawing.id)
        self._shown.append(drawing.id)

    def __len__(self) -> int:
        return len(self.store.records())

    def __iter__(self) -> Iterator[Drawing]:
        return iter([Drawing(record, self) for record in self.store.records()])

    def __bool__(self) -> bool:
        return len(self) > 0

    def __getitem__(self, number: Any) -> Any:
        records = self.store.records()
        if isinstance(number, slice):
            return Drawings(Drawing(record, self) for record in records[number])
        if isinstance(number, str):
            return self.resolve(number)[0]
        if number < 0:
            ordered = self._in_order(records)
            if -number <= len(ordered):
                return Drawing(ordered[number], self)
        for record in records:
            if record.number == number:
                return Drawing(record, self)
        last = f"The last is @{records[-1].number}." if records else "The history is empty."
        raise HistoryError(f"There is no drawing @{number}.", remedy=last)

    def _in_order(self, records: list[Record]) -> list[Record]:
        known = {record.id: record for record in records}
        shown = [known[id_] for id_ in self._shown if id_ in known]
        return [record for record in records if record.id not in self._shown] + shown

    def _ipython_key_completions_(self) -> list[int]:
        return [record.number for record in self.store.records()]

    def by_ids(self, ids: Iterable[str]) -> Drawings:
        """Give drawings by their ids; unknown ones are left out."""
        known = {record.id: record for record in self.store.records()}
        return Drawings(Drawing(known[id_], self) for id_ in ids if id_ in known)

    def resolve(self, reference: str) -> tuple[Drawing, Picture]:
        """Find what ``@3``, ``@3.2`` or ``@-1`` means.

        Returns:
            The drawing, and its picture.

        Raises:
            HistoryError: There is no such drawing, or it has no such picture.
        """
        match = _REFERENCE.fullmatch(reference.strip())
        if not match or match[1] in ("0", "-0"):
            raise HistoryError(f"{reference!r} is no drawing.", remedy="Write @3, @3.2 or @-1.")
        drawing = self[int(match[1])]
        index = int(match[2] or 1)
        pictures = drawing.pictures
        if not 1 <= index <= len(pictures):
            failed = f" It failed: {drawing.error.message}" if drawing.error else ""
            raise HistoryError(
                f"The drawing @{drawing.number} has {len(pictures)} pictures, not {index}.{failed}"
            )
        return drawing, pictures[index - 1]

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

    @property
    def cost(self) -> float:
        """What all of it cost in US dollars, as far as anyone says."""
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
        since: str | datetime | None = None,
        until: str | datetime | None = None,
    ) -> Drawings:
        """Find drawings; all that is given must hold.

        Args:
            text: Words that prompt, answer, tags or note hold, in any order and case.
            model: A part of the model's name.
            kind: ``draw``, ``chat``, …
            tag: A tag.
            starred: With a star, or without.
            failed: That failed, or did not.
            since: Not before this, ``"2026-11-22"`` or a datetime.
            until: Not after this.

        Example:
            >>> nbext.history.search("cat", model="gpt").starred  # doctest: +SKIP
        """
        words = text.lower().split()
        first, last = _moment(since), _moment(until, end=True)
        found = Drawings()
        for drawing in self:
            record = drawing.record
            said = "\n".join((record.prompt, record.text, drawing.note, *drawing.tags)).lower()
            when = drawing.started
            if (
                all(word in said for word in words)
                and model.lower() in record.model.lower()
                and kind in ("", record.kind)
                and (not tag or tag in drawing.tags)
                and starred in (None, drawing.starred)
                and failed in (None, record.error is not None)
                and (first is None or (when is not None and when >= first))
                and (last is None or (when is not None and when <= last))
            ):
                found.append(drawing)
        return found

    def annotate(self, id_: str, changes: dict[str, Any]) -> Record:
        """Append a star, a tag or a note.

        Raises:
            HistoryError: The history was opened to read.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.store.append(Record(type="note", id=id_, started=now, changes=changes))
        return next(record for record in self.store.records() if record.id == id_)

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
            path: The file; ``cats.html`` beside ``cats.draws`` where none is given.
            title: The page's heading.
            order: ``newest`` or ``oldest`` first.
            embed: Whether everything goes into one file; ``"auto"`` while that is small.
            overwrite: Whether a file that is there may be replaced.

        Returns:
            Where it is.

        Raises:
            OptionError: The file is there already.
        """
        from nbext.export.html import write_html

        stem = self.store.folder.stem
        target = Path(path) if path is not None else self.store.folder.with_name(f"{stem}.html")
        if not target.suffix:
            target = target.with_suffix(".html")
        return write_html(
            self.store.records(),
            target,
            picture_path=self.store.path,
            title=title or stem,
            order=order,
            embed=embed,
            overwrite=overwrite,
        )

    def verify(self) -> Report:
        """Hash every picture again, and look for what is missing, changed or not recorded."""
        records = self.store.records()
        wanted: dict[str, str] = {}
        for record in records:
            named = [info.sha256 for info in (*record.pictures, *record.films)]
            for sha256 in (*named, *(item.sha256 for item in record.references)):
                wanted.setdefault(sha256, f"@{record.number}")
        report = Report(checked=len(wanted))
        for sha256, where in wanted.items():
            path = self.store.path(sha256)
            if path is None:
                report.missing.append(f"{where}: {sha256}")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                report.changed.append(f"{where}: {path.name}")
        known = {record.id for record in records}
        for record in records:
            lost = [parent for parent in record.parents if parent not in known]
            report.missing += [f"@{record.number}: its parent {parent}" for parent in lost]
            if record.type == "sent":
                report.unfinished.append(f"@{record.number}: sent {record.started}, no answer kept")
        stored = self.store.folder.glob("pictures/*/*")
        report.extra += sorted(p.name for p in stored if p.name.partition(".")[0] not in wanted)
        return report

    def _repr_mimebundle_(self, **_: Any) -> Any:
        return {"text/plain": repr(self)}

    def __repr__(self) -> str:
        records = self.store.records()
        lines = [f"<History {self.store.folder.name}: {len(records)} drawings>"]
        for record in records[-20:]:
            prompt = " ".join(record.prompt.split())[:50]
            size = human_size(sum(info.size for info in (*record.pictures, *record.films)))
            came = record.error.type if record.error else size
            lines.append(f"  @{record.number:<4} {record.model:<24} {came:>10}  {prompt}")
        if len(records) > 20:
            lines.insert(1, f"  … {len(records) - 20} more")
        return "\n".join(lines)


class Report:
    """What ``history.verify()`` found.

    Attributes:
        checked: The number of pictures that records name.
        missing: Pictures and parents that are not there.
        changed: Pictures whose bytes are not those that were received.
        unfinished: Requests that were sent and have no answer: they may have been billed.
        extra: Files that no record names; harmless.
    """

    def __init__(self, checked: int = 0) -> None:
        self.checked = checked
        self.missing: list[str] = []
        self.changed: list[str] = []
        self.unfinished: list[str] = []
        self.extra: list[str] = []

    @property
    def ok(self) -> bool:
        """Whether everything that records name is there, unchanged."""
        return not (self.missing or self.changed)

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        said = "all there, unchanged" if self.ok else "NOT as recorded"
        lines = [f"{self.checked} pictures checked: {said}"]
        for name in ("missing", "changed", "unfinished", "extra"):
            lines += [f"  {name}: {item}" for item in getattr(self, name)]
        return "\n".join(lines)


def open_history(path: str | Path) -> History:
    """Open the history of another notebook, to read.

    Args:
        path: The notebook, or its ``.draws`` folder.

    Raises:
        HistoryError: There is no history.
    """
    given = Path(path).expanduser()
    folder = given if given.suffix == ".draws" else given.with_suffix(".draws")
    if not (folder / "history.jsonl").is_file():
        there = [p.name for p in folder.parent.glob("*.draws")] if folder.parent.is_dir() else []
        near = difflib.get_close_matches(folder.name, there, n=1)
        raise HistoryError(
            f"There is no history {folder}.", remedy=f"Did you mean {near[0]}?" if near else ""
        )
    return History(Store(folder, read_only=True))


def _moment(value: str | datetime | None, *, end: bool = False) -> datetime | None:
    """Read a date or a time; a date alone means its beginning, or its end."""
    if value is None:
        return None
    if isinstance(value, str):
        alone = len(value.strip()) == 10
        value = datetime.fromisoformat(value.strip())
        if alone and end:
            value = value.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return value if value.tzinfo else value.astimezone()
