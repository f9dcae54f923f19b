"""Batches by the official clients: many requests in one job, the results later."""

from __future__ import annotations

import base64
import io
import json

import httpx
import pydantic
import pytest
from PIL import Image

from nbext.embedded import batches, uploads
from nbext.embedded.server import Endpoint
from tests.lazily import Lazily
from tests.until import until

openai, genai = Lazily("openai"), Lazily("google.genai")

PROMPTS = ["a cat", "a dog in the snow", "画一条船"]


def valid(kind, value):
    pydantic.TypeAdapter(kind).validate_python(value.model_dump(mode="json"))
    return value


def clients(endpoint):
    options = genai.types.HttpOptions(base_url=endpoint.base_url.removesuffix("/v1"))
    return (
        openai.OpenAI(base_url=endpoint.base_url, api_key=endpoint.key, max_retries=0),
        genai.Client(api_key=endpoint.key, http_options=options),
    )


@pytest.fixture(scope="module")
def client(endpoint):
    with clients(endpoint)[0] as made:
        yield made


@pytest.fixture(scope="module")
def google(endpoint):
    with clients(endpoint)[1] as made:
        yield made


def line(key, url="/v1/images/generations", **body):
    body = {"model": "gpt-image-2", "size": "64x48", **body}
    return {"custom_id": key, "method": "POST", "url": url, "body": body}


def upload(client, lines):
    data = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
    return client.files.create(file=("requests.jsonl", data.encode()), purpose="batch")


def create(client, lines, endpoint="/v1/images/generations", **more):
    file = upload(client, lines)
    return client.batches.create(
        input_file_id=file.id, endpoint=endpoint, completion_window="24h", **more
    )


def ended(fetch, done):
    return until(lambda: state if done(state := fetch()) else None)


def wait(client, batch):
    final = {"completed", "failed", "cancelled", "expired"}
    return ended(lambda: client.batches.retrieve(batch.id), lambda one: one.status in final)


def results(client, name):
    lines = client.files.content(name).text.splitlines()
    return {one["custom_id"]: one for one in map(json.loads, lines)}


def test_pictures_come_as_a_batch(client):
    lines = [line(f"take-{i}", prompt=prompt, n=i + 1) for i, prompt in enumerate(PROMPTS)]
    begun = valid(openai.types.Batch, create(client, lines, metadata={"sweep": "7"}))
    assert (begun.status, begun.object, begun.metadata) == ("validating", "batch", {"sweep": "7"})
    done = valid(openai.types.Batch, wait(client, begun))
    assert (done.status, done.error_file_id, done.model) == ("completed", None, "gpt-image-2")
    counts = done.request_counts
    assert (counts.total, counts.completed, counts.failed) == (3, 3, 0)
    answers = results(client, done.output_file_id)
    assert list(answers) == ["take-0", "take-1", "take-2"]
    for number, key in enumerate(answers):
        response = answers[key]["response"]
        assert response["status_code"] == 200
        assert response["request_id"]
        pictures = openai.types.ImagesResponse.model_validate(response["body"]).data
        assert len(pictures) == number + 1
        data = base64.b64decode(pictures[0].b64_json)
        assert Image.open(io.BytesIO(data)).size == (64, 48)
    assert begun.id in [one.id for one in client.batches.list()]


def test_conversations_and_responses_come_as_a_batch(client):
    message = [{"role": "user", "content": "hello there"}]
    url = "/v1/chat/completions"
    lines = [line("a", url, model="gpt-4.1", messages=message, stream=True)]
    done = wait(client, create(client, lines, url))
    body = results(client, done.output_file_id)["a"]["response"]["body"]
    answer = openai.types.chat.ChatCompletion.model_validate(body)
    assert "hello there" in answer.choices[0].message.content
    lines = [line("a", "/v1/responses", model="gpt-4.1", input="hello there")]
    done = wait(client, create(client, lines, "/v1/responses"))
    assert "hello there" in json.dumps(results(client, done.output_file_id))


def test_what_fails_is_in_a_file_of_its_own(client):
    lines = [
        line("good", prompt="a cat"),
        line("bad", prompt=""),
        line("refused", prompt="x", model="embedded-refuses"),
        line("cut", prompt="x", model="embedded-gateway-timeout"),
    ]
    done = wait(client, create(client, lines))
    counts = done.request_counts
    assert (done.status, counts.completed, counts.failed) == ("completed", 1, 3)
    assert list(results(client, done.output_file_id)) == ["good"]
    errors = results(client, done.error_file_id)
    assert errors["bad"]["response"]["body"]["error"]["param"] == "prompt"
    assert errors["refused"]["response"]["body"]["error"]["code"] == "moderation_blocked"
    assert "cut" in errors


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("{", "invalid_json_line"),
        ("[]", "invalid_json_line"),
        ('{"custom_id": 3}', "invalid_json_line"),
        (line("same", prompt="x"), "duplicate_custom_id"),
        (line("b", "/v1/responses", prompt="x"), "mismatched_endpoint"),
        ({**line("b", prompt="x"), "method": "GET"}, "mismatched_endpoint"),
        ({**line("b"), "body": {"prompt": "x"}}, "model_required"),
    ],
)
def test_a_wrong_line_fails_the_batch_and_says_which(client, bad, code):
    failed = valid(
        openai.types.Batch, wait(client, create(client, [line("same", prompt="x"), "", bad]))
    )
    assert (failed.status, failed.output_file_id) == ("failed", None)
    (error,) = failed.errors.data
    assert (error.code, error.line) == (code, 3)


def test_a_batch_without_or_with_too_many_requests_fails(client, monkeypatch):
    from nbext.embedded import openai_batches

    assert wait(client, create(client, [""])).errors.data[0].code == "empty_file"
    monkeypatch.setattr(openai_batches, "MOST_REQUESTS", 2)
    lines = [line(str(i), prompt="x") for i in range(3)]
    assert wait(client, create(client, lines)).errors.data[0].code == "too_many_requests"


def test_what_is_no_batch_is_refused(client):
    file = client.files.create(file=("a.txt", b"x"), purpose="user_data")
    good = {"endpoint": "/v1/images/generations", "completion_window": "24h"}
    for change in (
        {"input_file_id": "file-unknown"},
        {"input_file_id": file.id},
        {"input_file_id": file.id, "endpoint": "/v1/embeddings"},
        {"input_file_id": file.id, "completion_window": "1h"},
    ):
        with pytest.raises(openai.APIStatusError) as caught:
            client.batches.create(**{**good, **change})
        assert caught.value.status_code in {400, 404}
    with pytest.raises(openai.NotFoundError):
        client.batches.retrieve("batch_unknown")


def png(image):
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_edits_in_a_batch_name_uploaded_pictures(client):
    picture = png(Image.new("RGB", (64, 48), "orange"))
    mask = Image.new("RGBA", (64, 48), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (32, 0, 64, 48))
    names = [
        client.files.create(file=(name, data), purpose="vision").id
        for name, data in (("a.png", picture), ("m.png", png(mask)))
    ]
    url = "/v1/images/edits"
    images, layer = [{"file_id": names[0]}], {"file_id": names[1]}
    lines = [
        line("plain", url, prompt="add a hat", images=images),
        line("masked", url, prompt="add a hat", images=images, mask=layer),
        line("unknown", url, prompt="add a hat", images=[{"file_id": "file-unknown"}]),
    ]
    done = wait(client, create(client, lines, url))
    assert list(results(client, done.output_file_id)) == ["plain", "masked"]
    assert results(client, done.error_file_id)["unknown"]["response"]["status_code"] == 404
    parts = [{"type": "input_image", "file_id": names[0]}, {"type": "input_text", "text": "what?"}]
    answer = client.responses.create(model="gpt-5", input=[{"role": "user", "content": parts}])
    assert "64×48 pixels" in answer.output_text


def test_a_file_from_any_editor_is_read(client):
    lines = [json.dumps(line(key, prompt="x")) for key in "ab"]
    data = b"\xef\xbb\xbf" + "\r\n".join([*lines, ""]).encode()
    file = client.files.create(file=("a.jsonl", data), purpose="batch")
    job = client.batches.create(
        input_file_id=file.id, endpoint="/v1/images/generations", completion_window="24h"
    )
    assert wait(client, job).request_counts.completed == 2


def test_files_are_described_listed_and_deleted(client):
    file = valid(
        openai.types.FileObject, client.files.create(file=("a.jsonl", b"{}\n"), purpose="batch")
    )
    assert (file.bytes, file.filename, file.purpose) == (3, "a.jsonl", "batch")
    assert client.files.retrieve(file.id).id == file.id
    assert file.id in [one.id for one in client.files.list(purpose="batch")]
    assert file.id not in [one.id for one in client.files.list(purpose="vision")]
    assert client.files.content(file.id).content == b"{}\n"
    assert valid(openai.types.FileDeleted, client.files.delete(file.id)).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.content(file.id)


def test_files_make_room_for_new_ones(client, monkeypatch):
    old = client.files.create(file=("a", b"x" * 1000), purpose="batch")
    monkeypatch.setattr(uploads, "MOST_BYTES", 1500)
    new = client.files.create(file=("b", b"x" * 1000), purpose="batch")
    assert client.files.retrieve(new.id)
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(old.id)


def test_results_are_bounded(client, monkeypatch):
    monkeypatch.setattr(batches, "_MOST_RESULT_BYTES", 10)
    done = wait(client, create(client, [line(str(i), prompt="x") for i in range(8)]))
    assert done.request_counts.failed >= 5
    errors = results(client, done.error_file_id)
    assert all("split it" in one["error"]["message"] for one in errors.values())


def test_many_batches_under_way_are_refused_and_ended_ones_make_room(client, monkeypatch):
    monkeypatch.setattr(batches, "_MOST_BATCHES", 1)
    first = create(client, [line("a", prompt="x")])
    wait(client, first)
    second = create(client, [line("a", prompt="x")])
    with pytest.raises(openai.NotFoundError):
        client.batches.retrieve(first.id)
    wait(client, second)


@pytest.fixture
def slow():
    endpoint = Endpoint(pace=0.3)
    endpoint.start()
    client, google = clients(endpoint)
    with client, google:
        yield client, google
    endpoint.stop()


def test_too_many_batches_at_once_are_refused(slow, monkeypatch):
    client, _ = slow
    monkeypatch.setattr(batches, "_MOST_BATCHES", 2)
    for _ in range(2):
        create(client, [line("a", prompt="x")])
    with pytest.raises(openai.RateLimitError, match="under way"):
        create(client, [line("a", prompt="x")])


def test_a_batch_shows_its_progress(slow):
    client, _ = slow
    begun = create(client, [line(str(i), prompt="x") for i in range(6)])
    seen = []

    def look():
        state = client.batches.retrieve(begun.id)
        counts = state.request_counts
        if not seen or seen[-1] != (state.status, counts.completed):
            seen.append((state.status, counts.completed))
        return state

    ended(look, lambda one: one.status == "completed")
    order = ["validating", "in_progress", "finalizing", "completed"]
    assert sorted({order.index(status) for status, _ in seen}) == [0, 1, 2, 3]
    assert seen == sorted(seen, key=lambda one: (order.index(one[0]), one[1]))
    assert len({completed for _, completed in seen}) >= 3


def test_a_cancelled_batch_keeps_what_is_done(slow):
    client, _ = slow
    begun = create(client, [line(str(i), prompt="x") for i in range(40)])
    ended(lambda: client.batches.retrieve(begun.id), lambda one: one.request_counts.completed)
    assert client.batches.cancel(begun.id).status == "cancelling"
    done = wait(client, begun)
    assert done.status == "cancelled"
    assert done.cancelled_at >= done.cancelling_at
    kept = results(client, done.output_file_id)
    assert 0 < len(kept) == done.request_counts.completed < 40


def test_the_log_has_the_clients_requests_alone(endpoint, client):
    begun = len([one for one in endpoint.log if one.path == "/v1/images/generations"])
    wait(client, create(client, [line("a", prompt="x")]))
    after = len([one for one in endpoint.log if one.path == "/v1/images/generations"])
    assert after == begun


def test_stopping_does_not_wait_for_a_batch():
    endpoint = Endpoint(pace=0)
    endpoint.start()
    with clients(endpoint)[0] as client:
        create(client, [line(str(i), prompt="x", model="embedded-silent") for i in range(4)])
        (begun,) = client.batches.list()
        running = ended(
            lambda: client.batches.retrieve(begun.id), lambda one: one.status == "in_progress"
        )
    endpoint.stop()  # would wait for ever
    assert running.request_counts.completed == 0


def google_done(google, name):
    states = {"JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED"}
    return ended(lambda: google.batches.get(name=name), lambda one: one.state.name in states)


IMAGE = {"response_modalities": ["IMAGE"], "image_config": {"image_size": "512"}}


def inlined(prompt, **metadata):
    content = {"parts": [{"text": prompt}], "role": "user"}
    return {"contents": [content], "config": IMAGE, "metadata": metadata or None}


def test_google_draws_a_batch(google):
    begun = google.batches.create(
        model="gemini-2.5-flash-image",
        src=[inlined(prompt, key=prompt) for prompt in PROMPTS],
        config={"display_name": "sweep 7"},
    )
    assert begun.state.name == "JOB_STATE_PENDING"
    assert begun.display_name == "sweep 7"
    done = google_done(google, begun.name)
    assert done.state.name == "JOB_STATE_SUCCEEDED"
    assert done.model == "models/gemini-2.5-flash-image"
    answers = done.dest.inlined_responses
    assert [one.metadata["key"] for one in answers] == PROMPTS
    for one in answers:
        (part,) = [part for part in one.response.parts if part.inline_data]
        assert Image.open(io.BytesIO(part.inline_data.data)).size == (512, 512)
    assert begun.name in [one.name for one in google.batches.list()]
    google.batches.delete(name=begun.name)
    with pytest.raises(genai.errors.ClientError) as caught:
        google.batches.get(name=begun.name)
    assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")


def test_google_says_what_failed_in_its_place(google):
    src = [inlined("a cat"), {**inlined("x"), "config": {"image_config": {"aspect_ratio": "99:1"}}}]
    begun = google.batches.create(model="gemini-2.5-flash-image", src=src)
    first, second = google_done(google, begun.name).dest.inlined_responses
    assert first.response.candidates
    assert second.error.code == 3
    assert "aspect ratio" in second.error.message


def test_google_draws_a_batch_from_a_file(google, tmp_path):
    lines = [
        {"key": f"k{i}", "request": {"contents": [{"parts": [{"text": prompt}]}]}}
        for i, prompt in enumerate(PROMPTS)
    ]
    path = tmp_path / "requests.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    file = google.files.upload(
        file=path, config={"display_name": "requests", "mime_type": "application/jsonl"}
    )
    assert file.state.name == "ACTIVE"
    assert google.files.get(name=file.name).size_bytes == path.stat().st_size
    assert file.name in [one.name for one in google.files.list()]
    begun = google.batches.create(model="gemini-2.5-flash-image", src=file.name)
    done = google_done(google, begun.name)
    answers = google.files.download(file=done.dest.file_name).decode().splitlines()
    assert [json.loads(one)["key"] for one in answers] == ["k0", "k1", "k2"]
    assert all(json.loads(one)["response"]["candidates"] for one in answers)
    google.files.delete(name=file.name)


def test_google_uploads_in_several_pieces(google):
    data = b"x" * 20_000_000
    file = google.files.upload(
        file=io.BytesIO(data), config={"mime_type": "application/octet-stream"}
    )
    assert file.size_bytes == len(data)


def test_google_shows_progress_and_cancels(slow):
    _, google = slow
    src = [inlined("x") for _ in range(40)]
    begun = google.batches.create(model="gemini-2.5-flash-image", src=src)
    ended(
        lambda: google.batches.get(name=begun.name),
        lambda one: one.state.name == "JOB_STATE_RUNNING",
    )
    google.batches.cancel(name=begun.name)
    done = google_done(google, begun.name)
    assert done.state.name == "JOB_STATE_CANCELLED"
    assert len(done.dest.inlined_responses) < 40


@pytest.mark.parametrize(
    "batch",
    [
        None,
        {},
        {"inputConfig": 3},
        {"inputConfig": {"requests": {"requests": []}}},
        {"inputConfig": {"requests": {"requests": [3]}}},
        {"inputConfig": {"requests": {"requests": [{"request": "x"}]}}},
        {"inputConfig": {"fileName": "files/unknown"}},
    ],
)
def test_google_refuses_what_is_no_batch(endpoint, batch):
    root = endpoint.base_url.removesuffix("/v1")
    url = f"{root}/v1beta/models/gemini-2.5-flash-image:batchGenerateContent"
    answer = httpx.post(url, json={"batch": batch}, headers={"x-goog-api-key": endpoint.key})
    assert answer.status_code in {400, 404}
    assert answer.json()["error"]["status"] in {"INVALID_ARGUMENT", "NOT_FOUND"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/files"),
        ("GET", "/v1/files/file-x/content"),
        ("POST", "/v1/batches"),
        ("GET", "/v1/batches/batch_x"),
        ("GET", "/v1beta/batches/x"),
        ("POST", "/upload/v1beta/files"),
        ("POST", "/upload/v1beta/files?upload_id=x"),
    ],
)
def test_batches_and_files_need_the_key(endpoint, method, path):
    root = endpoint.base_url.removesuffix("/v1")
    assert httpx.request(method, root + path).status_code == 401
