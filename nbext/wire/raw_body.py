"""A body that is neither JSON nor an event stream: a picture itself, or wrapped JSON."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from nbext.data.picture import SNIFF_BYTES, identify
from nbext.errors import PictureError
from nbext.util.pattern import pattern
from nbext.wire.json_values import decode_all

if TYPE_CHECKING:
    from typing import Any

    from nbext.data.picture import PictureInfo
    from nbext.wire.events import Sink, SinkFactory

# The start of JSON, an event stream or text; no picture begins like this.
_WORDS = frozenset(b'{["deirtfn: \t\r\n\xef')
# The start of base64 of a PNG, a JPEG, a GIF or a WebP.
_BASE64 = pattern(rb"iVBORw0KGgo|/9j/[48]|R0lGOD|UklGR[A-Za-z0-9+/]")
_BASE64_FIRST = (b"i", b"/", b"R", b"U")
_BASE64_BYTES = 12
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_OPENING = pattern(rb"(?:^|[\s>])(?=\{\s*\"|\[\s*[{\"])", re.MULTILINE)
_MOST_OPENINGS = 8


class RawBody:
    """Recognises a picture or film by its first bytes, and stores it.

    Args:
        sink: Called once, for a picture.
        content_type: The answer's header.
    """

    def __init__(self, sink: SinkFactory, content_type: str) -> None:
        self._make = sink
        self._is_media = content_type.startswith(("image/", "video/", "application/octet"))
        self._head: bytes | None = b""
        self._quoted = False
        self._sink: Sink | None = None
        self._characters: codecs.IncrementalDecoder | None = None
        self.info: PictureInfo | None = None

    @property
    def infos(self) -> list[PictureInfo]:
        """The picture or film, if it is one."""
        return [self.info] if self.info is not None else []

    def feed(self, data: bytes) -> bytes:
        """Process bytes; return those that are not part of a picture, as UTF-8."""
        if self._sink is not None:
            self._write(data)
            return b""
        if self._head is None:
            return self._plain(data)
        self._head += data
        first = self._head[:1]
        if first and first in _BASE64_FIRST and len(self._head) < _BASE64_BYTES:
            return b""
        if _BASE64.match(self._head):
            # In quotes it is a JSON string, from which pictures are extracted later.
            self._quoted = True
            return self._begin_text()
        if first and first[0] in _WORDS:
            return self._begin_text()
        enough = SNIFF_BYTES if first == b"<" else 32
        return self._begin() if len(self._head) >= enough else b""

    def close(self) -> bytes:
        """End the picture; return the bytes held back of anything else."""
        rest = self._begin() if self._head is not None else b""
        rest += b'"' if self._quoted else b""
        if self._sink is not None:
            try:
                self.info = self._sink.close()
            except PictureError:
                self.info = None
        return rest

    def abort(self) -> None:
        """Discard an incomplete picture."""
        if self._sink is not None:
            self._sink.abort()

    def _begin(self) -> bytes:
        head = self._head or b""
        if not identify(head[:SNIFF_BYTES]):
            return self._begin_text()
        self._head = None
        self._sink = self._make()
        self._write(head)
        return b""

    def _begin_text(self) -> bytes:
        head, self._head = self._head or b"", None
        if self._quoted:
            head = b'"' + head
        if head.startswith(_UTF16):
            self._characters = codecs.getincrementaldecoder("utf-16")("replace")
        return self._plain(head)

    def _plain(self, data: bytes) -> bytes:
        if self._characters is None:
            return data
        return self._characters.decode(data).encode("utf-8", "replace")

    def _write(self, data: bytes) -> None:
        try:
            if self._sink is not None:
                self._sink.write(data)
        except PictureError:
            self.abort()


def json_behind(data: bytes) -> list[Any]:
    r"""Parse JSON after other output, such as a PHP warning.

    Example:
        >>> json_behind(b'<br />\nWarning: foo in bar.php on line 3\n{"a": 1}')
        [{'a': 1}]
    """
    for number, opening in enumerate(_OPENING.finditer(data[: 1 << 20])):
        if number >= _MOST_OPENINGS:
            break
        values, cut = decode_all(data[opening.end() :])
        values = [value for value in values if isinstance(value, dict | list)]
        if values and not cut:
            return values
    return []
