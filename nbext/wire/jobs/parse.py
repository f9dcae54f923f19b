"""Parse the state of an asynchronous job, in any of the forms that endpoints use.

Sources: OpenAI API reference, ``GET /v1/videos/{id}``; new-api's task controllers; the interfaces
of Google, Black Forest Labs, fal, DashScope, Kling, Luma and of relays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.messages.say import phrase
from nbext.wire.events import Job, Link
from nbext.wire.jobs.fields import first_text, first_url, levels_of
from nbext.wire.jobs.ids import (
    REQUEST_IDS,
    alias_of,
    field_of,
    id_of,
    is_receipt,
    job_id_of,
    likely_id,
    operation_of,
    submitted_id,
)
from nbext.wire.jobs.reasons import (
    failure_words,
    outcome_of,
    reason_anywhere,
    reason_of,
    waiting_words,
)
from nbext.wire.jobs.results import (
    has_picture,
    links_anywhere,
    links_of,
    poster_of,
    result_url,
    results_of,
)
from nbext.wire.jobs.status import is_waiting, progress_of, state_word, status_of
from nbext.wire.refusals import filter_mark

if TYPE_CHECKING:
    from nbext.data.kinds import LinkKind

_POLL_KEYS = ("polling_url", "poll_url", "status_url", "statusUrl", "query_url", "fetch_result")

_RESULT_KEYS = ("response_url", "responseUrl", "result_url")


def job(value: Any, *, kind: LinkKind = "film") -> tuple[Job, list[Link]]:
    """Parse a job's state, and the links to its results once it is done.

    An unknown status word ends a job only if there is also a result or an error.

    Args:
        value: The answer, decoded from JSON.
        kind: The kind of result if its URL does not tell: ``film`` or ``picture``.

    Returns:
        The job, with an empty id if the answer has none, and the links: results, then a poster.

    Example:
        >>> state, links = job({"id": "v1", "status": "SUCCESS", "url": "https://h/a.mp4"})
        >>> state.status, links[0].kind
        ('done', 'film')
    """
    levels = levels_of(value)
    word = state_word(levels)
    results = results_of(value, 0)
    has_result = bool(results) or has_picture(value)
    reason = reason_of(levels)
    percent = progress_of(levels)
    id_ = id_of(value, levels)
    if not has_result and status_of(word) == "done" and (mark := filter_mark(value)):
        word, reason = "failed", phrase("wire.held_back", mark=mark)
    status = outcome_of(
        word, has_result=has_result, reason=reason, percent=percent, known=bool(id_)
    )
    links: list[Link] = []
    if status == "done":
        percent = 100.0
        links = links_of(results, kind) or links_anywhere(value, kind)
        poster = poster_of(levels)
        if poster and poster not in {link.url for link in links}:
            links.append(Link(url=poster, kind="poster"))
    message = ""
    if status == "failed":
        message = reason or reason_anywhere(value) or failure_words(levels) or phrase("wire.no_job")
    elif status != "done":
        message = waiting_words(levels)
        # Quote an unknown word if there is nothing better.
        message = message or (word if word and status_of(word) is None else "")
    state = Job(
        id=id_,
        status=status,
        percent=percent,
        message=message,
        poll_url=first_url(levels, _POLL_KEYS) or result_url(levels),
        result_url=first_url(levels, _RESULT_KEYS),
        named=field_of(levels, id_),
        alias=alias_of(levels, id_),
        file=first_text(levels, ("file_id", "fileId")),
    )
    return state, links


def is_job(value: Any) -> bool:
    """Return whether an answer is a job's state: it has an id and a status word, or results.

    Example:
        >>> is_job({"task_id": "t1", "status": "queued"}), is_job({"data": [{"b64_json": "…"}]})
        (True, False)
    """
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("results"), list) or isinstance(value.get("urls"), list):
        return True
    levels = levels_of(value)
    if job_id_of(levels) or submitted_id(value) or is_receipt(value):
        return True
    has_id = bool(first_text(levels, ("id", *REQUEST_IDS)) or operation_of(levels))
    if not has_id and is_waiting(levels):
        return bool(likely_id(levels))
    return has_id and bool(
        state_word(levels) or first_url(levels, _POLL_KEYS) or result_url(levels)
    )
