"""Verify that the lines of a history are unchanged."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from datetime import datetime
from itertools import product
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.picture import PictureInfo, dimensions, identify
from nbext.data.record import Draft, Record, digest_of
from nbext.data.request import Reference, Request, split_parameters
from nbext.messages.say import phrase
from nbext.store.lines import parse
from nbext.util.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nbext.store.store import Store

# Fields of a request that are the same in its answer's line.
_OF_THE_REQUEST = (
    "kind", "session", "cell", "execution_count", "started", "wire", "endpoint", "host", "embedded",
    "model", "prompt", "prompt_sent", "template", "variables", "system", "parameters", "references",
    "mask", "continues", "continues_as", "parents", "take", "repeat", "fingerprint", "exact",
    "question",
)  # fmt: skip
# The bytes that contain a picture's width and height.
_HEADER_BYTES = 8 << 20


class Line(msgspec.Struct, frozen=True):
    """A line that is not blank.

    Attributes:
        position: Its position in the file, from 1 on.
        data: Its bytes, without the line break.
        record: The record, None if it is not one.
    """

    position: int
    data: bytes
    record: Record | None

    @property
    def name(self) -> str:
        """The line's name in reports."""
        if self.record is None:
            return phrase("store.line", position=self.position)
        kind = self.record.type
        which = self.record.id[:12] if kind == "note" else f"@{self.record.number}"
        return phrase("store.line_of", position=self.position, kind=kind, which=printable(which))


def lines_of(store: Store) -> list[Line]:
    """Read all lines of a history again."""
    numbered = enumerate(store.raw_lines(), start=1)
    return [Line(at, data, parse(data)) for at, data in numbered if data.strip()]


def manifest_of(lines: Sequence[Line]) -> str:
    """Summarise lines: their number, and a hash of all in order.

    Example:
        >>> manifest_of([])
        '0 e3b0c44298fc1c149afbf4c8996fb924'
    """
    digests = b"".join(_digest(line.data).encode() for line in lines)
    return f"{len(lines)} {hashlib.sha256(digests).hexdigest()[:32]}"


def manifest_of_text(text: bytes) -> str:
    """Summarise the lines of a ``history.jsonl``.

    Example:
        >>> manifest_of_text(b"") == manifest_of([])
        True
    """
    lines = [line for line in text.split(b"\n") if line.strip()]
    return manifest_of([Line(at, line, None) for at, line in enumerate(lines, start=1)])


def _digest(data: bytes) -> str:
    fields = _fields(data)
    return digest_of(fields) if fields is not None else hashlib.sha256(data).hexdigest()


def _fields(data: bytes) -> dict[str, Any] | None:
    try:
        fields = msgspec.json.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def changed_lines(lines: Sequence[Line], manifest: str) -> Iterator[str]:
    """Describe the changes in a file of lines.

    Args:
        lines: The lines.
        manifest: An earlier result of ``manifest_of``; more lines may have been added since.
    """
    for line in lines:
        if line.record is None:
            yield phrase("store.line_unreadable", name=line.name)
        else:
            yield from (f"{line.name}: {problem}" for problem in _problems(line))
    yield from _without_digest(lines)
    yield from _unlike(lines)
    if manifest:
        count = manifest.partition(" ")[0]
        first = lines[: int(count)] if count.isdecimal() else []
        if manifest_of(first) != manifest:
            yield phrase("store.other_manifest", count=printable(count))


def _without_digest(lines: Sequence[Line]) -> Iterator[str]:
    """Describe lines without a digest: in a session, one version writes all lines."""
    records = [line.record for line in lines if line.record is not None]
    sessions = {record.session for record in records if record.digest and record.session}
    for line in lines:
        if line.record is not None and not line.record.digest and line.record.session in sessions:
            yield f"{line.name}: {phrase('store.digest_absent')}"


def _problems(line: Line) -> Iterator[str]:
    record, fields = line.record, _fields(line.data)
    if record is None or fields is None:
        return
    try:
        changed = record.digest and digest_of(fields) != record.digest
    except (ValueError, OverflowError, msgspec.MsgspecError):
        changed = True
    if changed:
        yield phrase("store.changed")
        return
    if names := _repeated(line.data):
        yield phrase("store.field_twice", names=printable(", ".join(names)))
        return
    spoiled = sorted(name for name in record.unknown if name in Draft.__struct_fields__)
    if spoiled:
        yield phrase("store.unknown_type", names=", ".join(spoiled))
    if record.type == "note":
        return
    if not _is_time(record.started) or not _is_time(record.finished):
        yield phrase("store.bad_time")
    elif not record.digest and record.finished and record.finished < record.started:
        # A clock that was set back has the same effect; a digest would tell.
        yield phrase("store.ended_before")
    if record.fingerprint and not _is_own_fingerprint(record):
        yield phrase("store.other_fingerprint")
    named = _named_by(record)
    if record.digest and named and set(record.parents) != named:
        yield phrase("store.other_parents")
    if record.type == "sent" and (record.pictures or record.films):
        yield phrase("store.answer_in_request")


def _repeated(data: bytes) -> list[str]:
    """Return fields that occur twice in a line: readers differ in which one they use."""
    repeated: list[str] = []

    def fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(pairs) > len({name for name, _ in pairs}):
            repeated.extend(
                name for name, count in Counter(n for n, _ in pairs).items() if count > 1
            )
        return {}

    try:
        json.loads(data, object_pairs_hook=fields)
    except (ValueError, RecursionError):
        return []
    return repeated


def _is_time(text: str) -> bool:
    if not text:
        return True
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_own_fingerprint(record: Record) -> bool:
    """Compute a request's fingerprint again.

    A picture from an image or an array counts by its pixels, which are not recorded, and since
    there are digests a drawing by the request behind it. Such a request cannot be checked.
    """
    masks = [record.mask] if record.mask is not None else []
    references = [*record.references, *masks]
    if any(not item.drawing for item in references):
        return True
    if record.digest and (references or record.continues):
        return True

    def reference(sha256: str) -> Reference:
        return Reference(data=b"", info=PictureInfo(sha256=sha256, media_type="", size=0))

    named, other = split_parameters(record.parameters)
    try:
        request = Request(
            prompt=record.prompt,
            model=record.model,
            kind=record.kind,
            references=tuple(reference(item.sha256) for item in record.references),
            mask=reference(record.mask.sha256) if record.mask else None,
            system=record.system,
            continues=record.continues,
            extra=other,
            **named,
        )
        sent_by = product(("", record.wire), ("", record.endpoint))
        return record.fingerprint in {
            msgspec.structs.replace(request, via=via, endpoint=endpoint).fingerprint()
            for via, endpoint in sent_by
        }
    except (TypeError, ValueError, msgspec.MsgspecError):
        return False


def _named_by(record: Record) -> set[str]:
    """Return the drawings that a request names."""
    ids = [*(item.drawing for item in record.references), record.continues]
    return {id_ for id_ in ids if id_}


def _unlike(lines: Iterable[Line]) -> Iterator[str]:
    """Compare the lines of each drawing, and all numbers."""
    states: dict[str, list[Line]] = defaultdict(list)
    notes: list[Line] = []
    for line in lines:
        if line.record is not None:
            (notes if line.record.type == "note" else states[line.record.id]).append(line)
    for own in states.values():
        first = own[0]
        for other in own[1:]:
            names = [n for n in _OF_THE_REQUEST if _value(first, n) != _value(other, n)]
            if names:
                yield phrase(
                    "store.no_longer",
                    name=other.name,
                    names=", ".join(names),
                    position=first.position,
                )
    for note in notes:
        if note.record is not None and note.record.id not in states:
            yield phrase("store.drawing_absent", name=note.name)


def _value(line: Line, name: str) -> object:
    return getattr(line.record, name)


def missing_numbers(records: Sequence[Record], most: int) -> list[int]:
    """Name the numbers that no drawing has, up to the last one that was counted."""
    numbers = {record.number for record in records if 0 < record.number < most}
    last = max(numbers, default=0)
    if last > 2 * len(numbers) + 1000:
        # Somebody has set a number, or kept a few drawings of many.
        return []
    return [number for number in range(1, last) if number not in numbers]


def unlike_its_record(info: PictureInfo, data: bytes) -> str:
    """Say what a record tells wrongly of a picture; empty where all is right.

    Args:
        info: What the record says.
        data: The picture.
    """
    if info.size != len(data):
        return phrase("store.other_size", count=len(data), size=info.size)
    media_type = identify(data[:512])
    if media_type and media_type != info.media_type:
        return phrase("store.other_type", kind=media_type, kind2=printable(info.media_type))
    width, height = dimensions(data[:_HEADER_BYTES])
    if width and info.width and (width, height) != (info.width, info.height):
        return phrase(
            "store.other_pixels", width=width, height=height, width2=info.width, height2=info.height
        )
    return ""


def unlike_the_notebook(
    records: Sequence[Record], shown: Iterable[tuple[str, dict[str, Any]]]
) -> tuple[list[str], list[str]]:
    """Compare records with what a notebook's outputs say of them.

    A cell may also show a drawing of another history, by ``nbext.open``; then its prompt is not in
    the cell.

    Args:
        records: All of them.
        shown: The ``nbext`` metadata of each drawing in the outputs, with the source of its cell.

    Returns:
        The records that differ, and the drawings that are missing.
    """
    known = {record.id: record for record in records}
    changed: list[str] = []
    missing: dict[str, None] = {}
    for source, about in shown:
        record = known.get(str(about.get("id")))
        prompt = str(about.get("prompt", "")).strip()
        if record is None or record.type != "drawing":
            if about.get("finished") and prompt and (record is not None or prompt in source):
                number = printable(str(about.get("number", "")))[:12]
                missing[phrase("store.shown_only", number=number)] = None
            continue
        recorded = {
            "model": record.model,
            "prompt": record.prompt,
            "finished": record.finished,
            "pictures": [picture.sha256 for picture in record.pictures],
        }
        names = [n for n, value in recorded.items() if n in about and about[n] != value]
        if names:
            changed.append(
                phrase("store.unlike_notebook", number=record.number, names=", ".join(names))
            )
    return changed, list(missing)
