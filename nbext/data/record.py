"""One line of the history: what was asked, of whom, and what came back.

A paid request has two lines with one id: ``sent`` before it leaves, ``drawing`` when it ended, well
or not. ``note`` lines add a star, a tag or a note to a drawing. Lines are only ever appended.
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
# A line of another type with one of these in it is a drawing that a newer version wrote.
_OF_A_DRAWING = ("prompt", "started", "finished", "pictures")


class ReferenceInfo(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A reference as recorded: by its hash; its bytes are in the history's folder."""

    sha256: str
    media_type: str = ""
    source: str = ""
    drawing: str = ""
    url: str = ""
    lineage: str = ""


class LinkInfo(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """An address that an answer has named, and whose picture is not here yet.

    Attributes:
        url: Not to be trusted.
        kind: ``picture``, ``film`` or ``poll``, as the answer says.
        expires: When the address stops to work, in UTC, where it says so.
        fallback: A smaller or earlier picture, where the answer names one.
    """

    url: str
    kind: LinkKind = "picture"
    expires: str = ""
    fallback: str = ""


class Failure(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """An error as recorded."""

    type: str
    message: str
    remedy: str = ""
    status_code: int | None = None
    body: str = ""
    url: str = ""
    maybe_billed: bool = False


class Draft(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A record that is still being filled in: a request under way.

    The history makes a ``Record`` of it, which no longer changes, when it puts it on disk.

    Attributes:
        type: ``sent``, ``drawing`` or ``note``.
        id: Of the drawing, the same in all its lines; also the request's Idempotency-Key.
        number: What a caption calls ``@3``; starts at 1, never changes.
        kind: ``draw``, ``chat``, ``respond``, ``complete`` or ``video``.
        session: The kernel session that made it.
        cell: The cell's id, empty where the front end sends none.
        execution_count: The cell's ``In[ ]`` number, 0 outside a notebook.
        started: UTC, ISO 8601 with milliseconds.
        finished: The same, of the answer's end.
        elapsed: Seconds between the two.
        wire: The wire format it was sent in.
        endpoint: The endpoint's name.
        host: The endpoint's host, never its key.
        embedded: Whether the embedded endpoint made it.
        model: As asked.
        answered_model: As the answer names it.
        prompt: As typed.
        prompt_sent: As sent, where that differs.
        template: As it stands in the cell, where variables were filled in.
        variables: What was filled in, by the variable's name.
        system: The system message.
        parameters: All other options and fields.
        references: Pictures given.
        mask: The mask given.
        continues: The id of the drawing whose conversation it goes on with.
        continues_as: How that drawing was named, where by its number: ``@3``.
        parents: The ids of the drawings that it comes from.
        take: 0 for the first of several takes.
        repeat: How often the run of its cell (without cells, the session) had asked the same.
        fingerprint: Of the request, for replay.
        exact: The same, by the bytes of all pictures; empty where that is no other.
        question: The same, leaving open what ``@-1`` was; empty where nothing was named so.
        text: The raw answer. A picture inside it stands there as ``nbext-sha256:HEX``.
        reasoning: What the model thought, where it says so.
        progress: ``[seconds, percent or null, words]`` as they came.
        usage: Tokens and the like, as the answer names them.
        cost: In US dollars, where the endpoint or a price table says.
        request_id: The endpoint's.
        finish_reason: The answer's.
        gen_id: The relay's id of the picture, to modify it later.
        answer_id: The endpoint's id of the answer.
        revised_prompt: What was drawn from, where the endpoint changed the prompt and says so.
        actual: What the endpoint says that it drew: size, quality, background, output_format.
        mask_change: The share of the pixels that the mask protects and that changed, 0 to 1; None
            where there is no mask, or it could not be measured.
        notices: What was unusual about the answer.
        answer: Of an answer without a result, its beginning, pictures cut out.
        raw: What the wire must have back on ``--continue``.
        calls: Tool calls and their results, in order.
        citations: Links that the answer names.
        job: The endpoint's id of an asynchronous job.
        links: Addresses of pictures that are paid for and not here yet; fetching them is free.
        pictures: What came back.
        films: Films that came back.
        lost: Of pictures and films that came back and are no good, why each is left out.
        warnings: What the user was told beside it, though nothing failed; told again with a replay.
        error: What went wrong.
        versions: Of nbext and Python.
        changes: In a ``note``: ``{"star": true, "tags": […], "note": "…", "cells": {…}}``.
            ``cells`` are other cells that show the drawing, each with its ``repeat``.
        digest: A hash of the line's other fields; empty in lines of versions before it.
        unknown: Fields that a newer version wrote, or whose value is of another type than here;
            kept and written back.
    """

    type: RecordType
    id: str
    number: int = 0
    schema: int = SCHEMA
    kind: Kind = "draw"
    session: str = ""
    cell: str = ""
    execution_count: int = 0
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
    # No field of a line has this name, so that one called "unknown" is an unknown one, too.
    unknown: dict[str, Any] = msgspec.field(default_factory=dict, name=" unknown")

    def to_line(self) -> bytes:
        """Write as one line of JSON with its end, field order fixed, readable in a diff.

        ``type``, ``id``, ``number`` and ``schema`` are always there; the digest is made anew.
        """
        fields = msgspec.to_builtins(self, enc_hook=str)
        unknown = fields.pop(" unknown", {})
        fields = {
            n: value
            for n, value in fields.items()
            # JSON has no infinity: it would be read as nothing, and that is not written again.
            if not (value == [] and n in _SEVERAL)
            and not (isinstance(value, float) and not math.isfinite(value))
        }
        always = {"type": self.type, "id": self.id, "number": self.number, "schema": self.schema}
        line = always | fields | unknown
        line.pop("digest", None)
        return msgspec.json.encode(line | {"digest": digest_of(line)}) + b"\n"


def draft_of(record: Draft) -> Draft:
    """Give a record to write to: the same one, unless it is frozen."""
    if type(record) is Draft:
        return record
    return Draft(**msgspec.structs.asdict(record))


class Record(  # type: ignore[misc]  # What is still written to becomes what is only read.
    Draft, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True, gc=False
):
    """One line of ``history.jsonl``, as it is on disk; it never changes."""

    @classmethod
    def from_line(cls, line: bytes) -> Record:
        """Read a line, also one that a newer version wrote.

        A field whose value is of another type is lost alone: it stands in ``unknown``.

        Raises:
            msgspec.MsgspecError: The line is no record.
        """
        try:
            record = _DECODER.decode(line)
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


_DECODER = msgspec.json.Decoder(Record)
_HINTS = {name: hint for name, hint in get_type_hints(Draft).items() if name != "unknown"}


def _type_of(fields: Mapping[str, Any]) -> RecordType:
    """Say what a line of a type that is not known here stands for.

    Raises:
        msgspec.ValidationError: For nothing that a history holds.
    """
    of_a_drawing = any(name in fields for name in _OF_A_DRAWING)
    if not (of_a_drawing and isinstance(fields.get("type"), str)):
        raise msgspec.ValidationError("no type of a record")
    return "drawing" if "finished" in fields or "pictures" in fields else "sent"


def _whole_number(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise msgspec.ValidationError("a number is whole")


# The fields of which there may be several.
_SEVERAL = {name for name, hint in _HINTS.items() if get_origin(hint) is tuple}


def digest_of(fields: Mapping[str, Any]) -> str:
    """Hash the fields of a line, in whichever order and spacing they stand there.

    Args:
        fields: The line as JSON gives it; its own ``digest`` does not count.

    Example:
        >>> digest_of({"id": "a", "number": 1}) == digest_of({"number": 1, "id": "a", "digest": ""})
        True
    """
    rest = {name: value for name, value in fields.items() if name != "digest"}
    return hashlib.sha256(msgspec.json.encode(rest, order="deterministic")).hexdigest()[:32]


def started_of(record: Record) -> datetime | None:
    """Read when a request was sent, in UTC; None where the record does not say."""
    try:
        when = datetime.fromisoformat(record.started)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def tags_of(changes: Mapping[str, Any]) -> list[str]:
    """Read the tags of a record's changes, whatever a stranger wrote there.

    Example:
        >>> tags_of({"tags": ["final", 2]}), tags_of({"tags": "no list"})
        (['final', '2'], [])
    """
    tags = changes.get("tags")
    return [str(tag) for tag in tags] if isinstance(tags, list) else []
