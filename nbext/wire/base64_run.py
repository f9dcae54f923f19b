"""A run of base64 that may become a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pybase64

from nbext.data.picture import SNIFF_BYTES, identify, sniff
from nbext.errors import PictureError

if TYPE_CHECKING:
    from nbext.data.picture import PictureInfo
    from nbext.wire.events import Sink, SinkFactory

# No picture is smaller, and a quoted word may begin like one.
_MIN_BYTES = 20
# The last chunk is the same in every PNG (PNG specification, 11.2.5).
_WITH_END = ("image/png", "image/jpeg", "image/gif", "image/webp")
_PNG_END = b"IEND\xaeB`\x82"


class Base64Run:
    """A run of base64 that is decoded into a sink.

    Attributes:
        padded: Whether its padding has arrived, so that it is at its end.
        refused: Whether it is not a picture, or not an accepted one.
        spoiled: Whether the sink rejected it, so that the rest of it means nothing.
        line: The number of characters in its current line.
        width: The length of its lines, 0 before the first one has ended.
        lines: The number of finished lines.
        gap: The white space after its last character.
        window: How far to look for escaped characters.
    """

    def __init__(self, sink: SinkFactory) -> None:
        self._make = sink
        self._sink: Sink | None = None
        self._rest = b""
        self._head = b""
        self._tail = b""
        self._size = 0
        self._raw: list[bytes] = []
        self.padded = False
        self.refused = False
        self.spoiled = False
        self.line = self.width = self.lines = 0
        self.window = 256
        self.gap = b""

    @property
    def is_picture(self) -> bool:
        """Whether its bytes are a picture."""
        return self._sink is not None

    def feed(self, text: bytes) -> None:
        """Add characters of the alphabet."""
        if self.refused or not text:
            return
        if self._sink is None:
            self._raw.append(text)
        self.padded = self.padded or b"=" in text[-4:]
        if b"-" in text or b"_" in text:
            text = text.replace(b"-", b"+").replace(b"_", b"/")
        if self._rest:
            text = self._rest + text
        whole = len(text) - len(text) % 4
        self._rest = text[whole:]
        self._decode(text[:whole])

    def skip(self, text: bytes) -> None:
        """Note characters inside the run that do not belong to it, in case it is not a picture."""
        if self._sink is None:
            self._raw.append(text)

    def _decode(self, text: bytes) -> None:
        try:
            data = pybase64.b64decode(text, validate=True)
        except ValueError:
            self._refuse()
            return
        self._size += len(data)
        self._tail = (self._tail + data[-32:])[-32:]
        if self._sink is not None:
            self._write(data)
            return
        self._head += data
        if len(self._head) >= _MIN_BYTES and identify(self._head[:SNIFF_BYTES]):
            self._sink = self._make()
            head, self._head, self._raw = self._head, self._head[:16], []
            self._write(head)
        elif len(self._head) >= SNIFF_BYTES or (
            len(self._head) >= 32 and not self._head.lstrip().startswith((b"<", b"\xef"))
        ):
            self._refuse()

    def _write(self, data: bytes) -> None:
        if self._sink is None:
            return
        try:
            self._sink.write(data)
        except PictureError:
            self.spoiled = True
            self._refuse()

    def _refuse(self) -> None:
        self.refused = True
        if self._sink is not None:
            self._sink.abort()

    def rollback(self) -> bytes:
        """Return the characters of a run that is not a picture; a corrupt picture's are lost."""
        raw, self._raw = b"".join(self._raw), []
        return raw

    def complete(self) -> bool:
        """Return whether, by the picture's own format, this was its end."""
        if self.padded:
            return True
        kind, ending = sniff(self._head[:16]), self._ending()
        if kind == "image/png":
            return _PNG_END in ending
        if kind == "image/jpeg":
            return ending.endswith(b"\xff\xd9")
        if kind == "image/gif":
            return ending.endswith(b"\0;")
        if kind == "image/webp":
            size = self._size + len(_last(self._rest))
            return size >= int.from_bytes(self._head[4:8], "little") + 8
        return b"</svg>" in ending

    def lacks_end(self) -> bool:
        """Return whether, by the picture's own format, its end is missing."""
        return sniff(self._head[:16]) in _WITH_END and not self.complete()

    def at_end(self) -> bool:
        """Return whether nothing of it can follow in another text: no bytes, no padding."""
        if self.padded:
            return not self._rest
        # White space may follow an SVG's last tag.
        return self.complete() and not self._rest and sniff(self._head[:16]) != "image/svg+xml"

    def _ending(self) -> bytes:
        """Return the last bytes, including those of an unpadded last group."""
        return self._tail + _last(self._rest)

    def finish(self) -> PictureInfo | None:
        """Store the picture; return None if it is not one."""
        if self._sink is None and not self.refused and self._head:
            # An SVG that is no longer than its head.
            if len(self._head) >= _MIN_BYTES and identify(self._head):
                self._sink = self._make()
                self._write(self._head)
            else:
                self._refuse()
        if not self.refused and (last := _last(self._rest)):
            self._write(last)
        return None if self.refused else self._closed()

    def _closed(self) -> PictureInfo | None:
        if self._sink is None:
            return None
        try:
            return self._sink.close()
        except PictureError:
            return None

    def abort(self) -> None:
        """Discard it."""
        if self._sink is not None and not self.refused:
            self._refuse()


def _last(rest: bytes) -> bytes:
    """Decode a last group without its padding."""
    if len(rest) < 2:
        return b""
    try:
        return pybase64.b64decode(rest + b"=" * (-len(rest) % 4), validate=True)
    except ValueError:
        return b""
