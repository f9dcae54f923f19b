"""Read one answer's body within the limits of total time, silence and size.

Reading raises errors of ours alone, and none of them has the library's exception behind it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nbext.errors import NotAnEndpointError, TruncatedError
from nbext.messages.say import phrase
from nbext.transport.decompress import ContentDecoder, DecompressionError, UnknownCompressionError
from nbext.transport.direct import DirectResponse
from nbext.transport.error_map import map_exception, transport_errors
from nbext.transport.retry import AttemptFailure, RequestStage
from nbext.util.text import human_size
from nbext.wire.error_body import one_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from nbext.data.limits import Limits
    from nbext.transport.http import Response


# Bytes unpacked before others get the event loop.
_PAUSE = 4 << 20


class Reply:
    """An answer whose status and headers have arrived.

    Args:
        response: Of the library, unread.
        closers: Functions that are called when it is closed, in order.
        limits: Of time and size.
        deadline: Of the event loop's clock, for the whole action.
        host: For the words.
        generating: Whether the request costs money.

    Attributes:
        status: Of HTTP.
        headers: Case does not matter.
        cap: Bytes of the body that are read at most.
    """

    def __init__(
        self,
        response: Response | DirectResponse,
        closers: list[Callable[[], Awaitable[None]]],
        *,
        limits: Limits,
        deadline: float,
        host: str,
        generating: bool,
    ) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self._receive: Callable[[], Awaitable[bytes | None]]
        if isinstance(response, DirectResponse):
            self._receive = response.read
        else:
            chunks = response.aiter_raw()
            self._receive = lambda: _next_of(chunks, deadline)
        self._closers = [response.aclose, *closers]
        self._limits = limits
        self._deadline = deadline
        self._host = host
        self._generating = generating
        self.cap = limits.answer_bytes
        self._decoder: ContentDecoder | None = None
        self._pieces: Iterator[bytes] = iter(())
        self._held = b""
        self._count = 0
        self._since_pause = 0

    @property
    def request_id(self) -> str:
        """The endpoint's id of the request in a header, printable."""
        names = ("x-oneapi-request-id", "x-request-id")
        return one_line(next((v for name in names if (v := self.headers.get(name, ""))), ""), 128)

    @property
    def content_type(self) -> str:
        """The ``Content-Type`` header."""
        return str(self.headers.get("content-type", ""))

    async def read(self) -> bytes | AttemptFailure:
        """Return the next bytes of the body, ``b""`` at its end, or the failure."""
        if self._decoder is None:
            encoding = self.headers.get("content-encoding", "")
            try:
                self._decoder = ContentDecoder(encoding)
            except UnknownCompressionError as unknown:
                return self._cannot_unpack(unknown)
        if self._held:
            held, self._held = self._held, b""
            return held
        try:
            return await self._next(self._decoder)
        except transport_errors() as error:
            return self._explain(error)

    async def _next(self, decoder: ContentDecoder) -> bytes | AttemptFailure:
        """Return the decompressed bytes that are ready; then wait for more."""
        loop = asyncio.get_running_loop()
        while True:
            piece = next(self._pieces, b"")
            if not piece:
                data = await self._receive()
                if data is None:
                    if rest := decoder.rest():
                        return rest
                    return b"" if decoder.whole else self._explain(DecompressionError())
                self._since_pause = 0
                if decoder.is_plain:
                    piece = data
                else:
                    self._pieces = decoder.feed(data)
            if piece:
                self._count += len(piece)
                if loop.time() > self._deadline:
                    return self._explain(TimeoutError())
                self._since_pause += len(piece)
                if self._since_pause > _PAUSE:
                    # A bomb of a few kilobytes is unpacked for seconds: others want the loop, too.
                    self._since_pause = 0
                    await asyncio.sleep(0)
                return piece if self._count <= self.cap else self._too_large()

    def _cannot_unpack(self, unknown: UnknownCompressionError) -> AttemptFailure:
        message = phrase("net.compressed", host=self._host, one_line=one_line(str(unknown), 40))
        install = phrase("net.install_package", package=unknown.package)
        error = NotAnEndpointError(
            message, remedy=install if unknown.package else "", maybe_billed=self._generating
        )
        return AttemptFailure(error, RequestStage.FINAL)

    async def read_all(self, cap: int) -> tuple[bytes, AttemptFailure | None]:
        """Return up to ``cap`` bytes and the failure; ``read`` returns the rest."""
        parts: list[bytes] = []
        size = 0
        while size < cap:
            piece = await self.read()
            if isinstance(piece, AttemptFailure):
                return b"".join(parts), piece
            if not piece:
                break
            parts.append(piece[: cap - size])
            self._held = piece[cap - size :]
            size += len(parts[-1])
        return b"".join(parts), None

    def give_back(self, data: bytes) -> None:
        """Let the next ``read`` return these bytes first."""
        self._held = data + self._held

    async def aclose(self) -> None:
        """Close the connection."""
        for close in self._closers:
            try:
                await close()
            except Exception as error:
                # A connection that breaks while it is closed is closed.
                if not isinstance(error, (*transport_errors(), RuntimeError)):
                    raise

    def _explain(self, error: Exception) -> AttemptFailure:
        return map_exception(
            error, self._host, self._limits, generating=self._generating, answered=True
        )

    def _too_large(self) -> AttemptFailure:
        message = phrase("net.too_much", host=self._host, size=human_size(self.cap))
        return AttemptFailure(
            TruncatedError(message, maybe_billed=self._generating), RequestStage.FINAL
        )


async def _next_of(chunks: AsyncIterator[bytes], deadline: float) -> bytes | None:
    """Return the next bytes that the library yields, None at their end."""
    async with asyncio.timeout_at(deadline):
        return await anext(chunks, None)
