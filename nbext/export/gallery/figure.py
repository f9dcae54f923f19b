"""Prepare pictures for a page, with their provenance inside: embedded or in a folder.

What a reader drags or saves from the page says how it was made: it is spliced into each copy, small
and whole, without touching a pixel. Bytes go to the page as a stream; the page's text holds only a
mark for them.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import re
import secrets
import shutil
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import quote

import pybase64

from nbext.data.picture import sniff
from nbext.errors import PictureError
from nbext.export.gallery.details import Figure
from nbext.export.metadata.provenance import Note
from nbext.imaging.thumbnail import thumbnail
from nbext.util.atomic import atomic_write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record, ReferenceInfo
    from nbext.export.gallery.details import Carries

# Read and encoded at once: a multiple of three, so that base64 goes on without padding, and few
# enough that the memory is used again before the system takes it back.
_PIECE = 3 << 14
# Copies that wait to be shown, and their bytes: so much is in memory, or one copy a thread.
_AHEAD = 32
_AHEAD_BYTES = 4_000_000
# A picture of so few is made smaller in less time than threads take to take turns.
_FEW_PIXELS = 128_000
# Read at first: all of most pictures.
_FIRST = 1 << 18
# In which a picture says whether something shows through it.
_HEAD = 4096
# The formats that hold provenance.
HOLDS = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/avif")


class _Pending(NamedTuple):
    """A picture whose copies are being made.

    Attributes:
        record: The drawing's.
        info: What that says of the picture.
        size: Bytes of the copies that wait in memory, about.
        figure: Its copies, made by a thread; None if they are made when it is shown.
    """

    record: Record
    info: PictureInfo
    size: int
    figure: Future[Figure] | None


class Figures:
    """Provides the pictures of a page: embedded, or in a folder beside it.

    Args:
        path: Returns a picture's path by its sha256.
        files: The folder, None to put everything into the page.
    """

    def __init__(self, path: Callable[[str], Path | None], files: Path | None) -> None:
        self._path = path
        self._files = files
        self._small: Mapping[str, bytes | None] = {}
        self._held: dict[str, bytes | Path] = {}
        # No text from outside can be taken for a mark.
        self._secret = secrets.token_hex(16)
        self._marks = re.compile(f"({self._secret}-[0-9]+)")
        self._count = itertools.count()
        self._workers = min(4, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(self._workers, "nbext-copies")
        self._left: Iterator[tuple[Record, PictureInfo]] = iter(())
        self._queue: deque[_Pending] = deque()
        # Bytes of the copies in the queue.
        self._waiting = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def prepare(self, pictures: Iterable[tuple[Record, PictureInfo]]) -> None:
        """Start making the copies of pictures in threads, a few ahead of the page.

        Args:
            pictures: Each with its record, in the order in which they are shown.
        """
        self._left = iter(pictures)
        self._begin()

    def _begin(self) -> None:
        """Start further copies while few and small ones are waiting."""
        while len(self._queue) < self._workers or (
            len(self._queue) < _AHEAD and self._waiting < _AHEAD_BYTES
        ):
            record, info = next(self._left, (None, None))
            if record is None or info is None:
                return
            if info.width * info.height <= _FEW_PIXELS:
                self._queue.append(_Pending(record, info, 0, None))
            elif path := self._path(info.sha256):
                figure = self._pool.submit(self._figure, path, record, info, small=True)
                size = path.stat().st_size
                self._queue.append(_Pending(record, info, size, figure))
                self._waiting += size

    def prepare_inputs(self, inputs: Sequence[ReferenceInfo]) -> None:
        """Make the thumbnails of reference pictures, and drop earlier ones."""
        wanted = (item.sha256 for item in inputs)
        paths = {key: path for key in wanted if (path := self._path(key)) is not None}
        self._small = dict(zip(paths, self._pool.map(thumbnail, paths.values()), strict=True))

    def show(self, record: Record, info: PictureInfo) -> Figure:
        """Return a picture or film for the page, with a small copy."""
        first = self._queue[0] if self._queue else None
        small = first is not None and first.record is record and first.info is info
        if small:
            pending = self._queue.popleft()
            self._waiting -= pending.size
            self._begin()
            if pending.figure is not None:
                return pending.figure.result()
        path = self._path(info.sha256)
        return Figure(info) if path is None else self._figure(path, record, info, small=small)

    def _figure(self, path: Path, record: Record, info: PictureInfo, *, small: bool) -> Figure:
        """Make the copies of a picture and store them for the page."""
        with path.open("rb", buffering=0) as file:
            head = file.read(_FIRST)
            data: bytes | Path = head
            # What holds no note may be a film, which is never in memory whole.
            if (media_type := sniff(head[:512])) not in HOLDS:
                data = path
            elif len(head) == _FIRST:
                data = head + file.readall()
        note, name = Note(record, info), ""
        if self._files is not None:
            name = _name(record, note)
        whole, carries = _with_note(data, note)
        source = shown = self._put(f"pictures/{name}{path.suffix}", whole)
        place = f"thumbnails/{name}.webp"
        if self._files is not None and (self._files / place).is_file():
            # An earlier page left it in the folder.
            shown = self._url(place)
        elif small and (webp := thumbnail(data)):
            # It has no other note: it was made a moment ago.
            shown = self._put(place, note.into_new(webp))
        return Figure(info, source, shown, carries, _may_be_clear(media_type, head[:_HEAD]))

    def show_reference(self, item: ReferenceInfo) -> str:
        """Return the ``src`` of a reference picture; empty if it is missing."""
        path = self._path(item.sha256)
        if path is None:
            return ""
        small = self._small.get(item.sha256)
        if small:
            return self._put(f"references/{item.sha256}.webp", small)
        return self._put(f"references/{path.name}", path)

    def stream(self, pieces: Iterable[str], encoding: str) -> Iterator[bytes]:
        """Yield the page as bytes, with data URIs in place of the marks."""
        for piece in pieces:
            for at, text in enumerate(self._marks.split(piece)):
                if at % 2:
                    yield from self._uri(self._held.pop(text))
                elif text:
                    yield text.encode(encoding, "xmlcharrefreplace")

    @staticmethod
    def _uri(data: bytes | Path) -> Iterator[bytes]:
        """Yield a picture as a data URI, part by part."""
        with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as file:
            part = file.read(_PIECE)
            media_type = sniff(part[:512]) or "application/octet-stream"
            yield f"data:{media_type};base64,".encode()
            while part:
                yield pybase64.b64encode(part)
                part = file.read(_PIECE)

    def _put(self, place: str, data: bytes | Path) -> str:
        """Write bytes beside the page, or keep them until the page reaches their mark."""
        if self._files is None:
            mark = f"{self._secret}-{next(self._count)}"
            self._held[mark] = data
            return mark
        target = self._files / place
        # A name stands for the same bytes each time.
        if not target.exists():
            with atomic_write(target) as part:
                _write(data, part)
        return self._url(place)

    def _url(self, place: str) -> str:
        assert self._files is not None
        return quote(f"{self._files.name}/{place}")


def _may_be_clear(kind: str, head: bytes) -> bool:
    """Return whether a picture may be partly transparent, from its type and its first bytes."""
    if kind == "image/png":
        # Grey or colours with alpha, or a table of what is transparent before the picture.
        return head[25:26] in (b"\x04", b"\x06") or b"tRNS" in head.partition(b"IDAT")[0]
    if kind == "image/webp":
        return bool((head[12:16] == b"VP8X" and head[20] & 0x10) or (head[12:16] == b"VP8L"))
    return kind in ("image/svg+xml", "image/gif", "image/avif")


def _name(record: Record, note: Note) -> str:
    """Name a copy by its drawing and by everything that determines its bytes."""
    try:
        text = note.own.encode()
    except ValueError:
        text = repr(record).encode("utf-8", "replace")
    return f"{record.number}-{hashlib.sha256(text + record.id.encode()).hexdigest()[:12]}"


def _with_note(data: bytes | Path, note: Note) -> tuple[bytes | Path, Carries]:
    """Write provenance into a copy of a picture, unless its format cannot hold any."""
    # What is torn, or lies about its size, is shown as it is.
    with suppress(PictureError):
        if isinstance(data, bytes):
            copy = note.copy_into(data)
            return copy, "provenance" if copy is not data else "credentials"
    return data, "nothing"


def _write(data: bytes | Path, target: Path) -> None:
    """Write a file; a duplicate becomes a hard link if possible."""
    if isinstance(data, bytes):
        target.write_bytes(data)
        return
    with suppress(OSError):
        target.unlink()
    try:
        os.link(data, target)
    except (OSError, AttributeError):
        # Another disk, or one without links; or a system that has none.
        shutil.copyfile(data, target)
