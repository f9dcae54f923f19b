"""Convert an endpoint's refusal to one of our errors.

Relays, the services behind them and the proxies in front of them report errors in many forms:
``{"error": {...}}`` (https://platform.openai.com/docs/guides/error-codes), a list around it
(Google), flat ``{"code", "message"}`` with JSON in a string (task interfaces), text, HTML pages.
``error_body.py`` parses the form; the table of ``error_rules.py`` chooses the class.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from nbext import errors
from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.util.suggest import did_you_mean
from nbext.wire.error_body import ErrorBody, mask, one_line, read_error_body
from nbext.wire.error_rules import PAGE_RULES, RULES, ErrorRule
from nbext.wire.meanings import meaning_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from nbext.wire.events import ErrorEvent
    from nbext.wire.meanings import Meaning

BODY_LIMIT = 4096

_ID_HEADERS = ("x-oneapi-request-id", "x-request-id", "request-id", "cf-ray")


_PARAMETER = pattern(r"unknown parameter:? ['\"`]?([\w.\[\]-]{1,64})", re.IGNORECASE)


def classify_error(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    model: str = "",
    models: Sequence[str] = (),
    host: str = "",
    path: str = "",
    sent: Collection[str] = (),
) -> errors.RequestError:
    """Return the error that a refusal stands for.

    Keys are masked everywhere.

    Args:
        status: The HTTP status; 200 if the refusal is in a body that looks like success.
        headers: The answer's headers, names in any case.
        body: The part of the answer that was read.
        model: The requested model.
        models: The models that the endpoint serves, for "did you mean".
        host: The endpoint's host, for the message.
        path: The request's path, for the message.
        sent: The fields of the request.

    Example:
        >>> body = b'{"error":{"message":"Invalid token"}}'
        >>> error = classify_error(401, {}, body, host="relay.example")
        >>> error.remedy
        'Correct it where it is set (%nbext shows where), or use %nbext key.'
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    complaint = read_error_body(body, lowered.get("content-type", ""))
    model = one_line(model, 100)
    details: dict[str, str] = {"path": one_line(path, 100)} if path else {}
    if model:
        details |= {
            "model": phrase("wire.the_model", model=model),
            "guess": did_you_mean(model, models),
        }
    rules, http = RULES, status
    if complaint.page and not 300 <= status < 400:
        rules, http = PAGE_RULES, complaint.proxy_status or status
    fits = functools.partial(_fits, status=http, body=complaint, sent=sent)
    rule = next(rule for rule in rules if fits(rule))
    terms = _terms(http, lowered, complaint, host or phrase("wire.the_endpoint"), details)
    message = phrase(f"rule.{rule.message}", **terms)
    remedy = phrase(f"rule.{rule.remedy}", **terms).strip() if rule.remedy else ""
    if not host:
        message = message[:1].upper() + message[1:]
    request_id = complaint.request_ids[-1] if complaint.request_ids else ""
    if not request_id:
        request_id = next((lowered[n] for n in _ID_HEADERS if lowered.get(n)), "")
    return rule.error(
        mask(message),
        remedy=mask(remedy),
        status_code=status,
        request_id=mask(request_id)[:128],
        body=_excerpt(body),
        maybe_billed=rule.billed,
    )


def classify_event(event: ErrorEvent) -> errors.RequestError:
    """Return the error that a decoder's event stands for.

    Args:
        event: Its ``kind`` is the class's name; an unknown name becomes a ``ServerError``.
    """
    cls = getattr(errors, event.kind, None)
    if not (isinstance(cls, type) and issubclass(cls, errors.RequestError)):
        cls = errors.ServerError
    return cls(
        mask(event.message),
        remedy=mask(event.remedy),
        request_id=mask(event.request_id)[:128],
        body=_excerpt(event.body.encode(errors="replace")),
        maybe_billed=event.maybe_billed,
    )


def _excerpt(body: bytes) -> str:
    # Masked before it is cut, so that no part of a key remains.
    text = mask(body[: 16 * BODY_LIMIT].decode("utf-8", "replace"))
    return text.encode()[:BODY_LIMIT].decode("utf-8", "ignore")


def _fits(rule: ErrorRule, *, status: int, body: ErrorBody, sent: Collection[str]) -> bool:
    """Return whether a rule applies to an answer."""
    upstream = " upstream" if len(body.request_ids) > 1 else ""
    words = f"{body.code} {body.kind} {body.message}{' challenge' * body.challenge} "
    wordless = body.plain or not body.message
    return (
        (not rule.statuses or status in rule.statuses)
        and (rule.words is None or bool(rule.words.search(f"{words}{body.param} ")))
        and (rule.also is None or bool(rule.also.search(f"{words}{upstream}")))
        and (rule.plain is None or rule.plain == wordless)
        and (not rule.sent or rule.sent in sent)
        and (not rule.meaning or rule.meaning == _meaning(body))
    )


def _meaning(body: ErrorBody) -> Meaning:
    # A code is more general than the message: "InvalidParameter" for a picture that is too large.
    return meaning_of(body.message) or meaning_of(f"{body.code}\n{body.kind}")


def _terms(
    status: int, headers: Mapping[str, str], body: ErrorBody, where: str, details: Mapping[str, str]
) -> dict[str, str]:
    """Return the values that the rules' messages refer to."""
    quote = phrase("wire.quote", quote=body.message) if body.message else phrase("wire.stop")
    unsaid = "" if body.message else phrase("wire.http", status=status)
    name = _parameter(body)
    after = headers.get("retry-after", "")
    seconds = int(after) if after.isascii() and after.isdigit() else body.retry_after
    return {
        "where": where,
        "quote": quote,
        "unsaid": unsaid,
        "status": quote + unsaid,
        "http": str(status),
        "target": headers.get("location", "").split("?")[0][:200] or phrase("wire.another_address"),
        "when": phrase("wire.a_while")
        if seconds is None
        else phrase("wire.in_seconds", seconds=seconds),
        "categories": phrase("wire.categories", names=", ".join(body.categories))
        if body.categories
        else "",
        "parameter": name or phrase("wire.that_parameter"),
        "check": phrase("wire.check_parameter", name=name)
        if name
        else phrase("wire.check_options"),
        "title": phrase("wire.title", title=body.title) if body.title else "",
        "page": phrase("wire.a_login_page") if body.login else phrase("wire.a_web_page"),
        "model": phrase("wire.this_model"),
        "guess": "",
        "path": phrase("wire.it"),
        **details,
    }


def _parameter(body: ErrorBody) -> str:
    """Return the parameter that an error concerns, or ""."""
    match = None if body.param else _PARAMETER.search(body.message)
    return match[1] if match else body.param
