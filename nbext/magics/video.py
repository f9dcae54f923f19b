"""``%video``: jobs that outlive the kernel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbext.errors import OptionError
from nbext.magics.tables import table
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from nbext.session.session import Session


def jobs(session: Session, line: str) -> Any:
    """Run ``%video`` and ``%video @3``: list the jobs, or resume one.

    Raises:
        OptionError: The line names no job.
    """
    if not line:
        print(jobs_table(session))
        return None
    match = re.fullmatch(r"@?(-?\d{1,9})", line)
    if match is None:
        raise OptionError(phrase("cell.not_a_job", line=line), remedy=phrase("cell.video_lists"))
    return session.resume(session.history[int(match[1])]).wait()


_NOT_THE_JOB = ("Interrupted", "ConnectError", "TimedOutError", "TruncatedError")


def jobs_table(session: Session) -> str:
    """List the notebook's jobs, latest first."""
    rows = []
    for drawing in reversed(list(session.history)):
        record = drawing.record
        if not record.job:
            continue
        # The job goes on after an interrupt, or after a network error.
        stopped = record.error is not None and record.error.type in _NOT_THE_JOB
        state = phrase("cell.failed" if record.error else "cell.done")
        if record.type == "sent" or stopped:
            state = phrase("cell.running")
        rows.append(
            [f"@{record.number}", state, record.model, record.started[:16], record.prompt[:60]]
        )
    if not rows:
        return phrase("cell.no_jobs")
    columns = ("state", "model", "started", "prompt")
    return table(["", *(phrase(f"cell.column_{name}") for name in columns)], rows)
