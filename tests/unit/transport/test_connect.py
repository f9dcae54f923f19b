"""Requests to a host share its lookup, and reach it by the first address that answers."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from nbext.data.limits import Limits
from nbext.transport import exceptions, http
from nbext.transport.connect import _alternating, _in_digits
from nbext.transport.direct import DirectTransport
from nbext.transport.request_builder import outgoing_of

COUNT = 40
LOOKUP = socket.getaddrinfo


async def answer(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    writer.close()


def entry(address, port):
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


async def send(port):
    url = f"http://relay.example:{port}/v1"
    request = outgoing_of(http.Request("POST", url), Limits())
    reply = await DirectTransport(lambda: None).send(request)
    await reply.aclose()
    return reply.status_code


def in_tests(host, **given):
    """Whether a lookup is one of the tests', not of an address in digits."""
    return host == "relay.example" and not given.get("flags")


def test_requests_at_once_share_one_lookup_and_later_ones_look_again(monkeypatch):
    asked, goes_on = [], threading.Event()

    def look_up(host, port, **given):
        if not in_tests(host, **given):
            return LOOKUP(host, port, **given)
        asked.append(host)
        assert goes_on.wait(60)
        return [entry("127.0.0.1", port)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    async def main():
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            requests = [asyncio.ensure_future(send(port)) for _ in range(COUNT)]
            # The loop's few threads are free for other work meanwhile.
            assert await asyncio.wait_for(asyncio.to_thread(lambda: "a picture"), 60)
            goes_on.set()
            return [*await asyncio.gather(*requests), await send(port)]

    assert asyncio.run(main()) == [200] * (COUNT + 1)
    assert asked == ["relay.example"] * 2


@pytest.mark.parametrize("refusing", [1, 3])
def test_an_address_that_refuses_is_followed_by_the_next(monkeypatch, refusing):
    async def main():
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            entries = [entry("127.0.0.1", closed_port()) for _ in range(refusing)]
            entries.append(entry("127.0.0.1", port))
            monkeypatch.setattr(
                socket,
                "getaddrinfo",
                lambda host, port, **given: (
                    entries if in_tests(host, **given) else LOOKUP(host, port, **given)
                ),
            )
            return await send(port)

    assert asyncio.run(main()) == 200


def test_a_host_refuses_if_all_its_addresses_do(monkeypatch):
    entries = [entry("127.0.0.1", closed_port()) for _ in range(2)]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, **given: (
            entries if in_tests(host, **given) else LOOKUP(host, port, **given)
        ),
    )
    with pytest.raises(exceptions.ConnectError) as failure:
        asyncio.run(send(80))
    assert isinstance(failure.value.__cause__, ConnectionRefusedError)


def test_addresses_of_both_families_take_turns():
    six = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (f"::{n}", 80)) for n in range(3)]
    four = [entry(f"192.0.2.{n}", 80) for n in range(1)]
    assert _alternating([*six, *four]) == [six[0], four[0], six[1], six[2]]


def test_an_address_in_digits_needs_no_lookup():
    assert _in_digits("127.0.0.1", 80)[0][4] == ("127.0.0.1", 80)
    assert _in_digits("::1", 80)[0][4][:2] == ("::1", 80)
    assert _in_digits("relay.example", 80) == ()
