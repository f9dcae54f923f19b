"""What a terminal shows while it waits: one line that moves, and words that stay."""

from __future__ import annotations

import asyncio
import io
from contextlib import redirect_stderr, redirect_stdout
from types import SimpleNamespace

from nbext.magics.show import Take, progress_text
from nbext.magics.text import TerminalTextView
from nbext.wire import events


class Terminal(io.StringIO):
    """What is written to a terminal of one line, as its user sees it."""

    def isatty(self):
        return True

    def seen(self):
        lines = []
        for line in self.getvalue().split("\n"):
            lines.append(line.rpartition("\r\x1b[K")[2])
        return "\n".join(lines)


async def stream(view, *said):
    for event in said:
        view.event(0, event)
    view.done(0, SimpleNamespace(error=None, replayed=False))


def test_progress_never_stands_where_the_answer_does():
    terminal = Terminal()
    view = TerminalTextView("gpt-4o-mini", SimpleNamespace(progress=True))
    said = [events.Progress(words="thinking"), events.Text(text="Nine "), events.Text(text="lives")]
    with redirect_stdout(terminal), redirect_stderr(terminal):
        asyncio.run(stream(view, *said))
    assert "thinking" in terminal.getvalue()
    assert terminal.seen() == "Nine lives"


def test_a_percentage_is_said_once_and_a_failure_is_none_done():
    take = Take()
    take.follow(events.Progress(words="52 %", percent=52.0))
    assert progress_text("m", [take], 3.2) == "m · 3 s · 52 %"
    take.follow(events.Progress(words="drawing", percent=60.0))
    assert progress_text("m", [take], 3.2) == "m · 3 s · 60 % drawing"
    take.drawing = SimpleNamespace(error="Interrupted")
    assert progress_text("m", [take], 3.2) == "m · 3 s · failed"
