"""Verify that everything in a history exists and is unchanged."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from nbext.data.record import never_sent
from nbext.errors import HistoryError, NbextError
from nbext.messages.say import phrase
from nbext.notebook.file import NotebookFile
from nbext.store.disk import hash_file
from nbext.store.index import MAX_COUNTED
from nbext.store.merge import named
from nbext.store.verify_records import (
    changed_lines,
    lines_of,
    missing_numbers,
    unlike_its_record,
    unlike_the_notebook,
)
from nbext.util.public import Public
from nbext.util.text import printable

if TYPE_CHECKING:
    from nbext.store.store import Store

# Larger notebooks are not read for this.
_NOTEBOOK_BYTES = 256 << 20


class Report(Public):
    """The result of ``history.verify()``.

    Attributes:
        checked: The number of pictures in the records.
        lines: The number of lines that were checked.
        missing: Missing pictures, parents and drawings.
        changed: Pictures that differ from those received, and lines from those written.
        doubled: Numbers shared by several drawings; ``history.renumber()`` fixes them.
        unfinished: Requests without an answer, which may have been billed.
        extra: Files that no record refers to; harmless.
        limits: What could not be checked.
        lost: The sha256 of missing and changed pictures.
        credentials: Who signed pictures, if requested; missing credentials prove nothing.
    """

    def __init__(self, checked: int = 0) -> None:
        self.checked = checked
        self.lines = 0
        self.missing: list[str] = []
        self.changed: list[str] = []
        self.doubled: list[str] = []
        self.unfinished: list[str] = []
        self.extra: list[str] = []
        self.limits: list[str] = []
        self.lost: list[str] = []
        self.credentials: list[str] = []

    @property
    def ok(self) -> bool:
        """Whether everything in the records exists unchanged."""
        return not (self.missing or self.changed)

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        verdict = phrase("store.all_unchanged") if self.ok else phrase("store.not_as_recorded")
        lines = [phrase("store.checked", count=self.checked, verdict=verdict)]
        for name in (
            "missing", "changed", "doubled", "unfinished", "credentials", "extra", "limits",
        ):  # fmt: skip
            lines += [f"  {name}: {item}" for item in getattr(self, name)]
        return "\n".join(lines)


def verify(store: Store, *, manifest: str = "") -> Report:
    """Hash every picture and every line again; see ``History.verify``."""
    try:
        records = store.records()
    except HistoryError as error:
        report = Report()
        report.changed += [error.message, *store.changed_members()]
        return report
    wanted = named(records)
    report = Report(checked=len(wanted))
    _check_pictures(store, report, wanted)
    _check_lines(store, report, manifest)
    known = {record.id for record in records}
    for record in records:
        lost = [parent for parent in record.parents if parent not in known]
        report.missing += [
            phrase("store.its_parent", number=record.number, parent=printable(parent))
            for parent in lost
        ]
        if record.type == "sent" and not never_sent(record):
            when = printable(record.started)
            report.unfinished.append(
                phrase("store.sent_no_answer", number=record.number, when=when)
            )
    report.missing += [f"@{number}" for number in missing_numbers(records, MAX_COUNTED)]
    report.doubled += [f"@{number}" for number in store.duplicate_numbers()]
    changed, missing = unlike_the_notebook(records, _shown(store))
    report.changed += [*changed, *store.changed_members()]
    report.missing += missing
    unknown = [n for n in store.stored() if n.partition(".")[0] not in wanted]
    if unknown and not records:
        report.missing.append(phrase("store.records_gone", count=len(unknown)))
    report.extra += unknown
    report.extra += sorted(p.name for p in store.folder.glob("history.torn-*.jsonl"))
    return report


def _check_pictures(store: Store, report: Report, wanted: dict[str, str]) -> None:
    infos = {
        info.sha256: info
        for record in store.records()
        for info in (*record.pictures, *record.films)
    }
    for sha256, where in wanted.items():
        path = store.path(sha256)
        try:
            if path is None:
                report.missing.append(f"{where}: {printable(sha256)}{_instead(store, sha256)}")
                report.lost.append(sha256)
            elif hash_file(path) != sha256:
                report.changed.append(f"{where}: {path.name}")
                report.lost.append(sha256)
            elif sha256 in infos:
                problem = unlike_its_record(infos[sha256], path.read_bytes())
                report.changed += [f"{where}: {path.name}: {problem}"] * bool(problem)
        except OSError as error:
            report.missing.append(
                phrase("store.file_unreadable", where=where, path=path, strerror=error.strerror)
            )


def _check_lines(store: Store, report: Report, manifest: str) -> None:
    lines = lines_of(store)
    report.lines = len(lines)
    report.changed += changed_lines(lines, manifest)
    older = sum(1 for line in lines if line.record is not None and not line.record.digest)
    if older:
        report.limits.append(phrase("store.older_lines", count=older))
    if not manifest and not store.has_manifest():
        report.limits.append(phrase("store.no_manifest"))
    if store.has_manifest():
        report.limits.append(phrase("store.crate_itself"))


def _shown(store: Store) -> list[tuple[str, dict[str, object]]]:
    """Return the drawings that the notebook beside a history shows, with their cells' sources."""
    notebook = store.folder.with_suffix(".ipynb")
    with contextlib.suppress(NbextError, OSError):
        if notebook.is_file() and notebook.stat().st_size <= _NOTEBOOK_BYTES:
            return [(cell.source, about) for cell, about in NotebookFile(notebook).shown()]
    return []


def _instead(store: Store, sha256: str) -> str:
    """Describe what there is instead of a picture on disk."""
    if not store.has(sha256):
        return ""
    try:
        store.read(sha256)
    except HistoryError:
        # A member of an archive that is corrupt, or too large for a picture.
        return phrase("store.not_in_archive")
    return phrase("store.memory_only")
