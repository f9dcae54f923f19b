"""The Tab key in cells of ours: a light matcher, that imports completion where it is wanted."""

from __future__ import annotations

import contextlib
import threading
from importlib import import_module
from typing import Any

from IPython.core.completer import context_matcher

from nbext.magics.line import is_ours, magic_of


@context_matcher(identifier="nbext", priority=200)
def nbext_matcher(context: Any) -> dict[str, Any]:
    """Complete in a cell of ours (IPython's matcher interface, version 2)."""
    lines = context.full_text.split("\n")
    at = context.cursor_line
    in_body = at > 0 and lines[0].lstrip().startswith("%%") and is_ours(lines[0])
    if not in_body and (at >= len(lines) or not magic_of(lines[at])):
        return {"completions": [], "suppress": False}
    from IPython import get_ipython

    from nbext.magics.complete import complete

    return complete(context, get_ipython())


def register(shell: Any) -> None:
    """Add the matcher to a shell, once."""
    unregister(shell)
    shell.Completer.custom_matchers.append(nbext_matcher)
    if getattr(shell, "kernel", None) is not None:
        shell.events.register("post_run_cell", _import_soon)


def unregister(shell: Any) -> None:
    """Take it away."""
    matchers = shell.Completer.custom_matchers
    with contextlib.suppress(ValueError):
        shell.events.unregister("post_run_cell", _import_soon)
    matchers[:] = [m for m in matchers if getattr(m, "matcher_identifier", "") != "nbext"]


def _import_soon(_: Any) -> None:
    """Import completion behind the first cell: a front end gives the first Tab one second."""
    from IPython import get_ipython

    with contextlib.suppress(ValueError):
        get_ipython().events.unregister("post_run_cell", _import_soon)
    threading.Thread(
        target=import_module, args=("nbext.magics.complete",), name="nbext-imports", daemon=True
    ).start()
