"""The errors of the endpoint: one exception, written in the shape of each wire format.

The OpenAI shape with ``(request id: …)`` at the end of the message is what relays of the new-api
family send; the Google shape is that of generativelanguage.googleapis.com; the flat one is what
their task routes send.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

_GOOGLE_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    524: "DEADLINE_EXCEEDED",
}


class HungUpError(Exception):
    """The client has closed the connection, so the rest of the answer is not needed."""


class CutError(Exception):
    """The connection is to be dropped here, in the middle of the answer."""


class EndError(Exception):
    """The answer is to end here, incomplete but without a broken connection."""


class ReplyError(Exception):
    """An error that the client gets as the answer.

    Args:
        status: Of HTTP.
        message: What went wrong, without the request id.
        type: As relays name the party that failed.
        code: A word, empty for none.
        param: The field at fault, empty for none.
        headers: More of the answer, such as ``Retry-After``.
        html: A page to send in place of JSON.
        request_ids: How many request ids the message ends with; two mean a relay behind a relay.
        extra: More fields of the error.

    Example:
        ``raise ReplyError(400, "field messages is required", param="messages")``
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        code: str = "",
        param: str = "",
        headers: dict[str, str] | None = None,
        html: str = "",
        request_ids: int = 1,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.code = code
        self.param = param
        self.headers = headers or {}
        self.html = html
        self.request_ids = request_ids
        self.extra = extra or {}

    def body(self, shape: str, request_id: str) -> dict[str, Any]:
        """The error as JSON in the shape ``openai``, ``gemini`` or ``flat``."""
        message = self.message + f" (request id: {request_id})" * min(self.request_ids, 1)
        if self.request_ids > 1:
            message += f" (request id: {request_id[::-1]})"
        if shape == "gemini":
            word = _GOOGLE_STATUS.get(self.status, "UNKNOWN")
            return {"error": {"code": self.status, "message": self.message, "status": word}}
        if shape == "flat":
            code = self.code or HTTPStatus(self.status).name.lower()
            return {"code": code, "message": message, "data": None}
        error = {"message": message, "type": self.type, "param": self.param, "code": self.code}
        return {"error": error | self.extra}
