"""What the events of one answer come to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nbext.data.record import LinkInfo
from nbext.wire import events

if TYPE_CHECKING:
    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record

# What an endpoint says that it drew, which may be other than what was asked for.
ACTUAL = ("size", "quality", "background", "output_format")
# Characters that are kept of an answer that is no result.
ANSWER_LIMIT = 4096
# Progress is kept to re-tell how a long request went, not to log every tick.
PROGRESS_KEPT = 200


class ResponseAccumulator:
    """Folds events, in the order they come, into what a record holds.

    Attributes:
        pictures: Those that came inside the answer, each once.
        links: Those that it points to.
        spoiled: Why pictures that came inside the answer were not kept.
        calls: Functions that the model asks for.
        results: What they gave, by the call's id.
        failed: What it says went wrong, None where it did not.
        job: The last state of an asynchronous job, None where there is none.
        status: Of HTTP, None before the answer has begun.
    """

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.pictures: list[PictureInfo] = []
        self.links: list[events.Link] = []
        self.spoiled: list[events.InvalidPicture] = []
        self.calls: list[events.ToolCall] = []
        self.results: dict[str, str] = {}
        self.citations: list[dict[str, Any]] = []
        self.failed: events.ErrorEvent | None = None
        self.job: events.Job | None = None
        self.usage: dict[str, Any] = {}
        self.cost: float | None = None
        self.model = ""
        self.gen_id = ""
        self.answer_id = ""
        self.revised_prompt = ""
        self.actual: dict[str, str] = {}
        self.notices: list[str] = []
        self.raw_answer: events.RawAnswer | None = None
        self.raw: Any = None
        self.status: int | None = None
        self.request_id = ""
        self.finish_reason = ""
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._progress: list[tuple[float, float | None, str]] = []

    @property
    def text(self) -> str:
        """The answer's text so far, raw."""
        return "".join(self._text)

    @property
    def reasoning(self) -> str:
        """What the model thought so far."""
        return "".join(self._reasoning)

    def add(self, event: events.Event) -> None:
        """Take the next event."""
        match event:
            case events.Text():
                self._text.append(event.text)
            case events.Reasoning():
                self._reasoning.append(event.text)
            case events.Progress():
                self._note(event.percent, event.words)
            case events.Inline():
                known = {picture.sha256 for picture in self.pictures}
                if not event.partial and event.picture.sha256 not in known:
                    self.pictures.append(event.picture)
            case events.InvalidPicture():
                self.spoiled.append(event)
            case events.Link():
                self.links.append(event)
            case events.Usage():
                self.usage |= event.usage
                self.cost = event.cost if event.cost is not None else self.cost
            case events.Meta():
                self.model = event.model or self.model
                self.gen_id = event.gen_id or self.gen_id
                self.answer_id = event.answer_id or self.answer_id
                self.revised_prompt = event.revised_prompt or self.revised_prompt
                drawn = {name: getattr(event, name) for name in ACTUAL}
                self.actual |= {name: value for name, value in drawn.items() if value}
                self.raw = event.raw if event.raw is not None else self.raw
            case events.Job():
                self.job = event
                self._note(event.percent, event.message or event.status)
                if event.status in ("done", "failed"):
                    self.finish_reason = event.status
            case events.ResponseStart():
                self.status = event.status
                self.request_id = event.request_id or self.request_id
            case events.ToolCall():
                self.calls.append(event)
            case events.Citation():
                places = {"start": event.start, "end": event.end}
                self.citations.append(
                    {"url": event.url, "title": event.title}
                    | {name: at for name, at in places.items() if at is not None}
                )
            case events.Notice():
                self.notices.append(event.message)
            case events.RawAnswer():
                self.raw_answer = event
            case events.TextWasReasoning():
                self._reasoning.append(self.text)
                self._text.clear()
            case events.ErrorEvent():
                self.failed = self.failed or event
            case events.Done():
                self.finish_reason = event.finish_reason or self.finish_reason

    def _note(self, percent: float | None, words: str) -> None:
        if len(self._progress) < PROGRESS_KEPT:
            elapsed = round(time.monotonic() - self.began, 2)
            self._progress.append((elapsed, percent, words))

    def into(self, record: Record) -> None:
        """Write what has come so far into a record."""
        record.text = self.text
        record.reasoning = self.reasoning
        record.progress = self._progress
        record.usage = self.usage
        record.cost = self.cost
        record.answered_model = self.model
        record.gen_id = self.gen_id
        record.answer_id = self.answer_id
        record.revised_prompt = self.revised_prompt
        record.actual = self.actual
        record.notices = self.notices
        record.answer = self.raw_answer.body[:ANSWER_LIMIT] if self.raw_answer is not None else ""
        record.links = [
            LinkInfo(
                url=link.url,
                kind=link.kind,
                alt=link.alt,
                expires=link.expires,
                fallback=link.fallback,
            )
            for link in self.links
        ]
        record.raw = self.raw
        record.request_id = self.request_id
        record.finish_reason = self.finish_reason
        record.citations = self.citations
        record.calls = [
            {"id": c.id, "name": c.name, "arguments": c.arguments}
            | ({"result": self.results[c.id]} if c.id in self.results else {})
            for c in self.calls
        ]
        record.job = self.job.id if self.job else record.job
