"""The Tab key in our cells: a light matcher that imports completion when needed."""

from __future__ import annotations

import contextlib
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

from IPython.core.completer import context_matcher

from nbext.magics.line import is_ours, magic_of

if TYPE_CHECKING:
    from collections.abc import Callable


@context_matcher(identifier="nbext", priority=200)
def nbext_matcher(context: Any) -> dict[str, Any]:
    """Complete in one of our cells (IPython's matcher interface, version 2)."""
    lines = context.full_text.split("\n")
    at = context.cursor_line
    in_body = at > 0 and lines[0].lstrip().startswith("%%") and is_ours(lines[0])
    if not in_body and (at >= len(lines) or not magic_of(lines[at])):
        return {"completions": [], "suppress": False}
    from IPython import get_ipython

    from nbext.magics.complete import complete

    return complete(context, get_ipython())


def register(shell: Any, *, then: Callable[[], None]) -> None:
    """Add the matcher to a shell, once.

    Args:
        shell: The shell.
        then: Further work to do in the background after the first cell.
    """
    unregister(shell)
    shell.Completer.custom_matchers.append(nbext_matcher)
    if getattr(shell, "kernel", None) is not None:
        shell.events.register("post_run_cell", _Soon(shell, then))
    else:
        then()


def unregister(shell: Any) -> None:
    """Remove the matcher."""
    matchers = shell.Completer.custom_matchers
    for callback in list(shell.events.callbacks["post_run_cell"]):
        if isinstance(callback, _Soon):
            shell.events.unregister("post_run_cell", callback)
    matchers[:] = [m for m in matchers if getattr(m, "matcher_identifier", "") != "nbext"]


class _Soon:
    """Imports completion in the background after the first cell.

    A front end waits only one second for the first Tab.

    Args:
        shell: The shell.
        then: Called after the import.
    """

    def __init__(self, shell: Any, then: Callable[[], None]) -> None:
        self._shell = shell
        self._then = then

    def __call__(self, _: Any) -> None:
        """Start the import on a thread, once."""
        with contextlib.suppress(ValueError):
            self._shell.events.unregister("post_run_cell", self)
        threading.Thread(target=self._import, name="nbext-imports", daemon=True).start()

    def _import(self) -> None:
        import_module("nbext.magics.complete")
        self._then()
