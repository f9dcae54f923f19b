"""Decode and inspect an endpoint's JSON, whatever it contains."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from nbext.util.pattern import pattern

# Returned if there is no JSON; null is JSON.
NOTHING = object()
# RFC 7464 starts each text with a record separator.
_SPACE = pattern(r"[\s\x1e]*")
# The most objects, lists and values; each takes about sixty bytes of memory. Real answers have
# far fewer, however long their text.
MOST_OBJECTS = 500_000
MOST_VALUES = 2_000_000


def as_dict(value: Any) -> dict[str, Any]:
    """Return an object unchanged, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return a list unchanged, an empty one for anything else."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """Return a text unchanged, an empty one for anything else."""
    return value if isinstance(value, str) else ""


def is_url(text: str) -> bool:
    """Return whether a text is a web address."""
    return text[:8].lower().startswith(("https://", "http://"))


def error_of(value: Any) -> Any:
    """Return the error that a value is, None if it is not one.

    An object with a status or an output is an answer, which may contain an error among others. An
    empty error does not count.
    """
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else None
    answer = as_dict(value)
    if "status" in answer or "output" in answer:
        return None
    error = answer.get("error")
    if error and isinstance(error, (dict, str)):
        return error
    if error is True and as_text(answer.get("message") or answer.get("msg")):
        return answer
    if answer.get("success") is False or answer.get("object") == "error":
        return answer
    good = (None, "", "success", "ok", 0, 200, "0", "200")
    if answer.get("code") not in good and "message" in answer and not answer.get("data"):
        return answer
    return None


# The names of an error's code and message; case and underscores are ignored.
_CODES = frozenset(
    ["code", "statuscode", "errcode", "errorcode", "retcode", "ret", "errno", "resultcode"]
)
_FAILED_STATE = pattern(r"fail|error|reject|denied|refus|unauthori", re.IGNORECASE)
_COMPLAINTS = frozenset(
    ["error", "errors", "detail", "errormsg", "errmsg", "errormessage", "fault"]
)
_GOOD = frozenset(["", "0", "1", "200", "201", "ok", "success", "succeed", "succeeded", "true"])


def is_complaint(value: Any, depth: int = 0) -> bool:
    """Return whether an answer without other contents is an error.

    Example:
        >>> is_complaint({"code": -1, "msg": "余额不足"}), is_complaint({"code": 0, "msg": "ok"})
        (True, False)
    """
    if isinstance(value, list):
        return depth < 3 and any(is_complaint(item, depth + 1) for item in value[:3])
    for key, item in as_dict(value).items():
        name = key.lower().replace("_", "").replace("-", "")
        if name in _COMPLAINTS and item and (item is True or not isinstance(item, int | float)):
            return True
        if name in ("success", "ok") and item is False:
            return True
        if name in ("status", "state") and isinstance(item, str) and _FAILED_STATE.search(item):
            return True
        is_code = name in _CODES and isinstance(item, (int, str)) and not isinstance(item, bool)
        if is_code and str(item).strip().lower() not in _GOOD:
            return True
        if depth < 2 and isinstance(item, dict) and is_complaint(item, depth + 1):
            return True
    return False


def has_too_many_values(data: bytes) -> bool:
    """Return whether JSON would fill the memory when parsed, by counting its punctuation.

    Example:
        >>> has_too_many_values(b"[" + b"{}," * 600_000 + b"{}]"), has_too_many_values(b"{}")
        (True, False)
    """
    if len(data) < MOST_OBJECTS:
        return False
    return data.count(b"{") + data.count(b"[") > MOST_OBJECTS or data.count(b",") > MOST_VALUES


def decode_pieces(data: bytes) -> list[Any]:
    r"""Decode an event's data: one JSON value, or several if a relay omits what is between them.

    Returns:
        The values, ``NOTHING`` for invalid JSON.
    """
    value = decode(data)
    if value is not NOTHING:
        return [value]
    if b"\n" not in data:
        values, cut = decode_all(data) if data[-1:] in (b"}", b"]") else ([], True)
        return values if len(values) > 1 and not cut else [NOTHING]
    values = [decode(line) for line in data.split(b"\n") if line.strip() and line != b"[DONE]"]
    return values if values and NOTHING not in values else [NOTHING]


def error_status(error: Any) -> int:
    """Return the HTTP status that an error has as its code, 200 without one.

    Example:
        >>> error_status({"code": 429}), error_status({"code": "model_not_found"})
        (429, 200)
    """
    code = as_dict(error).get("code")
    if isinstance(code, str) and len(code) == 3 and code.isdecimal():
        code = int(code)
    return code if isinstance(code, int) and 400 <= code < 600 else 200


def encoded(value: Any) -> bytes:
    """Encode a value as JSON; an empty object if that is not possible."""
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError):
        return b"{}"


def decode(data: bytes) -> Any:
    """Decode JSON, including slightly invalid JSON.

    Endpoints split characters between the pieces of a stream, write line breaks into strings, and
    send invalid numbers.

    Returns:
        ``NOTHING`` if it is not JSON, or too large.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    if has_too_many_values(data):
        return NOTHING
    try:
        return msgspec.json.decode(data)
    except RecursionError:
        return NOTHING
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass
    try:
        value = _LENIENT.decode(data.decode("utf-8", "replace").strip())
        # Half a character cannot be written anywhere; replace it.
        return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return NOTHING


def decode_all(data: bytes) -> tuple[list[Any], bool]:
    r"""Decode the JSON of a whole answer: one value, or consecutive objects.

    Some endpoints write the pieces of a stream in bare lines; some proxies append a comment, which
    is ignored.

    Returns:
        The values, and whether another one has begun but is incomplete.

    Example:
        >>> decode_all(b'{"a": 1}\n{"b": 2} <!-- cached -->')
        ([{'a': 1}, {'b': 2}], False)
    """
    value = decode(data)
    if value is not NOTHING:
        return [value], False
    text = data.decode("utf-8", "replace").lstrip("\ufeff\x1e \t\r\n")
    values: list[Any] = []
    at = 0
    while text.startswith(("{", "["), at):
        try:
            value, at = _LENIENT.raw_decode(text, at)
        except (ValueError, RecursionError):
            return values, True
        values.append(decode(json.dumps(value).encode()))
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
    return values, False


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 20 else float(digits)


_LENIENT = json.JSONDecoder(strict=False, parse_int=_integer, parse_constant=lambda _: None)
