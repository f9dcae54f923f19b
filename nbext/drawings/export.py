"""Export a history to the file that a command names, as the command's words say it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbext.errors import OptionError
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from nbext.drawings.history import History


def export(
    history: History,
    path: str | Path | None,
    *,
    title: str = "",
    order: str = "newest",
    overwrite: bool = False,
) -> str:
    """Write a gallery, or an archive where the file's name ends with ``.zip``; return a summary.

    Args:
        history: The history.
        path: The file; by default a gallery beside the history.
        title: The heading.
        order: Of a gallery, ``"newest"`` or ``"oldest"`` first.
        overwrite: Whether to replace an existing file.

    Raises:
        OptionError: The file already exists; the remedy is the option of the command.
    """
    try:
        if path is not None and Path(path).suffix.lower() == ".zip":
            written = history.to_zip(path, title=title, overwrite=overwrite)
        else:
            written = history.to_html(path, title=title, order=order, overwrite=overwrite)
    except OptionError as error:
        error.remedy = error.remedy.replace("overwrite=True", "--overwrite")
        raise
    return f"{phrase('history.drawings', count=len(history))} → {written}"
