"""Whether everything that a history names is there, unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.errors import HistoryError
from nbext.store.disk import hash_file
from nbext.store.merge import named
from nbext.util.text import counted, printable

if TYPE_CHECKING:
    from nbext.store.store import Store


class Report:
    """What ``history.verify()`` found.

    Attributes:
        checked: The number of pictures that records name.
        missing: Pictures and parents that are not there.
        changed: Pictures whose bytes are not those that were received, lines that are no record.
        unfinished: Requests that were sent and have no answer: they may have been billed.
        extra: Files that no record names; harmless.
        lost: The sha256 of the pictures that are missing or changed.
        credentials: Who signed pictures, where that was asked; their absence proves nothing.
    """

    def __init__(self, checked: int = 0) -> None:
        self.checked = checked
        self.missing: list[str] = []
        self.changed: list[str] = []
        self.unfinished: list[str] = []
        self.extra: list[str] = []
        self.lost: list[str] = []
        self.credentials: list[str] = []

    @property
    def ok(self) -> bool:
        """Whether everything that records name is there, unchanged."""
        return not (self.missing or self.changed)

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        said = "all there, unchanged" if self.ok else "NOT as recorded"
        lines = [f"{counted(self.checked, 'picture')} checked: {said}"]
        for name in ("missing", "changed", "unfinished", "credentials", "extra"):
            lines += [f"  {name}: {item}" for item in getattr(self, name)]
        return "\n".join(lines)


def verify(store: Store) -> Report:
    """Hash every picture again, see ``History.verify``."""
    records = store.records()
    wanted = named(records)
    report = Report(checked=len(wanted))
    for sha256, where in wanted.items():
        path = store.path(sha256)
        try:
            if path is None:
                report.missing.append(f"{where}: {printable(sha256)}{_instead(store, sha256)}")
                report.lost.append(sha256)
            elif hash_file(path) != sha256:
                report.changed.append(f"{where}: {path.name}")
                report.lost.append(sha256)
        except OSError as error:
            report.missing.append(f"{where}: {path} cannot be read: {error.strerror}")
    if store.passed_over:
        lines = counted(store.passed_over, "line")
        report.changed.append(f"history.jsonl: {lines} cannot be read as a record")
    known = {record.id for record in records}
    for record in records:
        lost = [parent for parent in record.parents if parent not in known]
        report.missing += [f"@{record.number}: its parent {printable(parent)}" for parent in lost]
        if record.type == "sent":
            when = printable(record.started)
            report.unfinished.append(f"@{record.number}: sent {when}, no answer kept")
    report.extra += [n for n in store.stored() if n.partition(".")[0] not in wanted]
    report.extra += sorted(p.name for p in store.folder.glob("history.torn-*.jsonl"))
    return report


def _instead(store: Store, sha256: str) -> str:
    """Say what there is of a picture that is not on disk."""
    if not store.has(sha256):
        return ""
    try:
        store.read(sha256)
    except HistoryError:
        # A member of an archive that is torn, or larger than a picture may be.
        return ", it cannot be taken out of the archive"
    return ", in this kernel's memory only"
