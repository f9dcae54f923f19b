"""The session of this process, made at its first use, and the cell that is running."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

from nbext.place import history_folder

if TYPE_CHECKING:
    from nbext.session import Session
    from nbext.watch import Cell

_lock = threading.Lock()
_session: Session | None = None


def shell_of_process() -> Any:
    """Give the IPython shell this runs in, None in plain Python; IPython is not imported for it."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def current_session(shell: Any = None) -> Session:
    """Give the session of this process.

    Args:
        shell: The IPython shell, where the caller knows it.
    """
    global _session
    with _lock:
        if _session is None:
            from nbext.session import Session
            from nbext.settings import settings

            shell = shell or shell_of_process()
            chosen = settings(shell)
            names = shell.user_ns if shell is not None else {}
            folder = history_folder(shell, chosen.notebook, chosen.history_folder)
            _session = Session(folder, names=names, chosen=chosen)
        return _session


def forget_session() -> None:
    """End the session: its connections are dropped, the next use makes another."""
    global _session
    with _lock:
        ended, _session = _session, None
    if ended is not None:
        ended.run(ended.close())
        ended.runner.close()


def running_cell(shell: Any) -> Cell:
    """Tell which cell is running: its id, where there is one, and its ``In[ ]`` number."""
    from nbext.watch import Cell

    if shell is None:
        return Cell()
    id_ = ""
    if hasattr(shell, "get_parent"):
        metadata = (shell.get_parent() or {}).get("metadata") or {}
        id_ = metadata.get("cellId") or ""
    return Cell(id=str(id_), execution_count=int(getattr(shell, "execution_count", 0)))
