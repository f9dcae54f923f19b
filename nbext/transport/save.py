"""Write an answer's body to a sink, if its first bytes are those of a picture or film.

For anything else, the error says what arrived: a page, a message, nothing, an expired link.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import msgspec

from nbext.data.picture import SNIFF_BYTES, identify
from nbext.errors import DownloadError, PictureError
from nbext.imaging.decode import HEADER_BYTES
from nbext.messages.say import phrase
from nbext.transport import retry
from nbext.transport.retry import AttemptFailure, RequestStage
from nbext.util.pattern import pattern
from nbext.util.text import human_size
from nbext.wire.error_body import read_error_body

if TYPE_CHECKING:
    from nbext.data.limits import Limits
    from nbext.data.picture import PictureInfo
    from nbext.transport.response import Reply
    from nbext.wire.events import SinkFactory


_GOOD = (200, 201, 203)
_WHOLE = pattern(r"bytes 0-(\d{1,15})/(\d{1,15})\Z")
# What a page says that will be replaced by the picture.
_PENDING = pattern(
    r"http-equiv=.refresh|processing|generating|please wait|in progress|not ready"
    r"|生成中|处理中|處理中|请稍|正在|обрабатыва|подождите|処理中|생성 중|<html>\s*wait",
    re.IGNORECASE,
)


async def save(
    reply: Reply, sink: SinkFactory, limits: Limits, *, url: str
) -> PictureInfo | AttemptFailure:
    """Write an answer's body into a sink if it is a picture or a film.

    The first bytes decide, not a name or a header.

    Args:
        reply: Whose status is known.
        sink: Called once, when the first bytes are good.
        limits: Of bytes.
        url: For the picture's record.
    """
    length = reply.headers.get("content-length", "")
    expected = int(length) if length.isdigit() and len(length) < 16 else 0
    if reply.status not in _GOOD and not _is_whole(reply):
        return await status_failure(reply)
    if expected > limits.picture_bytes:
        return _too_large(limits)
    head, failure = await reply.read_all(HEADER_BYTES)
    if failure is not None:
        return failure
    kind = identify(head[:SNIFF_BYTES])
    if not kind:
        return _no_picture(reply, head)
    reply.cap = sys.maxsize  # counted below, in the picture's own words
    return await _pour(reply, head, sink, limits, url)


async def _pour(
    reply: Reply, piece: bytes, sink: SinkFactory, limits: Limits, url: str
) -> PictureInfo | AttemptFailure:
    """Write the first piece and all following ones; discard them after an error."""
    target = sink()
    size = 0
    is_kept = False
    try:
        while piece:
            size += len(piece)
            if size > limits.picture_bytes:
                return _too_large(limits)
            target.write(piece)
            following = await reply.read()
            if isinstance(following, AttemptFailure):
                return following
            piece = following
        info = target.close()
        is_kept = True
    except PictureError as error:
        return refused(error.message, error.remedy)
    finally:
        if not is_kept:
            target.abort()
    return msgspec.structs.replace(info, url=url) if url else info


def _is_whole(reply: Reply) -> bool:
    """Return whether an answer in parts, which nobody has asked for, has only one part."""
    match = _WHOLE.match(reply.headers.get("content-range", "")) if reply.status == 206 else None
    return match is not None and int(match[1]) + 1 == int(match[2])


# What a link that has run out says; one that is not there yet says other things.
_EXPIRED = pattern(r"expire|过期|失效", re.IGNORECASE)


async def status_failure(reply: Reply) -> AttemptFailure:
    """Return the failure for a status without a picture, and whether to try again."""
    body, _ = await reply.read_all(4096)
    payload = read_error_body(body, reply.content_type)
    words = payload.title or payload.message
    quote = f': "{words}"' if words else "."
    if reply.status in (401, 403, 410):
        message = phrase("net.link_closed", status=reply.status, quote=quote)
    elif reply.status == 404:
        message = phrase("net.link_missing", quote=quote)
    elif reply.status == 202:
        message = phrase("net.link_pending", quote=quote)
    else:
        message = phrase("net.link_status", status=reply.status, quote=quote)
    text = body.decode("utf-8", "replace")
    error = DownloadError(message, status_code=reply.status, body=text)
    stage = RequestStage.FREE if reply.status in retry.PASSING else RequestStage.FINAL
    if reply.status in retry.MISSING and not _EXPIRED.search(text):
        stage = RequestStage.NOT_YET
    return AttemptFailure(error, stage, retry.retry_after(reply.headers))


def _no_picture(reply: Reply, head: bytes) -> AttemptFailure:
    if not head:
        return AttemptFailure(DownloadError(phrase("net.link_empty")), RequestStage.FREE)
    payload = read_error_body(head[:4096], reply.content_type)
    # A note that it is being made, instead of the status 202.
    stage = RequestStage.FINAL
    if payload.page:
        title = f' ("{payload.title}")' if payload.title else ""
        message = phrase("net.link_page", title=title)
        is_pending = not payload.login and _PENDING.search(head.decode("utf-8", "replace"))
        stage = RequestStage.NOT_YET if is_pending else stage
    elif payload.message and not payload.plain:
        message = phrase("net.link_message", message=payload.message)
        stage = RequestStage.NOT_YET
    else:
        message = phrase("net.link_other")
        stage = RequestStage.FINAL if payload.plain else RequestStage.NOT_YET
    error = DownloadError(
        message, status_code=reply.status, body=head[:4096].decode("utf-8", "replace")
    )
    return AttemptFailure(error, stage)


def _too_large(limits: Limits) -> AttemptFailure:
    return refused(
        phrase("net.picture_size", size=human_size(limits.picture_bytes)),
        phrase("net.allow_bytes", value=4 * limits.picture_bytes),
    )


async def named_address(reply: Reply) -> str | AttemptFailure:
    """Return the address in an answer of JSON, which replaces the picture; empty without one.

    A failure that broke the answer off is returned unchanged.

    Args:
        reply: Whose status is known; its body can still be read.
    """
    from nbext.wire import jobs

    if reply.status not in _GOOD or "json" not in reply.content_type.lower():
        return ""
    head, failure = await reply.read_all(_STATE_BYTES)
    if failure is not None:
        return failure
    reply.give_back(head)
    try:
        _, links = jobs.job(msgspec.json.decode(head))
    except (msgspec.DecodeError, RecursionError, ValueError):
        return ""
    return next((link.url for link in links if link.kind != "poster"), "")


# Bytes of an answer that may name an address.
_STATE_BYTES = 64 << 10


def refused(message: str, remedy: str = "") -> AttemptFailure:
    """Return the failure of a download that is given up."""
    return AttemptFailure(DownloadError(message, remedy=remedy), RequestStage.FINAL)
