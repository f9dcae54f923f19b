"""Tools for agents that work in notebooks: draw, edit, look, search and cost.

``jupyter-server-mcp`` finds them through the entry point ``jupyter_server_mcp.tools``. They stay
within the budget, ask no questions, return text and a small preview, and never show a key.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbext.config.keys import holds_key
from nbext.errors import HistoryError, OptionError
from nbext.messages.say import phrase
from nbext.notebook.file import NOTEBOOK_SUFFIXES
from nbext.session.budget import Budget, Ledger
from nbext.util.text import printable

if TYPE_CHECKING:
    from nbext.drawings.drawing import Drawing
    from nbext.drawings.history import History
    from nbext.drawings.picture import Picture
    from nbext.session.session import Session

PREVIEW_BYTES = 30_000
# The most characters of a prompt and an answer.
MOST_TEXT = 4000
_LONGEST_NAME = 200
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
        return _shown(_session(_path(notebook)).draw(prompt, model=model, aspect=aspect))

    return await asyncio.to_thread(drawn)


async def nbext_edit(prompt: str, notebook: str, drawing: str = "@-1", model: str = "") -> Any:
    """Change a recorded picture, and record the result as a new drawing. It may cost money.

    Args:
        prompt: What to change.
        notebook: Path of the notebook.
        drawing: Which drawing: ``@3``, ``@3.2`` for its second picture, ``@-1`` for the last one.
        model: The model; by default that of the settings.

    Returns:
        The caption with the new drawing's number, and a preview.
    """

    def edited() -> list[Any]:
        session = _session(_path(notebook))
        parent = _picture(*session.history.find(drawing))
        return _shown(session.draw(prompt, images=[parent], model=model))

    return await asyncio.to_thread(edited)


async def nbext_look(notebook: str, drawing: str = "@-1") -> Any:
    """Look at a recorded picture: its prompt, how it was made, and a preview. Nothing is sent.

    Args:
        notebook: Path of the notebook.
        drawing: Which drawing: ``@3``, ``@3.2`` for its second picture, ``@-1`` for the last one.
    """
    return await asyncio.to_thread(lambda: _shown(*_history(notebook).find(drawing)))


async def nbext_search(notebook: str, text: str = "") -> str:
    """List recorded drawings whose prompt, model, answer, tags or note contain a text.

    Args:
        notebook: Path of the notebook.
        text: What to search for; empty for all. The newest 50 are listed.
    """

    def listed() -> str:
        matches = list(_history(notebook).search(text))[-MOST_LISTED:]
        lines = (f"{d.caption()} · {d.record.prompt[:100]}" for d in reversed(matches))
        return "\n".join(map(printable, lines))

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
    """Return the path of a notebook below the server's folder.

    Raises:
        OptionError: It is outside of the folder, or does not exist.
    """
    root = _root()
    # A link that the user has made inside of the folder is the user's choice.
    path = Path(os.path.abspath(root / Path(notebook).expanduser()))  # noqa: PTH100
    shown = "…" if holds_key(notebook) else printable(notebook)[:_LONGEST_NAME]
    if not (path.is_relative_to(root) or _resolved(path).is_relative_to(_resolved(root))):
        raise OptionError(phrase("session.outside_root", path=shown, root=root))
    if path.suffix.lower() not in NOTEBOOK_SUFFIXES or not _is_file(path):
        raise OptionError(
            phrase("session.no_such_notebook", path=shown),
            remedy=phrase("session.existing_notebook", root=root),
        )
    return path


def _resolved(path: Path) -> Path:
    """Return a path without links; unchanged if it is no path at all."""
    try:
        return path.resolve()
    except (OSError, ValueError):
        return path


def _is_file(path: Path) -> bool:
    """Return whether a path is a file; a name may be no name at all."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _root() -> Path:
    """Return the folder of the Jupyter server that runs the tools, or else the current one."""
    server = sys.modules.get("jupyter_server.serverapp")
    if server is not None and server.ServerApp.initialized():
        folder = Path(server.ServerApp.instance().root_dir).expanduser()
        return Path(os.path.abspath(folder))  # noqa: PTH100
    return Path.cwd()


def _history(notebook: str) -> History:
    from nbext.drawings.open import open_history

    return open_history(_path(notebook))


_sessions: dict[Path, Session] = {}
_ledger = Ledger()
_opening = threading.Lock()


def _session(path: Path) -> Session:
    """Return the session of a notebook. All of a server share one budget, as long as it runs."""
    from nbext.notebook.neighbours import draws_of
    from nbext.session.session import Session

    with _opening:
        if path not in _sessions:
            session = Session(draws_of(path))
            session.budget = Budget(session.settings, ledger=_ledger, strict=True)
            _sessions[path] = session
        return _sessions[path]


def _shown(drawing: Drawing, index: int = 1) -> list[Any]:
    """Return a drawing as text, with a preview of one of its pictures, of at most 30 kB.

    Args:
        drawing: The drawing.
        index: The picture's number, from 1.
    """
    from nbext.imaging.thumbnail import jpeg_within

    parts = [drawing.caption(), drawing.record.prompt]
    if not drawing.pictures:
        return [_short("\n".join([*parts, drawing.text]).strip())]
    from fastmcp.utilities.types import Image

    picture = _picture(drawing, index)
    return [
        _short("\n".join(parts)),
        Image(data=jpeg_within(picture.image, PREVIEW_BYTES), format="jpeg"),
    ]


def _picture(drawing: Drawing, index: int) -> Picture:
    """Return a picture of a drawing.

    Raises:
        HistoryError: It has no such picture.
    """
    if not 0 < index <= len(drawing.pictures):
        raise HistoryError(phrase("cli.no_picture", number=drawing.number, index=index))
    return drawing.pictures[index - 1]


def _short(text: str) -> str:
    """Return a text without control characters, of bounded length."""
    lines = [printable(line) for line in text[: MOST_TEXT + 1].splitlines()]
    whole = "\n".join(lines)
    return whole if len(whole) <= MOST_TEXT else f"{whole[:MOST_TEXT]}…"
