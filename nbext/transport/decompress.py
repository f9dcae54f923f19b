"""Decompress answers in pieces of limited size.

The HTTP libraries can do it, but httpx 0.28 turns a 64 kB piece into one of 64 MB. Pictures and
paid answers are requested uncompressed, but stores and gateways may compress them nevertheless.
"""

from __future__ import annotations

import sys
import zlib
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE = 256 << 10
# The most compressions of one answer, one inside the other.
_MOST = 3
# Compressed bytes to process at once if the output size cannot be limited: a block of zstd has at
# most 128 kB, and takes at least 4 bytes.
_BITE = 64

# The registered compressions (IANA, HTTP content coding registry). Stores and scripts write other
# words into the header, such as ``aws-chunked`` or ``utf-8``, which do not change the bytes.
_COMPRESSIONS = frozenset(
    ["br", "compress", "dcb", "dcz", "deflate", "exi", "gzip", "pack200-gzip", "zstd"]
)
_GZIP = b"\x1f\x8b\x08"


class DecompressionError(Exception):
    """The bytes are not compressed in the way the header says."""


class UnknownCompressionError(Exception):
    """A compression that is not supported.

    Attributes:
        package: The package to install for it, or "".
    """

    def __init__(self, name: str, package: str = "") -> None:
        super().__init__(name)
        self.package = package


class Decompressor(Protocol):
    """Undoes one compression."""

    @property
    def whole(self) -> bool:
        """Whether the data is complete."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the decompressed data, in pieces of limited size."""


def compressions(header: str) -> list[str]:
    """Return the compressions in a ``Content-Encoding`` header.

    Example:
        >>> compressions("aws-chunked, x-gzip"), compressions("utf-8")
        (['gzip'], [])
    """
    named = [word.strip().lower().removeprefix("x-") for word in header.split(",")]
    return [word for word in named if word in _COMPRESSIONS]


class ContentDecoder:
    """Decompresses an answer.

    Data that is not gzip although the header says so is passed on unchanged, and gzip without a
    header is unpacked: no answer and no picture begins like it.

    Args:
        encoding: The ``Content-Encoding`` header.

    Raises:
        UnknownCompressionError: A compression is not supported.

    Example:
        >>> list(ContentDecoder("").feed(b"plain"))
        [b'plain']
    """

    def __init__(self, encoding: str) -> None:
        named = compressions(encoding)
        if len(named) > _MOST or not set(named) <= set(_MAKERS):
            raise UnknownCompressionError(", ".join(named))
        # The last compression was applied last, and is removed first.
        self._name = named[-1] if named else ""
        self._under = ContentDecoder(",".join(named[:-1])) if len(named) > 1 else None
        self._inner: Decompressor | None = None
        if self._name in ("br", "zstd"):
            self._inner = _MAKERS[self._name](b"")
        self._begun = bool(self._inner)
        self._head = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the decompressed data, at most 256 kB at a time, so that a bomb can be stopped.

        Raises:
            DecompressionError: The data is not compressed in the way the header says.
        """
        for piece in self._outer(data):
            if self._under is None:
                yield piece
            else:
                yield from self._under.feed(piece)

    def _outer(self, data: bytes) -> Iterator[bytes]:
        """Remove the outer compression."""
        if not self._begun:
            self._head += data
            if len(self._head) < len(_GZIP):
                return  # too short to tell
            data, self._head, self._begun = self._head, b"", True
            self._inner = self._choose(data)
        if self._inner is None:
            if data:
                yield data
            return
        try:
            yield from self._inner.feed(data)
        except Exception as error:  # noqa: BLE001 -- each library has its own errors
            raise DecompressionError(str(error)[:200]) from None

    def _choose(self, head: bytes) -> Decompressor | None:
        if head.startswith(_GZIP):
            return _Zlib(31)
        return _MAKERS["deflate"](head) if self._name == "deflate" else None

    def rest(self) -> bytes:
        """Return data that was too short to be recognised, at the end of the body."""
        head, self._head, self._begun = self._head, b"", True
        return head + (self._under.rest() if self._under is not None else b"")

    @property
    def is_plain(self) -> bool:
        """Whether all that follows is passed on unchanged."""
        return self._begun and self._inner is None and self._under is None

    @property
    def whole(self) -> bool:
        """Whether the data is complete."""
        inner = self._inner is None or self._inner.whole
        return inner and (self._under is None or self._under.whole)


class _Zlib:
    """gzip, zlib or raw deflate."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._inflate = zlib.decompressobj(wbits=wbits)

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inflate.eof:
                if not data.startswith(b"\x1f"):
                    return
                # Another member follows (RFC 1952, 2.2).
                self._inflate = zlib.decompressobj(wbits=self._wbits)
            piece = self._inflate.decompress(data, PIECE)
            data = self._inflate.unused_data or self._inflate.unconsumed_tail
            if piece:
                yield piece
            elif not (data or self._inflate.eof):
                return

    @property
    def whole(self) -> bool:
        return self._inflate.eof


class _Brotli:
    """br, with the package brotli (1.2 or later, which can limit the output size)."""

    def __init__(self) -> None:
        module = _library("br", "brotli")
        self._unpack = module.Decompressor()
        if not hasattr(self._unpack, "can_accept_more_data"):
            raise UnknownCompressionError("br", "brotli>=1.2")

    def feed(self, data: bytes) -> Iterator[bytes]:
        while not self._unpack.is_finished():
            piece = self._unpack.process(data, output_buffer_limit=PIECE)
            data = b""
            if not piece:
                return
            yield piece

    @property
    def whole(self) -> bool:
        return bool(self._unpack.is_finished())


class _Zstd:
    """zstd, with Python 3.14's library, or the package zstandard."""

    def __init__(self) -> None:
        if sys.version_info >= (3, 14):
            self._unpack = import_module("compression.zstd").ZstdDecompressor()
        else:
            module = _library("zstd", "zstandard")
            # As in browsers: a window of 8 MB (RFC 9659).
            self._unpack = module.ZstdDecompressor(max_window_size=8 << 20).decompressobj()

    def feed(self, data: bytes) -> Iterator[bytes]:
        view = memoryview(data)
        for at in range(0, len(view), _BITE):
            if self._unpack.eof:
                return
            piece = self._unpack.decompress(bytes(view[at : at + _BITE]))
            if piece:
                yield piece

    @property
    def whole(self) -> bool:
        return bool(self._unpack.eof)


def _library(name: str, package: str) -> Any:
    """Import the package for a compression.

    Raises:
        UnknownCompressionError: It is not installed.
    """
    try:
        return import_module(package)
    except ImportError:
        raise UnknownCompressionError(name, package) from None


def _deflate(head: bytes) -> _Zlib:
    """Return the decompressor of "deflate": zlib by the standard, raw in many servers."""
    is_zlib = len(head) > 1 and head[0] & 15 == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    return _Zlib(15 if is_zlib else -15)


_MAKERS: dict[str, Callable[[bytes], Decompressor]] = {
    "gzip": lambda _: _Zlib(31),
    "deflate": _deflate,
    "br": lambda _: _Brotli(),
    "zstd": lambda _: _Zstd(),
}
