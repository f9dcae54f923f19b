"""An answer's link leads to pictures on the public internet, or nowhere."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import threading
import zlib

import msgspec
import pytest

from nbext import errors
from nbext.transport import download as module
from nbext.transport.client import Client
from nbext.transport.download import Downloader
from tests.faults import server as faults
from tests.faults.helpers import KEY, PATIENT, Memory, endpoint
from tests.faults.server import PNG, FaultServer

pytestmark = pytest.mark.usefixtures("library", "waits")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def public(monkeypatch):
    """Let loopback pass for a public address, as far as the check goes."""
    monkeypatch.setattr(module.addresses, "is_public", lambda address: address == "127.0.0.1")


def downloader(limits=PATIENT):
    return Downloader(Client(limits).ssl_context, limits)


async def fetch(url, *, target=None, limits=PATIENT):
    """The picture's info or the error, and the sinks that were made."""
    sinks = []
    try:
        return await downloader(limits).fetch(url, lambda: Memory(sinks), endpoint=target), sinks
    except errors.DownloadError as error:
        return error, sinks


def run(fault, path="/a.png", *, limits=PATIENT, own=False):
    async def main():
        async with FaultServer(fault) as server:
            target = endpoint(server.base) if own else None
            result, sinks = await fetch(server.base + path, target=target, limits=limits)
            return result, sinks, server

    return asyncio.run(main())


def test_a_picture_is_fetched_without_the_key(public):
    info, sinks, server = run(faults.picture(), "/a.jpg?sig=a%3D%2F", own=True)
    assert (info.media_type, info.size, info.width) == ("image/png", len(PNG), 1)
    assert info.url.endswith("/a.jpg?sig=a%3D%2F")
    assert bytes(sinks[0].data) == PNG
    request = server.requests[0]
    assert request.path == "/a.jpg?sig=a%3D%2F"
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert request.headers["accept-encoding"] == "identity"
    assert "Mozilla" in request.headers["user-agent"]
    assert KEY not in repr(request)
    assert "cookie" not in request.headers


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "127.1",
        "127。0。0。1",
        "0177.0.0.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "127.0.0.1.",
    ],
)
def test_no_spelling_leads_to_this_machine(host):
    async def main():
        async with FaultServer(faults.picture()) as server:
            result, _ = await fetch(f"http://{host}:{server.port}/a.png")
            return result, server.connections

    result, connections = asyncio.run(main())
    assert isinstance(result, errors.DownloadError)
    assert connections == 0
    # Each library refuses some spellings itself; the resolver's answer refuses the others.
    assert any(
        words in result.message for words in ("public internet", "not found", "not a valid URL")
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://192.168.0.1/a.png",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://168.63.129.16/",
        "http://metadata.internal.invalid/",
    ],
)
def test_private_and_metadata_addresses_are_refused(url):
    result, sinks = asyncio.run(fetch(url))
    assert isinstance(result, errors.DownloadError)
    assert result.url == url
    assert sinks == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://h/a.png",
        "sandbox:/mnt/data/a.png",
        "attachment://a",
        "//h/a.png",
        "a.png",
        "",
        "http://",
        "http:///a",
        "http://[",
        "http://h:99999/",
        "data:image/png;base64,aa",
        "http://user:pw@example.com/a.png",
        "http://good.example\\@127.0.0.1/",
        "gopher://h/",
        "http://①②⑦.example/" + "x" * 10,
        "http://[fe80::1%25eth0]/",
        "http://\ud800/",
        "http://h/\x00",
    ],
)
def test_odd_urls_are_refused(url, monkeypatch):
    async def never(host, port):
        raise OSError

    monkeypatch.setattr(module, "resolve", never)
    result, sinks = asyncio.run(fetch(url))
    assert isinstance(result, errors.DownloadError)
    assert sinks == []


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.2:{port}/", "http://169.254.169.254/", "//[::1]:{port}/", "file:///x"],
)
def test_no_redirect_leads_inside(target, code, public):
    async def main():
        async with FaultServer([]) as server:
            server.faults = faults.redirect(target.format(port=server.port), code)
            result, _ = await fetch(server.base)
            return result, server.connections

    result, connections = asyncio.run(main())
    assert isinstance(result, errors.DownloadError)
    assert connections == 1


def test_three_redirects_are_followed_and_no_more(public):
    hop = faults.redirect("/next")
    info, _, server = run([hop, hop, hop, faults.picture()])
    assert info.size == len(PNG)
    assert server.requests[-1].path == "/next"
    error, _, server = run([hop, hop, hop, hop, faults.picture()])
    assert "more than 3" in error.message
    assert len(server.requests) == 4


def test_a_name_that_changes_its_mind_is_looked_up_once(monkeypatch, public):
    """What is checked is what is connected to: a second answer of the resolver is never asked for."""
    asked = []

    async def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.9"]

    monkeypatch.setattr(module, "resolve", resolve)

    async def main():
        async with FaultServer(faults.picture()) as server:
            result, _ = await fetch(f"http://rebind.example:{server.port}/a.png")
            return result, server

    result, server = asyncio.run(main())
    assert result.size == len(PNG)
    assert asked == ["rebind.example"]
    assert server.requests[0].headers["host"] == f"rebind.example:{server.port}"


def test_one_bad_address_among_good_ones_is_enough(monkeypatch):
    async def resolve(host, port):
        return ["93.184.215.14", "10.0.0.1"]

    monkeypatch.setattr(module, "resolve", resolve)
    result, _ = asyncio.run(fetch("http://both.example/"))
    assert "10.0.0.1" in result.message


def test_the_next_address_is_tried(monkeypatch, public):
    async def resolve(host, port):
        return ["127.0.0.8", "127.0.0.1"]

    monkeypatch.setattr(module, "resolve", resolve)
    monkeypatch.setattr(module.addresses, "is_public", lambda address: True)

    async def main():
        async with FaultServer(faults.picture()) as server:
            return await fetch(f"http://two.example:{server.port}/")

    info, sinks = asyncio.run(main())
    assert info.size == len(PNG)
    assert len(sinks) == 1


def test_the_endpoints_own_address_may_be_private_and_no_other():
    info, _, server = run(faults.picture(), own=True)
    assert info.size == len(PNG)
    assert "authorization" not in server.requests[0].headers

    async def other_port():
        async with FaultServer(faults.picture()) as server, FaultServer(faults.good) as relay:
            result, _ = await fetch(server.base, target=endpoint(relay.base))
            return result, server.connections

    result, connections = asyncio.run(other_port())
    assert isinstance(result, errors.DownloadError)
    assert connections == 0


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:9",
        "0.0.0.0:3000",
        "10.0.0.7",
        "minio:9000",
        "svc.cluster.local",
        "both.lan",
        "localhost",
        "[::1]:80",
    ],
)
def test_a_private_host_is_asked_for_at_the_endpoints_own_origin(host, monkeypatch):
    """A relay behind a proxy writes the host that it has itself into its links."""
    asked = []

    async def resolve(name, port):
        asked.append((name, port))
        if name in ("minio", "svc.cluster.local"):
            raise OSError("no such name")
        return {"relay.lan": ["127.0.0.1"], "both.lan": ["93.184.215.14", "10.0.0.1"]}.get(
            name, [name.strip("[]")]
        )

    monkeypatch.setattr(module, "resolve", resolve)

    async def main():
        async with FaultServer(faults.picture()) as server:
            target = endpoint(f"http://relay.lan:{server.port}/v1")
            result, _ = await fetch(f"http://{host}/files/a.png?sig=1", target=target)
            return result, server

    info, server = asyncio.run(main())
    assert info.size == len(PNG)
    (request,) = server.requests
    assert request.path == "/files/a.png?sig=1"
    assert request.headers["host"] == f"relay.lan:{server.port}"
    assert "authorization" not in request.headers
    # Each name once; an address needs no looking up.
    assert asked[-1] == ("relay.lan", server.port)
    assert len(asked) == len(set(asked)) <= 2


def test_a_private_host_of_nobodys_answer_is_refused_and_said_to_be():
    result, _ = asyncio.run(fetch("http://10.0.0.7/a.png"))
    assert "public internet" in result.message


def test_what_the_own_origin_does_not_have_either_is_said_of_both():
    async def main():
        async with FaultServer(faults.status(404, b"")) as server:
            result, _ = await fetch("http://10.0.0.7/a.png", target=endpoint(server.base))
            return result, server

    error, server = asyncio.run(main())
    assert "10.0.0.7" in error.message
    assert f"127.0.0.1:{server.port}/a.png" in error.message
    assert error.status_code == 404


def test_a_path_alone_is_of_the_endpoint():
    async def main():
        async with FaultServer(faults.picture()) as server:
            info, _ = await fetch("/files/a.png", target=endpoint(server.base + "/v1"))
            nobodys, _ = await fetch("/files/a.png")
            return info, nobodys, server

    info, nobodys, server = asyncio.run(main())
    assert info.size == len(PNG)
    assert [request.path for request in server.requests] == ["/files/a.png"]
    assert isinstance(nobodys, errors.DownloadError)


# The key


@pytest.mark.parametrize("code", [401, 403])
def test_the_own_origin_gets_the_key_where_it_wants_one(code):
    info, _, server = run([faults.status(code, b""), faults.picture()], own=True)
    assert info.size == len(PNG)
    keys = [request.headers.get("authorization") for request in server.requests]
    assert keys == [None, f"Bearer {KEY}"]


def test_no_other_origin_gets_the_key(public):
    async def main():
        async with FaultServer(faults.status(401, b"")) as other, FaultServer([]) as relay:
            result, _ = await fetch(other.base + "/a.png", target=endpoint(relay.base))
            return result, other

    error, other = asyncio.run(main())
    assert isinstance(error, errors.DownloadError)
    assert KEY not in repr(other.requests)


def test_no_redirect_gets_the_key_also_back_to_the_own_origin(public):
    async def main():
        async with FaultServer([]) as other, FaultServer([]) as relay:
            other.faults = [faults.redirect(relay.base + "/a.png")]
            relay.faults = faults.status(401, b"")
            before, _ = await fetch(other.base, target=endpoint(relay.base))
            seen = len(relay.requests)
            # With the key, the own origin sends elsewhere.
            relay.faults = [
                faults.silence,
                faults.status(401, b""),
                faults.redirect(other.base + "/b.png"),
            ]
            other.faults = faults.picture()
            limits = msgspec.structs.replace(PATIENT, silence=0.5)
            after, _ = await fetch(
                relay.base + "/c.png", target=endpoint(relay.base), limits=limits
            )
            return before, seen, after, other, relay

    before, seen, after, other, relay = asyncio.run(main())
    assert isinstance(before, errors.DownloadError)
    assert seen == 1
    assert after.size == len(PNG)
    assert KEY not in repr(other.requests)
    assert [KEY in repr(request) for request in relay.requests] == [False, False, True]


# Not there yet


@pytest.mark.parametrize(
    "missing",
    [
        faults.status(404, b"<Error><Code>NoSuchKey</Code></Error>"),
        faults.status(403, b"<Error><Code>AccessDenied</Code></Error>"),
        faults.status(202, b'{"status":"processing"}'),
        faults.picture(b'{"status":"processing"}'),
        faults.picture(b""),
    ],
)
def test_what_is_not_there_yet_is_asked_for_again_for_some_seconds(missing, waits):
    info, _, _ = run([*[missing] * 2, faults.status(403, b""), faults.picture()], own=True)
    assert info.size == len(PNG)
    error, _, server = run([missing] * 99, own=True)
    assert isinstance(error, errors.DownloadError)
    assert 5 <= len(server.requests) <= 10
    # A reference that a user names is there or not.
    waits.clear()


def test_a_link_that_says_it_has_run_out_is_not_waited_for(waits):
    error, _, _ = run(faults.status(403, b"<Code>ExpiredToken</Code>"), own=True)
    assert "expired" in error.message
    assert waits == []


# Compressed


def deflated(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("", gzip.compress),
        ("gzip", lambda data: gzip.compress(data, compresslevel=0)),
        ("gzip", lambda data: data),
        ("deflate", zlib.compress),
        ("deflate", deflated),
        ("br", lambda data: pytest.importorskip("brotli").compress(data)),
        ("zstd", lambda data: pytest.importorskip("zstandard").compress(data)),
    ],
)
def test_a_picture_that_comes_compressed_is_unpacked(encoding, pack, public):
    how = {"content_encoding": encoding} if encoding else {}
    info, sinks, _ = run(faults.picture(pack(PNG), **how))
    assert bytes(sinks[0].data) == PNG
    assert info.size == len(PNG)


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
def test_a_picture_that_swells_stops_at_its_limit(name, public):
    pack = {
        "gzip": gzip.compress,
        "br": lambda data: pytest.importorskip("brotli").compress(data),
        "zstd": lambda data: pytest.importorskip("zstandard").compress(data),
    }[name]
    bomb = pack(PNG + bytes(8 << 20))
    error, sinks, _ = run(
        faults.picture(bomb, content_encoding=name),
        limits=msgspec.structs.replace(PATIENT, picture_bytes=1 << 20),
    )
    assert "larger than 1.0 MB" in error.message
    assert len(sinks[0].data) < 4 << 20


def test_a_proxys_fake_address_gets_a_remedy_of_its_own(monkeypatch):
    async def resolve(host, port):
        return ["198.18.0.5"]

    monkeypatch.setattr(module, "resolve", resolve)
    result, _ = asyncio.run(fetch("https://pictures.example/a.png"))
    assert "fake-IP" in result.remedy
    assert "%config Nbext.proxy_downloads = True" in result.remedy


@pytest.mark.parametrize("set_", [True, False])
def test_where_there_is_a_proxy_the_way_through_it_is_named(set_, monkeypatch):
    async def nowhere(host, port):
        raise OSError

    monkeypatch.setattr(module, "resolve", nowhere)
    if set_:
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    error, _ = asyncio.run(fetch("https://pictures.example/a.png"))
    assert ("Nbext.proxy_downloads" in error.remedy) is set_


def test_what_a_proxy_is_to_look_up_is_looked_up_nowhere_else(monkeypatch):
    """The HTTP library reads NO_PROXY in a way of its own, and would connect by itself."""
    looked_up = []

    async def look_up(host, port):
        looked_up.append(host)
        # Unknown when it is checked, and this machine from then on.
        return [] if len(looked_up) == 1 else ["127.0.0.1"]

    monkeypatch.setattr(module, "resolve", look_up)

    async def main():
        async with FaultServer(faults.picture()) as proxy, FaultServer(faults.picture()) as server:
            for name in ("http_proxy", "HTTP_PROXY"):
                monkeypatch.setenv(name, proxy.base.removeprefix("http://"))
            for name in ("no_proxy", "NO_PROXY"):
                monkeypatch.setenv(name, f"turncoat.invalid:{server.port}")
            through = msgspec.structs.replace(PATIENT, proxy_downloads=True)
            info, _ = await fetch(f"http://turncoat.invalid:{server.port}/a.png", limits=through)
            return info, proxy.requests, server.requests

    info, proxied, direct = asyncio.run(main())
    assert info.size == len(PNG)
    assert (len(proxied), direct, looked_up) == (1, [], ["turncoat.invalid"])


def test_proxies_are_passed_by_unless_it_is_set(monkeypatch, public):
    """A proxy would look names up itself, so only a setting sends downloads there."""

    async def main():
        async with FaultServer(faults.picture()) as proxy, FaultServer(faults.picture()) as server:
            monkeypatch.setenv("HTTP_PROXY", proxy.base)
            monkeypatch.setenv("http_proxy", proxy.base)
            monkeypatch.delenv("NO_PROXY", raising=False)
            monkeypatch.delenv("no_proxy", raising=False)
            await fetch(server.base)
            before = len(proxy.requests)
            through = msgspec.structs.replace(PATIENT, proxy_downloads=True)
            info, _ = await fetch("http://only-there.invalid/a.png", limits=through)
            refused, _ = await fetch("http://10.0.0.1/a.png", limits=through)
            return before, info, refused, proxy.requests

    before, info, refused, requests = asyncio.run(main())
    assert before == 0
    assert info.size == len(PNG)
    assert isinstance(refused, errors.DownloadError)
    assert [request.path for request in requests] == ["http://only-there.invalid/a.png"]


@pytest.mark.parametrize(
    ("fault", "words", "tries"),
    [
        (faults.picture(b"<!doctype html><title>Gone &amp; lost</title>"), "Gone & lost", 1),
        (faults.picture(b'{"error":{"message":"task expired"}}'), "task expired", 1),
        (faults.picture(b"hello"), "other than a picture", 1),
        (faults.picture(b""), "0 bytes", 5),
        (faults.status(403, b"<Error><Code>AuthenticationFailed</Code></Error>"), "expired", 1),
        (faults.status(404, b""), "no picture at the link", 1),
        (faults.status(500, b""), "500", 5),
        (faults.status(429, b""), "429", 5),
        (faults.status(304, b""), "304", 1),
        (faults.picture(content_encoding="compress"), "compressed", 1),
        (faults.picture(b"\x1f\x8b\x08garbage", content_encoding="gzip"), "decompressed", 5),
        (faults.picture(content_length=str(1 << 30)), "64.0 MB", 1),
        (faults.reset_after_request, "closed the connection", 5),
        (faults.half_body, "closed the connection", 5),
        (faults.half_header, "closed the connection", 5),
    ],
)
def test_what_is_no_picture_says_why_and_keeps_the_url(fault, words, tries, public):
    error, sinks, server = run(fault)
    assert isinstance(error, errors.DownloadError)
    assert words in error.message
    assert error.url == f"{server.base}/a.png"
    assert len(server.requests) == tries
    assert all(sink.state == "forgotten" for sink in sinks)
    assert error.__context__ is None


@pytest.mark.parametrize("word", ["aws-chunked", "utf-8", "none"])
def test_a_word_that_is_no_compression_is_no_reason_to_refuse(word, public):
    info, _, _ = run(faults.picture(content_encoding=word))
    assert info.size == len(PNG)


def test_the_message_says_where_the_picture_was(public):
    error, _, server = run(faults.status(403, b""), path="/a.png?sig=1", own=True)
    assert f"{server.base}/a.png?sig=1" in str(error)
    # What a user gave as a reference may be signed by the user.
    error, _, server = run(faults.status(403, b""), path="/a.png?sig=1")
    assert error.remedy.endswith(f"{server.base}/a.png…")
    error, _, server = run(faults.status(403, b""), path="/a.png?sig=" + 300 * "1")
    assert error.remedy.endswith(f"{server.base}/a.png…")
    assert error.url.endswith("111")


def test_a_cut_download_begins_again_with_a_new_sink(public):
    big = PNG + bytes(300_000)

    async def cut(x):
        await x.send(faults.head_bytes(200, {"content-length": str(len(big))}) + big[:200_000])
        await asyncio.sleep(0.05)
        x.reset()

    info, sinks, _ = run([cut, cut, faults.picture(big)])
    assert info.size == len(big)
    assert [sink.state for sink in sinks] == ["forgotten", "forgotten", "kept"]
    assert bytes(sinks[-1].data) == big


def test_more_bytes_than_allowed_stop_the_download(public):
    async def endless(x):
        await x.send(faults.head_bytes(200, {}) + PNG)
        while True:
            await x.send(bytes(65536))

    small = msgspec.structs.replace(PATIENT, picture_bytes=1 << 20)
    error, sinks, server = run(endless, limits=small)
    assert "1.0 MB" in error.message
    assert len(server.requests) == 1
    assert len(sinks[0].data) <= 1 << 20
    assert sinks[0].state == "forgotten"


def test_a_drip_ends_with_the_total_time(public):
    async def drip(x):
        await x.send(faults.head_bytes(200, {}) + PNG)
        while True:
            await x.send(b"x")
            await asyncio.sleep(0.02)

    # It would never end of itself.
    error, _, _ = run(drip, limits=msgspec.structs.replace(PATIENT, total=0.4))
    assert isinstance(error, errors.DownloadError)


def test_a_sink_that_refuses_ends_it(public):
    class Full(Memory):
        def write(self, data):
            raise errors.PictureError("The disk is full.")

    async def main():
        async with FaultServer(faults.picture()) as server:
            sinks = []
            with pytest.raises(errors.DownloadError, match="disk is full") as caught:
                await downloader().fetch(server.base, lambda: Full(sinks), endpoint=None)
            return caught.value, sinks

    error, sinks = asyncio.run(main())
    assert sinks[0].state == "forgotten"
    assert error.url


def test_cancelling_forgets_the_file_and_hangs_up(public):
    async def hang(x):
        await x.send(faults.head_bytes(200, {}) + PNG + bytes(100_000))
        await faults.silence(x)

    async def main():
        async with FaultServer(hang) as server:
            sinks = []
            task = asyncio.create_task(
                downloader().fetch(server.base, lambda: Memory(sinks), endpoint=None)
            )
            while not sinks:
                await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.wait_for(server.hung_up.wait(), 60)
            return sinks

    assert asyncio.run(main())[0].state == "forgotten"


def test_a_key_in_a_link_is_not_shown():
    url = f"http://10.0.0.1/{KEY}/a.png"
    error, _ = asyncio.run(fetch(url, target=endpoint("http://relay.example")))
    assert KEY not in f"{error!r} {vars(error)}"


def test_the_certificate_is_checked_against_the_name(monkeypatch, public):
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("pictures.example").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    monkeypatch.setattr(Client, "ssl_context", lambda self: trusting)

    async def resolve(host, port):
        return ["127.0.0.1"]

    monkeypatch.setattr(module, "resolve", resolve)

    async def serve(reader, writer):
        await faults.read_request(reader)
        writer.write(faults.head_bytes(200, {"content-length": str(len(PNG))}) + PNG)
        writer.close()

    async def main():
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        good, _ = await fetch(f"https://pictures.example:{port}/a.png")
        bad, _ = await fetch(f"https://other.example:{port}/a.png")
        server.close()
        return good, bad

    good, bad = asyncio.run(main())
    assert good.size == len(PNG)
    assert isinstance(bad, errors.DownloadError)
    assert "certificate" in bad.message


def test_slow_names_share_a_lookup_and_keep_no_thread_from_other_work(monkeypatch):
    """A stranger's names may take half a minute each: pictures and the endpoint do not wait."""
    answered = threading.Event()
    asked = []

    def getaddrinfo(host, port, **_):
        asked.append(host)
        assert answered.wait(60)
        if host == "unknown":
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    async def main():
        names = [*(f"h{number}" for number in range(40)), "h0", "h0", "unknown"]
        lookups = [asyncio.ensure_future(module.resolve(name, 443)) for name in names]
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "a picture"), 60) == "a picture"
        # Who gives up leaves the lookup to the others.
        lookups[0].cancel()
        answered.set()
        return await asyncio.gather(*lookups, return_exceptions=True)

    given_up, *results, unknown = asyncio.run(main())
    assert isinstance(given_up, asyncio.CancelledError)
    assert results == [["93.184.216.34"]] * 41
    assert isinstance(unknown, socket.gaierror)
    assert sorted(asked) == sorted({*asked})
