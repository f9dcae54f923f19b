"""Pictures as a page shows them: where its bytes come from, and how wide it is in its row."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pybase64

from nbext.data.picture import sniff
from nbext.export.thumbnail import thumbnail

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record

# Ratios of width to height in steps of 3.5 %, from 0.35 to 2.83: one class each.
RATIOS = 61
MIDDLE = 30
# What a row's cards should look like: a little wider than high.
_GOOD = 1.15


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
        self._pool = ThreadPoolExecutor(min(4, os.cpu_count() or 1), "nbext-thumbnail")

    def __enter__(self) -> Figures:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def prepare(self, records: Sequence[Record]) -> None:
        """Make the thumbnails of some drawings at the same time; those made before are let go."""
        paths = {
            info.sha256: path
            for record in records
            for info in record.pictures
            if (path := self._path(info.sha256)) is not None
        }
        wanted = {key: path for key, path in paths.items() if not self._is_made(path)}
        self._small = dict(zip(wanted, self._pool.map(thumbnail, wanted.values()), strict=True))

    def show(self, info: PictureInfo) -> dict[str, Any]:
        """Say what stands in ``src`` for a picture, small and whole; empty where it is missing."""
        path = self._path(info.sha256)
        shown: dict[str, Any] = {"info": info, "source": "", "thumbnail": ""}
        if path is None:
            return shown
        small = self._small.get(info.sha256)
        if self._files is None:
            shown["source"] = shown["thumbnail"] = data_uri(path.read_bytes())
            if small:
                shown["thumbnail"] = data_uri(small)
            return shown
        original = self._files / "pictures" / path.name
        _place(path, original)
        folder = quote(self._files.name)
        shown["source"] = shown["thumbnail"] = f"{folder}/pictures/{quote(path.name)}"
        made = self._thumbnail_of(path)
        if small:
            made.parent.mkdir(parents=True, exist_ok=True)
            made.write_bytes(small)
        if small or self._is_made(path):
            shown["thumbnail"] = f"{folder}/thumbnails/{quote(made.name)}"
        return shown

    def _thumbnail_of(self, path: Path) -> Path:
        assert self._files is not None
        return self._files / "thumbnails" / f"{path.stem}.webp"

    def _is_made(self, path: Path) -> bool:
        """Whether an earlier page left the thumbnail in the folder."""
        return self._files is not None and self._thumbnail_of(path).is_file()


def data_uri(data: bytes) -> str:
    """Write a file as a data URI, of the type that its bytes say."""
    media_type = sniff(data[:512]) or "application/octet-stream"
    return f"data:{media_type};base64,{pybase64.b64encode(data).decode('ascii')}"


def ratio_class(ratio: float) -> str:
    """Name the class of a ratio of width to height.

    Example:
        >>> ratio_class(1.0), ratio_class(2 / 3), ratio_class(100)
        ('r30', 'r18', 'r60')
    """
    return f"r{min(RATIOS - 1, max(0, MIDDLE + round(20 * math.log2(ratio))))}"


def sheet(pictures: Sequence[PictureInfo]) -> tuple[int, float]:
    """Lay a drawing's pictures out as one sheet: columns, and the sheet's ratio.

    Example:
        >>> cats = [PictureInfo(sha256="", media_type="", size=1, width=2, height=3)] * 2
        >>> sheet(cats)
        (2, 1.3333333333333333)
    """
    first = pictures[0]
    one = first.width / first.height if first.width > 0 and first.height > 0 else 1.0

    def ratio(columns: int) -> float:
        return one * columns / math.ceil(len(pictures) / columns)

    columns = min(
        range(1, min(len(pictures), 6) + 1), key=lambda n: abs(math.log2(ratio(n) / _GOOD))
    )
    return columns, ratio(columns)


def _place(path: Path, target: Path) -> None:
    """Put a picture beside the page: as a hard link where that is possible."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)
