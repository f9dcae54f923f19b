"""Writes an answer's body to a sink if, and only if, its first bytes are a picture's or a film's.

What is none gets an error that says what came instead: a page, a message, nothing, an expired link.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec

from nbext.data.picture import dimensions, sniff
from nbext.errors import DownloadError, PictureError
from nbext.imaging.decode import HEADER_BYTES, refuse_size
from nbext.transport import retry
from nbext.transport.decompress import compressions
from nbext.transport.retry import AttemptFailure, RequestStage
from nbext.util.text import human_size
from nbext.wire.error_body import read_error_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.data.limits import Limits
    from nbext.data.picture import PictureInfo
    from nbext.transport.response import Reply
    from nbext.wire.events import SinkFactory

    Progressed = Callable[[int, int | None], None] | None


async def save(
    reply: Reply, sink: SinkFactory, limits: Limits, *, url: str, progress: Progressed
) -> PictureInfo | AttemptFailure:
    """Write an answer's body into a sink if it is a picture or a film.

    The first bytes decide, not a name or a header; the pixels are counted before anything is kept.

    Args:
        reply: Whose status is known.
        sink: Called once, when the first bytes are found good.
        limits: Of bytes and pixels.
        url: For the picture's record.
        progress: Called with the bytes so far and their number in all, where it is known.
    """
    announced = reply.headers.get("content-length", "")
    expected = int(announced) if announced.isdigit() and len(announced) < 16 else None
    if reply.status not in (200, 203):
        return await unwilling(reply)
    packed = compressions(reply.headers.get("content-encoding", ""))
    if packed:
        return refused(f"The picture came compressed ({', '.join(packed)}), unasked.")
    if expected is not None and expected > limits.picture_bytes:
        return _too_large(limits)
    head, trouble = await reply.read_all(HEADER_BYTES)
    if trouble is not None:
        return trouble
    kind = sniff(head[:512])
    if not kind:
        return _no_picture(reply, head)
    try:
        refuse_size(*dimensions(head), limits.picture_pixels)
    except PictureError as error:
        return refused(error.message, error.remedy)
    reply.cap = sys.maxsize  # counted below, in the picture's own words
    return await _pour(reply, head, sink, (limits, url, expected, progress))


async def _pour(
    reply: Reply,
    piece: bytes,
    sink: SinkFactory,
    about: tuple[Limits, str, int | None, Progressed],
) -> PictureInfo | AttemptFailure:
    """Write the first piece and all that follow; forget them where something is wrong."""
    limits, url, expected, progress = about
    target = sink()
    size = 0
    kept = False
    try:
        while piece:
            size += len(piece)
            if size > limits.picture_bytes:
                return _too_large(limits)
            target.write(piece)
            if progress is not None:
                progress(size, expected)
            following = await reply.read()
            if isinstance(following, AttemptFailure):
                return following
            piece = following
        info = target.close()
        kept = True
    except PictureError as error:
        return refused(error.message, error.remedy)
    finally:
        if not kept:
            target.abort()
    return msgspec.structs.replace(info, url=url) if url else info


async def unwilling(reply: Reply) -> AttemptFailure:
    """A status that brings no picture."""
    body, _ = await reply.read_all(4096)
    said = read_error_body(body, reply.content_type)
    words = said.title or said.message
    quote = f': "{words}"' if words else "."
    if reply.status in (401, 403, 410):
        message = f"The picture's link is expired or closed (HTTP {reply.status}){quote}"
    elif reply.status == 404:
        message = f"The picture is not there (HTTP 404){quote}"
    else:
        message = f"The picture's host answered HTTP {reply.status}{quote}"
    error = DownloadError(message, status_code=reply.status, body=body.decode("utf-8", "replace"))
    passing = reply.status in retry.PASSING
    after = retry.retry_after(reply.headers)
    return AttemptFailure(error, RequestStage.FREE if passing else RequestStage.FINAL, after)


def _no_picture(reply: Reply, head: bytes) -> AttemptFailure:
    if not head:
        return AttemptFailure(
            DownloadError("The picture's link brought 0 bytes."), RequestStage.FREE
        )
    said = read_error_body(head[:4096], reply.content_type)
    if said.page:
        title = f' ("{said.title}")' if said.title else ""
        message = f"The picture's link brought a web page{title}."
    elif said.message and not said.plain:
        message = f'The picture\'s link brought a message: "{said.message}"'
    else:
        message = "The picture's link brought something that is no picture."
    error = DownloadError(
        message, status_code=reply.status, body=head[:4096].decode("utf-8", "replace")
    )
    return AttemptFailure(error, RequestStage.FINAL)


def _too_large(limits: Limits) -> AttemptFailure:
    return refused(
        f"The picture has more than {human_size(limits.picture_bytes)}.",
        f"Allow more: %config Nbext.picture_bytes = {4 * limits.picture_bytes}",
    )


def refused(message: str, remedy: str = "") -> AttemptFailure:
    """A download that is given up, and why."""
    return AttemptFailure(DownloadError(message, remedy=remedy), RequestStage.FINAL)
