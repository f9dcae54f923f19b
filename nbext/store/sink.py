"""A picture on its way into the history's folder, hashed as it comes.

It goes to a temporary file, and gets its name when it is whole, on disk, and known to be a picture.
Where the disk refuses, it goes on in memory: what was paid for is shown in any case.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from typing import TYPE_CHECKING

from nbext.data.picture import SNIFF_BYTES, PictureInfo, dimensions, identify
from nbext.errors import PictureError
from nbext.store.journal import sync_folder, write_all
from nbext.util.text import human_size

if TYPE_CHECKING:
    from pathlib import Path

    from nbext.store.store import Store

# Where the header of nearly every picture ends.
HEADER_BYTES = 65536
# Where a JPEG's size may stand: behind a thumbnail, a colour profile and Content Credentials.
LONG_HEADER_BYTES = 8 << 20


class FileSink:
    """Takes a picture's bytes as they come.

    Args:
        store: Where it is kept, and what limits it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._hash = hashlib.sha256()
        self._head = bytearray()
        self._size = 0
        self._over = False
        self._memory: bytearray | None = bytearray() if store.read_only else None
        self._path: Path | None = None
        self._descriptor: int | None = None

    def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            PictureError: It grows over the limit (the sink is closed then), or is closed.
        """
        if self._over:
            raise PictureError("The picture was given up.")
        if self._size + len(data) > self._store.max_bytes:
            self.abort()
            raise PictureError(
                f"The picture is larger than {human_size(self._store.max_bytes)}, the limit.",
                remedy=f"Allow more: %config Nbext.picture_bytes = {4 * self._store.max_bytes}",
            )
        if self._memory is None and self._descriptor is None:
            self._open()
        self._hash.update(data)
        if len(self._head) < HEADER_BYTES:
            self._head += data[: HEADER_BYTES - len(self._head)]
        if self._memory is not None:
            self._memory += data
        elif self._descriptor is not None:
            try:
                write_all(self._descriptor, data)
            except OSError as error:
                kept = self._to_memory(error)
                kept += memoryview(data)[getattr(error, "written", 0) :]
        self._size += len(data)

    def _open(self) -> None:
        path = self._store.pictures / f".{uuid.uuid4().hex}.part"
        try:
            self._store.prepare()
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            self._path = path
        except OSError as error:
            self._store.tell("a picture", error)
            self._memory = bytearray()

    def _to_memory(self, error: OSError) -> bytearray:
        """Go on in memory: what the disk took so far can still be read, or ``close`` will tell."""
        self._store.tell("a picture", error)
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
        """Keep the picture under its hash.

        Raises:
            PictureError: The bytes are no picture or film, claim to have too many pixels, or were
                lost by a failing disk.
        """
        if self._over:
            raise PictureError("The picture was given up.")
        info = PictureInfo(
            sha256=self._hash.hexdigest(),
            media_type=identify(bytes(self._head[:SNIFF_BYTES])),
            size=self._size,
        )
        width, height = self._dimensions(info.media_type)
        problem = ""
        if not info.media_type:
            problem = "The bytes are no picture." if self._size else "The picture is empty."
        elif width * height > self._store.max_pixels:
            problem = f"The picture claims {width}×{height} pixels."
        if problem:
            self.abort()
            raise PictureError(problem)
        info = PictureInfo(
            sha256=info.sha256,
            media_type=info.media_type,
            size=info.size,
            width=width,
            height=height,
        )
        if self._path is not None and self._descriptor is not None:
            try:
                self._keep(info, self._path, self._descriptor)
            except OSError as error:
                self._to_memory(error)
        if self._memory is not None:
            data = bytes(self._memory)
            if hashlib.sha256(data).hexdigest() != info.sha256:
                self.abort()
                raise PictureError(
                    f"The disk of {self._store.folder} failed, and the picture was lost with it.",
                    remedy="%config Nbext.history_folder names another place.",
                )
            self._store.remember(info.sha256, data)
        self._over = True
        self._memory = None
        return info

    def _dimensions(self, media_type: str) -> tuple[int, int]:
        width, height = dimensions(bytes(self._head))
        if width or media_type not in ("image/jpeg", "image/avif") or self._size <= HEADER_BYTES:
            return width, height
        if self._memory is not None:
            return dimensions(bytes(self._memory[:LONG_HEADER_BYTES]))
        if self._path is not None:
            with contextlib.suppress(OSError), self._path.open("rb") as file:
                return dimensions(file.read(LONG_HEADER_BYTES))
        return 0, 0

    def _keep(self, info: PictureInfo, path: Path, descriptor: int) -> None:
        os.fsync(descriptor)
        folder = self._store.pictures / info.sha256[:2]
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            sync_folder(self._store.pictures)
        os.replace(path, folder / f"{info.sha256}.{info.extension}")  # noqa: PTH105
        self._path = None
        self._release()
        sync_folder(folder)

    def abort(self) -> None:
        """Forget it. Forgetting it twice does nothing more."""
        self._over = True
        self._memory = None
        self._release()

    def __del__(self) -> None:
        # A request that is cancelled drops its decoder, and with it the picture half-way in.
        with contextlib.suppress(Exception):
            self._release()
