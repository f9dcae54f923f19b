"""A text answer under the cell: Markdown while it streams, reasoning folded, then the caption."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from nbext.history.replies import reply_data
from nbext.magics.show import SECONDS_BETWEEN_UPDATES, CellView, TerminalView
from nbext.wire import events

if TYPE_CHECKING:
    from nbext.history.drawing import Drawings
    from nbext.traits import Nbext


class TextView(CellView):
    """Shows a reply as it is written, at most ten times a second."""

    def __init__(self, model: str, chosen: Nbext) -> None:
        super().__init__(model, 1, chosen)
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._reply: Any = None
        self._said = 0.0

    def event(self, take: int, event: events.Event) -> None:
        """Collect text and show it."""
        super().event(take, event)
        if isinstance(event, events.Text):
            self._text.append(event.text)
        elif isinstance(event, events.Reasoning):
            self._reasoning.append(event.text)
        else:
            return
        if time.monotonic() - self._said >= SECONDS_BETWEEN_UPDATES:
            self._said = time.monotonic()
            self.say(reply_data("".join(self._text), "".join(self._reasoning), [], []))

    def say(self, data: dict[str, str]) -> None:
        """Show the reply so far."""
        from IPython.display import display

        with self._lock:
            if self._reply is None:
                self._reply = display(data, raw=True, display_id=True)
            else:
                self._reply.update(data, raw=True)

    def finish(self, drawings: Drawings) -> None:
        """Show the whole reply, then its pictures."""
        self.caption(drawings)
        for drawing in drawings:
            record = drawing.record
            if record.text or record.reasoning or record.calls:
                self.say(reply_data(record.text, record.reasoning, record.calls, record.citations))
        self.show(drawings)


class TerminalTextView(TerminalView):
    """Writes the text as it comes, as a terminal does."""

    def __init__(self, model: str, chosen: Nbext) -> None:
        super().__init__(model, 1, chosen)
        self._wrote = False

    def event(self, take: int, event: events.Event) -> None:
        """Write the next words; until the first of them comes, show how far it is."""
        if not isinstance(event, events.Text):
            super().event(take, event)
            return
        printable = "".join(c for c in event.text if c.isprintable() or c in "\n\t")
        if not self._wrote and sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        self._wrote = True
        print(printable, end="", flush=True)

    def _put(self, data: dict[str, str], *, last: bool = False) -> None:
        # The line that moves would be written over the answer's last one.
        if last or not self._wrote:
            super()._put(data, last=last)

    def finish(self, drawings: Drawings) -> None:
        """End the line, say the rest."""
        if not self._wrote:
            for drawing in drawings:
                print(drawing.text)
        else:
            print()
        super().finish(drawings)


def text_view_for(shell: Any, model: str, chosen: Nbext) -> CellView:
    """Choose the view: under the cell where there is a kernel, else in the terminal."""
    kernel = shell is not None and getattr(shell, "kernel", None) is not None
    return TextView(model, chosen) if kernel else TerminalTextView(model, chosen)
