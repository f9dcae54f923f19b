"""One line of the history: the request, its endpoint, and the result.

A paid request has two lines with one id: ``sent`` before it is sent, ``drawing`` at its end,
successful or not. ``note`` lines add a star, a tag or a note to a drawing. Lines are only appended.
"""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, get_origin, get_type_hints

import msgspec

from nbext.data.kinds import LinkKind
from nbext.data.picture import PictureInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = 1

RecordType = Literal["sent", "drawing", "note"]
Kind = Literal["draw", "chat", "respond", "complete", "video"]
# A line of an unknown type with one of these is a drawing written by a newer version.
_OF_A_DRAWING = ("prompt", "started", "finished", "pictures")


class ReferenceInfo(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A recorded reference, by its hash; its bytes are in the history's folder."""

    sha256: str
    media_type: str = ""
    source: str = ""
    drawing: str = ""
    url: str = ""
    lineage: str = ""


class LinkInfo(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A link in an answer whose picture has not been downloaded.

    Attributes:
        url: Not to be trusted.
        kind: ``picture``, ``film`` or ``poll``, as in the answer.
        expires: When the link expires, in UTC, if known.
        fallback: A smaller or earlier picture, if the answer has one.
    """

    url: str
    kind: LinkKind = "picture"
    expires: str = ""
    fallback: str = ""


class Failure(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A recorded error."""

    type: str
    message: str
    remedy: str = ""
    status_code: int | None = None
    body: str = ""
    url: str = ""
    maybe_billed: bool = False


class Draft(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A record that is still being filled in: a request in progress.

    When the history writes it to disk, it becomes an immutable ``Record``.

    Attributes:
        type: ``sent``, ``drawing`` or ``note``.
        id: The drawing's id, the same in all its lines; also the request's Idempotency-Key.
        number: The number that captions show as ``@3``; starts at 1, never changes.
        kind: ``draw``, ``chat``, ``respond``, ``complete`` or ``video``.
        session: The kernel session that requested it.
        cell: The cell's id, empty if the front end sends none.
        execution_count: The cell's ``In[ ]`` number, 0 outside a notebook.
        waiting: Whether it was not sent yet when this line was written: the endpoint had others.
        started: UTC, ISO 8601 with milliseconds.
        finished: The end of the answer, likewise.
        elapsed: Seconds between the two.
        wire: The wire format of the request.
        endpoint: The endpoint's name.
        host: The endpoint's host, never its key.
        embedded: Whether the embedded endpoint drew it.
        model: The requested model.
        answered_model: The model named in the answer.
        prompt: The prompt as typed.
        prompt_sent: The prompt as sent, if different.
        template: The prompt as written in the cell, if variables were filled in.
        variables: The filled-in values by variable.
        system: The system message.
        parameters: All other options and fields.
        references: The reference pictures.
        mask: The mask.
        continues: The id of the drawing whose conversation it continues.
        continues_as: How that drawing was named, if by its number: ``@3``.
        parents: The ids of the drawings it was made from.
        take: 0 for the first of several takes.
        repeat: How often the same run of its cell (without cells, the session) had sent the same
            request before.
        fingerprint: The request's fingerprint, for replay.
        exact: The fingerprint by the bytes of all pictures; empty if it is the same.
        question: The fingerprint that ignores what ``@-1`` was; empty without such a reference.
        text: The answer's text, unprocessed, with ``nbext-sha256:HEX`` in place of pictures.
        reasoning: The model's reasoning, if the answer has it.
        progress: ``[seconds, percent or null, words]`` as received.
        usage: Tokens and other usage, under the endpoint's names.
        cost: In US dollars, if the endpoint or a price table tells.
        request_id: The endpoint's id of the request.
        finish_reason: The answer's finish reason.
        gen_id: The relay's id of the picture, for later edits.
        answer_id: The endpoint's id of the answer.
        revised_prompt: The prompt that was used, if the endpoint changed it and says so.
        actual: The values that the endpoint reports: size, quality, background, output_format.
        mask_change: The share of the protected pixels that changed, 0 to 1; None without a mask, or
            if it could not be measured.
        notices: Remarks about the answer.
        answer: The start of an answer without a result, without pictures.
        raw: Data to send back with ``--continue``.
        calls: Tool calls and their results, in order.
        citations: The sources that the answer cites.
        job: The endpoint's id of an asynchronous job.
        links: Links to paid pictures that have not been downloaded; downloading them is free.
        pictures: The pictures of the answer; one with the role ``draft`` is no result.
        films: The films and sounds of the answer.
        lost: Why pictures and films of the answer were rejected.
        warnings: Warnings shown with the result, which are shown again with a replay.
        error: The error.
        versions: The versions of nbext and Python.
        changes: In a ``note``: ``{"star": true, "tags": […], "note": "…", "cells": {…}}``.
            ``cells`` are other cells that show the drawing, each with its ``repeat``.
        digest: A hash of the line's other fields; empty in lines of older versions.
        unknown: Fields of a newer version, or with a value of another type; kept and written back.
    """

    type: RecordType
    id: str
    number: int = 0
    schema: int = SCHEMA
    kind: Kind = "draw"
    session: str = ""
    cell: str = ""
    execution_count: int = 0
    waiting: bool = False
    started: str = ""
    finished: str = ""
    elapsed: float = 0.0
    wire: str = ""
    endpoint: str = ""
    host: str = ""
    embedded: bool = False
    model: str = ""
    answered_model: str = ""
    prompt: str = ""
    prompt_sent: str = ""
    template: str = ""
    variables: dict[str, str] = {}
    system: str = ""
    parameters: dict[str, Any] = {}
    references: tuple[ReferenceInfo, ...] = ()
    mask: ReferenceInfo | None = None
    continues: str = ""
    continues_as: str = ""
    parents: tuple[str, ...] = ()
    take: int = 0
    repeat: int = 0
    fingerprint: str = ""
    exact: str = ""
    question: str = ""
    text: str = ""
    reasoning: str = ""
    progress: tuple[tuple[float, float | None, str], ...] = ()
    usage: dict[str, Any] = {}
    cost: float | None = None
    request_id: str = ""
    finish_reason: str = ""
    gen_id: str = ""
    answer_id: str = ""
    revised_prompt: str = ""
    actual: dict[str, str] = {}
    mask_change: float | None = None
    notices: tuple[str, ...] = ()
    answer: str = ""
    raw: Any = None
    calls: tuple[dict[str, Any], ...] = ()
    citations: tuple[dict[str, Any], ...] = ()
    job: str = ""
    links: tuple[LinkInfo, ...] = ()
    pictures: tuple[PictureInfo, ...] = ()
    films: tuple[PictureInfo, ...] = ()
    lost: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error: Failure | None = None
    versions: dict[str, str] = {}
    changes: dict[str, Any] = {}
    digest: str = ""
    # No field of a line has this name, so a field called "unknown" is an unknown one, too.
    unknown: dict[str, Any] = msgspec.field(default_factory=dict, name=" unknown")

    def to_line(self) -> bytes:
        """Encode as one line of JSON, in a fixed order of fields, readable in a diff.

        ``type``, ``id``, ``number`` and ``schema`` are always included; the digest is new.
        """
        fields = msgspec.to_builtins(self, enc_hook=str)
        unknown = fields.pop(" unknown", {})
        fields = {
            n: value
            for n, value in fields.items()
            # JSON has no infinity: it would be read as null, which is not written again.
            if not (value == [] and n in _SEVERAL)
            and not (isinstance(value, float) and not math.isfinite(value))
        }
        always = {"type": self.type, "id": self.id, "number": self.number, "schema": self.schema}
        line = always | fields | unknown
        line.pop("digest", None)
        return msgspec.json.encode(line | {"digest": digest_of(line)}) + b"\n"


def results_of(record: Draft) -> tuple[PictureInfo, ...]:
    """Return the pictures of a record that are results, without drafts."""
    return tuple(info for info in record.pictures if not info.is_draft)


def never_sent(record: Draft) -> bool:
    """Return whether a request was still held back when its kernel ended, so that it cost nothing.

    Args:
        record: The record of a request that is no longer in progress.
    """
    return record.type == "sent" and record.waiting


def draft_of(record: Draft) -> Draft:
    """Return a record that can be changed: the same one unless it is frozen."""
    if type(record) is Draft:
        return record
    return Draft(**msgspec.structs.asdict(record))


class Record(  # type: ignore[misc]  # What is still written to becomes what is only read.
    Draft, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True, gc=False
):
    """One line of ``history.jsonl`` as it is on disk; immutable."""

    @classmethod
    def from_line(cls, line: bytes) -> Record:
        """Parse a line, including one written by a newer version.

        A field whose value has another type is not lost: it is stored in ``unknown``.

        Raises:
            msgspec.MsgspecError: The line is not a record.
        """
        try:
            record = RECORDS.decode(line)
            if not record.unknown:
                return record
        except msgspec.ValidationError:
            pass
        fields = msgspec.json.decode(line)
        if not isinstance(fields, dict):
            raise msgspec.ValidationError("a record is an object")
        known: dict[str, Any] = {}
        unknown: dict[str, Any] = {}
        for name, value in fields.items():
            try:
                known[name] = msgspec.convert(value, _HINTS[name])
            except (KeyError, msgspec.ValidationError):
                unknown[name] = value
        known["id"] = msgspec.convert(fields.get("id"), str)
        if "type" not in known:
            known["type"] = _type_of(fields)
        if "number" in unknown:
            known["number"] = _whole_number(unknown.pop("number"))
        return cls(**known, unknown=unknown)


# Reads a line in which nothing is odd: for one that is, there is ``Record.from_line``.
RECORDS = msgspec.json.Decoder(Record)
_HINTS = {name: hint for name, hint in get_type_hints(Draft).items() if name != "unknown"}


def _type_of(fields: Mapping[str, Any]) -> RecordType:
    """Return what a line of an unknown type stands for.

    Raises:
        msgspec.ValidationError: It stands for nothing in a history.
    """
    of_a_drawing = any(name in fields for name in _OF_A_DRAWING)
    if not (of_a_drawing and isinstance(fields.get("type"), str)):
        raise msgspec.ValidationError("no type of a record")
    return "drawing" if "finished" in fields or "pictures" in fields else "sent"


def _whole_number(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise msgspec.ValidationError("a number is whole")


# The fields with several values.
_SEVERAL = {name for name, hint in _HINTS.items() if get_origin(hint) is tuple}


def digest_of(fields: Mapping[str, Any]) -> str:
    """Hash the fields of a line, regardless of their order and spacing.

    Args:
        fields: The decoded line; its own ``digest`` is ignored.

    Example:
        >>> digest_of({"id": "a", "number": 1}) == digest_of({"number": 1, "id": "a", "digest": ""})
        True
    """
    rest = {name: value for name, value in fields.items() if name != "digest"}
    return hashlib.sha256(msgspec.json.encode(rest, order="deterministic")).hexdigest()[:32]


def started_of(record: Record) -> datetime | None:
    """Return when a request was sent, in UTC; None if the record does not say."""
    try:
        when = datetime.fromisoformat(record.started)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def tags_of(changes: Mapping[str, Any]) -> list[str]:
    """Return the tags in a record's changes, which may be untrusted.

    Example:
        >>> tags_of({"tags": ["final", 2]}), tags_of({"tags": "no list"})
        (['final', '2'], [])
    """
    tags = changes.get("tags")
    return [str(tag) for tag in tags] if isinstance(tags, list) else []
