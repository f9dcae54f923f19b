"""Combine the events of one answer into a record, or into the error for an answer without result.

1. ``ResponseAccumulator.add`` adds each event as it arrives.
2. ``into`` writes the current state to the record.
3. If there is no picture, ``error_from_event``, ``no_picture_error`` or ``download_error`` creates
   the error.
"""

from __future__ import annotations

import bisect
import time
from typing import TYPE_CHECKING, Any

from nbext.errors import (
    DownloadError,
    ModerationError,
    NoPictureError,
    QuotaError,
    RateLimitError,
    RequestError,
)
from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.util.text import human_size
from nbext.wire import events
from nbext.wire.error_body import one_line
from nbext.wire.error_classes import classify_error, classify_event
from nbext.wire.json_values import encoded

if TYPE_CHECKING:
    from nbext.data.endpoint import Endpoint
    from nbext.data.picture import PictureInfo
    from nbext.data.record import Draft
    from nbext.data.request import Request
    from nbext.errors import NbextError

# The values that the endpoint reports for the result, which may differ from those requested.
ACTUAL = ("size", "quality", "background", "output_format")
# The number of characters stored of an answer without result.
ANSWER_LIMIT = 4096
# Progress is recorded to show the course of a long request, not to log every tick.
PROGRESS_KEPT = 200
# The number of characters stored of an answer's text, and of the reasoning.
MOST_TEXT = 4 << 20


class _Words:
    """Text in pieces, up to a length.

    Attributes:
        left_out: The number of characters over the limit.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._size = 0
        self.left_out = 0

    def add(self, piece: str) -> bool:
        """Add a piece if there is room; return False if there is none."""
        room = max(0, MOST_TEXT - self._size)
        self.left_out += max(0, len(piece) - room)
        if piece := piece[:room]:
            self._pieces.append(piece)
            self._size += len(piece)
        return room > 0

    def joined(self) -> str:
        """Return the text so far."""
        return "".join(self._pieces)


class ResponseAccumulator:
    """Combines events, in the order of arrival, into the contents of a record.

    Attributes:
        pictures: The pictures inside the answer, without duplicates.
        links: The links to pictures.
        invalid_pictures: Why pictures inside the answer were rejected.
        calls: The functions that the model calls.
        results: Their results, by the call's id.
        failed: The error that the answer reports, None without one.
        job: The latest state of an asynchronous job, None without one.
        key_budget: The key's spending and limit, if the endpoint reports them.
        location: The URL for the state of an accepted request, from a header.
        status: The HTTP status, None before the answer has begun.
    """

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.pictures: list[PictureInfo] = []
        self._places: list[int] = []
        self.sounds: list[PictureInfo] = []
        self.links: list[events.Link] = []
        self.invalid_pictures: list[events.InvalidPicture] = []
        self.calls: list[events.ToolCall] = []
        self.results: dict[str, str] = {}
        self.citations: list[dict[str, Any]] = []
        self.failed: events.ErrorEvent | None = None
        self.job: events.Job | None = None
        self.usage: dict[str, Any] = {}
        self.cost: float | None = None
        self.key_budget: tuple[float | None, float | None] = (None, None)
        self.model = ""
        self.gen_id = ""
        self.answer_id = ""
        self._revised: list[str] = []
        self.actual: dict[str, str] = {}
        self.notices: list[str] = []
        self.raw_answer: events.RawAnswer | None = None
        self.raw: Any = None
        self.location = ""
        self.status: int | None = None
        self.request_id = ""
        self.finish_reason = ""
        self._text = _Words()
        self._reasoning = _Words()
        self._progress: list[tuple[float, float | None, str]] = []

    @property
    def text(self) -> str:
        """The text of the answer so far, unprocessed."""
        return self._text.joined()

    @property
    def revised_prompt(self) -> str:
        """The prompt that was used; if each picture has one of its own, all of them, numbered."""
        if len(self._revised) < 2:
            return "".join(self._revised)
        return "\n".join(f"{n}. {prompt}" for n, prompt in enumerate(self._revised, 1))

    @property
    def reasoning(self) -> str:
        """The model's reasoning so far."""
        return self._reasoning.joined()

    def add(self, event: events.Event) -> bool:
        """Add an event.

        Returns:
            False for text beyond the limit.
        """
        if isinstance(event, events.Text):
            return self._text.add(event.text)
        if isinstance(event, events.Reasoning):
            return self._reasoning.add(event.text)
        self._fold(event)
        return True

    def _fold(self, event: events.Event) -> None:
        match event:
            case events.Progress():
                self._note(event.percent, event.words)
            case events.Inline():
                known = {picture.sha256 for picture in self.pictures}
                if not event.partial and event.picture.sha256 not in known:
                    # Without a place, behind what has come.
                    place = event.place if event.place is not None else max(self._places, default=0)
                    at = bisect.bisect(self._places, place)
                    self._places.insert(at, place)
                    self.pictures.insert(at, event.picture)
            case events.Sound():
                self.sounds.append(event.sound)
            case events.InvalidPicture():
                self.invalid_pictures.append(event)
            case events.Link():
                self.links.append(event)
            case events.Usage():
                self.usage |= event.usage
                self.cost = event.cost if event.cost is not None else self.cost
            case events.Meta():
                self._note_details(event)
            case events.Job():
                self.job = event
                self._note(event.percent, event.message or event.status)
                if event.status in ("done", "failed"):
                    self.finish_reason = event.status
            case events.ResponseStart():
                self.status = event.status
                self.request_id = event.request_id or self.request_id
                self.cost = event.cost if event.cost is not None else self.cost
                self.key_budget = event.key_spend, event.key_budget
                self.location = event.location or self.location
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
                self._reasoning.add(self.text)
                self._text = _Words()
            case events.ErrorEvent():
                self.failed = self.failed or event
            case events.Done():
                self.finish_reason = event.finish_reason or self.finish_reason

    def _note_details(self, event: events.Meta) -> None:
        """Store new details of the answer."""
        self.model = event.model or self.model
        self.gen_id = event.gen_id or self.gen_id
        self.answer_id = event.answer_id or self.answer_id
        if event.revised_prompt and event.revised_prompt not in self._revised:
            self._revised.append(event.revised_prompt)
        drawn = {name: getattr(event, name) for name in ACTUAL}
        self.actual |= {name: value for name, value in drawn.items() if value}
        self.raw = event.raw if event.raw is not None else self.raw

    def _note(self, percent: float | None, words: str) -> None:
        if len(self._progress) < PROGRESS_KEPT:
            elapsed = round(time.monotonic() - self.began, 2)
            self._progress.append((elapsed, percent, words))

    def into(self, record: Draft) -> None:
        """Write the current state to a record; fields without new values stay unchanged."""
        record.lost += tuple(
            phrase("store.text_cut", name=name, size=human_size(MOST_TEXT))
            for name, words in (("text", self._text), ("reasoning", self._reasoning))
            if words.left_out
        )
        record.text = self.text or record.text
        record.reasoning = self.reasoning or record.reasoning
        record.progress = tuple(self._progress) or record.progress
        record.usage = self.usage or record.usage
        record.cost = record.cost if self.cost is None else self.cost
        record.answered_model = self.model or record.answered_model
        record.gen_id = self.gen_id or record.gen_id
        record.answer_id = self.answer_id or record.answer_id
        record.revised_prompt = self.revised_prompt or record.revised_prompt
        record.actual = self.actual or record.actual
        record.notices = tuple(dict.fromkeys(self.notices)) or record.notices
        raw = self.raw_answer.body[:ANSWER_LIMIT] if self.raw_answer is not None else ""
        record.answer = raw or record.answer
        record.raw = record.raw if self.raw is None else self.raw
        record.request_id = self.request_id or record.request_id
        record.finish_reason = self.finish_reason or record.finish_reason
        record.citations = tuple(self.citations) or record.citations
        calls = tuple(
            {"id": c.id, "name": c.name, "arguments": c.arguments}
            | ({"result": self.results[c.id]} if c.id in self.results else {})
            for c in self.calls
        )
        record.calls = calls or record.calls
        record.job = (self.job.id if self.job else "") or record.job


# Rejected base64 means nothing to a reader.
_DATA = pattern(r"(;base64,|\b)[A-Za-z0-9+/_-]{80,}={0,2}")


def error_from_event(failed: events.ErrorEvent, answer: ResponseAccumulator) -> RequestError:
    """Create the error that an answer reports, with details of the answer."""
    error = classify_event(failed)
    error.status_code = answer.status
    error.request_id = error.request_id or answer.request_id
    error.body = error.body or answer_body(answer)
    return error


def answer_body(answer: ResponseAccumulator) -> str:
    """Return the part of the answer that an error quotes: its text, or the raw answer."""
    raw = answer.raw_answer
    return (answer.text or (raw.body if raw is not None else ""))[:ANSWER_LIMIT]


# Errors whose words tell why a complete answer has no picture.
_REASONS = (ModerationError, QuotaError, RateLimitError)
# Finish reasons of a complete answer.
_ENDINGS = frozenset(
    ["", "stop", "completed", "done", "success", "succeeded", "end_turn", "tool_calls"]
)


def no_picture_error(request: Request, answer: ResponseAccumulator) -> RequestError:
    """Create the error for an answer without a picture or film, quoting its text instead.

    A reason in the words of an answer without a text makes another error of it: refused, no credit.
    """
    wanted = "picture" if request.kind == "draw" else "film"
    raw = answer.raw_answer
    quote = one_line(_DATA.sub(r"\1…", answer.text[:20_000]), 300)
    if not quote and raw is not None and raw.words:
        quote = one_line(raw.words, 300)
        reason = classify_error(200, {}, encoded({"error": {"message": quote}}))
        if isinstance(reason, _REASONS):
            reason.status_code, reason.body = answer.status, answer_body(answer)
            reason.request_id = answer.request_id
            return reason
    if answer.calls:
        names = ", ".join(dict.fromkeys(call.name for call in answer.calls))
        quote = phrase("session.asks_function", one_line=one_line(names, 100), quote=quote).strip()
    elif not quote and raw is not None and raw.body.strip():
        quote = one_line(raw.body, 200)
    ending = answer.finish_reason
    why = (
        phrase("session.ended_with", one_line=one_line(ending, 60))
        if ending.lower() not in _ENDINGS
        else ""
    )
    what = phrase(f"session.answered_no_{wanted}", model=request.model, why=why)
    return NoPictureError(
        phrase("session.with_quote", what=what, quote=quote)
        if quote
        else phrase("session.without_words", what=what),
        text=answer.text,
        remedy=phrase(f"session.ask_{wanted}"),
        status_code=answer.status,
        request_id=answer.request_id,
        body=answer_body(answer),
    )


def download_error(error: NbextError, url: str, answer: ResponseAccumulator) -> DownloadError:
    """Create the error for a link that cannot be downloaded, keeping the answer's text."""
    return DownloadError(
        error.message,
        remedy=error.remedy,
        url=url,
        text=answer.text,
        status_code=getattr(error, "status_code", None),
        request_id=answer.request_id,
        body=answer_body(answer),
    )


def unprocessed(error: Exception, endpoint: Endpoint) -> RequestError:
    """Create the error for an answer that could not be processed, whatever the reason."""
    text = " ".join(str(error).split())[:200]
    reason = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return RequestError(
        phrase("session.answer_unprocessed", host=endpoint.label, reason=reason),
        remedy=phrase("session.report_bug"),
        maybe_billed=not endpoint.embedded,
    )
