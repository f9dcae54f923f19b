"""A server on loopback that goes wrong in chosen ways: raw asyncio, so that every byte is ours.

A fault is a coroutine function that takes an ``Exchange``; requests are counted when they are fully
read, because that is when a relay would begin to draw, and bill.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gzip
import socket
import struct
from dataclasses import dataclass, field

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Exchange:
    """One request and the way back."""

    request: Request
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, body: bytes = b"", status: int = 200, **headers: str) -> None:
        head = {"content-length": str(len(body)), "connection": "close"}
        head |= {name.replace("_", "-"): value for name, value in headers.items()}
        await self.send(head_bytes(status, head) + body)

    def reset(self) -> None:
        """Hang up with a TCP reset instead of an end."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


def head_bytes(status: int, headers: dict[str, str], newline: bytes = b"\r\n") -> bytes:
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
    return newline.join(line.encode() for line in lines) + newline * 2


@dataclass
class FaultServer:
    """Use as ``async with FaultServer(fault) as server``; a list of faults is used up in order."""

    faults: object
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    hang_ups: int = 0
    early_reset: bool = False
    port: int = 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self._tasks: set = set()
        self.hung_up = asyncio.Event()
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(Exception):
            await self._server.wait_closed()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def posts(self) -> int:
        return sum(request.method == "POST" for request in self.requests)

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        self.connections += 1
        try:
            if self.early_reset:
                Exchange(None, reader, writer, 0).reset()
                return
            request = await read_request(reader)
            self.requests.append(request)
            number = len(self.requests)
            faults = self.faults
            fault = faults[min(number, len(faults)) - 1] if isinstance(faults, list) else faults
            await fault(Exchange(request, reader, writer, number))
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hang_ups += 1
            self.hung_up.set()
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(Exception):
                await writer.wait_closed()


async def read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    headers = {}
    for line in head[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.lower()] = value.strip()
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, path, headers, body)


JSON = {"content-type": "application/json"}
SSE = {"content-type": "text/event-stream"}
GOOD = b'{"ok": true}'
HALF = b'{"ok": tr'


async def good(x: Exchange) -> None:
    await x.answer(GOOD, **JSON)


async def reset_after_request(x: Exchange) -> None:
    x.reset()


async def close_after_request(x: Exchange) -> None:
    x.writer.close()


async def half_header(x: Exchange) -> None:
    await x.send(b"HTTP/1.1 200 OK\r\ncontent-le")
    x.reset()


async def half_header_then_end(x: Exchange) -> None:
    await x.send(b"HTTP/1.1 200 OK\r\ncontent-le")


async def half_body(x: Exchange) -> None:
    await x.send(head_bytes(200, JSON | {"content-length": "1000"}) + HALF)
    await asyncio.sleep(0.02)
    x.reset()


async def wrong_length(x: Exchange) -> None:
    """More is announced than comes; then an orderly end."""
    await x.send(head_bytes(200, JSON | {"content-length": "1000"}) + HALF)


async def chunk_cut(x: Exchange) -> None:
    head = head_bytes(200, SSE | {"transfer-encoding": "chunked"})
    await x.send(head + b"c\r\n" + GOOD + b"\r\nff\r\nhalf of")


async def bad_chunk(x: Exchange) -> None:
    await x.send(head_bytes(200, SSE | {"transfer-encoding": "chunked"}) + b"zz\r\nno number\r\n")


async def drip(x: Exchange) -> None:
    """A byte now and then, for ever: never silent for long."""
    await x.send(head_bytes(200, SSE))
    while True:
        await x.send(b":")
        await asyncio.sleep(0.03)


async def silence(x: Exchange) -> None:
    """The request is read and nothing follows, until the other side goes."""
    if not await x.reader.read(1):
        raise ConnectionResetError


async def silence_in_body(x: Exchange) -> None:
    await x.send(head_bytes(200, SSE) + b"data: 1\n\n")
    await silence(x)


async def page_524(x: Exchange) -> None:
    page = b"<!DOCTYPE html><html><head><title>relay.example | 524: A timeout occurred</title>"
    await x.answer(page, 524, content_type="text/html; charset=UTF-8")


async def line_524(x: Exchange) -> None:
    await x.answer(b"error code: 524", 524, content_type="text/plain")


@functools.cache
def bomb() -> bytes:
    """Make 40 MB of zeros small; that takes longer than a client waits, so call it before."""
    return gzip.compress(bytes(40 << 20))


async def gzip_bomb(x: Exchange) -> None:
    await x.answer(bomb(), content_type="application/json", content_encoding="gzip")


async def broken_gzip(x: Exchange) -> None:
    half = gzip.compress(GOOD * 50)[:-12]
    await x.answer(half, content_type="application/json", content_encoding="gzip")


async def brotli(x: Exchange) -> None:
    await x.answer(b"\x1b\x0b", content_type="application/json", content_encoding="br")


def status(code: int, body: bytes = b"{}", **headers: str):
    async def fault(x: Exchange) -> None:
        await x.answer(body, code, **(JSON | headers))

    fault.__name__ = f"status_{code}"
    return fault


def redirect(target: str, code: int = 302):
    async def fault(x: Exchange) -> None:
        await x.answer(b"", code, location=target)

    fault.__name__ = f"redirect_{code}"
    return fault


def picture(data: bytes = PNG, **headers: str):
    async def fault(x: Exchange) -> None:
        await x.answer(data, **({"content_type": "image/png"} | headers))

    return fault
