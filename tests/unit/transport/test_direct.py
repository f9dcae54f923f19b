"""Requests over connections of their own end as they do with the library's transport."""

from __future__ import annotations

import asyncio
import functools
import ssl

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbext.data.endpoint import Endpoint, Secret
from nbext.data.limits import Limits
from nbext.transport import exceptions, http, request_builder
from nbext.transport.direct import PIECE, SOME, DirectResponse, DirectTransport, written
from nbext.transport.request_builder import outgoing_of
from nbext.wire.events import Call

# One for all: to make one takes longer than a test.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
BODY = b'{"picture": "' + bytes(range(48, 58)) * 30 + b'"}'


def on_a_loop(test):
    """Let a test be a coroutine."""

    @functools.wraps(test)
    def run(**given):
        asyncio.run(test(**given))

    return run


def chunked(data, size, extension=b";a=b"):
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    chunks = [b"%x%b\r\n%b\r\n" % (len(p), extension, p) for p in pieces]
    return b"".join(chunks) + b"0\r\n\r\n"


def answers():
    """Heads and bodies, whole and broken, as servers send them."""
    head = b"HTTP/1.1 200 Fine\r\nX-A: 1\r\nX-a: 2\r\nContent-Type: text/plain\r\n"
    long = b"Content-Length: %d\r\n\r\n" % len(BODY)
    pieces = b"Transfer-Encoding: chunked\r\n\r\n"
    return {
        "length": head + long + BODY,
        "chunks": head + pieces + chunked(BODY, 7),
        "plain chunks": head + pieces + chunked(BODY, 17, b""),
        "plain chunks, hints first": b"HTTP/1.1 103 Hints\r\n\r\n"
        + head
        + pieces
        + chunked(BODY, 9, b""),
        "cut in a plain chunk": head + pieces + chunked(BODY, 17, b"")[:35],
        "no end behind a chunk": head + pieces + b"3\r\nabcd\r\n0\r\n\r\n",
        "chunks under odd line ends": b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n"
        + chunked(b"a\r\n\r\nb" * 9, 5, b""),
        "no content, in chunks": b"HTTP/1.1 204 No Content\r\n" + pieces + b"0\r\n\r\n",
        "until closed": head + b"Connection: close\r\n\r\n" + BODY,
        "closing, with length": head + b"Connection: close\r\n" + long + BODY,
        "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
        "hints first": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + head + long + BODY,
        "more than its length": head + long + BODY + b"HTTP/1.1 500 Behind\r\n\r\n",
        "nothing in it": head + b"Content-Length: 0\r\n\r\n",
        "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
        "an error": b"HTTP/1.1 429 Slow\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\nno",
        "cut in the head": head,
        "cut in the body": head + long + BODY[:50],
        "cut in a chunk": head + pieces + chunked(BODY, 7)[:31],
        "no chunk": head + pieces + b"zz\r\nabc\r\n",
        "no HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
        "two lengths": head + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "a head without end": head + b"X-Long: " + b"a" * 200_000,
        "nothing": b"",
    }


class Answers:
    """A server that sends bytes in pieces, and closes the connection."""

    def __init__(self):
        self.data, self.cuts, self.received = b"", [], b""

    async def answer(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        self.received = head + await reader.readexactly(length)
        begin = 0
        for end in (*self.cuts, len(self.data)):
            writer.write(self.data[begin:end])
            await writer.drain()
            await asyncio.sleep(0)
            begin = end
        writer.close()


def pieces_of(answer):
    """The pieces of a body, of ours or of the library's."""
    if not isinstance(answer, DirectResponse):
        return answer.aiter_raw()

    async def pieces():
        while (piece := await answer.read()) is not None:
            yield piece

    return pieces()


async def outcome(transport, url, content=b"{}"):
    """What comes of a request: what an answer holds, or which error is raised."""
    request = http.Request("POST", url, content=content)
    try:
        if isinstance(transport, DirectTransport):
            answer = await transport.send(outgoing_of(request, Limits()))
        else:
            answer = await transport.handle_async_request(request)
        headers = sorted(answer.headers.items())
        body = b"".join([piece async for piece in pieces_of(answer)])
        return answer.status_code, answer.reason_phrase, headers, body
    except (http.HTTPError, exceptions.HTTPError) as error:
        return type(error).__name__
    finally:
        await transport.aclose()


def no_context():
    raise AssertionError("http needs no SSL context")


async def both(server, data, cuts=()):
    server.data, server.cuts = data, sorted(cuts)
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    async with listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1?a=b"
        ours = await outcome(DirectTransport(no_context), url)
        received = server.received
        theirs = await outcome(http.AsyncHTTPTransport(verify=NO_TLS, trust_env=False), url)
        assert received == server.received
    return ours, theirs


@pytest.mark.parametrize("name", answers())
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_any_answer_cut_anywhere_ends_as_with_the_library(name, data):
    whole = answers()[name]
    cuts = data.draw(st.lists(st.integers(0, min(len(whole), 1000)), max_size=6))
    ours, theirs = asyncio.run(both(Answers(), whole, cuts))
    assert ours == theirs


@on_a_loop
async def test_a_long_request_and_a_long_answer_are_whole():
    sent, answer = bytes(3 * PIECE + 5), bytes(range(256)) * (SOME // 16)
    server = Answers()
    server.data = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer
    async with await asyncio.start_server(server.answer, "127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        status, _, _, body = await outcome(DirectTransport(no_context), url, sent)
    assert (status, body) == (200, answer)
    assert server.received.endswith(sent)


@on_a_loop
async def test_what_is_not_read_waits_at_the_other_end():
    server, limit = Answers(), 64 << 20
    server.data = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % limit + bytes(limit)
    async with await asyncio.start_server(server.answer, "127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        transport = DirectTransport(no_context)
        answer = await transport.send(
            outgoing_of(http.Request("POST", url, content=b"{}"), Limits())
        )
        assert len(await answer.read()) <= SOME
        for _ in range(100):
            await asyncio.sleep(0)
        assert answer._connection._unread <= SOME
        await answer.aclose()


@pytest.mark.parametrize(
    ("port", "scheme", "error"),
    [(0, "http", "ConnectError"), (None, "ftp", "UnsupportedProtocol")],
)
@on_a_loop
async def test_what_cannot_be_connected_to(port, scheme, error):
    url = f"{scheme}://127.0.0.1:{port}/" if port is not None else f"{scheme}://127.0.0.1/"
    assert await outcome(DirectTransport(no_context), url) == error


@on_a_loop
async def test_a_name_that_nobody_has():
    error = await outcome(DirectTransport(no_context), "http://nobody.invalid/")
    assert error == "ConnectError"


@on_a_loop
async def test_a_server_without_tls():
    async def answer(reader, writer):
        writer.write(b"HTTP/1.1 400 No TLS here\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
        url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        assert await outcome(DirectTransport(lambda: NO_TLS), url) == "ConnectError"


@pytest.mark.parametrize(
    ("limits", "left", "error"),
    [(Limits(silence=0.05), 60, "ReadTimeout"), (Limits(), 0.05, "TimeoutError")],
)
@on_a_loop
async def test_a_server_that_says_nothing(limits, left, error):
    silent = asyncio.Event()

    async def answer(reader, writer):
        await silent.wait()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        request = outgoing_of(http.Request("POST", url), limits)
        deadline = asyncio.get_running_loop().time() + left
        with pytest.raises((exceptions.ReadTimeout, TimeoutError)) as failure:
            await DirectTransport(no_context).send(request, deadline)
        assert type(failure.value).__name__ == error
        silent.set()


@on_a_loop
async def test_an_answer_that_drips_ends_at_the_deadline_and_not_before():
    dripping, ended = asyncio.Event(), asyncio.Event()

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not dripping.is_set():
            writer.write(b".")
            await asyncio.sleep(0.005)
        writer.transport.abort()
        ended.set()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        request = outgoing_of(http.Request("POST", url), Limits(silence=30))
        reply = await DirectTransport(no_context).send(
            request, asyncio.get_running_loop().time() + 0.1
        )
        pieces = []
        with pytest.raises(TimeoutError):
            pieces.extend([pieces.append(piece) async for piece in pieces_of(reply)])
        assert pieces
        await reply.aclose()
        dripping.set()
        await ended.wait()
        await asyncio.sleep(0)


TEXTS = st.text(max_size=20)
CALLS = st.builds(
    Call,
    path=st.sampled_from(["chat/completions", "models/gemini-2:generate", "a b/画"]),
    body=st.dictionaries(TEXTS, TEXTS | st.integers() | st.lists(TEXTS, max_size=2), max_size=4),
    query=st.just({}) | st.dictionaries(TEXTS, TEXTS, max_size=2),
    stream=st.booleans(),
    generating=st.booleans(),
    method=st.sampled_from(["POST", "PUT"]),
)
HOSTS = ("h.example", "H.example", "127.0.0.1", "[::1]", "画.example", "xn--nx8h.example", "a_b")
PORTS = ("", ":", ":80", ":443", ":8443", ":080", ":70000")
PATHS = st.text(st.sampled_from("/.v1~%2a:@'画 ?#é&"), max_size=8)


@given(
    scheme=st.sampled_from(["http", "https", "HTTP", "ftp"]),
    host=st.sampled_from(HOSTS),
    port=st.sampled_from(PORTS),
    path=PATHS,
)
def test_a_url_leads_where_the_library_says(scheme, host, port, path):
    url = f"{scheme}://{host}{port}{path}"
    try:
        parsed = http.URL(url)
        expected = request_builder.target_of(parsed), parsed.netloc
    except http.InvalidURL:
        with pytest.raises(http.InvalidURL):
            request_builder._target(url)
        return
    assert request_builder._target(url) == expected


URLS = ("http://h.example/v1", "https://h.example:8443", "http://[::1]:80/v1", "https://画.example")


@given(call=CALLS, url=st.sampled_from(URLS), key=st.sampled_from(["", "5f6b"]))
def test_a_request_without_the_library_is_the_librarys(call, url, key):
    endpoint = Endpoint(name="relay", base_url=url, key=Secret("sk-canary"))
    quick = request_builder.outgoing(endpoint, call, Limits(), key)
    whole = request_builder.build_request(endpoint, call, Limits(), key)
    slow = outgoing_of(whole, Limits())
    assert quick[:3] == slow[:3]
    if isinstance(quick.body, bytes):
        assert quick.body == whole.content
        parser = h11.Connection(h11.CLIENT)
        fields = {"method": quick.method, "target": quick.target.path, "headers": quick.headers}
        assert written(quick) == parser.send(h11.Request(**fields))
