"""Read what endpoints answer about batches: JSON, and files with one result a line."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.errors import NotAnEndpointError
from nbext.messages.say import phrase
from nbext.transport.client import Client
from nbext.wire.events import Progress

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from nbext.data.endpoint import Endpoint
    from nbext.session.protocol import BatchSession
    from nbext.wire.events import Call, Event

# Seconds in which a file of results has to arrive, at least.
_FILE_SECONDS = 3600.0


async def lines_of(session: BatchSession, endpoint: Endpoint, call: Call) -> AsyncGenerator[bytes]:
    """Yield the lines of a file, with one line in memory."""
    lines = _Lines()
    limits = session.connection.client.limits
    client = Client(msgspec.structs.replace(limits, total=max(limits.total, _FILE_SECONDS)))
    try:
        stream = client.stream(endpoint, call, lambda _: lines, idempotency_key="")
        async with contextlib.aclosing(stream) as events:
            async for _ in events:
                for line in lines.take():
                    yield endpoint.key.erase(line)
    finally:
        await client.aclose()


async def answer_of(session: BatchSession, endpoint: Endpoint, call: Call, *, key: str = "") -> Any:
    """Send a call, only once if it costs money, and return the JSON of the answer."""
    body = bytearray()
    stream = session.connection.client.stream(
        endpoint, call, lambda _: _Body(body), idempotency_key=key
    )
    async with contextlib.aclosing(stream) as events:
        async for _ in events:
            pass
    try:
        return msgspec.json.decode(endpoint.key.erase(bytes(body)))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise NotAnEndpointError(
            phrase("batch.not_json", host=endpoint.host),
            maybe_billed=call.generating,
        ) from None


class _Body:
    """A decoder that stores the answer unchanged."""

    over = False

    def __init__(self, body: bytearray) -> None:
        self._body = body

    def feed(self, data: bytes) -> list[Event]:
        self._body += data
        return []

    def close(self) -> list[Event]:
        return []


class _Lines:
    """A decoder that splits an answer into lines, with one event for each."""

    over = False

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._lines: list[bytes] = []

    def feed(self, data: bytes) -> list[Event]:
        *ends, rest = data.split(b"\n")
        if ends:
            self._lines.append(b"".join([*self._rest, ends[0]]))
            self._lines += ends[1:]
            self._rest = []
        self._rest.append(rest)
        return [Progress(words="line")] if ends else []

    def close(self) -> list[Event]:
        self._lines.append(b"".join(self._rest))
        self._rest = []
        return [Progress(words="line")]

    def take(self) -> list[bytes]:
        lines, self._lines = self._lines, []
        return [line for line in lines if line.strip()]
