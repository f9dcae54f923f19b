"""What the events of one answer come to: its record, or the error that says why nothing has come.

1. ``ResponseAccumulator.add`` folds each event in as it comes.
2. ``into`` writes what has come so far into the record.
3. Where no picture has come, ``error_from_event``, ``no_picture_error`` or ``download_error`` says
   why.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nbext.errors import DownloadError, NoPictureError
from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.util.text import human_size
from nbext.wire import events
from nbext.wire.error_body import one_line
from nbext.wire.error_classes import classify_event

if TYPE_CHECKING:
    from nbext.data.picture import PictureInfo
    from nbext.data.record import Draft
    from nbext.data.request import Request
    from nbext.errors import NbextError, RequestError

# What an endpoint says that it drew, which may be other than what was asked for.
ACTUAL = ("size", "quality", "background", "output_format")
# Characters that are kept of an answer that is no result.
ANSWER_LIMIT = 4096
# Progress is kept to re-tell how a long request went, not to log every tick.
PROGRESS_KEPT = 200
# Characters that are kept of an answer's text, and of what the model thought.
MOST_TEXT = 4 << 20


class _Words:
    """Text in pieces, up to a length.

    Attributes:
        left_out: How many characters were over.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._size = 0
        self.left_out = 0

    def add(self, piece: str) -> bool:
        """Take a piece, as far as there is room for it; False where there is none."""
        room = max(0, MOST_TEXT - self._size)
        self.left_out += max(0, len(piece) - room)
        if piece := piece[:room]:
            self._pieces.append(piece)
            self._size += len(piece)
        return room > 0

    def joined(self) -> str:
        """Give the text so far."""
        return "".join(self._pieces)


class ResponseAccumulator:
    """Folds events, in the order they come, into what a record holds.

    Attributes:
        pictures: Those that came inside the answer, each once.
        links: Those that it points to.
        invalid_pictures: Why pictures that came inside the answer were not kept.
        calls: Functions that the model asks for.
        results: What they gave, by the call's id.
        failed: What it says went wrong, None where it did not.
        job: The last state of an asynchronous job, None where there is none.
        key_budget: What the key has spent, and may spend, where the endpoint says so.
        location: Where an accepted request is asked after, where a header says so.
        status: Of HTTP, None before the answer has begun.
    """

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.pictures: list[PictureInfo] = []
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
        self.revised_prompt = ""
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
        """The answer's text so far, raw."""
        return self._text.joined()

    @property
    def reasoning(self) -> str:
        """What the model thought so far."""
        return self._reasoning.joined()

    def add(self, event: events.Event) -> bool:
        """Take the next event.

        Returns:
            False for text that there is no more room for.
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
                    self.pictures.append(event.picture)
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
        """Take what is new of an answer's details."""
        self.model = event.model or self.model
        self.gen_id = event.gen_id or self.gen_id
        self.answer_id = event.answer_id or self.answer_id
        self.revised_prompt = event.revised_prompt or self.revised_prompt
        drawn = {name: getattr(event, name) for name in ACTUAL}
        self.actual |= {name: value for name, value in drawn.items() if value}
        self.raw = event.raw if event.raw is not None else self.raw

    def _note(self, percent: float | None, words: str) -> None:
        if len(self._progress) < PROGRESS_KEPT:
            elapsed = round(time.monotonic() - self.began, 2)
            self._progress.append((elapsed, percent, words))

    def into(self, record: Draft) -> None:
        """Write what has come so far into a record; what is not said anew stays as it was."""
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
        record.notices = tuple(self.notices) or record.notices
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


# Base64 that is no picture which is accepted says nothing to a reader.
_DATA = pattern(r"(;base64,|\b)[A-Za-z0-9+/_-]{80,}={0,2}")


def error_from_event(failed: events.ErrorEvent, answer: ResponseAccumulator) -> RequestError:
    """Make the error that an answer tells of, with what is known of the answer itself."""
    error = classify_event(failed)
    error.status_code = answer.status
    error.request_id = error.request_id or answer.request_id
    error.body = error.body or answer_body(answer)
    return error


def answer_body(answer: ResponseAccumulator) -> str:
    """Give what an error quotes of the answer: its text, or the answer as it came."""
    raw = answer.raw_answer
    return (answer.text or (raw.body if raw is not None else ""))[:ANSWER_LIMIT]


# An answer that ends like this ends as it should.
_ENDINGS = frozenset(
    ["", "stop", "completed", "done", "success", "succeeded", "end_turn", "tool_calls"]
)


def no_picture_error(request: Request, answer: ResponseAccumulator) -> NoPictureError:
    """Say that an answer is no picture, or no film, and what it says instead."""
    wanted = "picture" if request.kind == "draw" else "film"
    raw = answer.raw_answer
    quote = one_line(_DATA.sub(r"\1…", answer.text[:20_000]), 300)
    quote = quote or (one_line(raw.words, 300) if raw is not None else "")
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
    """Say that what an answer points to cannot be fetched; the answer's text is kept."""
    return DownloadError(
        error.message,
        remedy=error.remedy,
        url=url,
        text=answer.text,
        status_code=getattr(error, "status_code", None),
        request_id=answer.request_id,
        body=answer_body(answer),
    )
