"""The wire formats against the embedded endpoint, which knows them from their public facts alone."""

from __future__ import annotations

import json

import httpx
import pytest

from nbext.data.endpoint import Endpoint, Secret
from nbext.data.request import Reference, Turn
from nbext.embedded.server import Endpoint as Server
from nbext.wire import events, jobs, videos
from nbext.wire.formats import encode, wire_format
from tests.unit.wire.answered import MemorySink, Read
from tests.unit.wire.asked import asked, picture
from tests.until import until

MODELS = {"responses": "gpt-4.1", "images": "gpt-image-2", "gemini": "gemini-3-pro-image-preview"}


@pytest.fixture(scope="module")
def endpoint():
    server = Server(pace=0)
    server.start()
    yield Endpoint(name="here", base_url=server.base_url, key=Secret(server.key))
    server.stop()


def send(endpoint, call):
    """Send a call, give the answer's pieces and its type."""
    options = {"json": call.body} if call.body is not None else {"data": call.form}
    if call.files:
        options["files"] = [(f.field, (f.filename, f.data, f.media_type)) for f in call.files]
    headers = {"Authorization": f"Bearer {endpoint.key.reveal()}"}
    with httpx.Client(headers=headers, timeout=60, trust_env=False) as client:
        answer = client.request(
            call.method, endpoint.url(call.path, call.version), params=call.query, **options
        )
    assert answer.status_code == 200, answer.text
    return answer.content, answer.headers["content-type"]


def ask(endpoint, name, request) -> Read:
    wire = wire_format(name)
    body, content_type = send(endpoint, encode(request, name))
    kept = {}
    decoder = wire.decoder(request, lambda: MemorySink(kept), content_type=content_type)
    found = [
        event for at in range(0, len(body), 1000) for event in decoder.feed(body[at : at + 1000])
    ]
    return Read([*found, *decoder.close()], kept)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("name", MODELS)
def test_it_draws_edits_and_goes_on(endpoint, name, stream):
    extra = {} if stream else {"stream": False}
    if stream and name != "gemini":
        extra = {"partial_images": 2}
    how = {"model": MODELS[name], "extra": extra}
    given = picture(9, width=64, height=64)
    first = ask(endpoint, name, asked(aspect="2:3", **how))
    edited = ask(endpoint, name, asked("加一顶帽子", references=(given,), **how))
    drawn = tuple(map(Reference.of, first.pictures))
    before = (
        Turn(role="user", text="画只猫"),
        Turn(role="assistant", text=first.text, pictures=drawn, raw=first.raw),
    )
    after = ask(endpoint, name, asked("加一顶帽子", conversation=before, **how))
    for answer in (first, edited, after):
        assert len(answer.pictures) == 1
        assert answer.failed is None
        assert answer.usage
        assert bool(answer.previews) == (stream or name == "gemini")
    (shape,) = [picture_.info for picture_ in drawn]
    assert shape.width / shape.height == pytest.approx(2 / 3, rel=0.05)


@pytest.mark.parametrize("stream", [True, False])
def test_it_completes_and_responds(endpoint, stream):
    extra = {"max_tokens": 30} | ({} if stream else {"stream": False})
    said = ask(
        endpoint, "completions", asked(kind="complete", model="gpt-3.5-turbo-instruct", extra=extra)
    )
    assert said.text
    assert said.failed is None
    extra = {} if stream else {"stream": False}
    assert ask(endpoint, "responses", asked(kind="respond", model="gpt-4.1", extra=extra)).text


@pytest.mark.parametrize("references", [(), (picture(9, width=64, height=64),)])
def test_it_makes_a_film(endpoint, references):
    answer = ask(
        endpoint,
        "videos",
        asked(kind="video", model="sora-2", references=references, extra={"seconds": 4}),
    )
    (started,) = answer.all(events.Job)

    def ended():
        state, links = jobs.job(json.loads(send(endpoint, videos.query(started.id))[0]))
        return (state, links) if state.status not in ("queued", "running") else None

    state, links = until(ended)
    assert (state.id, state.status, state.percent) == (started.id, "done", 100)
    assert [link.kind for link in links] == ["film"]
    film, content_type = send(endpoint, videos.content(started.id))
    assert (film[4:8], content_type) == (b"ftyp", "video/mp4")
    remixed = ask(
        endpoint,
        "videos",
        asked(
            "at night",
            kind="video",
            conversation=(Turn(role="assistant", text="", raw=answer.raw),),
        ),
    )
    assert remixed.all(events.Job)[0].id != started.id
    listed = json.loads(send(endpoint, videos.listing())[0])["data"]
    assert started.id in {item["id"] for item in listed}
