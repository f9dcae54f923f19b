"""Find the notebook of this kernel, and the folder of its history."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbext.notebook.file import NOTEBOOK_SUFFIXES
from nbext.notebook.neighbours import draws_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def notebook_path(
    shell: Any, named: str = "", environ: Mapping[str, str] = os.environ
) -> Path | None:
    """Find the notebook of this kernel, None if it is not known.

    The sources, in this order: the setting, ``NBEXT_NOTEBOOK``, the VS Code extension's
    ``__vsc_ipynb_file__``, Jupyter Server's ``JPY_SESSION_NAME`` (a path since jupyter_server 2.0),
    ``__session__``, and the file that ``ipython cats.ipynb`` runs.

    Args:
        shell: The IPython shell, None in plain Python.
        named: The setting's value; ``.ipynb`` may be omitted.
        environ: The environment.
    """
    name = named or environ.get("NBEXT_NOTEBOOK", "").strip()
    if name:
        path = Path(name).expanduser()
        return path if path.suffix in NOTEBOOK_SUFFIXES else Path(f"{path}.ipynb")
    if shell is None:
        # A script started by a notebook inherits the notebook's variables.
        return None
    candidates = [
        shell.user_ns.get("__vsc_ipynb_file__"),
        environ.get("JPY_SESSION_NAME"),
        shell.user_ns.get("__session__"),
    ]
    for candidate in candidates:
        if isinstance(candidate, str) and candidate.endswith(NOTEBOOK_SUFFIXES):
            return _here(Path(candidate))
    return None if getattr(shell, "kernel", None) is not None else _of_terminal()


def _of_terminal() -> Path | None:
    """Return the notebook of ``ipython cats.ipynb``, None for any other start."""
    # While it runs the file, IPython puts it first.
    files = [Path(word) for word in sys.argv if word.endswith(".ipynb")]
    return files[0] if len(files) == 1 and files[0].is_file() else None


def _here(path: Path) -> Path:
    """Resolve a path that may be relative to the server's root, which the kernel does not know."""
    beside = Path(path.name)
    if path.is_file() or not path.parent.is_dir():
        return path if path.is_file() else beside
    return beside if beside.is_file() else path


def history_folder(shell: Any, named: str = "", folder: str = "") -> Path:
    """Return the history's folder: ``cats.draws`` beside ``cats.ipynb``.

    Without a notebook it is ``<script>.draws`` beside a script, else ``nbext.draws`` here.

    Args:
        shell: The IPython shell, None in plain Python.
        named: The notebook, if the settings name it.
        folder: The folder, if the settings name it.
    """
    if folder:
        return Path(folder).expanduser().absolute()
    notebook = notebook_path(shell, named)
    if notebook is not None:
        return draws_of(notebook.absolute())
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    if shell is None and script:
        return Path(script).with_suffix(".draws").absolute()
    return Path("nbext.draws").absolute()
