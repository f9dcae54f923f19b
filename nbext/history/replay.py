"""Which recorded drawing stands for a request, so that running a notebook again is free.

``restart``: the first time in a fresh kernel what is recorded is shown, run again a new take is
drawn. ``always``, ``never``, ``only``: as they say; ``only`` never sends. A failed drawing is never
shown again, and sketches of the embedded endpoint never stand in for a model's pictures.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from nbext.errors import ReplayError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbext.data.record import Record


class Replay:
    """What this kernel session has asked for, and what it was shown.

    Args:
        is_there: Tells whether a picture's bytes are there, by its sha256.

    Attributes:
        reason: Why what is recorded was not shown the last time, empty where nothing stood against
            it.
    """

    def __init__(self, is_there: Callable[[str], bool]) -> None:
        self._is_there = is_there
        self.reason = ""
        self._asked: Counter[tuple[str, int, str]] = Counter()
        self._runs: Counter[tuple[str, int]] = Counter()

    def find(
        self,
        records: Sequence[Record],
        fingerprint: str,
        take: int,
        *,
        mode: str,
        cell: str,
        session: str,
        embedded: bool,
    ) -> Record | None:
        """Find the recorded drawing to show, None to draw.

        Args:
            records: The history, by number.
            fingerprint: Of the request.
            take: 0 for the first of several takes.
            mode: ``restart``, ``always``, ``never`` or ``only``.
            cell: The cell's id, empty where there is none.
            session: This kernel session.
            embedded: Whether the request would go to the embedded endpoint.

        Raises:
            ReplayError: The mode is ``only``, and nothing is recorded.
        """
        asked = self._asked[fingerprint, take, cell]
        self._asked[fingerprint, take, cell] += 1
        run = self._runs[fingerprint, take]
        self._runs[fingerprint, take] += 1
        self.reason = ""
        if mode == "never":
            return None
        same = [r for r in records if r.fingerprint == fingerprint and r.take == take]
        usable = self._usable(same, embedded=embedded)
        found: Record | None
        if mode == "restart":
            earlier = [record for record in usable if record.session != session]
            again = asked > 0 if cell else any(r.session == session for r in same)
            found = None if again else self._choose(earlier, cell, run)
        else:
            found = self._choose(usable, cell, run) or (usable[-1] if usable else None)
        if found is not None and not self._is_whole(found):
            # Another take would not be the picture that the notebook speaks of.
            self.reason = f"It is recorded as @{found.number}, but its pictures are missing."
            found = None
        if found is None and mode == "only":
            why = self.reason or self._why_not(same, embedded=embedded)
            raise ReplayError(
                f"The request {fingerprint[:12]}…, take {take + 1}, cannot be replayed, and "
                f"Nbext.replay is 'only': nothing is sent. {why}",
                remedy='Run it once with %config Nbext.replay = "restart".',
            )
        return found

    def _is_whole(self, record: Record) -> bool:
        return all(self._is_there(info.sha256) for info in (*record.pictures, *record.films))

    @staticmethod
    def _usable(records: Sequence[Record], *, embedded: bool) -> list[Record]:
        """Keep what has come well; a model's drawings before sketches."""
        well = [r for r in records if r.type == "drawing" and r.error is None]
        real = [record for record in well if not record.embedded]
        return (real or well) if embedded else real

    @staticmethod
    def _choose(records: Sequence[Record], cell: str, run: int) -> Record | None:
        """Take the cell's latest; else, for the k-th run, the k-th of a session.

        The latest session that has so many: one in which only some cells ran must not make the
        next whole run pay again.
        """
        of_cell = [record for record in records if cell and record.cell == cell]
        if of_cell:
            return of_cell[-1]
        if not records:
            return None
        sessions = dict.fromkeys(record.session for record in reversed(records))
        for session in sessions:
            drawn = [record for record in records if record.session == session]
            if run < len(drawn):
                return drawn[run]
        return None

    @staticmethod
    def _why_not(records: Sequence[Record], *, embedded: bool) -> str:
        if any(record.embedded for record in records) and not embedded:
            return "What is recorded are sketches of the embedded endpoint, for a model."
        if any(record.error is not None for record in records):
            return "What is recorded failed."
        if records:
            return "It was sent, but no answer is recorded."
        return "It is not recorded."
