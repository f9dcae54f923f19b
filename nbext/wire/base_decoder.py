"""The common base of all decoders: from an answer's bytes to JSON values and events.

A decoder never raises, whatever an endpoint sends, and takes time linear in the answer's length.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from nbext.errors import ModerationError, PictureError, QuotaError, RateLimitError
from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.wire import events
from nbext.wire.base64_stream import Base64Extractor, TextBase64Extractor, decode_base64
from nbext.wire.cost import cost_in
from nbext.wire.encoding import PLACEHOLDER, sent_hashes
from nbext.wire.error_body import is_page, mask, one_line
from nbext.wire.error_classes import classify_error
from nbext.wire.json_values import (
    NOTHING,
    as_dict,
    as_list,
    as_text,
    decode,
    decode_all,
    decode_pieces,
    encoded,
    error_of,
    error_status,
    has_too_many_values,
    is_complaint,
)
from nbext.wire.last_resort import Findings, search
from nbext.wire.links import (
    expiry,
    links_in_text,
    sent_urls,
    tells_of_a_result,
    unsure_links,
)
from nbext.wire.multipart import Body
from nbext.wire.picture_values import (
    is_piece,
    pictures_in_value,
    piece_in_value,
)
from nbext.wire.raw_body import json_behind
from nbext.wire.refusals import detect_refusal, filter_mark
from nbext.wire.sse import Parser
from nbext.wire.urls import cleaned, is_address

if TYPE_CHECKING:
    from nbext.data.kinds import LinkKind
    from nbext.data.picture import PictureInfo
    from nbext.data.request import Request
    from nbext.wire.events import Event, Sink, SinkFactory

_STREAM_STARTS = (b"data:", b"event:", b"id:", b"retry:", b":")
# JSON, a page, a proxy's line: whatever the header says.
_NO_STREAM = (b"{", b"[", b"<", b"error ")
# The most bytes of an answer besides its pictures, at once or in the pieces of a stream.
MOST_HELD = 32 << 20
# The overhead of a piece of a stream, and the least size it counts for.
_AROUND, _LEAST = 300, 32
# The most pictures of one answer, and of other items that it can list.
MOST_PICTURES = 1000
MOST_NAMED = 10_000
# The most warnings of an answer, and characters of each.
MOST_WARNINGS, WARNING_LIMIT = 10, 300
# The most characters of text that are searched for pictures, links and refusals.
MOST_TEXT = 4 << 20
_COUNTED = (events.Link, events.ToolCall, events.Citation, events.Notice, events.Inline)
# How often, and how far back, a stream's text is searched while it arrives.
_DRAFT_LOOKS, _DRAFT_WINDOW = 64, 8192
_URL_ENDS = re.compile(r"[)>\]\s]")
# The size of an answer that is kept, without pictures, in case nothing in it is understood.
_RAW_LIMIT = 1 << 20
# The part of it that a record and an error quote.
_QUOTE_LIMIT = 4096
# Events of a stream that only keep the connection open.
_HEARTBEAT = pattern(
    rb"[\W_]*(?:ping|pong|keep[ _-]?alive|heartbeat|null|ok|connected)?[\W_]*", re.IGNORECASE
)
# Plain text that is not an answer.
_ERROR_WORDS = pattern(
    r"\s*(?:(?:an? )?(?:internal )?(?:server )?(?:error|failure|exception|traceback)\b|upstream"
    r"|bad gateway|service unavailable|gateway|no healthy|not found|unauthori[sz]ed|forbidden"
    r"|too many|denied|invalid|\d{3}\b|错误|失败|<\?xml|<)",
    re.IGNORECASE,
)
_LEADING = b"\xef\xbb\xbf\x1e \t\r\n"
# Kinds of errors that text in any field may report.
_REASONS = (ModerationError, QuotaError, RateLimitError)
# Fields that identify an answer.
_OF_ANSWERS = frozenset(["choices", "candidates", "output", "data", "images", "error", "errors"])
# The message with the remedy for an error.
_REMEDIES = {"ModerationError": "wire.rephrase", "TruncatedError": "wire.check_log"}


class _Noting:
    """A sink that notes why it rejects pictures."""

    def __init__(self, sink: Sink, reasons: dict[str, str], *, full: bool) -> None:
        self._sink = sink
        self._reasons = reasons
        self._full = full
        self.abort = sink.abort

    def write(self, data: bytes) -> None:
        try:
            if self._full:
                raise PictureError(phrase("wire.many_pictures", most=MOST_PICTURES))
            self._sink.write(data)
        except PictureError as error:
            self._reasons[error.message] = error.remedy
            raise

    def close(self) -> PictureInfo:
        try:
            return self._sink.close()
        except PictureError as error:
            self._reasons[error.message] = error.remedy
            raise


def noting(sink: SinkFactory, reasons: dict[str, str]) -> SinkFactory:
    """Wrap a sink so that it notes the reasons for rejected pictures, with their remedies."""
    count = 0

    def limited() -> _Noting:
        nonlocal count
        count += 1
        return _Noting(sink(), reasons, full=count > MOST_PICTURES)

    return limited


class Reader:
    """Turns one answer into events; subclasses interpret its JSON values.

    Args:
        request: The request that it answers.
        sink: Called for each picture inside the answer.
        content_type: The answer's header; the first bytes take precedence.

    Attributes:
        finish_reason: Why the answer ended, empty while unknown.
        sent_urls: URLs in the request, which are not results.
        cut: Whether a stream ended early; known at its end.
        over: Whether the answer has announced its end.
    """

    def __init__(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> None:
        self.request = request
        self.finish_reason = ""
        self._spoke = False
        self.cut = False
        self.over = False
        self._spoiled: dict[str, str] = {}
        sink = noting(sink, self._spoiled)
        self._sink = sink
        self._content_type = content_type.lower()
        self._diverter = Base64Extractor(sink)
        self._prose = TextBase64Extractor(self._diverter, sink)
        self._sent = sent_hashes(request)
        self.sent_urls = sent_urls(request)
        self._events: list[Event] = []
        self._text: list[str] = []
        self._text_size = 0
        self._drafts: tuple[events.Link, ...] = ()
        self._draft_looks = 0
        self._points = False
        self._meta: dict[str, Any] = {}
        self._shown: set[str] = set()
        self._linked: set[str] = set()
        self._unsure: set[str] = set()
        self._failure: events.ErrorEvent | None = None
        self._calls_for = False
        self._finished = False
        self._head = b""
        self._body: list[bytes] | None = None
        self._size = 0
        self._named = 0
        self._stream: Parser | None = None
        self._first = Body(sink, content_type)
        self._raw: list[bytes] = []
        self._raw_size = 0
        self._broken: list[bytes] = []
        # The token of a picture that arrives in pieces.
        self._unfinished: str | None = None
        self._previews: list[PictureInfo] = []
        self._echo: PictureInfo | None = None
        self._pending: list[str] = []
        self._job = False
        # What the answer says about the filter of its pictures.
        self._mark = ""

    # Overridden by wire formats

    def value(self, value: Any, event: str) -> None:
        """Process a JSON value: the whole answer, or the data of one event.

        Args:
            value: The value, with placeholders for pictures.
            event: The event's name, empty without one.
        """
        raise NotImplementedError

    def spoken(self, text: str) -> None:
        """Process a piece of text as it arrives, with ``nbext-sha256:HEX`` for its pictures."""

    def reason(self, text: str) -> events.ErrorEvent | None:
        """Return the reason for a missing picture, None if nothing tells.

        Args:
            text: The answer's text, empty if no picture was requested.
        """
        return detect_refusal(text) if text else None

    def ended(self) -> None:
        """Report what remains when the answer is complete, or was cut off."""

    # The interface of a decoder

    def feed(self, data: bytes) -> list[Event]:
        """Process bytes, which may be split anywhere."""
        if not self.over:
            self._text_of(self._first.feed(data))
        return self._drain()

    def close(self) -> list[Event]:
        """Process the end of the body; return the remaining events."""
        self._text_of(self._first.close())
        self._take(self._diverter.close())
        infos = self._first.infos
        for info in infos:
            # The body, or its parts, were the picture or film.
            self._show(info, partial=self._first.has_frames and info is not infos[-1])
        if infos:
            self.finish("")
        if self._stream is None and self._body is None:
            self._choose()
        if self._stream is not None:
            for event, data in self._stream.close():
                self._event(event, data)
        elif not (infos and self._is_label()):
            self._read_body(b"".join(self._body or ()))
        # A picture that was incomplete when a stream broke off does not count.
        self.cut = self._stream is not None and not self._finished
        self._flush_text()
        self._speak(self._prose.close(cut=self.cut))
        self.ended()
        self.finish_picture()
        self.flush()
        self._read_text()
        if self.cut:
            self._diverter.forget()
        self._say_mark()
        self._last_resort()
        self._diverter.forget()
        for message, remedy in self._spoiled.items():
            self.say(events.InvalidPicture(message=message, remedy=remedy))
        if self.cut and not self._failed:
            if self.is_whole:
                self.finish("")
            else:
                self.fail("TruncatedError", phrase("wire.cut"), maybe_billed=True)
        if self._finished:
            self.say(events.Done(finish_reason=self.finish_reason))
        return self._drain()

    def _is_label(self) -> bool:
        """Return whether the body beside a picture is empty or text, which is then reported."""
        text = b"".join(self._body or ()).strip()
        if text[:1] in (b"{", b"["):
            return False
        self.prose(text.decode("utf-8", "replace"))
        return True

    # For wire formats: reporting

    @property
    def has_result(self) -> bool:
        """Whether a picture, or a link to one, has arrived."""
        return bool(self._shown or self._linked)

    @property
    def _failed(self) -> bool:
        return self._failure is not None

    @property
    def _is_only_cut(self) -> bool:
        """Whether only the end is missing, without any other error."""
        return self._failure is None or self._failure.kind == "TruncatedError"

    @property
    def keeps_text(self) -> bool:
        """Whether the text so far is short enough to be searched."""
        return self._text_size <= MOST_TEXT

    @property
    def text(self) -> str:
        """The answer's text so far, without reasoning."""
        return "".join(self._text)

    @property
    def spoke(self) -> bool:
        """Whether there was any text."""
        return self._spoke or bool(self._pending)

    @property
    def is_whole(self) -> bool:
        """Whether the answer is complete, even if the endpoint has not said so."""
        return False

    def say(self, event: Event) -> None:
        """Report an event, after the text before it."""
        if self._pending:
            self._flush_text()
        if isinstance(event, _COUNTED) and not self._has_room():
            return
        if isinstance(event, events.Job):
            self._job = event.status in ("queued", "running")
        elif isinstance(event, events.ToolCall):
            self._calls_for = True
        self._events.append(event)

    def _has_room(self) -> bool:
        """Count an item of an answer; at the limit, warn once and drop further ones."""
        self._named += 1
        if self._named == MOST_NAMED:
            more = phrase("wire.many_names", most=MOST_NAMED)
            self._events.append(events.Notice(message=more))
        return self._named < MOST_NAMED

    def prose(self, text: str) -> None:
        """Report a piece of the answer's text, with its pictures.

        Pieces from one read are reported as one.
        """
        if text:
            self._pending.append(text)

    def split_text(self, text: str) -> None:
        """Report joined text; wire formats separate reasoning from it."""
        self.answer_text(text)

    def answer_text(self, text: str) -> None:
        """Report text of the answer, without reasoning."""
        if text:
            self._spoke = True
            self._speak(self._prose.feed(text))

    def _forget_text(self) -> None:
        """Drop the text so far: it was reasoning."""
        self.flush()
        self._text.clear()

    def _flush_text(self) -> None:
        if self._pending:
            text, self._pending = "".join(self._pending), []
            self.split_text(text)

    def flush(self) -> None:
        """Report text held back because it might have become a picture."""
        self._flush_text()
        self._speak(self._prose.close())

    def think(self, text: str) -> None:
        """Report a piece of reasoning."""
        if text:
            self._flush_text()
            # Pictures in it are drafts.
            self.say(events.Reasoning(text=self._diverter.close_open(text)))

    def picture(self, data: Any, *, partial: bool = False) -> str:
        """Report a picture: a stored one, base64, a data URI, or a URL.

        Returns:
            The sha256 of a picture inside the answer, "" otherwise.
        """
        self._flush_text()
        text = as_text(data).strip()
        if not partial and self._goes_on(text):
            return ""
        return self._picture(text, partial=partial)

    def _goes_on(self, text: str) -> bool:
        """Add a piece of a picture, or the first piece of an incomplete one."""
        unfinished, self._unfinished = self._unfinished, None
        if unfinished is not None:
            run = self._diverter.unfinished(unfinished)
            if run is not None and is_piece(text):
                run.feed(text.encode())
                self._unfinished = unfinished
                return True
            self._picture(unfinished, partial=False)
        if self._diverter.unfinished(text):
            self._unfinished = text
        return self._unfinished is not None

    def finish_picture(self) -> str:
        """Report the picture assembled from pieces, if any; return its sha256."""
        unfinished, self._unfinished = self._unfinished, None
        return self._picture(unfinished, partial=False) if unfinished else ""

    def _picture(self, text: str, *, partial: bool) -> str:
        text = self._diverter.close_open(text)
        named = PLACEHOLDER.search(text[-128:])
        if named is not None:
            info = self._diverter.pictures.get(named[1])
        elif is_address(text):
            if not partial:
                self.link(text)
            return ""
        else:
            info = self._decoded(text)
        if info is None:
            return ""
        self._show(info, partial=partial)
        return info.sha256

    def pictures_of(self, value: Any, *, partial: bool = False) -> bool:
        """Report the pictures in a value, in whichever fields, or in a plain string.

        Returns:
            Whether there are any.
        """
        if self._unfinished is not None and (piece := piece_in_value(value)):
            self.picture(piece)
            return True
        has_some = False
        for text in pictures_in_value(value):
            has_some = bool(self.picture(text, partial=partial)) or is_address(text) or has_some
        return has_some or self._unfinished is not None

    def link(
        self, url: str, kind: LinkKind = "picture", *, alt: str = "", fallback: str = ""
    ) -> None:
        """Report a link to a picture or film, once."""
        url = cleaned(url)
        if is_address(url) and url not in self._linked and url not in self.sent_urls:
            self._linked.add(url)
            self.say(
                events.Link(url=url, kind=kind, alt=alt, expires=expiry(url), fallback=fallback)
            )

    def usage(
        self, value: Any, answer: dict[str, Any], *, costs: dict[str, Any] | None = None
    ) -> None:
        """Report the usage and what stands beside it: the cost, and warnings.

        Args:
            value: The counts.
            answer: The object that contains them.
            costs: Where the cost is, if elsewhere.
        """
        for warning in as_list(answer.get("warnings"))[:MOST_WARNINGS]:
            words = as_text(warning) or as_text(as_dict(warning).get("message"))
            if words.strip():
                self.say(events.Notice(message=words[:WARNING_LIMIT]))
        usage, cost = as_dict(value), cost_in(costs or answer)
        if usage or cost is not None:
            self.say(events.Usage(usage=usage, cost=cost))

    def say_meta(self, *, raw: Any = None, **facts: Any) -> None:
        """Report new facts; every piece of a stream repeats them."""
        new = {key: value for key, value in facts.items() if as_text(value)}
        new = {key: value for key, value in new.items() if self._meta.get(key) != value}
        if new or raw is not None:
            self._meta |= new
            self.say(events.Meta(**new, raw=raw))

    def say_failed_items(self, reasons: list[str]) -> None:
        """Warn of each picture that failed beside others, with its reason."""
        for reason in dict.fromkeys(reasons):
            words = one_line(mask(reason), 300)
            self.say(events.Notice(message=phrase("wire.picture_failed", one_line=words)))

    def finish(self, reason: str) -> None:
        """Note that the answer is complete, and why it ended."""
        self._finished = True
        self.finish_reason = self.finish_reason or reason

    def fail(self, kind: str, message: str, *, maybe_billed: bool = False) -> None:
        """Report a failure; only the first one counts."""
        remedy = phrase(_REMEDIES[kind]) if kind in _REMEDIES else ""
        self._fail(
            events.ErrorEvent(kind=kind, message=message, remedy=remedy, maybe_billed=maybe_billed)
        )

    def refused(self, error: Any, otherwise: str) -> None:
        """Report a failure with the endpoint's own message, if it has one.

        Args:
            error: An object, a text, or nothing.
            otherwise: The message if there is none.
        """
        payload = error if isinstance(error, (dict, str)) and error else {"message": otherwise}
        self._refuse(error_status(payload), encoded({"error": payload}))

    # From bytes to values

    def _drain(self) -> list[Event]:
        self._flush_text()
        ready, self._events = self._events, []
        return ready

    def _text_of(self, data: bytes) -> None:
        """Process bytes of text: extract pictures, and parse the rest."""
        if data:
            self._take(self._diverter.feed(data))

    def _take(self, data: bytes) -> None:
        # Pieces of a picture that were not recognised yet are kept too.
        limit = MOST_HELD if self._diverter.has_open else _RAW_LIMIT
        if data and self._raw_size < limit:
            self._raw.append(data)
            self._raw_size += len(data)
        self._read(data)

    def _read(self, data: bytes) -> None:
        if self._stream is not None:
            for event, piece in self._stream.feed(data):
                self._size += max(_LEAST, len(piece) - _AROUND)
                self._limit(self._size)
                if self.over:
                    return
                self._event(event, piece)
            self._limit(self._size + self._stream.held)
        elif self._body is not None:
            self._body.append(data)
            self._size += len(data)
            self._limit(self._size)
        else:
            self._head = (self._head + data).lstrip(_LEADING)
            if self._head[:1] in (b"{", b"[", b"<") or len(self._head) >= len(b"event:"):
                self._choose()

    def _limit(self, held: int) -> None:
        """Stop at an answer that is too large; pictures have been extracted already."""
        if held > MOST_HELD and not self.over:
            self.over = True
            self._stream, self._body = None, []
            message = phrase("wire.too_much", size=MOST_HELD >> 20)
            self.fail("TruncatedError", message, maybe_billed=True)

    def _choose(self) -> None:
        """Tell a stream from a whole answer, whatever the request or the header says."""
        head, self._head = self._head, b""
        called = "event-stream" in self._content_type and head != b""
        if (called and not head.startswith(_NO_STREAM)) or head.startswith(_STREAM_STARTS):
            self._stream = Parser()
        else:
            self._body = []
        self._read(head)

    def plain_text(self, data: bytes) -> str | None:
        """Return the text of a piece that contains only text; None for any other."""
        del data
        return None

    def _event(self, event: str, data: bytes) -> None:
        text = self.plain_text(data)
        if text is not None:
            if text:
                self._pending.append(text)
            return
        if data.strip() == b"[DONE]":
            self._finished = self.over = True
            return
        for value in decode_pieces(data):
            if value is NOTHING:
                self._unreadable(event, data)
            else:
                self._value(value, event)

    def _unreadable(self, event: str, data: bytes) -> None:
        """Note a piece of a stream that is not JSON: an error message, or a broken piece."""
        if event == "error":
            self.refused(data.decode("utf-8", "replace"), phrase("wire.endpoint_error"))
        elif not _HEARTBEAT.fullmatch(data[:64]):
            self._broken.append(data[:_QUOTE_LIMIT])

    def _value(self, value: Any, event: str) -> None:
        error = error_of(value)
        if error is not None:
            self.refused(error, phrase("wire.endpoint_error"))
        elif event == "error" or as_dict(value).get("type") == "error":
            self.refused(value, phrase("wire.endpoint_error"))
        else:
            if self.request.kind in ("draw", "video"):
                self._mark = self._mark or filter_mark(value)
            self.value(value, event)

    def _read_body(self, data: bytes) -> None:
        if has_too_many_values(data):
            self.fail("TruncatedError", phrase("wire.many_values"), maybe_billed=True)
            return
        values, cut = decode_all(data)
        if not values and not cut:
            values = json_behind(data)
        for value in values:
            self._value(_without_quotes(value), "")
        if values and cut and not (self._finished or self.is_whole):
            self.fail("TruncatedError", phrase("wire.cut"), maybe_billed=True)
        elif values:
            self._finished = self._finished or not self._failed
        elif cut or not data or data[:1] in (b"{", b"["):
            self.fail(
                "TruncatedError",
                phrase("wire.cut") if data else phrase("wire.empty"),
                maybe_billed=True,
            )
        elif not self._plain_answer(data.decode("utf-8", "replace")):
            self._refuse(200, data)

    def _plain_answer(self, text: str) -> bool:
        """Accept a body of plain text as the answer, if it is one."""
        if is_page(text[:512].encode()):
            return False
        asks_for_picture = self.request.kind in ("draw", "video")
        points = "nbext-sha256:" in text or bool(links_in_text(text, self.sent_urls))
        if not points and (asks_for_picture or _ERROR_WORDS.match(text)):
            return asks_for_picture and bool(unsure_links(text)) and self._finish_text(text)
        return self._finish_text(text)

    def _finish_text(self, text: str) -> bool:
        self.prose(text)
        self.finish("")
        return True

    # From values to events

    def _speak(self, text: str) -> None:
        if not text:
            return
        self._text_size += len(text)
        if self.keeps_text:
            self._text.append(text)
        self.spoken(text)
        for sha256 in PLACEHOLDER.findall(text):
            if sha256 in self._diverter.pictures:
                self._show(self._diverter.pictures[sha256], partial=False)
        self.say(events.Text(text=text))
        if self._stream is not None and self.request.kind in ("draw", "video"):
            self._say_drafts(text)

    def _say_drafts(self, piece: str) -> None:
        """Report the links in a stream's text so far, in case its end never arrives."""
        self._points = self._points or "/" in piece
        if not self._points or self._draft_looks >= _DRAFT_LOOKS or not _URL_ENDS.search(piece):
            return
        self._draft_looks += 1
        window, size = [], 0
        for text in reversed(self._text):
            window.append(text)
            size += len(text)
            if size >= _DRAFT_WINDOW:
                break
        text = "".join(reversed(window))[-_DRAFT_WINDOW:]
        links = tuple(links_in_text(text, self.sent_urls, cut=True))
        if links and links != self._drafts:
            self._drafts, self._points = links, False
            self.say(events.DraftLinks(links=links))

    def _read_text(self) -> None:
        """Find what the text contains besides fields: pictures elsewhere, a refusal."""
        text = "".join(self._text)
        # Conversation may cite many pages, which are not downloaded.
        if self.request.kind not in ("draw", "video") and not tells_of_a_result(text):
            text = ""
        inline = bool(self._shown)
        for link in (
            links_in_text(text, self.sent_urls, cut=self.cut, has_picture=inline) if text else ()
        ):
            self.link(link.url, link.kind, alt=link.alt, fallback=link.fallback)
        failed = None if self.has_result else self.reason(text)
        if failed is not None:
            self._fail(failed)
        elif self.request.kind == "draw" and not (self.has_result or self._failed or self.cut):
            for link in unsure_links(text, self.sent_urls):
                self._say_unsure(link)

    def _say_unsure(self, link: events.Link) -> None:
        """Report a possible link to a picture, once for each address."""
        if link.url not in self._unsure:
            self._unsure.add(link.url)
            self.say(link)

    def _say_mark(self) -> None:
        """Report that the endpoint's filter has changed a picture, or held it back."""
        if not self._mark or self._failed or self._job:
            return
        if self.has_result:
            self.say(events.Notice(message=phrase("wire.marked", mark=self._mark)))
        else:
            message = phrase("wire.held_back", mark=self._mark)
            self.fail("ModerationError", message, maybe_billed=True)

    # Last resort

    def _last_resort(self) -> None:
        """Look for a result in unknown places of the answer."""
        if self._broken and (self.has_result or self.spoke):
            piece = one_line(mask(self._broken[0].decode("utf-8", "replace")), 80)
            left_out = phrase("wire.piece_left_out", piece=piece)
            self.say(events.Notice(message=left_out))
        if self._job or self.has_result:
            return
        asks_for_picture = self.request.kind in ("draw", "video")
        if self.spoke and not asks_for_picture:
            return
        values = self._values()
        findings = search(values, self.sent_urls, cut=self.cut) if values else Findings()
        if self._is_only_cut:
            self._show_findings(findings)
            self._show_undeclared()
        else:
            # A picture that came with an error counts nevertheless.
            self._show_stored()
        if self._echo is not None and self.request.kind == "draw":
            self._show_echo(self._echo)
        if not self.has_result and not self.spoke and not self._failed:
            self._say_words(findings, values)
        if not self.has_result:
            raw = b"".join(self._raw)[: 4 * _QUOTE_LIMIT].decode("utf-8", "replace")
            words = findings.words
            if not (self.spoke or words) and self._broken:
                words = one_line(b" ".join(self._broken[:8]).decode("utf-8", "replace"), 300)
            self.say(events.RawAnswer(body=mask(raw), words=mask(words)))
        if findings.ended and not self._failed:
            self.finish("")

    def _values(self) -> list[Any]:
        """Decode the whole answer again, in any form."""
        raw = b"".join(self._raw)
        if self._stream is None:
            return decode_all(raw)[0] or json_behind(raw)
        parser = Parser()
        pieces = [*parser.feed(raw), *parser.close()]
        values: list[Any] = []
        for _, data in pieces:
            for value in decode_pieces(data):
                if value is not NOTHING:
                    values.append(value)
                elif data[:1] not in (b"{", b"[") and data != b"[DONE]":
                    # Text, an address or base64 instead of JSON.
                    values.append(data.decode("utf-8", "replace"))
        return values

    def _show_findings(self, findings: Findings) -> None:
        """Report the pictures and links found in any field."""
        drafts = {f"nbext-sha256:{info.sha256}" for info in self._previews}
        for text in findings.pictures:
            if text not in drafts and not self._may_be_drafts:
                self.picture(text)
        if self._shown:
            return
        if self.request.kind in ("draw", "video"):
            for link in findings.links:
                if link.kind == "maybe":
                    self._say_unsure(link)
                else:
                    self.link(link.url, link.kind, alt=link.alt)

    def _show_undeclared(self) -> None:
        """Report stored pictures that nothing refers to; a draft only if there is nothing else."""
        if self.has_result:
            return
        self._show_stored()
        if self._shown:
            return
        last = [*self._diverter.pictures.values(), *self._previews][-1:]
        for info in last:
            self._show(info, partial=False)
        if self._shown:
            draft = phrase("wire.only_preview")
            self.say(events.Notice(message=draft))

    def _show_echo(self, info: PictureInfo) -> None:
        """Report a repeated reference picture, if there is nothing else."""
        if self.has_result or self._failed:
            return
        self._shown.add(info.sha256)
        self.say(events.Inline(picture=info))
        if info.sha256 not in {item.info.sha256 for item in self.request.references}:
            back = phrase("wire.same_picture")
            self.say(events.Notice(message=back))

    def _show_stored(self) -> None:
        """Report the stored pictures that are not drafts."""
        drafts = {info.sha256 for info in self._previews}
        for info in list(self._diverter.pictures.values()):
            if info.sha256 not in drafts and not self._may_be_drafts:
                self._show(info, partial=False)

    @property
    def _may_be_drafts(self) -> bool:
        """Whether the pictures of an incomplete answer may be reasoning."""
        return self._failed and any(b'"thought"' in piece for piece in self._raw)

    def _say_words(self, findings: Findings, values: list[Any]) -> None:
        """Report the text of an answer in an unknown form, or its error."""
        complaint = next((value for value in values if is_complaint(value)), None)
        if complaint is not None:
            self._refuse(error_status(complaint), encoded(complaint))
        elif findings.text.strip():
            self.prose(findings.text)
            self._flush_text()
            if self.request.kind in ("draw", "video") and (reason := self.reason(findings.text)):
                self._fail(reason)
        elif self.request.kind in ("draw", "video"):
            self._fail_in_words(findings.words)
        elif self._broken:
            self._refuse(200, b" ".join(self._broken))
        elif not (self._calls_for or self.request.followup or self.cut):
            self._say_empty()

    def _fail_in_words(self, words: str) -> None:
        """Report why there is no picture if text in any field tells: refused, no credit."""
        error = classify_error(200, {}, encoded({"error": {"message": words}}), model="")
        if words and isinstance(error, _REASONS):
            self._refuse(200, encoded({"error": {"message": words}}))

    def _say_empty(self) -> None:
        """Report that a text answer is empty."""
        ending = (
            phrase("wire.ended_with", finish_reason=self.finish_reason)
            if self.finish_reason
            else ""
        )
        self._fail(
            events.ErrorEvent(
                kind="ServerError",
                message=phrase("wire.empty_words", ending=ending),
                remedy=phrase("wire.more_tokens"),
                maybe_billed=True,
            )
        )

    def _decoded(self, text: str) -> PictureInfo | None:
        """Store a picture from a rare notation, decoded in memory."""
        head, comma, rest = text[:64].partition(",")
        if text.startswith(("<svg", "<?xml")):
            data: bytes | None = text.encode("utf-8", "replace")
        elif comma and head.startswith("data:image/svg+xml") and ";base64" not in head:
            data = unquote_to_bytes(rest + text[64:])
        else:
            data = decode_base64(text)
        if not data:
            return None
        sink = self._sink()
        try:
            sink.write(data)
            return sink.close()
        except PictureError:
            sink.abort()
            return None

    def _show(self, info: PictureInfo, *, partial: bool) -> None:
        if info.sha256 in self._sent:
            mask = self.request.mask
            if mask is None or mask.info.sha256 != info.sha256:
                self._echo = info
            return
        if info.sha256 in self._shown:
            return
        if info.media_type.startswith("audio/"):
            return
        if partial:
            self._previews.append(info)
        else:
            self._shown.add(info.sha256)
        self.say(events.Inline(picture=info, partial=partial))

    def _refuse(self, status: int, body: bytes) -> None:
        error = classify_error(
            status, {"content-type": self._content_type}, body, model=self.request.model
        )
        self._fail(
            events.ErrorEvent(
                kind=type(error).__name__,
                message=error.message,
                remedy=error.remedy,
                request_id=error.request_id,
                body=error.body,
                maybe_billed=error.maybe_billed or self.spoke or bool(self._shown),
            )
        )

    def _fail(self, failed: events.ErrorEvent) -> None:
        if self._failure is None:
            self._failure = failed
            self.say(failed)


def _without_quotes(value: Any) -> Any:
    """Decode an answer written as JSON in a JSON string, repeatedly up to a limit."""
    for _ in range(3):
        if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
            break
        inner = decode(value.encode("utf-8", "replace"))
        if not (isinstance(inner, str) or _OF_ANSWERS & as_dict(inner).keys()):
            # A text answer may itself be JSON.
            break
        value = inner
    return value
