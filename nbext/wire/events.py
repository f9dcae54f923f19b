"""What every wire format yields, and the three interfaces around it.

A wire encodes a request to a call; a decoder turns the answer's bytes, as they arrive, into events;
a picture that comes inside the answer flows into a sink and is never carried in an event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from nbext.data.kinds import JobStatus, LinkKind, ProgressState
from nbext.data.picture import PictureInfo

if TYPE_CHECKING:
    from nbext.data.request import Request


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a multipart body."""

    field: str
    filename: str
    data: bytes
    media_type: str


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request as a wire format writes it.

    Attributes:
        path: Below the version, e.g. ``chat/completions``.
        version: ``v1``, or ``v1beta`` for Gemini's own format.
        method: Of HTTP.
        body: The JSON body, None for none.
        form: Fields of a multipart body, where ``files`` are sent or the wire wants one.
        files: Its files.
        query: Of the URL.
        stream: Whether the answer is asked for as it comes.
        generating: Whether it costs money: such a call is never repeated once it may have started.
        prompt_sent: The prompt as it stands in the body.
    """

    path: str
    version: str = "v1"
    method: str = "POST"
    body: dict[str, Any] | None = None
    form: dict[str, str] | None = None
    files: tuple[Upload, ...] = ()
    query: dict[str, str] = {}
    stream: bool = False
    generating: bool = True
    prompt_sent: str = ""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an answer says."""


class ResponseStart(Event, frozen=True, kw_only=True):
    """The answer has begun.

    Attributes:
        request_id: The endpoint's id of the request.
        cost: What it cost in US dollars, where a gateway says so in a header.
        key_spend: What the key has spent in all, in US dollars, where a header says so.
        key_budget: What it may spend at most.
        location: Where an answer without a body says that its result will be.
    """

    status: int = 200
    request_id: str = ""
    content_type: str = ""
    cost: float | None = None
    key_spend: float | None = None
    key_budget: float | None = None
    location: str = ""


class Progress(Event, frozen=True, kw_only=True):
    """How far it is.

    Attributes:
        words: What the endpoint says, one line.
        percent: 0 to 100, None where it does not say.
        state: ``queued``, ``running``, ``done`` or ``retry``.
    """

    words: str
    percent: float | None = None
    state: ProgressState = "running"


class Text(Event, frozen=True, kw_only=True):
    """A piece of the answer's text; pictures inside it stand there as ``nbext-sha256:HEX``."""

    text: str


class Reasoning(Event, frozen=True, kw_only=True):
    """A piece of what the model thought."""

    text: str


class Inline(Event, frozen=True, kw_only=True):
    """A picture that came inside the answer; its bytes are in the sink's store already.

    Attributes:
        partial: A preview while the picture is being made, never a result.
    """

    picture: PictureInfo
    partial: bool = False


class InvalidPicture(Event, frozen=True, kw_only=True):
    """A picture came inside the answer and was not kept.

    Attributes:
        message: Why not.
        remedy: What to do about it.
    """

    message: str
    remedy: str = ""


class Notice(Event, frozen=True, kw_only=True):
    """Something about the answer that its reader should know, though it is no failure."""

    message: str


class RawAnswer(Event, frozen=True, kw_only=True):
    """An answer without a result, as it came.

    Attributes:
        body: Its beginning, pictures cut out.
        words: What it says in fields that are not for text, one line.
    """

    body: str
    words: str = ""


class TextWasReasoning(Event, frozen=True, kw_only=True):
    """All text until now was a thought: its end has come, and its beginning was left out."""


class Link(Event, frozen=True, kw_only=True):
    """A picture or film that the answer points to, to be fetched without the key.

    Attributes:
        kind: ``picture``, ``film``, ``poster``, ``poll`` (a page that will name it later) or
            ``maybe`` (its bytes alone tell whether it is a picture).
        alt: What the answer says in its place.
        expires: UTC, ISO 8601, where the URL says when it stops to work.
        fallback: A smaller or earlier picture, for the case that this one cannot be fetched.

    The URL may lack its host or its scheme: those of the endpoint are meant then.
    """

    url: str
    kind: LinkKind = "picture"
    alt: str = ""
    expires: str = ""
    fallback: str = ""


class DraftLinks(Event, frozen=True, kw_only=True):
    """What the text of a stream points to so far; what of it is the result is said at the end.

    It is for the case that the end never comes.
    """

    links: tuple[Link, ...]


class Usage(Event, frozen=True, kw_only=True):
    """Tokens and the like, as the answer names them; ``cost`` in US dollars where it says."""

    usage: dict[str, Any]
    cost: float | None = None


class Meta(Event, frozen=True, kw_only=True):
    """Facts of the answer; fields that are empty say nothing new.

    Attributes:
        model: As the endpoint names it.
        answer_id: The endpoint's id of the answer.
        gen_id: The relay's id of the picture, which an edit goes on from.
        revised_prompt: What was drawn from, where that is not the prompt as sent.
        size: What the endpoint says that it drew; so are quality, background and output_format.
        raw: What the wire must have back, unchanged, when the conversation goes on.
    """

    model: str = ""
    answer_id: str = ""
    gen_id: str = ""
    revised_prompt: str = ""
    size: str = ""
    quality: str = ""
    background: str = ""
    output_format: str = ""
    raw: Any = None


class ToolCall(Event, frozen=True, kw_only=True):
    """A function that the model asks for, complete."""

    id: str
    name: str
    arguments: str


class Citation(Event, frozen=True, kw_only=True):
    """A link that the answer's text rests on."""

    url: str
    title: str = ""
    start: int | None = None
    end: int | None = None


class Job(Event, frozen=True, kw_only=True):
    """The state of an asynchronous job.

    Attributes:
        id: The endpoint's; empty where it names none.
        status: ``queued``, ``running``, ``done`` or ``failed``.
        percent: 0 to 100, None where it does not say.
        message: Why it failed, or what it waits for.
        poll_url: Where the endpoint says that the job is asked after, empty where it does not.
        result_url: Where it says that the result will be.
    """

    id: str
    status: JobStatus
    percent: float | None = None
    message: str = ""
    poll_url: str = ""
    result_url: str = ""


class ErrorEvent(Event, frozen=True, kw_only=True):
    """The answer says that it failed, or is none.

    Attributes:
        kind: The name of the error class of ``nbext.errors`` that it becomes.
    """

    kind: str
    message: str
    remedy: str = ""
    request_id: str = ""
    body: str = ""
    maybe_billed: bool = False


class Done(Event, frozen=True, kw_only=True):
    """The answer is complete."""

    finish_reason: str = ""


class Sink(Protocol):
    """Where a picture's bytes go as they come."""

    def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            PictureError: It grows over the limit.
        """

    def close(self) -> PictureInfo:
        """Keep the picture, now that it is whole.

        Raises:
            PictureError: The bytes are no picture that is accepted.
        """

    def abort(self) -> None:
        """Forget it."""


SinkFactory = Callable[[], Sink]


class Decoder(Protocol):
    """Turns one answer into events. Never raises for anything that an endpoint can send.

    Attributes:
        over: Whether the answer has said that nothing follows, though the connection stays open.
    """

    over: bool

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes, cut anywhere."""

    def close(self) -> list[Event]:
        """Say what was left to say when the body has ended: links, failures, ``Done``."""


class Wire(Protocol):
    """A wire format."""

    name: str

    def encode(self, request: Request) -> Call:
        """Write a request.

        Raises:
            OptionError: The wire format has no place for something that was asked.
        """

    def decoder(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> Decoder:
        """Make a decoder for one answer with HTTP status 200.

        Args:
            request: What was asked, so that an echo of its pictures is not taken for a result.
            sink: Called for each picture inside the answer.
            content_type: The answer's header; plain JSON and event streams are told apart by it
                and by the first bytes, whatever was asked for.
        """
