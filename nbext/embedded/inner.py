"""Requests that the endpoint sends to itself for a batch, without a socket."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPServerRequest,
    RequestStartLine,
    ResponseStartLine,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tornado.web import Application


@dataclass(frozen=True)
class InnerAnswer:
    """The answer to an inner request; status 0 if it was cut off or took too long."""

    status: int = 0
    body: bytes = b""
    request_id: str = ""
    is_json: bool = False


class InnerConnection(HTTPConnection):
    """A connection that collects the answer instead of sending it."""

    def __init__(self) -> None:
        self.status = 0
        self.headers = HTTPHeaders()
        self.chunks: list[bytes] = []
        self.end = asyncio.Event()
        self._on_close: Callable[[], None] | None = None

    @property
    def stream(self) -> InnerConnection:
        """The object that a handler closes to drop the connection: this one."""
        return self

    def set_close_callback(self, callback: Callable[[], None] | None) -> None:
        """Store the function to call if the answer is no longer needed."""
        self._on_close = callback

    def set_max_body_size(self, _size: int) -> None:
        """Do nothing: the body is complete."""

    def write_headers(
        self,
        start_line: RequestStartLine | ResponseStartLine,
        headers: HTTPHeaders,
        chunk: bytes | None = None,
    ) -> asyncio.Future[None]:
        """Store the status and the headers."""
        if isinstance(start_line, ResponseStartLine):
            self.status = start_line.code
        self.headers = headers
        return self.write(chunk or b"")

    def write(self, chunk: bytes) -> asyncio.Future[None]:
        """Store a piece of the body."""
        self.chunks.append(chunk)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future

    def finish(self) -> None:
        """Mark the answer as complete."""
        self.end.set()

    def close(self) -> None:
        """Drop the connection: the answer is ignored, and its handler stops."""
        self.status, self.chunks = 0, []
        self.end.set()
        if self._on_close is not None:
            self._on_close()


async def ask(
    application: Application, path: str, body: bytes, headers: dict[str, str], seconds: float
) -> InnerAnswer:
    """POST a JSON body to one of the endpoint's own addresses.

    Args:
        application: The endpoint's handlers.
        path: For example ``/v1/images/generations``.
        body: The body, as JSON.
        headers: At least ``Host`` and the key.
        seconds: How long to wait for the answer.
    """
    connection = InnerConnection()
    request = HTTPServerRequest(
        start_line=RequestStartLine("POST", path, "HTTP/1.1"),
        headers=HTTPHeaders({**headers, "Content-Type": "application/json"}),
        connection=connection,
    )
    delegate: Any = application.find_handler(request)
    try:
        await delegate.headers_received(None, request.headers)
        delegate.data_received(body)
        delegate.finish()
        await asyncio.wait_for(connection.end.wait(), seconds)
    except TimeoutError:
        connection.close()
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):
            connection.close()
        raise
    return InnerAnswer(
        connection.status,
        b"".join(connection.chunks),
        connection.headers.get("X-Oneapi-Request-Id", ""),
        is_json=connection.headers.get("Content-Type", "").startswith("application/json"),
    )
