"""Write a history as one zip file: pictures, records, gallery, methods and metadata.

Unpacked it is a history's folder again: ``history.jsonl`` and ``pictures/`` stand where they do
there, so that nothing has to be converted back. The same history gives the same bytes: times,
order and permissions are fixed, and nothing is compressed, because compressors differ by version
and pictures are compressed already.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from nbext.data.picture import EXTENSIONS
from nbext.data.schema import record_schema
from nbext.errors import HistoryError, OptionError, PictureError
from nbext.export.archive.citation import authors, citation, citation_file, spdx
from nbext.export.archive.methods import methods
from nbext.export.archive.ro_crate import METADATA, Member, metadata
from nbext.export.metadata.provenance import sidecar, with_provenance
from nbext.messages.say import phrase
from nbext.store.verify_records import manifest_of_text
from nbext.util.atomic import atomic_write
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record

# The earliest time that a zip file can say.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SHA256 = pattern(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


def write_zip(
    records: Sequence[Record],
    target: Path,
    *,
    read: Callable[[str], bytes],
    line: Callable[[Record], bytes],
    gallery: Callable[[Path], Path] | None = None,
    title: str = "",
    author: str | Sequence[str] = "",
    licence: str = "",
    partial: bool = False,
    overwrite: bool = False,
) -> Path:
    """Write an archive, holding one picture in memory at a time.

    Args:
        records: The drawings, by number.
        target: The file.
        read: Returns a picture's bytes by its sha256; raises HistoryError if it is missing.
        line: Writes a record as a line.
        gallery: Writes the gallery to a path; None for no gallery.
        title: The name of the archive.
        author: The author; several as a list, or separated by semicolons.
        licence: An SPDX identifier in any case, an URL, or a sentence.
        partial: Whether pictures that are missing or changed may be left out.
        overwrite: Whether a file that is there may be replaced.

    Returns:
        The file.

    Raises:
        OptionError: The file already exists.
        HistoryError: It cannot be written, there are no drawings, or a picture is damaged.
    """
    if target.exists() and not overwrite:
        raise OptionError(
            phrase("export.exists", target=target), remedy=phrase("export.pass_overwrite")
        )
    if not records:
        raise HistoryError(phrase("export.nothing_to_archive"))
    author, licence = "; ".join(authors(author)), spdx(licence)
    try:
        with atomic_write(target) as part, zipfile.ZipFile(part, "x", zipfile.ZIP_STORED) as file:
            archive = _Archive(file)
            left_out = archive.pictures(records, read, partial=partial)
            archive.drawings(records, read)
            archive.words(records, line, title=title, author=author, licence=licence)
            if gallery is not None:
                archive.gallery(gallery, beside=target.parent)
            archive.crate(records, left_out, title=title, author=author, licence=licence)
    except OSError as error:
        raise HistoryError(
            phrase("export.unwritable", target=target, value=error.strerror or error)
        ) from None
    return target


class _Archive:
    """Adds files to the archive and collects their metadata for the crate."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.members: list[Member] = []
        self._at: dict[str, str] = {}

    def add(
        self, name: str, data: bytes | Path, media_type: str, *, about: str = "", based_on: str = ""
    ) -> None:
        """Add a file; a path is read in pieces."""
        info = zipfile.ZipInfo(name, _EPOCH)
        info.create_system = 3
        info.external_attr = 0o100644 << 16
        digest, size = hashlib.sha256(), 0
        info.file_size = data.stat().st_size if isinstance(data, Path) else len(data)
        with self._file.open(info, "w") as to:
            for chunk in _chunks(data):
                digest.update(chunk)
                size += len(chunk)
                to.write(chunk)
        self.members.append(
            Member(
                name=name,
                media_type=media_type,
                size=size,
                sha256=digest.hexdigest(),
                about=about,
                based_on=based_on,
            )
        )

    def pictures(
        self, records: Iterable[Record], read: Callable[[str], bytes], *, partial: bool
    ) -> list[str]:
        """Add every picture that a record names, unchanged and once.

        Returns:
            A description of each file that was left out.
        """
        named: dict[str, tuple[str, str]] = {}
        for record in records:
            for info in (*record.pictures, *record.films):
                named.setdefault(info.sha256, (info.media_type, f"@{record.number}"))
            for reference in (*record.references, *([record.mask] if record.mask else [])):
                where = phrase("export.given_with", number=record.number)
                named.setdefault(reference.sha256, (reference.media_type, where))
        left_out = []
        for sha256, (media_type, where) in sorted(named.items()):
            problem = phrase("export.absent")
            data = b""
            if _SHA256.fullmatch(sha256):
                with suppress(HistoryError):
                    data = read(sha256)
            if data and hashlib.sha256(data).hexdigest() != sha256:
                problem, data = phrase("export.differs"), b""
            if not data:
                message = phrase(
                    "export.picture_problem", sha256=sha256[:12], where=where, problem=problem
                )
                if not partial:
                    raise HistoryError(
                        f"{message}.",
                        remedy=phrase("export.verify_repair"),
                    )
                left_out.append(message)
                continue
            extension = EXTENSIONS.get(media_type, "bin")
            name = self._at[sha256] = f"pictures/{sha256[:2]}/{sha256}.{extension}"
            self.add(
                name,
                data,
                media_type or "application/octet-stream",
                about=phrase("export.of", where=where),
            )
        return left_out

    def drawings(self, records: Sequence[Record], read: Callable[[str], bytes]) -> None:
        """Add a copy of each result, named by its number, with its provenance inside."""
        digits = max(3, len(str(max(record.number for record in records))))
        taken: set[str] = set()
        for record in records:
            for index, info in enumerate(record.pictures, start=1):
                if info.sha256 not in self._at:
                    continue
                name = f"drawings/{record.number:0{digits}}"
                name += f"-{index}" if index > 1 else ""
                # Two kernels, or a merge in git, may have given a number twice.
                if name in taken:
                    name += f"-{re.sub('[^0-9A-Za-z]', '', record.id)[:12]}"
                if name in taken:
                    continue
                taken.add(name)
                self.add(
                    f"{name}.{info.extension}",
                    _with_provenance(read(info.sha256), record, info),
                    info.media_type,
                    about=" ".join(record.prompt.split())[:200],
                    based_on=self._at[info.sha256],
                )
                if packet := sidecar(read(info.sha256), record, info):
                    about = phrase("export.how_made", name=name, extension=info.extension)
                    written = packet.encode("utf-8", "replace")
                    self.add(f"{name}.xmp", written, "application/rdf+xml", about=about)

    def words(
        self,
        records: Sequence[Record],
        line: Callable[[Record], bytes],
        *,
        title: str,
        author: str,
        licence: str,
    ) -> None:
        """Add the records, their schema, the methods text and the citation."""
        lines = b"".join(line(record) for record in records)
        jsonl = "application/jsonl"
        self.add("history.jsonl", lines, jsonl, about=phrase("export.the_records"))
        schema, kind = record_schema(), "application/schema+json"
        self.add("record.schema.json", schema, kind, about=phrase("export.the_schema"))
        manifest = manifest_of_text(lines)
        written = methods(records, title=title, manifest=manifest).encode("utf-8", "replace")
        self.add("METHODS.md", written, "text/markdown", about=phrase("export.methods"))
        sha256 = hashlib.sha256(lines).hexdigest()
        cited = {"title": title, "author": author, "licence": licence, "sha256": sha256}
        cite = citation(records, **cited)
        self.add(
            "CITATION.md",
            cite.encode("utf-8", "replace"),
            "text/markdown",
            about=phrase("export.to_cite"),
        )
        if cff := citation_file(records, **cited):
            about = phrase("export.to_cite_programs")
            self.add("CITATION.cff", cff.encode("utf-8", "replace"), "text/yaml", about=about)

    def gallery(self, write: Callable[[Path], Path], *, beside: Path) -> None:
        """Add the gallery, with its folder of pictures if it has one."""
        folder = Path(tempfile.mkdtemp(prefix=".gallery-", dir=beside))
        try:
            page = write(folder / "gallery.html")
            self.add(page.name, page, "text/html", about=phrase("export.the_gallery"))
            for path in sorted(folder.rglob("*")):
                if path.is_file() and path != page:
                    name = path.relative_to(folder).as_posix()
                    self.add(name, path, _media_type(path), about=phrase("export.of_the_gallery"))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def crate(
        self,
        records: Sequence[Record],
        left_out: Sequence[str],
        *,
        title: str,
        author: str,
        licence: str,
    ) -> None:
        """Add the crate's metadata; last, when all files are known."""
        count = sum(record.type == "drawing" for record in records)
        description = phrase("export.about", count=count)
        if left_out:
            description += phrase("export.left_out", names="; ".join(left_out))
        written = metadata(
            records,
            self.members,
            title=title or "Drawings",
            description=description,
            author=author,
            licence=licence,
        )
        self.add(METADATA, written, "application/ld+json")


def _with_provenance(data: bytes, record: Record, info: PictureInfo) -> bytes:
    try:
        return with_provenance(data, record, info)
    except PictureError:
        # A format that holds no such note; the crate says where it comes from in any case.
        return data


def _chunks(data: bytes | Path) -> Iterable[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    with data.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _media_type(path: Path) -> str:
    known = {f".{extension}": media_type for media_type, extension in EXTENSIONS.items()}
    known |= {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
    known |= {".json": "application/json"}
    return known.get(path.suffix, "application/octet-stream")
