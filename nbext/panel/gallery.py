"""Show the history as thumbnails."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Any as AnyTrait
from traitlets import Bool, Int

from nbext.config.loading import get_settings
from nbext.data.record import tags_of
from nbext.errors import HistoryError, OptionError
from nbext.messages.say import language_of, outcome, phrase, use_language
from nbext.panel.base import BaseWidget, PublicWidget, asset
from nbext.panel.thumbnails import THUMB, Thumbnails
from nbext.session.current import current_session, shell_of_process
from nbext.util.suggest import Suggesting
from nbext.util.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbext.data.record import Record
    from nbext.drawings.drawing import Drawing, Drawings
    from nbext.drawings.history import History
    from nbext.store.store import Store

# Few; the first ones come one by one, so that they are seen at once.
BATCH = 3
# Made before a page asks.
FIRST = 12
MAX_WANTED = 400
MAX_SEARCHES = 8
MAX_PICKED = 1000
MAX_MODELS = 200
MAX_TAGS = 200
# A page of more is not pleasant to download through a notebook.
EXPORT_BYTES = 60 << 20


class Gallery(Suggesting, PublicWidget, BaseWidget):
    """Shows a history, newest first; only what is visible is sent to the page.

    The panel's history, and a widget of its own wherever anywidgets are shown: Jupyter, Voilà,
    marimo.

    Args:
        thumbnails: Makes the thumbnails; its own by default.
        **traits: Those below.

    Attributes:
        history: This notebook's by default; another's too: ``nbext.open("paper.ipynb")``.
        chosen: The drawing that was clicked, None before.
        number: Its number, 0 before; assign one to choose it.
        compact: One row that scrolls sideways.
        size: Of a thumbnail, in pixels.

    Example:
        >>> from nbext.panel import Gallery
        >>> gallery = Gallery()  # doctest: +SKIP
        >>> gallery.observe(lambda _: print(gallery.chosen), "chosen")  # doctest: +SKIP

        In marimo, where cells that use ``picked`` run again at each click:

        >>> picked = mo.ui.anywidget(Gallery())  # doctest: +SKIP
        >>> picked.chosen.image if picked.chosen else "Choose one"  # doctest: +SKIP
    """

    _esm = asset("gallery.js")
    _css = asset("gallery.css")
    uses = (
        *("history", "search", "all_models", "all_tags", "starred", "since", "until"),
        *("count", "count_one", "none", "none_found", "export", "export_hint", "exporting"),
        *("exported", "exported_beside", "picked", "picked_clear", "export_picked", "pick_hint"),
        *("reference", "compare", "star"),
    )
    arguments = ("history", "chosen", "number", "compact", "size", "language", "layout")
    history: Any = AnyTrait()
    chosen: Any = AnyTrait()
    number: Any = Int(0).tag(sync=True)
    compact: Any = Bool(default_value=False).tag(sync=True)
    size: Any = Int(104).tag(sync=True)
    alone: Any = Bool(default_value=True).tag(sync=True)

    def __init__(self, *, thumbnails: Thumbnails | None = None, **traits: Any) -> None:
        self.check_arguments(traits)
        alone = traits.setdefault("alone", thumbnails is None)
        if alone:
            # What the parts have in common comes with the panel.
            traits["_css"] = f"{asset('panel.css')}\n{asset('gallery.css')}"
        if "history" not in traits:
            traits["history"] = current_session().history
        self._thumbnails = thumbnails or Thumbnails(1)
        self._lock = threading.RLock()
        self._matches: OrderedDict[Any, list[str]] = OrderedDict()
        self.download: Callable[[str, bytes, str], None] | None = None
        # Does something with the drawings that are selected, by the name of a button.
        self.act: Callable[[str, Drawings], None] | None = None
        # Is called when a page has what it shows first.
        self.answered: Callable[[], None] = lambda: None
        self.current = ""
        self._seen: Any = None
        super().__init__(**traits)
        self.handlers |= {
            "find": self._find,
            "want": self._want,
            "open": self._open,
            "export": self._export,
            "several": self._several,
        }
        self.observe(self._other_history, "history")
        self.observe(self._numbered, "number")
        self._numbered(None)
        if alone:
            self.prepare(self.history)

    def prepare(self, history: History | None) -> None:
        """Make the thumbnails that the page will probably need first.

        Args:
            history: The one that will be shown.
        """
        if history is None:
            return
        records = iter(history.store.latest(FIRST))
        for _ in range(self._thumbnails.workers):
            self._thumbnails.later(lambda: self._ready(history.store, records))

    def _ready(self, store: Store, records: Iterator[Record]) -> None:
        """Make one of the thumbnails; the next one follows after the page's own requests."""
        record = next(records, None)
        if record is not None:
            self._thumb(store, record)
            self._thumbnails.later(lambda: self._ready(store, records))

    def refresh(self) -> None:
        """Read the history again."""
        self._seen = self._stamp()
        self.tell("changed")

    def catch_up(self) -> None:
        """Read the history again if cells, another panel or another kernel have written to it."""
        if self._stamp() != self._seen:
            self.refresh()

    def _stamp(self) -> Any:
        """Return a value that changes with the history's file, without reading it."""
        with contextlib.suppress(OSError, AttributeError):
            path = self.history.store.folder / "history.jsonl"
            stat = path.stat()
            return path, stat.st_size, stat.st_mtime_ns
        return None

    def mark(self, drawing: Drawing | None) -> None:
        """Highlight the drawing that is shown elsewhere."""
        self.current = drawing.id if drawing is not None else ""
        self.tell("current", id=self.current)

    def _other_history(self, _: Any) -> None:
        self.chosen, self.number = None, 0
        self.refresh()

    def _numbered(self, _: Any) -> None:
        """Select the drawing with a number, if it exists."""
        matches = None
        if self.number > 0 and self.history is not None:
            with contextlib.suppress(HistoryError):
                matches = self.history[self.number]
        self.chosen = matches
        if self.alone:
            self.mark(self.chosen)

    def _find(self, content: dict[str, Any], _: list[bytes]) -> None:
        self._listen(content.get("language"))
        history: History | None = self.history
        records = history.store.records() if history is not None else []
        matches = list(records)
        if history is not None and any(
            content.get(key) for key in ("text", "model", "tag", "starred", "since", "until")
        ):
            matches = [drawing.record for drawing in _search(history, content)]
        ids = [record.id for record in reversed(matches)]
        with self._lock:
            self._matches[content.get("turn")] = ids
            while len(self._matches) > MAX_SEARCHES:
                self._matches.popitem(last=False)
        models = sorted({record.model for record in records})[:MAX_MODELS]
        tags = sorted({tag for record in records for tag in tags_of(record.changes)})[:MAX_TAGS]
        self.tell(
            "matches",
            turn=content.get("turn"),
            total=len(ids),
            all=len(records),
            models=models,
            tags=tags,
        )
        self.tell("current", id=self.current)
        # What the page can see, without its asking again.
        self._want(content | {"indices": _seen(content, len(ids))}, [])
        self.answered()

    def _listen(self, language: Any) -> None:
        """Follow the browser's language; in a panel, the panel does that."""
        if not self.alone or not isinstance(language, str):
            return
        setting = get_settings(shell_of_process()).language
        use_language(setting, language[:40])
        wanted = language_of(setting, language[:40])
        if wanted != self.language:
            self.speak(wanted)

    def _want(self, content: dict[str, Any], _: list[bytes]) -> None:
        turn, indices = content.get("turn"), content.get("indices")
        if not isinstance(indices, list):
            return
        indices = [i for i in indices[:MAX_WANTED] if isinstance(i, int)]
        ready = self._at_hand(turn, indices)
        self._thumbs(turn, indices[:ready])
        alone = range(ready, min(ready + self._thumbnails.workers, len(indices)))
        rest = range(alone.stop, len(indices), BATCH)
        for batch in (*([indices[at]] for at in alone), *(indices[at : at + BATCH] for at in rest)):
            self._thumbnails.later(lambda batch=batch: self._thumbs(turn, batch))  # type: ignore[misc]

    def _matches_at(self, turn: Any, indices: list[int]) -> Iterator[tuple[int, Store, Record]]:
        """Return the records of a search at some positions, as far as they exist."""
        with self._lock:
            ids = self._matches.get(turn)
        if ids is None or self.history is None:
            return
        store = self.history.store
        for index in indices:
            record = store.record(ids[index]) if 0 <= index < len(ids) else None
            if record is not None:
                yield index, store, record

    def _at_hand(self, turn: Any, indices: list[int]) -> int:
        """Count how many of the first thumbnails are ready or not needed."""
        count = 0
        for _, _, record in self._matches_at(turn, indices):
            if record.pictures and not self._thumbnails.has(record.pictures[0].sha256, THUMB):
                break
            count += 1
        return count

    def _thumbs(self, turn: Any, indices: list[int]) -> None:
        items, buffers = [], []
        for index, store, record in self._matches_at(turn, indices):
            items.append(_about(record, index))
            buffers.append(self._thumb(store, record))
        if items:
            self.tell("thumbs", buffers, turn=turn, items=items)

    def _thumb(self, store: Store, record: Record) -> bytes:
        """Return a drawing's thumbnail, empty without a picture."""
        if not record.pictures:
            return b""
        first = record.pictures[0]
        return self._thumbnails.make(store, first.sha256, first.media_type, THUMB)

    def _open(self, content: dict[str, Any], _: list[bytes]) -> None:
        matches = self.history.by_ids([str(content.get("id"))]) if self.history is not None else []
        if matches:
            self.chosen = None
            self.chosen = matches[0]
            if self.alone:
                self.mark(self.chosen)

    def _several(self, request: dict[str, Any], _: list[bytes]) -> None:
        """Run a button's action on the selected drawings."""
        ids = request.get("ids")
        if not isinstance(ids, list) or self.history is None:
            return
        drawings = self.history.by_ids([str(one) for one in ids[:MAX_PICKED]])
        name = str(request.get("name"))
        if name == "export":
            chosen = {drawing.id for drawing in drawings}
            self._thumbnails.later(lambda: self._guarded(chosen))
        elif self.act is not None:
            self.act(name, drawings)

    def _export(self, _: dict[str, Any], __: list[bytes]) -> None:
        self._thumbnails.later(self._guarded)

    def _guarded(self, ids: set[str] | None = None) -> None:
        try:
            self.export(ids)
        except Exception as error:  # a worker's errors are shown in the panel
            self.tell("export", state="failed")
            if self.failed is None:
                raise
            self.failed(error)

    def export(self, ids: set[str] | None = None) -> None:
        """Write the history as one page and send it to the page that requested it.

        Args:
            ids: The drawings to write; by default all.

        Raises:
            OptionError: There is no history, or no page to send it to.
        """
        from nbext.export.gallery.page import write_html

        if self.history is None or self.download is None:
            raise OptionError(phrase("panel.nothing_to_export"))
        store = self.history.store
        stem = store.folder.stem if ids is None else f"{store.folder.stem}-selection"
        records = [record for record in store.records() if ids is None or record.id in ids]
        total = sum(info.size for record in records for info in record.pictures)
        shared = {
            "picture_path": store.path,
            "title": store.folder.stem,
            "overwrite": True,
            "progress": self._tell_progress,
        }
        self._tell_progress(0, len(records))
        if total > EXPORT_BYTES:
            written = write_html(records, store.folder.with_name(f"{stem}.html"), **shared)
            self.tell("export", state="beside", name=written.name)
            return
        with tempfile.TemporaryDirectory() as folder:
            written = write_html(records, Path(folder) / f"{stem}.html", embed=True, **shared)
            data = written.read_bytes()
        self.tell("export", state="ready", name=written.name)
        self.download(written.name, data, "text/html")

    def _tell_progress(self, done: int, total: int) -> None:
        """Show how many drawings have been written."""
        self.tell("export", state="running", done=done, total=total)


def _seen(content: dict[str, Any], total: int) -> list[int]:
    """Return which drawings a page shows, within their number."""
    first, last = content.get("first"), content.get("last")
    if not (isinstance(first, int) and isinstance(last, int)):
        return []
    return list(range(max(0, first), min(last, total, first + MAX_WANTED)))


def _search(history: History, content: dict[str, Any]) -> list[Drawing]:
    return history.search(
        str(content.get("text") or "")[:400],
        model=str(content.get("model") or ""),
        tag=str(content.get("tag") or ""),
        starred=True if content.get("starred") else None,
        since=str(content["since"]) if content.get("since") else None,
        until=str(content["until"]) if content.get("until") else None,
    )


def _about(record: Record, index: int) -> dict[str, Any]:
    prompt = printable(record.prompt[:300])
    return {
        "index": index,
        "id": record.id,
        "number": record.number,
        "name": f"@{record.number}",
        "prompt": prompt,
        "title": f"@{record.number} · {printable(record.model)}\n{prompt}",
        "starred": record.changes.get("star") is True,
        "failure": outcome(record.error.type) if record.error is not None else "",
    }
