"""What stands under the cell: progress that becomes the caption, and the picture.

A picture is never in ``text/html``; the little HTML here holds words only, every one escaped.
"""

from __future__ import annotations

import asyncio
import re
import sys
import threading
import time
from html import escape
from typing import TYPE_CHECKING, Any

import pybase64

from nbext.display.caption import caption
from nbext.display.mimebundle import SHOWN, bundle, details, sheet_bundle
from nbext.display.video import film_data
from nbext.errors import NbextError
from nbext.wire import events

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbext.config.settings import Nbext
    from nbext.data.picture import PictureInfo
    from nbext.display.item import Item

# A server drops above 1,000 messages a second, and eyes see ten.
SECONDS_BETWEEN_UPDATES = 0.1
TICK = 0.5
# Previews go over the wire each time; a large one would hold up the picture itself.
PREVIEW_LIMIT = 2_000_000

_MUTED = "color:var(--jp-ui-font-color2,var(--vscode-descriptionForeground,#616161))"
_FONT = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px;line-height:1.6"
_TRACK = "background:var(--jp-layout-color3,var(--vscode-editorWidget-border,#bdbdbd))"
_BAR = "background:var(--jp-brand-color1,var(--vscode-progressBar-background,#1976d2))"


class Take:
    """How far one take is."""

    def __init__(self) -> None:
        self.words = ""
        self.percent: float | None = None
        self.drawing: Item | None = None

    def follow(self, event: events.Event) -> None:
        """Take over what an event says."""
        if isinstance(event, events.Progress):
            self.words = tidy(event.words)
            self.percent = event.percent if event.percent is not None else self.percent
        elif isinstance(event, events.Job):
            self.words = tidy(event.message or event.status)
            self.percent = event.percent if event.percent is not None else self.percent
        elif isinstance(event, events.Reasoning):
            self.words = "thinking"

    def said(self) -> str:
        """Say how far it is in words; nothing where they would only repeat the percentage."""
        if self.drawing is not None:
            return "failed" if self.drawing.record.error else "done"
        words = self.words or "sending"
        return "" if re.fullmatch(r"[\d.]+ ?%", words) else words


def tidy(words: str, limit: int = 100) -> str:
    """Make one short printable line of what an endpoint says."""
    line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def progress_html(model: str, takes: list[Take], elapsed: float) -> str:
    """Draw the bar, the words and the seconds."""
    rows = []
    for number, take in enumerate(takes, start=1):
        words = take.said()
        label = f"{number}/{len(takes)} · " if len(takes) > 1 else ""
        done = 100.0 if take.drawing is not None else take.percent
        rows.append(
            f'<div style="display:flex;align-items:center;gap:10px;{_FONT};{_MUTED}">'
            f"{_bar(done)}<span>{label}{escape(words)}</span></div>"
        )
    head = f"{escape(model)} · {elapsed:.0f} s"
    return (
        f'<div role="status" style="padding:2px 0"><div style="{_FONT};{_MUTED}">{head}</div>'
        f"{''.join(rows)}</div>"
    )


def _bar(percent: float | None) -> str:
    if percent is None:
        return f'<span style="width:8px;height:8px;border-radius:4px;{_BAR};opacity:.6"></span>'
    width = min(max(percent, 0.0), 100.0)
    return (
        f'<span role="progressbar" aria-valuenow="{width:.0f}" aria-valuemin="0" '
        f'aria-valuemax="100" style="display:inline-block;width:180px;height:6px;'
        f'border-radius:3px;overflow:hidden;{_TRACK}"><span style="display:block;height:100%;'
        f'width:{width:.0f}%;{_BAR}"></span></span><span style="font-variant-numeric:'
        f'tabular-nums;min-width:3em">{width:.0f} %</span>'
    )


def progress_text(model: str, takes: list[Take], elapsed: float) -> str:
    """Say the same in plain words."""
    said = []
    for take in takes:
        under_way = take.percent is not None and take.drawing is None
        percent = f"{take.percent:.0f} % " if under_way else ""
        said.append(f"{percent}{take.said()}".strip())
    return f"{model} · {elapsed:.0f} s · {' | '.join(said)}"


def caption_data(captions: list[str]) -> dict[str, str]:
    """Make a caption's bundle, one line each."""
    lines = "".join(f"<div>{escape(caption)}</div>" for caption in captions)
    return {
        "text/plain": "\n".join(captions),
        "text/html": f'<div style="{_FONT};{_MUTED};padding:2px 0">{lines}</div>',
    }


def _nothing(sha256: str) -> bytes:
    raise NbextError(f"The preview {sha256[:12]} cannot be read.")


class CellView:
    """Looks on while takes are drawn, and shows it under the cell.

    Args:
        model: As asked.
        takes: How many.
        chosen: The settings.

    Attributes:
        read: Reads the bytes of a preview by its sha256; set by whoever has the history.
    """

    def __init__(self, model: str, takes: int, chosen: Nbext) -> None:
        self.read: Callable[[str], bytes] = _nothing
        self.model = model
        self.takes = [Take() for _ in range(takes)]
        self.chosen = chosen
        self.began = time.monotonic()
        self._updated = 0.0
        self._handle: Any = None
        self._place: Any = None
        self._lock = threading.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    # On the background loop

    def event(self, take: int, event: events.Event) -> None:
        """Show what has changed, at most ten times a second."""
        self.takes[take].follow(event)
        if isinstance(event, events.Inline) and event.partial and len(self.takes) == 1:
            self._preview(event.picture)
        self._soon()

    def done(self, take: int, drawing: Item) -> None:
        """Remember how a take ended; the cell shows it when all have."""
        self.takes[take].drawing = drawing
        if not drawing.replayed:
            self._soon()

    def _preview(self, info: PictureInfo) -> None:
        """Show a picture while it is being made, in the place where it will stand."""
        from IPython.display import display

        if info.media_type not in ("image/png", "image/jpeg") or info.size > PREVIEW_LIMIT:
            return
        try:
            data = self.read(info.sha256)
        except NbextError:
            return
        encoded = pybase64.b64encode(data).decode("ascii")
        bundle_ = {info.media_type: encoded, "text/plain": "preview"}
        metadata = {info.media_type: {"width": min(info.width, SHOWN)}}
        if self._place is None:
            self._place = display(bundle_, metadata=metadata, raw=True, display_id=True)
        else:
            self._place.update(bundle_, metadata=metadata, raw=True)

    def _soon(self) -> None:
        wait = self._updated + SECONDS_BETWEEN_UPDATES - time.monotonic()
        if wait <= 0:
            self._update()
            wait = TICK
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(wait, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self._over:
            return
        self._update()
        if not all(take.drawing is not None for take in self.takes):
            self._timer = asyncio.get_running_loop().call_later(TICK, self._tick)

    def _update(self) -> None:
        self._updated = time.monotonic()
        if self.chosen.progress:
            elapsed = self._updated - self.began
            self._put(
                {
                    "text/plain": progress_text(self.model, self.takes, elapsed),
                    "text/html": progress_html(self.model, self.takes, elapsed),
                }
            )

    def _put(self, data: dict[str, str], *, last: bool = False) -> None:
        from IPython.display import display

        with self._lock:
            if self._over and not last:
                return
            self._over = last
            if self._handle is None:
                self._handle = display(data, raw=True, display_id=True)
            else:
                self._handle.update(data, raw=True)

    # In the cell

    def caption(self, drawings: Sequence[Item]) -> None:
        """Turn progress into the caption."""
        self._put(
            caption_data([caption(item.record, replayed=item.replayed) for item in drawings]),
            last=True,
        )

    def reserve(self) -> None:
        """Keep the places of caption and picture, for when the cell has ended before them."""
        from IPython.display import display

        self._update()
        self._place = display({"text/plain": ""}, raw=True, display_id=True)

    def finish(self, drawings: Sequence[Item]) -> None:
        """Turn progress into the caption, and show the picture or the contact sheet."""
        self.caption(drawings)
        self.show(drawings)

    def ended(self) -> list[Item]:
        """Give the takes that have ended, well or not."""
        return [take.drawing for take in self.takes if take.drawing is not None]

    def fail(self, error: BaseException | None = None) -> None:
        """Leave a caption that says how it ended, and the takes that did succeed.

        Args:
            error: Said in the caption, where no cell is there to raise it.
        """
        ended = self.ended()
        if ended and error is None:
            self.finish(ended)
        elif self._handle is not None:
            if self._place is not None:
                self._place.update({"text/plain": ""}, raw=True)
            said = tidy(str(error), 500) if error is not None else "interrupted"
            self._put(caption_data([f"{self.model} · {said}"]), last=True)

    def show(self, drawings: Sequence[Item]) -> None:
        """Show films, and of drawings without one the picture or the contact sheet."""
        from IPython.display import display

        for drawing in drawings:
            for film in drawing.record.films:
                data = film_data(film, drawing, self.chosen.inline_limit)
                display(data, metadata={"nbext": details(drawing.record)}, raw=True)
        drawings = [d for d in drawings if d.record.pictures and not d.record.films]
        if not drawings:
            return
        limit = self.chosen.inline_limit
        if len(drawings) == 1:
            data, metadata = bundle(drawings[0], inline_limit=limit)
        else:
            data, metadata = sheet_bundle(drawings, inline_limit=limit)
        if self._place is not None:
            self._place.update(data, metadata=metadata, raw=True)
        else:
            display(data, metadata=metadata, raw=True)


class TerminalView(CellView):
    """The same in a terminal: one line that moves, then the caption and the picture's path."""

    def _preview(self, info: PictureInfo) -> None:
        """Show none: a terminal has no place for it."""

    def reserve(self) -> None:
        """Keep nothing: in a terminal the caption comes when it comes."""

    def _put(self, data: dict[str, str], *, last: bool = False) -> None:
        with self._lock:
            if self._over and not last:
                return
            self._over = last
            text = data["text/plain"]
            if last:
                blank = "\r\x1b[K" if sys.stderr.isatty() else ""
                print(f"{blank}{text}", flush=True)
            elif sys.stderr.isatty():
                print(f"\r\x1b[K{text[:100]}", end="", file=sys.stderr, flush=True)

    def show(self, drawings: Sequence[Item]) -> None:
        """Say where the pictures are."""
        for drawing in drawings:
            for info in (*drawing.record.pictures, *drawing.record.films):
                print(f"  {drawing.store.path(info.sha256)}")


def view_for(shell: Any, model: str, takes: int, chosen: Nbext) -> CellView:
    """Choose the view: under the cell where there is a kernel, else in the terminal."""
    kernel = shell is not None and getattr(shell, "kernel", None) is not None
    return (CellView if kernel else TerminalView)(model, takes, chosen)
