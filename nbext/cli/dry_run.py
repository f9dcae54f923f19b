"""Predict what running a notebook would do to its history, without running it.

Requests are planned by the session's own code; only the inputs differ: pictures are known by their
hash, variables by name. ``Undecidable`` is raised where only running can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import msgspec

from nbext.cli.check_cells import Names, Setting
from nbext.cli.check_scope import Scope
from nbext.config.endpoints import find_endpoint
from nbext.config.loading import apply_environment, file_settings
from nbext.config.settings import Nbext
from nbext.data.record import Kind
from nbext.data.request import Reference, lineage_of
from nbext.drawings.history import History, numbers_of
from nbext.drawings.open import open_history
from nbext.errors import HistoryError, OptionError, SettingsError
from nbext.magics.asking import options_of_line
from nbext.magics.place import Place
from nbext.messages.say import phrase
from nbext.notebook.file import NotebookFile
from nbext.notebook.neighbours import original_of
from nbext.session.plan import Conversation, plan, wait_for
from nbext.session.references import SessionReader, is_relative, name_of_number
from nbext.store.catalog import Catalog
from nbext.store.elsewhere import Neighbours
from nbext.store.replay import Replay
from nbext.store.slots import request_names
from nbext.store.store import Store
from nbext.util.text import printable

if TYPE_CHECKING:
    from pathlib import Path

    from nbext.data.options import Options
    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record
    from nbext.data.request import Request
    from nbext.magics.parse import Line
    from nbext.notebook.file import CodeCell

Verdict = Literal["replayed", "sent", "free", "unknown", "nothing", "fails"]


class Undecidable(Exception):  # noqa: N818 -- ends the look at one request
    """Raised when the verdict needs no plan, or cannot be known.

    Args:
        verdict: The verdict.
        reason: The verdict in words.
    """

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason


class New(msgspec.Struct, frozen=True):
    """A drawing that would be made.

    Attributes:
        cell: The position of the cell that makes it.
        kind: The kind of request; only a drawing is sure to have a picture.
        number: The number that it will have.
    """

    cell: int
    kind: Kind
    number: int


class KnownSettings:
    """The settings, with those marked as unknown that a cell sets to a variable."""

    def __init__(self, settings: Nbext) -> None:
        self._settings = settings
        self._unknown: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name in self._unknown:
            raise Undecidable("unknown", phrase("cli.set_to_variable", name=name))
        return getattr(self._settings, name)

    def set(self, step: Setting) -> None:
        """Apply a setting of a cell; one set to a variable becomes unknown.

        Raises:
            SettingsError: It is refused; the setting keeps its value.
        """
        self._unknown.discard(step.name)
        if not step.known:
            self._unknown.add(step.name)
            return
        setattr(self._settings, step.name, step.value)


class KnownNames(Mapping[str, Any]):
    """The notebook's variables by name; only drawings and literals have values."""

    def __init__(self, run: DryRun) -> None:
        self._run = run

    def __contains__(self, name: object) -> bool:
        names = self._run.names
        if name in names.known or name in self._run.scope.drawings:
            return True
        if names.open:
            raise Undecidable("unknown", phrase("cli.may_be_variable", name=name))
        return False

    def __getitem__(self, name: str) -> Any:
        run = self._run
        if name in run.scope.literals:
            return run.scope.literals[name]
        if name in run.bound and name in run.scope.drawings:
            takes = BoundTakes(name, run.bound[name], run)
            return takes[0] if len(takes) == 1 else takes
        raise Undecidable("unknown", phrase("cli.is_variable", name=name))

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def items(self) -> Any:
        """Return nothing: values are not known."""
        return {}.items()

    def __len__(self) -> int:
        return 0


class BoundTakes(Sequence[Reference]):
    """The first pictures of the takes that a variable holds."""

    def __init__(self, name: str, takes: Sequence[Record | New], run: DryRun) -> None:
        self._name = name
        self._takes = takes
        self._run = run

    def __getitem__(self, index: Any) -> Any:
        take = self._takes[index]
        if isinstance(take, New):
            self._run.depends_on(take)
        lineage = lineage_of(take.fingerprint, take.take)
        return reference_of(take, picture_of(take, 1), source=self._name, lineage=lineage)

    def __len__(self) -> int:
        return len(self._takes)

    def __str__(self) -> str:
        raise OptionError(
            phrase("cli.not_text", name=self._name),
            remedy=phrase("cli.give_image", name=self._name),
        )


class HashReader(SessionReader):
    """Reads references by their hash, if the history has them; writes nothing."""

    def __init__(self, run: DryRun, cell: CodeCell) -> None:
        super().__init__(
            run.history,
            names=KnownNames(run),
            folder=run.folder,
            fetch=_fetch_unknown,
            replay=run.settings.replay,
            cell=cell.id,
        )
        self._run = run

    def record(self, reference: Reference) -> None:
        """Do nothing: a dry run records no references."""

    def resolve(self, text: str, record: Record | None = None) -> Reference:
        """Resolve ``@3`` at this point of the run."""
        index = numbers_of(text)[1]
        record = record or self._run.drawing(text)[0]
        info = picture_of(record, index)
        if not is_relative(text):
            return reference_of(record, info, source=text)
        lineage = lineage_of(record.fingerprint, record.take, index - 1)
        return reference_of(record, info, source=text, lineage=lineage, relative=True)

    async def conversation(self, value: object, *, options: Options) -> Conversation:
        """Return the drawing at the end of a conversation."""
        name = str(value)
        takes = self._run.bound.get(name, []) if name in self._run.scope.drawings else []
        named = self.numbered(name, options) if not takes else None
        record = named or (takes[0] if takes else self._run.drawing(name)[0])
        if isinstance(record, New):
            self._run.depends_on(record)
        relative = is_relative(value)
        lineage = lineage_of(record.fingerprint, record.take) if relative else ""
        return Conversation(
            drawing=record.id,
            model=record.model,
            name=name_of_number(value),
            lineage=lineage,
            relative=relative,
        )


class DryRun:
    """A session that plans a notebook's requests without running it.

    Args:
        notebook: The ``.ipynb``; its history and a settings file are looked for beside it.
        with_key: Assume that a key is set: without one the embedded endpoint draws for free.
    """

    def __init__(self, notebook: Path, *, with_key: bool) -> None:
        self.folder = notebook.parent
        settings = Nbext()
        settings.read(*file_settings(self.folder))
        apply_environment(settings)
        # Can be read like the settings; raises if a value is not known.
        self.settings: Any = KnownSettings(settings)
        self.plain_settings = settings
        self.with_key = with_key
        other = settings.history_folder
        self.history = _history(self.folder / other if other else notebook)
        self.records = self.history.store.records()
        catalog = Catalog(lambda: bool(settings.catalog and not settings.history_folder))
        neighbours = Neighbours(self.history.store, notebook, catalog)
        self.replay = Replay(
            lambda sha256: self.history.store.is_whole(sha256) or neighbours.is_whole(sha256),
            elsewhere=neighbours,
        )
        self.names = Names()
        self.bound: dict[str, list[Record | New]] = {}
        self.scope = Scope(self.folder)
        self._shown: dict[Any, Record | New] = {}
        self.drawn: dict[tuple[str, int], New] = {}
        # The cell from which on the order of drawings is unknown.
        self._unordered = ""

    def mark_order_unknown(self, cell: CodeCell) -> None:
        """Mark the order of drawings as unknown from this cell on."""
        self._unordered = self._unordered or phrase("cli.cell", position=cell.position)

    def options(self, magic: str, line: Line, prompt: str) -> Options:
        """Build a magic's options."""
        place = Place(KnownNames(self), self.settings, self.history, self.folder)
        return options_of_line(magic, line, prompt, place)[0]

    def request(self, options: Options, cell: CodeCell) -> Request:
        """Plan the request that the session would send."""
        return wait_for(plan(options, settings=self.settings, reader=HashReader(self, cell)))

    def embedded(self, name: str) -> bool:
        """Return whether the embedded endpoint would draw."""
        settings = self.settings
        named = settings.endpoint, settings.endpoints, settings.base_url
        try:
            resolved = find_endpoint(name, settings=self.plain_settings, folder=self.folder)
        except SettingsError:
            # Recorded drawings need no endpoint.
            return False
        return resolved.endpoint.embedded and ("embedded" in (name, named[0]) or not self.with_key)

    # References

    def drawing(self, text: str) -> tuple[Record, int]:
        """Return the drawing that ``@3`` or ``@-1`` would mean at this point of the run."""
        number, index = numbers_of(text)
        if number > 0:
            match = next((r for r in self.records if r.number == number), None)
            if match is None and self._unordered:
                raise Undecidable(
                    "unknown", phrase("cli.may_come_from", text=text, unordered=self._unordered)
                )
            for item in self._shown.values():
                if match is None and isinstance(item, New) and item.number == number:
                    self.depends_on(item)
            if match is None:
                raise HistoryError(phrase("cli.no_drawing", number=number))
            return match, index
        if self._unordered:
            raise Undecidable(
                "unknown", phrase("cli.depends_on", text=text, unordered=self._unordered)
            )
        shown = {item.id for item in self._shown.values() if not isinstance(item, New)}
        order: list[Record | New] = [r for r in self.records if r.id not in shown]
        order += self._shown.values()
        if -number > len(order):
            raise HistoryError(phrase("cli.no_drawing", number=number))
        item = order[number]
        if isinstance(item, New):
            self.depends_on(item)
        return item, index

    def depends_on(self, new: New) -> NoReturn:
        """Raise ``Undecidable`` for a request that depends on a picture not drawn yet."""
        if new.kind != "draw":
            raise Undecidable("unknown", phrase("cli.depends_on_cell", cell=new.cell))
        after = phrase("cli.with_new", cell=new.cell)
        if self.embedded(""):
            raise Undecidable("free", phrase("cli.free_after", after=after))
        raise Undecidable("sent", phrase("cli.sent_after", after=after))

    def shown_requests(self) -> set[str]:
        """Return the ``request_names`` of the recorded drawings shown so far."""
        shown = (item for item in self._shown.values() if not isinstance(item, New))
        return {name for record in shown for name in request_names(record)}

    # Results

    def new(self, cell: CodeCell, kind: Kind, before: Sequence[Record | New] = ()) -> New:
        """Return the drawing that a request would make."""
        known = [*self._shown.values(), *self.records, *before]
        number = 1 + max((item.number for item in known), default=0)
        return New(cell=cell.position, kind=kind, number=number)

    def show(self, takes: list[Record | New], *names: str) -> None:
        """Mark drawings as shown, and bind them to names."""
        for item in takes:
            key = object() if isinstance(item, New) else item.id
            self._shown.pop(key, None)
            self._shown[key] = item
        for name in names:
            if name:
                self.scope.drop(name)
                self.scope.drawings[name] = True
                self.bound[name] = takes


async def _fetch_unknown(url: str) -> bytes:
    raise Undecidable("unknown", phrase("cli.fetched", url=printable(url)[:60]))


def _history(path: Path) -> History:
    """Open a notebook's history, or its original's if it is a copy that has not been run."""
    try:
        return open_history(path)
    except HistoryError:
        original = original_of(NotebookFile(path)) if path.is_file() else None
        return History(Store(original or path.with_suffix(".draws"), read_only=True))


def reference_of(
    record: Record, info: PictureInfo, *, source: str, lineage: str = "", relative: bool = False
) -> Reference:
    """Build a reference to a recorded picture by its hash, which is all a fingerprint needs."""
    return Reference(
        data=b"",
        info=info,
        source=source,
        drawing=record.id,
        lineage=lineage,
        relative=relative,
    )


def picture_of(record: Record, index: int) -> PictureInfo:
    """Return a picture of a drawing by its number, from 1 on.

    Raises:
        HistoryError: The drawing has no such picture.
    """
    if not 1 <= index <= len(record.pictures):
        raise HistoryError(phrase("cli.no_picture", number=record.number, index=index))
    return record.pictures[index - 1]
