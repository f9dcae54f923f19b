"""The session of this process, created at first use, and the running cell."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbext.errors import NbextError
from nbext.messages.say import phrase
from nbext.notebook.file import NotebookFile
from nbext.notebook.locate import history_folder, notebook_path
from nbext.notebook.neighbours import draws_of, has_notebook, original_of
from nbext.notebook.vscode import SavedIds, is_uri
from nbext.util.fork import in_children

if TYPE_CHECKING:
    from nbext.config.settings import Nbext
    from nbext.data.cell import Cell
    from nbext.notebook.running import Script
    from nbext.session.session import Session

_lock = threading.Lock()


@in_children
def _reset_lock_after_fork() -> None:
    """Replace locks that a thread of the parent process may hold."""
    global _lock
    _lock = threading.Lock()


_session: Session | None = None
# Whether the notebook is unknown, so that each cell looks for it.
_looking = False
_notebook: Path | None = None
_script: tuple[tuple[Path, int], Script] | None = None
_saved_ids = SavedIds()


def shell_of_process() -> Any:
    """Return the IPython shell, None in plain Python, without importing IPython."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def current_session(shell: Any = None) -> Session:
    """Return the session of this process.

    If the notebook is not known, as under nbclient and papermill, it is looked for until something
    is shown: later cells distinguish notebooks that begin alike.

    Args:
        shell: The IPython shell, if the caller has it.
    """
    global _session
    with _lock:
        shell = shell or shell_of_process()
        if _session is None:
            from nbext.config.loading import get_settings

            try:
                from nbext.session.session import Session
            except ImportError as error:
                # A browser has no threads, and so no use for the packages of the transport.
                if sys.platform == "emscripten":
                    from nbext.session.runner import no_threads

                    raise no_threads() from error
                raise
            chosen = get_settings(shell)
            names = shell.user_ns if shell is not None else {}
            folder, warning = _place(shell, chosen)
            _session = Session(folder, names=names, chosen=chosen, notebook=_notebook)
            _session.cell, _session.shell = lambda: running_cell(shell), shell
            if _notebook is None and not chosen.history_folder and not is_watched(shell):
                _session.unnamed = phrase("replay.unnamed", folder=folder.name)
        elif not _looking or _is_in_use(_session):
            return _session
        else:
            folder, warning = _place(shell, _session.settings)
            if folder != _session.store.folder:
                _session.open_folder(folder, _notebook)
        warning = warning or _adopt_original(_session)
        if warning and warning not in _session.store.warnings:
            _session.store.warnings.append(warning)
        return _session


def is_started() -> bool:
    """Return whether this process has a session."""
    return _session is not None


def beside(path: str | os.PathLike[str]) -> Path:
    """Resolve a relative path, which starts at the notebook's folder.

    In a process that has no session yet, it starts at the working directory.
    """
    target = Path(path).expanduser()
    return _session.beside / target if _session is not None else target


def _adopt_original(session: Session) -> str:
    """Give a copied notebook the history of its original; return a notice about it."""
    from nbext.store.elsewhere import adopt, adopted_words
    from nbext.store.store import Store

    if _notebook is None or session.settings.history_folder or session.store.folder.is_dir():
        return ""
    with contextlib.suppress(NbextError):
        original = original_of(NotebookFile(_notebook))
        if original is not None:
            theirs = Store(original, read_only=True)
            count = adopt(session.store, theirs, theirs.records())
            return adopted_words(session.store, theirs, count) if count else ""
    return ""


def _is_in_use(session: Session) -> bool:
    """Return whether the session has shown or sent anything, so that its history must stay."""
    if session.history.shown:
        return True
    return any(record.session == session.id for record in session.store.records())


def _place(shell: Any, chosen: Nbext) -> tuple[Path, str]:
    """Return the folder of the history, and a warning or ""."""
    global _looking, _notebook
    notebook = notebook_path(shell, chosen.notebook)
    _looking, _notebook = False, notebook.absolute() if notebook is not None else None
    folder = history_folder(shell, chosen.notebook, chosen.history_folder)
    explicit = (chosen.notebook, os.environ.get("NBEXT_NOTEBOOK", "").strip())
    certain = any(explicit) or "__vsc_ipynb_file__" in getattr(shell, "user_ns", {})
    if certain or chosen.history_folder or getattr(shell, "kernel", None) is None:
        return _follow_notebook(folder, notebook, chosen)
    if notebook is not None and _cell_id(shell):
        return _follow_notebook(folder, notebook, chosen)
    # A notebook run by another notebook inherits its name, but receives no cell ids.
    from nbext.notebook.running import inputs_of, running_notebooks

    inputs = inputs_of(shell)
    _looking = True
    candidates = running_notebooks(inputs, Path.cwd())
    if len(candidates) == 1:
        _notebook = candidates[0]
        return _follow_notebook(draws_of(_notebook), _notebook, chosen)
    if len(candidates) < 2 or notebook is not None:
        return folder, ""
    names = " and ".join(path.name for path in candidates[:2])
    return folder, (
        phrase(
            "session.unclear_notebook", names=names, history=folder.name, first=candidates[0].name
        )
    )


def _follow_notebook(folder: Path, notebook: Path | None, chosen: Nbext) -> tuple[Path, str]:
    """Rename a history that a renamed notebook left behind."""
    if notebook is None or chosen.history_folder or not folder.is_dir():
        return folder, ""
    own = notebook.absolute().with_suffix(".draws")
    if own == folder or own.exists() or has_notebook(folder):
        return folder, ""
    try:
        folder.rename(own)
    except OSError:
        return folder, phrase(
            "session.history_keeps_name", notebook=notebook.name, folder=folder.name
        )
    return own, phrase("session.history_renamed", folder=folder.name, own=own.name)


def forget_session() -> None:
    """Close the session; the next use creates another."""
    global _session, _looking, _notebook, _script, _saved_ids
    with _lock:
        ended, _session = _session, None
        _looking = False
        _notebook = _script = None
        _saved_ids = SavedIds()
    if ended is not None:
        ended.run(ended.close())
        ended.runner.close()
        ended.store.rest()


def running_cell(shell: Any) -> Cell:
    """Return the running cell: its id, if known, and its ``In[ ]`` number."""
    from nbext.data.cell import Cell

    if shell is None:
        return Cell()
    id_ = _cell_id(shell)
    if not id_ or is_uri(id_):
        id_ = _id_in_file(shell, id_)
    return Cell(id=id_, execution_count=int(getattr(shell, "execution_count", 0)))


def is_watched(shell: Any) -> bool:
    """Return whether the running cell is shown live, not only saved after all cells have run."""
    if getattr(shell, "kernel", None) is None:
        return True
    content = _parent(shell).get("content") or {}
    return bool(_cell_id(shell)) or bool(content.get("allow_stdin"))


def _parent(shell: Any) -> dict[str, Any]:
    return (shell.get_parent() or {}) if hasattr(shell, "get_parent") else {}


def _cell_id(shell: Any) -> str:
    """Return the cell id that the front end sent."""
    metadata = _parent(shell).get("metadata") or {}
    return str(metadata.get("cellId") or "")


def _id_in_file(shell: Any, uri: str) -> str:
    """Return the id of the running cell from the notebook's file, empty if it is not found.

    Args:
        shell: The IPython shell.
        uri: VS Code's name for the cell; empty if the front end sends none.
    """
    header = _parent(shell).get("header") or {}
    if _notebook is None or header.get("msg_type") != "execute_request":
        return ""
    from nbext.notebook.running import inputs_of

    script, inputs = _script_of(_notebook), inputs_of(shell)
    if script is None or not inputs:
        return ""
    if uri:
        return _saved_ids.id_of(uri, inputs[-1], script.code)
    is_it, cell = script.follow(inputs)
    cell = cell if is_it else script.only(inputs[-1])
    return cell.id if cell is not None else ""


def _script_of(notebook: Path) -> Script | None:
    """Read a notebook's file, again after it was saved; None if it cannot be read."""
    global _script
    from nbext.notebook.running import Script

    try:
        state = notebook, notebook.stat().st_mtime_ns
        if _script is None or _script[0] != state:
            _script = state, Script(notebook)
    except (OSError, NbextError):
        return None
    return _script[1]
