"""What an asynchronous job says of itself, in any of the ways that endpoints have for it.

Sources: OpenAI API reference, ``GET /v1/videos/{id}``; new-api's task controllers, whose table of
status words this follows; answers of other relays.
"""

from __future__ import annotations

import math
import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from nbext.wire.events import Job, Link

QUEUED = frozenset(
    [
        "queued",
        "queueing",
        "pending",
        "submitted",
        "not_start",
        "preparing",
        "unknown",
        "notstarted",
        "created",
        "starting",
    ]
)
RUNNING = frozenset(["processing", "in_progress", "inprogress", "running", "generating"])
DONE = frozenset(
    ["completed", "complete", "success", "succeeded", "succeed", "finished", "done", "ok"]
)
FAILED = frozenset(
    [
        "failed",
        "failure",
        "fail",
        "error",
        "cancelled",
        "canceled",
        "rejected",
        "expired",
        "incomplete",
        "timeout",
    ]
)

# Where a result's URL stands, the first that is there counts: the others are the same film again.
_URL_KEYS = (
    "video_url",
    "videoUrl",
    "result_url",
    "image_url",
    "url",
    "urls",
    "results",
    "download_url",
    "downloadable_url",
    "img_paths",
    "path",
)
# What a result's URL stands in.
_CONTAINERS = (
    "data",
    "metadata",
    "output",
    "outputs",
    "result",
    "video",
    "videos",
    "content",
    "detail",
    "generations",
    "task_result",
    "draft_info",
    "encodings",
    "source",
)
_POSTER_KEYS = ("poster_url", "poster", "thumbnail_url", "thumbnail", "cover_url", "cover")
_PERCENT_KEYS = ("progress", "progress_pct", "percent", "percentage")
_REASON_KEYS = ("fail_reason", "failure_reason", "reason", "message", "msg")
_FILMS = (".mp4", ".webm", ".mov", ".m4v")
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".svg")
_DEEP = 8
_MANY = 64


def job(value: Any, *, kind: str = "film") -> tuple[Job, list[Link]]:
    """Read a job's state, and where its results are once it is done.

    Args:
        value: The answer, decoded from JSON.
        kind: What a result is where its URL does not tell: ``film`` or ``picture``.

    Returns:
        The job, its id empty where the answer names none, and the links: results, then a poster.

    Example:
        >>> state, links = job({"id": "v1", "status": "SUCCESS", "url": "https://h/a.mp4"})
        >>> state.status, links[0].kind
        ('done', 'film')
    """
    levels = _levels(value)
    id_ = _first(levels, ("id", "task_id", "taskId", "video_id")) or _bare_id(value)
    word = _word(levels)
    found = _results(value, 0)
    reason = _reason(levels)
    if word in DONE:
        status = "done"
    elif word in FAILED:
        status = "failed"
    elif word in QUEUED:
        status = "queued"
    elif word:
        # A word that nobody has met yet is no reason to give up a film that is paid for.
        status = "running"
    elif found:
        status = "done"
    elif (id_ and not reason) or _percent(levels) is not None:
        status = "queued"
    else:
        status = "failed"
    links: list[Link] = []
    percent = _percent(levels)
    if status == "done":
        percent = 100.0
        links = _links(found, kind)
        poster = _poster(levels)
        if poster and poster not in {link.url for link in links}:
            links.append(Link(url=poster, kind="poster"))
    message = ""
    if status == "failed":
        message = reason or (word if word in FAILED else "The answer names no job.")
    elif status != "done":
        message = _first(levels, ("queue_status_message",))
    return Job(id=id_, status=status, percent=percent, message=message), links


def is_job(value: Any) -> bool:
    """Tell whether an answer is a job's state: it has an id and a status word, or results.

    Example:
        >>> is_job({"task_id": "t1", "status": "queued"}), is_job({"data": [{"b64_json": "…"}]})
        (True, False)
    """
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("results"), list) or isinstance(value.get("urls"), list):
        return True
    levels = _levels(value)
    named = _first(levels, ("task_id", "taskId"))
    return bool(named or (_word(levels) and _first(levels, ("id",))))


def _bare_id(value: Any) -> str:
    """Read ``{"code": "success", "data": "the id"}``."""
    if not isinstance(value, dict) or _is_error_code(value.get("code")):
        return ""
    found = re.fullmatch(r"[\w:.-]{4,200}", _text(value.get("data")))
    return found[0] if found else ""


def _levels(value: Any) -> list[dict[str, Any]]:
    """List the objects that may speak of the job, from the outside in."""
    if isinstance(value, list):
        value = value[0] if value else None
    found: list[dict[str, Any]] = []
    node = value
    while isinstance(node, dict) and len(found) < _DEEP:
        found.append(node)
        inner = next(
            (node[key] for key in ("data", "detail", "pending_info") if node.get(key)), None
        )
        node = inner[0] if isinstance(inner, list) and inner else inner
    return found


def _text(value: Any) -> str:
    """Give a text or a number of ordinary length as text, empty for all else."""
    if isinstance(value, str):
        return value.strip()
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if number and abs(value) < 1e18 else ""


def _first(levels: list[dict[str, Any]], keys: tuple[str, ...]) -> str:
    return next((t for level in levels for key in keys if (t := _text(level.get(key)))), "")


def _word(levels: list[dict[str, Any]]) -> str:
    """Find the status word; one that says no more than that the asking went well yields."""
    given = [level.get(key) for level in levels for key in ("status", "task_status", "state")]
    words = [w.strip().lower().replace("-", "_") for w in given if isinstance(w, str) and w.strip()]
    if words and words[0] in ("success", "ok"):
        return next((word for word in words if word in QUEUED | RUNNING | FAILED), words[0])
    return words[0] if words else ""


def _percent(levels: list[dict[str, Any]]) -> float | None:
    for level in levels:
        for key in _PERCENT_KEYS:
            text = _text(level.get(key))
            if not text or len(text) > 32:
                continue
            try:
                number = float(text.removesuffix("%"))
            except ValueError:
                continue
            if not math.isfinite(number):
                continue
            # 1 is one percent, 1.0 is all of it: who counts to a hundred counts in whole numbers.
            share = number <= 1 and "%" not in text and ("." in text or key == "progress_pct")
            return min(max(number * 100 if share else number, 0.0), 100.0)
    return None


def _reason(levels: list[dict[str, Any]]) -> str:
    """Find why a job failed; empty where nothing says that it did."""
    for level in levels:
        error = level.get("error")
        if isinstance(error, dict):
            error = error.get("message") or error.get("code") or error.get("type")
        if _text(error):
            return _said(_text(error))
    outer = levels[0] if levels else {}
    failed = outer.get("success") is False or _is_error_code(outer.get("code"))
    worded = bool(_word(levels))
    for level in levels:
        for key in _REASON_KEYS:
            # Beside a good code, a message is a greeting.
            if key in ("message", "msg", "reason") and not (failed or worded):
                continue
            reason = level.get(key)
            if isinstance(reason, str) and reason.strip():
                return _said(reason)
    return (_text(outer.get("code")) or "it failed") if failed else ""


def _is_error_code(code: Any) -> bool:
    if isinstance(code, str):
        return code.lower() not in ("", "success", "ok", "0", "200")
    return isinstance(code, int) and code not in (0, 1, 200)


def _said(text: str) -> str:
    """Take the message out of an error that a relay has put into a string as JSON."""
    text = text.strip()
    if text.startswith("{"):
        try:
            inner = msgspec.json.decode(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return text
        if isinstance(inner, dict):
            named = inner.get("message") or inner.get("code") or inner.get("error")
            if isinstance(named, str):
                return named
    return text


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and value.strip().lower().startswith(("https://", "http://"))


def _results(node: Any, depth: int) -> list[tuple[str, str]]:
    """Find the results' URLs with the names they stand under, nearest to the outside first."""
    if depth > _DEEP:
        return []
    if _is_url(node):
        return [("", node.strip())]
    if isinstance(node, list):
        return [pair for item in node[:_MANY] for pair in _results(item, depth + 1)][:_MANY]
    if not isinstance(node, dict):
        return []
    for key in _URL_KEYS:
        value = node.get(key)
        if isinstance(value, str) and _is_url(value):
            return [(key, value.strip())]
        if isinstance(value, (list, dict)):
            found = _results(value, depth + 1)
            if found:
                return [(name or key, url) for name, url in found]
    for key in _CONTAINERS:
        found = _results(node.get(key), depth + 1)
        if found:
            return found
    return []


def _links(found: list[tuple[str, str]], kind: str) -> list[Link]:
    links: dict[str, Link] = {}
    for name, url in found:
        path = url.split("?", 1)[0].split("#", 1)[0].lower()
        told = kind
        if path.endswith(_FILMS) or name in ("video_url", "videoUrl"):
            told = "film"
        elif path.endswith(_PICTURES) or name in ("image_url", "img_paths"):
            told = "picture"
        if _has_host(url):
            links.setdefault(url, Link(url=url, kind=told))
    return list(links.values())


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _poster(levels: list[dict[str, Any]]) -> str:
    nested = [level.get(key) for level in levels for key in ("video", "output", "metadata")]
    for level in [*levels, *(item for item in nested if isinstance(item, dict))]:
        for key in _POSTER_KEYS:
            value = level.get(key)
            if isinstance(value, dict):
                value = value.get("url")
            if isinstance(value, str) and _is_url(value) and _has_host(value.strip()):
                return value.strip()
    return ""
