"""A transport for the HTTP library that opens one connection for each request.

The library's own transport looks through all connections of its pool whenever one is taken or given
back, and passes each byte through several layers. Here a request is written to a socket of its own,
and ``answer`` reads what comes. Where the environment names a proxy, the library's is used;
whatever happens to a request, both report it by the same exceptions.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from functools import partial
from math import inf
from typing import TYPE_CHECKING, cast

import h11

from nbext.transport import exceptions
from nbext.transport.answer import Answer, Head
from nbext.transport.connect import PORTS, connect

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from nbext.transport.outgoing import Outgoing

# Bytes of a request that are written at once; the time limit of writing counts for each piece.
PIECE = 1 << 20
# Bytes of an answer that are read at once, and that may wait: a thousand answers come together.
SOME = 1 << 17


class DirectTransport:
    """Sends each request over its own connection.

    Args:
        context: Returns the SSL context; called for https only.

    Example:
        ::

            answer = await DirectTransport(context).send(outgoing(endpoint, call, limits, ""))
    """

    def __init__(self, context: Callable[[], ssl.SSLContext]) -> None:
        self._context = context

    async def aclose(self) -> None:
        """Do nothing: each connection ends with its answer."""

    async def send(self, request: Outgoing, deadline: float = inf) -> DirectResponse:
        """Send a request and return the answer once its head has arrived.

        Args:
            request: The request.
            deadline: When all of the answer must have arrived, by the loop's clock.

        Raises:
            HTTPError: By the names of the library's own transport.
            TimeoutError: The deadline has passed.
        """
        if request.target.scheme not in PORTS:
            raise exceptions.UnsupportedProtocol(f"no transport for {request.target.scheme}")
        limits = request.limits
        loop = asyncio.get_running_loop()
        connection = await connect(
            request.target,
            partial(_Connection, loop, deadline),
            self._context,
            seconds=limits.connect,
            deadline=deadline,
        )
        try:
            await connection.send(request)
            head = await connection.head(limits.silence)
        except BaseException:
            connection.close()
            raise
        return DirectResponse(head, connection, limits.silence)


class DirectResponse:
    """An answer whose head has arrived, with the part of the library's interface in use.

    Args:
        head: The bytes that arrived first.
        connection: Brings the rest.
        silence: Seconds without a byte.

    Attributes:
        status_code: Of HTTP.
        reason_phrase: The text after the status.
        headers: By names in lower case.
    """

    def __init__(self, head: Head, connection: _Connection, silence: float) -> None:
        self.status_code = head.status
        self.reason_phrase = head.reason.decode("ascii", "ignore")
        self.headers = _text_of(head.fields)
        self._connection = connection
        self._silence = silence

    async def read(self) -> bytes | None:
        """Return the next bytes of the body as they arrive; None at its end."""
        return await self._connection.read(self._silence) or None

    async def aclose(self) -> None:
        """Close the connection."""
        self._connection.close()


def _text_of(fields: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return an answer's headers as text, in the encoding that fits all of them."""
    encoding = "ascii"
    for name, value in fields:
        if not (name.isascii() and value.isascii()):
            encoding = _encoding_of(fields)
            break
    result: dict[str, str] = {}
    for name, value in fields:
        key, text = name.decode(encoding), value.decode(encoding)
        result[key] = f"{result[key]}, {text}" if key in result else text
    return result


def _encoding_of(fields: list[tuple[bytes, bytes]]) -> str:
    try:
        b"".join(part for field in fields for part in field).decode("utf-8")
    except UnicodeDecodeError:
        return "iso-8859-1"
    return "utf-8"


def written(request: Outgoing) -> bytes:
    """Write a request's head, of which ``request_builder`` has made all parts.

    h11 would look at each character of each header again, for as long as an answer takes to read.
    """
    fields = b"".join([b"%b: %b\r\n" % field for field in request.headers])
    return b"%b %b HTTP/1.1\r\n%b\r\n" % (request.method.encode(), request.target.path, fields)


class _SilenceError(Exception):
    """Nothing has come, or gone, for too long."""


class _Buffer(threading.local):
    """The buffer that all sockets of a thread read into."""

    def __init__(self) -> None:
        self.memory = memoryview(bytearray(SOME))


_buffer = _Buffer()


class _Connection(asyncio.BufferedProtocol):
    """A connection for one request and its answer.

    Args:
        loop: The event loop.
        deadline: When all must be over, by its clock.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, deadline: float) -> None:
        self._loop = loop
        self._deadline = deadline
        # When the present wait ends, and the one timer that looks at it.
        self._until = inf
        self._alarm: asyncio.TimerHandle | None = None
        self._answer = Answer()
        self._waiting: asyncio.Future[None] | None = None
        self._full = False
        self._lost = False
        self._over = False
        self._unread = 0
        self._paused = False

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        # So that "written" means that nothing is left here.
        self._transport.set_write_buffer_limits(0)

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._wake()

    def get_buffer(self, sizehint: int) -> memoryview:
        del sizehint
        return _buffer.memory[: max(1, SOME - self._unread)]

    def buffer_updated(self, nbytes: int) -> None:
        self._answer.receive(bytes(_buffer.memory[:nbytes]))
        self._unread += nbytes
        if self._unread >= SOME and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._answer.receive(b"")
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc  # whatever it is, nothing comes any more
        self._lost = True
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _news(self, seconds: float) -> None:
        """Wait until bytes have arrived, or have been written.

        Raises:
            _SilenceError: Nothing has for so many seconds.
            TimeoutError: The deadline has passed.
        """
        self._waiting = self._loop.create_future()
        self._until = min(self._loop.time() + seconds, self._deadline)
        # One timer serves all waits: it is set again only for one that ends before it.
        if self._alarm is None or self._alarm.when() > self._until:
            self._set_alarm()
        try:
            await self._waiting
        finally:
            self._waiting, self._until = None, inf

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(self._until, self._ring) if self._until < inf else None

    def _ring(self) -> None:
        """End the present wait if its time is over."""
        self._alarm = None
        if self._loop.time() < self._until:
            self._set_alarm()
        elif self._waiting is not None and not self._waiting.done():
            over = self._until >= self._deadline
            self._waiting.set_exception(TimeoutError() if over else _SilenceError())

    # What a request does

    async def send(self, request: Outgoing) -> None:
        """Write a request; if the other end has hung up, its answer may have arrived already.

        Raises:
            WriteTimeout: It takes no more of it.
            LocalProtocolError: The request is invalid.
        """
        seconds, body = request.limits.write, request.body
        if isinstance(body, bytes):
            await self._write(written(request) + body, seconds)
            return
        writer = h11.Connection(h11.CLIENT)
        try:
            head = h11.Request(
                method=request.method, target=request.target.path, headers=request.headers
            )
            data = writer.send(head) or b""
            async for piece in body:
                data += writer.send(h11.Data(piece)) or b""
                if len(data) >= PIECE:
                    await self._write(data, seconds)
                    data = b""
            data += writer.send(h11.EndOfMessage()) or b""
        except h11.LocalProtocolError as error:
            raise exceptions.LocalProtocolError(str(error)) from None
        await self._write(data, seconds)

    async def _write(self, data: bytes, seconds: float) -> None:
        for at in range(0, len(data), PIECE):
            if self._lost:
                return
            self._transport.write(data[at : at + PIECE])
            try:
                while self._full and not self._lost:
                    await self._news(seconds)
            except _SilenceError:
                raise exceptions.WriteTimeout("nothing more was taken") from None

    async def head(self, seconds: float) -> Head:
        """Wait for the answer's status and headers.

        Raises:
            ReadTimeout: Nothing arrived in time.
            ReadError: The connection broke.
            RemoteProtocolError: The answer is not HTTP.
        """
        while (head := self._answer.head()) is None:
            await self._more(seconds)
        return head

    async def read(self, seconds: float) -> bytes:
        """Return the next bytes of the body, after waiting if necessary; empty at its end.

        Raises:
            HTTPError: As ``head`` does.
        """
        pieces: list[bytes] = []
        size = 0
        while size < SOME and not self._over:
            try:
                piece = self._answer.body()
            except exceptions.RemoteProtocolError:
                if pieces:
                    # First what came before; it is raised again.
                    break
                raise
            if piece:
                pieces.append(piece)
                size += len(piece)
            elif piece is None:
                self._over = True
            elif pieces:
                break
            else:
                await self._more(seconds)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def _more(self, seconds: float) -> None:
        """Wait for more bytes after everything was read."""
        self._unread = 0
        if self._lost:
            raise exceptions.ReadError("the connection broke")
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        try:
            await self._news(seconds)
        except _SilenceError:
            raise exceptions.ReadTimeout("nothing came") from None

    def close(self) -> None:
        """Close the connection; immediately if the answer is not complete."""
        if self._alarm is not None:
            self._alarm.cancel()
        with contextlib.suppress(RuntimeError):
            if self._over:
                self._transport.close()
            else:
                self._transport.abort()
