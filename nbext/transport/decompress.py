"""Takes the compression off an answer in pieces of a bounded size.

The HTTP libraries can do it, but httpx 0.28 makes one 64 MB piece of a 64 kB one. Nothing
but gzip and deflate is asked for or taken.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 256 << 10

# The registered compressions (IANA, HTTP content coding registry). Stores and scripts put other
# words into the header, as ``aws-chunked`` or ``utf-8``, which change nothing in the bytes.
_COMPRESSIONS = frozenset(
    ["br", "compress", "dcb", "dcz", "deflate", "exi", "gzip", "pack200-gzip", "zstd"]
)


def compressions(header: str) -> list[str]:
    """Read which compressions a ``Content-Encoding`` header names.

    Example:
        >>> compressions("aws-chunked, x-gzip"), compressions("utf-8")
        (['gzip'], [])
    """
    named = [word.strip().lower().removeprefix("x-") for word in header.split(",")]
    return [word for word in named if word in _COMPRESSIONS]


class ContentDecoder:
    """Bytes as received to bytes as meant.

    Args:
        encoding: The ``Content-Encoding`` header.

    Raises:
        ValueError: A compression that was not asked for.

    Example:
        >>> list(ContentDecoder("").feed(b"plain"))
        [b'plain']
    """

    def __init__(self, encoding: str) -> None:
        named = compressions(encoding)
        if named not in ([], ["gzip"], ["deflate"]):
            raise ValueError(encoding)
        self._inflate = zlib.decompressobj(wbits=47) if named else None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give what these bytes hold, at most 256 KiB at a time, so that a bomb can be stopped.

        Raises:
            zlib.error: They are not compressed as the header says.
        """
        if self._inflate is None:
            if data:
                yield data
            return
        while data:
            if self._inflate.eof:
                if not data.startswith(b"\x1f"):
                    return
                # Another member follows (RFC 1952, 2.2).
                self._inflate = zlib.decompressobj(wbits=47)
            piece = self._inflate.decompress(data, PIECE)
            data = self._inflate.unused_data or self._inflate.unconsumed_tail
            if piece:
                yield piece
            elif not (data or self._inflate.eof):
                return

    @property
    def whole(self) -> bool:
        """Whether nothing is missing at the end."""
        return self._inflate is None or self._inflate.eof
