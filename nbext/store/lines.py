"""Convert records to lines of ``history.jsonl``, and lines, including damaged ones, to records."""

from __future__ import annotations

import itertools
import json
from typing import Any

import msgspec

from nbext.data.record import Draft, Record
from nbext.errors import HistoryError
from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.util.text import human_size

# A larger number does not count drawings.
MAX_NUMBER = 1_000_000_000
# The most characters of an answer's text, or of its reasoning.
MAX_TEXT = 4 << 20
# The most bytes of a line, because every start reads all lines.
MAX_LINE = 64 << 20
MAX_OWN_LINE = 16 << 20
# The start of a line; inside a JSON string its quotes would be escaped.
_BEGIN = pattern(r'\{"type":"(?:sent|drawing|note)","id":"')
_MAX_DEPTH = 100
# The most records that run together by accident.
_MAX_RUN_TOGETHER = 16
# Fields of unlimited size in an answer, the first to be dropped from a line that is too long.
_LONG_FIELDS = ("raw", "progress", "calls", "citations", "reasoning", "usage", "text", "unknown")


def parse(line: bytes) -> Record | None:
    """Parse a line, None if it is not a record.

    Example:
        >>> parse(b'{"type":"sent","id":"a"}').id, parse(b"<<<<<<< HEAD")
        ('a', None)
    """
    try:
        record = Record.from_line(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return record if record.id and 0 <= record.number < MAX_NUMBER else None


def encode(draft: Draft) -> tuple[Record, bytes]:
    """Encode a record as a line that ``parse`` reads.

    Returns:
        The record as parsed from that line, and the line.

    Raises:
        HistoryError: It has no id, or an invalid number.
    """
    line = _bounded_line(draft)
    record = parse(line)
    if record is None:
        line = _encodable(draft).to_line()
        record = parse(line)
    if record is None:
        raise HistoryError(phrase("store.not_a_record", id=draft.id, number=draft.number))
    return record, line


def line_of(record: Draft) -> bytes:
    """Encode a record as a line, even if an answer contains invalid values.

    Half of a surrogate pair, from a split stream, or a number of more than 64 bits must not cost
    the record of a paid picture.
    """
    try:
        return record.to_line()
    except (ValueError, TypeError, OverflowError, msgspec.MsgspecError, RecursionError):
        return _encodable(record).to_line()


def _bounded_line(draft: Draft) -> bytes:
    """Encode a record as a line; long texts are cut, which ``lost`` records."""
    changes: dict[str, Any] = {}
    lost = list(draft.lost)
    for name in ("text", "reasoning"):
        text = getattr(draft, name)
        if len(text) > MAX_TEXT:
            changes[name] = text[:MAX_TEXT]
            lost.append(phrase("store.text_cut", name=name, size=human_size(MAX_TEXT)))
    if changes:
        draft = msgspec.structs.replace(draft, **changes, lost=tuple(lost))
    line = line_of(draft)
    for name in _LONG_FIELDS:
        if len(line) <= MAX_OWN_LINE:
            break
        empty = msgspec.structs.replace(Draft(type=draft.type, id=draft.id))
        lost.append(phrase("store.left_out", name=name, size=human_size(MAX_OWN_LINE)))
        changes = {name: getattr(empty, name), "lost": tuple(lost)}
        draft = msgspec.structs.replace(draft, **changes)
        line = line_of(draft)
    return line


def _encodable(record: Draft) -> Draft:
    fields = msgspec.structs.asdict(record)
    return Draft(**{name: _encodable_value(value) for name, value in fields.items()})


def _encodable_value(value: Any, depth: int = 0) -> Any:
    if depth > _MAX_DEPTH:
        return "…"
    if isinstance(value, str):
        # Adjacent halves become one character again, a single half is replaced.
        text = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        # Keep the same object: a default is omitted by identity.
        return value if text == value else text
    if isinstance(value, dict):
        return {_encodable_value(str(k)): _encodable_value(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable_value(item, depth + 1) for item in value]
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.asdict(value).items()
        return type(value)(**{k: _encodable_value(v, depth + 1) for k, v in fields})
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < 1 << 63 else str(value)
    if value is None or isinstance(value, bool | float):
        return value
    return _encodable_value(str(value))


def salvage(line: bytes) -> list[Record]:
    """Find the complete records in a damaged line.

    The line break between two records is missing, or an incomplete record precedes another.

    Example:
        >>> [r.id for r in salvage(b'{"type":"sent","id":"a{"type":"sent","id":"b"}')]
        ['b']
    """
    text = line.decode("utf-8", "replace")
    decoder = json.JSONDecoder()
    records = []
    for begin in itertools.islice(_BEGIN.finditer(text), _MAX_RUN_TOGETHER):
        try:
            _, end = decoder.raw_decode(text, begin.start())
        except (ValueError, RecursionError):
            continue
        record = parse(text[begin.start() : end].encode())
        if record is not None:
            records.append(record)
    return records
