"""Errors on request, hostile clients, and the server itself."""

from __future__ import annotations

import ast
import http.client
import json
import socket
import subprocess
import sys
import threading
import urllib.parse
from pathlib import Path

import httpx
import pytest

from nbext.embedded.models import MODELS
from nbext.embedded.server import Endpoint
from tests.until import until


def post(endpoint, path, body, **more):
    return httpx.post(
        f"{endpoint.base_url}{path}",
        headers={"Authorization": f"Bearer {endpoint.key}", **more.pop("headers", {})},
        timeout=60,
        **({"content": body} if isinstance(body, bytes) else {"json": body}),
        **more,
    )


def chat(endpoint, model, **more):
    headers = more.pop("headers", {})
    body = {"model": model, "messages": [{"role": "user", "content": "画只猫"}], **more}
    return post(endpoint, "/chat/completions", body, headers=headers)


@pytest.mark.parametrize(
    ("model", "status", "code"),
    [
        ("embedded-moderation", 400, "moderation_blocked"),
        ("embedded-prompt-blocked", 400, "prompt_blocked"),
        ("embedded-no-quota", 403, "insufficient_user_quota"),
        ("embedded-upstream-quota", 403, "insufficient_user_quota"),
        ("embedded-busy", 429, "429"),
        ("embedded-error", 500, "do_request_failed"),
        ("embedded-not-served", 503, "model_not_found"),
        ("embedded-stream-only", 403, "non_streaming_disabled"),
    ],
)
def test_names_fail_as_relays_do(endpoint, model, status, code):
    answer = chat(endpoint, model)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["code"] == code
    request_id = answer.headers["x-oneapi-request-id"]
    assert f"(request id: {request_id})" in error["message"]
    assert error["message"].count("request id") == 1 + (model == "embedded-upstream-quota")
    if status == 429:
        assert "retry-after" in answer.headers


@pytest.mark.parametrize("stream", [False, True])
def test_pages_in_place_of_answers(endpoint, stream):
    answer = chat(endpoint, "embedded-gateway-timeout", stream=stream)
    assert answer.status_code == 524
    assert "524: A timeout occurred</title>" in answer.text
    answer = chat(endpoint, "embedded-html", stream=stream)
    assert (answer.status_code, answer.headers["content-type"][:9]) == (200, "text/html")


def test_errors_are_no_streams_when_one_was_asked(endpoint):
    answer = chat(endpoint, "embedded-error", stream=True)
    assert (answer.status_code, answer.headers["content-type"][:16]) == (500, "application/json")


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("embedded-refuses", "失败原因：input_moderation"),
        ("embedded-queue-text", "图片准备好后我们会通知你"),
        ("embedded-dead-link", "sandbox:/mnt/data"),
        ("embedded-no-picture", "upload"),
    ],
)
def test_words_in_place_of_a_picture(endpoint, model, words):
    choice = chat(endpoint, model).json()["choices"][0]
    assert words in choice["message"]["content"]
    assert choice["finish_reason"] == "stop"


def test_busy_once_is_busy_once_for_each_idempotency_key(endpoint):
    statuses = [
        chat(endpoint, "embedded-busy-once", headers={"Idempotency-Key": key}).status_code
        for key in ("one", "one", "two", "two")
    ]
    assert statuses == [503, 200, 503, 200]


def test_a_stream_that_is_cut_breaks_the_connection(endpoint):
    with pytest.raises(httpx.RemoteProtocolError):
        chat(endpoint, "embedded-cut", stream=True)


def test_a_truncated_stream_ends_in_good_order_without_its_end(endpoint):
    answer = chat(endpoint, "embedded-truncated", stream=True)
    assert "data: " in answer.text
    assert "[DONE]" not in answer.text
    assert '"finish_reason":"stop"' not in answer.text


def test_an_error_in_the_middle_of_a_stream(endpoint):
    answer = chat(endpoint, "embedded-midstream-error", stream=True)
    assert answer.status_code == 200
    last = answer.text.strip().split("\n\n")[-1]
    assert json.loads(last.removeprefix("data: "))["error"]["code"] == "eof"


def test_plain_ignores_stream_and_stream_only_streams(endpoint):
    answer = chat(endpoint, "embedded-plain", stream=True)
    assert answer.headers["content-type"].startswith("application/json")
    assert "![gen_" in answer.json()["choices"][0]["message"]["content"]
    answer = chat(endpoint, "embedded-stream-only", stream=True)
    assert answer.text.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize("model", ["embedded-silent", "embedded-slow"])
def test_a_client_that_hangs_up_is_noticed(endpoint, model):
    body = {"model": model, "messages": [{"role": "user", "content": "x"}], "stream": True}
    url = urllib.parse.urlsplit(endpoint.base_url)
    connection = http.client.HTTPConnection(url.netloc)
    headers = {"Authorization": f"Bearer {endpoint.key}", "Content-Type": "application/json"}
    connection.request("POST", f"{url.path}/chat/completions", json.dumps(body), headers)
    until(lambda: endpoint.log and endpoint.log[-1].json)
    connection.close()
    until(lambda: endpoint.log[-1].disconnected)


def test_every_documented_name_answers_but_the_silent_ones(endpoint):
    for model in MODELS:
        if model in {"embedded-silent", "embedded-slow"}:
            continue
        assert chat(endpoint, model, seconds=1).status_code in {200, 400, 403, 429, 500, 503, 524}


def test_the_key_is_asked_for_wherever_it_may_stand(endpoint):
    url = f"{endpoint.base_url}/models"
    assert httpx.get(url).status_code == 401
    wrong = httpx.get(url, headers={"Authorization": "Bearer sk-wrong"})
    assert wrong.status_code == 401
    assert wrong.json()["error"]["message"].startswith("无效的令牌 (request id: ")
    assert httpx.get(url, headers={"x-goog-api-key": endpoint.key}).status_code == 200
    assert httpx.get(url, params={"key": endpoint.key}).status_code == 200


def test_the_log_tells_of_requests_without_their_key(endpoint):
    httpx.get(f"{endpoint.base_url}/models", params={"key": endpoint.key})
    chat(endpoint, "gpt-4.1")
    assert endpoint.log[-1].json["model"] == "gpt-4.1"
    assert endpoint.log[-1].body_size > 0
    assert endpoint.log[-1].status == 200
    assert endpoint.key not in repr(endpoint.log)


def test_lists_of_models_differ_by_header(endpoint):
    def get(**headers):
        return httpx.get(f"{endpoint.base_url}/models", headers=headers).json()

    openai = get(Authorization=f"Bearer {endpoint.key}")
    assert (openai["success"], openai["object"]) == (True, "list")
    assert all(one["supported_endpoint_types"] for one in openai["data"])
    assert "models" in get(**{"x-goog-api-key": endpoint.key})
    both = {"x-api-key": endpoint.key, "anthropic-version": "2023-06-01"}
    assert get(**both)["has_more"] is False


def test_an_unknown_model_is_no_http_error(endpoint):
    bearer = {"Authorization": f"Bearer {endpoint.key}"}
    answer = httpx.get(f"{endpoint.base_url}/models/nothing", headers=bearer)
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, "model_not_found")


def test_prices_need_no_key(endpoint):
    rows = httpx.get(endpoint.base_url.removesuffix("/v1") + "/api/pricing").json()["data"]
    assert {row["model_name"] for row in rows} == set(MODELS)


PATHS = ["/chat/completions", "/responses", "/completions", "/images/generations", "/videos"]
BAD = [
    b"",
    b"{",
    b"[]",
    b'"x"',
    b"\xff\xfe",
    b'{"model": "\\ud800", "messages": [{"role": "user", "content": "\\udfff"}]}',
    b"[" * 100_000,
    b'{"model":1,"messages":2,"input":3,"prompt":4}',
    b'{"model":"m","messages":[],"input":[],"prompt":[]}',
    b'{"model":"m","messages":[1,null,{}],"input":[1],"prompt":[{}]}',
]


@pytest.mark.parametrize("path", [*PATHS, "/models/gemini-2.5-pro:generateContent"])
@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
def test_bad_bodies_are_400(endpoint, path, body):
    answer = post(endpoint, path, body)
    if b"null" in body and path == "/chat/completions":
        assert answer.status_code == 200  # strange messages are passed over
    else:
        assert answer.status_code == 400
        assert answer.json()["error"]["message"]


STRANGE = [None, 0, -1, 1e999, "", "x", [], {}, [[]], [{}], {"type": []}, True, "x" * 5000]


@pytest.mark.parametrize(
    "path", [*PATHS, "/images/edits", "/models/gemini-2.5-pro:generateContent"]
)
def test_strange_values_never_crash(endpoint, path):
    fields = ["tools", "tool_choice", "response_format", "n", "seed", "size", "aspect_ratio", "stop", "max_tokens", "image", "mask", "text", "reasoning", "previous_response_id", "extra_body", "modalities", "seconds", "stream", "generationConfig", "output_format", "partial_images", "systemInstruction", "content", "instructions"]  # fmt: skip
    base = {
        "model": "gpt-image-2" if "image" in path else "o3",
        "messages": [{"role": "user", "content": "x"}],
        "input": "x",
        "prompt": "x",
        "contents": [{"parts": [{"text": "x"}]}],
        "size": "64x48",
        "seconds": 0.2,
        "generationConfig": {"imageConfig": {"imageSize": "512"}},
    }
    with httpx.Client(headers={"Authorization": f"Bearer {endpoint.key}"}, timeout=60) as client:
        for field in fields:
            for value in STRANGE:
                body = json.dumps({**base, field: value}).replace("Infinity", "1e999").encode()
                answer = client.post(endpoint.base_url + path, content=body)
                assert answer.status_code in {200, 400}, (field, value, answer.text)


TOOL = {"type": "function", "name": "f", "function": {"name": "f"}}
NESTED = [
    ("/chat/completions", {"response_format": {"type": "json_schema", "json_schema": ...}}),
    ("/chat/completions", {"tools": [TOOL], "tool_choice": {"type": "function", "function": ...}}),
    ("/responses", {"text": {"format": {"type": "json_schema", "schema": ...}}}),
    ("/responses", {"tools": [TOOL], "tool_choice": {"type": "function", "name": ...}}),
    ("/responses", {"tools": [TOOL], "tool_choice": ...}),
    ("/responses", {"tools": [{"type": "image_generation", "size": "64x48", "quality": ...}]}),
    ("/images/generations", {"size": "64x48", "quality": ...}),
]


@pytest.mark.parametrize(("path", "fields"), NESTED, ids=range(len(NESTED)))
def test_strange_values_further_in_never_crash(endpoint, path, fields):
    base = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "x"}]}
    base |= {"input": "draw x", "prompt": "x", **fields}
    for value in STRANGE:
        body = json.dumps(base, default=lambda _: "VALUE").replace('"VALUE"', json.dumps(value))
        body = body.replace("Infinity", "1e999")
        answer = post(endpoint, path, body.encode())
        assert answer.status_code in {200, 400}, (value, answer.text)


def test_too_long_a_body_is_413(endpoint, monkeypatch):
    from nbext.embedded import base

    monkeypatch.setattr(base, "BODY_LIMIT", 100_000)
    answer = post(endpoint, "/chat/completions", b"x" * 3_000_000)
    assert answer.status_code == 413
    assert chat(endpoint, "o3").status_code == 200


def test_a_malformed_form_is_400(endpoint):
    for body in (
        b"",
        b"--x",
        b"--x\r\n\r\n--x--",
        b"--x\r\nContent-Disposition: y\r\n\r\nz\r\n--x--",
    ):
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = post(endpoint, "/images/edits", body, headers=kind)
        assert answer.status_code == 400, body


def test_unknown_addresses_are_404_and_wrong_methods_405_in_json(endpoint):
    root = endpoint.base_url.removesuffix("/v1")
    for url in (f"{root}/", f"{root}/v2/models", f"{endpoint.base_url}/nothing"):
        answer = httpx.get(url)
        assert answer.status_code == 404
        assert answer.json()["error"]["message"]
    google = httpx.get(f"{root}/v1beta/nothing").json()["error"]
    assert (google["code"], google["status"]) == (404, "NOT_FOUND")
    bearer = {"Authorization": f"Bearer {endpoint.key}"}
    assert httpx.get(f"{endpoint.base_url}/responses", headers=bearer).status_code == 405
    put = httpx.put(f"{endpoint.base_url}/responses", headers=bearer)
    assert put.status_code == 405
    assert put.json()["error"]["message"]


def test_files_cannot_be_walked_out_of(endpoint):
    root = endpoint.base_url.removesuffix("/v1")
    for path in ("/files/../etc/passwd", "/files/%2e%2e%2fetc", "/files/download/x.png"):
        assert httpx.get(root + path).status_code == 404


def test_noise_on_the_socket_is_survived(endpoint):
    port = int(endpoint.base_url.rsplit(":", 1)[1].split("/")[0])
    for noise in (
        b"\x16\x03\x01\x00",
        b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"\r\n" * 50,
    ):
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(noise)
    assert chat(endpoint, "o3").status_code == 200


def test_start_and_stop_leave_nothing_behind():
    before = set(threading.enumerate())
    endpoint = Endpoint(pace=0)
    assert endpoint.base_url == ""
    endpoint.start()
    endpoint.start()
    assert endpoint.base_url.startswith("http://127.0.0.1:")
    assert endpoint.key.startswith("sk-")
    assert chat(endpoint, "flux").status_code == 200
    endpoint.stop()
    endpoint.stop()
    assert set(threading.enumerate()) == before
    with pytest.raises(httpx.ConnectError):
        chat(endpoint, "flux")


def test_stop_does_not_wait_for_silent_answers():
    endpoint = Endpoint(pace=0, key="sk-test")
    endpoint.start()
    failures = []

    def wait_for_ever():
        try:
            chat(endpoint, "embedded-silent")
        except httpx.HTTPError as error:
            failures.append(error)

    waiting = threading.Thread(target=wait_for_ever)
    waiting.start()
    until(lambda: endpoint.log and endpoint.log[-1].json)
    endpoint.stop()
    waiting.join(60)
    assert failures


def test_a_taken_port_is_an_error(endpoint):
    port = int(endpoint.base_url.rsplit(":", 1)[1].split("/")[0])
    with pytest.raises(OSError, match="in use"):
        Endpoint(port=port).start()


def test_at_its_own_pace_a_drawing_takes_about_a_second_and_shows_progress(monkeypatch):
    from nbext.embedded.base import Handler

    waits, wait_exactly = [], Handler.wait_exactly

    async def wait(self, seconds):
        waits.append(seconds)
        await wait_exactly(self, 0)

    monkeypatch.setattr(Handler, "wait_exactly", wait)
    endpoint = Endpoint()
    endpoint.start()
    try:
        body = {"model": "gpt-4o-image", "stream": True}
        body["messages"] = [{"role": "user", "content": "画只猫"}]
        bearer = {"Authorization": f"Bearer {endpoint.key}"}
        url = f"{endpoint.base_url}/chat/completions"
        with httpx.stream("POST", url, json=body, headers=bearer) as answer:
            assert len([line for line in answer.iter_lines() if "进度" in line]) == 5
        assert 0.5 < sum(waits) < 2
        assert max(waits) < sum(waits) / 2
    finally:
        endpoint.stop()


def test_links_name_the_host_that_was_asked_where_it_listens_everywhere():
    endpoint = Endpoint(host="0.0.0.0", pace=0)
    endpoint.start()
    try:
        answer = httpx.post(
            f"http://localhost:{endpoint.port}/v1/chat/completions",
            json={"model": "flux", "messages": [{"role": "user", "content": "x"}]},
            headers={"Authorization": f"Bearer {endpoint.key}"},
        )
        text = answer.json()["choices"][0]["message"]["content"]
        assert f"(http://localhost:{endpoint.port}/files/" in text
    finally:
        endpoint.stop()


def test_a_program_ends_without_stopping_it():
    code = (
        "import httpx; from nbext.embedded.server import Endpoint; e = Endpoint(pace=0); e.start();"
        "httpx.post(e.base_url + '/images/generations', json={'prompt': 'a cat'},"
        " headers={'Authorization': 'Bearer ' + e.key}).raise_for_status()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_tasks_hold_no_more_references_than_they_may(endpoint, monkeypatch):
    from nbext.embedded import tasks

    monkeypatch.setattr(tasks, "_WAITING_BYTES", -1)
    answer = post(endpoint, "/videos", {"prompt": "x"})
    assert answer.status_code == 429


def test_drawing_stops_when_the_client_hangs_up():
    endpoint = Endpoint(pace=3)
    endpoint.start()
    try:
        body = {"model": "gpt-4o-image", "stream": True}
        body["messages"] = [{"role": "user", "content": "画只猫"}]
        bearer = {"Authorization": f"Bearer {endpoint.key}"}
        url = f"{endpoint.base_url}/chat/completions"
        with httpx.stream("POST", url, json=body, headers=bearer) as answer:
            next(line for line in answer.iter_lines() if "进度" in line)
        # What is drawn to its end is not marked so.
        until(lambda: endpoint.log[-1].disconnected)
    finally:
        endpoint.stop()


def test_it_can_be_started_again_where_it_was():
    endpoint = Endpoint(pace=0)
    endpoint.start()
    where = endpoint.base_url
    assert chat(endpoint, "flux").status_code == 200
    endpoint.stop()
    endpoint.start()
    assert endpoint.base_url == where
    assert chat(endpoint, "flux").status_code == 200
    endpoint.stop()


def test_many_threads_may_start_it():
    endpoint = Endpoint(pace=0)
    seen = []
    starters = [
        threading.Thread(target=lambda: (endpoint.start(), seen.append(endpoint.base_url)))
        for _ in range(8)
    ]
    for one in starters:
        one.start()
    for one in starters:
        one.join()
    assert len(set(seen)) == 1
    assert seen[0]
    endpoint.stop()


def test_it_shares_nothing_with_the_client():
    import nbext.embedded

    for file in Path(nbext.embedded.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            for name in names:
                assert not name.startswith("nbext") or name.startswith("nbext.embedded"), file
