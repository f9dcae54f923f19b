"""Answers read in the tests of the wire formats: whole, and cut at every byte."""

from __future__ import annotations

import base64
import json

from nbext.data.request import Reference
from nbext.errors import PictureError
from nbext.wire import events


class MemorySink:
    """Keeps a picture's bytes in a dict, by their hash."""

    def __init__(self, kept: dict[str, bytes]) -> None:
        self.kept = kept
        self.data = b""
        self.open = True

    def write(self, data: bytes) -> None:
        assert self.open
        self.data += data

    def close(self):
        self.open = False
        info = Reference.of(self.data).info
        if not info.media_type:
            raise PictureError("The bytes are no picture.")
        self.kept[info.sha256] = self.data
        return info

    def abort(self) -> None:
        self.open = False


class Read:
    """What the events of an answer come to."""

    def __init__(self, found: list[events.Event], kept: dict[str, bytes]) -> None:
        self.events = found
        self.kept = kept

    def all(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.all(events.Text))

    @property
    def reasoning(self) -> str:
        return "".join(event.text for event in self.all(events.Reasoning))

    @property
    def pictures(self) -> list[bytes]:
        return [self.kept[e.picture.sha256] for e in self.all(events.Inline) if not e.partial]

    @property
    def previews(self) -> list[bytes]:
        return [self.kept[e.picture.sha256] for e in self.all(events.Inline) if e.partial]

    @property
    def links(self) -> list[tuple[str, str]]:
        return [(event.url, event.kind) for event in self.all(events.Link)]

    @property
    def failed(self):
        return next(iter(self.all(events.ErrorEvent)), None)

    @property
    def done(self):
        return next(iter(self.all(events.Done)), None)

    @property
    def usage(self) -> dict:
        merged = {}
        for event in self.all(events.Usage):
            merged |= event.usage
        return merged

    @property
    def raw(self):
        return next((e.raw for e in reversed(self.all(events.Meta)) if e.raw is not None), None)


def read(wire, request, body, *, content_type="application/json", size=0) -> Read:
    """Feed a body to a wire's decoder, in pieces of a size, at once for 0."""
    kept: dict[str, bytes] = {}
    data = (
        body
        if isinstance(body, bytes)
        else body.encode()
        if isinstance(body, str)
        else json.dumps(body).encode()
    )
    decoder = wire.decoder(request, lambda: MemorySink(kept), content_type=content_type)
    found = []
    for start in range(0, len(data), size or len(data) or 1):
        found += decoder.feed(data[start : start + (size or len(data))])
    found += decoder.close()
    return Read(found, kept)


def read_cut(wire, request, body, at, *, content_type="application/json") -> Read:
    """Feed a body in two pieces."""
    kept: dict[str, bytes] = {}
    decoder = wire.decoder(request, lambda: MemorySink(kept), content_type=content_type)
    return Read([*decoder.feed(body[:at]), *decoder.feed(body[at:]), *decoder.close()], kept)


def assert_same_however_cut(wire, request, body: bytes, *, content_type="application/json") -> None:
    """Check that a body says the same whole, byte by byte, and cut in two at every place."""

    def gist(answer: Read):
        return (
            answer.text,
            answer.reasoning,
            answer.pictures,
            answer.previews,
            answer.links,
            answer.failed,
            answer.done,
            answer.raw,
        )

    whole = gist(read(wire, request, body, content_type=content_type))
    assert gist(read(wire, request, body, content_type=content_type, size=1)) == whole
    for at in range(len(body)):
        assert gist(read_cut(wire, request, body, at, content_type=content_type)) == whole, at


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sse(*values, named: bool = False, done: bool = False) -> bytes:
    """Write values as a stream; ``named`` gives each event its type as its name."""
    lines = []
    for value in values:
        if named:
            lines.append(f"event: {value['type']}\n")
        lines.append(
            f"data: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}\n\n"
        )
    if done:
        lines.append("data: [DONE]\n\n")
    return "".join(lines).encode()


STREAM = "text/event-stream"
