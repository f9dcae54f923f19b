"""What a decoder reports: text, pictures, links, facts and failures, as events.

Each is reported once, within limits, and a picture that was part of the request is no result.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from nbext.data.picture import SNIFF_BYTES, identify, is_sound
from nbext.errors import PictureError
from nbext.messages.say import phrase
from nbext.wire import events
from nbext.wire.base64_stream import Base64Extractor, TextBase64Extractor, decode_base64
from nbext.wire.cost import cost_in
from nbext.wire.encoding import PLACEHOLDER, sent_hashes
from nbext.wire.error_body import mask, one_line
from nbext.wire.error_classes import classify_error
from nbext.wire.json_values import as_dict, as_list, as_text, encoded, error_status
from nbext.wire.links import expiry, links_in_text, sent_urls
from nbext.wire.picture_values import is_piece, pictures_in_value, piece_in_value
from nbext.wire.sound import RATE, wave_file
from nbext.wire.urls import cleaned, is_address

if TYPE_CHECKING:
    from nbext.data.kinds import LinkKind
    from nbext.data.picture import PictureInfo
    from nbext.data.request import Request
    from nbext.wire.events import Event, Sink, SinkFactory

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


class Reporter:
    """Reports the contents of one answer as events.

    Args:
        request: The request that it answers.
        sink: Called for each picture inside the answer.
        content_type: The answer's header.

    Attributes:
        finish_reason: Why the answer ended, empty while unknown.
        sent_urls: URLs in the request, which are not results.
        cut: Whether a stream ended early; known at its end.
        place: The place among the results of what is being read, if the answer states it.
    """

    def __init__(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> None:
        self.request = request
        self.finish_reason = ""
        self.cut = False
        self.place: int | None = None
        self.sent_urls = sent_urls(request)
        self._content_type = content_type.lower()
        # The reasons for rejected pictures, with their remedies.
        self._spoiled: dict[str, str] = {}
        self._sink = noting(sink, self._spoiled)
        self._diverter = Base64Extractor(self._sink)
        self._prose = TextBase64Extractor(self._diverter, self._sink)
        self._is_stream = False
        self._finished = False
        self._failure: events.ErrorEvent | None = None
        self._events: list[Event] = []
        self._named = 0
        self._meta: dict[str, Any] = {}
        self._job = False
        # What the answer says about the filter of its pictures.
        self._mark = ""
        self._calls_for = False
        # Text
        self._pending: list[str] = []
        self._text: list[str] = []
        self._text_size = 0
        self._spoke = False
        # Pictures and links
        self._sent = sent_hashes(request)
        self._shown: set[str] = set()
        self._previews: list[PictureInfo] = []
        self._echo: PictureInfo | None = None
        # The token of a picture that arrives in pieces.
        self._unfinished: str | None = None
        self._linked: set[str] = set()
        self._unsure: set[str] = set()
        self._drafts: tuple[events.Link, ...] = ()
        self._draft_looks = 0
        self._points = False

    def spoken(self, text: str) -> None:
        """Process a piece of text as it arrives, with ``nbext-sha256:HEX`` for its pictures."""

    @property
    def has_result(self) -> bool:
        """Whether a picture, or a link to one, has arrived."""
        return bool(self._shown or self._linked)

    @property
    def _failed(self) -> bool:
        return self._failure is not None

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
            link = events.Link(
                url=url,
                kind=kind,
                alt=alt,
                expires=expiry(url),
                fallback=fallback,
                place=self.place,
            )
            self.say(link)

    def usage(
        self, value: Any, answer: dict[str, Any], *, costs: dict[str, Any] | None = None
    ) -> None:
        """Report the usage and what stands beside it: the cost, and warnings.

        Args:
            value: The counts.
            answer: The object that contains them.
            costs: Where the cost is, if elsewhere.
        """
        single = answer.get("warning")
        warnings = [*as_list(answer.get("warnings")), *([single] if single else [])]
        for warning in warnings[:MOST_WARNINGS]:
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

    def refuse_job(self, error: Any, message: str) -> None:
        """Report why a job failed: its filter held the result back, or the error that it names.

        Args:
            error: An object, a text, or nothing.
            message: The message if there is none.
        """
        if self._mark and not error:
            self.fail("ModerationError", message, maybe_billed=True)
        else:
            self.refused(error, message)

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
        if self._is_stream and self.request.kind in ("draw", "video"):
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

    def _say_unsure(self, link: events.Link) -> None:
        """Report a possible link to a picture, once for each address."""
        if link.url not in self._unsure:
            self._unsure.add(link.url)
            self.say(link)

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

    def sound(self, data: bytes, rate: int = RATE) -> None:
        """Report a sound.

        Args:
            data: A file, or samples of 16 bits, which get a file's head.
            rate: Samples a second.
        """
        sink = self._sink()
        try:
            sink.write(data if identify(data[:SNIFF_BYTES]) else wave_file(data, rate))
            self._show(sink.close(), partial=False)
        except PictureError:
            sink.abort()

    def _show(self, info: PictureInfo, *, partial: bool) -> None:
        if info.sha256 in self._sent:
            mask = self.request.mask
            if mask is None or mask.info.sha256 != info.sha256:
                self._echo = info
            return
        if info.sha256 in self._shown:
            return
        if is_sound(info):
            self._shown.add(info.sha256)
            self.say(events.Sound(sound=info))
            return
        if partial:
            self._previews.append(info)
        else:
            self._shown.add(info.sha256)
        self.say(events.Inline(picture=info, partial=partial, place=self.place))

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

    def _drain(self) -> list[Event]:
        self._flush_text()
        ready, self._events = self._events, []
        return ready
