"""From an answer that says no to an error that a person understands.

Relays, the services behind them and the proxies in front of them say one thing in many shapes:
``{"error": {...}}`` (https://platform.openai.com/docs/guides/error-codes), a list around it
(Google), flat ``{"code", "message"}`` with JSON in a string (task interfaces), text, HTML pages.
The shape is read by ``complaint.py``; here the status, the code and the words choose the class.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbext import errors
from nbext.util.suggest import did_you_mean
from nbext.wire.error_body import ErrorBody, mask, one_line, read_error_body

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbext.wire.events import ErrorEvent

BODY_LIMIT = 4096

_ID_HEADERS = ("x-oneapi-request-id", "x-request-id", "request-id", "cf-ray")


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


# What is refused for its content. Providers' codes, then the sentences that relays pass on.
_MODERATION = _words(
    r"moderation",
    r"prompt_blocked",
    r"prohibited_content",
    r"content[_ ]policy",
    r"content[_ ]filter",
    r"policy[_ ]violation",
    r"safety[_ ]system",
    r"blocked by .{0,40}safety",
    r"image_safety",
    r"sensitive[_ ]words?",
    r"敏感词",
    r"敏感内容",
    r"内容政策",
    r"内容审核",
    r"内容安全",
    r"防护限制",
    r"违规",
    r"安全政策",
    r"安全策略",
)
_QUOTA = _words(
    r"insufficient[_ ](user_|account_)?(quota|balance|credits?|funds)",
    r"pre_consume_token_quota_failed",
    r"exceeded your current quota",
    r"billing_hard_limit",
    r"not enough (credits?|balance)",
    r"credit balance is too low",
    r"TokenStatusExhausted",
    # LiteLLM's: a student's budget, a team's, a key's.
    r"budget_exceeded",
    r"budget has been exceeded",
    r"exceeded\w{0,20}budget",
    r"额度不足",
    r"额度失败",
    r"额度已用尽",
    r"余额不足",
    r"欠费",
)
_BUSY = _words(
    r"upstream_load_saturated",
    r"rate_limit",
    r"too many requests",
    r"resource_exhausted",
    r"overloaded",
    r"负载已饱和",
    r"每分钟最多",
    r"请求过于频繁",
    r"稍后再试",
)
_NO_MODEL = _words(
    r"model_not_found",
    r"无可用渠道",
    r"no available channel",
    r"model .{0,200}(does not exist|not found|not exist|is not supported|not available)",
    r"(unknown|invalid|unsupported) model\b",
    r"模型.{0,200}(不存在|未找到|不支持)",
)
_NO_ACCESS = _words(
    r"无权访问",
    r"no access to",
    r"access_denied",
    r"permission",
    r"not allowed",
    r"ip.{0,20}(not allowed|白名单)",
)
_BAD_KEY = _words(
    r"invalid[_ ](api[_ ]?key|token)",
    r"incorrect api key",
    r"api[_ ]key[_ ](invalid|not valid)",
    r"api key not valid",
    r"无效的令牌",
    r"令牌已过期",
    r"令牌状态不可用",
)
_EXPIRED = _words(r"过期", r"expired")
_UPSTREAM_TROUBLE = _words(r"do_request_failed", r"empty_response", r"bad_response")
_GATEWAY = frozenset({502, 504, *range(520, 525)})
_PARAMETER = re.compile(r"unknown parameter:? ['\"`]?([\w.\[\]-]{1,64})", re.IGNORECASE)
_UPSTREAM = _words(r"上游", r"upstream")
_UNKNOWN = _words(r"unknown", r"un-?supported", r"not support", r"unrecogni[sz]ed", r"不支持")
_NO_STREAM = _words(r"stream(ing)?( mode| output)?( is|s)? not support", r"不支持流式")
# What a request says that is to be answered as a stream.
STREAMING = frozenset({"stream", "stream_options", "partial_images"})


def classify_error(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    model: str = "",
    models: Sequence[str] = (),
    host: str = "",
) -> errors.RequestError:
    """Say what an answer's refusal means.

    Keys are masked in everything that is kept.

    Args:
        status: Of HTTP. 200 where the refusal stands in a body that looks like success.
        headers: Of the answer, names in any case.
        body: What was read of the answer.
        model: As asked.
        models: That the endpoint serves, for "did you mean".
        host: The endpoint's, for the words.

    Example:
        >>> body = b'{"error":{"message":"Invalid token"}}'
        >>> error = classify_error(401, {}, body, host="relay.example")
        >>> type(error).__name__, error.remedy
        ('AuthenticationError', 'Correct it where it is set: %nbext says where. Or use %nbext key.')
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    complaint = read_error_body(body, lowered.get("content-type", ""))
    model = one_line(model, 100)
    guess = did_you_mean(model, models) if model else ""
    where = host or "the endpoint"
    cls, message, remedy, billed = _judge(status, lowered, complaint, where, (model, guess))
    if not host:
        message = message[:1].upper() + message[1:]
    request_id = complaint.request_ids[-1] if complaint.request_ids else ""
    if not request_id:
        request_id = next((lowered[n] for n in _ID_HEADERS if lowered.get(n)), "")
    return cls(
        mask(message),
        remedy=mask(remedy),
        status_code=status,
        request_id=mask(request_id)[:128],
        body=_kept(body),
        maybe_billed=billed,
    )


def classify_event(event: ErrorEvent) -> errors.RequestError:
    """Make the error that a decoder's ``Failed`` event stands for.

    Args:
        event: Its ``kind`` is the class's name; a name that is none becomes a ``ServerError``.
    """
    cls = getattr(errors, event.kind, None)
    if not (isinstance(cls, type) and issubclass(cls, errors.RequestError)):
        cls = errors.ServerError
    return cls(
        mask(event.message),
        remedy=mask(event.remedy),
        request_id=mask(event.request_id)[:128],
        body=_kept(event.body.encode(errors="replace")),
        maybe_billed=event.maybe_billed,
    )


def refuses_a_stream(said: ErrorBody) -> bool:
    """Whether an endpoint refuses to be asked for a stream, which is no fault of the request.

    Example:
        >>> refuses_a_stream(ErrorBody(message="Unknown parameter: 'stream'."))
        True
    """
    if _parameter(said) in STREAMING and _UNKNOWN.search(f"{said.code} {said.message}"):
        return True
    return bool(_NO_STREAM.search(said.message))


def _parameter(said: ErrorBody) -> str:
    """The parameter that a complaint is about, empty where it names none."""
    found = None if said.param else _PARAMETER.search(said.message)
    return found[1] if found else said.param


def _kept(body: bytes) -> str:
    # Masked before it is cut, so that no key is cut in two and slips through.
    text = mask(body[: 16 * BODY_LIMIT].decode("utf-8", "replace"))
    return text.encode()[:BODY_LIMIT].decode("utf-8", "ignore")


_Verdict = tuple[type[errors.RequestError], str, str, bool]


def _judge(
    status: int,
    headers: Mapping[str, str],
    said: ErrorBody,
    where: str,
    asked: tuple[str, str],
) -> _Verdict:
    """Choose class, message, remedy and whether it may have been billed."""
    if 300 <= status < 400:
        target = headers.get("location", "").split("?")[0][:200]
        return (
            errors.NotAnEndpointError,
            f"{where} redirects to {target or 'another address'}; a key is not sent along.",
            "Set the base URL to the address that it redirects to.",
            False,
        )
    if said.page:
        return _judge_page(status, said, where)

    words = f"{said.code} {said.kind} {said.message}"
    quote = f': "{said.message}"' if said.message else "."
    unsaid = f" (HTTP {status})" if not said.message else ""

    # Google says "quota" of the requests in a minute, and means it so where it names this status.
    if status == 429 and "RESOURCE_EXHAUSTED" in words:
        return _judge_busy(status, headers, said, where, quote)
    # Status 401 is about the key, whatever else the words remind of, but for a spent allowance.
    if status == 402 or (status in (200, 400, 401, 403, 429, 500, 503) and _QUOTA.search(words)):
        return _judge_quota(said, where, quote)
    if status == 401 or (status in (200, 400, 403) and _BAD_KEY.search(words)):
        expired = " any more" if _EXPIRED.search(words) else ""
        return (
            errors.AuthenticationError,
            f"{where} does not accept the key{expired}{quote}",
            "Correct it where it is set: %nbext says where. Or use %nbext key.",
            False,
        )
    if status != 429 and _MODERATION.search(words):
        categories = f" ({', '.join(said.categories)})" if said.categories else ""
        return (
            errors.ModerationError,
            f"{where} refused it for its content{categories}{quote}",
            "Say it in other words, or try another model.",
            False,
        )
    if said.code == "non_streaming_disabled":
        return (
            errors.BadRequestError,
            f"{where} answers this model as a stream only{quote}",
            "Ask for a stream: -p stream=true.",
            False,
        )
    if status == 403 and _NO_ACCESS.search(words):
        return _judge_access(where, quote, words)
    if _NO_MODEL.search(words) and status in (200, 400, 403, 404, 422, 500, 503):
        model, guess = asked
        named = f"the model {model}" if model else "this model"
        return (
            errors.ModelError,
            f"{where} does not serve {named} to this key{quote}",
            f"{guess} %models lists what it serves.".strip(),
            False,
        )
    if status in (404, 405):
        if said.plain or status == 405 or not said.message or "invalid url" in words.lower():
            return (
                errors.NotAnEndpointError,
                f"{where} knows no such address{quote}{unsaid}",
                "Check the base URL: it usually ends in /v1.",
                False,
            )
        return errors.BadRequestError, f"{where} does not find it{quote}", "", False
    if status in (424, 429) or (status in (200, 403, 500, 503) and _BUSY.search(words)):
        return _judge_busy(status, headers, said, where, quote)
    if status == 403:
        return _judge_access(where, quote + unsaid, words)
    if said.code == "build_request_failed" or status in (400, 409, 411, 413, 414, 415, 422):
        return _judge_parameter(status, said, where, quote + unsaid)
    if status == 408 or status in (504, 522, 524):
        return _timed_out(status, where)
    if status in _GATEWAY or (status >= 500 and status not in (501, 503, 505)):
        if _UPSTREAM_TROUBLE.search(words):
            where = f"{where} got no usable answer from the service behind it"
        else:
            where = f"{where} failed with HTTP {status}"
        return (
            errors.ServerError,
            f"{where}{quote}",
            "See whether the relay's log has it before you send it again.",
            True,
        )
    if status >= 500:
        return (
            errors.ServerError,
            f"{where} is not available now (HTTP {status}){quote}",
            "Try again later, or another model or endpoint.",
            False,
        )
    if status >= 400:
        return errors.BadRequestError, f"{where} refused it (HTTP {status}){quote}", "", False
    again = "Try again later, or another model or endpoint."
    return errors.ServerError, f"{where} answered with an error{quote}", again, False


def _judge_page(status: int, said: ErrorBody, where: str) -> _Verdict:
    """An HTML page, or a proxy's line of text, instead of an answer."""
    title = f' ("{said.title}")' if said.title else ""
    status = said.proxy_status or status
    if status in (408, 504, 522, 524):
        return _timed_out(status, where)
    if status in (401, 403, 429, 503) and said.challenge:
        return (
            errors.AccessError,
            f"{where} sent a page that asks for a browser{title}: its firewall stops this address.",
            "Use the relay's address for programs, or another network.",
            False,
        )
    if status == 429:
        return (
            errors.RateLimitError,
            f"{where} has had too many requests{title}.",
            "Wait a little, then try again.",
            False,
        )
    if status == 413:
        return _judge_parameter(status, said, where, f"{title}.")
    if status >= 500:
        return (
            errors.ServerError,
            f"The proxy in front of {where} gave up with HTTP {status}{title}.",
            "See whether the relay's log has it before you send it again.",
            status not in (501, 503, 505),
        )
    page = "a login page" if said.login else "a web page"
    return (
        errors.NotAnEndpointError,
        f"{where} answered with {page}{title}, not as an endpoint does.",
        "Check the base URL: it is the address for programs, and usually ends in /v1.",
        False,
    )


def _timed_out(status: int, where: str) -> _Verdict:
    return (
        errors.TimedOutError,
        f"The proxy in front of {where} stopped waiting (HTTP {status}), maybe not the relay.",
        "Streaming keeps such a connection open, where the model can.",
        True,
    )


def _judge_quota(said: ErrorBody, where: str, quote: str) -> _Verdict:
    # Two ids in one message: the refusal comes from a relay behind the relay, so the balance that
    # is used up is the relay's own.
    if len(said.request_ids) > 1 or _UPSTREAM.search(said.message):
        return (
            errors.QuotaError,
            f"{where} has no balance left at the service behind it{quote}",
            "It is not your balance: tell the relay's support, or try another model or endpoint.",
            False,
        )
    return (
        errors.QuotaError,
        f"The balance of this key at {where} is used up{quote}",
        "Add to the balance, raise the key's own allowance, or use another key.",
        False,
    )


def _judge_access(where: str, quote: str, words: str) -> _Verdict:
    if re.search(r"\bip\b|access_denied|白名单", words, re.IGNORECASE):
        remedy = "Add this machine's address to the key's list at the relay."
    elif "分组" in words or "group" in words.lower():
        remedy = "Give the key a group that has the model, at the relay."
    else:
        remedy = "Allow it in the key's settings at the relay, or use another key."
    return errors.AccessError, f"{where} does not let this key do that{quote}", remedy, False


def _judge_busy(
    status: int, headers: Mapping[str, str], said: ErrorBody, where: str, quote: str
) -> _Verdict:
    if status == 424:
        message = f"{where} could not take the job{quote}"
        return errors.RateLimitError, message, "Try again, or another model.", False
    after = headers.get("retry-after", "")
    when = f"in {after} s" if after.isascii() and after.isdigit() else "in a while"
    busy = "is at its limit" if _UPSTREAM.search(said.message) else "has had too many requests"
    return (
        errors.RateLimitError,
        f"{where} {busy}{quote}",
        f"Try again {when}, or with another model.",
        False,
    )


def _judge_parameter(status: int, said: ErrorBody, where: str, quote: str) -> _Verdict:
    name = _parameter(said)
    if refuses_a_stream(said):
        remedy = "Ask for it in one piece: -p stream=false."
    elif said.code == "unknown_parameter" or "unknown parameter" in said.message.lower():
        remedy = f"Leave out {name}." if name else "Leave out the parameter that it names."
    elif status == 413:
        remedy = "Give fewer or smaller reference pictures."
    else:
        remedy = f"Check {name}." if name else "Check the options; --dry-run shows what is sent."
    return errors.BadRequestError, f"{where} does not accept the request{quote}", remedy, False
