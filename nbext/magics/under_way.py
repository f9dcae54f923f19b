"""A cell waits for what an earlier ``--no-wait`` has not brought yet, where it asks for that."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbext.magics.parse import Line
    from nbext.session.ask import PendingReply
    from nbext.session.session import Session

# What means the drawing that was asked for last. Python compiles it at its first use.
_LAST = r"(?m)@-|^%%?edit\b|\bhistory\b|\s-c\b|--continue\b"


def register(shell: Any) -> None:
    """Let cells of Python wait; magics wait by themselves."""
    unregister(shell)
    shell.events.register("pre_run_cell", _before_cell)


def unregister(shell: Any) -> None:
    """Let no cell wait any more."""
    for callback in [c for c in shell.events.callbacks["pre_run_cell"] if c is _before_cell]:
        shell.events.unregister("pre_run_cell", callback)


def _before_cell(info: Any) -> None:
    source = str(getattr(info, "raw_cell", "") or "")
    if "nbext.session.current" not in sys.modules or source.lstrip().startswith("%%"):
        return
    # Another thread may be importing it at this moment: this statement waits until that is done.
    from nbext.session.current import current_session, is_started

    if is_started():
        wait_for_names(current_session(), source)


def wait_for_names(session: Session, text: str) -> None:
    """Wait for what is on its way and is meant in a text: a variable, or the last drawing.

    How it ended is said where it was asked for.
    """
    background = [reply for reply in session.under_way.values() if reply.in_background]
    last = re.search(_LAST, text) is not None
    meant = [reply for reply in background if last or _names(reply, text)]
    if meant:
        session.run(session.settle(meant))


def _names(reply: PendingReply, text: str) -> bool:
    return bool(reply.name) and re.search(rf"\b{re.escape(reply.name)}\b", text) is not None


def see_through(shell: Any, reply: PendingReply, line: Line) -> Any:
    """Wait for a reply, or leave it in the background where the line says so.

    Where nobody looks on, a picture that comes after its cell is in no saved notebook.
    """
    from nbext.session.current import is_watched

    if line.no_wait and is_watched(shell):
        reply.start_unless_recorded()
        return None
    result = reply.wait()
    return None if line.no_wait else result
