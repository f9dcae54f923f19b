"""Show a text answer under the cell: Markdown, folded reasoning, then the caption."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from nbext.display.reply import reply_data
from nbext.display.views import SECONDS_BETWEEN_UPDATES, CellView, TerminalView
from nbext.util.text import readable
from nbext.wire import events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbext.config.settings import Nbext
    from nbext.display.item import Item


# How much longer than the rendering of a reply the pause after it is.
RENDERING = 4


class TextView(CellView):
    """Shows a reply as it arrives, at most ten times a second."""

    def __init__(self, model: str, chosen: Nbext) -> None:
        super().__init__(model, 1, chosen)
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._reply: Any = None
        self._next = 0.0
        self._unsaid = False

    def event(self, take: int, event: events.Event) -> None:
        """Collect text and show it."""
        super().event(take, event)
        if isinstance(event, events.Text):
            self._text.append(event.text)
        elif isinstance(event, events.Reasoning):
            self._reasoning.append(event.text)
        else:
            return
        self._unsaid = True
        self._say_more()

    def _update(self) -> None:
        super()._update()
        self._say_more()

    def _keep_place(self) -> None:
        """Do nothing: the reply comes first, and few replies have a picture."""

    def _say_more(self) -> None:
        """Show new text, if an update is due."""
        began = time.monotonic()
        if not self._unsaid or began < self._next:
            return
        self._unsaid = False
        self.say(reply_data("".join(self._text), "".join(self._reasoning), [], []))
        # A long text takes long to render, and is rendered whole each time: never most of the time.
        now = time.monotonic()
        self._next = now + max(SECONDS_BETWEEN_UPDATES, RENDERING * (now - began))

    def say(self, data: dict[str, str]) -> None:
        """Show the reply so far."""
        from IPython.display import display

        with self._lock:
            if self._reply is None:
                self._reply = display(data, raw=True, display_id=True)
            else:
                self._reply.update(data, raw=True)

    def reserve(self) -> None:
        """Create the outputs of caption and reply, in case the cell ends before them."""
        self._update()
        self.say({"text/plain": ""})

    def finish(self, drawings: Sequence[Item]) -> None:
        """Show the complete reply, then its pictures."""
        self.caption(drawings)
        for drawing in drawings:
            record = drawing.record
            if record.text or record.reasoning or record.calls:
                self.say(reply_data(record.text, record.reasoning, record.calls, record.citations))
        self.show(drawings)


class TerminalTextView(TerminalView):
    """Prints the text as it arrives."""

    def __init__(self, model: str, chosen: Nbext) -> None:
        super().__init__(model, 1, chosen)
        self._wrote = False

    def event(self, take: int, event: events.Event) -> None:
        """Print new text; before the first, show the progress."""
        if not isinstance(event, events.Text):
            super().event(take, event)
            return
        if not self._wrote and sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        self._wrote = True
        print(readable(event.text), end="", flush=True)

    def _put(self, data: dict[str, str], *, last: bool = False) -> None:
        # The line that moves would be written over the answer's last one.
        if last or not self._wrote:
            super()._put(data, last=last)

    def finish(self, drawings: Sequence[Item]) -> None:
        """End the line and print the rest."""
        if not self._wrote:
            for drawing in drawings:
                print(readable(drawing.record.text))
        else:
            print()
        super().finish(drawings)


def text_view_for(shell: Any, model: str, chosen: Nbext) -> CellView:
    """Choose the view: under the cell in a kernel, else in the terminal."""
    kernel = shell is not None and getattr(shell, "kernel", None) is not None
    return TextView(model, chosen) if kernel else TerminalTextView(model, chosen)
