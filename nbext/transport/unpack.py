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


class Unpack:
    """Bytes as received to bytes as meant.

    Args:
        encoding: The ``Content-Encoding`` header.

    Raises:
        ValueError: An encoding that was not asked for.

    Example:
        >>> list(Unpack("").feed(b"plain"))
        [b'plain']
    """

    def __init__(self, encoding: str) -> None:
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise ValueError(encoding)
        self._inflate = None if encoding in ("", "identity") else zlib.decompressobj(wbits=47)
        self._ended = self._inflate is None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give what these bytes hold, at most 256 KiB at a time, so that a bomb can be stopped.

        Raises:
            zlib.error: They are not compressed as the header says.
        """
        if self._inflate is None:
            if data:
                yield data
            return
        while data and not self._ended:
            piece = self._inflate.decompress(data, PIECE)
            self._ended = self._inflate.eof
            data = self._inflate.unconsumed_tail
            if piece:
                yield piece
            elif not data:
                return

    @property
    def whole(self) -> bool:
        """Whether nothing is missing at the end."""
        return self._ended
