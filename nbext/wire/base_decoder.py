"""From an answer's bytes to JSON values, and from there to events: what all readers share.

A reader never raises for anything that an endpoint can send, and takes time linear in its length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from nbext.errors import PictureError
from nbext.wire import events
from nbext.wire.base64_stream import Base64Extractor, TextBase64Extractor, decode_base64
from nbext.wire.encoding import PLACEHOLDER, given_hashes
from nbext.wire.error_classes import classify_error
from nbext.wire.json_values import (
    NOTHING,
    as_dict,
    as_text,
    decode,
    decode_all,
    encoded,
    error_of,
    error_status,
    is_url,
)
from nbext.wire.links import expiry, given_urls, links_in_text, tells_of_a_result, unsure_links
from nbext.wire.refusals import detect_refusal
from nbext.wire.sse import Parser

if TYPE_CHECKING:
    from nbext.data.picture import PictureInfo
    from nbext.data.request import Request
    from nbext.wire.events import Event, Sink, SinkFactory

# Where a picture stands in an object, whatever endpoint wrote it.
_PICTURE_KEYS = ("b64_json", "image_base64", "base64", "url", "image_url", "imageUrl", "image")
_STREAM_STARTS = (b"data:", b"event:", b"id:", b"retry:", b":")
# JSON, a page, a proxy's line: whatever the header calls it.
_NO_STREAM = (b"{", b"[", b"<", b"error ")
# A parser takes some ten times as much memory.
MOST_HELD = 64 << 20
_LEADING = b"\xef\xbb\xbf \t\r\n"
_CUT = "The answer ended before its end."
_REMEDIES = {
    "ModerationError": "Say it in other words, or try another model.",
    "TruncatedError": "See whether the relay's log has it before you send it again.",
}


class _Noting:
    """A sink that notes why it does not take what it is given."""

    def __init__(self, sink: Sink, reasons: dict[str, str]) -> None:
        self._sink = sink
        self._reasons = reasons
        self.abort = sink.abort

    def write(self, data: bytes) -> None:
        try:
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
    """Note why pictures are not taken: each reason, with its remedy."""
    return lambda: _Noting(sink(), reasons)


class Reader:
    """Turns one answer into events; a wire format says what a JSON value of it means.

    Args:
        request: What was asked.
        sink: Called for each picture inside the answer.
        content_type: The answer's header; the first bytes count more.

    Attributes:
        finish_reason: Why the answer has ended, empty while it has not said.
        given_urls: What the request names: an echo of one is no result.
        cut: Whether a stream has ended before its end, known when it has ended.
        spoke: Whether anything has been said in words.
        over: Whether the answer has said that nothing follows.
    """

    def __init__(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> None:
        self.request = request
        self.finish_reason = ""
        self.spoke = False
        self.cut = False
        self.over = False
        self._spoiled: dict[str, str] = {}
        sink = noting(sink, self._spoiled)
        self._sink = sink
        self._content_type = content_type.lower()
        self._diverter = Base64Extractor(sink)
        self._prose = TextBase64Extractor(self._diverter, sink)
        self._given = given_hashes(request)
        self.given_urls = given_urls(request)
        self._events: list[Event] = []
        self._text: list[str] = []
        self._meta: dict[str, Any] = {}
        self._shown: set[str] = set()
        self._linked: set[str] = set()
        self._failed = False
        self._finished = False
        self._head = b""
        self._body: list[bytes] | None = None
        self._size = 0
        self._stream: Parser | None = None

    # What a wire format says of its answers

    def value(self, value: Any, event: str) -> None:
        """Take a JSON value: the whole answer, or the data of one event of its stream.

        Args:
            value: With placeholders where pictures were.
            event: The event's name, empty for none.
        """
        raise NotImplementedError

    def spoken(self, text: str) -> None:
        """Look at a piece of text as it is said, with ``nbext-sha256:HEX`` for its pictures."""

    def reason(self, text: str) -> events.ErrorEvent | None:
        """Say why there is no picture, None where nothing tells.

        Args:
            text: What was said, empty where no picture was asked for.
        """
        return detect_refusal(text) if text else None

    def ended(self) -> None:
        """Say what is left to say when the answer is complete, or was cut."""

    # The decoder's interface

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes, cut anywhere."""
        if not self.over:
            self._take(self._diverter.feed(data))
        return self._said()

    def close(self) -> list[Event]:
        """Say what was left to say when the body has ended."""
        whole = list(self._diverter.pictures.values())
        self._take(self._diverter.close())
        if self._stream is None and self._body is None:
            self._choose()
        if self._stream is not None:
            for event, data in self._stream.close():
                self._event(event, data)
        else:
            self._read_body(b"".join(self._body or ()), whole)
        # A picture that was under way when a stream broke off is none.
        self.cut = self._stream is not None and not self._finished
        self._speak(self._prose.close(cut=self.cut))
        self.ended()
        self.flush()
        self._read_text()
        self._diverter.forget()
        for message, remedy in self._spoiled.items():
            self.say(events.InvalidPicture(message=message, remedy=remedy))
        if self.cut and not self._failed:
            if self.is_whole:
                self.finish("")
            else:
                self.fail("TruncatedError", _CUT, maybe_billed=True)
        if self._finished:
            self.say(events.Done(finish_reason=self.finish_reason))
        return self._said()

    # What a reader can say

    @property
    def has_result(self) -> bool:
        """Whether a picture has come, or the place of one."""
        return bool(self._shown or self._linked)

    @property
    def is_whole(self) -> bool:
        """Whether what has come is a whole answer, though the endpoint has not said that it is."""
        return False

    def say(self, event: Event) -> None:
        """Say something."""
        self._events.append(event)

    def prose(self, text: str) -> None:
        """Say a piece of the answer's text, and the pictures that stand in it."""
        if text:
            self.spoke = True
            self._speak(self._prose.feed(text))

    def flush(self) -> None:
        """Say what is held back of the text, because it might have gone on as a picture."""
        self._speak(self._prose.close())

    def think(self, text: str) -> None:
        """Say a piece of what the model thought."""
        if text:
            # Pictures in it are drafts.
            self.say(events.Reasoning(text=self._diverter.close_open(text)))

    def picture(self, data: Any, *, partial: bool = False) -> str:
        """Say a picture: one that was diverted, base64, a data URI, or the URL of one.

        Returns:
            The sha256 of a picture that came inside the answer, empty for all else.
        """
        text = self._diverter.close_open(as_text(data)).strip()
        named = PLACEHOLDER.search(text[-128:])
        if named is not None:
            info = self._diverter.pictures.get(named[1])
        elif is_url(text):
            if not partial:
                self.link(text)
            return ""
        else:
            info = self._decoded(text)
        if info is None:
            return ""
        self._show(info, partial=partial)
        return info.sha256

    def pictures_of(self, value: Any) -> bool:
        """Say the picture that an object holds, in whichever field; also of a mere string.

        Returns:
            Whether there is one.
        """
        found = [value] if isinstance(value, str) else map(as_dict(value).get, _PICTURE_KEYS)
        for inner in found:
            named = inner.get("url") or inner.get("data") if isinstance(inner, dict) else inner
            if self.picture(named) or is_url(as_text(named).strip()):
                return True
        return False

    def link(self, url: str, kind: str = "picture", *, alt: str = "", expires: str = "") -> None:
        """Say where a picture or film is, each once."""
        url = url.strip()
        if is_url(url) and url not in self._linked:
            self._linked.add(url)
            self.say(events.Link(url=url, kind=kind, alt=alt, expires=expires or expiry(url)))

    def usage(self, value: Any) -> None:
        """Say what it used, and what that cost where it is named."""
        usage = as_dict(value)
        cost = usage.get("cost")
        if isinstance(cost, bool) or not isinstance(cost, (int, float)) or not 0 <= cost < 1e9:
            cost = None
        if usage:
            self.say(events.Usage(usage=usage, cost=cost))

    def say_meta(self, *, raw: Any = None, **facts: Any) -> None:
        """Say facts that are new; every piece of a stream repeats them."""
        new = {key: value for key, value in facts.items() if as_text(value)}
        new = {key: value for key, value in new.items() if self._meta.get(key) != value}
        if new or raw is not None:
            self._meta |= new
            self.say(events.Meta(**new, raw=raw))

    def finish(self, reason: str) -> None:
        """Note that the answer is complete, and why it ended."""
        self._finished = True
        self.finish_reason = self.finish_reason or reason

    def fail(self, kind: str, message: str, *, maybe_billed: bool = False) -> None:
        """Say that it failed; the first failure is the one that counts."""
        remedy = _REMEDIES.get(kind, "")
        self._fail(
            events.ErrorEvent(kind=kind, message=message, remedy=remedy, maybe_billed=maybe_billed)
        )

    def refused(self, error: Any, otherwise: str) -> None:
        """Say that it failed, in the words of the endpoint's error where there are some.

        Args:
            error: An object, a text, or nothing.
            otherwise: What to say where it says nothing.
        """
        said = error if isinstance(error, (dict, str)) and error else {"message": otherwise}
        self._refuse(error_status(said), encoded({"error": said}))

    # From bytes to values

    def _said(self) -> list[Event]:
        said, self._events = self._events, []
        return said

    def _take(self, data: bytes) -> None:
        if self._stream is not None:
            for event, piece in self._stream.feed(data):
                self._event(event, piece)
            self._limit(self._stream.held)
        elif self._body is not None:
            self._body.append(data)
            self._size += len(data)
            self._limit(self._size)
        else:
            self._head = (self._head + data).lstrip(_LEADING)
            if self._head[:1] in (b"{", b"[", b"<") or len(self._head) >= len(b"event:"):
                self._choose()

    def _limit(self, held: int) -> None:
        """Give up what is too large to be read at once: pictures are out of it already."""
        if held > MOST_HELD and not self.over:
            self.over = True
            self._stream, self._body = None, []
            said = f"The answer has more than {MOST_HELD >> 20} MB beside its pictures."
            self.fail("TruncatedError", said, maybe_billed=True)

    def _choose(self) -> None:
        """Tell a stream from a whole answer, whatever was asked for and whatever it is called."""
        head, self._head = self._head, b""
        called = "event-stream" in self._content_type and head != b""
        if (called and not head.startswith(_NO_STREAM)) or head.startswith(_STREAM_STARTS):
            self._stream = Parser()
        else:
            self._body = []
        self._take(head)

    def _event(self, event: str, data: bytes) -> None:
        if data.strip() == b"[DONE]":
            self._finished = self.over = True
            return
        value = decode(data)
        if value is not NOTHING:
            self._value(value, event)

    def _value(self, value: Any, event: str) -> None:
        error = error_of(value)
        if error is not None:
            self.refused(error, "The endpoint gives an error.")
        elif event == "error" or as_dict(value).get("type") == "error":
            self.refused(value, "The endpoint gives an error.")
        else:
            self.value(value, event)

    def _read_body(self, data: bytes, whole: list[PictureInfo]) -> None:
        values, cut = decode_all(data)
        for value in values:
            self._value(value, "")
        if values and cut and not (self._finished or self.is_whole):
            self.fail("TruncatedError", _CUT, maybe_billed=True)
        elif values:
            self._finished = self._finished or not self._failed
        elif not data or data[:1] in (b"{", b"["):
            # A picture that came whole has come, unless it may have been a draft.
            for info in whole if b'"thought"' not in data else ():
                self._show(info, partial=False)
            self.fail("TruncatedError", _CUT if data else "The answer is empty.", maybe_billed=True)
        else:
            self._refuse(200, data)

    # From values to events

    def _speak(self, text: str) -> None:
        if not text:
            return
        self._text.append(text)
        self.spoken(text)
        for sha256 in PLACEHOLDER.findall(text):
            if sha256 in self._diverter.pictures:
                self._show(self._diverter.pictures[sha256], partial=False)
        self.say(events.Text(text=text))

    def _read_text(self) -> None:
        """Find in the text what stands in no field: pictures elsewhere, a refusal."""
        text = "".join(self._text)
        # A talk may cite any number of pages; they are read there, not fetched.
        if self.request.kind not in ("draw", "video") and not tells_of_a_result(text):
            text = ""
        for link in links_in_text(text, self.given_urls, cut=self.cut) if text else ():
            self.link(link.url, link.kind, alt=link.alt)
        failed = None if self.has_result else self.reason(text)
        if failed is not None:
            self._fail(failed)
        elif self.request.kind == "draw" and not (self.has_result or self._failed or self.cut):
            for link in unsure_links(text, self.given_urls):
                self.say(link)

    def _decoded(self, text: str) -> PictureInfo | None:
        """Keep a picture that has come by the slow way, because it was written in a rare one."""
        head, comma, rest = text[:64].partition(",")
        if comma and head.startswith("data:image/svg+xml") and ";base64" not in head:
            data: bytes | None = unquote_to_bytes(rest + text[64:])
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
        if info.sha256 in self._given or info.sha256 in self._shown:
            return
        if info.media_type.startswith("audio/"):
            return
        if not partial:
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
        if not self._failed:
            self._failed = True
            self.say(failed)
