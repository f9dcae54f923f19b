"""A transport for the HTTP library that opens one connection for each request.

The library's own transport looks through all connections of its pool whenever one is taken or given
back, and passes each byte through several layers. Here a request is written to a socket of its own,
and ``h11`` reads the answer. Where the environment names a proxy, the library's transport is used;
whatever happens to a request, both report it by the same exceptions.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import threading
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, cast

import h11

from nbext.transport import exceptions
from nbext.transport.chunks import PlainChunks
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from nbext.transport.outgoing import Outgoing, Target

# Bytes of a request that are written at once; the time limit of writing counts for each piece.
PIECE = 1 << 20
# Bytes of an answer that are read at once, and that may wait: a thousand answers come together.
SOME = 1 << 17
# What a head may have; the library has the same limit.
_HEAD = 100 * 1024
# Seconds until the next address of a host is tried beside the one before (RFC 8305, 5).
_NEXT_ADDRESS = 0.25
_ERRNO = pattern(r"\[Errno (\d+)\]")
_HEAD_END = b"\r\n\r\n"
# Statuses whose answers have no body, whatever the head says.
_WITHOUT_BODY = (204, 304)
_PORTS = {"http": 80, "https": 443}


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
        if request.target.scheme not in _PORTS:
            raise exceptions.UnsupportedProtocol(f"no transport for {request.target.scheme}")
        limits = request.limits
        connection = await _connect(request.target, self._context, limits.connect, deadline)
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

    def __init__(self, head: h11.Response, connection: _Connection, silence: float) -> None:
        self.status_code = head.status_code
        self.reason_phrase = bytes(head.reason).decode("ascii", "ignore")
        self.headers = _text_of(head)
        self._connection = connection
        self._silence = silence

    async def read(self) -> bytes | None:
        """Return the next bytes of the body as they arrive; None at its end."""
        return await self._connection.read(self._silence) or None

    async def aclose(self) -> None:
        """Close the connection."""
        self._connection.close()


def _text_of(head: h11.Response) -> dict[str, str]:
    """Return an answer's headers as text, in the encoding that fits all of them."""
    fields = list(head.headers)
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


async def _connect(
    target: Target, context: Callable[[], ssl.SSLContext], seconds: float, deadline: float
) -> _Connection:
    """Connect to a host within the time limit.

    Raises:
        ConnectTimeout: It takes longer.
        ConnectError: The host is unknown, does not answer, or has no valid certificate.
        TimeoutError: The deadline has passed.
    """
    host, secure = target.host, target.scheme == "https"
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    try:
        async with asyncio.timeout_at(min(until, deadline)):
            _, connection = await loop.create_connection(
                partial(_Connection, loop, deadline),
                host,
                target.port or _PORTS[target.scheme],
                ssl=context() if secure else None,
                server_hostname=host if secure else None,
                # An address in digits is the only one.
                happy_eyeballs_delay=None if host[-1:].isdigit() else _NEXT_ADDRESS,
            )
    except TimeoutError as error:
        if deadline < until:
            raise
        raise exceptions.ConnectTimeout("no connection in time") from error
    except (OSError, UnicodeError) as error:
        raise exceptions.ConnectError("no connection") from _cause(error)
    return connection


def _cause(error: Exception) -> Exception:
    """Return why a host cannot be reached, if asyncio joins the reasons of all addresses."""
    refused = {str(errno.ECONNREFUSED)} == set(_ERRNO.findall(str(error)))
    return ConnectionRefusedError(errno.ECONNREFUSED, str(error)) if refused else error


# What the parser is told of a request whose head is written here.
_A_REQUEST = h11.Request(method="POST", target="/", headers=[("Host", "-")])
_ITS_END = h11.EndOfMessage()


def written(request: Outgoing) -> bytes:
    """Write a request's head, of which ``request_builder`` has made all parts.

    h11 would look at each character of each header again, for as long as it reads the answer.
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
        self._parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD)
        self._waiting: asyncio.Future[None] | None = None
        self._full = False
        self._lost = False
        self._over = False
        self._unread = 0
        self._paused = False
        # What came behind the head, until the head is read, and how the body comes is known.
        self._behind: bytes | None = None
        self._tail = b""
        self._ended = False
        self._chunks: PlainChunks | None = None

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
        self._receive(bytes(_buffer.memory[:nbytes]))
        self._unread += nbytes
        if self._unread >= SOME and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def _receive(self, data: bytes) -> None:
        """Pass bytes to the parser: the head, and everything that is not a plain chunk."""
        if self._chunks is not None:
            data = self._chunks.feed(data)
        elif self._behind is not None:
            self._behind += data
            return
        elif self._parser.their_state is h11.SEND_RESPONSE:
            seen, self._tail = self._tail + data, (self._tail + data)[1 - len(_HEAD_END) :]
            if _HEAD_END in seen:
                end = seen.index(_HEAD_END) + len(_HEAD_END) - len(seen) + len(data)
                data, self._behind = data[:end], data[end:]
        if data:
            self._parser.receive_data(data)

    def _go_on(self, *, in_chunks: bool) -> None:
        """Continue reading after a head."""
        behind, self._behind, self._tail = self._behind, None, b""
        # Behind a head with an unusual end, the parser has the beginning of the body already.
        if in_chunks and behind is not None and not self._parser.trailing_data[0]:
            self._chunks = PlainChunks()
        if behind:
            self._receive(behind)
        if self._ended:
            self._parser.receive_data(b"")

    def eof_received(self) -> None:
        self._ended = True
        if self._behind is None:
            self._parser.receive_data(b"")
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
            self._parser.send(_A_REQUEST)
            self._parser.send(_ITS_END)
            await self._write(written(request) + body, seconds)
            return
        try:
            head = h11.Request(
                method=request.method, target=request.target.path, headers=request.headers
            )
            data = self._parser.send(head) or b""
            async for piece in body:
                data += self._parser.send(h11.Data(piece)) or b""
                if len(data) >= PIECE:
                    await self._write(data, seconds)
                    data = b""
            data += self._parser.send(h11.EndOfMessage()) or b""
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

    async def head(self, seconds: float) -> h11.Response:
        """Wait for the answer's status and headers.

        Raises:
            ReadTimeout: Nothing arrived in time.
            ReadError: The connection broke.
            RemoteProtocolError: The answer is not HTTP.
        """
        while True:
            event = self._next()
            if isinstance(event, h11.Response):
                named = b"transfer-encoding" in (name for name, _ in event.headers)
                self._go_on(in_chunks=named and event.status_code not in _WITHOUT_BODY)
                return event
            if event is h11.NEED_DATA:
                await self._more(seconds)
            elif not isinstance(event, h11.InformationalResponse) or event.status_code == 101:
                raise exceptions.RemoteProtocolError("no answer to the request")
            else:
                self._go_on(in_chunks=False)

    async def read(self, seconds: float) -> bytes:
        """Return the next bytes of the body, after waiting if necessary; empty at its end.

        Raises:
            HTTPError: As ``head`` does.
        """
        pieces: list[bytes] = []
        size = 0
        while size < SOME and not self._over:
            if self._chunks is not None and self._chunks.pieces:
                taken, self._chunks.pieces = self._chunks.pieces, []
                pieces += taken
                size += sum(map(len, taken))
                continue
            try:
                event = self._next()
            except exceptions.RemoteProtocolError:
                if pieces:
                    # First what came before; the parser raises again.
                    break
                raise
            if isinstance(event, h11.Data):
                pieces.append(event.data)
                size += len(event.data)
            elif event is not h11.NEED_DATA:
                self._over = True
            elif pieces:
                break
            else:
                await self._more(seconds)
        return b"".join(pieces)

    def _next(self) -> Any:
        try:
            return self._parser.next_event()
        except h11.RemoteProtocolError as error:
            raise exceptions.RemoteProtocolError(str(error)) from None

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
