"""The answers that the endpoint of the bench gives, built once and sent as they are.

A case is one answer: what it holds, how it is cut, and how long the endpoint waits. It has a name
that stands in the URL, so that the same server gives all of them.
"""

from __future__ import annotations

import base64
import json
import math
import random
import struct
import zlib
from functools import cache
from typing import Literal, NamedTuple

TINY = 16
# A prompt that begins so gets the same answer with a tiny picture, whatever the case.
WARM = "warm-up"
TEXT = "the quick brown fox "
# Chunks of this size hold what is no pixel of a padded picture.
PAD = 65536


class Case(NamedTuple):
    """One answer of a chat endpoint.

    Attributes:
        form: One JSON body, or an event stream.
        size: Bytes of the picture; 0 for a tiny one.
        padded: Whether the picture's bytes are other chunks than pixels, so that decoding it costs
            next to nothing.
        events: Events of a stream before the picture's.
        wait: Milliseconds before the answer begins.
        chunk: Bytes of one HTTP chunk; 0 sends a JSON body with its length, in one piece.
        seed: Of the picture; -1 gives each request another one.
    """

    form: Literal["json", "stream"] = "json"
    size: int = 0
    padded: int = 0
    events: int = 0
    wait: int = 0
    chunk: int = 0
    seed: int = 0

    @property
    def slug(self) -> str:
        """The case as a part of a path."""
        return "_".join(str(field) for field in self)

    @property
    def warm(self) -> Case:
        """The same with a tiny picture."""
        return self._replace(size=0, padded=0, events=min(self.events, 10))

    @classmethod
    def of(cls, slug: str) -> Case:
        """Read the part of a path."""
        form, *numbers = slug.split("_")
        return cls(form, *map(int, numbers))


def png(width, height, rows, *others):
    """A PNG of RGB rows with their filter bytes, and other chunks before the pixels."""

    def chunk(name, data):
        checked = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checked)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    inside = b"".join(chunk(name, data) for name, data in others)
    # Stored, not compressed: noise does not get smaller.
    pixels = chunk(b"IDAT", zlib.compress(rows, 0))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + inside + pixels + chunk(b"IEND", b"")


@cache
def picture(size=0, padded=0, seed=0):
    """A PNG of about so many bytes: noise, or a tiny one with as many bytes beside its pixels."""
    chance = random.Random(seed)
    side = TINY if padded or not size else max(TINY, math.isqrt(size // 3))
    row = 3 * side
    rows = b"".join(b"\0" + chance.randbytes(row) for _ in range(side))
    pads = [min(PAD, size - at) for at in range(0, size if padded else 0, PAD)]
    others = [(b"nBXP", chance.randbytes(pad)) for pad in pads]
    return png(side, side, rows, *others)


def markdown(case):
    """The text in which the picture comes."""
    data = base64.b64encode(picture(case.size, case.padded, case.seed)).decode()
    return f"Here it is: ![cat](data:image/png;base64,{data})"


def _event(**choice):
    fields = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1764450000}
    body = fields | {"model": "gpt-4o-image", "choices": [{"index": 0, **choice}]}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def body(case):
    """The body of an answer, before it is cut."""
    if case.form == "json":
        message = {"role": "assistant", "content": markdown(case)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        fields = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1764450000}
        usage = {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}
        return json.dumps(
            fields | {"model": "gpt-4o-image", "choices": [choice], "usage": usage}
        ).encode()
    words = [_event(delta={"content": TEXT}, finish_reason=None) for _ in range(case.events)]
    last = _event(delta={"content": markdown(case)}, finish_reason=None)
    end = _event(delta={}, finish_reason="stop")
    return b"".join([*words, last, end, b"data: [DONE]\n\n"])


@cache
def answer(case):
    """A whole HTTP answer, as it goes over the wire."""
    whole = body(case)
    kind = "application/json" if case.form == "json" else "text/event-stream"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n"
    if case.form == "json" and not case.chunk:
        return f"{head}Content-Length: {len(whole)}\r\n\r\n".encode() + whole
    step = case.chunk or 8192
    pieces = [f"{head}Transfer-Encoding: chunked\r\n\r\n".encode()]
    for at in range(0, len(whole), step):
        piece = whole[at : at + step]
        pieces += [b"%x\r\n" % len(piece), piece, b"\r\n"]
    return b"".join([*pieces, b"0\r\n\r\n"])
