"""JSON values that an endpoint has sent: read, and looked into, whatever they are."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from nbext.util.pattern import pattern

# What is read where there is no JSON; null is JSON.
NOTHING = object()
# RFC 7464 begins each text with a record separator.
_SPACE = pattern(r"[\s\x1e]*")
# Objects and lists, and values in them; each takes some sixty bytes of memory. No answer has so
# many, however many words it has.
MOST_OBJECTS = 500_000
MOST_VALUES = 2_000_000


def as_dict(value: Any) -> dict[str, Any]:
    """Give an object as it is, and an empty one for all else."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Give a list as it is, and an empty one for all else."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """Give a text as it is, and an empty one for all else."""
    return value if isinstance(value, str) else ""


def is_url(text: str) -> bool:
    """Tell whether a text is the address of something on the web."""
    return text[:8].lower().startswith(("https://", "http://"))


def error_of(value: Any) -> Any:
    """Give the error that a value is, None where it is none.

    An object with a status or an output is an answer, which may speak of an error among others. An
    empty error is none.
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


# How a complaint names its code, and its words; letter case and underscores do not count.
_CODES = frozenset(
    ["code", "statuscode", "errcode", "errorcode", "retcode", "ret", "errno", "resultcode"]
)
_FAILED_STATE = pattern(r"fail|error|reject|denied|refus|unauthori", re.IGNORECASE)
_COMPLAINTS = frozenset(
    ["error", "errors", "detail", "errormsg", "errmsg", "errormessage", "fault"]
)
_GOOD = frozenset(["", "0", "1", "200", "201", "ok", "success", "succeed", "succeeded", "true"])


def is_complaint(value: Any, depth: int = 0) -> bool:
    """Whether an answer in which nothing else was found complains of something.

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
    """Whether some JSON would fill the memory once it is read, by counting its punctuation.

    Example:
        >>> has_too_many_values(b"[" + b"{}," * 600_000 + b"{}]"), has_too_many_values(b"{}")
        (True, False)
    """
    if len(data) < MOST_OBJECTS:
        return False
    return data.count(b"{") + data.count(b"[") > MOST_OBJECTS or data.count(b",") > MOST_VALUES


def decode_pieces(data: bytes) -> list[Any]:
    r"""Read one event's data: a value of JSON, or one a line where a relay leaves out empty lines.

    Returns:
        The values, ``NOTHING`` for what is no JSON.
    """
    value = decode(data)
    if value is not NOTHING or b"\n" not in data:
        return [value]
    values = [decode(line) for line in data.split(b"\n") if line.strip() and line != b"[DONE]"]
    return values if values and NOTHING not in values else [NOTHING]


def error_status(error: Any) -> int:
    """Give the HTTP status that an error names as its code, 200 where it names none.

    Example:
        >>> error_status({"code": 429}), error_status({"code": "model_not_found"})
        (429, 200)
    """
    code = as_dict(error).get("code")
    if isinstance(code, str) and len(code) == 3 and code.isdecimal():
        code = int(code)
    return code if isinstance(code, int) and 400 <= code < 600 else 200


def encoded(value: Any) -> bytes:
    """Write a value as JSON; an empty object where it cannot be written."""
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError):
        return b"{}"


def decode(data: bytes) -> Any:
    """Read JSON, also what is only nearly so.

    Endpoints cut a character in two between the pieces of a stream, write line breaks into strings,
    and numbers that are none.

    Returns:
        ``NOTHING`` where it is no JSON, or more than anybody reads.
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
        # Half a character cannot be written down anywhere; what cannot be is replaced here.
        return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return NOTHING


def decode_all(data: bytes) -> tuple[list[Any], bool]:
    r"""Read the JSON of a whole answer: one value, or objects that follow each other.

    Some endpoints write the pieces of a stream in bare lines; some proxies add a comment of theirs
    behind the answer, which is left out.

    Returns:
        The values, and whether another one has begun and not come to its end.

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
