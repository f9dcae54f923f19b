"""Show a sweep's progress under its cell: a bar, a summary and the pictures so far."""

from __future__ import annotations

import threading
import time
from html import escape
from typing import TYPE_CHECKING, Any

from nbext.display.caption import NOTICE_LIMIT
from nbext.display.progress import caption_data, progress_row, status_html, tidy
from nbext.display.sweep_grid import grid_bundle, progress_bundle
from nbext.messages.say import phrase
from nbext.util.text import number_ranges, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbext.config.settings import Nbext
    from nbext.display.item import Item
    from nbext.display.slider import Slider
    from nbext.display.sweep_grid import Layout
    from nbext.wire import events

# Seconds between two updates of the words, and of the table, which is made anew each time.
SECONDS_BETWEEN_UPDATES = 0.5
SECONDS_BETWEEN_SHEETS = 3.0


class SweepView:
    """Shows the progress of a sweep.

    Args:
        title: The title.
        count: How many drawings it has.
        settings: The settings.
        grid: The positions of the drawings.
        terminal: Whether it runs in a terminal.
        blind: Shows the pictures for a vote, in the given place; None if models are no secret.
        slider: Creates an empty slider for two of the pictures; None for no slider.
    """

    def __init__(
        self,
        title: str,
        count: int,
        settings: Nbext,
        *,
        grid: Layout,
        terminal: bool = False,
        blind: Callable[[Any], None] | None = None,
        slider: Callable[[], Slider] | None = None,
    ) -> None:
        self.title = title
        self.count = count
        self.settings = settings
        self.grid = grid
        self.terminal = terminal
        self.blind = blind
        self.slider = slider
        self.ended: dict[int, Item] = {}
        self.running: set[int] = set()
        self.began = time.monotonic()
        self._updated = self._drawn = 0.0
        self._handle: Any = None
        self._sheet: Any = None
        self._slider: Slider | None = None
        self._slider_place: Any = None
        self._over = False
        self._lock = threading.Lock()

    @property
    def text(self) -> str:
        """Return the progress in words: done, running, failed, spent, time left."""
        done = len(self.ended)
        failed = sum(item.record.error is not None for item in self.ended.values())
        spent = sum(i.record.cost or 0.0 for i in self.ended.values())
        elapsed = time.monotonic() - self.began
        parts = [self.title, f"{done}/{self.count}"]
        running = len(self.running - set(self.ended))
        parts += [phrase("view.running", running=running)] if running and not self._over else []
        parts += [phrase("view.failed", failed=failed)] if failed else []
        parts += [phrase("view.spent", spent=spent)] if spent else []
        drawn = sum(not item.replayed for item in self.ended.values())
        if drawn and done < self.count and not self._over:
            parts.append(phrase("view.seconds_left", value=elapsed / drawn * (self.count - done)))
        elif not self._over:
            parts.append(phrase("view.elapsed", elapsed=elapsed))
        return " · ".join(parts)

    # On the background loop

    def event(self, take: int, event: events.Event) -> None:
        """Note that a drawing is in progress."""
        del event
        self.running.add(take)
        self._update()

    def done(self, take: int, drawing: Item) -> None:
        """Note that a drawing has ended."""
        self.ended[take] = drawing
        self._update()

    def notify(self, warnings: Sequence[str]) -> None:
        """Write warnings to standard error."""
        import sys

        for warning in warnings:
            sys.stderr.write(f"nbext: {warning}\n")

    def reserve(self) -> None:
        """Create the outputs for words and pictures."""
        self._update(now=True)
        self._show_sheet(self.ended)

    def finish(self, drawings: Sequence[Item]) -> None:
        """Show the pictures on one sheet, with a summary."""
        del drawings
        self._over = True
        self._update(now=True)
        if self.blind is None or self.terminal:
            self._show_sheet(self.ended)
        else:
            self.blind(self._sheet)

    def fail(self, error: BaseException, *, raised: bool) -> None:
        """Show the pictures that arrived before the stop."""
        self._over = True
        if self.ended or self._handle is not None:
            text = self.text if raised else f"{self.text} · {tidy(str(error), 300)}"
            self._put(caption_data([text]))
            self._show_sheet({} if self.blind is not None else self.ended)

    def _update(self, *, now: bool = False) -> None:
        moment = time.monotonic()
        if not now and (self._over or moment - self._updated < SECONDS_BETWEEN_UPDATES):
            return
        if not now and not self.settings.progress:
            return
        self._updated = moment
        if self._over:
            self._put(caption_data([self.text, *notices(self.ended)]))
            return
        percent = 100 * len(self.ended) / max(1, self.count)
        html = status_html(progress_row(percent, escape(self.text)))
        self._put({"text/plain": self.text, "text/html": html})
        if self._sheet is None or moment - self._drawn > SECONDS_BETWEEN_SHEETS:
            self._drawn = moment
            self._show_sheet(self.ended)

    def _put(self, data: dict[str, str]) -> None:
        if self.terminal:
            if self._over:
                print(data["text/plain"])
            return
        from IPython.display import display

        with self._lock:
            if self._handle is None:
                self._handle = display(data, raw=True, display_id=True)
            else:
                self._handle.update(data, raw=True)

    def _show_sheet(self, items: Mapping[int, Item]) -> None:
        """Show the pictures so far in a table, with frames for missing ones."""
        if self.terminal:
            return
        from IPython.display import display

        data: dict[str, Any] = {"text/plain": ""}
        metadata: dict[str, Any] = {}
        limit = self.settings.inline_limit
        if not self._over:
            # Who votes must not see which model made what.
            shown = {} if self.blind is not None else items
            data, metadata = progress_bundle(self.grid, shown, inline_limit=limit)
        elif items:
            data, metadata = grid_bundle(self.grid, items, inline_limit=limit)
        with self._lock:
            if self._sheet is None:
                self._sheet = display(data, metadata=metadata, raw=True, display_id=True)
                self._show_slider(display)
            else:
                self._sheet.update(data, metadata=metadata, raw=True)
            if self._over:
                self._fill_slider(items)

    def _show_slider(self, display: Callable[..., Any]) -> None:
        """Show the empty slider, so that the page does not move when the pictures are there."""
        if self.slider is not None:
            self._slider = self.slider()
            self._slider_place = display(self._slider, display_id=True)

    def _fill_slider(self, items: Mapping[int, Item]) -> None:
        """Put the pictures under the slider; it goes away where there is none to compare."""
        if self._slider is None:
            return
        if any(item.record.pictures for item in items.values()):
            self._slider.fill([items.get(number) for number in range(self.count)])
        else:
            self._slider_place.update({"text/plain": ""}, raw=True)
            self._slider.close()


def notices(items: Mapping[int, Item]) -> list[str]:
    """Return what the artist of the embedded endpoint did not know, and in which drawings."""
    numbers: dict[str, list[int]] = {}
    for _, item in sorted(items.items()):
        for notice in item.record.notices if item.record.embedded else ():
            line = printable(" ".join(notice.split())[:NOTICE_LIMIT])
            numbers.setdefault(line, []).append(item.record.number)
    return [f"{number_ranges(which)} · {line}" for line, which in numbers.items()]
