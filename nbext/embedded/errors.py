"""The endpoint's errors: one exception, written in the format of each API.

The OpenAI format with ``(request id: …)`` at the end of the message is that of new-api relays; the
Google format is that of generativelanguage.googleapis.com; the flat one is that of new-api's task
routes.
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
    """Raised to drop the connection in the middle of the answer."""


class EndError(Exception):
    """Raised to end the answer early, but without a broken connection."""


class ReplyError(Exception):
    """An error that is sent to the client as the answer.

    Args:
        status: The HTTP status.
        message: The message, without the request id.
        type: Relays' name for the party that failed.
        code: A code, or "".
        param: The invalid field, or "".
        headers: Further headers, such as ``Retry-After``.
        html: A page to send instead of JSON.
        request_ids: The number of request ids in the message; two mean a relay behind a relay.
        extra: Further fields of the error.

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
        """Return the error as JSON in the format ``openai``, ``gemini`` or ``flat``."""
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
