"""How far requests are, and their captions, as HTML and as plain text; every word is escaped."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from nbext.display.caption import MOST_LINES
from nbext.messages.say import outcome, phrase
from nbext.wire import events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbext.display.item import Item

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
