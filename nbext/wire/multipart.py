"""A multipart body (RFC 2046): pictures, with JSON or text beside them, or frames."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbext.wire.archive import START, ArchiveBody
from nbext.wire.raw_body import RawBody

if TYPE_CHECKING:
    from nbext.data.picture import PictureInfo
    from nbext.wire.events import SinkFactory

_BOUNDARY = re.compile(r"""boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;,"]{1,200}))""", re.IGNORECASE)
_OPENING = re.compile(rb"\A\s*--([^\r\n]{1,200})\r?\n(?=[A-Za-z-]{1,64}:)")
_TYPE = re.compile(rb"^content-type\s*:\s*([^\r\n]{1,200})", re.IGNORECASE | re.MULTILINE)
_HEAD_END = re.compile(rb"\r?\n\r?\n")
# The most bytes of a part's headers.
_MOST_HEAD = 4 << 10
# The most parts of a body; further ones are ignored.
_MOST_PARTS = 256
# The bytes of a body that are examined to recognise its parts.
_SURE = 256


def boundary_of(content_type: str, head: bytes = b"") -> bytes:
    r"""Find the boundary of a body, in its header or at its start; "" for other bodies.

    Example:
        >>> boundary_of('multipart/mixed; boundary="x"'), boundary_of("", b"--y\r\nContent-Id: 1")
        (b'x', b'y')
    """
    if content_type.strip().lower().startswith("multipart/"):
        match = _BOUNDARY.search(content_type)
        if match is not None:
            return (match[1] or match[2]).encode("latin-1", "ignore")
    opening = _OPENING.match(head)
    return opening[1] if opening is not None else b""


class MultipartBody:
    """Stores the pictures of a multipart body as they arrive, and returns the rest as text.

    Args:
        boundary: The boundary.
        sink: Called for each picture.

    Attributes:
        infos: The pictures, in order.
    """

    def __init__(self, boundary: bytes, sink: SinkFactory) -> None:
        self._delimiter = b"\n--" + boundary
        self._sink = sink
        # The first delimiter may be at the very start.
        self._held = b"\n"
        self._in_head = False
        self._part: RawBody | None = None
        self._parts = 0
        self.infos: list[PictureInfo] = []

    def feed(self, data: bytes) -> bytes:
        """Process bytes; return those that are not part of a picture."""
        if self._parts > _MOST_PARTS:
            return b""
        self._held += data
        text: list[bytes] = []
        while self._parts <= _MOST_PARTS:
            if self._in_head and not self._read_head():
                break
            at = self._held.find(self._delimiter)
            if at < 0:
                # Everything but a possible start of a delimiter, with the line break before it.
                self._pass(max(0, len(self._held) - len(self._delimiter) - 1), text)
                break
            end = at - 1 if self._held[at - 1 : at] == b"\r" else at
            self._pass(max(0, end), text)
            text.append(self._end_part())
            _, _, self._held = self._held.partition(self._delimiter)
            self._in_head = True
            self._parts += 1
        return b"".join(text)

    def close(self) -> bytes:
        """End the last part; return the bytes held back."""
        text: list[bytes] = []
        if not self._in_head:
            self._pass(len(self._held), text)
        text.append(self._end_part())
        return b"".join(text)

    def _read_head(self) -> bool:
        """Parse a part's headers; return False if more bytes are needed."""
        end = _HEAD_END.search(self._held)
        if end is None and len(self._held) <= _MOST_HEAD:
            return False
        head = self._held[: end.end() if end is not None else 0]
        self._held = self._held[len(head) :]
        named = _TYPE.search(head)
        kind = named[1].decode("latin-1") if named is not None else ""
        # Whatever follows the last delimiter is ignored.
        self._part = None if head.startswith(b"--") else RawBody(self._sink, kind.lower())
        self._in_head = False
        return True

    def _pass(self, size: int, text: list[bytes]) -> None:
        data, self._held = self._held[:size], self._held[size:]
        if self._part is not None and data:
            text.append(self._part.feed(data))

    def _end_part(self) -> bytes:
        part, self._part = self._part, None
        if part is None:
            return b""
        text = part.close()
        self.infos += part.infos
        # A separate value follows.
        return text + b"\n"


class Body:
    """A body of any kind: a picture, parts, or text, recognised by header and first bytes.

    Args:
        sink: Called for each picture that the body is or contains.
        content_type: The answer's header.
    """

    def __init__(self, sink: SinkFactory, content_type: str) -> None:
        self._sink = sink
        self._content_type = content_type
        self._head = b""
        self._inner: RawBody | MultipartBody | ArchiveBody | None = None

    @property
    def infos(self) -> list[PictureInfo]:
        """The pictures and films, in order."""
        return self._inner.infos if self._inner is not None else []

    @property
    def has_frames(self) -> bool:
        """Whether each part replaces the one before."""
        return "x-mixed-replace" in self._content_type.lower()

    def feed(self, data: bytes) -> bytes:
        """Process bytes; return those that are not part of a picture, as UTF-8."""
        if self._inner is None:
            self._head += data
            # A boundary has at most 70 characters, and is at the start.
            short = len(self._head) < len(START) and START.startswith(self._head)
            if short or (len(self._head) < _SURE and self._head.lstrip()[:1] in (b"", b"-")):
                return b""
            data = self._choose()
        return self._inner.feed(data) if self._inner is not None else b""

    def close(self) -> bytes:
        """End the body; return the bytes held back that are not part of a picture."""
        text = b""
        if self._inner is None:
            data = self._choose()
            text = self._inner.feed(data) if self._inner is not None else b""
        return text + (self._inner.close() if self._inner is not None else b"")

    def _choose(self) -> bytes:
        head, self._head = self._head, b""
        first = head[:_SURE].lstrip()
        boundary = boundary_of(self._content_type, first)
        if boundary and first.startswith(b"--" + boundary):
            self._inner = MultipartBody(boundary, self._sink)
        elif head.startswith(START):
            self._inner = ArchiveBody(self._sink)
        else:
            self._inner = RawBody(self._sink, self._content_type.lower())
        return head
