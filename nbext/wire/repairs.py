"""Rewrite requests that an endpoint refused because of their form.

Such a refusal comes before any work begins, so another attempt costs nothing. A repair is a rule:
which refusals it answers, and how it changes the call.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.wire.error_body import ErrorBody, read_error_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.errors import RequestError
    from nbext.wire.events import Call

# How a request asks for a stream.
STREAMING = frozenset({"stream", "stream_options", "partial_images"})
_REFUSED = frozenset({400, 404, 405, 406, 415, 422, 501})
# Messages about streaming, in the languages of relays.
_STREAM = pattern(
    r"(?<!up)stream|\bsse\b|chunk|incremental|partial[_ ]images?|流式|流|逐字|逐步|ストリ"
    r"|поток|стрим|스트리",
    re.IGNORECASE,
)
_ONLY_STREAM = pattern(
    r"non[_ -]?stream|stream(?:ing)?[ =]*(?:mode )?(?:is |must be )?(?:required|only|=? ?true\b)"
    r"|only supports? stream|must (?:be |use )?stream|禁用非流式|仅支持流式|请改用流式|请使用流式",
    re.IGNORECASE,
)


class Repair(NamedTuple):
    """A rewritten call, and a description of what the endpoint accepts, for observers."""

    call: Call
    words: str


def refuses_stream(body: ErrorBody) -> bool:
    """Return whether an endpoint's message refuses a stream.

    Example:
        >>> refuses_stream(ErrorBody(message="Streaming must have non-zero partial images."))
        True
    """
    words = f"{body.param} {body.code} {body.message}"
    return bool(_STREAM.search(words)) and not _ONLY_STREAM.search(words)


def repaired(call: Call, error: RequestError) -> Repair | None:
    """Rewrite a call that was certainly refused because of its form.

    Args:
        call: The call as sent.
        error: The refusal, with its body.
    """
    if error.status_code is None or error.maybe_billed or not call.generating:
        return None
    body = read_error_body(error.body.encode("utf-8", "replace"))
    for rule in _RULES:
        repair = rule(call, error.status_code, body)
        if repair is not None:
            return repair
    return None


def _as_stream(call: Call, status: int, body: ErrorBody) -> Repair | None:
    words = f"{body.code} {body.message}"
    if status not in (400, 403, 422) or call.stream or call.body is None:
        return None
    if not _ONLY_STREAM.search(words):
        return None
    streamed = msgspec.structs.replace(call, body={**call.body, "stream": True}, stream=True)
    return Repair(streamed, phrase("wire.stream_only"))


def _without_stream(call: Call, status: int, body: ErrorBody) -> Repair | None:
    fields = call.body if call.body is not None else call.form
    if status not in _REFUSED or not call.stream or fields is None or not refuses_stream(body):
        return None
    if call.path.endswith(":streamGenerateContent"):
        path = call.path.replace(":streamGenerateContent", ":generateContent")
        return Repair(
            msgspec.structs.replace(call, path=path, query={}, stream=False),
            phrase("wire.one_piece"),
        )
    if "stream" not in fields:
        return None
    whole = {name: value for name, value in fields.items() if name not in STREAMING}
    if call.body is not None:
        # The image tool of the Responses format has its own field for previews.
        tools = whole.get("tools")
        if isinstance(tools, list):
            whole["tools"] = [_without_previews(tool) for tool in tools]
        return Repair(
            msgspec.structs.replace(call, body=whole, stream=False), phrase("wire.one_piece")
        )
    form = {name: str(value) for name, value in whole.items()}
    return Repair(msgspec.structs.replace(call, form=form, stream=False), phrase("wire.one_piece"))


def _without_previews(tool: object) -> object:
    if not isinstance(tool, dict):
        return tool
    return {name: value for name, value in tool.items() if name != "partial_images"}


def _image_field(call: Call, status: int, body: ErrorBody) -> Repair | None:
    """Rename the pictures of a form from ``image[]`` to ``image``, or vice versa."""
    fields = {upload.field for upload in call.files}
    words = f"{body.param} {body.message}"
    if status not in (400, 422) or not re.search(r"\bimages?\b", words):
        return None
    missing = re.search(
        r"required|missing|unknown|unrecogni[sz]ed|extra|unexpected|not permitted|no image|provide"
        r"|upload|empty|缺少|必填|上传|为空",
        words,
        re.IGNORECASE,
    )
    other = {"image[]": "image", "image": "image[]"}
    name = next((name for name in ("image[]", "image") if name in fields), "")
    if not name or not missing:
        return None
    files = tuple(
        msgspec.structs.replace(upload, field=other[name]) if upload.field == name else upload
        for upload in call.files
    )
    return Repair(
        msgspec.structs.replace(call, files=files), phrase("wire.pictures_in", field=other[name])
    )


_RULES: tuple[Callable[[Call, int, ErrorBody], Repair | None], ...] = (
    _as_stream,
    _without_stream,
    _image_field,
)
