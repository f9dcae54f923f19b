"""The session of this process, made at its first use, and the cell that is running."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbext.session import Cell, Session

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


def notebook_path(shell: Any, named: str = "", environ: Any = os.environ) -> Path | None:
    """Tell which notebook this kernel belongs to, None where nobody says.

    In this order: the setting, ``NBEXT_NOTEBOOK``, the VS Code extension's variable, Jupyter
    Server's ``JPY_SESSION_NAME`` (a path since jupyter_server 2.0) and ``__session__``.
    """
    variables = shell.user_ns if shell is not None else {}
    candidates = [
        named,
        environ.get("NBEXT_NOTEBOOK", ""),
        variables.get("__vsc_ipynb_file__", ""),
        environ.get("JPY_SESSION_NAME", ""),
        variables.get("__session__", ""),
    ]
    for candidate in candidates:
        if isinstance(candidate, str) and candidate.endswith(".ipynb"):
            path = Path(candidate)
            # A server's root may stand in front of a path that only the server knows.
            return path if path.parent.is_dir() else Path(path.name)
    return None


def history_folder(shell: Any, named: str = "", folder: str = "") -> Path:
    """Name the history's folder: ``cats.draws`` beside ``cats.ipynb``.

    Without a notebook it is ``<script>.draws`` beside a script, else ``nbext.draws`` here.
    """
    if folder:
        return Path(folder).expanduser().absolute()
    notebook = notebook_path(shell, named)
    if notebook is not None:
        return notebook.with_suffix(".draws").absolute()
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    if shell is None and script:
        return Path(script).with_suffix(".draws").absolute()
    return Path("nbext.draws").absolute()


def running_cell(shell: Any) -> Cell:
    """Tell which cell is running: its id, where there is one, and its ``In[ ]`` number."""
    from nbext.session import Cell

    if shell is None:
        return Cell()
    id_ = ""
    if hasattr(shell, "get_parent"):
        metadata = (shell.get_parent() or {}).get("metadata") or {}
        id_ = metadata.get("cellId") or ""
    return Cell(id=str(id_), execution_count=int(getattr(shell, "execution_count", 0)))
