"""From an answer's bytes to JSON values: streams, whole bodies, plain text, multipart bodies.

The first bytes decide what it is, whatever the request or the header says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.wire.error_body import is_page
from nbext.wire.json_values import (
    NOTHING,
    as_dict,
    decode,
    decode_all,
    decode_pieces,
    error_of,
    has_too_many_values,
)
from nbext.wire.links import links_in_text, unsure_links
from nbext.wire.multipart import Body
from nbext.wire.raw_body import json_behind
from nbext.wire.refusals import filter_mark
from nbext.wire.reporter import Reporter
from nbext.wire.sse import Parser

if TYPE_CHECKING:
    from nbext.data.request import Request
    from nbext.wire.events import Event, SinkFactory

# The most bytes of an answer besides its pictures, at once or in the pieces of a stream.
MOST_HELD = 32 << 20
# The size of an answer that is kept, without pictures, in case nothing in it is understood.
_RAW_LIMIT = 1 << 20
# The part of it that a record and an error quote.
QUOTE_LIMIT = 4096
# The end of a stream in which the page of a proxy is looked for.
_TAIL = 16 << 10
_LEADING = b"\xef\xbb\xbf\x1e \t\r\n"
_STREAM_STARTS = (b"data:", b"event:", b"id:", b"retry:", b":")
# JSON, a page, a proxy's line: whatever the header says.
_NO_STREAM = (b"{", b"[", b"<", b"error ")
# The overhead of a piece of a stream, and the least size it counts for.
_AROUND, _LEAST = 300, 32
# Events of a stream that only keep the connection open.
_HEARTBEAT = pattern(
    rb"[\W_]*(?:ping|pong|keep[ _-]?alive|heartbeat|null|ok|connected)?[\W_]*", re.IGNORECASE
)
# A piece of a stream that is an error in words.
_ERROR_LINE = pattern(rb"[\W_]{0,4}(?:error|exception)\b", re.IGNORECASE)
# What a proxy writes behind the stream that it cuts off: its page, or its line of text.
_PROXY_END = pattern(
    rb"(?:^|\n)\s*(<(?:!doctype html|html)[\s>].*|error code: \d{3,4})\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
# Plain text that is not an answer.
_ERROR_WORDS = pattern(
    r"\s*(?:(?:an? )?(?:internal )?(?:server )?(?:error|failure|exception|traceback)\b|upstream"
    r"|bad gateway|service unavailable|gateway|no healthy|not found|unauthori[sz]ed|forbidden"
    r"|too many|denied|invalid|\d{3}\b|错误|失败|<\?xml|<)",
    re.IGNORECASE,
)
# Fields that identify an answer.
_OF_ANSWERS = frozenset(["choices", "candidates", "output", "data", "images", "error", "errors"])


class Framing(Reporter):
    """Splits one answer into JSON values, with placeholders for its pictures.

    Args:
        request: The request that it answers.
        sink: Called for each picture inside the answer.
        content_type: The answer's header; the first bytes take precedence.

    Attributes:
        over: Whether the answer has announced its end.
    """

    def __init__(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> None:
        super().__init__(request, sink, content_type=content_type)
        self.over = False
        self._first = Body(self._sink, content_type)
        self._head = b""
        self._body: list[bytes] | None = None
        self._stream: Parser | None = None
        self._size = 0
        self._raw: list[bytes] = []
        self._raw_size = 0
        self._broken: list[bytes] = []

    def value(self, value: Any, event: str) -> None:
        """Process a JSON value: the whole answer, or the data of one event.

        Args:
            value: The value, with placeholders for pictures.
            event: The event's name, empty without one.
        """
        raise NotImplementedError

    @property
    def is_whole(self) -> bool:
        """Whether the answer is complete, even if the endpoint has not said so."""
        return False

    def plain_text(self, data: bytes) -> str | None:
        """Return the text of a piece that contains only text; None for any other."""
        del data
        return None

    def feed(self, data: bytes) -> list[Event]:
        """Process bytes, which may be split anywhere."""
        if not self.over:
            self._text_of(self._first.feed(data))
        return self._drain()

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
            self._stream, self._is_stream, self._body = None, False, []
            message = phrase("wire.too_much", size=MOST_HELD >> 20)
            self.fail("TruncatedError", message, maybe_billed=True)

    def _choose(self) -> None:
        """Tell a stream from a whole answer, whatever the request or the header says."""
        head, self._head = self._head, b""
        called = "event-stream" in self._content_type and head != b""
        if (called and not head.startswith(_NO_STREAM)) or head.startswith(_STREAM_STARTS):
            self._stream, self._is_stream = Parser(), True
        else:
            self._body = []
        self._read(head)

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
        if event == "error" or _ERROR_LINE.match(data):
            self.refused(data.decode("utf-8", "replace"), phrase("wire.endpoint_error"))
        elif not _HEARTBEAT.fullmatch(data[:64]):
            self._broken.append(data[:QUOTE_LIMIT])

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

    def _read_proxy(self) -> None:
        """Report the page of a proxy at the end of a stream."""
        page = _PROXY_END.search(b"".join(self._raw[-64:])[-_TAIL:])
        if page is not None:
            self._refuse(200, page[1])

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
