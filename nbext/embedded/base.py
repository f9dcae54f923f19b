"""The base class of all handlers: checks the key, reads the body, writes errors."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

import msgspec
from tornado import httputil, iostream, web

from nbext.embedded.access import key_in
from nbext.embedded.errors import CutError, EndError, HungUpError, ReplyError
from nbext.embedded.ids import request_id
from nbext.embedded.inner import InnerConnection
from nbext.embedded.state import RequestLog, request_address

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Awaitable, Callable

    from nbext.embedded.state import ServerState

BODY_LIMIT = 100 * 2**20
ALL_BODIES_LIMIT = 512 * 2**20  # of all bodies in memory at the same time
_KEY_HEADERS = frozenset({"authorization", "x-goog-api-key", "x-api-key", "cookie"})

_logger = logging.getLogger(__name__)


@web.stream_request_body
class Handler(web.RequestHandler):
    """Handles one request. Subclasses define ``answer_get``, ``answer_post`` or ``answer_delete``.

    Headers are checked before the body arrives. The body of a refused or oversized request is read
    and discarded, so that a client that writes before it reads still receives its error.
    """

    shape = "openai"
    public = False
    state: ServerState

    def initialize(self, state: ServerState) -> None:
        """Set up one request and add it to the log."""
        self.state = state
        self.hangup = asyncio.Event()
        self.request_id = request_id()
        self.body = b""
        self.refusal: ReplyError | None = None
        self._chunks: list[bytes] = []
        self._size = 0
        self._buffer_bytes = 0
        headers = {k: v for k, v in self.request.headers.get_all() if k.lower() not in _KEY_HEADERS}
        self.entry = RequestLog(
            method=self.request.method or "",
            path=self.request.path,
            headers=headers,
            when=time.time(),
        )
        if not isinstance(self.request.connection, InnerConnection):
            state.note(self.entry)

    def set_default_headers(self) -> None:
        """Remove the ``Server`` header from answers and errors."""
        self.clear_header("Server")

    def prepare(self) -> None:
        """Refuse a request by its headers, so that its body takes no memory."""
        self.refusal = self._check_headers()
        if self.refusal is not None:
            connection = self.request.connection
            connection.set_max_body_size(BODY_LIMIT)  # type: ignore[union-attr]

    def _check_headers(self) -> ReplyError | None:
        access, host = self.state.access, self.request.host
        if not access.allows_host(host):
            message = (
                f"This endpoint does not serve the host {host[:100]!r}: call it by its address"
            )
            return ReplyError(403, message, code="host_not_allowed")
        origins = self.request.headers.get_list("Origin")
        if not all(access.allows_origin(origin, host) for origin in origins):
            message = f"Pages of {origins[0][:100]!r} may not use this endpoint"
            return ReplyError(403, message, code="origin_not_allowed")
        return None if self.public else self.check_key()

    def check_key(self) -> ReplyError | None:
        """Return the error for a request without the right key, or None."""
        access = self.state.access
        key = key_in(self.request.headers, self.request.query)
        if not key:
            return ReplyError(401, "未提供令牌", type="new_api_error")
        if not access.allows_key(key):
            return ReplyError(401, "无效的令牌", type="new_api_error")
        return None

    def data_received(self, chunk: bytes) -> None:
        """Collect the body, unless the request is refused, or the body too long."""
        self._size += len(chunk)
        if self.refusal is None and self._size > BODY_LIMIT:
            self.refusal = ReplyError(413, f"The body is longer than {BODY_LIMIT} bytes")
        elif self.refusal is None and self.state.buffer_bytes + len(chunk) > ALL_BODIES_LIMIT:
            self.refusal = ReplyError(
                503,
                "Too many large requests are under way: try again in a moment",
                code="overloaded",
                headers={"Retry-After": "1"},
            )
        if self.refusal is not None:
            self._release()
            return
        self._chunks.append(chunk)
        self._buffer_bytes += len(chunk)
        self.state.buffer_bytes += len(chunk)

    def _release(self) -> None:
        """Drop the body and subtract its size from the total."""
        self._chunks = []
        self.body = b""
        self.state.buffer_bytes -= self._buffer_bytes
        self._buffer_bytes = 0

    def on_finish(self) -> None:
        """Drop the body after the answer."""
        self._release()

    async def get(self, *args: str) -> None:
        """Answer GET."""
        await self._answer(self.answer_get, args)

    async def post(self, *args: str) -> None:
        """Answer POST."""
        await self._answer(self.answer_post, args)

    async def delete(self, *args: str) -> None:
        """Answer DELETE."""
        await self._answer(self.answer_delete, args)

    async def head(self, *args: str) -> None:
        """Answer HEAD as GET; tornado leaves out the body."""
        await self._answer(self.answer_get, args)

    async def answer_get(self, *_args: str) -> None:
        """Refuse the method; subclasses override this."""
        raise self.no_method()

    async def answer_post(self, *_args: str) -> None:
        """Refuse the method; subclasses override this."""
        raise self.no_method()

    async def answer_delete(self, *_args: str) -> None:
        """Refuse the method; subclasses override this."""
        raise self.no_method()

    def no_method(self) -> ReplyError:
        """Return the error for a method that the address does not support."""
        return ReplyError(405, f"Method {self.request.method} is not allowed here")

    async def _answer(self, answer: Callable[..., Awaitable[None]], args: tuple[str, ...]) -> None:
        self.body = b"".join(self._chunks)
        self._chunks = []
        self.entry.body_size = self._size
        self.set_header("X-Oneapi-Request-Id", self.request_id)
        if self.state.access.everywhere and self.refusal is None:
            request_address.set(f"http://{self.request.host}")
        try:
            if self.refusal is not None:
                raise self.refusal
            await answer(*args)
            if not self._finished:
                self.finish()
        except ReplyError as error:
            self._say(error)
        except (HungUpError, iostream.StreamClosedError):
            self.entry.disconnected = True
        except EndError:
            self.finish()
        except CutError:
            self.request.connection.stream.close()  # type: ignore[union-attr]
        except Exception:
            _logger.exception("the embedded endpoint failed")
            self._say(ReplyError(500, "internal error of the embedded endpoint"))
        finally:
            self.state.trim_log()

    def _say(self, error: ReplyError) -> None:
        if self._finished:
            return
        if self._headers_written:  # the status is sent: write the error into the stream
            event = msgspec.json.encode(error.body(self.shape, self.request_id))
            self.finish(b"data: " + event + b"\n\n")
            return
        self.set_status(error.status)
        for name, value in error.headers.items():
            self.set_header(name, value)
        if error.html:
            self.set_header("Content-Type", "text/html; charset=UTF-8")
            self.finish(error.html)
            return
        self.send_json(error.body(self.shape, self.request_id))

    def write_error(self, status_code: int, **_kwargs: Any) -> None:
        """Write tornado's errors in our own format."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        error = ReplyError(status_code, self._reason)
        self.finish(msgspec.json.encode(error.body(self.shape, self.request_id)))

    def log_exception(self, *_args: Any) -> None:
        """Log nothing: a hostile client must not fill the output of a notebook's kernel."""

    def json_body(self) -> dict[str, Any]:
        """Return the body as a JSON object.

        Raises:
            ReplyError: 400, if it is anything else.
        """
        try:
            value = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise ReplyError(400, f"invalid JSON in the body: {str(error)[:200]}") from None
        if not isinstance(value, dict):
            raise ReplyError(400, "the body must be a JSON object")
        self.entry.json = value
        return value

    def form_body(self) -> tuple[dict[str, Any], dict[str, list[httputil.HTTPFile]]]:
        """Return the fields and files of a multipart or urlencoded body, or of a JSON one.

        Raises:
            ReplyError: 400, if it is none of them.
        """
        kind = self.request.headers.get("Content-Type", "")
        if not kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
            return self.json_body(), {}
        fields: dict[str, list[bytes]] = {}
        files: dict[str, list[httputil.HTTPFile]] = {}
        try:
            httputil.parse_body_arguments(kind, self.body, fields, files)
        except httputil.HTTPInputError as error:
            raise ReplyError(400, f"invalid form in the body: {str(error)[:200]}") from None
        texts = {name: values[-1].decode("utf-8", "replace") for name, values in fields.items()}
        self.entry.json = dict(texts)
        return dict(texts), files

    def send_json(self, value: Any) -> None:
        """Send a value as the JSON answer, and finish."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(msgspec.json.encode(value))

    async def push(self, data: bytes) -> None:
        """Send a piece of the answer at once.

        Raises:
            HungUpError: If the client has closed the connection.
        """
        self.check_there()
        self.write(data)
        try:
            await self.flush()
        except iostream.StreamClosedError:
            raise HungUpError from None

    def flush(self, include_footers: bool = False) -> Future[None]:
        """Send what is buffered, and log the status."""
        self.entry.status = self.get_status()
        return super().flush(include_footers)

    async def wait(self, seconds: float) -> None:
        """Wait ``seconds``, scaled by the endpoint's pace.

        Raises:
            HungUpError: If the client closes the connection.
        """
        await self.wait_exactly(seconds * self.state.pace)

    async def wait_exactly(self, seconds: float | None) -> None:
        """Wait ``seconds``, regardless of the pace; with None, forever.

        Raises:
            HungUpError: If the client closes the connection.
        """
        if seconds != 0:
            try:
                await asyncio.wait_for(self.hangup.wait(), seconds)
            except TimeoutError:
                return
        self.check_there()

    def check_there(self) -> None:
        """Check that the client is still connected.

        Raises:
            HungUpError: If it is not.
        """
        if self.hangup.is_set():
            raise HungUpError

    def on_connection_close(self) -> None:
        """Note that the client hung up; the handler stops at its next step."""
        super().on_connection_close()  # ends the wait for an incomplete body
        self.entry.disconnected = True
        self.hangup.set()
        self._release()


class Unknown(Handler):
    """All addresses without a handler."""

    public = True

    async def answer_get(self, *_args: str) -> None:
        """Answer 404 in the format of the API that the address belongs to."""
        self.shape = "gemini" if self.request.path.startswith("/v1beta") else "openai"
        where = f"{self.request.method} {self.request.path[:200]}"
        raise ReplyError(404, f"Invalid URL ({where})", code="not_found")

    answer_post = answer_get
    answer_delete = answer_get
