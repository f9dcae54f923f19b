"""What every handler does: read the body, check the key, write errors, notice who hangs up."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

import msgspec
from tornado import httputil, iostream, web

from nbext.embedded.access import key_in
from nbext.embedded.errors import CutError, EndError, HungUpError, ReplyError
from nbext.embedded.studio import RequestLog, known_as, request_id

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Awaitable, Callable

    from nbext.embedded.studio import Studio

BODY_LIMIT = 100 * 2**20
ALL_BODIES_LIMIT = 512 * 2**20  # bytes of all bodies that are held at the same time
_KEY_HEADERS = frozenset({"authorization", "x-goog-api-key", "x-api-key", "cookie"})

_logger = logging.getLogger(__name__)


@web.stream_request_body
class Handler(web.RequestHandler):
    """One request. Subclasses write ``answer_get``, ``answer_post`` or ``answer_delete``.

    Headers are checked before the body comes. The body of a request that is refused, or that is
    too long, is read to its end and thrown away, so that a client that writes first and reads
    later still gets its error.
    """

    shape = "openai"
    public = False
    studio: Studio

    def initialize(self, studio: Studio) -> None:
        """Take what all handlers share."""
        self.studio = studio
        self.gone = asyncio.Event()
        self.request_id = request_id()
        self.body = b""
        self.refusal: ReplyError | None = None
        self._chunks: list[bytes] = []
        self._size = 0
        self._held = 0
        headers = {k: v for k, v in self.request.headers.get_all() if k.lower() not in _KEY_HEADERS}
        self.entry = RequestLog(
            method=self.request.method or "",
            path=self.request.path,
            headers=headers,
            when=time.time(),
        )
        studio.note(self.entry)

    def set_default_headers(self) -> None:
        """Say nothing of the software, as errors and answers alike."""
        self.clear_header("Server")

    def prepare(self) -> None:
        """Refuse a request by its headers; then its body takes no memory."""
        self.refusal = self._check_headers()
        if self.refusal is not None:
            connection = self.request.connection
            connection.set_max_body_size(BODY_LIMIT)  # type: ignore[union-attr]

    def _check_headers(self) -> ReplyError | None:
        access, host = self.studio.access, self.request.host
        if not access.allows_host(host):
            message = (
                f"This endpoint does not serve the host {host[:100]!r}: call it by its address"
            )
            return ReplyError(403, message, code="host_not_allowed")
        origins = self.request.headers.get_list("Origin")
        if not all(access.allows_origin(origin, host) for origin in origins):
            message = f"Pages of {origins[0][:100]!r} may not use this endpoint"
            return ReplyError(403, message, code="origin_not_allowed")
        if self.public:
            return None
        key = key_in(self.request.headers, self.request.query)
        if not key:
            return ReplyError(401, "未提供令牌", type="new_api_error")
        if not access.allows_key(key):
            return ReplyError(401, "无效的令牌", type="new_api_error")
        return None

    def data_received(self, chunk: bytes) -> None:
        """Collect the body, unless it is refused already, or too long."""
        self._size += len(chunk)
        if self.refusal is None and self._size > BODY_LIMIT:
            self.refusal = ReplyError(413, f"The body is longer than {BODY_LIMIT} bytes")
        elif self.refusal is None and self.studio.held_bytes + len(chunk) > ALL_BODIES_LIMIT:
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
        self._held += len(chunk)
        self.studio.held_bytes += len(chunk)

    def _release(self) -> None:
        """Forget the body and give its bytes back to the sum of all."""
        self._chunks = []
        self.body = b""
        self.studio.held_bytes -= self._held
        self._held = 0

    def on_finish(self) -> None:
        """Let go of the body once the answer is out."""
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
        """Answer HEAD as GET; the body stays away by itself."""
        await self._answer(self.answer_get, args)

    async def answer_get(self, *_args: str) -> None:
        """Refuse, unless the handler knows better."""
        raise self._no_method()

    async def answer_post(self, *_args: str) -> None:
        """Refuse, unless the handler knows better."""
        raise self._no_method()

    async def answer_delete(self, *_args: str) -> None:
        """Refuse, unless the handler knows better."""
        raise self._no_method()

    def _no_method(self) -> ReplyError:
        return ReplyError(405, f"Method {self.request.method} is not allowed here")

    async def _answer(self, answer: Callable[..., Awaitable[None]], args: tuple[str, ...]) -> None:
        self.body = b"".join(self._chunks)
        self._chunks = []
        self.entry.body_size = self._size
        self.set_header("X-Oneapi-Request-Id", self.request_id)
        if self.studio.access.everywhere and self.refusal is None:
            known_as.set(f"http://{self.request.host}")
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
            self.studio.trim_log()

    def _say(self, error: ReplyError) -> None:
        if self._finished:
            return
        if self._headers_written:  # too late for a status: the stream itself has to tell
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
        """Write what tornado itself refuses in the same shape."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        error = ReplyError(status_code, self._reason)
        self.finish(msgspec.json.encode(error.body(self.shape, self.request_id)))

    def log_exception(self, *_args: Any) -> None:
        """Keep quiet: a hostile client shall not fill the log of a notebook's kernel."""

    def json_body(self) -> dict[str, Any]:
        """The body as a JSON object.

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
        """The fields and files of a multipart or urlencoded body, or of a JSON one.

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
        """Send a JSON answer and end it."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(msgspec.json.encode(value))

    async def push(self, data: bytes) -> None:
        """Send a piece of the answer now.

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
        """Note the status before the client can know it, then send what there is."""
        self.entry.status = self.get_status()
        return super().flush(include_footers)

    async def wait(self, seconds: float) -> None:
        """Let ``seconds`` pass, times the endpoint's pace.

        Raises:
            HungUpError: As soon as the client closes the connection.
        """
        await self.wait_exactly(seconds * self.studio.pace)

    async def wait_exactly(self, seconds: float | None) -> None:
        """Let ``seconds`` pass whatever the pace, None for ever.

        Raises:
            HungUpError: As soon as the client closes the connection.
        """
        if seconds != 0:
            try:
                await asyncio.wait_for(self.gone.wait(), seconds)
            except TimeoutError:
                return
        self.check_there()

    def check_there(self) -> None:
        """Go on only while the client waits.

        Raises:
            HungUpError: If it does not.
        """
        if self.gone.is_set():
            raise HungUpError

    def on_connection_close(self) -> None:
        """Note that the client hung up; what is under way stops at its next step."""
        super().on_connection_close()  # ends the wait for a body that will never be whole
        self.entry.disconnected = True
        self.gone.set()
        self._release()


class Unknown(Handler):
    """Every address that nothing is at."""

    public = True

    async def answer_get(self, *_args: str) -> None:
        """Say so, as the clients of this part of the addresses read it."""
        self.shape = "gemini" if self.request.path.startswith("/v1beta") else "openai"
        where = f"{self.request.method} {self.request.path[:200]}"
        raise ReplyError(404, f"Invalid URL ({where})", code="not_found")

    answer_post = answer_get
    answer_delete = answer_get
