"""Failures that an answer tells in words, as if it were one."""

from __future__ import annotations

import re

from nbext.wire.events import ErrorEvent
from nbext.wire.links import result_text

_POLICY = re.compile(
    r"内容政策|违反了?我们的|防护限制|裸露|色情|安全政策|"
    r"content polic|policy violation|usage polic|"
    r"(?:our|content|usage|safety|community) guidelines|"
    r"(?:input|output|content)[ _]moderation|moderation[ _](?:block|system|filter)",
    re.IGNORECASE,
)
_DECLINED = re.compile(
    r"不能生成|无法生成|无法创建|"
    r"(?:sorry|unable|i|we) ?,? ?(?:but )?(?:i |we )?"
    r"(?:can(?:'|’)?t|cannot|can not|am not able to|(?:'|’)m unable to|unable to) "
    r"(?:help|assist|create|generate|comply|fulfil|draw|make|produce)|"
    r"not able to (?:generate|create)|cannot comply",
    re.IGNORECASE,
)
_FAILED = re.compile(r"生成失败|失败原因|generation failed|failed to generate", re.IGNORECASE)
_REASON = re.compile(r"(?:失败原因|原因|reason)\s*[:：]\s*([^\n]{1,200})", re.IGNORECASE)
_QUEUED = re.compile(
    r"很多人在创建图片|图片准备好后|lots of people are creating images|processing image|"
    r"images? (?:will be|is) ready.{0,40}notify",
    re.IGNORECASE,
)
_LIMITED = re.compile(r"rate limit|too many requests|请求过于频繁|稍后再试|额度已", re.IGNORECASE)
_QUESTION = re.compile(
    r"upload (?:a|the|your) (?:photo|image|picture)|请上传|请提供", re.IGNORECASE
)


def detect_refusal(text: str) -> ErrorEvent | None:
    """Say why an answer without a picture has none, where its words tell.

    Only asked where no picture came: a picture's own text may speak of anything.
    """
    answer = result_text(text)[-20_000:]
    quote = " ".join(answer.split())[:300]
    reason = _REASON.search(answer)
    kind = "NoPictureError"
    if _POLICY.search(reason[1] if reason else answer):
        kind, message = "ModerationError", "The model refused"
        remedy = "Say it in other words, or try another model."
    elif _LIMITED.search(answer):
        kind, message = "RateLimitError", "The model says that it is at its limit"
        remedy = "Wait a little, then try again."
    elif _QUEUED.search(answer):
        message = "The model has put the picture into a queue, and no picture follows"
        remedy = "Try again when it is less busy, or another model."
    elif _FAILED.search(answer):
        message, remedy = "The picture failed", "Try again, or another model."
    elif _DECLINED.search(answer):
        kind, message = "ModerationError", "The model refused"
        remedy = "Say it in other words, or try another model."
    elif _QUESTION.search(answer):
        message = "The model asks for a picture"
        remedy = "Give one: --image REF, or say what to draw."
    else:
        return None
    return ErrorEvent(
        kind=kind,
        message=f"{message}: {quote}",
        remedy=remedy,
        body=text[:4096],
        maybe_billed=True,
    )
