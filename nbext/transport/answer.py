"""Read an answer's bytes: its head, and its body as it arrives.

``h11`` takes a third of a millisecond for a tiny answer, and copies a large one. ``Answer`` reads
what nearly all answers are by itself: a plain head, and a body with its length or in plain
chunks. As soon as anything is unusual or wrong, ``StrictAnswer`` reads all of it with ``h11``.
A property test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import h11

from nbext.transport import exceptions
from nbext.transport.chunks import PlainChunks
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    import re

# What a head may have; the library has the same limit.
_HEAD = 100 * 1024
# A longer head is not read here.
_PLAIN_HEAD = 16 * 1024
_START = b"HTTP/1.1 "
# An empty line, with whichever ends of lines.
_HEAD_END = pattern(rb"\n\r?\n")
_PLAIN = pattern(
    rb"HTTP/1\.1 ([2-5][0-9][0-9]) ([\x20-\x7e]*)\r\n"
    rb"((?:[-!#$%&'*+.^_`|~0-9A-Za-z]+:[ \t]*[\x21-\x7e][\x20-\x7e\t]*\r\n)*)\r\n"
)
# More digits are no length of an answer.
_LENGTH = pattern(rb"[0-9]{1,15}")
# Statuses whose answers have no body, whatever the head says.
_WITHOUT_BODY = (204, 304)
_LAST_CHUNK = b"0\r\n\r\n"
_CUT = "peer closed connection without sending complete message body"


class Head(NamedTuple):
    """The head of an answer.

    Attributes:
        status: Of HTTP.
        reason: The text after the status.
        fields: Its fields in order, the names in lower case.
    """

    status: int
    reason: bytes
    fields: list[tuple[bytes, bytes]]


class Answer:
    r"""Reads a plain answer, and leaves any other to ``StrictAnswer``.

    Example:
        >>> answer = Answer()
        >>> answer.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ncat")
        >>> answer.head().status, answer.body(), answer.body()
        (200, b'cat', None)
    """

    def __init__(self) -> None:
        # The other one, once it reads the answer.
        self._strict: StrictAnswer | None = None
        self._head: Head | None = None
        # All bytes of the head; what else came before it was recognised.
        self._begin = b""
        self._pieces: list[bytes] = []
        # The bytes of the body that have not arrived, if it has its length.
        self._left = 0
        self._chunks: PlainChunks | None = None
        # What stands behind the last plain chunk.
        self._tail = b""
        self._over = False
        self._cut = ""

    def receive(self, data: bytes) -> None:
        """Take bytes as they arrive; none at the connection's end."""
        if self._strict is not None:
            self._strict.receive(data)
        elif self._head is None:
            self._begin += data
            self._read_head(is_end=not data)
        elif not data:
            self._end()
        elif self._chunks is not None:
            self._read_chunks(data)
        else:
            self._read_length(data)

    def head(self) -> Head | None:
        """Return the head, None if it has not arrived.

        Raises:
            RemoteProtocolError: The answer is not HTTP.
        """
        return self._head if self._strict is None else self._strict.head()

    def body(self) -> bytes | None:
        """Return the next bytes of the body: empty if none are there, None at its end.

        Raises:
            RemoteProtocolError: The body is not as its head says.
        """
        if self._pieces:
            pieces, self._pieces = self._pieces, []
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if self._strict is not None:
            return self._strict.body()
        if self._cut:
            raise exceptions.RemoteProtocolError(self._cut)
        return None if self._over else b""

    def _read_head(self, *, is_end: bool) -> None:
        begin = self._begin
        end = _HEAD_END.search(begin)
        if end is None:
            is_odd = not (begin.startswith(_START) or _START.startswith(begin))
            if is_odd or is_end or len(begin) > _PLAIN_HEAD:
                self._leave(begin, is_end=is_end)
            return
        match = _PLAIN.match(begin)
        head = _head_of(match) if match is not None and match.end() == end.end() else None
        if head is None or not self._expect(head):
            self._leave(begin, is_end=is_end)
            return
        self._head, self._begin = head, begin[: end.end()]
        if behind := begin[end.end() :]:
            self.receive(behind)

    def _expect(self, head: Head) -> bool:
        """Note how the body comes; return False if not in a plain way."""
        lengths = [value for name, value in head.fields if name == b"content-length"]
        codings = [value for name, value in head.fields if name == b"transfer-encoding"]
        if head.status in _WITHOUT_BODY:
            return False
        if codings:
            self._chunks = PlainChunks()
            return not lengths and codings == [b"chunked"]
        if len(lengths) != 1 or not _LENGTH.fullmatch(lengths[0]):
            return False
        self._left = int(lengths[0])
        self._over = not self._left
        return True

    def _read_length(self, data: bytes) -> None:
        # What stands behind the end is no part of the answer.
        piece = data if len(data) <= self._left else data[: self._left]
        if piece:
            self._pieces.append(piece)
            self._left -= len(piece)
            self._over = not self._left

    def _read_chunks(self, data: bytes) -> None:
        assert self._chunks is not None
        if self._over:
            return
        self._tail += self._chunks.feed(data)
        if self._chunks.pieces:
            self._pieces += self._chunks.pieces
            self._chunks.pieces = []
        if self._tail.startswith(_LAST_CHUNK):
            self._over = True
        elif not _LAST_CHUNK.startswith(self._tail):
            self._leave(self._begin + self._tail)

    def _end(self) -> None:
        """Note the connection's end."""
        if self._over or self._cut:
            return
        if self._chunks is not None:
            self._cut = f"{_CUT} (incomplete chunked read)"
        else:
            self._cut = f"{_CUT} ({self._left} bytes less than expected)"

    def _leave(self, data: bytes, *, is_end: bool = False) -> None:
        """Let the other reader continue, with these bytes before what is still to come."""
        is_known = self._head is not None
        self._strict = StrictAnswer()
        if data:
            self._strict.receive(data)
        if is_known:
            self._strict.head()
        if is_end:
            self._strict.receive(b"")


def _head_of(match: re.Match[bytes]) -> Head:
    """Return the head that a plain one says."""
    fields = []
    for line in match[3].split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        fields.append((name.lower(), value.strip(b" \t")))
    return Head(int(match[1]), match[2], fields)


class StrictAnswer:
    """Reads any answer with ``h11``."""

    def __init__(self) -> None:
        self._parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD)
        # It reads no answer before it has written a request.
        self._parser.send(h11.Request(method="POST", target="/", headers=[("Host", "-")]))
        self._parser.send(h11.EndOfMessage())
        self._head: Head | None = None

    def receive(self, data: bytes) -> None:
        """Take bytes as they arrive; none at the connection's end."""
        self._parser.receive_data(data)

    def head(self) -> Head | None:
        """Return the head, None if it has not arrived."""
        while self._head is None:
            event = self._next()
            if isinstance(event, h11.Response):
                fields = [(bytes(name), bytes(value)) for name, value in event.headers]
                self._head = Head(event.status_code, bytes(event.reason), fields)
            elif event is h11.NEED_DATA:
                return None
            elif not isinstance(event, h11.InformationalResponse) or event.status_code == 101:
                raise exceptions.RemoteProtocolError("no answer to the request")
        return self._head

    def body(self) -> bytes | None:
        """Return the next bytes of the body: empty if none are there, None at its end."""
        event = self._next()
        if isinstance(event, h11.Data):
            return bytes(event.data)
        return b"" if event is h11.NEED_DATA else None

    def _next(self) -> object:
        try:
            return self._parser.next_event()
        except h11.RemoteProtocolError as error:
            raise exceptions.RemoteProtocolError(str(error)) from None
