"""Ways for an answer to go wrong, each drawn at random within its kind.

A fault is a coroutine function of an exchange, the good answer and a random generator. ``HARMLESS``
are unusual, but lose nothing: the picture has to come.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
import json
import random
import struct
import zlib
from collections.abc import Awaitable, Callable

from tests.faults.answers import Good
from tests.faults.server import Exchange, head_bytes

Fault = Callable[[Exchange, Good, random.Random], Awaitable[None]]

# Longer than the seconds that a case gives an answer.
FOR_EVER = 30.0


def _head(good: Good, status: int = 200, **headers: str) -> bytes:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    head = {"content-type": good.content_type, "connection": "close"} | named
    return head_bytes(status, {name: value for name, value in head.items() if value})


def _sized(good: Good, body: bytes | None = None, status: int = 200, **headers: str) -> bytes:
    body = good.body if body is None else body
    return _head(good, status, content_length=str(len(body)), **headers) + body


# Harmless


async def late(x: Exchange, good: Good, rng: random.Random) -> None:
    await asyncio.sleep(rng.uniform(0, 0.2))
    await x.send(_sized(good))


async def in_pieces(x: Exchange, good: Good, rng: random.Random) -> None:
    data, at = _sized(good), 0
    while at < len(data):
        step = rng.choice([1, 2, 3, 50, 500, 5000]) if at < 300 else rng.randint(100, 5000)
        await x.send(data[at : at + step])
        at += step
        await asyncio.sleep(0)


async def in_chunks(x: Exchange, good: Good, rng: random.Random) -> None:
    pieces, at = [], 0
    while at < len(good.body):
        step = rng.randint(1, 4000)
        piece = good.body[at : at + step]
        pieces.append(f"{len(piece):x};name=value\r\n".encode() + piece + b"\r\n")
        at += step
    await x.send(_head(good, transfer_encoding="chunked") + b"".join(pieces) + b"0\r\n\r\n")


async def without_length(x: Exchange, good: Good, rng: random.Random) -> None:
    await x.send(_head(good) + good.body)


async def early_hints(x: Exchange, good: Good, rng: random.Random) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * rng.randint(1, 5)
    await x.send(hints + _sized(good))


async def compressed(x: Exchange, good: Good, rng: random.Random) -> None:
    body = gzip.compress(good.body)
    await x.send(_sized(good, body, content_encoding=rng.choice(["gzip", "x-gzip", "GZIP"])))


async def other_headers(x: Exchange, good: Good, rng: random.Random) -> None:
    extra = {f"x-{n}": "v" * rng.randint(0, 200) for n in range(rng.randint(0, 40))}
    await x.send(_sized(good, x_request_id="\x9b31m\x1b[2J", **extra))


HARMLESS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        late,
        in_pieces,
        in_chunks,
        without_length,
        early_hints,
        compressed,
        other_headers,
    )
}


# Broken connections


async def cut(x: Exchange, good: Good, rng: random.Random) -> None:
    data = _sized(good)
    await x.send(data[: rng.randrange(len(data))])


async def reset(x: Exchange, good: Good, rng: random.Random) -> None:
    data = _sized(good)
    await x.send(data[: rng.randrange(len(data))])
    await asyncio.sleep(rng.choice([0, 0.01]))
    x.reset()


async def cut_chunk(x: Exchange, good: Good, rng: random.Random) -> None:
    body = good.body[: rng.randrange(len(good.body))]
    await x.send(
        _head(good, transfer_encoding="chunked")
        + f"{len(body) + rng.randint(0, 9):x}\r\n".encode()
        + body
    )


async def broken_chunks(x: Exchange, good: Good, rng: random.Random) -> None:
    size = rng.choice([b"zz", b"-1", b"", b"ffffffffffffffffff", b"1 1", b"0x10"])
    await x.send(_head(good, transfer_encoding="chunked") + size + b"\r\n" + good.body)


async def silence(x: Exchange, good: Good, rng: random.Random) -> None:
    data = _sized(good)
    await x.send(data[: rng.randrange(len(data))])
    await x.reader.read(1)


async def slow_loris(x: Exchange, good: Good, rng: random.Random) -> None:
    data = _sized(good)
    at = rng.randrange(len(data))
    await x.send(data[:at])
    for place in range(at, len(data)):
        await x.send(data[place : place + 1])
        await asyncio.sleep(0.05)


async def comments(x: Exchange, good: Good, rng: random.Random) -> None:
    await x.send(_head(good, content_type="text/event-stream"))
    for _ in range(int(FOR_EVER / 0.02)):
        await x.send(b": still at work\n\n")
        await asyncio.sleep(0.02)


# Wrong words


async def longer(x: Exchange, good: Good, rng: random.Random) -> None:
    await x.send(_head(good, content_length=str(len(good.body) + rng.randint(1, 999))) + good.body)


async def shorter(x: Exchange, good: Good, rng: random.Random) -> None:
    length = rng.randrange(len(good.body))
    await x.send(_head(good, content_length=str(length)) + good.body)


async def two_lengths(x: Exchange, good: Good, rng: random.Random) -> None:
    head = _sized(good).partition(b"\r\n\r\n")[0]
    length = rng.choice([b"0", b"5", b"-1", b"abc", b"99999999999999999999"])
    await x.send(head + b"\r\ncontent-length: " + length + b"\r\n\r\n" + good.body)


async def wrong_encoding(x: Exchange, good: Good, rng: random.Random) -> None:
    encoding = rng.choice(["gzip", "deflate", "br", "zstd", "compress", "gzip, gzip", "identity"])
    body = rng.choice([good.body, rng.randbytes(200), gzip.compress(good.body)[:-9], b"\x1f\x8b"])
    await x.send(_sized(good, body, content_encoding=encoding))


async def wrong_charset(x: Exchange, good: Good, rng: random.Random) -> None:
    codec = rng.choice(["utf-16", "utf-32", "utf-7", "utf-8-sig", "cp037"])
    body = good.body.decode("utf-8", "replace").encode(codec, "replace")
    await x.send(_sized(good, body, content_type=f"application/json; charset={codec}"))


async def wrong_type(x: Exchange, good: Good, rng: random.Random) -> None:
    kinds = [
        "text/html",
        "image/png",
        "",
        "x" * 3000,
        "text/event-stream",
        "application/json",
        ";;",
    ]
    await x.send(_sized(good, content_type=rng.choice(kinds)))


async def garbage(x: Exchange, good: Good, rng: random.Random) -> None:
    await x.send(_sized(good, rng.randbytes(rng.randrange(20_000))))


async def garbage_head(x: Exchange, good: Good, rng: random.Random) -> None:
    heads = [
        rng.randbytes(300),
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 999 \r\n\r\n",
        b"HTTP/1.1 abc X\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na: b\x00c\r\n\r\n",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28",
        b"\r\n" * 50,
    ]
    await x.send(rng.choice(heads) + good.body)


async def flipped(x: Exchange, good: Good, rng: random.Random) -> None:
    body = bytearray(good.body)
    for _ in range(rng.randint(1, 20)):
        body[rng.randrange(len(body))] = rng.randrange(256)
    await x.send(_sized(good, bytes(body)))


_ODD = (
    None,
    True,
    -1,
    0,
    1e308,
    10**30,
    "",
    "x",
    [],
    {},
    [[]],
    {"error": "no"},
    "data:,",
    "\ud800",
)


def mutated(value: object, rng: random.Random) -> object:
    """Put something else in place of one value of a JSON text."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        name = rng.choice(list(value))
        return value | {name: mutated(value[name], rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        at = rng.randrange(len(value))
        return [*value[:at], mutated(value[at], rng), *value[at + 1 :]]
    return rng.choice([*_ODD, [value], {"a": value}, [value] * 3, json.dumps(value)])


async def other_values(x: Exchange, good: Good, rng: random.Random) -> None:
    await x.send(_sized(good, mutated_body(good.body, rng)))


def mutated_body(body: bytes, rng: random.Random) -> bytes:
    """Change one value of a JSON body, or of each event of a stream."""
    try:
        if body.startswith(b"data:"):
            lines = [line for line in body.split(b"\n\n") if line.startswith(b"data: {")]
            return b"".join(
                b"data: " + json.dumps(mutated(json.loads(line[6:]), rng)).encode() + b"\n\n"
                for line in lines
            )
        return json.dumps(mutated(json.loads(body), rng)).encode()
    except (ValueError, RecursionError):
        return body[: rng.randrange(len(body) + 1)]


async def page(x: Exchange, good: Good, rng: random.Random) -> None:
    title = rng.choice(["Login", "524: A timeout occurred", "Just a moment...", "\x1b]0;x\x07"])
    body = f"<!DOCTYPE html><html><title>{title}</title>{'<p>' * rng.randrange(5000)}".encode()
    status = rng.choice([200, 200, 403, 404, 500, 502, 503, 524])
    await x.send(_sized(good, body, status, content_type="text/html"))


async def any_status(x: Exchange, good: Good, rng: random.Random) -> None:
    status = rng.randrange(201, 600)
    body = rng.choice([b"", good.body, b'{"error":{"message":"no"}}', b"[" * 50_000, b"null"])
    await x.send(_sized(good, body, status))


async def busy(x: Exchange, good: Good, rng: random.Random) -> None:
    after = rng.choice(["", "0", "0.01", "-5", "1e9", "Wed, 21 Oct 2099 07:28:00 GMT", "soon", "٣"])
    body = b'{"error":{"message":"busy"}}'
    await x.send(_sized(good, body, rng.choice([429, 503]), retry_after=after))


async def redirect_loop(x: Exchange, good: Good, rng: random.Random) -> None:
    targets = [x.request.path, "//", "http://", "http://127.0.0.1:1/", "http://[::1]/", "file:///x"]
    targets += ["http://xn--/", "\x00", "http://h:99999/", "http://" + "a" * 4000]
    status = rng.choice([301, 302, 303, 307, 308])
    await x.send(_sized(good, b"", status, location=rng.choice(targets)))


# Too much


async def huge_headers(x: Exchange, good: Good, rng: random.Random) -> None:
    await x.send(b"HTTP/1.1 200 OK\r\n")
    if rng.random() < 0.5:
        await x.send(b"x-long: " + b"v" * (2 << 20) + b"\r\n")
    else:
        await x.send(b"".join(b"x-%d: v\r\n" % n for n in range(20_000)))
    await x.send(b"\r\n" + good.body)


async def endless(x: Exchange, good: Good, rng: random.Random) -> None:
    """A body without an end: zeros, blanks, a line, words, thoughts, a list, a picture."""
    word = "cat " * 2000

    def event(delta: object) -> bytes:
        return b"data: " + json.dumps({"choices": [{"delta": delta}]}).encode() + b"\n\n"

    parts = [{"text": word}]
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": word}}
    pieces = [
        (b"", b"\0" * 9000),
        (b"", b" " * 9000),
        (b"data: ", b"x" * 9000),
        (b'{"choices":[{"message":{"content":"', b"cat " * 2000),
        (b'{"data":[', b'{"url":"https://h.example/a.png"},' * 200),
        (b'{"data":[{"b64_json":"iVBORw0KGgoAAAANSUhEUgAA', b"AAAA" * 2000),
        (b"", event({"content": word})),
        (b"", event({"reasoning_content": word})),
        (b"", event({"tool_calls": [call]})),
        (b"", event({"content": "![a](https://h.example/a.png) " * 20})),
        (
            b"",
            b'data: {"candidates":[{"content":{"parts":' + json.dumps(parts).encode() + b"}}]}\n\n",
        ),
        (b"", b'data: {"type":"response.output_text.delta","delta":"' + b"cat " * 2000 + b'"}\n\n'),
        (b"", b'data: {"choices":[{"text":"' + b"cat " * 2000 + b'"}]}\n\n'),
        (b"", b"event: ping\n\n" * 500),
    ]
    begin, piece = rng.choice(pieces)
    stream = piece.startswith((b"data:", b"event:")) or begin == b"data: "
    await x.send(_head(good, content_type="text/event-stream" if stream else good.content_type))
    await x.send(begin)
    loop = asyncio.get_running_loop()
    end = loop.time() + FOR_EVER
    while loop.time() < end:
        await x.send(piece)
        await asyncio.sleep(0)


async def bomb(x: Exchange, good: Good, rng: random.Random) -> None:
    kind = rng.choice(["gzip", "nested", "items", "png", "words"])
    if kind == "gzip":
        await x.send(_sized(good, gzip_bomb(), content_encoding="gzip"))
    elif kind == "nested":
        await x.send(_sized(good, rng.choice([b"[", b'{"a":', b'[{"data":']) * 200_000))
    elif kind == "items":
        await x.send(_sized(good, b'{"data":[' + b"{}," * 300_000 + b"{}]}"))
    elif kind == "words":
        await x.send(_sized(good, b'{"choices":[{"text":"' + b"![](" * 200_000 + b'"}]}'))
    else:
        await x.send(_sized(good, png_bomb(rng), content_type="image/png"))


@functools.cache
def gzip_bomb() -> bytes:
    """40 kB that swell to 40 MB."""
    pack = zlib.compressobj(9, wbits=31)
    return b"".join([pack.compress(bytes(1 << 20)) for _ in range(40)]) + pack.flush()


def png_bomb(rng: random.Random) -> bytes:
    """A small PNG that claims to be a large one."""
    sides = rng.choice([(30_000, 30_000), (1, 50_000_000), (50_000_000, 1), (2**31 - 1, 2**31 - 1)])

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", *sides, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(99_999), 9))


FAULTS: dict[str, Fault] = HARMLESS | {
    fault.__name__: fault
    for fault in (
        *(cut, reset, cut_chunk, broken_chunks, silence, slow_loris, comments),
        *(longer, shorter, two_lengths, wrong_encoding, wrong_charset, wrong_type),
        *(garbage, garbage_head, flipped, other_values, page, any_status, busy, redirect_loop),
        *(huge_headers, endless, bomb),
    )
}
