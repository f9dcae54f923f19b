"""Errors of a user's line are shown up to that line, without ours."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TypeVar

_Error = TypeVar("_Error", bound=Exception)
_PACKAGE = __name__.partition(".")[0]


def hide_own_lines(error: _Error) -> _Error:
    """Let IPython show an error without our lines, which mean nothing to its reader.

    Args:
        error: An error that the user's line has caused.
    """
    # IPython calls this method to render an exception.
    error._render_traceback_ = _user_traceback  # type: ignore[attr-defined]
    return error


def _user_traceback() -> list[str]:
    """Render the error that IPython is about to show, up to the user's last line."""
    from IPython import get_ipython

    error = sys.last_value
    if error is None:
        return []
    frames = []
    at = error.__traceback__
    while at is not None:
        frames.append(at)
        at = at.tb_next
    while len(frames) > 1 and is_ours(frames[-1].tb_frame.f_globals.get("__name__", "")):
        frames.pop()
    shown: TracebackType | None = None
    for frame in reversed(frames):
        shown = TracebackType(shown, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    renderer = get_ipython().InteractiveTB
    lines: list[str] = renderer.structured_traceback(type(error), error, shown)
    return lines


def is_ours(module: str) -> bool:
    """Return whether a module is one of this package, by its name.

    Example:
        >>> is_ours("nbext.store"), is_ours("__main__")
        (True, False)
    """
    return module == _PACKAGE or module.startswith(f"{_PACKAGE}.")
