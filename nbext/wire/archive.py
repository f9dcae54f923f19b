"""A body that is a zip archive, as some image services send it: the pictures in it."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING

from nbext.data.picture import SNIFF_BYTES, identify
from nbext.errors import PictureError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbext.data.picture import PictureInfo
    from nbext.wire.events import SinkFactory

START = b"PK\x03\x04"
# The most bytes of an archive, which is read as a whole: its list of files is at its end.
_MOST = 64 << 20
_MOST_FILES = 64
_PIECE = 1 << 16
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
)


class ArchiveBody:
    """Stores the pictures of an archive.

    Args:
        sink: Called for each picture; it limits the size.

    Attributes:
        infos: The pictures, in order.
    """

    def __init__(self, sink: SinkFactory) -> None:
        self._sink = sink
        self._data = bytearray()
        self.infos: list[PictureInfo] = []

    def feed(self, data: bytes) -> bytes:
        """Process bytes; none of them are text."""
        if len(self._data) <= _MOST:
            self._data += data
        return b""

    def close(self) -> bytes:
        """Unpack the pictures; return the text of an archive without one, to be quoted."""
        data, self._data = self._data, bytearray()
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for member in archive.infolist()[:_MOST_FILES]:
                    with archive.open(member) as file:
                        self._store(iter(lambda file=file: file.read(_PIECE), b""))  # type: ignore[misc]
        except _BROKEN:
            pass
        return b"" if self.infos else b"zip"

    def _store(self, pieces: Iterator[bytes]) -> None:
        head = next(pieces, b"")
        if not identify(head[:SNIFF_BYTES]):
            return
        sink = self._sink()
        try:
            sink.write(head)
            for piece in pieces:
                sink.write(piece)
            self.infos.append(sink.close())
        except (PictureError, *_BROKEN):
            sink.abort()
