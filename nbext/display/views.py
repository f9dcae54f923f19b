"""Show progress under the cell, which becomes the caption, and the picture.

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

from nbext.data.picture import is_film
from nbext.display.caption import MOST_LINES, caption, captions
from nbext.display.mimebundle import (
    MAX_ON_SHEET,
    Bundle,
    bundle,
    details,
    sheet_bundle,
    sheet_width,
)
from nbext.display.video import SHOWN, film_data
from nbext.errors import NbextError
from nbext.imaging.contact_sheet import (
    LABEL_HEIGHT,
    SHEET_GAP,
    SHEET_WIDTH,
    cell_width,
    columns,
)
from nbext.imaging.frames import framed
from nbext.messages.say import outcome, phrase
from nbext.wire import events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nbext.config.settings import Nbext
    from nbext.data.picture import PictureInfo
    from nbext.display.item import Item

# A server drops above 1,000 messages a second, and eyes see ten.
SECONDS_BETWEEN_UPDATES = 0.1
TICK = 0.5
# Previews go over the wire each time; a large one would hold up the picture itself.
PREVIEW_LIMIT = 2_000_000
# What nbext itself says of a request; an endpoint's own words are shown as they come.
STATES = frozenset({"sending", "queued", "running", "thinking", "done", "failed"})
# Characters of a prompt below a caption.
PROMPT_LIMIT = 200

_MUTED = "color:var(--jp-ui-font-color2,var(--vscode-descriptionForeground,#616161))"
_FONT = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px;line-height:1.6"
_TRACK = "background:var(--jp-layout-color3,var(--vscode-editorWidget-border,#bdbdbd))"
_ONE_LINE = "white-space:nowrap;overflow:hidden;text-overflow:ellipsis;opacity:.8"
_LENGTH = "flex:none;width:clamp(60px,25%,180px);height:6px;border-radius:3px"
_COLOUR = "var(--jp-brand-color1,var(--vscode-progressBar-background,#1976d2))"
_BAR = f"background:{_COLOUR}"
# A bar that travels while nobody says how far it is; stripes that stand still for those who want no
# motion. Both end soon after the last update: a notebook saved under way shows an empty bar.
_TRAVEL = 1.6
_ALIVE = 2.0
_WAITING = (
    "<style>.nbext-waiting{display:block;height:100%;width:35%;opacity:0;"
    f"{_BAR};animation:nbext-waiting {_TRAVEL}s linear}}"
    "@keyframes nbext-waiting{from{opacity:1;transform:translateX(-100%)}"
    "to{opacity:1;transform:translateX(286%)}}"
    "@keyframes nbext-resting{from,to{opacity:1}}"
    "@media (prefers-reduced-motion:reduce){.nbext-waiting{width:100%;animation-name:nbext-resting;"
    f"background:repeating-linear-gradient(135deg,{_COLOUR} 0 4px,transparent 4px 8px)}}}}</style>"
)


class Take:
    """The progress of one take."""

    def __init__(self) -> None:
        self.words = ""
        self.percent: float | None = None
        self.drawing: Item | None = None

    def follow(self, event: events.Event) -> None:
        """Update the progress from an event."""
        if isinstance(event, events.Progress):
            self.words = tidy(event.words)
            self.percent = event.percent if event.percent is not None else self.percent
        elif isinstance(event, events.Job):
            self.words = tidy(event.message or event.status)
            self.percent = event.percent if event.percent is not None else self.percent
        elif isinstance(event, events.Reasoning):
            self.words = "thinking"

    def status(self) -> str:
        """Return the progress in words; empty if they would only repeat the percentage."""
        if self.drawing is not None:
            error = self.drawing.record.error
            return phrase("panel.done") if error is None else outcome(error.type)
        words = self.words or "sending"
        words = "sending" if words == "sent" else words
        if words in STATES:
            return phrase(f"panel.{words}")
        return "" if re.fullmatch(r"[\d.]+ ?%", words) else words


def tidy(words: str, limit: int = 100) -> str:
    """Shorten an endpoint's message to one printable line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def progress_html(model: str, takes: list[Take], elapsed: float, prompt: str = "") -> str:
    """Write a line for each take, in the style of its caption, with a bar.

    Args:
        model: As asked.
        takes: How far each is.
        elapsed: Seconds since the start.
        prompt: The prompt, shown below the captions; empty if the cell shows it.
    """
    rows = []
    head = phrase("view.model_elapsed", escape=model, elapsed=elapsed)
    if len(takes) > MOST_LINES:
        share, words = _together(takes, head)
        rows.append(progress_row(share, escape(words)))
        takes = []
    for number, take in enumerate(takes, start=1):
        parts = [head] if number == 1 else []
        parts += [f"{number}/{len(takes)}"] if len(takes) > 1 else []
        parts += [words] if (words := take.status()) else []
        done = 100.0 if take.drawing is not None else take.percent
        rows.append(progress_row(done, escape(" · ".join(parts)), elapsed))
    below = prompt_line(prompt) if prompt else ""
    return status_html(f"{''.join(rows)}{below}")


def _together(takes: Sequence[Take], head: str) -> tuple[float, str]:
    """Return how far many takes are, in percent and in words."""
    ended = [take.drawing for take in takes if take.drawing is not None]
    failed = sum(item.record.error is not None for item in ended)
    parts = [head, f"{len(ended)}/{len(takes)}"]
    parts += [phrase("view.failed", failed=failed)] if failed else []
    done = sum(100.0 if take.drawing is not None else take.percent or 0.0 for take in takes)
    return done / len(takes), " · ".join(parts)


def status_html(rows: str) -> str:
    """Frame rows of progress, written in HTML, like captions."""
    style = _WAITING if "nbext-waiting" in rows else ""
    return f'<div role="status" style="{_FONT};{_MUTED};padding:2px 0">{style}{rows}</div>'


def prompt_line(prompt: str) -> str:
    """Write a prompt on one line, below captions."""
    return f'<div style="{_ONE_LINE}">{escape(tidy(prompt, PROMPT_LIMIT))}</div>'


def progress_row(percent: float | None, words: str, elapsed: float = 0.0) -> str:
    """Write a progress bar with words beside it, on one line; the words are HTML."""
    return (
        f'<div style="display:flex;align-items:center;gap:10px">'
        f'{progress_bar(percent, elapsed)}<span style="min-width:0;white-space:nowrap;'
        f'overflow:hidden;text-overflow:ellipsis">{words}</span></div>'
    )


def progress_bar(percent: float | None, elapsed: float = 0.0) -> str:
    """Write a progress bar as HTML.

    Args:
        percent: How far it is; None if unknown, for a bar that moves.
        elapsed: Seconds since the start: a bar that moves goes on where the last update left it.
    """
    if percent is None:
        rounds = (elapsed + _ALIVE) / _TRAVEL
        return (
            f'<span role="progressbar" style="{_LENGTH};overflow:hidden;{_TRACK}">'
            f'<span class="nbext-waiting" style="animation-delay:-{elapsed:.2f}s;'
            f'animation-iteration-count:{rounds:.2f}"></span></span>'
            f'<span style="min-width:3em"></span>'
        )
    width = min(max(percent, 0.0), 100.0)
    return (
        f'<span role="progressbar" aria-valuenow="{width:.0f}" aria-valuemin="0" '
        f'aria-valuemax="100" style="{_LENGTH};overflow:hidden;{_TRACK}">'
        f'<span style="display:block;height:100%;'
        f'width:{width:.0f}%;{_BAR}"></span></span><span style="font-variant-numeric:'
        f'tabular-nums;min-width:3em">{width:.0f} %</span>'
    )


def progress_text(model: str, takes: list[Take], elapsed: float) -> str:
    """Write the progress as plain text."""
    if len(takes) > MOST_LINES:
        done, words = _together(takes, phrase("view.model_elapsed", escape=model, elapsed=elapsed))
        return f"{words} · {done:.0f} %"
    status = []
    for take in takes:
        under_way = take.percent is not None and take.drawing is None
        percent = f"{take.percent:.0f} % " if under_way else ""
        status.append(f"{percent}{take.status()}".strip())
    return phrase("view.status", model=model, elapsed=elapsed, names=" | ".join(status))


def caption_data(captions: Sequence[str], prompts: Sequence[str] = ()) -> dict[str, str]:
    """Create the output of captions, one a line.

    Args:
        captions: The lines.
        prompts: The prompts, shown below them if the cell does not show them.
    """
    below = [tidy(prompt, PROMPT_LIMIT) for prompt in dict.fromkeys(prompts)]
    lines = "".join(f"<div>{escape(line)}</div>" for line in captions)
    lines += "".join(map(prompt_line, below))
    return {
        "text/plain": "\n".join([*captions, *below]),
        "text/html": f'<div style="{_FONT};{_MUTED};padding:2px 0">{lines}</div>',
    }


# Calls between a user's ``display`` and an object that displays itself.
_CALLERS = 16


def display_items(items: Sequence[Item], data: Bundle) -> None:
    """Show existing drawings: numbers and prompts, then the picture or the sheet.

    Args:
        items: The drawings.
        data: Their output.
    """
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    by_prompt: dict[str, list[str]] = {}
    for item in items:
        prompt = tidy(item.record.prompt, PROMPT_LIMIT)
        by_prompt.setdefault(prompt, []).append(f"@{item.record.number}")
    if len(items) == 1:
        lines = [caption(items[0].record), *by_prompt]
    else:
        lines = [f"{' '.join(numbers)} · {prompt}" for prompt, numbers in by_prompt.items()]
    shown = lines[:MAX_ON_SHEET]
    if len(shown) < len(lines):
        shown.append(phrase("view.more", value=len(lines) - len(shown)))
    if shown and _is_terminal(get_ipython()):
        print("\n".join([*shown, *_paths(items)]))
        return
    place = display_place()
    if place:
        # One output has one place: the caption is its text.
        display(data[0], metadata=data[1], raw=True, **place)
        return
    if shown:
        display(caption_data(shown), raw=True)
    display(data[0], metadata=data[1], raw=True)


def display_place() -> dict[str, Any]:
    """Return the place for which a user displays an object, as arguments of ``display``.

    ``h = display(drawing, display_id=True)`` and ``h.update(drawing)`` name one, and IPython does
    not pass it to objects that display themselves. Empty without one.
    """
    from IPython.core import display_functions

    frame = sys._getframe(1)  # noqa: SLF001 -- the caller's arguments stand nowhere else
    for _ in range(_CALLERS):
        if frame.f_back is None:
            break
        frame = frame.f_back
        if frame.f_code is display_functions.display.__code__:
            own = frame.f_locals.get("kwargs") or {}
            id_ = (own.get("transient") or {}).get("display_id")
            return {"display_id": id_, "update": bool(own.get("update"))} if id_ else {}
    return {}


def _is_terminal(shell: Any) -> bool:
    """Return whether IPython runs in a terminal."""
    return shell is not None and getattr(shell, "kernel", None) is None


def _paths(items: Iterable[Item]) -> list[str]:
    """Return a line for each file of drawings."""
    return [
        f"  {item.store.path(info.sha256)}"
        for item in items
        for info in (*item.record.pictures, *item.record.films)
    ]


def placeholder(ratio: str, takes: int) -> Bundle:
    """Create an empty frame in the shape of the coming pictures, so that nothing jumps.

    It is a picture itself: hosts leave other space around HTML, and do not shrink an SVG.

    Args:
        ratio: The sides of one, such as ``2:3`` or ``1024x1536``; a square if unknown.
        takes: How many there will be.
    """
    width, height = sides(ratio)
    if takes == 1:
        by = SHOWN / max(width, height)
        size = (max(1, round(width * by)), max(1, round(height * by)))
        return _encoded(framed(size, [(0, 0, *size)]), size[0])
    takes = min(takes, MAX_ON_SHEET)
    across, cell = columns(takes), cell_width(takes)
    # As on the sheet, where a column leaves room for the others.
    high = max(1, min(round(cell * height / width), 3 * cell))
    wide = max(1, min(cell, round(high * width / height)))
    below = high + LABEL_HEIGHT + SHEET_GAP
    left = (cell - wide) // 2
    boxes = [
        (n % across * (cell + SHEET_GAP) + left, n // across * below, wide, high)
        for n in range(takes)
    ]
    total = -(-takes // across) * below - SHEET_GAP
    return _encoded(framed((SHEET_WIDTH, total), boxes), sheet_width(SHEET_WIDTH, total))


def _encoded(png: bytes, width: int) -> Bundle:
    """Create the output of a PNG, with the width at which it is shown."""
    text = pybase64.b64encode(png).decode("ascii")
    shown = {"alt": "", "width": width}
    return {"text/plain": "", "image/png": text}, {"image/png": shown}


def sides(ratio: str) -> tuple[int, int]:
    """Return the sides of a ratio or size; a square for any other text.

    Example:
        >>> sides("2:3"), sides("1024x1536"), sides("auto")
        ((2, 3), (1024, 1536), (1, 1))
    """
    match = re.fullmatch(r"(\d{1,5})\s*[:x×]\s*(\d{1,5})", ratio.strip())
    width, height = (int(match[1]), int(match[2])) if match else (1, 1)
    return (width, height) if width and height else (1, 1)


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
        for line in _paths(drawings):
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
    return (TerminalView if _is_terminal(shell) else CellView)(model, takes, chosen, ratio=ratio)
