"""The history as thumbnails, as many as can be seen."""

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
from nbext.messages.say import language_of
from nbext.panel.base import BaseWidget, asset
from nbext.panel.thumbnails import THUMB, Smaller, get_ready
from nbext.session.current import current_session, shell_of_process
from nbext.util.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.data.record import Record
    from nbext.drawings.drawing import Drawing
    from nbext.drawings.history import History

# Few, so that the first ones are seen at once.
BATCH = 3
MAX_WANTED = 400
MAX_SEARCHES = 8
MAX_MODELS = 200
MAX_TAGS = 200
# A page of more is not pleasant to download through a notebook.
EXPORT_BYTES = 60 << 20


class Gallery(BaseWidget):
    """Shows a history, newest first; only what is visible is sent to the page.

    The panel's history, and a widget of its own wherever anywidgets are shown: Jupyter, Voilà,
    marimo.

    Args:
        smaller: Makes the thumbnails; its own by default.
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
        *("count", "count_one", "none", "none_found", "export", "export_hint"),
    )
    history: Any = AnyTrait()
    chosen: Any = AnyTrait()
    number: Any = Int(0).tag(sync=True)
    compact: Any = Bool(default_value=False).tag(sync=True)
    size: Any = Int(104).tag(sync=True)
    alone: Any = Bool(default_value=True).tag(sync=True)

    def __init__(self, *, smaller: Smaller | None = None, **traits: Any) -> None:
        alone = traits.setdefault("alone", smaller is None)
        if alone:
            # What the panel's parts have in common comes with the panel's pulse.
            traits["_css"] = f"{asset('heartbeat.css')}\n{asset('gallery.css')}"
        if "history" not in traits:
            traits["history"] = current_session().history
        self._smaller = smaller or Smaller(1)
        self._lock = threading.RLock()
        self._found: OrderedDict[Any, list[str]] = OrderedDict()
        self.download: Callable[[str, bytes, str], None] | None = None
        self.too_large: Callable[[Path], None] | None = None
        self.current = ""
        self._seen: Any = None
        super().__init__(**traits)
        self.handlers |= {
            "find": self._find,
            "want": self._want,
            "open": self._open,
            "export": self._export,
        }
        self.observe(self._other_history, "history")
        self.observe(self._numbered, "number")
        self._numbered(None)
        if alone:
            self._smaller.later(get_ready)

    def refresh(self) -> None:
        """Look at the history again."""
        self._seen = self._stamp()
        self.tell("changed")

    def catch_up(self) -> None:
        """Look at the history again where others have written: cells, another panel or kernel."""
        if self._stamp() != self._seen:
            self.refresh()

    def _stamp(self) -> Any:
        """Say what changes with the history's file, without reading it."""
        with contextlib.suppress(OSError, AttributeError):
            path = self.history.store.folder / "history.jsonl"
            stat = path.stat()
            return path, stat.st_size, stat.st_mtime_ns
        return None

    def mark(self, drawing: Drawing | None) -> None:
        """Mark the drawing that is shown elsewhere."""
        self.current = drawing.id if drawing is not None else ""
        self.tell("current", id=self.current)

    def _other_history(self, _: Any) -> None:
        self.chosen, self.number = None, 0
        self.refresh()

    def _numbered(self, _: Any) -> None:
        """Choose the drawing of the number, where there is one."""
        found = None
        if self.number > 0 and self.history is not None:
            with contextlib.suppress(HistoryError):
                found = self.history[self.number]
        self.chosen = found
        if self.alone:
            self.mark(self.chosen)

    def _find(self, asked: dict[str, Any], _: list[bytes]) -> None:
        self._listen(asked.get("language"))
        history: History | None = self.history
        records = history.store.records() if history is not None else []
        found = list(records)
        if history is not None and any(
            asked.get(key) for key in ("text", "model", "tag", "starred", "since", "until")
        ):
            found = [drawing.record for drawing in _search(history, asked)]
        ids = [record.id for record in reversed(found)]
        with self._lock:
            self._found[asked.get("turn")] = ids
            while len(self._found) > MAX_SEARCHES:
                self._found.popitem(last=False)
        models = sorted({record.model for record in records})[:MAX_MODELS]
        tags = sorted({tag for record in records for tag in tags_of(record.changes)})[:MAX_TAGS]
        self.tell(
            "found",
            turn=asked.get("turn"),
            total=len(ids),
            all=len(records),
            models=models,
            tags=tags,
        )
        self.tell("current", id=self.current)

    def _listen(self, language: Any) -> None:
        """Speak the browser's language; the panel does that for its own."""
        if not self.alone or not isinstance(language, str):
            return
        wanted = language_of(get_settings(shell_of_process()).language, language[:40])
        if wanted != self.language:
            self.speak(wanted)

    def _want(self, asked: dict[str, Any], _: list[bytes]) -> None:
        turn, indices = asked.get("turn"), asked.get("indices")
        if not isinstance(indices, list):
            return
        indices = [i for i in indices[:MAX_WANTED] if isinstance(i, int)]
        for at in range(0, len(indices), BATCH):
            batch = indices[at : at + BATCH]
            self._smaller.later(lambda batch=batch: self._thumbs(turn, batch))  # type: ignore[misc]

    def _thumbs(self, turn: Any, indices: list[int]) -> None:
        with self._lock:
            ids = self._found.get(turn)
        if ids is None or self.history is None:
            return
        store = self.history.store
        items, buffers = [], []
        for index in indices:
            record = store.record(ids[index]) if 0 <= index < len(ids) else None
            if record is None:
                continue
            items.append(_about(record, index))
            thumb = b""
            if record.pictures:
                first = record.pictures[0]
                thumb = self._smaller.make(store, first.sha256, first.media_type, THUMB)
            buffers.append(thumb)
        self.tell("thumbs", buffers, turn=turn, items=items)

    def _open(self, asked: dict[str, Any], _: list[bytes]) -> None:
        found = self.history.by_ids([str(asked.get("id"))]) if self.history is not None else []
        if found:
            self.chosen = None
            self.chosen = found[0]
            if self.alone:
                self.mark(self.chosen)

    def _export(self, _: dict[str, Any], __: list[bytes]) -> None:
        self._smaller.later(self._guarded)

    def _guarded(self) -> None:
        try:
            self.export()
        except Exception as error:  # a worker's errors are shown in the panel
            if self.failed is None:
                raise
            self.failed(error)

    def export(self) -> None:
        """Write the history as one page and hand it to the page that asked.

        Raises:
            OptionError: There is no history, or nobody to hand it to.
        """
        if self.history is None or self.download is None:
            raise OptionError("There is nothing to export here.")
        stem = self.history.store.folder.stem
        with tempfile.TemporaryDirectory() as folder:
            store = self.history.store
            total = sum(info.size for record in store.records() for info in record.pictures)
            if total > EXPORT_BYTES:
                beside = store.folder.with_name(f"{stem}.html")
                written = self.history.to_html(beside, overwrite=True)
                if self.too_large is not None:
                    self.too_large(written)
                return
            written = self.history.to_html(Path(folder) / f"{stem}.html", embed=True)
            data = written.read_bytes()
        self.download(f"{stem}.html", data, "text/html")


def _search(history: History, asked: dict[str, Any]) -> list[Drawing]:
    return history.search(
        str(asked.get("text") or "")[:400],
        model=str(asked.get("model") or ""),
        tag=str(asked.get("tag") or ""),
        starred=True if asked.get("starred") else None,
        since=str(asked["since"]) if asked.get("since") else None,
        until=str(asked["until"]) if asked.get("until") else None,
    )


def _about(record: Record, index: int) -> dict[str, Any]:
    failed = record.error.type if record.error else ""
    prompt = printable(record.prompt[:300])
    return {
        "index": index,
        "id": record.id,
        "number": record.number,
        "name": f"@{record.number}",
        "prompt": prompt,
        "title": f"@{record.number} · {printable(record.model)}\n{prompt}",
        "starred": record.changes.get("star") is True,
        "failed": failed,
    }
