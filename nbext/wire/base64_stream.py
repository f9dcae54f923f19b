"""Divert the pictures in an answer from base64 into files, while the bytes arrive.

Pictures are never kept in memory: wherever a run of base64 with a picture begins, in a JSON string
or in text, its characters are decoded into a sink, and ``nbext-sha256:HEX`` is put in its place. So
the remaining answer is small. A run that turns out not to be a picture is returned unchanged.
"""

from __future__ import annotations

import functools
import re
import secrets
import zlib
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pybase64

from nbext.data.picture import SNIFF_BYTES, identify
from nbext.util.pattern import pattern
from nbext.wire.base64_run import Base64Run

if TYPE_CHECKING:
    from nbext.data.picture import PictureInfo
    from nbext.wire.events import SinkFactory

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="
# How the base64 of a picture begins. PNG, JPEG (its slashes escaped or not), GIF, WebP, formats
# with an ``ftyp`` box (AVIF, HEIC, MP4), SVG; TIFF, JPEG 2000 and XL, ICO and PDF are not shown.
_FTYP = rb"AAAA[A-Za-z0-9+/]GZ0eX"
# With the number of its pictures, 1 to 15: pieces of other files often begin with 00 00 01 00.
_ICO = rb"AAABAA[EIMQUYcgkosw048]A"
_MAGIC = (
    rb"iVBORw0KGgo|\\{0,2}/9j\\{0,2}/|R0lGOD|UklGR|"
    + _FTYP
    + rb"|PHN2Zy|PD94bW|SUkqA|TU0AK|AAAADGpQ|AAAADEpY|"
    + _ICO
    + rb"|JVBERi|Qk[0-9A-Za-z+/]{4}AAAAAA"
)
# Data URIs may contain Python's notation for bytes: ``base64,b'iVBO…'``.
_URI = rb""";[bB][aA][sS][eE]64,(?:b\\?['"])?"""
_OF_WORD = rb"[A-Za-z0-9+/=_-]"
_IN_JSON = pattern(_URI + rb'|base64:(?:\\?/){2}|"(?=' + _MAGIC + rb")")
_IN_TEXT = pattern(_URI + rb"|base64://|(?<!" + _OF_WORD + rb")(?=" + _MAGIC + rb")")
# The same pattern without URIs, five times as fast: the start of a picture comes first.
_URI_END = pattern(rb"64[,:]")
_BEGIN = rb"(?=[i/\\RUAPSTJQ])"
_BARE_IN_JSON = pattern(rb'"' + _BEGIN + rb"(?=" + _MAGIC + rb")")
_BARE_IN_TEXT = pattern(_BEGIN + rb"(?<!" + _OF_WORD + rb")(?=" + _MAGIC + rb")")


def _begun(*words: bytes) -> bytes:
    """Return a pattern for a possible start of one of several words."""
    patterns = []
    for word in words:
        pattern = b""
        for character in reversed(re.findall(rb"\[[^]]+\](?:\{\d\})?|.", word)):
            pattern = character + (b"(?:" + pattern + b")?" if pattern else b"")
        patterns.append(pattern)
    return b"|".join(patterns)


# The possible start of a marker, at the end of the data so far.
_BEGUN_URI = rb"(?i:" + _begun(b";base64,", b"base64:[\\\\/][\\\\/][\\\\/]") + rb")"
_PARTIAL_JSON = pattern(rb"(?:" + _BEGUN_URI + rb'|"[A-Za-z0-9+/\\]{0,14})$')
_PARTIAL_TEXT = pattern(
    rb"(?:"
    + _BEGUN_URI
    + rb"|(?<!"
    + _OF_WORD
    + rb")(?:"
    + _begun(
        b"iVBORw0KGgo",
        b"/9j/",
        b"R0lGOD",
        b"UklGR",
        b"AAAA[A-Za-z0-9+/]GZ0eX",
        b"PHN2Zy",
        b"PD94bW",
        b"SUkqA",
        b"TU0AK",
        b"AAAADGpQ",
        b"AAAADEpY",
        _ICO,
        b"JVBERi",
        b"Qk[0-9A-Za-z+/][0-9A-Za-z+/][0-9A-Za-z+/][0-9A-Za-z+/]AAAAAA",
    )
    + rb"))$"
)
# Escaped twice: JSON within a string of JSON.
_ESCAPE = pattern(rb"\\\\?[/nrt]|\\u00(?:2[bBfFdD]|3[dD]|5[fF]|0[aAdD]|20)")
_PARTIAL_ESCAPE = pattern(rb"\\(?:\\|u(?:0(?:0(?:[0235])?)?)?)?$")
_ESCAPED = {b"/": b"/", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
# Encoders break lines at one width, usually 64 or 76 (RFC 7468, RFC 2045); after a longer line
# the run is complete, and text follows.
_MAX_LINE = 1024
# Each picture that may continue in a later text is an open file.
_MAX_OPEN = 8
_LETTERS = frozenset(_ALPHABET[at : at + 1] for at in range(len(_ALPHABET)))
_NOT_YET = (b"", b"b", b"b\\")
OPEN = pattern(r"nbext-open:[0-9a-f]{16}:\d+;")
# One picture, and what a list of pieces put after it.
_OPEN_WITH_REST = pattern(r"(nbext-open:[0-9a-f]{16}:\d+;)([A-Za-z0-9+/_=-]*)")
_OPEN_AT_END = pattern(r"nbext-open:[0-9a-f]{16}:\d{1,9};\Z")


class Base64Extractor:
    """Extracts pictures from the bytes of an answer, in time linear in their length.

    Args:
        sink: Called for each picture.
        json: Whether the bytes are JSON (or an event stream of it); else they are text.

    Attributes:
        pictures: What came, by sha256.

    Example:
        >>> from nbext.data.request import Reference
        >>> class Memory:
        ...     data = b""
        ...     def write(self, data): self.data += data
        ...     def close(self): return Reference.of(self.data).info
        ...     def abort(self): pass
        >>> d = Base64Extractor(Memory)
        >>> out = d.feed(b'{"b64_json": "R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs="}')
        >>> out[:27], [p.media_type for p in d.pictures.values()]
        (b'{"b64_json": "nbext-sha256:', ['image/gif'])
    """

    def __init__(self, sink: SinkFactory, *, json: bool = True) -> None:
        self.pictures: dict[str, PictureInfo] = {}
        self._sink = sink
        self._json = json
        self._marker = _IN_JSON if json else _IN_TEXT
        self._bare = _BARE_IN_JSON if json else _BARE_IN_TEXT
        self._partial = _PARTIAL_JSON if json else _PARTIAL_TEXT
        self._held = b""
        self._run: Base64Run | None = None
        self._open: dict[str, Base64Run] = {}
        self._opened = 0
        # The last byte before the current data: inside a word, no picture begins.
        self._before = b""

    @functools.cached_property
    def _nonce(self) -> str:
        """A random value that no answer can contain."""
        return secrets.token_hex(8)

    def feed(self, data: bytes) -> bytes:
        """Process bytes; return what is left of them."""
        data, self._held = (self._held + data) if self._held else data, b""
        out: list[bytes] = []
        at = 0
        while at < len(data):
            if self._run is not None:
                at = self._divert(data, at, out)
                continue
            marker = self._find(data, at)
            if marker is None:
                end = self._hold_back(data, at)
                out.append(data[at:end])
                at = end
                break
            if data[marker.end() :] in _NOT_YET and marker[0][-1:] == b",":
                # Python's ``b'`` may follow.
                out.append(data[at : marker.start()])
                self._held = data[marker.start() :]
                at = marker.start()
                break
            out.append(data[at : marker.end()])
            at = marker.end()
            self._begin()
        if at:
            self._before = data[at - 1 : at]
        return b"".join(out)

    def _find(self, data: bytes, at: int) -> re.Match[bytes] | None:
        """Find the possible start of the next picture."""
        wanted = self._marker if _URI_END.search(data, at) else self._bare
        marker = wanted.search(data, at)
        if marker is not None and not (marker.end() or self._json) and self._before in _LETTERS:
            return wanted.search(data, 1)
        return marker

    def _begin(self, run: Base64Run | None = None) -> None:
        """Start a run, or continue one."""
        self._run = run or Base64Run(self._sink)

    def _hold_back(self, data: bytes, at: int) -> int:
        """Hold back the possible start of a marker until more data arrives."""
        partial = self._partial.search(data, max(at, len(data) - 20))
        if partial is not None and not (partial.start() or self._json):
            # Inside a word, nothing begins.
            word = self._before in _LETTERS and data[:1] not in b";"
            partial = None if word else partial
        end = partial.start() if partial else len(data)
        self._held = data[end:]
        return end

    def _divert(self, data: bytes, at: int, out: list[bytes]) -> int:
        """Feed the run from here on; return where it ends."""
        assert self._run is not None
        end = _end_of_alphabet(data, at)
        if self._run.padded and end > at and data[at : at + 1] != b"=":
            return self._end(at, out)
        # After padding, only padding may follow.
        padding = data.find(b"=", at, end)
        if padding >= 0:
            after = padding + len(data[padding:end]) - len(data[padding:end].lstrip(b"="))
            if after < end:
                self._take(data[at:after], after - at)
                return self._end(after, out)
        self._take(data[at:end], end - at)
        if self._run.refused and not self._run.spoiled:
            return self._end(end, out)
        if end == len(data):
            return end
        return self._separator(data, end, out)

    def _take(self, text: bytes, width: int) -> None:
        """Feed the run its next characters, which take this many bytes of the line."""
        assert self._run is not None
        if text:
            self._run.feed(text)
            self._run.line += width
            self._run.gap = b""

    def _separator(self, data: bytes, at: int, out: list[bytes]) -> int:
        """Continue after an escaped character or a line break of the run, or end it."""
        assert self._run is not None
        byte = data[at : at + 1]
        if byte == b"\\":
            escape = _ESCAPE.match(data, at)
            if escape is None:
                if _PARTIAL_ESCAPE.match(data, at):
                    self._held = data[at:]
                    return len(data)
                return self._end(at, out)
            if _char(escape[0]).strip():
                return self._unescape(data, at)
            return self._break(at, escape[0], out)
        if byte in (b" ", b"\n", b"\r", b"\t"):
            return self._break(at, byte, out)
        return self._end(at, out, goes_on=byte == b'"')

    def _unescape(self, data: bytes, at: int) -> int:
        """Process escaped characters of the alphabet at once, up to the string's end."""
        assert self._run is not None
        # Escaped slashes and pluses come in thousands. The window grows with each success, so that
        # rare escapes are not scanned twice.
        limit = _end_of(data[at : at + self._run.window], 0, _ALPHABET + b"\\")
        piece = data[at : at + limit]
        bad = _NO_CHARACTER.search(piece)
        if bad is not None:
            piece = piece[: bad.start()]
        good = len(piece) >= self._run.window - 5
        self._run.window = min(2 * self._run.window, 1 << 20) if good else 256
        if piece:
            text = _PLUS.sub(b"+", piece) if b"\\u" in piece else piece
            text = text.replace(b"\\\\/", b"/").replace(b"\\/", b"/")
            self._take(text, len(text))
            return at + len(piece)
        escape = _ESCAPE.match(data, at)
        assert escape is not None
        self._take(_char(escape[0]), 1)
        return escape.end()

    def _break(self, at: int, space: bytes, out: list[bytes]) -> int:
        """Continue after white space if the run has lines and may not be at its end."""
        run = self._run
        assert run is not None
        if run.line:
            # The end of the first line decides; later lines may end like this by chance.
            ended = run.at_end() if run.width else run.complete()
            if run.lines == 1 and run.line > run.width:
                # The first line begins after the data URI's prefix.
                run.width = run.line
            run.width = run.width or run.line
            run.lines += 1
            if ended or run.line > _MAX_LINE or run.line != run.width:
                return self._end(at, out)
            run.line = 0
        elif len(run.gap) > 64:
            return self._end(at, out)
        run.gap += space
        run.skip(space)
        return at + len(space)

    def _end(self, at: int, out: list[bytes], *, goes_on: bool = False) -> int:
        """End the run; a picture that is incomplete by its format may continue in the next text."""
        run, self._run = self._run, None
        assert run is not None
        if run.refused and not run.spoiled:
            out.append(run.rollback())
            return at
        goes_on = goes_on and self._json and len(self._open) < _MAX_OPEN
        if goes_on and run.is_picture and not run.at_end():
            token = f"nbext-open:{self._nonce}:{self._opened};"
            self._opened += 1
            self._open[token] = run
            out.append(token.encode())
            return at
        info = run.finish()
        if info is not None:
            self.pictures[info.sha256] = info
            out.append(f"nbext-sha256:{info.sha256}".encode() + run.gap)
        else:
            out.append(run.rollback())
        return at

    def resume(self, token: str) -> Base64Run | None:
        """Return an open run by its token."""
        return self._open.pop(token, None)

    def close_open(self, text: str) -> str:
        """End the runs whose tokens are in a text that does not continue.

        Characters of the alphabet after a token are the rest of its picture.

        Returns:
            The text with ``nbext-sha256:HEX`` in place of tokens.
        """

        def settled(match: re.Match[str]) -> str:
            run = self.resume(match[1])
            if run is not None:
                run.feed(match[2].encode())
            info = run.finish() if run is not None else None
            if info is None:
                return ""
            self.pictures[info.sha256] = info
            return f"nbext-sha256:{info.sha256}"

        return _OPEN_WITH_REST.sub(settled, text) if "nbext-open:" in text else text

    @property
    def has_open(self) -> bool:
        """Whether a picture may continue in a later text."""
        return bool(self._open)

    def unfinished(self, text: str) -> Base64Run | None:
        """Return the run whose token ends a text, if it is incomplete by its format."""
        token = _OPEN_AT_END.search(text, max(0, len(text) - 64))
        run = self._open.get(token[0]) if token is not None else None
        return run if run is not None and run.lacks_end() else None

    def forget(self) -> None:
        """Discard the open pictures that nothing has continued."""
        for run in self._open.values():
            run.abort()
        self._open.clear()

    def close(self, *, cut: bool | None = None) -> bytes:
        """Return the data held back, and end the current run.

        Args:
            cut: Whether the answer is incomplete, so that an incomplete picture is discarded; in
                JSON the current run is always incomplete.
        """
        held, self._held = self._held, b""
        if self._run is None:
            return held
        if (self._json if cut is None else cut) and not self._run.complete():
            self._run.abort()
        out: list[bytes] = []
        self._end(0, out)
        return b"".join(out) + held


_NO_CHARACTER = pattern(rb"\\(?!\\?/|u002[bB])")
_PLUS = pattern(rb"\\u002[bB]")


def _char(escape: bytes) -> bytes:
    """Return the character of an escape."""
    return _ESCAPED.get(escape[-1:]) or bytes.fromhex(escape[4:].decode("ascii"))


def _end_of_alphabet(data: bytes, at: int) -> int:
    return _end_of(data, at, _ALPHABET)


def _end_of(data: bytes, at: int, alphabet: bytes) -> int:
    """Find the first byte outside an alphabet; long stretches are skipped at memory speed."""
    step = 256
    while at < len(data):
        piece = data[at : at + step]
        other = piece.translate(None, alphabet)
        if other:
            return at + piece.index(other[:1])
        at += len(piece)
        step = min(step * 4, 1 << 20)
    return len(data)


class TextBase64Extractor:
    """The same for an answer's text, whose pictures may be spread over many pieces.

    Args:
        body: The extractor of the answer's bytes, which may have left a picture open.
        sink: Called for each picture that begins in the text.
    """

    def __init__(self, body: Base64Extractor, sink: SinkFactory) -> None:
        self._body = body
        self._text = Base64Extractor(sink, json=False)
        self._text.pictures = body.pictures

    def feed(self, text: str) -> str:
        """Process a piece of text; return what is left of it."""
        if not text:
            return ""
        out: list[str] = []
        at = 0
        for token in OPEN.finditer(text):
            out.append(self._plain(text[at : token.start()]))
            at = token.end()
            run = self._body.resume(token[0])
            if run is not None:
                out.append(self._flush())
                self._text._begin(run)  # noqa: SLF001 -- of the same module
        out.append(self._plain(text[at:]))
        return "".join(out)

    def _plain(self, text: str) -> str:
        # A single surrogate is not a character, but JSON can express it.
        return self._text.feed(text.encode("utf-8", "replace")).decode("utf-8", "replace")

    def _flush(self, *, cut: bool = False) -> str:
        return self._text.close(cut=cut).decode("utf-8", "replace")

    def close(self, *, cut: bool = False) -> str:
        """Return the text held back, and end the current picture.

        Args:
            cut: Whether the answer is incomplete.
        """
        return self._flush(cut=cut)


def is_wrapped(text: str) -> bool:
    """Return whether a text begins as a picture does in gzip, or in base64 twice over."""
    return _WRAPPED.match(text) is not None


_HEX = pattern(r"[0-9A-Fa-f]{64}")


def decode_base64(text: str, *, depth: int = 2) -> bytes | None:
    """Decode a whole picture in base64, with or without padding, white space and a data URI prefix.

    The data may be base64 again, or compressed with gzip, or hexadecimal.

    Args:
        text: The picture.
        depth: How many layers to unwrap.

    Returns:
        Its bytes, None if it is not a picture.
    """
    marker = text[:256].lower().rfind(";base64,")
    text = text[marker + 8 :] if marker >= 0 else text
    if "%" in text[-600:]:
        text = unquote(text)
    text = text.strip().removeprefix("b'").strip("'\"")
    packed = re.sub(r"\s+", "", text.removeprefix("base64://"))
    packed = packed.replace("-", "+").replace("_", "/").rstrip("=")
    if len(packed) < 16:
        return None
    if data := _from_hex(packed):
        return data
    try:
        data = pybase64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except ValueError:
        return None
    return data if identify(data[:SNIFF_BYTES]) else _unwrapped(data, depth - 1)


def _from_hex(text: str) -> bytes:
    """Decode a picture in hexadecimal; empty for any other text."""
    text = text.removeprefix("0x").removeprefix("\\x")
    if len(text) % 2 or not _HEX.match(text):
        return b""
    try:
        data = bytes.fromhex(text)
    except ValueError:
        return b""
    return data if identify(data[:SNIFF_BYTES]) else b""


def _unwrapped(data: bytes, depth: int) -> bytes | None:
    """Unwrap a picture from decoded base64."""
    if depth <= 0:
        return None
    if data.startswith(b"\x1f\x8b"):
        try:
            data = zlib.decompressobj(31).decompress(data, _MOST_UNPACKED)
        except zlib.error:
            return None
        return _picture_in(data)
    head = data[:64]
    is_text = head.isascii() and head.decode("ascii").isprintable()
    return decode_base64(data.decode("ascii", "replace"), depth=depth) if is_text else None


def _picture_in(data: bytes) -> bytes | None:
    return data if identify(data[:SNIFF_BYTES]) else None


# The start of a picture, or of a data URI, in double base64 or gzip.
_WRAPPED = re.compile(
    r"b['\"](?:iVBORw|/9j/|R0lGOD|UklGR)|aVZCT1J3|LzlqL|ZGF0YTppbWFn|UjBsR|VWtsR|H4sI"
)
# The most bytes of a compressed picture.
_MOST_UNPACKED = 64 << 20
