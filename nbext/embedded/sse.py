"""Server-sent events, each sent as soon as it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from nbext.embedded.errors import CutError, EndError

if TYPE_CHECKING:
    from nbext.embedded.base import Handler

_BREAK_AFTER = 5  # events that models which break off still send


class Stream:
    """An answer as a stream of events.

    Three of the documented models break off here: ``embedded-cut`` drops the connection,
    ``embedded-truncated`` ends early without an error, ``embedded-midstream-error`` sends an error.

    Args:
        handler: The handler of the request.
        model: The name in the request.
    """

    def __init__(self, handler: Handler, model: str = "") -> None:
        self._handler = handler
        self._model = model
        self._count = 0
        handler.set_header("Content-Type", "text/event-stream")
        handler.set_header("Cache-Control", "no-cache")
        handler.set_header("X-Accel-Buffering", "no")

    async def data(self, value: Any, *, event: str = "") -> None:
        """Send one event, with a name if the wire format has names."""
        await self._maybe_break()
        head = f"event: {event}\n".encode() if event else b""
        await self._handler.push(head + b"data: " + msgspec.json.encode(value) + b"\n\n")
        self._count += 1

    async def comment(self, text: str) -> None:
        """Send a comment, to keep proxies from closing a silent connection."""
        await self._handler.push(f": {text}\n\n".encode())

    async def done(self) -> None:
        """Send the end mark of OpenAI's streams."""
        await self._handler.push(b"data: [DONE]\n\n")

    async def _maybe_break(self) -> None:
        if self._count < _BREAK_AFTER:
            return
        if self._model == "embedded-cut":
            raise CutError
        if self._model == "embedded-truncated":
            raise EndError
        if self._model == "embedded-midstream-error":
            error = {"message": "upstream connection lost", "type": "upstream_error", "code": "eof"}
            await self._handler.push(b"data: " + msgspec.json.encode({"error": error}) + b"\n\n")
            raise EndError
