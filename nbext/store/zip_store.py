"""A history inside an archive, opened to read.

An archive comes from a stranger. Nothing in it is unpacked by the name it has there: its records
are read up to a limit, and a picture is taken out under its hash alone, into a folder that is gone
with the history.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from nbext.errors import HistoryError
from nbext.store.store import Store
from nbext.util.atomic import atomic_write

if TYPE_CHECKING:
    from collections.abc import Iterator

# A hundred thousand drawings with long answers; more than that is no history.
MAX_RECORDS_BYTES = 512 << 20
_PICTURE = re.compile(r"pictures/([0-9a-f]{2})/(([0-9a-f]{64})\.([a-z0-9]{2,4}))")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


class ZipStore(Store):
    """Reads what ``history.to_zip`` wrote.

    Args:
        archive: The file.
        max_bytes: Of a picture.
        max_pixels: Of a picture.

    Raises:
        HistoryError: It is no archive of a history.
    """

    def __init__(
        self, archive: Path, *, max_bytes: int = 64_000_000, max_pixels: int = 50_000_000
    ) -> None:
        super().__init__(archive, read_only=True, max_bytes=max_bytes, max_pixels=max_pixels)
        try:
            self._zip = zipfile.ZipFile(archive)
        except _BROKEN as error:
            raise HistoryError(f"{archive.name} is no archive: {error}.") from None
        self._members: dict[str, zipfile.ZipInfo] = {}
        lines: zipfile.ZipInfo | None = None
        for info in self._zip.infolist():
            match = _PICTURE.fullmatch(info.filename)
            if match and match[3].startswith(match[1]):
                self._members.setdefault(match[3], info)
            elif info.filename == "history.jsonl" and lines is None:
                lines = info
        if lines is None:
            self._zip.close()
            raise HistoryError(
                f"{archive.name} is no archive of a history: there is no history.jsonl in it.",
                remedy="history.to_zip() writes one.",
            )
        self._lines = lines
        self._loaded = False
        self._taken_out = Path(tempfile.mkdtemp(prefix="nbext-"))
        weakref.finalize(self, shutil.rmtree, self._taken_out, ignore_errors=True)
        weakref.finalize(self, self._zip.close)

    def _catch_up(self) -> None:
        if self._loaded:
            return
        try:
            data = b"".join(self._pieces(self._lines, MAX_RECORDS_BYTES))
        except _BROKEN as error:
            raise HistoryError(f"The records in {self.folder.name} cannot be read: {error}.") from (
                None
            )
        self._loaded = True
        for line in data.split(b"\n"):
            if line.strip():
                self._read_line(line)

    def _pieces(self, info: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
        """Read a member; what it says of its size is not believed."""
        size = 0
        with self._zip.open(info) as member:
            while piece := member.read(1 << 20):
                size += len(piece)
                if size > limit:
                    raise zipfile.BadZipFile(f"{info.filename} is larger than {limit >> 20} MB")
                yield piece

    def path(self, sha256: str) -> Path | None:
        """Take a picture out, None where it is not in the archive."""
        info = self._members.get(sha256)
        if info is None:
            return None
        path = self._taken_out / f"{sha256}.{info.filename.rpartition('.')[2]}"
        with self._mutex:
            if path.is_file():
                return path
            try:
                with atomic_write(path) as part, part.open("wb") as file:
                    for piece in self._pieces(info, self.max_bytes):
                        file.write(piece)
            except _BROKEN:
                return None
        return path

    def has(self, sha256: str) -> bool:
        """Whether a picture is in the archive."""
        return sha256 in self._members

    def stored(self) -> list[str]:
        """Name the pictures that are there."""
        return sorted(info.filename.rpartition("/")[2] for info in self._members.values())
