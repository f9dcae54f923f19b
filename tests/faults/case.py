"""What a case of ``python -m tests.faults`` counts, and how it is written as a row of the table."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

# A failure is printed with what caused it, but not thousands of them.
MOST_NOTES = 20


@dataclass
class Tally:
    """What came of a case.

    Attributes:
        case: Its name.
        count: How many faults, kills or inputs there were.
        lost: Paid drawings, or notes, that were acknowledged and are no longer there.
        entered: What ran, was read, was written or was reached that should not have been.
        paid_twice: Requests that were sent again though they may have started.
        bare: Exceptions that are none of ours.
        hangs: Calls that did not end in the time they had.
        peak: The process's largest resident memory in MB.
        facts: Further figures, for the line below the row.
        notes: What each of the failures was.
    """

    case: str
    count: int = 0
    lost: int = 0
    entered: int = 0
    paid_twice: int = 0
    bare: int = 0
    hangs: int = 0
    peak: int = 0
    facts: dict[str, object] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def failures(self) -> int:
        return self.lost + self.entered + self.paid_twice + self.bare + self.hangs

    def note(self, column: str, what: str, *, number: int = 1) -> None:
        """Count a failure in its column, and keep what it was."""
        setattr(self, column, getattr(self, column) + number)
        if len(self.notes) < MOST_NOTES:
            self.notes.append(f"{column}: {what}")

    def measure(self) -> Tally:
        """Take the process's peak memory."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.peak = peak >> (20 if sys.platform == "darwin" else 10)
        return self


COLUMNS = ("case", "count", "lost", "entered", "paid_twice", "bare", "hangs", "peak")
HEADS = ("case", "count", "lost", "got in", "paid twice", "bare", "hangs", "peak MB", "command")


def row(tally: Tally, command: str) -> str:
    """Write a tally as a row of Markdown."""
    values = [getattr(tally, name) for name in COLUMNS]
    cells = [f"{value:,}" if isinstance(value, int) else value for value in values]
    return f"| {' | '.join(cells)} | `{command}` |"


def head() -> str:
    return f"| {' | '.join(HEADS)} |\n|{'---|' * len(HEADS)}"


@dataclass(frozen=True)
class Case:
    """A case and its lengths.

    Attributes:
        run: Does it: how many times, and from which seed.
        short: The length in ``make test``.
        full: The length in ``make faults``.
        what: What it does, in a line.
    """

    run: Callable[[int, int], Tally]
    short: int
    full: int
    what: str
