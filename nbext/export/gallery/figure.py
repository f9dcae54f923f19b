"""Pictures as a page shows them: with their provenance inside, in the page or beside it.

What a reader drags or saves from the page says how it was made: it is spliced into each copy, small
and whole, without touching a pixel. Bytes go to the page as a stream; the page's text holds only a
mark for them.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import secrets
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import msgspec
import pybase64

from nbext.data.picture import sniff
from nbext.errors import PictureError
from nbext.export.metadata.provenance import provenance_of, with_provenance
from nbext.imaging.thumbnail import thumbnail
from nbext.util.atomic import atomic_write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record, ReferenceInfo

# Read and encoded at once; a multiple of three, so that base64 goes on without padding.
_PIECE = 3 << 18
# The formats that hold provenance.
HOLDS = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/avif")


class Figures:
    """Gives pictures as a page shows them: inside it, or in a folder beside it.

    Args:
        path: Where a picture is, by its sha256.
        files: The folder, None to put everything into the page.
    """

    def __init__(self, path: Callable[[str], Path | None], files: Path | None) -> None:
        self._path = path
        self._files = files
        self._small: Mapping[str, bytes | None] = {}
        self._held: dict[str, bytes | Path] = {}
        # No text from outside can be taken for a mark.
        self._secret = secrets.token_hex(16)
        self._count = itertools.count()
        self._pool = ThreadPoolExecutor(min(4, os.cpu_count() or 1), "nbext-thumbnail")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def prepare(self, records: Sequence[Record]) -> None:
        """Make the thumbnails of some drawings at the same time; those made before are let go."""
        self._make(
            info.sha256
            for record in records
            for info in record.pictures
            if not self._is_there(f"thumbnails/{_name(record, info)}.webp")
        )

    def prepare_inputs(self, inputs: Sequence[ReferenceInfo]) -> None:
        """Make the thumbnails of reference pictures."""
        self._make(item.sha256 for item in inputs)

    def _make(self, wanted: Iterable[str]) -> None:
        paths = {key: path for key in wanted if (path := self._path(key)) is not None}
        self._small = dict(zip(paths, self._pool.map(thumbnail, paths.values()), strict=True))

    def show(self, record: Record, info: PictureInfo) -> dict[str, Any]:
        """Say what stands in ``src`` for a picture, small and whole; empty where it is missing.

        ``carries`` names what a copy says of itself: ``provenance``, ``credentials`` (those of its
        provider, which any change would invalidate) or ``nothing``.
        """
        path = self._path(info.sha256)
        if path is None:
            return {"info": info, "source": "", "thumbnail": "", "carries": "", "clear": False}
        whole, carries = _spliced(path, record, info)
        name, small = _name(record, info), self._small.get(info.sha256)
        source = shown = self._put(f"pictures/{name}{path.suffix}", whole)
        if small:
            shown = self._put(f"thumbnails/{name}.webp", _spliced(small, record, info)[0])
        elif self._is_there(f"thumbnails/{name}.webp"):
            shown = self._url(f"thumbnails/{name}.webp")
        return {
            "info": info,
            "source": source,
            "thumbnail": shown,
            "carries": carries,
            "clear": _may_be_clear(path),
        }

    def show_reference(self, item: ReferenceInfo) -> str:
        """Say what stands in ``src`` for a reference picture; empty where it is missing."""
        path = self._path(item.sha256)
        if path is None:
            return ""
        small = self._small.get(item.sha256)
        if small:
            return self._put(f"references/{item.sha256}.webp", small)
        return self._put(f"references/{path.name}", path)

    def stream(self, pieces: Iterable[str], encoding: str) -> Iterator[bytes]:
        """Give pieces of the page as bytes: a mark becomes the picture's data URI."""
        text: list[str] = []
        for piece in pieces:
            data = self._held.pop(piece, None)
            if data is None:
                # A card has dozens of pieces.
                text.append(piece)
                continue
            yield "".join(text).encode(encoding, "xmlcharrefreplace")
            text.clear()
            yield from self._uri(data)
        yield "".join(text).encode(encoding, "xmlcharrefreplace")

    @staticmethod
    def _uri(data: bytes | Path) -> Iterator[bytes]:
        """Give a picture as a data URI, part by part."""
        with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as file:
            part = file.read(_PIECE)
            media_type = sniff(part[:512]) or "application/octet-stream"
            yield f"data:{media_type};base64,".encode()
            while part:
                yield pybase64.b64encode(part)
                part = file.read(_PIECE)

    def _put(self, place: str, data: bytes | Path) -> str:
        """Put bytes beside the page, or hold them until the page's text comes to their mark."""
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

    def _is_there(self, place: str) -> bool:
        """Whether an earlier page left this in the folder."""
        return self._files is not None and (self._files / place).is_file()


def _may_be_clear(path: Path) -> bool:
    """Tell from a picture's header whether something may show through it; nothing is decoded."""
    with path.open("rb") as file:
        head = file.read(4096)
    kind = sniff(head)
    if kind == "image/png":
        # Grey or colours with alpha, or a table of what is transparent before the picture.
        return head[25:26] in (b"\x04", b"\x06") or b"tRNS" in head.partition(b"IDAT")[0]
    if kind == "image/webp":
        return bool((head[12:16] == b"VP8X" and head[20] & 0x10) or (head[12:16] == b"VP8L"))
    return kind in ("image/svg+xml", "image/gif", "image/avif")


def _name(record: Record, info: PictureInfo) -> str:
    """Name a copy by its drawing, and by all that makes up its bytes."""
    try:
        note = msgspec.json.encode(provenance_of(record, info), enc_hook=str)
    except ValueError:
        note = repr(record).encode("utf-8", "replace")
    return f"{record.number}-{hashlib.sha256(note + record.id.encode()).hexdigest()[:12]}"


def _spliced(data: bytes | Path, record: Record, info: PictureInfo) -> tuple[bytes | Path, str]:
    """Put provenance into a copy of a picture; what can hold none comes back as it is."""
    if isinstance(data, Path):
        with data.open("rb") as file:
            if sniff(file.read(512)) not in HOLDS:
                return data, "nothing"
    whole = data.read_bytes() if isinstance(data, Path) else data
    # What is torn, or lies about its size, is shown as it is.
    with suppress(PictureError):
        spliced = with_provenance(whole, record, info)
        return (spliced, "provenance") if spliced is not whole else (data, "credentials")
    return data, "nothing"


def _write(data: bytes | Path, target: Path) -> None:
    """Write a file; another one as a hard link, where that is possible."""
    if isinstance(data, bytes):
        target.write_bytes(data)
        return
    with suppress(OSError):
        target.unlink()
    try:
        os.link(data, target)
    except OSError:
        shutil.copyfile(data, target)
