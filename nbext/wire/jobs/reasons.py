"""Find why a job, or an item of it, failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.wire.jobs.fields import MAX_ITEMS, first_text, is_error_code, levels_of, text_of, url_of
from nbext.wire.jobs.status import state_word, status_of
from nbext.wire.json_values import as_dict, decode
from nbext.wire.last_resort import search
from nbext.wire.picture_values import pictures_in_value

if TYPE_CHECKING:
    from nbext.data.kinds import JobStatus

# What endpoints write into a field for a reason if there is none.
_NO_REASON = pattern(r"(?:succe\w*|ok|none|null|failed|0)?\W*\Z", re.IGNORECASE)

# Lists of results, in which an item may be an error.
_ITEMS = ("data", "images", "output", "outputs", "result", "results", "videos", "predictions")

_REASON_KEYS = (
    "fail_reason",
    "failure_reason",
    "failReason",
    "failMsg",
    "fail_msg",
    "failure",
    "error_message",
    "exception_message",
    "raw_message",
    "task_status_msg",
    "status_msg",
    "ErrMsg",
    "err_msg",
    "error_msg",
    "reason",
    "message",
    "msg",
)

# Fields with a reason's code, which is quoted beside it, or alone.
_CODE_KEYS = ("failCode", "failureCode", "failure_code", "err_code", "error_code", "errorCode")

# Fields in which a waiting job says what it waits for.
_WAITING_KEYS = ("queue_status_message", "status_message", "message", "msg")

# Any other field with a reason.
_REASON = pattern(
    r"[a-z_]{0,30}(?:msg|message|reason|exception|detail)\Z|failed[a-z_]{0,20}\Z", re.IGNORECASE
)


def waiting_words(levels: list[dict[str, Any]]) -> str:
    """Return what a waiting job says about itself."""
    texts = (text_of(level.get(key)) for level in levels for key in _WAITING_KEYS)
    return next((text for text in texts if text and not _NO_REASON.match(text)), "")[:200]


def outcome_of(
    word: str, *, has_result: bool, reason: str, percent: float | None, known: bool
) -> JobStatus:
    """Determine a job's state from its word, its other fields, and whether it has an id."""
    status = status_of(word)
    if status == "failed" and has_result and not reason:
        # Whatever the word, the result exists.
        return "done"
    if status in ("queued", "running") and has_result and percent == 100.0:
        return "done"
    if status:
        return status
    if has_result:
        return "done"
    if reason:
        return "failed"
    if word:
        # An unknown word is no reason to give up a film that is paid for.
        return "running"
    return "queued" if known or percent is not None else "failed"


def reason_of(levels: list[dict[str, Any]]) -> str:
    """Return why a job failed; "" if nothing says that it did."""
    for level in levels:
        error = level.get("error") or level.get("errors")
        if isinstance(error, list):
            error = error[0] if error else None
        if isinstance(error, dict):
            raw = text_of(error.get("raw_message"))
            error = next((error[k] for k in ("message", "msg", "code", "type") if error.get(k)), "")
            if raw and raw not in text_of(error):
                error = f"{text_of(error)}: {raw}".removeprefix(": ")
        if text_of(error):
            return _inner_message(text_of(error))
    outer = levels[0] if levels else {}
    failed = outer.get("success") is False or is_error_code(outer.get("code"))
    status = status_of(state_word(levels))
    for level in levels:
        for key in _REASON_KEYS:
            # With a good code, or in a running job, a message is only a greeting.
            if key in ("message", "msg", "reason", "status_msg") and not (
                failed or status == "failed"
            ):
                continue
            reason = level.get(key)
            if isinstance(reason, dict):
                parts = (text_of(reason.get(name)) for name in ("code", "message", "msg", "text"))
                reason = ": ".join(filter(None, parts))
            if isinstance(reason, str) and not _NO_REASON.match(reason) and not url_of(reason):
                return _with_code(_inner_message(reason), levels)
    return (text_of(outer.get("code")) or phrase("wire.it_failed")) if failed else ""


def _with_code(reason: str, levels: list[dict[str, Any]]) -> str:
    """Quote a reason with its code."""
    code = first_text(levels, _CODE_KEYS)
    if not code or _NO_REASON.match(code) or code in reason:
        return reason
    return f"{reason} ({code})" if reason else code


def reason_anywhere(value: Any) -> str:
    """Return why a failed job failed from any field of its answer, the most telling first."""
    texts: dict[str, str] = {}
    waiting, looks = [value], 0
    while waiting and looks < MAX_ITEMS:
        node, looks = waiting.pop(0), looks + 1
        if isinstance(node, list):
            waiting += [item for item in node[:MAX_ITEMS] if isinstance(item, dict | list)]
        elif isinstance(node, dict):
            for key, item in node.items():
                if isinstance(item, dict | list):
                    waiting.append(item)
                elif isinstance(item, str) and not _NO_REASON.match(item) and not url_of(item):
                    texts.setdefault(key, item)
    reason = next((texts[key] for key in _REASON_KEYS if key in texts), "") or next(
        (text for key, text in texts.items() if _REASON.match(key[:64])), ""
    )
    return _with_code(_inner_message(reason), [texts])


def failure_words(levels: list[dict[str, Any]]) -> str:
    """Return the status word of a failed job without a message, with its details."""
    word = state_word(levels)
    details = as_dict(levels[0].get("details")) if levels else {}
    words = search([details]).words if details else ""
    return f"{word}: {words}" if word and words else word


def _inner_message(text: str) -> str:
    """Unwrap the message of an error that a relay put into a string as JSON."""
    text = text.strip()
    if text.startswith("{"):
        inner = decode(text.encode("utf-8", "replace"))
        if isinstance(inner, dict):
            named = inner.get("message") or inner.get("code") or inner.get("error")
            if isinstance(named, str):
                return named
    return text


def failed_items(value: Any) -> list[str]:
    """Return why single items among the results of an answer failed.

    Example:
        >>> failed_items({"data": [{"url": "…"}, {"code": "E", "message": "Blocked."}]})
        ['Blocked.']
    """
    reasons = partial_reasons(value)
    waiting, looks = [value], 0
    while waiting and looks < MAX_ITEMS:
        node, looks = waiting.pop(0), looks + 1
        if not isinstance(node, dict):
            continue
        for key in _ITEMS:
            item = node.get(key)
            if isinstance(item, dict):
                waiting.append(item)
            for part in item[:MAX_ITEMS] if isinstance(item, list) else ():
                reasons += [reason] if (reason := item_error(part)) else []
    return reasons


def partial_reasons(value: Any) -> list[str]:
    """Return why an answer calls itself only partly successful.

    Example:
        >>> partial_reasons({"status": "partial_success", "message": "1 of 2 failed"})
        ['1 of 2 failed']
    """
    reason = reason_anywhere(value) if "partial" in state_word(levels_of(value)).lower() else ""
    return [reason] if reason else []


def item_error(item: Any) -> str:
    """Return the message of an item that is an error in place of a result, or "".

    Example:
        >>> item_error({"code": "E", "message": "Blocked."}), item_error({"url": "…"})
        ('Blocked.', '')
    """
    fields = as_dict(item)
    error = fields.get("error")
    if not error and status_of(text_of(fields.get("status"))) == "failed":
        return reason_of([fields])
    if isinstance(error, dict):
        return text_of(error.get("message")) or text_of(error.get("code"))
    if text_of(error):
        return text_of(error)
    is_error = bool(text_of(fields.get("code"))) and not pictures_in_value(fields)
    return text_of(fields.get("message")) if is_error else ""
