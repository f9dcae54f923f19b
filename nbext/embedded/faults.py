"""Errors on request: a model's name decides which one, the same over every API.

The bodies are those of real relays, for lessons and tests.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from nbext.embedded.errors import ReplyError

if TYPE_CHECKING:
    from nbext.embedded.base import Handler

_LOGIN = (
    "<!doctype html>\n<html><head><title>Log in</title></head>"
    "<body><h1>Log in</h1><p>This is the console, not the API.</p></body></html>\n"
)
_TIMEOUT = (
    "<!DOCTYPE html>\n<html><head><title>embedded | 524: A timeout occurred</title></head>"
    "<body><h1>A timeout occurred</h1><p>Error code 524</p></body></html>\n"
)
_SLOW_SECONDS = 30


async def meet(handler: Handler, model: str, *, stream: bool) -> None:
    """Raise the error that the model's name stands for, or return.

    Raises:
        ReplyError: The error that the name stands for.
    """
    name = model.lower()
    if name == "embedded-prompt-blocked" and handler.shape == "gemini":
        return  # handled elsewhere in that format
    if not name.startswith("embedded-"):
        return
    if name == "embedded-slow":
        await handler.wait_exactly(_SLOW_SECONDS)
    elif name == "embedded-silent":
        await handler.wait_exactly(None)
    elif name == "embedded-busy-once":
        token = handler.request.headers.get("Idempotency-Key")
        token = token or hashlib.sha256(handler.body).hexdigest()
        if handler.state.first_time("busy " + token):
            raise _busy(503, handler)
    elif name == "embedded-busy":
        raise _busy(429, handler)
    elif name == "embedded-stream-only" and not stream:
        raise ReplyError(
            403,
            "当前渠道已禁用非流式请求，请改用流式请求(stream=true)",
            type="new_api_error",
            code="non_streaming_disabled",
        )
    elif name in _ERRORS:
        status, message, kind, code, html, ids = _ERRORS[name]
        raise ReplyError(
            status,
            message.replace("{model}", model),
            type=kind,
            code=code,
            html=html,
            request_ids=ids,
        )


def _busy(status: int, handler: Handler) -> ReplyError:
    return ReplyError(
        status,
        "当前分组上游负载已饱和，请稍后再试",
        type="upstream_error",
        code=str(status),
        headers={"Retry-After": "1" if handler.state.pace else "0"},
    )


# name → status, message, type, code, HTML in place of JSON, request ids
_ERRORS: dict[str, tuple[int, str, str, str, str, int]] = {
    "embedded-moderation": (
        400,
        "Your request was rejected by the safety system.",
        "image_generation_user_error",
        "moderation_blocked",
        "",
        1,
    ),
    "embedded-prompt-blocked": (
        400,
        "request blocked by Gemini API: PROHIBITED_CONTENT",
        "v_api_error",
        "prompt_blocked",
        "",
        1,
    ),
    "embedded-no-quota": (
        403,
        "用户额度不足, 剩余额度: ＄-0.003902",
        "new_api_error",
        "insufficient_user_quota",
        "",
        1,
    ),
    "embedded-upstream-quota": (
        403,
        "用户额度不足, 剩余额度: ＄-0.003902",
        "new_api_error",
        "insufficient_user_quota",
        "",
        2,
    ),
    "embedded-error": (
        500,
        'do request failed: Post "https://upstream.example/v1": unexpected EOF',
        "new_api_error",
        "do_request_failed",
        "",
        1,
    ),
    "embedded-not-served": (
        503,
        "分组 default 下模型 {model} 无可用渠道（distributor）",
        "new_api_error",
        "model_not_found",
        "",
        1,
    ),
    "embedded-gateway-timeout": (524, "", "", "", _TIMEOUT, 0),
    "embedded-html": (200, "", "", "", _LOGIN, 0),
}
