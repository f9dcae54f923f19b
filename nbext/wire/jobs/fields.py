"""Look through the levels of an answer about a job, and read its fields as text."""

from __future__ import annotations

import re
from typing import Any

from nbext.util.pattern import pattern
from nbext.wire.urls import cleaned, is_address, splits

STATUS_KEYS = ("status", "task_status", "taskStatus", "state", "job_status", "phase")

# Objects with a status of their own, which is not the job's.
_NO_LEVEL = pattern(r"errors?|input|request|usage|meta\w*|parameters|config\w*|user|account")

# Fields that contain the objects about the job.
_LEVEL = pattern(
    r"data|detail|pending_info|output|result|resp(?:onse)?"
    r"|[a-z]*(?:task|job|prediction|generation|operation)s?",
    re.IGNORECASE,
)

MAX_DEPTH = 8

# The codes of success: of HTTP, of Volcengine, of midjourney-proxy's queue.
_GOOD_CODES = frozenset({0, 1, 22, 200, 201, 202, 10000})

MAX_ITEMS = 64


def levels_of(value: Any) -> list[dict[str, Any]]:
    """Return the objects that may describe the job, outermost first."""
    if isinstance(value, list):
        value = value[0] if value else None
    levels: list[dict[str, Any]] = []
    waiting = [value]
    while waiting and len(levels) < MAX_DEPTH:
        node = waiting.pop(0)
        if isinstance(node, list):
            node = node[0] if node else None
        if isinstance(node, dict):
            levels.append(node)
            waiting += [
                item
                for key, item in node.items()
                if isinstance(item, dict | list)
                and (_LEVEL.fullmatch(key) or _has_status(key, item))
            ]
    return levels


def _has_status(key: str, item: dict[str, Any] | list[Any]) -> bool:
    """Return whether an object in an unknown field has a status and an id of its own."""
    if not isinstance(item, dict) or _NO_LEVEL.fullmatch(key):
        return False
    return "id" in item and any(isinstance(item.get(name), str) for name in STATUS_KEYS)


def text_of(value: Any) -> str:
    """Return a text or a number of ordinary length as text, "" for anything else."""
    if isinstance(value, str):
        return value.strip()
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if number and abs(value) < 1e18 else ""


def first_text(levels: list[dict[str, Any]], keys: tuple[str, ...]) -> str:
    """Return the first text under one of the keys, level by level; empty if there is none."""
    return next((t for level in levels for key in keys if (t := text_of(level.get(key)))), "")


def is_error_code(code: Any) -> bool:
    """Return whether a code beside a message says that something went wrong."""
    if isinstance(code, str):
        return code.lower() not in ("", "success", "ok", *map(str, _GOOD_CODES))
    return isinstance(code, int) and code not in _GOOD_CODES


def url_of(value: Any) -> str:
    """Return an address to download, "" for anything else; a path is relative to the endpoint."""
    if not isinstance(value, str):
        return ""
    text = value.strip()
    if text.startswith("/"):
        return cleaned(text) if is_address(text) else ""
    return cleaned(text) if splits(text) is not None else ""


def first_url(levels: list[dict[str, Any]], keys: tuple[str, ...]) -> str:
    """Return the first address under one of the keys, level by level; empty if there is none."""
    return next((u for level in levels for key in keys if (u := url_of(level.get(key)))), "")


def plain_key(key: str) -> str:
    """Normalise a field's name: its spelling varies between endpoints."""
    return key.replace("_", "").lower()
