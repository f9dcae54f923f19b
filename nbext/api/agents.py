"""Tools for agents that work in notebooks: draw, edit, look, search and cost.

``jupyter-server-mcp`` finds them through the entry point ``jupyter_server_mcp.tools``. They stay
within the budget, ask no questions, return text and a small preview, and never show a key.
"""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbext.drawings.drawing import Drawing
    from nbext.drawings.history import History
    from nbext.session.session import Session

PREVIEW_BYTES = 30_000
MOST_LISTED = 50

TOOLS = [f"nbext.api.agents:nbext_{name}" for name in ("draw", "edit", "look", "search", "cost")]


async def nbext_draw(prompt: str, notebook: str, model: str = "", aspect: str = "") -> Any:
    """Draw a picture and record it in the history of a notebook.

    It may cost money. A request above the budget of the settings is refused.

    Args:
        prompt: What to draw.
        notebook: Path of the notebook whose history records the drawing.
        model: The model; by default that of the settings.
        aspect: The aspect ratio, for instance ``2:3``.

    Returns:
        The caption with the drawing's number, and a preview.
    """

    def drawn() -> list[Any]:
        session = _session(str(_path(notebook)))
        return _shown(session.draw(prompt, model=model, aspect=aspect))

    return await asyncio.to_thread(drawn)


async def nbext_edit(prompt: str, notebook: str, drawing: str = "@-1", model: str = "") -> Any:
    """Change a recorded picture, and record the result as a new drawing. It may cost money.

    Args:
        prompt: What to change.
        notebook: Path of the notebook.
        drawing: Which drawing: ``@3``, or ``@-1`` for the last one.
        model: The model; by default that of the settings.

    Returns:
        The caption with the new drawing's number, and a preview.
    """

    def edited() -> list[Any]:
        session = _session(str(_path(notebook)))
        parent, _ = session.history.find(drawing)
        return _shown(session.draw(prompt, images=[parent], model=model))

    return await asyncio.to_thread(edited)


async def nbext_look(notebook: str, drawing: str = "@-1") -> Any:
    """Look at a recorded picture: its prompt, how it was made, and a preview. Nothing is sent.

    Args:
        notebook: Path of the notebook.
        drawing: Which drawing: ``@3``, or ``@-1`` for the last one.
    """
    return await asyncio.to_thread(lambda: _shown(_history(notebook).find(drawing)[0]))


async def nbext_search(notebook: str, text: str = "") -> str:
    """List recorded drawings whose prompt, model, answer, tags or note contain a text.

    Args:
        notebook: Path of the notebook.
        text: What to search for; empty for all. The newest 50 are listed.
    """

    def listed() -> str:
        matches = list(_history(notebook).search(text))[-MOST_LISTED:]
        return "\n".join(f"{d.caption()} · {d.record.prompt[:100]}" for d in reversed(matches))

    return await asyncio.to_thread(listed)


async def nbext_cost(notebook: str) -> str:
    """Say how many drawings a notebook has and what they cost in US dollars. Nothing is sent.

    Args:
        notebook: Path of the notebook.
    """

    def summed() -> str:
        history = _history(notebook)
        return f"drawings: {len(history)}, USD: {history.cost:g}"

    return await asyncio.to_thread(summed)


def _path(notebook: str) -> Path:
    return Path(notebook).expanduser().absolute()


def _history(notebook: str) -> History:
    from nbext.drawings.open import open_history

    return open_history(_path(notebook))


@functools.lru_cache(maxsize=32)
def _session(notebook: str) -> Session:
    """Open one session per notebook. Its budget applies as long as the server runs."""
    from nbext.notebook.neighbours import draws_of
    from nbext.session.session import Session

    return Session(draws_of(Path(notebook)))


def _shown(drawing: Drawing) -> list[Any]:
    """Return a drawing as text, with a preview of its first picture of at most 30 kB."""
    from fastmcp.utilities.types import Image

    from nbext.imaging.thumbnail import jpeg_within

    text = f"{drawing.caption()}\n{drawing.record.prompt}"
    if not drawing.pictures:
        return [f"{text}\n{drawing.text}".strip()]
    return [text, Image(data=jpeg_within(drawing.pictures[0].image, PREVIEW_BYTES), format="jpeg")]
