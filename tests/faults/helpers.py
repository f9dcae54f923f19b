"""What the tests of the transport share: an endpoint, a decoder and a sink that are easily read."""

from __future__ import annotations

import contextlib
import hashlib

from nbext.data.endpoint import Endpoint, Secret
from nbext.data.picture import PictureInfo, dimensions, sniff
from nbext.transport.client import Client, Limits
from nbext.wire.events import Call, Done, ErrorEvent, Text

KEY = "sk-canary-0123456789abcdef"
# For what never ends of itself; all else comes, however busy the machine is.
QUICK = Limits(connect=60.0, write=60.0, silence=0.2, total=0.6)
PATIENT = Limits(connect=60.0, write=60.0, silence=60.0, total=60.0)
CALL = Call(path="chat/completions", body={"model": "m", "stream": False})
GET = Call(path="models", method="GET", generating=False)


def endpoint(base: str, key: str = KEY) -> Endpoint:
    return Endpoint(name="relay", base_url=base, key=Secret(key))


class Words:
    """Gives each piece as text; complete where the body ends with a brace, or says [DONE]."""

    made: list = []

    @property
    def over(self):
        return b"[DONE]" in self.data

    def __init__(self, content_type: str) -> None:
        self.content_type = content_type
        self.data = b""
        self.closed = 0
        Words.made.append(self)

    def feed(self, data):
        self.data += data
        return [Text(text=data.decode("utf-8", "replace"))]

    def close(self):
        self.closed += 1
        if self.data.endswith((b"[DONE]\n\n", b"}")):
            return [Done()]
        return [Text(text="(kept)"), ErrorEvent(kind="TruncatedError", message="no end")]


class Memory:
    """A sink in memory."""

    def __init__(self, log: list) -> None:
        self.data = bytearray()
        self.log = log
        log.append(self)
        self.state = "open"

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> PictureInfo:
        self.state = "kept"
        data = bytes(self.data)
        width, height = dimensions(data)
        return PictureInfo(
            sha256=hashlib.sha256(data).hexdigest(),
            media_type=sniff(data),
            size=len(data),
            width=width,
            height=height,
        )

    def abort(self) -> None:
        self.state = "forgotten"


async def collect(target, call=CALL, limits=PATIENT, decoder=Words, key="action-1"):
    """All events of a stream, and the error that ended it."""
    client = Client(limits)
    events, error = [], None
    try:
        async with contextlib.aclosing(
            client.stream(target, call, decoder, idempotency_key=key)
        ) as stream:
            async for event in stream:
                events.append(event)
    except Exception as raised:
        error = raised
    finally:
        await client.aclose()
    return events, error
