"""The events that decoders yield, and the interfaces of wire, decoder and sink.

A wire encodes a request to a call; a decoder turns the answer's bytes, as they arrive, into events;
pictures inside the answer are written to a sink and are never part of an event.
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
    """A file in a multipart body."""

    field: str
    filename: str
    data: bytes
    media_type: str


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request in a wire format.

    Attributes:
        path: The path below the version, such as ``chat/completions``.
        version: ``v1``, or ``v1beta`` for Gemini's own format.
        method: The HTTP method.
        body: The JSON body, or None.
        form: The fields of a multipart body, if there are files or the format requires one.
        files: The files of a multipart body.
        query: The URL's query.
        stream: Whether to request a stream.
        generating: Whether it costs money: such a call is never repeated once it may have started.
        prompt_sent: The prompt in the body.
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
    """A part of an answer."""


class ResponseStart(Event, frozen=True, kw_only=True):
    """The start of an answer.

    Attributes:
        request_id: The endpoint's id of the request.
        cost: The cost in US dollars, from a gateway's header.
        key_spend: The key's total spending in US dollars, from a header.
        key_budget: The key's limit.
        location: Where the result will be, for an answer without a body.
    """

    status: int = 200
    request_id: str = ""
    content_type: str = ""
    cost: float | None = None
    key_spend: float | None = None
    key_budget: float | None = None
    location: str = ""


class Progress(Event, frozen=True, kw_only=True):
    """The progress of a request.

    Attributes:
        words: The endpoint's message, one line.
        percent: 0 to 100, None if unknown.
        state: ``queued``, ``running``, ``done`` or ``retry``.
    """

    words: str
    percent: float | None = None
    state: ProgressState = "running"


class Text(Event, frozen=True, kw_only=True):
    """A piece of the answer's text, with ``nbext-sha256:HEX`` in place of pictures."""

    text: str


class Reasoning(Event, frozen=True, kw_only=True):
    """A piece of the model's reasoning."""

    text: str


class Inline(Event, frozen=True, kw_only=True):
    """A picture inside the answer, whose bytes are already stored.

    Attributes:
        partial: Whether it is a preview, never a result.
        place: Its place among the results, from 0, if the answer states it: pictures that are
            drawn at the same time arrive in any order.
    """

    picture: PictureInfo
    partial: bool = False
    place: int | None = None


class Sound(Event, frozen=True, kw_only=True):
    """A sound inside the answer, whose bytes are already stored."""

    sound: PictureInfo


class InvalidPicture(Event, frozen=True, kw_only=True):
    """A picture inside the answer that was rejected.

    Attributes:
        message: The reason.
        remedy: What to do about it.
    """

    message: str
    remedy: str = ""


class Notice(Event, frozen=True, kw_only=True):
    """A remark about the answer that is not an error."""

    message: str


class RawAnswer(Event, frozen=True, kw_only=True):
    """An answer without a result, as received.

    Attributes:
        body: Its start, without pictures.
        words: The text in other fields, one line.
    """

    body: str
    words: str = ""


class TextWasReasoning(Event, frozen=True, kw_only=True):
    """All text so far was reasoning: its end tag arrived without a start tag."""


class Link(Event, frozen=True, kw_only=True):
    """A link to a picture or film, to be downloaded without the key.

    Attributes:
        kind: ``picture``, ``film``, ``poster``, ``poll`` (a page that will link to it later) or
            ``maybe`` (only its bytes tell whether it is a picture).
        alt: The answer's text for it.
        expires: UTC, ISO 8601, if the URL contains its expiry.
        fallback: A smaller or earlier picture, or the URL with the line after it, if this one
            cannot be downloaded.
        place: As of a picture inside the answer.

    The URL may lack its host or its scheme, which are then the endpoint's.
    """

    url: str
    kind: LinkKind = "picture"
    alt: str = ""
    expires: str = ""
    fallback: str = ""
    place: int | None = None


class DraftLinks(Event, frozen=True, kw_only=True):
    """The links in a stream so far; the end of the stream determines which are results.

    They are needed if the end never arrives.
    """

    links: tuple[Link, ...]


class Usage(Event, frozen=True, kw_only=True):
    """Token counts and other usage, under the endpoint's names; ``cost`` in US dollars if given."""

    usage: dict[str, Any]
    cost: float | None = None


class Meta(Event, frozen=True, kw_only=True):
    """Facts about the answer; empty fields say nothing new.

    Attributes:
        model: The model that the endpoint names.
        answer_id: The endpoint's id of the answer.
        gen_id: The relay's id of the picture, for edits.
        revised_prompt: The prompt that was used, if it differs from the one sent.
        size: The size that the endpoint reports; likewise quality, background and output_format.
        raw: Data to send back unchanged when the conversation continues.
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
    """A complete call of a function by the model."""

    id: str
    name: str
    arguments: str


class Citation(Event, frozen=True, kw_only=True):
    """A source that the answer cites."""

    url: str
    title: str = ""
    start: int | None = None
    end: int | None = None


class Job(Event, frozen=True, kw_only=True):
    """The state of an asynchronous job.

    Attributes:
        id: The endpoint's id; empty if it names none.
        status: ``queued``, ``running``, ``done`` or ``failed``.
        percent: 0 to 100, None if unknown.
        message: Why it failed, or what it waits for.
        poll_url: The URL for its state, or "".
        result_url: The URL of its future result.
        named: The name of the field with the id.
        file: The id of the file that is the result.
        alias: A second id, which the endpoint may know the job by.
    """

    id: str
    status: JobStatus
    percent: float | None = None
    message: str = ""
    poll_url: str = ""
    result_url: str = ""
    named: str = ""
    file: str = ""
    alias: str = ""


class ErrorEvent(Event, frozen=True, kw_only=True):
    """The answer reports an error, or cannot be parsed.

    Attributes:
        kind: The name of its error class in ``nbext.errors``.
    """

    kind: str
    message: str
    remedy: str = ""
    request_id: str = ""
    body: str = ""
    maybe_billed: bool = False


class Done(Event, frozen=True, kw_only=True):
    """The end of a complete answer."""

    finish_reason: str = ""


class Sink(Protocol):
    """Receives a picture's bytes as they arrive."""

    def write(self, data: bytes) -> None:
        """Write bytes.

        Raises:
            PictureError: It exceeds the limit.
        """

    def close(self) -> PictureInfo:
        """Store the complete picture.

        Raises:
            PictureError: The bytes are not an accepted picture.
        """

    def abort(self) -> None:
        """Discard it."""


SinkFactory = Callable[[], Sink]


class Decoder(Protocol):
    """Turns one answer into events. Never raises, whatever an endpoint sends.

    Attributes:
        over: Whether the answer has announced its end, even if the connection stays open.
    """

    over: bool

    def feed(self, data: bytes) -> list[Event]:
        """Process bytes, which may be split anywhere."""

    def close(self) -> list[Event]:
        """Process the end of the body; return the remaining events: links, errors, ``Done``."""


class Wire(Protocol):
    """A wire format."""

    name: str

    def encode(self, request: Request) -> Call:
        """Encode a request.

        Raises:
            OptionError: The wire format does not support part of the request.
        """

    def decoder(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> Decoder:
        """Create a decoder for one answer with HTTP status 200.

        Args:
            request: The request, to recognise its pictures if the answer repeats them.
            sink: Called for each picture inside the answer.
            content_type: The answer's header; together with the first bytes it tells JSON from
                event streams, whatever was requested.
        """
