"""Make a cell wait for pending ``--no-wait`` drawings that it uses."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbext.magics.parse import Line
    from nbext.session.ask import PendingReply
    from nbext.session.session import Session

# Ways to refer to the last drawing. A string: Python compiles it at first use.
_LAST = r"(?m)@-|^%%?edit\b|\bhistory\b|\s-c\b|--continue\b"


def register(shell: Any) -> None:
    """Make Python cells wait; magics wait by themselves."""
    unregister(shell)
    shell.events.register("pre_run_cell", _before_cell)


def unregister(shell: Any) -> None:
    """Stop making cells wait."""
    for callback in [c for c in shell.events.callbacks["pre_run_cell"] if c is _before_cell]:
        shell.events.unregister("pre_run_cell", callback)


def _before_cell(info: Any) -> None:
    source = str(getattr(info, "raw_cell", "") or "")
    if "nbext.session.current" not in sys.modules or source.lstrip().startswith("%%"):
        return
    # Another thread may be importing it; this import waits for that thread.
    from nbext.session.current import current_session, is_started

    if is_started():
        wait_for_names(current_session(), source)


def wait_for_names(session: Session, text: str) -> None:
    """Wait for pending drawings that a text refers to, by variable or as the last drawing.

    Errors are shown below the cells that sent the requests.
    """
    background = [reply for reply in session.under_way.values() if reply.in_background]
    last = re.search(_LAST, text) is not None
    meant = [reply for reply in background if last or _names(reply, text)]
    if meant:
        session.run(session.settle(meant))


def _names(reply: PendingReply, text: str) -> bool:
    return bool(reply.name) and re.search(rf"\b{re.escape(reply.name)}\b", text) is not None


def see_through(shell: Any, reply: PendingReply, line: Line) -> Any:
    """Wait for a reply, or leave it in the background if the line has ``--no-wait``.

    In a run without a front end it waits anyway: a picture that arrives after its cell has ended
    would be missing from the saved notebook.
    """
    from nbext.session.current import is_watched

    if line.no_wait and is_watched(shell):
        reply.start_unless_recorded()
        return None
    result = reply.wait()
    return None if line.no_wait else result
