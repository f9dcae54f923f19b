"""Links that lead inside: spellings of private addresses, redirects, names that change their mind."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import random
from collections.abc import Iterator

import msgspec

from nbext.data.limits import Limits
from nbext.errors import NbextError
from nbext.transport import addresses, download
from nbext.transport.client import Client
from nbext.transport.download import Downloader
from tests.faults.answers import PICTURE
from tests.faults.case import Tally
from tests.faults.helpers import KEY, Memory, endpoint
from tests.faults.server import Exchange, FaultServer

AT_ONCE = 16
LIMITS = Limits(connect=1.0, write=1.0, silence=1.0, total=4.0, download_tries=1)
PRIVATE = (
    *("127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "0.0.0.0", "192.0.0.192", "168.63.129.16", "198.18.0.1", "224.0.0.1"),
)


def spellings(address: str) -> Iterator[str]:
    """The ways to write an IPv4 address that some resolver takes."""
    ip = ipaddress.IPv4Address(address)
    number, parts = int(ip), address.split(".")
    yield address
    yield address + "."
    yield str(number)
    yield hex(number)
    yield f"0{number:o}"
    yield ".".join(hex(int(part)) for part in parts)
    yield ".".join(f"0{int(part):o}" for part in parts)
    yield f"{parts[0]}.{int(parts[1]) * 65536 + int(parts[2]) * 256 + int(parts[3])}"
    yield "。".join(parts)
    yield "．".join(parts)
    yield "".join(chr(0xFF10 + int(c)) if c.isdigit() else c for c in address)
    yield "".join(chr(0x2460 + int(c) - 1) if c in "123456789" else c for c in address)
    yield f"[::ffff:{address}]"
    yield f"[::{address}]"
    yield f"[64:ff9b::{address}]"
    yield f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]"
    yield f"[0:0:0:0:0:ffff:{number >> 16:x}:{number & 0xFFFF:x}]"
    yield f"public.example@{address}"
    yield f"{address}#@public.example"
    yield f"{address}\\@public.example"
    yield f"{address}%2f@public.example"


NAMES = ("localhost", "LOCALHOST.", "localhost.localdomain", "ip6-localhost", "[::1]", "[::]")
NAMES += ("[fe80::1%25eth0]", "[fd00:ec2::254]", "[::ffff:7f00:1]", "metadata.google.internal")
SHAPES = ("http://{}:{}/a.png", "https://{}:{}/a.png", "HTTP://{}:{}", "http:/{}:{}/", "//{}:{}/x")
CODES = (301, 302, 303, 307, 308)


class Inside:
    """A server on this machine that nobody may reach."""

    def __init__(self) -> None:
        self.redirect = ""
        self.code = 302

    async def __call__(self, x: Exchange) -> None:
        if self.redirect and x.number % 2:
            await x.answer(b"", self.code, location=self.redirect)
        else:
            await x.answer(PICTURE, content_type="image/png")


def run(count: int, seed: int) -> Tally:
    """Follow so many links."""
    tally = Tally("links and redirects to private addresses", count=count)
    asyncio.run(_run(count, random.Random(seed), tally))
    return tally


async def _run(count: int, rng: random.Random, tally: Tally) -> None:
    links = [("link", s, shape) for a in PRIVATE for s in spellings(a) for shape in SHAPES]
    links += [("link", name, shape) for name in NAMES for shape in SHAPES]
    hops = [("hop", s, str(code)) for a in PRIVATE[:4] for s in spellings(a) for code in CODES]
    turns = [("turn", address, "") for address in PRIVATE] * 3
    every = [*links, *hops, *turns]
    rng.shuffle(every)
    while len(every) < count:
        every += every
    tally.facts["links, redirects, names"] = (len(links), len(hops), len(turns))
    async with FaultServer(Inside()) as inside:
        for begin in range(0, count, AT_ONCE):
            some = every[begin : min(begin + AT_ONCE, count)]
            together = [entry for entry in some if entry[0] != "turn"]
            await asyncio.gather(*(_one(*entry, inside.port, tally) for entry in together))
            # These put a resolver of their own in the place of the real one.
            for entry in some:
                if entry[0] == "turn":
                    await _one(*entry, inside.port, tally)
        reached = len(inside.requests)
    if reached:
        tally.note("entered", f"{reached} requests reached this machine", number=reached)


async def _one(kind: str, where: str, how: str, port: int, tally: Tally) -> None:
    try:
        async with asyncio.timeout(30):
            if kind == "link":
                info = await _fetch(how.format(where, port))
            elif kind == "hop":
                info = await _hop(f"http://{where}:{port}/a.png", int(how), tally)
            else:
                info = await _turn(where, port)
    except NbextError as error:
        if KEY in str(error):
            tally.note("entered", f"the key stands in the error of {where}")
        return
    except TimeoutError:
        tally.note("hangs", f"{kind} {where} {how}")
        return
    except BaseException as error:
        tally.note("bare", f"{kind} {where} {how}: {error!r}")
        return
    tally.note("entered", f"{kind} {where} {how} gave {info}")


async def _fetch(url: str) -> object:
    fetcher = Downloader(Client(LIMITS).ssl_context, LIMITS)
    return await fetcher.fetch(url, lambda: Memory([]), endpoint=None)


async def _hop(target: str, code: int, tally: Tally) -> object:
    """Be sent on from an endpoint's own address, which may be private."""
    outside = Inside()
    outside.redirect, outside.code = target, code
    async with FaultServer(outside) as own:
        fetcher = Downloader(Client(LIMITS).ssl_context, LIMITS)
        try:
            return await fetcher.fetch(
                f"{own.base}/a.png", lambda: Memory([]), endpoint=endpoint(own.base)
            )
        finally:
            for request in own.requests[1:]:
                if "authorization" in request.headers:
                    tally.note("entered", f"the key went along to {target}")


async def _turn(address: str, port: int) -> object:
    """Look up a name that is public when it is checked, and private from then on."""
    limits = msgspec.structs.replace(LIMITS, proxy_downloads=True)
    name = f"turncoat-{address.replace('.', '-')}.invalid"
    seen: list[str] = []
    real = download.resolve

    async def resolve(host: str, number: int) -> list[str]:
        if host != name:
            return await real(host, number)
        seen.append(host)
        return ["203.0.113.9"] if len(seen) == 1 else [address]

    public = addresses.is_public
    with (
        _replaced(download, "resolve", resolve),
        _replaced(addresses, "is_public", lambda ip: ip == "203.0.113.9" or public(ip)),
    ):
        fetcher = Downloader(Client(limits).ssl_context, limits)
        return await fetcher.fetch(f"http://{name}:{port}/a.png", lambda: Memory([]), endpoint=None)


@contextlib.contextmanager
def _replaced(module: object, name: str, value: object) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)
