"""Chat in each family's manner, as the embedded endpoint speaks it from public facts alone."""

from __future__ import annotations

import json

import httpx
import pytest

from nbext.data.endpoint import Endpoint, Secret
from nbext.data.picture import sniff
from nbext.data.request import Reference, Turn
from nbext.embedded.server import Endpoint as Server
from nbext.wire import events, model_list
from tests.unit.wire.answered import Read
from tests.unit.wire.asked import asked, picture
from tests.unit.wire.test_against_the_embedded_endpoint import ask, send


@pytest.fixture(scope="module")
def relay():
    server = Server(pace=0)
    server.start()
    yield Endpoint(name="here", base_url=server.base_url, key=Secret(server.key))
    server.stop()


def pictures_of(answer: Read) -> list[bytes]:
    """Give the pictures, those that are only pointed to, too."""
    with httpx.Client(trust_env=False) as client:
        links = [client.get(url).content for url, kind in answer.links if kind == "picture"]
    return [*answer.pictures, *links]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "model",
    ["gpt-4o-image", "gemini-3-pro-image-preview", "google/gemini-3-pro-image", "flux-kontext-pro"],
)
def test_it_draws_edits_and_goes_on(relay, model, stream):
    how = {"model": model, "extra": {} if stream else {"stream": False}}
    given = picture(9, width=64, height=64)
    first = ask(relay, "chat", asked(aspect="2:3", **how))
    edited = ask(relay, "chat", asked("加一顶帽子", references=(given,), **how))
    drawn = tuple(Reference.of(data) for data in pictures_of(first))
    before = (
        Turn(role="user", text="画只猫"),
        Turn(role="assistant", text=first.text, pictures=drawn),
    )
    after = ask(relay, "chat", asked("加一顶帽子", conversation=before, **how))
    for answer in (first, edited, after):
        (data,) = pictures_of(answer)
        assert sniff(data).startswith("image/")
        assert answer.failed is None
        assert answer.done.finish_reason == "stop"
        assert "base64,iVB" not in answer.text
    (shape,) = [item.info for item in drawn]
    assert shape.width / shape.height == pytest.approx(2 / 3, rel=0.05)


def test_progress_and_ids(relay):
    answer = ask(relay, "chat", asked(model="gpt-4o-image"))
    percents = [p.percent for p in answer.all(events.Progress) if p.percent is not None]
    assert percents == sorted(set(percents))
    assert percents[-1] == 100
    assert any(meta.gen_id.startswith("gen_") for meta in answer.all(events.Meta))


def test_a_film_and_a_job(relay):
    film = ask(relay, "chat", asked(model="veo3.1"))
    assert sorted(kind for _, kind in film.links) == ["film", "poster"]
    later = ask(relay, "chat", asked(model="gpt-4o-image-async"))
    assert {kind for _, kind in later.links} <= {"poll", "picture"}


@pytest.mark.parametrize("stream", [True, False])
def test_it_talks(relay, stream):
    extra = {} if stream else {"stream": False}
    answer = ask(relay, "chat", asked("hello", model="gpt-4o", kind="chat", extra=extra))
    assert answer.text
    assert answer.done
    assert answer.links == answer.pictures == []


@pytest.mark.parametrize("model", ["embedded-truncated", "embedded-midstream-error"])
def test_it_fails(relay, model):
    answer = ask(relay, "chat", asked(model=model))
    assert answer.failed is not None
    assert answer.failed.maybe_billed


def test_it_lists_models(relay):
    found = model_list.parse(json.loads(send(relay, model_list.listing())[0]))
    assert "gpt-4o-image" in {model.id for model in found}
