"""Find the notebook and the cell being run, from the code that has run so far.

nbclient, and so ``jupyter nbconvert --execute``, ``jupyter execute`` and papermill, tell a kernel
neither. But the cells that they have run are the first cells of a file, word for word. papermill
adds a cell with its parameters, which the file lacks.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbext.errors import OptionError
from nbext.notebook.file import NOTEBOOK_SUFFIXES, TEXT_SUFFIXES, NotebookFile, origin
from nbext.notebook.neighbours import below, beside, notebooks_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbext.notebook.file import CodeCell

# A folder with more notebooks, or larger ones, is not searched.
MAX_NOTEBOOKS = 200
MAX_BYTES = 64 << 20
_INJECTED = "# Parameters"
_SKIPPED = {"injected-parameters", "skip-execution"}


class Script:
    """A notebook's cells, in the order in which they run.

    Args:
        path: The notebook.

    Raises:
        OptionError: It is not a notebook.
    """

    def __init__(self, path: Path) -> None:
        file = NotebookFile(path)
        self.path = path
        self.made_from = file.made_from
        self.code = file.cells
        self._cells = [
            cell for cell in file.cells if cell.source.strip() and not _SKIPPED & {*cell.tags}
        ]

    def follow(self, inputs: Iterable[str]) -> tuple[bool, CodeCell | None]:
        """Match executed code with the notebook's first cells.

        Args:
            inputs: The executed code, in order, ending with the running cell.

        Returns:
            Whether these are the notebook's first cells, and the running cell; None for a cell that
            papermill added.
        """
        at, running = 0, None
        for text in inputs:
            source = text.strip()
            if at < len(self._cells) and self._cells[at].source.strip() == source:
                running, at = self._cells[at], at + 1
            elif source.startswith(_INJECTED):
                running = None
            elif source:
                return False, None
        return at > 0, running

    def only(self, source: str) -> CodeCell | None:
        """Return the cell with a text, None if there is none, or more than one."""
        alike = [cell for cell in self.code if cell.source.strip() == source.strip()]
        return alike[0] if len(alike) == 1 else None


def inputs_of(shell: Any) -> list[str]:
    """Return the code that the kernel has run, as sent, ending with the running cell."""
    if getattr(shell, "kernel", None) is None:
        return []
    history = getattr(getattr(shell, "history_manager", None), "input_hist_raw", None)
    return [str(text) for text in history[1:]] if isinstance(history, list) else []


def running_notebooks(inputs: list[str], folder: Path) -> list[Path]:
    """Find the notebooks whose first cells are the executed code.

    Args:
        inputs: The executed code.
        folder: The kernel's working directory: the notebook's folder, except with papermill.

    Returns:
        Each of them; a copy that papermill is writing counts as its original.
    """
    notebooks = (
        _matching(_named_by_parent(), inputs)
        or _matching([*sorted(folder.glob("*.ipynb")), *_of(beside(folder), TEXT_SUFFIXES)], inputs)
        # Started from a folder above.
        or _matching(_of(below(folder), NOTEBOOK_SUFFIXES), inputs)
    )
    with_history = [path for path in notebooks if path.with_suffix(".draws").is_dir()]
    return with_history if len(with_history) == 1 else notebooks


def is_running(history: Path, inputs: list[str]) -> bool:
    """Return whether the executed code is the beginning of a history's own notebook."""
    return bool(_matching(notebooks_of(history), inputs))


def _of(histories: Iterable[Path], suffixes: tuple[str, ...]) -> list[Path]:
    """Return the notebooks that histories belong to."""
    notebooks = (folder.with_suffix(suffix) for folder in histories for suffix in suffixes)
    return [path for path in notebooks if path.is_file()]


def _matching(paths: Iterable[Path], inputs: list[str]) -> list[Path]:
    notebooks: dict[Path, None] = {}
    for path in list(paths)[:MAX_NOTEBOOKS]:
        with contextlib.suppress(OptionError, OSError):
            if path.stat().st_size <= MAX_BYTES and _may_hold(path, inputs):
                script = Script(path)
                if script.follow(inputs)[0]:
                    notebooks[origin(path.absolute(), script.made_from)] = None
    # A notebook and its paired text file are one.
    return list({path.with_suffix(""): path for path in reversed(notebooks)}.values())[::-1]


def _may_hold(path: Path, inputs: list[str]) -> bool:
    """Return whether a file can be the running notebook, before jupytext parses it.

    jupytext takes seconds to load, and most programs that start a kernel are not notebooks. It
    comments lines out and turns a cell magic's first line into a language, but keeps the others.
    """
    if path.suffix not in TEXT_SUFFIXES:
        return True
    text = path.read_text("utf-8", errors="replace")
    sources = (source for source in inputs if not source.strip().startswith(_INJECTED))
    lines = (line.strip() for source in sources for line in source.splitlines())
    return all(line in text for line in lines if not line.startswith("%%"))


def _named_by_parent() -> list[Path]:
    try:
        import psutil
    except ImportError:
        return []
    try:
        parent = psutil.Process(os.getppid())
        words, beside = parent.cmdline(), Path(parent.cwd())
    except (psutil.Error, OSError):
        return []
    return [beside / word for word in words[1:] if word.endswith(NOTEBOOK_SUFFIXES)]
