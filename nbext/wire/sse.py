"""Parse an event stream as its bytes arrive.

Lines end in CR, LF or both and in nothing else (U+2028 is text), and may have any length. Source:
WHATWG HTML, 9.2 "Server-sent events".
"""

from __future__ import annotations

from nbext.util.pattern import pattern

_END = pattern(rb"[\r\n]")
_CONTINUED = (b" ", b"\t", b'"', b"{", b"}", b"[", b"]")
# The overhead of a line besides its bytes.
_ENTRY = 64
_BOM = b"\xef\xbb\xbf"


class Parser:
    r"""Splits a stream into events, in time linear in its length, wherever it is cut.

    Example:
        >>> parser = Parser()
        >>> parser.feed(b': hello\ndata: {"a"') + parser.feed(b":1}\n\n")
        [('', b'{"a":1}')]
    """

    def __init__(self) -> None:
        self._line = bytearray()
        self._data: list[bytes] = []
        self._size = 0
        self._event = ""
        self._after_cr = False
        self._first = True
        self._bare = False

    def feed(self, data: bytes) -> list[tuple[str, bytes]]:
        """Process bytes.

        Returns:
            The completed events: name ("" without one) and data.
        """
        events: list[tuple[str, bytes]] = []
        if not self._after_cr and b"\r" not in data:
            return self._feed_lines(data, events)
        at = 1 if self._after_cr and data[:1] == b"\n" else 0
        if data:
            self._after_cr = False
        while True:
            match = _END.search(data, at)
            if match is None:
                self._line += data[at:]
                return events
            end = match.start()
            line = bytes(self._line) + data[at:end] if self._line else data[at:end]
            self._line.clear()
            self._take(line, events)
            at = end + 1
            if data[end : end + 1] == b"\r":
                if at == len(data):
                    self._after_cr = True
                elif data[at : at + 1] == b"\n":
                    at += 1

    def _feed_lines(self, data: bytes, events: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        """Process bytes without CR, on the fast path; ``feed`` gives the same result."""
        lines = data.split(b"\n")
        if len(lines) == 1:
            self._line += data
            return events
        if self._line:
            lines[0] = bytes(self._line) + lines[0]
            self._line.clear()
        self._line += lines.pop()
        for line in lines:
            self._take(line, events)
        return events

    @property
    def held(self) -> int:
        """The number of bytes of an unfinished event."""
        return len(self._line) + self._size

    def close(self) -> list[tuple[str, bytes]]:
        """Return the events before the end; relays omit the last empty line."""
        events: list[tuple[str, bytes]] = []
        if self._line:
            self._take(bytes(self._line), events)
            self._line.clear()
        self._take(b"", events)
        return events

    def _take(self, line: bytes, events: list[tuple[str, bytes]]) -> None:
        if self._first:
            line = line.removeprefix(_BOM)
            self._first = False
        if not line:
            self._end(events)
            return
        if line[:6] == b"data: " and not (self._data or self._bare):
            self._keep(line[6:])
            return
        name, _, value = line.partition(b":")
        if self._bare and (name in (b"", b"data", b"event") or line[:1] == b"{"):
            self._end(events)
        if self._bare or (line[:1] == b"{" and not self._data):
            # After a comment that keeps the line open, relays write an error without a field.
            self._bare = True
            self._keep(line)
        elif name == b"data":
            value = value.removeprefix(b" ")
            if self._data and value[:1] in (b"{", b"[") and self._data[-1][-1:] in (b"}", b"]"):
                # Two values are two events if a relay omits the empty line between them.
                self._end(events)
            self._keep(value)
        elif name == b"event":
            self._event = value.removeprefix(b" ").decode("utf-8", "replace")
        elif self._data and self._data[0][:1] in (b"{", b"[") and line[:1] in _CONTINUED:
            # JSON in several lines, of which only the first has the field's name.
            self._keep(line)

    def _keep(self, data: bytes) -> None:
        self._data.append(data)
        self._size += len(data) + _ENTRY

    def _end(self, events: list[tuple[str, bytes]]) -> None:
        if self._data:
            events.append((self._event, b"\n".join(self._data)))
        self._data, self._size, self._event, self._bare = [], 0, "", False
