"""What may have been billed is never sent twice; what is free is; nobody waits for the dead."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import gzip
import importlib.util
import logging
import time
import traceback

import msgspec
import pytest

from nbext import errors
from nbext.transport.client import Client, Limits
from nbext.wire.events import Call, Done, Progress, ResponseStart, Text
from tests.faults import server as faults
from tests.faults.helpers import CALL, GET, KEY, PATIENT, QUICK, Memory, Words, collect, endpoint
from tests.faults.server import FaultServer

pytestmark = pytest.mark.usefixtures("library", "waits")

MAYBE = [
    (faults.reset_after_request, errors.TruncatedError),
    (faults.close_after_request, errors.TruncatedError),
    (faults.half_header, errors.TruncatedError),
    (faults.half_header_then_end, errors.TruncatedError),
    (faults.half_body, errors.TruncatedError),
    (faults.wrong_length, errors.TruncatedError),
    (faults.chunk_cut, errors.TruncatedError),
    (faults.bad_chunk, errors.TruncatedError),
    (faults.broken_gzip, errors.TruncatedError),
    (faults.brotli, errors.TruncatedError),
    (faults.drip, errors.TimedOutError),
    (faults.silence, errors.TimedOutError),
    (faults.silence_in_body, errors.TimedOutError),
    (faults.page_524, errors.TimedOutError),
    (faults.line_524, errors.TimedOutError),
    (faults.status(500), errors.ServerError),
    (faults.status(502), errors.ServerError),
    (faults.status(504), errors.TimedOutError),
    (faults.status(520), errors.ServerError),
    (faults.status(524), errors.TimedOutError),
]


ENDLESS = {faults.drip, faults.silence, faults.silence_in_body}


def run(fault, call=CALL, limits=None, **options):
    limits = limits or (PATIENT if isinstance(fault, list) or fault not in ENDLESS else QUICK)

    async def main():
        async with FaultServer(fault, **options) as server:
            events, error = await collect(endpoint(server.base), call, limits)
            return server, events, error

    return asyncio.run(main())


@pytest.mark.parametrize(("fault", "kind"), MAYBE, ids=lambda v: getattr(v, "__name__", ""))
def test_what_may_have_started_is_sent_once(fault, kind):
    server, events, error = run(fault)
    assert server.posts == 1
    assert type(error) is kind
    assert error.maybe_billed
    assert "may have been billed" in str(error)
    assert not [event for event in events if isinstance(event, Progress)]


def test_a_reset_before_the_request_is_sent_once_at_most():
    server, _, error = run(faults.good, early_reset=True)
    assert server.posts == 0
    assert server.connections == 1
    assert isinstance(error, errors.TruncatedError)


@pytest.mark.parametrize("fault", [faults.half_body, faults.chunk_cut, faults.silence_in_body])
def test_what_arrived_is_given_before_the_error(fault):
    _, events, error = run(fault)
    assert isinstance(events[0], ResponseStart)
    texts = [event.text for event in events if isinstance(event, Text)]
    assert len(texts) >= 2
    assert texts[-1] == "(kept)"
    assert error.status_code == 200
    # The decoder's own complaint about the missing end says no more than the error does.
    assert all(isinstance(event, ResponseStart | Text) for event in events)


def test_an_answer_cut_after_its_end_is_whole():
    async def cut(x):
        head = faults.head_bytes(200, faults.SSE | {"content-length": "999"})
        await x.send(head + b"data: 1\n\ndata: [DONE]\n\n")
        await asyncio.sleep(0.02)
        x.reset()

    _, events, error = run(cut)
    assert error is None
    assert isinstance(events[-1], Done)


def test_nobody_waits_behind_the_end_for_a_line_that_stays_open():
    async def stays(x):
        await x.send(faults.head_bytes(200, faults.SSE) + b"data: 1\n\ndata: [DONE]\n\n")
        await faults.silence(x)

    # Who waited for more would wait for an hour.
    _, events, error = run(stays, limits=Limits(silence=3600, total=3600))
    assert error is None
    assert isinstance(events[-1], Done)


@pytest.mark.parametrize("code", [429, 503])
def test_too_many_with_a_time_to_come_back_is_sent_again(code, waits):
    busy = faults.status(code, b'{"error":{"message":"busy"}}', retry_after="0")
    server, events, error = run([busy, busy, faults.good])
    assert error is None
    assert server.posts == 3
    assert len(waits) == 2
    assert [e.state for e in events if isinstance(e, Progress)] == ["retry", "retry"]
    assert "(2 of 4)" in next(e.words for e in events if isinstance(e, Progress))
    keys = {request.headers["idempotency-key"] for request in server.requests}
    assert keys == {"action-1"}


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(429),
        faults.status(503),
        faults.status(429, retry_after="9999"),
        faults.status(503, retry_after="0", x_should_retry="false"),
        faults.status(429, b'{"error":{"code":"insufficient_quota"}}', retry_after="0"),
        faults.status(503, b'{"error":{"code":"model_not_found"}}', retry_after="0"),
        faults.status(400, retry_after="0"),
        faults.status(401, retry_after="0"),
        faults.status(403, retry_after="0"),
        faults.status(404, retry_after="0"),
        faults.redirect("http://127.0.0.1:9/elsewhere"),
        faults.redirect("http://127.0.0.1:9/elsewhere", 308),
    ],
)
def test_a_refusal_is_not_sent_again(fault):
    server, _, error = run(fault)
    assert server.posts == 1
    assert isinstance(error, errors.RequestError)
    assert not error.maybe_billed


def test_at_most_four_tries():
    server, _, error = run(faults.status(429, retry_after="0"))
    assert server.posts == 4
    assert isinstance(error, errors.RateLimitError)


def test_a_wait_beyond_the_total_time_is_not_begun():
    server, _, error = run(faults.status(429, retry_after="5"), limits=QUICK)
    assert server.posts == 1
    assert isinstance(error, errors.RateLimitError)


def test_no_connection_is_tried_again_and_then_said(waits):
    async def main():
        async with FaultServer(faults.good) as server:
            base = server.base
        return await collect(endpoint(base))

    events, error = asyncio.run(main())
    assert type(error) is errors.ConnectError
    assert "refused" in error.message
    assert not error.maybe_billed
    assert len(waits) == 3
    assert len(events) == 3


def test_a_stream_only_model_is_asked_as_a_stream():
    refusal = b'{"error":{"message":"use stream=true","code":"non_streaming_disabled"}}'
    server, events, error = run([faults.status(403, refusal), faults.good])
    assert error is None
    assert [msgspec.json.decode(r.body)["stream"] for r in server.requests] == [False, True]
    assert [type(event) for event in events] == [Progress, ResponseStart, Text, Done]


def test_a_stream_only_refusal_of_a_stream_is_an_error():
    refusal = b'{"error":{"message":"use stream=true","code":"non_streaming_disabled"}}'
    server, _, error = run(faults.status(403, refusal))
    assert server.posts == 2
    assert isinstance(error, errors.BadRequestError)


UNKNOWN = {"message": "Unknown parameter: 'partial_images'.", "param": "partial_images"}


@pytest.mark.parametrize("form", [False, True])
def test_what_knows_no_stream_is_asked_in_one_piece(form):
    fields = {"model": "m", "stream": "true", "partial_images": "2", "n": "1"}
    call = Call(path="images/edits", stream=True, **{"form" if form else "body": fields})
    refusal = faults.status(400, msgspec.json.encode({"error": UNKNOWN}))
    server, events, error = run([refusal, faults.good], call=call)
    assert error is None
    first, second = (request.body for request in server.requests)
    assert b"partial_images" in first
    assert b"stream" not in second
    assert b"partial_images" not in second
    assert "only in one piece" in events[0].words
    keys = {request.headers["idempotency-key"] for request in server.requests}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("code", "error", "posts"),
    [
        (400, UNKNOWN, 2),
        (400, {"message": "partial_images must be 0 to 3", "param": "partial_images"}, 2),
        (400, {"message": "Unknown parameter: 'size'.", "param": "size"}, 1),
        (500, UNKNOWN, 1),
    ],
)
def test_only_what_surely_was_refused_as_a_stream_is_asked_otherwise_and_once(code, error, posts):
    call = Call(path="images/generations", stream=True, body={"model": "m", "stream": True})
    fault = faults.status(code, msgspec.json.encode({"error": error}))
    server, _, raised = run(fault, call=call)
    assert server.posts == posts
    assert isinstance(raised, errors.RequestError)


def test_a_bomb_is_stopped_at_the_limit():
    small = msgspec.structs.replace(PATIENT, answer_bytes=1 << 20)
    Words.made.clear()
    faults.bomb()
    _, _, error = run(faults.gzip_bomb, limits=small)
    assert isinstance(error, errors.TruncatedError)
    assert len(Words.made[-1].data) <= 1 << 20


@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=utf-8"])
def test_a_login_page_is_a_wrong_base_url(kind):
    async def page(x):
        body = b"<!doctype html><title>Login</title><input type='password'>"
        await x.answer(body, content_type=kind)

    _, events, error = run(page)
    assert type(error) is errors.NotAnEndpointError
    assert "Login" in error.message
    assert events == []


def test_json_that_is_called_html_is_read():
    async def php(x):
        await x.answer(faults.GOOD, content_type="text/html; charset=UTF-8")

    _, events, error = run(php)
    assert error is None
    assert [type(event) for event in events] == [ResponseStart, Text, Done]


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
@pytest.mark.parametrize("fold", [b"\n", b"\r", b"\r\n"])
def test_bytes_reach_the_decoder_raw(newline, fold):
    body = b"data: \xe2\x80\xa8 1" + fold * 2 + b"data: [DONE]\n\n"

    async def answer(x):
        head = {"content-length": str(len(body))} | faults.SSE
        await x.send(faults.head_bytes(200, head, newline))
        for at in range(len(body)):
            await x.send(body[at : at + 1])

    Words.made.clear()
    _, _, error = run(answer)
    assert error is None
    assert Words.made[-1].data == body


def test_a_long_line_has_no_limit():
    line = b"data: " + b"x" * (3 << 20) + b"\n\ndata: [DONE]\n\n"

    async def answer(x):
        await x.answer(line, content_type="text/event-stream")

    Words.made.clear()
    _, _, error = run(answer, limits=Limits())
    assert error is None
    assert Words.made[-1].data == line


@pytest.mark.parametrize("fault", [faults.silence, faults.silence_in_body])
def test_cancelling_hangs_up_at_once(fault):
    async def main():
        async with FaultServer(fault) as server:
            task = asyncio.create_task(
                collect(endpoint(server.base), limits=Limits(silence=3600, total=3600))
            )
            while not server.requests:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.02)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await asyncio.wait_for(server.hung_up.wait(), 60)
            assert task.cancelled()
            return server.posts

    Words.made.clear()
    posts = asyncio.run(main())
    assert posts == 1
    assert all(decoder.closed == 1 for decoder in Words.made)


def test_leaving_the_iterator_hangs_up():
    async def main():
        async with FaultServer(faults.silence_in_body) as server:
            client = Client(Limits())
            stream = client.stream(endpoint(server.base), CALL, Words, idempotency_key="a")
            async with contextlib.aclosing(stream) as events:
                async for event in events:
                    if isinstance(event, Text):
                        break
            await asyncio.wait_for(server.hung_up.wait(), 60)

    asyncio.run(main())


FREE = [
    faults.reset_after_request,
    faults.close_after_request,
    faults.half_header,
    faults.half_body,
    faults.wrong_length,
    faults.broken_gzip,
    faults.status(429),
    faults.status(500),
    faults.status(502),
    faults.page_524,
]


@pytest.mark.parametrize("fault", FREE, ids=lambda fault: fault.__name__)
def test_what_is_free_is_asked_again(fault):
    async def main():
        async with FaultServer([fault, fault, faults.good]) as server:
            client = Client(PATIENT)
            try:
                return await client.json(endpoint(server.base), GET), server
            finally:
                await client.aclose()

    value, server = asyncio.run(main())
    assert value == {"ok": True}
    assert len(server.requests) == 3
    assert "idempotency-key" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("fault", "kind", "sent"),
    [
        (faults.status(401), errors.AuthenticationError, 1),
        (faults.status(404, b"404 page not found"), errors.NotAnEndpointError, 1),
        (faults.status(200, b"hello"), errors.NotAnEndpointError, 1),
        (faults.status(200, b"[" * 100_000), errors.NotAnEndpointError, 1),
        (faults.status(200, b"<html><title>Login</title>"), errors.NotAnEndpointError, 1),
        (faults.gzip_bomb, errors.TruncatedError, 1),
        (faults.status(500), errors.ServerError, 4),
        (faults.redirect("http://h/"), errors.NotAnEndpointError, 1),
    ],
)
def test_json_that_fails_says_why(fault, kind, sent):
    async def main():
        async with FaultServer(fault) as server:
            client = Client(msgspec.structs.replace(PATIENT, json_bytes=1 << 20))
            try:
                with pytest.raises(kind) as caught:
                    await client.json(endpoint(server.base), GET)
            finally:
                await client.aclose()
            return caught.value, len(server.requests)

    error, requests = asyncio.run(main())
    assert type(error) is kind
    assert requests == sent
    assert not error.maybe_billed


ECHO = (
    '{"error":{"message":"bad key %s","code":"%s"},"x":"Bearer %s"} (request id: %s)' % ((KEY,) * 4)
).encode()
LEAKS = [
    *(fault for fault, _ in MAYBE if fault is not faults.drip),
    faults.status(401, ECHO),
    faults.status(400, ECHO.replace(b" (request", b"")),
    faults.status(500, ECHO, x_request_id=KEY),
    faults.redirect(f"http://h/{KEY}"),
    faults.status(200, b"<html><title>%s</title>" % KEY.encode(), content_type="text/html"),
]
ODD_KEYS = [
    KEY + "\nx: y",
    KEY + " x",
    "sk-é" + KEY,
    KEY + "\x00",
    "Bearer " + KEY,
    KEY + "\u2028x",
]


def everything(error: BaseException) -> str:
    """All that a traceback, a debugger or a log could show of an error."""
    seen, texts, todo = set(), [], [error]
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        texts += [str(one), repr(one), repr(one.args), repr(vars(one)), type(one).__module__]
        texts += traceback.format_exception(one)
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if "nbext" in frame.f_globals.get("__name__", ""):
                texts += [repr(value) for value in frame.f_locals.values()]
        todo += [one.__cause__, one.__context__]
    return "\n".join(texts)


@pytest.mark.parametrize("fault", LEAKS, ids=lambda fault: fault.__name__)
def test_no_error_and_no_log_holds_the_key(fault, caplog):
    caplog.set_level(logging.INFO)
    _, _, error = run(fault)
    assert isinstance(error, errors.RequestError)
    assert error.__cause__ is None
    assert error.__context__ is None
    assert KEY not in everything(error)
    assert KEY not in caplog.text


@pytest.mark.parametrize("key", ODD_KEYS)
def test_an_odd_key_is_refused_and_not_shown(key, caplog):
    caplog.set_level(logging.DEBUG)

    async def main():
        async with FaultServer(faults.good) as server:
            events, error = await collect(endpoint(server.base, key))
            return events, error, server.connections

    events, error, connections = asyncio.run(main())
    assert type(error) is errors.AuthenticationError
    assert (events, connections) == ([], 0)
    assert KEY not in everything(error)
    assert KEY not in caplog.text


def test_no_key_no_header():
    async def main():
        async with FaultServer(faults.good) as server:
            await collect(endpoint(server.base, ""))
            await collect(endpoint(server.base))
            return server.requests

    without, with_key = asyncio.run(main())
    assert "authorization" not in without.headers
    assert with_key.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    "base", ["relay.example/v1", "ftp://h", "http://", "http://[", "https://h:x"]
)
def test_a_base_url_that_is_none_says_so(base):
    async def main():
        target = endpoint("http://h")
        return await collect(msgspec.structs.replace(target, base_url=base))

    events, error = asyncio.run(main())
    assert isinstance(error, errors.RequestError)
    assert "base URL" in str(error)
    assert events == []


def test_a_form_is_multipart_even_without_a_file():
    call = Call(path="videos", form={"model": "m", "prompt": "画只猫"})

    async def main():
        async with FaultServer(faults.good) as server:
            _, error = await collect(endpoint(server.base), call)
            return error, server.requests[0]

    error, request = asyncio.run(main())
    assert error is None
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="prompt"\r\n\r\n' + "画只猫".encode() in request.body
    assert b"filename" not in request.body


def test_many_at_once_leave_nothing_open():
    async def main():
        async with FaultServer(faults.good) as server:
            client = Client(Limits())

            async def one(number):
                stream = client.stream(
                    endpoint(server.base), CALL, Words, idempotency_key=str(number)
                )
                async with contextlib.aclosing(stream) as events:
                    return [event async for event in events]

            results = await asyncio.gather(*map(one, range(60)))
            await client.aclose()
            return results, server.posts

    results, posts = asyncio.run(main())
    assert posts == 60
    assert all(isinstance(events[-1], Done) for events in results)
    gc.collect()


def test_a_film_comes_from_the_endpoint_with_the_key_and_follows_without():
    call = Call(path="videos/v/content", method="GET", generating=False)
    kept: list[Memory] = []

    async def main():
        async with FaultServer(faults.picture()) as store:
            path = f"{store.base}/film"
            async with FaultServer([faults.picture(), faults.redirect(path)]) as server:
                client = Client(PATIENT)
                here = await client.fetch(endpoint(server.base), call, lambda: Memory(kept))
                there = await client.fetch(endpoint(server.base), call, lambda: Memory(kept))
                await client.aclose()
                return here, there, server.requests, store.requests

    here, there, asked, elsewhere = asyncio.run(main())
    assert here.media_type == "image/png"
    assert asked[0].headers["authorization"] == f"Bearer {KEY}"
    # Whoever fetches it from there has no key.
    assert elsewhere == []
    assert there.url.endswith("/film")


def test_cancelling_at_any_point_leaves_nothing_behind():
    async def main():
        async with FaultServer(faults.silence_in_body) as server:
            for step in range(40):
                task = asyncio.create_task(collect(endpoint(server.base), limits=Limits()))
                await asyncio.sleep(step / 2000)
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            for _ in range(6000):
                await asyncio.sleep(0.01)
                if server.hang_ups == server.connections:
                    break
            assert server.hang_ups == server.connections
            server.faults = faults.good
            _, error = await collect(endpoint(server.base))
            # This one, and the server's for the connection that is being closed.
            assert len(asyncio.all_tasks()) <= 2
            return error

    assert asyncio.run(main()) is None
    gc.collect()


def test_no_log_of_any_level_holds_the_key(caplog):
    caplog.set_level(logging.DEBUG)
    run(faults.good)
    run(faults.status(401))
    assert caplog.records
    assert KEY not in caplog.text


@pytest.fixture
def proxies(monkeypatch):
    def put(address):
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setenv("http_proxy", address)

    return put


def test_the_environments_proxy_is_used_but_not_for_loopback(proxies):
    async def main():
        async with FaultServer(faults.good) as proxy, FaultServer(faults.good) as server:
            proxies(proxy.base)
            _, first = await collect(endpoint("http://relay.invalid"))
            _, second = await collect(endpoint(server.base))
            return first, second, proxy.requests, server.posts

    first, second, requests, posts = asyncio.run(main())
    assert (first, second, posts) == (None, None, 1)
    assert [r.path for r in requests] == ["http://relay.invalid/v1/chat/completions"]


def test_a_socks_proxy_says_what_it_needs(proxies):
    if importlib.util.find_spec("socksio"):
        pytest.skip("socksio is installed")
    proxies("socks5://127.0.0.1:9")
    _, error = asyncio.run(collect(endpoint("http://relay.invalid")))
    assert "socksio" in str(error)


def test_a_name_that_is_not_found_says_so():
    _, error = asyncio.run(collect(endpoint("http://relay.invalid")))
    assert type(error) is errors.ConnectError
    assert "not found" in error.message


def test_http_where_https_is_asked_says_so():
    async def plain(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read(100)
        writer.close()

    async def main():
        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            return await collect(endpoint(f"https://127.0.0.1:{port}"))

    _, error = asyncio.run(main())
    assert type(error) is errors.ConnectError
    assert "https:// or http://" in error.remedy
    assert not error.maybe_billed


def test_a_film_that_is_not_there_yet_is_asked_for_again():
    call = Call(path="videos/v/content", method="GET", generating=False)

    async def main():
        missing = faults.status(404, b'{"error":{"message":"not found"}}')
        async with FaultServer([missing, missing, missing, faults.picture()]) as server:
            client = Client(PATIENT)
            info = await client.fetch(endpoint(server.base), call, lambda: Memory([]))
            await client.aclose()
            return info

    assert asyncio.run(main()).media_type == "image/png"


def test_a_bomb_keeps_the_time_limit_and_others_go_on():
    bomb = gzip.compress(bytes(100 << 20), compresslevel=1)
    ticks = []

    async def send(x):
        await x.answer(bomb, content_encoding="gzip")

    async def tick():
        while True:
            ticks.append(1)
            await asyncio.sleep(0)

    class Nothing(Words):
        def feed(self, data):
            # However fast the machine is, the bomb takes longer than the limit.
            time.sleep(0.01)
            return []

    async def main():
        async with FaultServer(send) as server:
            limits = msgspec.structs.replace(PATIENT, total=0.2)
            task = asyncio.create_task(tick())
            _, error = await collect(endpoint(server.base), limits=limits, decoder=Nothing)
            task.cancel()
            return error

    error = asyncio.run(main())
    assert isinstance(error, errors.TimedOutError)
    assert len(ticks) > 3


# Requests at once


class Slow:
    """Takes a time for each request; refuses those beyond a number at once."""

    def __init__(self, capacity=10**9):
        self.capacity = capacity
        self.active = self.most = self.refusals = 0

    async def __call__(self, x):
        if self.active >= self.capacity:
            self.refusals += 1
            await x.answer(b'{"error":{"message":"busy"}}', 429, retry_after="0")
            return
        self.active += 1
        self.most = max(self.most, self.active)
        await asyncio.sleep(0.01)
        self.active -= 1
        await faults.good(x)


async def many(server, client, number):
    async def one(name):
        events = client.stream(endpoint(server.base), CALL, Words, idempotency_key=str(name))
        return [event async for event in events][-1]

    return await asyncio.gather(*(one(name) for name in range(number)))


def test_refusals_among_many_do_not_count_as_tries():
    """An endpoint that takes five at once answers all of them, with as many tries as it takes."""
    slow = Slow(capacity=5)

    async def main():
        async with FaultServer(slow) as server:
            client = Client(PATIENT)
            ends = await many(server, client, 100)
            limiter = client._limiter(endpoint(server.base))
            await client.aclose()
            return ends, limiter

    ends, limiter = asyncio.run(main())
    assert all(isinstance(event, Done) for event in ends)
    assert slow.refusals
    assert limiter.active == 0
    assert limiter.limit <= 10


def test_a_ceiling_of_requests_at_once_is_kept():
    slow = Slow()

    async def main():
        async with FaultServer(slow) as server:
            client = Client(msgspec.structs.replace(PATIENT, max_concurrent=3))
            ends = await many(server, client, 30)
            await client.aclose()
            return ends

    assert len(asyncio.run(main())) == 30
    assert slow.most == 3


@pytest.mark.parametrize("after", ["1000000000", "Wed, 21 Oct 2099 07:28:00 GMT", "121"])
def test_a_refusal_for_years_holds_nothing_else_back(after):
    """It fails at once, as it says; what is asked after it is sent all the same."""
    long = faults.status(429, b'{"error":{"message":"busy"}}', retry_after=after)

    async def main():
        async with FaultServer([long, faults.good]) as server:
            client = Client(PATIENT)
            with pytest.raises(errors.RateLimitError):
                await many(server, client, 1)
            limiter = client._limiter(endpoint(server.base))
            paused = limiter._paused_until - limiter._clock.time()
            limiter._paused_until = 0.0
            ends = await many(server, client, 1)
            await client.aclose()
            return ends, paused

    ends, paused = asyncio.run(main())
    assert isinstance(ends[0], Done)
    assert paused <= 1.0


# What is not the network's fault


def test_an_error_in_the_code_itself_is_a_traceback(monkeypatch):
    """It is not the base URL that is wrong then."""
    from nbext.transport import request_builder

    def broken(key):
        raise TypeError("a slip in the code")

    monkeypatch.setattr(request_builder, "Bearer", broken)
    _, _, error = run(faults.good)
    assert type(error) is TypeError


def test_a_request_id_with_controls_is_harmless():
    fault = faults.status(500, b"{}", x_request_id="\x9b31mred")
    _, _, error = run(fault)
    assert "red" in error.request_id
    assert not set(error.request_id) & {chr(code) for code in [*range(32), *range(127, 160)]}


@pytest.mark.parametrize(
    "words",
    [
        {"message": "Chunked responses are not available for this model"},
        {"message": "此模型不支持流式输出"},
        {"detail": "SSE is disabled here"},
        {"error": {"message": "streaming must be false"}},
        {"message": "このモデルはストリーミングに対応していません"},
    ],
)
@pytest.mark.parametrize("code", [400, 415, 422, 501])
def test_a_stream_that_is_refused_in_any_words_is_asked_for_once_more_without(words, code):
    call = Call(path="chat/completions", stream=True, body={"model": "m", "stream": True})
    server, _, error = run(
        [faults.status(code, msgspec.json.encode(words)), faults.good], call=call
    )
    assert error is None
    assert [b"stream" in request.body for request in server.requests] == [True, False]


def test_a_client_that_is_closed_leaves_no_connection_behind(recwarn):
    """Neither by a request under way, nor by one that begins later."""

    async def answer(x):
        await x.send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    async def main():
        async with FaultServer(answer) as server:
            client = Client(PATIENT)
            tasks = [asyncio.create_task(client.json(endpoint(server.base), GET)) for _ in range(3)]
            await asyncio.sleep(0)
            await client.aclose()
            assert await asyncio.gather(*tasks) == [{}] * 3
            assert await client.json(endpoint(server.base), GET) == {}

    asyncio.run(main())
    gc.collect()
    assert not [str(one.message) for one in recwarn]
