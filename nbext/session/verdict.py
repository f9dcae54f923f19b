"""Why nothing has come: what an answer, or the lack of one, means as an error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbext.errors import DownloadError, NoPictureError
from nbext.wire.error_body import one_line
from nbext.wire.error_classes import classify_event

if TYPE_CHECKING:
    from nbext.data.endpoint import Endpoint
    from nbext.data.request import Request
    from nbext.errors import NbextError, RequestError
    from nbext.session.accumulator import ResponseAccumulator
    from nbext.wire.events import ErrorEvent

# Base64 that is no picture which is accepted says nothing to a reader.
_DATA = re.compile(r"(;base64,|\b)[A-Za-z0-9+/_-]{80,}={0,2}")


# An answer that ends like this ends as it should.
_ENDINGS = frozenset(["", "stop", "completed", "done", "success", "succeeded", "end_turn", "tool_calls"])


def error_from_event(failed: ErrorEvent, answer: ResponseAccumulator) -> RequestError:
    """Make the error that an answer tells of, with what is known of the answer itself."""
    error = classify_event(failed)
    error.status_code = answer.status
    error.request_id = error.request_id or answer.request_id
    error.body = error.body or answer_body(answer)
    return error


def no_picture_error(
    asked: Request, answer: ResponseAccumulator, endpoint: Endpoint
) -> NoPictureError:
    """Say that an answer is no picture, or no film, and what it says instead."""
    wanted = "picture" if asked.kind == "draw" else "film"
    raw = answer.raw_answer
    quote = one_line(_DATA.sub(r"\1…", answer.text[:20_000]), 300)
    quote = quote or (one_line(raw.words, 300) if raw is not None else "")
    if answer.calls:
        names = ", ".join(dict.fromkeys(call.name for call in answer.calls))
        quote = f"it asks for the function {one_line(names, 100)}. {quote}".strip()
    elif not quote and raw is not None and raw.body.strip():
        quote = one_line(raw.body, 200)
    ending = answer.finish_reason
    why = f" (it ended with {one_line(ending, 60)})" if ending.lower() not in _ENDINGS else ""
    return NoPictureError(
        f"{asked.model} answered without a {wanted}{why}"
        + (f": {quote}" if quote else ", and without a word."),
        text=answer.text,
        remedy=f"Ask for a {wanted} in plain words, or try another model.",
        status_code=answer.status,
        request_id=answer.request_id,
        body=answer_body(answer),
        maybe_billed=not endpoint.embedded,
    )


def answer_body(answer: ResponseAccumulator) -> str:
    """Give what an error quotes of the answer: its text, or the answer as it came."""
    raw = answer.raw_answer
    return (answer.text or (raw.body if raw is not None else ""))[:4096]


def download_error(
    error: NbextError, url: str, answer: ResponseAccumulator, endpoint: Endpoint
) -> DownloadError:
    """Say that what an answer points to cannot be fetched; the answer's text is kept."""
    return DownloadError(
        error.message,
        remedy=error.remedy,
        url=url,
        text=answer.text,
        request_id=answer.request_id,
        body=answer_body(answer),
        maybe_billed=not endpoint.embedded,
    )
