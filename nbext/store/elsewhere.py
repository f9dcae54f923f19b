"""Find a request in the histories near a notebook, before it is paid for.

A history in the notebook's folder counts if it holds the same request; one in a folder above,
beside or below only if the same cell sent it and its own notebook is gone, as after a move. One
anywhere else on this machine, which the user's catalog lists, counts if this notebook shows it, was
moved away from it, or is run by a program that knows only the code. Its drawings are adopted, with
hard links to the pictures, so that this history is complete.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from nbext.errors import NbextError
from nbext.messages.say import phrase
from nbext.notebook.file import TEXT_SUFFIXES, NotebookFile
from nbext.notebook.neighbours import beside, has_notebook, near
from nbext.notebook.running import is_running
from nbext.store.merge import named
from nbext.store.store import Store
from nbext.util.pattern import pattern
from nbext.util.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from nbext.data.record import Record
    from nbext.data.request import Request
    from nbext.store.catalog import Catalog

_NAMES = pattern(rb'"(?:fingerprint|exact)"\s*:\s*"([0-9a-f]{64})"')
# The form of notebooks' cell ids; other names, such as cell-1, occur in many notebooks.
_RANDOM = pattern("[0-9a-f-]{8,}")
# Two notebooks have a short prompt in common by chance, but not two prompts, or a long one.
_COMMON_PROMPTS = 2
_LONG_PROMPT = 60
# A notebook saved so soon after a drawing may not show it yet.
_SAVED_SECONDS = 2.0


class Elsewhere(Protocol):
    """Finds requests that the notebook's own history does not hold."""

    def alike(self, names: Collection[str], cell: str) -> Sequence[Record]:
        """Return the drawings of a request, by number; empty if there are none.

        Args:
            names: Its fingerprints.
            cell: The requesting cell, empty if unknown.
        """

    def shown(self, request: Request) -> str:
        """Return the drawing of a request that the notebook shows, but no history holds."""

    def shown_in(self, cell: str) -> Sequence[str]:
        """Return the ids of the drawings that the notebook's file shows below a cell, in order."""

    def shown_since(self, cell: str, time: float) -> Sequence[str]:
        """Return those that it showed when the kernel began, if it was saved after a time."""


class Neighbours:
    """The histories near a notebook, for reading.

    Args:
        store: The notebook's own store.
        notebook: The notebook, None if unknown.
        catalog: The user's histories.
        inputs: Returns the code that the kernel has run, empty if unknown.
    """

    def __init__(
        self,
        store: Store,
        notebook: Path | None,
        catalog: Catalog,
        *,
        inputs: Callable[[], list[str]] = list,
    ) -> None:
        self.store = store
        self.notebook = notebook
        self._catalog = catalog
        self._inputs = inputs
        self._far: dict[Path, None] = {}
        self._names: dict[tuple[Path, int, int], frozenset[str]] = {}
        self._near: list[Path] | None = None
        self._outputs: tuple[float, list[tuple[str, dict[str, object]]]] | None = None
        self._first_outputs: tuple[float, dict[str, list[str]]] | None = None

    def alike(self, names: Collection[str], cell: str) -> Sequence[Record]:
        """Return the successful drawings of a request, from the first history that holds any."""
        return next((records for _, records in self.holding(names, cell)), [])

    def holding(
        self, names: Collection[str], cell: str
    ) -> Iterator[tuple[Store, Sequence[Record]]]:
        """Yield the histories that hold a request, with its drawings; the same cell's first."""
        folder = self.notebook.absolute().parent if self.notebook else self.store.folder.parent
        others = beside(folder, but=self.store.folder)
        matches = [path for path in others if not self._held(path).isdisjoint(names)]
        other: list[Path] = []
        if not matches and _RANDOM.fullmatch(cell):
            if self._near is None:
                self._near = [path for path in near(folder) if not has_notebook(path)]
            other = [p for p in self._near if not self._held(p).isdisjoint(names)]
        results = []
        for path in (*matches, *other):
            store = Store(path, read_only=True)
            with contextlib.suppress(NbextError):
                records = store.with_fingerprints(*names)
                is_same_cell = bool(cell) and any(record.cell == cell for record in records)
                if any(map(_is_well, records)) and (is_same_cell or path in matches):
                    results.append((not is_same_cell, store, records))
        results.sort(key=lambda result: result[0])
        for _, store, records in results:
            yield store, records
        if not results:
            yield from self._far_away(names, cell)

    def _far_away(
        self, names: Collection[str], cell: str
    ) -> Iterator[tuple[Store, Sequence[Record]]]:
        """Yield the histories in any folder that are recognisably this notebook's."""
        for folder in self._catalog.holding(names):
            if folder == self.store.folder.absolute():
                continue
            store = Store(folder, read_only=True)
            with contextlib.suppress(NbextError):
                records = store.with_fingerprints(*names)
                if any(map(_is_well, records)) and self._is_own(store, records, cell):
                    self._far[folder] = None
                    yield store, records

    def _is_own(self, store: Store, records: Sequence[Record], cell: str) -> bool:
        """Return whether a far history is this notebook's."""
        if {about.get("id") for _, about in self._shown_drawings()} & {r.id for r in records}:
            return True
        has_id = _RANDOM.fullmatch(cell) is not None
        is_same_cell = has_id and any(record.cell == cell for record in records)
        if has_notebook(store.folder):
            # Its notebook is where it was: this is another one, or a program that runs that one.
            is_program = self.notebook is None and (is_same_cell or not has_id)
            return is_program and is_running(store.folder, self._inputs())
        if is_same_cell:
            return True
        text = self._text()
        drawings = filter(_is_well, store.records())
        prompts = {prompt for r in drawings if (prompt := (r.template or r.prompt).strip())}
        common = [prompt for prompt in prompts if prompt in text]
        return len(common) >= _COMMON_PROMPTS or any(len(p) >= _LONG_PROMPT for p in common)

    def _text(self) -> str:
        """Return the code of the notebook, or of the script, empty if it cannot be read."""
        path = self.notebook or self.store.folder.with_suffix(".py")
        with contextlib.suppress(OSError, NbextError):
            if path.suffix in TEXT_SUFFIXES:
                return path.read_text("utf-8", errors="replace")
            return "\n".join(cell.source for cell in NotebookFile(path).cells)
        return ""

    def _held(self, folder: Path) -> frozenset[str]:
        """Return the fingerprints in a history, read again if it has changed."""
        journal = folder / "history.jsonl"
        try:
            status = journal.stat()
            key = folder, status.st_size, status.st_mtime_ns
            if key not in self._names:
                data = journal.read_bytes()
                self._names[key] = frozenset(name.decode() for name in _NAMES.findall(data))
        except OSError:
            return frozenset()
        return self._names[key]

    def is_whole(self, sha256: str) -> bool:
        """Return whether a history beside the notebook has a picture intact."""
        folders = [*beside(self.store.folder.parent), *(self._near or []), *self._far]
        return any(Store(folder, read_only=True).is_whole(sha256) for folder in folders)

    def shown(self, request: Request) -> str:
        """Return the drawing of a request that the notebook shows, but its history lacks."""
        for _, about in self._shown_drawings():
            same = about.get("prompt") == request.prompt and about.get("model") == request.model
            if same and (about.get("parameters") or {}) == request.parameters():
                id_ = about.get("id")
                if isinstance(id_, str) and self.store.record(id_) is None:
                    return f"@{printable(str(about.get('number', '')))[:12]}"
        return ""

    def shown_in(self, cell: str) -> Sequence[str]:
        """Return the ids of the drawings that the notebook's file shows below a cell, in order."""
        outputs = (about.get("id") for id_, about in self._shown_drawings() if id_ == cell)
        return [id_ for id_ in outputs if isinstance(id_, str)]

    def shown_since(self, cell: str, time: float) -> Sequence[str]:
        """Return those that it showed when the kernel began, if it was saved after a time."""
        if self._first_outputs is None:
            shown: dict[str, list[str]] = {}
            for id_, about in self._shown_drawings():
                if isinstance(drawing := about.get("id"), str):
                    shown.setdefault(id_, []).append(drawing)
            self._first_outputs = self._outputs[0] if self._outputs else 0.0, shown
        saved, cells = self._first_outputs
        return cells.get(cell, ()) if saved > time + _SAVED_SECONDS else ()

    def _shown_drawings(self) -> list[tuple[str, dict[str, object]]]:
        """Return the metadata of the drawings in the notebook's outputs, with their cells."""
        if self.notebook is None:
            return []
        try:
            changed = self.notebook.stat().st_mtime
            if self._outputs is None or self._outputs[0] != changed:
                shown = [(cell.id, one) for cell, one in NotebookFile(self.notebook).shown()]
                self._outputs = changed, shown
        except (OSError, NbextError):
            return []
        return self._outputs[1]


class Adopter(Neighbours):
    """Adopts requested drawings from the histories near a notebook.

    Args:
        store: The notebook's own store.
        notebook: The notebook, None if unknown.
        tell: Called with a line about what was adopted.
        catalog: The user's histories.
        inputs: Returns the code that the kernel has run, empty if unknown.
    """

    def __init__(
        self,
        store: Store,
        notebook: Path | None,
        tell: Callable[[str], None],
        *,
        catalog: Catalog,
        inputs: Callable[[], list[str]] = list,
    ) -> None:
        super().__init__(store, notebook, catalog, inputs=inputs)
        self._tell = tell

    def alike(self, names: Collection[str], cell: str) -> Sequence[Record]:
        """Adopt the drawings of a request, with their parents, and return them.

        If this history is empty and the same cell sent the request, the whole history is adopted.
        """
        for other, records in self.holding(names, cell):
            is_copy = bool(cell) and any(record.cell == cell for record in records)
            all_ = other.records() if is_copy and not self.store.records() else records
            count = adopt(self.store, other, all_)
            if count:
                self._tell(adopted_words(self.store, other, count))
                return self.store.with_fingerprints(*names)
        return []


def adopted_words(ours: Store, theirs: Store, count: int) -> str:
    """Describe what was adopted from where."""
    is_beside = theirs.folder.absolute().parent == ours.folder.absolute().parent
    # The line is saved with the notebook: it need not hold the user's name.
    other = theirs.folder.name if is_beside else _from_home(theirs.folder)
    return phrase("replay.adopted", count=count, other=other, own=ours.folder.name)


def _from_home(path: Path) -> str:
    with contextlib.suppress(RuntimeError, ValueError):
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    return str(path)


def adopt(ours: Store, theirs: Store, records: Sequence[Record]) -> int:
    """Adopt drawings from another history, with all their parents.

    They keep their ids, and their numbers if these are free; pictures are linked or copied.

    Returns:
        The number of adopted drawings.
    """
    wanted: dict[str, Record] = {}
    queue = list(records)
    while queue:
        record = queue.pop()
        if record.id in wanted or ours.record(record.id) is not None:
            continue
        wanted[record.id] = record
        ids = [*record.parents, record.continues, *(item.drawing for item in record.references)]
        parents = (theirs.record(id_) for id_ in ids if id_)
        queue += [parent for parent in parents if parent is not None]
    if not wanted:
        return 0
    in_order = sorted(wanted.values(), key=lambda record: (record.number, record.started))
    for sha256 in named(in_order):
        path = theirs.path(sha256)
        if path is not None and not ours.has(sha256) and theirs.is_whole(sha256):
            ours.link(path, sha256)
    return len(ours.extend(in_order, own_numbers=True))


def _is_well(record: Record) -> bool:
    """Return whether it is a successful drawing of a model."""
    return record.type == "drawing" and record.error is None and not record.embedded
