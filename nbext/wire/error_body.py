"""Parse an error from a body of any form.

Keys are masked and control characters removed, because the message is shown on a screen.
"""

from __future__ import annotations

import html
import re
from typing import Any

import msgspec

from nbext.util.pattern import pattern

# A longer body is not parsed for an error.
_READ_LIMIT = 1 << 20
_MESSAGE_LIMIT = 500
_DEPTH = 6

_KEYS = pattern(
    r"\bsk-[\w*.-]{6,}"
    r"|\bAIza[\w-]{20,}"
    r"|(?<=\bBearer )\s*[\w.~+/*-]{6,}=*",
    re.IGNORECASE,
)
_REQUEST_ID = pattern(
    r"[\s（(]{0,4}request[ _-]?id\s{0,4}[:：=]\s{0,4}['\"]?([\w.:-]{4,128})['\"]?[)）]?",
    re.IGNORECASE,
)
_RETRY = pattern(
    r"(?:retry_?(?:delay|after)|resets_?in_?seconds)\W{1,6}(\d{1,6}(?:\.\d{1,6})?)(?!\s?ms)"
    r"|(?:try again|retry|available) (?:in|after) (\d{1,6}(?:\.\d{1,6})?)\s?s",
    re.IGNORECASE,
)
_CONTROL = pattern(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_TITLE = pattern(r"<title[^>]{0,200}>([^<]{0,300})", re.IGNORECASE)
# PHP's messages, which some servers write into the answer.
_PHP = pattern(
    rb"(?:<br\s?/?>\s{0,4})?<b>(?:warning|notice|deprecated|strict standards|fatal error)</b>"
)
_PROXY_LINE = pattern(r"\s*error code: (\d{3,4})\s*\Z")
_PROXY_TITLE = pattern(
    r"\b(5\d\d)(?:: | (?=gateway|bad gateway|service|web server|origin))", re.IGNORECASE
)
_CHALLENGE = pattern(
    r"just a moment|attention required|access denied|cf-chl|captcha", re.IGNORECASE
)
_LOGIN = pattern(r"type=['\"]?password|log ?in|sign ?in|登录|登陆", re.IGNORECASE)


class ErrorBody(msgspec.Struct, kw_only=True):
    """The parts of an error; missing ones are empty.

    Attributes:
        message: One line, without request ids and keys.
        code: The provider's code, as text.
        kind: The provider's ``type`` or ``status``.
        param: The parameter that it concerns.
        categories: The categories that a moderation names.
        request_ids: In order: the most remote service first, the endpoint last.
        plain: Whether the body is text, not JSON.
        page: Whether it is an HTML page, or a proxy's line of text.
        title: The page's title.
        proxy_status: The status in a proxy's page or line, 0 without one.
        challenge: Whether the page checks for a browser.
        login: Whether the page asks for a login.
        retry_after: Seconds to wait, if the body names them, as Google's ``RetryInfo`` does.
    """

    message: str = ""
    code: str = ""
    kind: str = ""
    param: str = ""
    categories: list[str] = []
    request_ids: list[str] = []
    plain: bool = False
    page: bool = False
    title: str = ""
    proxy_status: int = 0
    challenge: bool = False
    login: bool = False
    retry_after: float | None = None


def mask(text: str) -> str:
    """Replace keys by ``***``, including partly masked ones.

    Example:
        >>> mask("TokenStatusExhausted[sk-abc***xyz]")
        'TokenStatusExhausted[sk-***]'
    """

    def masked(match: re.Match[str]) -> str:
        return "sk-***" if match[0][:3].lower() == "sk-" else "***"

    return _KEYS.sub(masked, text)


def one_line(text: str, limit: int = _MESSAGE_LIMIT) -> str:
    r"""Convert a text to one line without control characters.

    Example:
        >>> one_line("a\x1b[31m\n b")
        'a [31m b'
    """
    line = " ".join(_CONTROL.sub(" ", text[: 8 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def is_page(head: bytes, content_type: str = "") -> bool:
    """Return whether a body is an HTML page, by its first bytes.

    Some relays call their JSON ``text/html``, so the header alone does not make a page; nor does a
    warning of PHP before the JSON.

    Example:
        >>> is_page(b"<!DOCTYPE html><title>Login</title>"), is_page(b'{"a":1}', "text/html")
        (True, False)
    """
    start = head[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if _PHP.match(start) and re.search(rb"[\s>](?:\{\s*\"|\[\s*[{\"])", head):
        return False
    return start.startswith((b"<!doctype html", b"<html", b"<head")) or (
        "html" in content_type.lower() and start.startswith(b"<")
    )


def read_error_body(body: bytes, content_type: str = "") -> ErrorBody:
    """Parse the error in a body. Never raises.

    Args:
        body: The body as received.
        content_type: The answer's header; pages are also recognised by their first bytes.
    """
    text = body[:_READ_LIMIT].decode("utf-8", "replace").strip().lstrip("\ufeff")
    line = _PROXY_LINE.match(text[:64])
    if line:
        return ErrorBody(page=True, plain=True, title=text[:64], proxy_status=int(line[1]))
    if is_page(body[:512], content_type):
        return _read_page(text)
    parts = ErrorBody()
    value = _json(text)
    if isinstance(value, dict | list):
        _read_value(value, parts, _DEPTH)
        raw = parts.message
    else:
        parts.plain = True
        raw = value if isinstance(value, str) else text
    raw = raw[: 16 * _MESSAGE_LIMIT]
    parts.request_ids = list(dict.fromkeys(_REQUEST_ID.findall(raw)))
    parts.message = mask(one_line(_REQUEST_ID.sub("", raw)))
    parts.retry_after = retry_after_of(text)
    return parts


def retry_after_of(text: str) -> float | None:
    """Return the seconds that a body asks to wait, or None.

    Example:
        >>> retry_after_of('{"retryDelay": "20s"}'), retry_after_of("Please try again in 1.5s.")
        (20.0, 1.5)
    """
    match = _RETRY.search(text[:_READ_LIMIT])
    return min(float(match[1] or match[2]), 86_400.0) if match else None


def _read_page(text: str) -> ErrorBody:
    head = text[: 64 << 10]
    match = _TITLE.search(head)
    title = mask(one_line(html.unescape(match[1]), 120)) if match else ""
    status = _PROXY_TITLE.search(title)
    return ErrorBody(
        page=True,
        title=title,
        proxy_status=int(status[1]) if status else 0,
        challenge=bool(_CHALLENGE.search(title) or "cf-chl" in head),
        login=bool(_LOGIN.search(title) or re.search(r"type=['\"]?password", head, re.IGNORECASE)),
    )


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None


# Fields with messages, innermost first: they are the cause. In lower case, without ``_``.
_NESTED = ("error", "errors", "detail", "data", "baseresp", "fault", "err", "response", "header")
_MESSAGES = (
    "message",
    "msg",
    "messagezh",
    "detail",
    "errormessage",
    "errormsg",
    "errmsg",
    "err",
    "statusmsg",
    "errordescription",
    "description",
    "reason",
    "failreason",
    "failurereason",
    "text",
    "cause",
    "title",
)
_CODES = ("code", "errorcode", "errcode", "statuscode", "retcode")
# Fields that say what exactly was wrong, beside a message that does not.
_DETAILS = ("issues", "meta", "errors", "validationerrors", "invalidparams", "rawmessage")


def _read_value(value: Any, parts: ErrorBody, depth: int) -> None:
    """Read the parts of an error from a JSON value, innermost messages first."""
    if depth == 0:
        return
    if isinstance(value, list):
        # Google wraps its errors in a list; FastAPI lists several errors.
        for item in value[:3]:
            _read_value(item, parts, depth - 1)
        return
    if isinstance(value, str):
        _read_words(value, parts, depth)
        return
    if not isinstance(value, dict):
        return
    fields = {_plain(key): item for key, item in value.items() if isinstance(key, str)}
    for name in _NESTED:
        item = fields.get(name)
        if isinstance(item, dict | list) or (
            name == "error" and item and "errordescription" not in fields
        ):
            _read_value(item, parts, depth - 1)
    metadata = fields.get("metadata")
    if isinstance(metadata, dict):
        _read_words(metadata.get("raw"), parts, depth - 1)
    details = fields.get("moderationdetails")
    if isinstance(details, dict) and isinstance(details.get("categories"), list):
        parts.categories = [one_line(str(name), 40) for name in details["categories"][:8]]
    for name in _MESSAGES:
        words = fields.get(name)
        if isinstance(words, dict):
            _read_value(words, parts, depth - 1)
        else:
            _read_words(words, parts, depth)
    for name in _DETAILS:
        _add_detail(fields.get(name), parts, depth - 1)
    parts.code = parts.code or next((c for name in _CODES if (c := _label(fields.get(name)))), "")
    parts.kind = parts.kind or _label(fields.get("type")) or _label(fields.get("status"))
    parts.param = parts.param or _label(fields.get("param")) or _location(fields.get("loc"))


def _add_detail(value: Any, parts: ErrorBody, depth: int) -> None:
    """Add the message of a detail to a more general one before it."""
    detail = ErrorBody()
    _read_value(value, detail, depth)
    if detail.message and detail.message not in parts.message:
        general = parts.message.rstrip(" .:")
        parts.message = f"{general}: {detail.message}" if general else detail.message


def _plain(key: str) -> str:
    """Normalise a field's name: case, underscores and hyphens vary between endpoints."""
    return key.lower().replace("_", "").replace("-", "")[:64]


def _read_words(words: Any, parts: ErrorBody, depth: int) -> None:
    if not isinstance(words, str) or not words.strip():
        return
    if words.lstrip()[:1] in "{[" and depth > 1:
        inner = _json(words)
        if isinstance(inner, dict | list):
            _read_value(inner, parts, depth - 1)
            return
    if not parts.message:
        parts.message = words


def _location(value: Any) -> str:
    """Return the field that FastAPI names, without its location in the request."""
    names = [_label(name) for name in value[:8]] if isinstance(value, list) else []
    return ".".join(names[1:] if names[:1] == ["body"] else names)


def _label(value: Any) -> str:
    if value is None or isinstance(value, bool | dict | list):
        return ""
    text = one_line(str(value), 120)
    return "" if text == "<nil>" else mask(text)
