"""One line of the history: what was asked, of whom, and what came back.

A paid request has two lines with one id: ``sent`` before it leaves, ``drawing`` when it ended, well
or not. ``note`` lines add a star, a tag or a note to a drawing. Lines are only ever appended.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from nbext.data.kinds import LinkKind
from nbext.data.picture import PictureInfo

SCHEMA = 1


class ReferenceInfo(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A reference as recorded: by its hash; its bytes are in the history's folder."""

    sha256: str
    media_type: str = ""
    source: str = ""
    drawing: str = ""
    url: str = ""


class Failure(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An error as recorded."""

    type: str
    message: str
    remedy: str = ""
    status_code: int | None = None
    body: str = ""
    url: str = ""
    maybe_billed: bool = False


class LinkInfo(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Where an answer says that a picture or film is, so that it can be fetched again."""

    url: str
    kind: LinkKind = "picture"
    alt: str = ""
    expires: str = ""
    fallback: str = ""


class Record(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One line of ``history.jsonl``.

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
        system: The system message.
        parameters: All other options and fields.
        references: Pictures given.
        mask: The mask given.
        continues: The id of the drawing whose conversation it goes on with.
        parents: The ids of the drawings that it comes from.
        take: 0 for the first of several takes.
        repeat: How often the run of its cell (without cells, the session) had asked the same.
        fingerprint: Of the request, for replay.
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
        notices: What was unusual about the answer.
        answer: Of an answer without a result, its beginning, pictures cut out.
        links: Where the answer says that pictures and films are.
        raw: What the wire must have back on ``--continue``.
        calls: Tool calls and their results, in order.
        citations: Links that the answer names.
        job: The endpoint's id of an asynchronous job.
        pictures: What came back.
        films: Films that came back.
        lost: Of pictures and films that came back and are no good, why each is left out.
        error: What went wrong.
        versions: Of nbext and Python.
        changes: In a ``note``: ``{"star": true, "tags": […], "note": "…"}``.
        unknown: Fields that a newer version wrote; kept and written back.
    """

    type: str
    id: str
    number: int = 0
    schema: int = SCHEMA
    kind: str = "draw"
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
    system: str = ""
    parameters: dict[str, Any] = {}
    references: list[ReferenceInfo] = []
    mask: ReferenceInfo | None = None
    continues: str = ""
    parents: list[str] = []
    take: int = 0
    repeat: int = 0
    fingerprint: str = ""
    text: str = ""
    reasoning: str = ""
    progress: list[tuple[float, float | None, str]] = []
    usage: dict[str, Any] = {}
    cost: float | None = None
    request_id: str = ""
    finish_reason: str = ""
    gen_id: str = ""
    answer_id: str = ""
    revised_prompt: str = ""
    actual: dict[str, str] = {}
    notices: list[str] = []
    answer: str = ""
    links: list[LinkInfo] = []
    raw: Any = None
    calls: list[dict[str, Any]] = []
    citations: list[dict[str, Any]] = []
    job: str = ""
    pictures: list[PictureInfo] = []
    films: list[PictureInfo] = []
    lost: list[str] = []
    error: Failure | None = None
    versions: dict[str, str] = {}
    changes: dict[str, Any] = {}
    unknown: dict[str, Any] = {}

    def to_line(self) -> bytes:
        """Write as one line of JSON with its end, field order fixed, readable in a diff.

        ``type``, ``id`` and ``schema`` are always there.
        """
        fields = msgspec.to_builtins(self, enc_hook=str)
        unknown = fields.pop("unknown", {})
        always = {"type": self.type, "id": self.id, "number": self.number, "schema": self.schema}
        return msgspec.json.encode(always | fields | unknown) + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Record:
        """Read a line, also one that a newer version wrote.

        Raises:
            msgspec.MsgspecError: The line is no record.
        """
        fields = msgspec.json.decode(line)
        if not isinstance(fields, dict):
            raise msgspec.ValidationError("a record is an object")
        unknown = {k: v for k, v in fields.items() if k not in _FIELDS}
        record = msgspec.convert({k: v for k, v in fields.items() if k in _FIELDS}, cls)
        record.unknown = unknown
        return record


def started_of(record: Record) -> datetime | None:
    """Read when a request was sent, in UTC; None where the record does not say."""
    try:
        when = datetime.fromisoformat(record.started)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def tags_of(changes: dict[str, Any]) -> list[str]:
    """Read the tags of a record's changes, whatever a stranger wrote there.

    Example:
        >>> tags_of({"tags": ["final", 2]}), tags_of({"tags": "no list"})
        (['final', '2'], [])
    """
    tags = changes.get("tags")
    return [str(tag) for tag in tags] if isinstance(tags, list) else []


_FIELDS = frozenset(Record.__struct_fields__) - {"unknown"}
