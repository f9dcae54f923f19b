"""What one poll for a job returned: its state, and the result if it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from nbext.session.accumulator import ResponseAccumulator
from nbext.wire import events, jobs

if TYPE_CHECKING:
    from nbext.data.kinds import LinkKind

# The most bytes of a state; a longer answer contains the picture itself.
MOST_STATE = 1 << 20


class JobAnswer(ResponseAccumulator):
    """The result of one poll for a job.

    The answer is parsed twice: by the wire format's decoder, for pictures inside it and for answers
    in the immediate form, and as a job's state.

    Args:
        kind: The kind of result if its URL does not tell: ``film`` or ``picture``.
        prompt: The prompt that was sent; another one in the answer is a rewritten one.
        empty_is_running: Whether an empty object is the state of a job that has not ended.

    Attributes:
        events: The decoder's events, except states and errors.
    """

    def __init__(self, kind: LinkKind, *, prompt: str = "", empty_is_running: bool = False) -> None:
        super().__init__()
        self._prompt = prompt
        self._empty_is_running = empty_is_running
        self.events: list[events.Event] = []
        self._kind = kind
        self._body = bytearray()

    def keep(self, data: bytes) -> None:
        """Store bytes of the body, up to the length of a state."""
        if len(self._body) <= MOST_STATE:
            self._body += data

    def take(self, event: events.Event) -> None:
        """Store an event of the decoder."""
        self.add(event)
        if not isinstance(event, events.Job | events.ErrorEvent | events.ResponseStart):
            self.events.append(event)

    @property
    def has_result(self) -> bool:
        """Whether a picture, or a link to one, has arrived."""
        return any(isinstance(event, events.Link | events.Inline) for event in self.events)

    def state(self, job_id: str) -> events.Job | None:
        """The job's state, None if the answer has none."""
        known = {link.url for link in self.links}
        value = self._value()
        job = self.job
        if value == {} and self._empty_is_running:
            return events.Job(id=job_id, status="running")
        if isinstance(value, dict) and isinstance(value.get(job_id), dict):
            # ComfyUI's history has each job under its own id.
            value = value[job_id]
        match = jobs.own(value, job_id)
        if match is not value:
            # The others' results are not this job's.
            value, self.events, known = match, [], set()
        if isinstance(value, dict | list):
            if jobs.is_missing(value):
                return None
            stated, links = jobs.job(value, kind=self._kind)
            self.events += [link for link in links if link.url not in known]
            says_more = jobs.is_job(value) or jobs.has_state(value) or _says_why(value)
            job = stated if says_more else job
            if facts := jobs.drawn_with(value, self._prompt):
                self.events.append(events.Meta(**facts))
        if job is None and self.has_result:
            job = events.Job(id=job_id, status="done")
        # A relay may return the id of the service behind it, but accepts only its own.
        return msgspec.structs.replace(job, id=job_id) if job is not None else None

    def _value(self) -> Any:
        if len(self._body) > MOST_STATE:
            return None
        try:
            return msgspec.json.decode(self._body)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None


def _says_why(value: Any, depth: int = 4) -> bool:
    """Return whether an answer has a state or an error, as that of a failed job does."""
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict) or not depth:
        return False
    if value.get("error") or any(isinstance(value.get(name), str) for name in _STATES):
        return True
    return any(_says_why(value.get(name), depth - 1) for name in ("data", "output", "detail"))


_STATES = ("status", "state", "task_status")
