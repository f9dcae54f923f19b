"""Find the id of a job, under any of the names that endpoints give it."""

from __future__ import annotations

import re
from typing import Any

from nbext.util.pattern import pattern
from nbext.wire.jobs.fields import (
    MAX_ITEMS,
    STATUS_KEYS,
    first_text,
    is_error_code,
    levels_of,
    text_of,
)
from nbext.wire.jobs.status import is_waiting

# Fields that name only a job.
_JOB_ID = pattern(
    r"(?:[a-z]{0,20}(?:task|job|generat(?:ion|e)|prediction|inference|video|process|operation"
    r"|order|prompt|history|creation|render|workflow|execution)_?"
    r"(?:uu)?id|uuid|guid)\Z",
    re.IGNORECASE,
)

# Fields that name a request: of a job, if the answer shows that there is one.
REQUEST_IDS = ("request_id", "requestId", "response_id", "responseId")

# The last word of a field that may name a waiting or running job, if none of those above exists;
# the most reliable first. The last row needs a word before it.
_ID_WORDS = (
    frozenset({"id", "uid", "uuid", "guid"}),
    frozenset(
        {"ticket", "handle", "task", "job", "order", "receipt", "reference", "ref", "hash", "run"}
    ),
    frozenset({"no", "num", "number", "token", "key", "code", "name", "sn"}),
)

# The first word of a field that names something else.
_OTHERS = re.compile(
    r"(?:user|account|org|organization|group|channel|model|trace|session|project|team|app|client"
    r"|tenant|owner|parent|node|worker|api|file|image|prompt|event|error|status|return|country"
    r"|provider|conversation|message|choice|region|queue|batch|vendor|product|package|plan)\Z"
)

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

_ID_VALUE = re.compile(r"[\w.:@=-]{1,200}\Z", re.ASCII)

# Fields that may accompany the id of a request in an answer with nothing else.
_BESIDE = pattern(r"code|status_?code|created(?:_?at)?|success|object|type|model", re.IGNORECASE)

# The same for a plain id, which other answers have too.
_BESIDE_ID = pattern(
    r"code|status_?code|success|message|msg|kudos|credits?|points|price|eta|position|created(?:_?at)?",
    re.IGNORECASE,
)


def names_job(value: Any) -> bool:
    """Return whether an answer, or an error, has a field that names only a job.

    Example:
        >>> names_job({"message": "timed out", "task_id": "t1"}), names_job({"request_id": "r1"})
        (True, False)
    """
    return bool(job_id_of(levels_of(value)))


def id_of(value: Any, levels: list[dict[str, Any]]) -> str:
    """Find the job's id under any of its names."""
    return (
        job_id_of(levels)
        or first_text(levels, ("id",))
        or operation_of(levels)
        or submitted_id(value)
        or (likely_id(levels) if is_waiting(levels) else "")
        or first_text(levels, REQUEST_IDS)
    )


def likely_id(levels: list[dict[str, Any]]) -> str:
    """Return the field that most likely names a job, under an unknown name."""
    likely: list[tuple[int, str]] = []
    for level in levels:
        for key, item in level.items():
            text = text_of(item)
            if key in STATUS_KEYS or not _ID_VALUE.match(text):
                continue
            words = [word.lower() for word in _WORDS.findall(key[:64])]
            if not words or _OTHERS.match(words[0]):
                continue
            for rank, known in enumerate(_ID_WORDS):
                if words[-1] in known and (rank < len(_ID_WORDS) - 1 or len(words) > 1):
                    likely.append((rank, text))
    return min(likely, key=lambda pair: pair[0], default=(0, ""))[1]


def job_id_of(levels: list[dict[str, Any]]) -> str:
    """Return a field that names a job; a plain id beside it is the endpoint's own."""
    for level in levels:
        own = (text_of(item) for key, item in level.items() if _JOB_ID.match(key))
        name = next(filter(None, own), "")
        if name:
            return text_of(level.get("id")) or name
    return ""


def alias_of(levels: list[dict[str, Any]], id_: str) -> str:
    """Return another id that a field names as the job's, or ""."""
    ids = (text_of(item) for level in levels for key, item in level.items() if _JOB_ID.match(key))
    return next((other for other in ids if other and other != id_), "") if id_ else ""


def is_receipt(value: dict[str, Any]) -> bool:
    """Return whether an answer is only the id of a request, or of something that it started."""
    return any(
        len(rest := {key: item for key, item in value.items() if key not in ids}) < len(value)
        and all(
            beside.fullmatch(key) and not isinstance(item, dict | list)
            for key, item in rest.items()
        )
        for ids, beside in ((REQUEST_IDS, _BESIDE), (("id",), _BESIDE_ID))
    )


def field_of(levels: list[dict[str, Any]], id_: str) -> str:
    """Return the name of the field with the job's id."""
    names = (key for level in levels for key, item in level.items() if id_ and text_of(item) == id_)
    return next(names, "")[:64]


def operation_of(levels: list[dict[str, Any]]) -> str:
    """Return the name of one of Google's long-running operations."""
    name = first_text(levels, ("name",))
    return name if "operations/" in name else ""


def submitted_id(value: Any) -> str:
    """Parse ``{"code": "success", "data": "the id"}``, and the same below ``result``."""
    if not isinstance(value, dict) or "code" not in value or is_error_code(value.get("code")):
        return ""
    texts = [text_of(value.get(key)) for key in ("data", "result")]
    return next((text for text in texts if re.fullmatch(r"[\w:.-]{4,200}", text)), "")


def own(value: Any, job_id: str) -> Any:
    """Return the job with an id, if an answer lists several; else the answer unchanged.

    Example:
        >>> own({"tasks": [{"id": "a", "status": "done"}, {"id": "b", "status": "failed"}]}, "b")
        {'id': 'b', 'status': 'failed'}
    """
    waiting, looks = [value], 0
    while waiting and looks < MAX_ITEMS:
        node, looks = waiting.pop(0), looks + 1
        items = node if isinstance(node, list) else []
        if len(items) > 1:
            for item in items[:MAX_ITEMS]:
                if isinstance(item, dict) and job_id in (
                    first_text([item], ("id",)),
                    job_id_of([item]),
                ):
                    return item
        if isinstance(node, dict):
            waiting += [item for item in node.values() if isinstance(item, dict | list)]
    return value
