"""Who is let in: foreign hosts, foreign pages and wrong keys are not, and cost no memory."""

from __future__ import annotations

import gc
import json
import socket
import tracemalloc

import httpx
import pytest

from nbext.embedded import base
from nbext.embedded.access import Access
from nbext.embedded.server import Endpoint
from tests.until import until

BODY = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "hello"}]}
# One address of each kind: with a key and without, known and unknown, read and write.
ADDRESSES = [
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/images/edits"),
    ("POST", "/v1beta/models/gemini-2.5-pro:generateContent"),
    ("GET", "/v1/models"),
    ("GET", "/api/pricing"),
    ("GET", "/files/none.png"),
    ("GET", "/source/none"),
    ("GET", "/nothing"),
]
FOREIGN_HOSTS = [
    "evil.example",
    "evil.example:80",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "203.0.113.7",
    "[2001:db8::1]:80",
]
OWN_HOSTS = ["127.0.0.1", "localhost", "LOCALHOST:1234", "[::1]:80", "127.9.9.9", "a.localhost"]
FOREIGN_ORIGINS = [
    "http://evil.example",
    "https://evil.example:8443",
    "null",
    "file://",
    "http://localhost.evil.example",
    "http://127.0.0.1@evil.example",
    "chrome-extension://abcdef",
    "",
]
OWN_ORIGINS = ["http://localhost:8888", "http://127.0.0.1:8888", "https://[::1]"]


def root(endpoint):
    return endpoint.base_url.removesuffix("/v1")


def ask(endpoint, method="POST", path="/v1/chat/completions", **headers):
    headers = {"Authorization": f"Bearer {endpoint.key}", **headers}
    return httpx.request(
        method, root(endpoint) + path, headers=headers, json=BODY if method == "POST" else None
    )


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_a_foreign_host_is_refused_wherever_it_asks(endpoint, host, method, path):
    answer = ask(endpoint, method, path, Host=host)
    assert answer.status_code == 403
    assert answer.json()["error"]


@pytest.mark.parametrize("host", ["user@127.0.0.1", "127.0.0.1, evil.example", "127.0.0.1/x", ""])
def test_a_malformed_host_is_refused(endpoint, host):
    assert ask(endpoint, "GET", "/v1/models", Host=host).status_code in {400, 403}


@pytest.mark.parametrize("host", OWN_HOSTS)
def test_loopback_has_many_names(endpoint, host):
    assert ask(endpoint, Host=host).status_code == 200


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_a_page_from_elsewhere_is_refused_wherever_it_asks(endpoint, origin, method, path):
    answer = ask(endpoint, method, path, Origin=origin)
    assert answer.status_code == 403
    assert answer.json()["error"]
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_page_from_elsewhere_gets_no_leave_beforehand(endpoint):
    preflight = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answer = ask(endpoint, "OPTIONS", **preflight)
    assert answer.status_code >= 400
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("origin", OWN_ORIGINS)
def test_a_page_of_this_machine_may_ask(endpoint, origin):
    assert ask(endpoint, Origin=origin).status_code == 200


def test_the_bound_host_and_the_named_ones_are_served():
    everywhere = Access("sk-1", "0.0.0.0", frozenset({"Teacher.example"}))
    assert everywhere.allows_host("192.168.1.7:8000")
    assert everywhere.allows_host(socket.gethostname())
    assert everywhere.allows_host("teacher.example:8000")
    assert not everywhere.allows_host("evil.example")
    assert everywhere.allows_origin("http://192.168.1.7:8000", "192.168.1.7:8000")
    assert not everywhere.allows_origin("http://203.0.113.7", "192.168.1.7:8000")
    bound = Access("sk-1", "192.168.1.7")
    assert bound.allows_host("192.168.1.7:8000")
    assert not bound.allows_host("192.168.1.8:8000")


def test_a_named_host_reaches_a_running_endpoint():
    endpoint = Endpoint(pace=0, names=["class.example"])
    endpoint.start()
    try:
        assert ask(endpoint, Host="class.example").status_code == 200
        assert ask(endpoint, Host="other.example").status_code == 403
    finally:
        endpoint.stop()


def wrong_keys(key):
    return [
        {"Authorization": f"Bearer  {key}"},
        {"Authorization": f"Bearer\t{key}"},
        {"Authorization": f"Bearer {key}-17"},
        {"Authorization": f"Bearer {key}x"},
        {"Authorization": f"Bearer {key} x"},
        {"Authorization": f"Bearer {key[:-1]}"},
        {"Authorization": f"Bearer {key.upper()}"},
        {"Authorization": f"Basic {key}"},
        {"Authorization": key},
        {"x-goog-api-key": f"{key}-17"},
        {"x-api-key": f"{key}-17"},
        {},
    ]


@pytest.mark.parametrize("number", range(12))
def test_a_key_is_right_to_the_letter(endpoint, number):
    headers = wrong_keys(endpoint.key)[number]
    assert httpx.get(f"{endpoint.base_url}/models", headers=headers).status_code == 401


@pytest.mark.parametrize("value", [" {}", "{} ", "{}-17", "\u00a0{}", "{}\n"])
def test_a_key_in_the_address_is_right_to_the_letter(endpoint, value):
    params = {"key": value.format(endpoint.key)}
    assert httpx.get(f"{endpoint.base_url}/models", params=params).status_code == 401


def connect(endpoint):
    return socket.create_connection(("127.0.0.1", endpoint.port))


def head(size, *headers, path="/v1/chat/completions"):
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {size}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def held(endpoint):
    return endpoint._state.buffer_bytes


def handlers_in_memory():
    gc.collect()
    # Not isinstance: it would wake the lazy modules of other packages, which are large.
    return sum(issubclass(type(thing), base.Handler) for thing in gc.get_objects())


@pytest.mark.parametrize("with_key", [False, True])
def test_uploads_that_break_off_leave_nothing_behind(with_key):
    endpoint = Endpoint(pace=0)
    endpoint.start()
    key = [f"Authorization: Bearer {endpoint.key}"] if with_key else []
    assert ask(endpoint).status_code == 200  # imports what it needs
    tracemalloc.start()
    try:
        before, handlers = tracemalloc.get_traced_memory()[0], handlers_in_memory()
        for _ in range(3):
            clients = [connect(endpoint) for _ in range(4)]
            for client in clients:
                client.sendall(head(50_000_000, *key) + b"x" * 4_000_000)
            if with_key:
                until(lambda: held(endpoint) == 16_000_000)
            for client in clients:
                client.close()
            until(lambda: held(endpoint) == 0)
        assert ask(endpoint).status_code == 200
        until(lambda: handlers_in_memory() <= handlers + 1)
        # Of 48 million bytes, once the sockets have been read to their ends.
        until(lambda: tracemalloc.get_traced_memory()[0] - before < 12_000_000)
    finally:
        tracemalloc.stop()
        endpoint.stop()


@pytest.mark.parametrize(
    "headers",
    [(), ("Authorization: Bearer sk-wrong",), ("Origin: http://evil.example",)],
    ids=["no key", "a wrong key", "a foreign page"],
)
def test_the_body_of_a_refused_request_takes_no_memory(endpoint, headers):
    with connect(endpoint) as client:
        client.sendall(head(30_000_000, *headers))
        for _ in range(30):
            client.sendall(b"x" * 1_000_000)
            assert held(endpoint) == 0
        answer = client.recv(65_536)
    assert answer.split()[1] in {b"401", b"403"}


def test_a_refused_request_cannot_send_for_ever(endpoint):
    with connect(endpoint) as client:
        client.sendall(head(10**12))
        assert client.recv(65_536).split()[1] == b"400"


def test_bodies_are_bounded_all_together(endpoint, monkeypatch):
    monkeypatch.setattr(base, "ALL_BODIES_LIMIT", 3_000_000)
    key = f"Authorization: Bearer {endpoint.key}"
    with connect(endpoint) as client:
        client.sendall(head(2_500_000, key) + b"x" * 2_000_000)
        until(lambda: held(endpoint) == 2_000_000)
        more = json.dumps({**BODY, "pad": "x" * 1_500_000}).encode()
        bearer = {"Authorization": f"Bearer {endpoint.key}"}
        answer = httpx.post(f"{endpoint.base_url}/chat/completions", content=more, headers=bearer)
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
    until(lambda: held(endpoint) == 0)
    assert ask(endpoint).status_code == 200
