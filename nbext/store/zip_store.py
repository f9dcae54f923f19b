"""A history inside an archive, opened to read.

An archive comes from a stranger. Nothing in it is unpacked by the name it has there: its records
are read up to a limit, and a picture is taken out under its hash alone, into a folder that is gone
with the history. Nothing is read before it is asked for, but the list of what is in it.
"""

from __future__ import annotations

import hashlib
import shutil
import struct
import tempfile
import weakref
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from nbext.errors import HistoryError
from nbext.messages.say import phrase
from nbext.store.lines import MAX_LINE
from nbext.store.pictures import PictureFolder
from nbext.store.store import MAX_PASSED_OVER, Store
from nbext.util.atomic import atomic_write
from nbext.util.pattern import pattern
from nbext.util.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbext.data.record import Record

# A hundred thousand drawings with long answers; more than that is no history.
MAX_RECORDS_BYTES = 512 << 20
# Lines without a record, empty ones too, of which a few may stand in a file that git has merged.
MAX_EMPTY = 100_000
# Records shrink to a tenth when they are packed; what shrinks to less than this is made to swell.
MAX_RATIO = 200
# Below this size it does no harm.
_SMALL = 8 << 20
# Bytes of the list of members: about half a million of them.
MAX_LIST_BYTES = 64 << 20
_PICTURE = pattern(r"pictures/([0-9a-f]{2})/(([0-9a-f]{64})\.([a-z0-9]{2,4}))")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
_CRATE = "ro-crate-metadata.json"
_METHODS = "METHODS.md"
_END = b"PK\x05\x06"
_LARGE_END = b"PK\x06\x06"
_END_BYTES = 22 + 65535


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
            _check_list(archive)
            self._zip = zipfile.ZipFile(archive)
        except _BROKEN as error:
            raise HistoryError(
                phrase("store.not_an_archive", name=archive.name, error=error)
            ) from None
        weakref.finalize(self, self._zip.close)
        members: dict[str, zipfile.ZipInfo] = {}
        lines: zipfile.ZipInfo | None = None
        for info in self._zip.infolist():
            match = _PICTURE.fullmatch(info.filename)
            if match and match[3].startswith(match[1]):
                members.setdefault(match[3], info)
            elif info.filename == "history.jsonl" and lines is None:
                lines = info
        if lines is None:
            self._zip.close()
            raise HistoryError(
                phrase("store.archive_without_history", name=archive.name),
                remedy=phrase("store.to_zip"),
            )
        self._lines = lines
        self._loaded = False
        self._pictures = _ZipPictures(archive, self._zip, members, max_bytes=max_bytes)

    def latest(self, count: int) -> list[Record]:
        """Return the last drawings, newest first."""
        return self.records()[-count:][::-1]

    def _catch_up(self) -> None:
        if self._loaded:
            return
        empty = 0
        try:
            _check_ratio(self._lines)
            for line in _lines_of(self._zip, self._lines):
                if line.strip():
                    self._index.fold_lines((line,), self._read_odd_line)
                else:
                    empty += 1
                if self.passed_over > MAX_PASSED_OVER or empty > MAX_EMPTY:
                    raise zipfile.BadZipFile(phrase("store.no_records"))
        except _BROKEN as error:
            raise HistoryError(
                phrase("store.records_unreadable", name=self.folder.name, error=error)
            ) from (None)
        self._loaded = True

    def raw_lines(self) -> Iterator[bytes]:
        """Read all lines anew, as they are in the archive.

        Raises:
            HistoryError: They cannot be read.
        """
        try:
            _check_ratio(self._lines)
            yield from _lines_of(self._zip, self._lines)
        except _BROKEN as error:
            raise HistoryError(
                phrase("store.records_unreadable", name=self.folder.name, error=error)
            ) from (None)

    def has_manifest(self) -> bool:
        """Whether the crate says what history.jsonl was."""
        return "history.jsonl" in self._crate()

    def _crate(self) -> dict[str, str]:
        """Read what the crate says of its files: their sha256 by their name."""
        try:
            info = self._zip.getinfo(_CRATE)
            data = b"".join(_pieces(self._zip, info, MAX_RECORDS_BYTES))
            crate = msgspec.json.decode(data, type=_Crate)
        except (KeyError, *_BROKEN, msgspec.MsgspecError, RecursionError):
            return {}
        return {entry.id: entry.sha256 for entry in crate.graph if entry.id and entry.sha256}

    def changed_members(self) -> list[str]:
        """Name the files of the archive that are not what it says of them."""
        crate, changed = self._crate(), []
        if not crate and _CRATE in self._names():
            changed.append(phrase("store.crate_unreadable", _CRATE=_CRATE))
        elif not crate and _METHODS in self._names():
            # A zipped folder has neither, but what nbext writes has both.
            changed.append(phrase("store.crate_absent", name=_CRATE))
        changed += [
            phrase("store.crate_absent", name=name) for name in crate if name not in self._names()
        ]
        if crate:
            unlisted = (n for n in sorted(self._names() - {_CRATE, *crate}) if not _is_litter(n))
            changed += [phrase("store.not_in_crate", name=printable(name)) for name in unlisted]
        for info in self._zip.infolist():
            digest = hashlib.sha256()
            try:
                _check_ratio(info)
                for piece in _pieces(self._zip, info, MAX_RECORDS_BYTES):
                    digest.update(piece)
            except _BROKEN as error:
                changed.append(f"{printable(info.filename)}: {error}")
                continue
            if crate.get(info.filename, digest.hexdigest()) != digest.hexdigest():
                changed.append(phrase("store.file_changed", filename=printable(info.filename)))
        return changed

    def _names(self) -> set[str]:
        return set(self._zip.namelist())


def _is_litter(name: str) -> bool:
    """Return whether a member is a folder, or what a system adds to archives by itself."""
    return name.startswith("__MACOSX/") or name.endswith(("/", ".DS_Store", "Thumbs.db"))


class _Entry(msgspec.Struct, frozen=True):
    """What a crate says of a file."""

    id: str = msgspec.field(default="", name="@id")
    sha256: str = ""


class _Crate(msgspec.Struct, frozen=True):
    """A crate's description of what is in it."""

    graph: list[_Entry] = msgspec.field(default_factory=list, name="@graph")


class _ZipPictures(PictureFolder):
    """The pictures of an archive.

    Args:
        archive: The file.
        opened: The same, opened.
        members: What is in it, by sha256.
        max_bytes: Of a picture.
    """

    def __init__(
        self,
        archive: Path,
        opened: zipfile.ZipFile,
        members: dict[str, zipfile.ZipInfo],
        *,
        max_bytes: int,
    ) -> None:
        self._taken_out = Path(tempfile.mkdtemp(prefix="nbext-"))
        weakref.finalize(self, shutil.rmtree, self._taken_out, ignore_errors=True)
        super().__init__(self._taken_out, archive, max_bytes=max_bytes)
        self._zip = opened
        self._members = members

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
                    for piece in _pieces(self._zip, info, self.max_bytes):
                        file.write(piece)
            except _BROKEN:
                return None
        return path

    def has(self, sha256: str) -> bool:
        """Whether a picture is in the archive."""
        return sha256 in self._members

    def names(self) -> list[str]:
        """Name the pictures that are there."""
        return sorted(info.filename.rpartition("/")[2] for info in self._members.values())


def _pieces(opened: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    """Read a member; what it says of its size is not believed."""
    size = 0
    with opened.open(info) as member:
        while piece := member.read(1 << 20):
            size += len(piece)
            if size > limit:
                raise zipfile.BadZipFile(
                    phrase("store.file_too_large", filename=info.filename, value=limit >> 20)
                )
            yield piece


def _lines_of(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    rest = b""
    for piece in _pieces(opened, info, MAX_RECORDS_BYTES):
        rest += piece
        if len(rest) > MAX_LINE:
            raise zipfile.BadZipFile(phrase("store.line_too_long", value=MAX_LINE >> 20))
        *lines, rest = rest.split(b"\n")
        yield from lines
    yield rest


def _check_ratio(info: zipfile.ZipInfo) -> None:
    if info.file_size > max(_SMALL, MAX_RATIO * info.compress_size):
        raise zipfile.BadZipFile(
            phrase("store.swells", filename=info.filename, value=info.file_size >> 20)
        )


def _check_list(archive: Path) -> None:
    """Look at the size of the list of members, before it is read.

    Raises:
        zipfile.BadZipFile: It is larger than that of any history.
    """
    with archive.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_BYTES))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or at + 20 > len(tail):
        return
    (list_bytes,) = struct.unpack_from("<I", tail, at + 12)
    large = tail.rfind(_LARGE_END, 0, at)
    if large >= 0 and large + 48 <= len(tail):
        (list_bytes,) = struct.unpack_from("<Q", tail, large + 40)
    if list_bytes > MAX_LIST_BYTES:
        raise zipfile.BadZipFile(phrase("store.too_many_files"))
