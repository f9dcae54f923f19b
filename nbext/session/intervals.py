"""How often to ask for a result that an answer only promises, and how to ask later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbext.data.record import Draft

# Seconds between two polls, at first and at most.
FIRST_LOOK = 0.5
LAST_LOOK = 10.0
# The most polls in a row without a result: a replica may not know the job yet.
EMPTY_LOOKS = 6


def poll_intervals() -> Iterator[float]:
    """Yield the seconds to wait before each poll."""
    wait = FIRST_LOOK
    while True:
        yield wait
        wait = min(wait * 1.5, LAST_LOOK)


def poll_later(record: Draft) -> str:
    """Say how to ask for a result later, for free."""
    what = "session.look_video" if record.wire == "videos" else "session.look_fetch"
    return phrase(what, number=record.number)
