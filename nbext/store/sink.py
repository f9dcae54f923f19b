"""Writes an arriving picture to the history's folder and hashes it on the way.

The bytes go to a temporary file, which the history's writer renames when the picture is complete
and recognised as one. A small picture is handed to the writer in memory, so that an event loop
with hundreds of them opens no files. If the disk cannot be written, the bytes are kept in memory,
so that a paid picture is shown in any case.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from typing import TYPE_CHECKING

from nbext.data.film import Film
from nbext.data.picture import SNIFF_BYTES, PictureInfo, dimensions, identify
from nbext.errors import PictureError
from nbext.messages.say import phrase
from nbext.store.disk import write_all
from nbext.store.pictures import PendingPicture
from nbext.util.text import human_size

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbext.store.pictures import PictureFolder

# Where the header of nearly every picture ends; no file is opened for a picture that ends before.
HEADER_BYTES = 65536
# Where a JPEG's size may stand: behind a thumbnail, a colour profile and Content Credentials.
LONG_HEADER_BYTES = 8 << 20


class FileSink:
    """Receives the bytes of a picture in pieces.

    Args:
        pictures: The folder for the picture.
        max_bytes: The largest picture in bytes.
        submit: Moves the picture to its final place; None to keep it in memory.
        on_fail: Called with the error if the disk cannot be written.
    """

    def __init__(
        self,
        pictures: PictureFolder,
        *,
        max_bytes: int,
        submit: Callable[[PendingPicture], None] | None,
        on_fail: Callable[[OSError], None],
    ) -> None:
        self._pictures = pictures
        self._max_bytes = max_bytes
        self._submit = submit
        self._on_fail = on_fail
        self._hash = hashlib.sha256()
        self._head = bytearray()
        self._size = 0
        self._media_type = ""
        self._dimensions = 0, 0
        self._over = False
        self._memory: bytearray | None = bytearray() if submit is None else None
        self._path: Path | None = None
        self._descriptor: int | None = None

    def write(self, data: bytes) -> None:
        """Write the next bytes.

        Raises:
            PictureError: The picture exceeds the limit (this closes the sink), or it is closed.
        """
        if self._over:
            raise PictureError(phrase("store.given_up"))
        if self._size + len(data) > self._max_bytes:
            self.abort()
            raise PictureError(
                phrase("store.over_limit", size=human_size(self._max_bytes)),
                remedy=phrase("store.allow_bytes", value=4 * self._max_bytes),
            )
        new = data
        is_small = self._size + len(data) < HEADER_BYTES
        if self._memory is None and self._descriptor is None and not is_small:
            self._open()
            # So far, the head is all of it.
            new = bytes(self._head) + data if self._head else data
        self._hash.update(data)
        if self._size < HEADER_BYTES:
            self._head += data[: HEADER_BYTES - self._size]
            if len(self._head) == HEADER_BYTES:
                self._measure()
                # It is in the file, and a thousand pictures may be arriving.
                self._head.clear()
        if self._memory is not None:
            self._memory += new
        elif self._descriptor is not None:
            try:
                write_all(self._descriptor, new)
            except OSError as error:
                stored = self._to_memory(error)
                stored += memoryview(new)[getattr(error, "written", 0) :]
        self._size += len(data)

    def _open(self) -> None:
        try:
            self._path, self._descriptor = self._pictures.open_part()
        except OSError as error:
            self._on_fail(error)
            self._memory = bytearray()

    def _to_memory(self, error: OSError) -> bytearray:
        """Continue in memory. Bytes already on disk are read back, or ``close`` raises."""
        self._on_fail(error)
        written = b""
        if self._path is not None:
            with contextlib.suppress(OSError):
                written = self._path.read_bytes()
        self._release()
        self._memory = bytearray(written)
        return self._memory

    def _release(self) -> None:
        """Close the temporary file and remove it."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()
            self._path = None

    def close(self) -> PictureInfo:
        """Finish the picture and name it after its hash.

        It can be read from now on, and will be on disk before any record written from now on.

        Raises:
            PictureError: The bytes are not a picture or film, or were lost by a failing disk.
        """
        if self._over:
            raise PictureError(phrase("store.given_up"))
        if self._size < HEADER_BYTES:
            self._measure()
        if not self._media_type:
            self.abort()
            name = "store.not_picture_bytes" if self._size else "store.empty_picture"
            raise PictureError(phrase(name))
        self._look_further()
        width, height = self._dimensions
        info = PictureInfo(
            sha256=self._hash.hexdigest(),
            media_type=self._media_type,
            size=self._size,
            width=width,
            height=height,
        )
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            try:
                os.close(descriptor)
            except OSError as error:
                self._to_memory(error)
        if self._memory is not None:
            data = bytes(self._memory)
            self.abort()
            if hashlib.sha256(data).hexdigest() != info.sha256:
                raise PictureError(
                    phrase("store.disk_failed", folder=self._pictures.folder),
                    remedy=phrase("store.other_folder"),
                )
            self._pictures.remember(info.sha256, data)
        elif self._submit is not None:
            part, self._path = self._path, None
            self._submit(PendingPicture(info, part, bytes(self._head) if part is None else None))
        self._over = True
        return info

    def _measure(self) -> None:
        """Read type and size from the head."""
        self._media_type = identify(bytes(self._head[:SNIFF_BYTES]))
        self._dimensions = dimensions(bytes(self._head))

    def _look_further(self) -> None:
        """Look for the size behind a long header, or in a film's tables."""
        if self._media_type.startswith("video/"):
            self._measure_film()
            return
        is_long = self._size > HEADER_BYTES and self._media_type in ("image/jpeg", "image/avif")
        if self._dimensions[0] or not is_long:
            return
        if self._memory is not None:
            self._dimensions = dimensions(bytes(self._memory[:LONG_HEADER_BYTES]))
        elif self._path is not None:
            with contextlib.suppress(OSError), self._path.open("rb") as file:
                self._dimensions = dimensions(file.read(LONG_HEADER_BYTES))

    def _measure_film(self) -> None:
        """Read the size of a film, which may stand at its end."""
        from nbext.imaging.film import measure  # which pictures do without

        film = Film()
        if self._memory is not None or self._path is None:
            film = measure(io.BytesIO(self._head if self._memory is None else self._memory))
        else:
            with contextlib.suppress(OSError), self._path.open("rb") as file:
                film = measure(file)
        self._dimensions = (film.width, film.height)

    def abort(self) -> None:
        """Discard the picture. Calling it twice has no further effect."""
        self._over = True
        self._memory = None
        self._release()

    def __del__(self) -> None:
        # A request that is cancelled drops its decoder, and with it the picture half-way in.
        with contextlib.suppress(Exception):
            self._release()
