"""Show progress under the cell, which becomes the caption, and the picture.

A picture is never in ``text/html``; the little HTML here holds words only, every one escaped.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pybase64

from nbext.data.picture import is_film
from nbext.display.caption import captions
from nbext.display.mimebundle import Bundle, bundle, details, sheet_bundle
from nbext.display.placeholder import placeholder
from nbext.display.progress import Take, caption_data, progress_html, progress_text, tidy
from nbext.display.show import file_lines, is_terminal
from nbext.display.video import SHOWN, film_data
from nbext.errors import NbextError
from nbext.messages.say import outcome, phrase
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


def _nothing(sha256: str) -> bytes:
    raise NbextError(phrase("view.preview_unreadable", sha256=sha256[:12]))


class CellView:
    """Shows takes under the cell while they are drawn.

    Args:
        model: As asked.
        takes: How many.
        chosen: The settings.
        ratio: The sides of the coming picture, if known.

    Attributes:
        read: Reads the bytes of a preview by its sha256; set by the session.
        prompt: The prompt, shown with the caption; empty if the cell shows it.
        is_saved: Whether what is shown is saved. Then it is the same each time, so that looking at
            a notebook does not change it; that it was replayed, the message says in passing.
    """

    is_saved = True

    def __init__(self, model: str, takes: int, chosen: Nbext, *, ratio: str = "") -> None:
        self.ratio = ratio
        self.prompt = ""
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
        self._has_result = False
        self._replayed: list[int] = []

    # On the background loop

    def event(self, take: int, event: events.Event) -> None:
        """Show changes, at most ten times a second."""
        self.takes[take].follow(event)
        if isinstance(event, events.Inline) and event.partial and len(self.takes) == 1:
            self._preview(event.picture)
        self._soon()

    def done(self, take: int, drawing: Item) -> None:
        """Remember a take's result; the cell shows it when all have ended."""
        self.takes[take].drawing = drawing
        if not drawing.replayed:
            self._soon()

    def _preview(self, info: PictureInfo) -> None:
        """Show an unfinished picture in the place of the final one."""
        if info.media_type not in ("image/png", "image/jpeg") or info.size > PREVIEW_LIMIT:
            return
        try:
            data = self.read(info.sha256)
        except NbextError:
            return
        if not self.chosen.progress:
            return
        encoded = pybase64.b64encode(data).decode("ascii")
        bundle_ = {info.media_type: encoded, "text/plain": "preview"}
        # As large as the picture will be: a preview often has fewer pixels.
        shown = round(SHOWN * info.width / (max(info.width, info.height) or SHOWN))
        metadata = {info.media_type: {"width": shown}}
        self._keep_place()
        with self._lock:
            if not self._over:
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
                    "text/html": progress_html(self.model, self.takes, elapsed, self.prompt),
                }
            )
            self._keep_place()

    def _keep_place(self) -> None:
        """Show an empty frame for the pictures, below the caption."""
        from IPython.display import display

        with self._lock:
            if self._place is None and not self._over:
                data, metadata = placeholder(self.ratio, len(self.takes))
                self._place = display(data, metadata=metadata, raw=True, display_id=True)

    def _put(self, data: dict[str, str], *, last: bool = False) -> None:
        from IPython.display import display

        with self._lock:
            if self._over and not last:
                return
            self._over = last
            transient = {"nbext": {"replayed": self._replayed}} if self._replayed else {}
            if self._handle is None:
                self._handle = display(data, raw=True, display_id=True, transient=transient)
            else:
                self._handle.update(data, raw=True, transient=transient)

    # In the cell

    def caption(self, drawings: Sequence[Item]) -> None:
        """Replace the progress by the caption."""
        lines = captions(drawings, replayed=not self.is_saved)
        prompts = [item.record.prompt for item in drawings] if self.prompt else []
        self._replayed = [item.record.number for item in drawings if item.replayed]
        self._put(caption_data(lines, prompts), last=True)

    def reserve(self) -> None:
        """Create the outputs of caption and picture, in case the cell ends before them."""
        from IPython.display import display

        self._update()
        if self._handle is None:
            self._handle = display({"text/plain": ""}, raw=True, display_id=True)
        self._keep_place()

    def finish(self, drawings: Sequence[Item]) -> None:
        """Replace the progress by the caption, and show the picture or the contact sheet."""
        self.caption(drawings)
        self.show(drawings)

    def ended(self) -> list[Item]:
        """Return the takes that have ended, with or without success."""
        return [take.drawing for take in self.takes if take.drawing is not None]

    def fail(self, error: BaseException, *, raised: bool) -> None:
        """Show the caption of the error, and the takes that succeeded.

        Args:
            error: The reason for the missing result.
            raised: Whether the cell raises it, so that it is read there.
        """
        ended = self.ended()
        if ended and raised:
            self.finish(ended)
        elif self._handle is not None:
            name = type(error).__name__ if isinstance(error, NbextError) else "Interrupted"
            text = outcome(name) if raised else tidy(str(error) or outcome(name), 500)
            self._put(caption_data([f"{self.model} · {text}"]), last=True)
            self.show([])

    def notify(self, warnings: Sequence[str]) -> None:
        """Write warnings to standard error, which appears under the cell."""
        for warning in warnings:
            sys.stderr.write(f"nbext: {warning}\n")

    def show(self, drawings: Sequence[Item]) -> None:
        """Show films and sounds; for other drawings, the picture or the contact sheet.

        Without one, the place that was reserved for it is emptied.
        """
        from IPython.display import display

        limit = self.chosen.inline_limit
        bundles: list[Bundle] = [
            (film_data(film, drawing, limit), {"nbext": details(drawing.record)})
            for drawing in drawings
            for film in drawing.record.films
        ]
        drawn = [d for d in drawings if d.record.pictures and not any(map(is_film, d.record.films))]
        if len(drawn) == 1:
            bundles.append(bundle(drawn[0], inline_limit=limit))
        elif drawn:
            bundles.append(sheet_bundle(drawn, inline_limit=limit))
        for data, metadata in bundles:
            if self._place is not None and not self._has_result:
                self._place.update(data, metadata=metadata, raw=True)
            else:
                display(data, metadata=metadata, raw=True)
            self._has_result = True
        if self._place is not None and not self._has_result:
            self._place.update({"text/plain": ""}, raw=True)


class TerminalView(CellView):
    """Shows one line of progress in a terminal, then the caption and the picture's path."""

    is_saved = False

    def _keep_place(self) -> None:
        """Do nothing: a terminal prints pictures' paths at the end."""

    def _preview(self, info: PictureInfo) -> None:
        """Do nothing: a terminal cannot show previews."""

    def reserve(self) -> None:
        """Do nothing: a terminal prints the caption at the end."""

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
        """Print the paths of the pictures."""
        for line in file_lines(drawings):
            print(line)


def view_for(shell: Any, model: str, takes: int, chosen: Nbext, *, ratio: str = "") -> CellView:
    """Choose the view: under the cell in a kernel, else in the terminal.

    Args:
        shell: The IPython shell.
        model: As asked.
        takes: How many.
        chosen: The settings.
        ratio: The sides of the coming picture, such as ``2:3`` or ``1024x1536``, if known.
    """
    return (TerminalView if is_terminal(shell) else CellView)(model, takes, chosen, ratio=ratio)
