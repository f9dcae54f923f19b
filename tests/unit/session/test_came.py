"""What relays send instead of what was asked for, on every wire: in the caption, listed, and told."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from nbext.errors import NbextError
from nbext.session import intervals
from tests.films import SCENE, film, webm
from tests.sessions import at_work


def picture(width=64, height=64, *, form="PNG", mode="RGB"):
    buffer = io.BytesIO()
    Image.new(mode, (width, height), (200, 30, 40, 255)[: len(mode)]).save(buffer, form)
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.fixture
def session(relay, tmp_path, monkeypatch):
    relay.headers, relay.files = {}, {}
    with at_work(relay, tmp_path, monkeypatch, replay="never") as session:
        yield session


def chat(text, **fields):
    return {"choices": [{"message": {"content": text, **fields}, "finish_reason": "stop"}]}


def markdown(data):
    return f"![x](data:image/png;base64,{data})"


def images(data, **fields):
    return {"data": [{"b64_json": data}], **fields}


def gemini(data, **fields):
    part = {"inlineData": {"mimeType": "image/png", "data": data}}
    return {"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}], **fields}


def response(data, **fields):
    item = {"type": "image_generation_call", "status": "completed", "result": data, **fields}
    return {"status": "completed", "output": [item]}


IMAGES = {"model": "gpt-image-2", "via": "images"}
GEMINI = {"model": "gemini-3-pro-image", "via": "gemini"}
HEAD = '{{"prompt": "一只橘猫", "ratio": "1:1"}}\n\n{}'
CLEAR = {"params": {"background": "transparent"}}
# name → how it is asked, the answer, and what differs: name, as asked, as it came.
CAME = {
    "chat, renamed": (
        {"model": "gpt-4o-image"},
        {**chat(markdown(picture())), "model": "gpt-image-2-codex"},
        {"model": ("gpt-4o-image", "gpt-image-2-codex")},
    ),
    "chat, square": (
        {"model": "gpt-4o-image", "aspect": "2:3"},
        chat(markdown(picture())),
        {"aspect": ("2:3", "1:1")},
    ),
    "images, size and quality": (
        {**IMAGES, "size": "1024x1024", "quality": "high"},
        images(picture(157, 157), size="1254x1254", quality="auto"),
        {"size": ("1024x1024", "157x157"), "quality": ("high", "auto")},
    ),
    "images, JPEG called PNG": (
        {**IMAGES, "format": "png"},
        images(picture(form="JPEG"), output_format="png"),
        {"format": ("png", "jpeg")},
    ),
    "images, one of four": (
        {**IMAGES, "params": {"n": 4}},
        images(picture()),
        {"n": ("4", "1")},
    ),
    "images, no alpha though it says so": (
        {**IMAGES, **CLEAR},
        images(picture(), background="transparent"),
        {"background": ("transparent", "opaque")},
    ),
    "images, alpha of nothing": (
        {**IMAGES, **CLEAR},
        images(picture(mode="RGBA")),
        {"background": ("transparent", "opaque")},
    ),
    "gemini, a tier less": (
        {**GEMINI, "size": "4K", "aspect": "16:9"},
        gemini(picture(1024, 576), modelVersion="gemini-2.5-flash-image"),
        {
            "size": ("4K", "1024x576"),
            "model": ("gemini-3-pro-image", "gemini-2.5-flash-image"),
        },
    ),
    "gemini, a snapshot": (
        GEMINI,
        gemini(picture(), modelVersion="gemini-3-pro-image-preview"),
        {},
    ),
    "responses, quality": (
        {"model": "gpt-5", "via": "responses", "quality": "high"},
        response(picture(), quality="low", size="1024x1024"),
        {"quality": ("high", "low")},
    ),
}


@pytest.mark.parametrize("name", CAME)
def test_what_came_otherwise_is_listed(session, relay, name, tmp_path):
    how, relay.answer, expected = CAME[name]
    drawn = session.draw("a cat", **how)
    assert {d.name: (d.requested, d.actual) for d in drawn.differences} == expected
    methods = session.history.methods().replace("x", "×")
    for _, actual in expected.values():
        assert actual.replace("x", "×") in drawn.caption().replace("x", "×")
        assert f"| {actual.replace('x', '×')} |" in methods
    page = session.history.to_html(tmp_path / "cats.html").read_text("utf-8")
    assert page.count(" data-different") == bool(expected)
    assert ('<option value="different">' in page) == bool(expected)


REFERENCE = Image.new("RGB", (64, 64), (1, 2, 3))
MASK = Image.new("RGBA", (64, 64), (0, 0, 0, 255))
MASK.paste((0, 0, 0, 0), (0, 0, 32, 64))
EDIT = {**IMAGES, "images": [REFERENCE]}
FLARE = {"model": "gpt-image-2.6-flare", "via": "images"}
GPT_5 = {"model": "gpt-5", "via": "responses"}
# How it is asked, the answer, and the names of what differs.
OTHERWISE = {
    "edit, size": ({**EDIT, "size": "1024x1536"}, images(picture()), {"size"}),
    "edit, number": ({**EDIT, "params": {"n": 3}}, images(picture()), {"n"}),
    "edit, mask": ({**EDIT, "mask": MASK}, images(picture()), {"mask"}),
    "edit, quality": ({**EDIT, "quality": "low"}, images(picture(), quality="high"), {"quality"}),
    "edit, format": ({**EDIT, "format": "webp"}, images(picture()), {"format"}),
    "edit, background": ({**EDIT, **CLEAR}, images(picture()), {"background"}),
    "gif": ({**FLARE, "format": "gif"}, images(picture()), {"format"}),
    "svg": ({**FLARE, "format": "svg"}, images(picture()), {"format"}),
    "grok, aspect": (
        {"model": "grok-imagine-image", "images": [REFERENCE], "aspect": "16:9"},
        images(picture()),
        {"aspect"},
    ),
    "grok, tier": (
        {"model": "grok-imagine-image", "size": "2k"},
        images(picture(1024, 1024)),
        {"size"},
    ),
    "gemini, aspect": ({**GEMINI, "aspect": "21:9"}, gemini(picture(1024, 576)), {"aspect"}),
    "responses, size": ({**GPT_5, "size": "1536x1024"}, response(picture()), {"size"}),
    "responses, background": (
        {**GPT_5, **CLEAR},
        response(picture(), background="opaque"),
        {"background"},
    ),
    "responses, a snapshot": (GPT_5, {**response(picture()), "model": "gpt-5-2025-08-07"}, set()),
    "a router's variant": (
        {"model": "google/gemini-3.1-flash-image:free"},
        {**chat(markdown(picture())), "model": "google/gemini-3.1-flash-image"},
        set(),
    ),
    "other punctuation": (
        {"model": "flux-2-pro", "via": "images"},
        {**images(picture()), "model": "black-forest-labs/flux.2-pro"},
        set(),
    ),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_differs_is_known_on_every_wire(session, relay, name):
    how, relay.answer, expected = OTHERWISE[name]
    assert {item.name for item in session.draw("a cat", **how).differences} == expected


# A film of 5 seconds with 24 frames a second, 1280×720, without sound.
FILMS = {
    "as requested": ({"seconds": 5, "size": "1280x720"}, {}, set()),
    "shorter": ({"seconds": 8}, {}, {"seconds"}),
    "smaller": ({"size": "1920x1080"}, {}, {"size"}),
    "fewer lines": ({"params": {"resolution": "1080p"}}, {}, {"resolution"}),
    "fewer frames": ({"params": {"fps": 60}}, {}, {"fps"}),
    "silent": ({"params": {"generate_audio": True}}, {}, {"audio"}),
    "upright": ({"aspect": "9:16"}, {}, {"aspect"}),
    "of another model": ({}, {"model": "veo3.1-fast"}, {"model"}),
    "with other words": ({"params": {"duration": 10}}, {"duration": 10}, {"seconds"}),
}


@pytest.mark.parametrize("name", FILMS)
def test_a_film_is_measured(session, relay, name, monkeypatch):
    monkeypatch.setattr(intervals, "FIRST_LOOK", 0.01)
    how, fields, expected = FILMS[name]
    relay.answer = {"id": "v1", "status": "queued"}
    relay.files = {
        "/v1/videos/v1": {"id": "v1", "status": "completed", **fields},
        "/v1/videos/v1/content?variant=video": film(SCENE),
    }
    drawn = session.draw("a cat", model="veo3.1", kind="video", **how)
    assert {item.name for item in drawn.differences} == expected
    assert drawn.actual["seconds"] == "5"


def test_a_webm_film_is_measured_too_and_is_no_picture_to_change(session, relay):
    relay.answer = {"id": "v1", "status": "queued"}
    relay.files = {
        "/v1/videos/v1": {"id": "v1", "status": "completed"},
        "/v1/videos/v1/content?variant=video": webm(seconds=4, sound=True),
    }
    drawn = session.draw("a cat", model="veo3.1", kind="video")
    measured = {"size": "320x180", "seconds": "4", "fps": "25", "audio": "yes"}
    assert measured.items() <= drawn.actual.items()
    sent = relay.posts
    for reference in (drawn, f"@{drawn.number}"):
        with pytest.raises(NbextError, match="is a film") as caught:
            session.draw("blue", model="gpt-4o-image", images=[reference])
        assert "Save one of its frames" in caught.value.remedy
    assert relay.posts == sent


PICTURES = [
    {"type": "image_generation_call", "result": picture(8), "revised_prompt": "A red cat"},
    {"type": "image_generation_call", "result": picture(9), "revised_prompt": "A blue cat"},
]


@pytest.mark.parametrize(
    ("how", "answer"),
    [
        (GPT_5, {"status": "completed", "output": PICTURES}),
        (IMAGES, {"data": [{**item, "b64_json": item["result"]} for item in PICTURES]}),
    ],
)
def test_each_of_several_pictures_keeps_its_revised_prompt(session, relay, how, answer):
    relay.answer = answer
    assert session.draw("cats", **how).actual["prompt"] == "1. A red cat\n2. A blue cat"


def test_a_job_says_what_it_drew_with_and_what_it_cost(session, relay):
    relay.answer = {"task_id": "t1", "status": "queued"}
    result = {"url": f"{relay.base}/a.png", "quality": "low", "revised_prompt": "一只橘猫"}
    relay.files = {
        "/v1/images/tasks/t1": {
            "status": "completed",
            "model": "gpt-image-1-mini",
            "data": {"result": {"data": [result]}},
            "cost_usd": 0.02,
        },
        "/a.png": base64.b64decode(picture()),
    }
    drawn = session.draw("a cat", quality="high", **IMAGES)
    assert {d.name for d in drawn.differences} == {"model", "quality"}
    assert (drawn.cost, drawn.actual["prompt"]) == (0.02, "一只橘猫")


@pytest.mark.parametrize(
    "answer",
    [
        {"data": [{"b64_json": picture(), "revised_prompt": "一只橘猫"}]},
        chat(HEAD.format(markdown(picture()))),
        chat(markdown(picture()), revised_prompt="一只橘猫"),
        chat(
            "", images=[{"url": f"data:image/png;base64,{picture()}", "revised_prompt": "一只橘猫"}]
        ),
        response(picture(), revised_prompt="一只橘猫"),
    ],
)
def test_a_revised_prompt_is_read_wherever_it_stands(session, relay, answer):
    relay.answer = answer
    via = "images" if "data" in answer else "responses" if "output" in answer else "chat"
    assert session.draw("猫", model="gpt-5", via=via).actual["prompt"] == "一只橘猫"


def test_a_head_that_repeats_the_prompt_revises_nothing(session, relay):
    relay.answer = chat(HEAD.replace("一只橘猫", "画只猫").format(markdown(picture())))
    assert "prompt" not in session.draw("画只猫", model="gpt-4o-image", aspect="1:1").actual


ZEROS = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
COSTS = {
    "header": (images(picture()), {"x-litellm-response-cost": "4.21e-02"}, 0.0421),
    "header in dollars": (images(picture()), {"x-response-cost-usd": "0.03"}, 0.03),
    "body": (images(picture(), usage={**ZEROS, "cost": 0.03}), {}, 0.03),
    "details": (
        images(picture(), usage={"cost_details": {"upstream_inference_cost": 0.05}}),
        {},
        0.05,
    ),
    "each item": (
        {"data": [{"b64_json": picture(n), "cost": 0.01, "currency": "USD"} for n in (8, 9)]},
        {},
        0.02,
    ),
    "ticks": (images(picture(), usage={"cost_in_usd_ticks": 200_000_000}), {}, 0.02),
    "meta": (images(picture(), meta={"usage": {"usd_spent": 0.042}}), {}, 0.042),
    "status of the inference": (
        images(picture(), inference_status={"cost": 0.0005, "runtime_ms": 900}),
        {},
        0.0005,
    ),
    "an estimate": (images(picture(), usage={"estimated_cost": 0.002}), {}, 0.002),
    "credits": (images(picture(), cost=12), {}, None),
    "zeros": (images(picture(), usage=ZEROS), {}, None),
}


@pytest.mark.parametrize("name", COSTS)
def test_the_cost_is_read_wherever_it_stands(session, relay, name):
    relay.answer, relay.headers, cost = COSTS[name]
    assert session.draw("a cat", **IMAGES).cost == cost


def test_the_cost_may_come_in_the_last_piece_of_a_stream(session, relay):
    piece = {"choices": [{"index": 0, "delta": {"content": markdown(picture())}}]}
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    relay.answer = [piece, end, {"choices": [], "usage": {**ZEROS, "cost": 0.04}}]
    assert session.draw("a cat", model="gpt-4o-image").cost == 0.04


def item(at, data):
    call = {"type": "image_generation_call", "status": "completed", "result": data}
    return {"type": "response.output_item.done", "output_index": at, "item": call}


def drawn(at, **data):
    return {"type": "image_generation.partial_succeeded", "image_index": at, **data}


WIDTHS = [64, 66, 68, 70]
COMING = {
    "responses": (
        "gpt-5",
        lambda i, _: item(i, picture(WIDTHS[i])),
        {"type": "response.completed"},
    ),
    "images": ("seedream-4-0-250828", lambda i, _: drawn(i, b64_json=picture(WIDTHS[i])), None),
    "links": ("seedream-4-0-250828", lambda i, base: drawn(i, url=f"{base}/{i}.png"), None),
}


@pytest.mark.parametrize("name", COMING)
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2), (1, 0, 3, 2)])
def test_pictures_of_a_stream_are_in_the_order_of_their_index(session, relay, name, order):
    model, event, end = COMING[name]
    base = relay.base.removesuffix("/v1")
    for i, width in enumerate(WIDTHS):
        relay.files[f"/{i}.png"] = base64.b64decode(picture(width))
    relay.answer = [event(i, base) for i in order]
    relay.answer += [end or {"type": "image_generation.completed", "usage": {"total_tokens": 4}}]
    via = "responses" if name == "responses" else "images"
    drawing = session.draw("four seasons", model=model, via=via)
    assert [one.width for one in drawing.pictures] == WIDTHS
