"""The images format."""

from __future__ import annotations

import json

import pytest

from nbext.data.request import Reference
from nbext.errors import OptionError
from nbext.wire import events, jobs
from nbext.wire.images import ImagesWire
from tests.unit.wire.answered import STREAM, assert_same_however_cut, b64, read, sse
from tests.unit.wire.asked import asked, picture, png, turns

WIRE = ImagesWire()
GPT = "gpt-image-2"


def test_a_generation_is_json_and_nothing_is_streamed():
    call = WIRE.encode(
        asked(model=GPT, quality="low", format="webp", extra={"background": "opaque"})
    )
    assert (call.path, call.stream, call.form, call.files) == (
        "images/generations",
        False,
        None,
        (),
    )
    assert call.body == {
        "model": GPT,
        "prompt": "画只猫",
        "quality": "low",
        "output_format": "webp",
        "background": "opaque",
    }


@pytest.mark.parametrize(
    ("extra", "fields"),
    [
        ({"stream": True}, {"stream": True}),
        ({"partial_images": 2}, {"stream": True, "partial_images": 2}),
        ({"partial_images": 0}, {"partial_images": 0}),
        ({"stream": False, "partial_images": 2}, {"stream": False, "partial_images": 2}),
    ],
)
def test_a_stream_is_asked_for_by_name_or_for_its_previews(extra, fields):
    call = WIRE.encode(asked(model=GPT, extra=extra))
    assert call.body == {"model": GPT, "prompt": "画只猫", **fields}
    assert call.stream is fields.get("stream", False)


def test_pictures_in_the_body_decide_where_it_goes():
    uri = "data:image/png;base64,AA=="
    assert WIRE.encode(asked(extra={"image": uri})).path == "images/generations"
    assert WIRE.encode(asked(extra={"image": [uri, uri]})).path == "images/generations"
    assert WIRE.encode(asked(extra={"image": {"url": uri}})).path == "images/edits"
    assert WIRE.encode(asked(extra={"images": [{"image_url": uri}]})).path == "images/edits"


def test_other_models_are_asked_plainly():
    call = WIRE.encode(asked(model="gpt-4o-image-vip", size="1024x1024", seed=7))
    assert not call.stream
    assert call.body == {
        "model": "gpt-4o-image-vip",
        "prompt": "画只猫",
        "size": "1024x1024",
        "seed": 7,
    }


@pytest.mark.parametrize(("count", "field"), [(1, "image"), (2, "image[]"), (16, "image[]")])
def test_an_edit_is_a_form_with_files(count, field):
    call = WIRE.encode(
        asked(
            model=GPT,
            references=tuple(picture(n) for n in range(count)),
            mask=picture(99),
            extra={"n": 2},
        )
    )
    assert call.path == "images/edits"
    assert call.body is None
    assert call.form == {
        "model": GPT,
        "prompt": "画只猫",
        "n": "2",
    }
    assert [f.field for f in call.files] == [field] * count + ["mask"]
    assert call.files[0].filename == "image-1.png"
    assert call.files[-1].data == picture(99).data


def test_to_go_on_is_to_edit_the_last_pictures():
    call = WIRE.encode(
        asked(model=GPT, conversation=turns(pictures=[picture(5)]), references=(picture(6),))
    )
    assert [f.data for f in call.files] == [picture(5).data, picture(6).data]
    with pytest.raises(OptionError, match="no conversation"):
        WIRE.encode(asked(model=GPT, conversation=turns()))


@pytest.mark.parametrize(
    "fields",
    [
        {"system": "Be brief."},
        {"mask": picture()},
    ],
)
def test_what_has_no_place_is_refused(fields):
    with pytest.raises(OptionError):
        WIRE.encode(asked(**fields))


def test_a_job_is_asked_after():
    state, _ = jobs.job({"id": "a", "status": "queued", "polling_url": "https://h/v1/get?id=a"})
    assert (state.status, state.poll_url) == ("queued", "https://h/v1/get?id=a")


CAT, DOG, DRAFT = png(200), png(150), png(100)
ASKED = asked(model=GPT)
USAGE = {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}


@pytest.mark.parametrize(
    "body",
    [
        {"created": 1, "data": [{"b64_json": b64(CAT)}], "usage": USAGE},
        {"created": 1, "data": [{"b64_json": f"data:image/png;base64,{b64(CAT)}"}]},
        {
            "created": 1,
            "data": [{"b64_json": b64(CAT), "url": None}, {"b64_json": None, "url": ""}],
        },
        {"data": {"b64_json": b64(CAT)}},
        {"b64_json": b64(CAT)},
        {"images": [{"b64_json": b64(CAT)}]},
        {"data": [{"b64_json": b64(CAT)}, {"b64_json": b64(CAT)}]},
    ],
)
def test_a_plain_answer(body):
    answer = read(WIRE, ASKED, body)
    assert (answer.pictures, answer.links, answer.failed) == ([CAT], [], None)
    assert answer.usage == body.get("usage", {})
    assert answer.done is not None
    assert_same_however_cut(WIRE, ASKED, json.dumps(body).encode())


def test_slashes_that_are_escaped():
    body = (
        json.dumps({"data": [{"b64_json": b64(CAT)}, {"url": "https://h/a.png"}]})
        .replace("/", "\\/")
        .replace("+", "\\u002B")
    )
    answer = read(WIRE, ASKED, body)
    assert (answer.pictures, answer.links) == ([CAT], [("https://h/a.png", "picture")])
    assert_same_however_cut(WIRE, ASKED, body.encode())


def test_pictures_that_are_elsewhere():
    body = {
        "data": [
            {"url": "https://h/a.png?sig=1", "revised_prompt": "A cat."},
            {"url": "https://h/b.png"},
        ]
    }
    answer = read(WIRE, ASKED, body)
    assert answer.links == [("https://h/a.png?sig=1", "picture"), ("https://h/b.png", "picture")]
    assert "A cat." in {m.revised_prompt for m in answer.all(events.Meta)}


@pytest.mark.parametrize("prefix", ["image_generation", "image_edit"])
def test_a_stream_has_previews_and_a_result(prefix):
    body = sse(
        {"type": f"{prefix}.partial_image", "b64_json": b64(DRAFT), "partial_image_index": 0},
        {"type": f"{prefix}.completed", "b64_json": b64(CAT), "usage": USAGE},
        named=True,
    )
    answer = read(WIRE, ASKED, body, content_type=STREAM)
    assert (answer.previews, answer.pictures, answer.usage, answer.failed) == (
        [DRAFT],
        [CAT],
        USAGE,
        None,
    )
    assert_same_however_cut(WIRE, ASKED, body, content_type=STREAM)


def test_a_stream_may_name_its_events_only_beside_the_data():
    body = (
        f'event: image_generation.partial_image\ndata: {{"b64_json":"{b64(DRAFT)}"}}\n\n'.encode()
    )
    body += f'event: image_generation.completed\ndata: {{"b64_json":"{b64(CAT)}"}}\n\n'.encode()
    answer = read(WIRE, ASKED, body, content_type=STREAM)
    assert (answer.previews, answer.pictures) == ([DRAFT], [CAT])


def test_the_other_way_round():
    whole = {"data": [{"b64_json": b64(CAT)}, {"b64_json": b64(DOG)}]}
    assert read(WIRE, ASKED, whole, content_type=STREAM).pictures == [CAT, DOG]
    assert read(WIRE, ASKED, sse(whole, done=True)).pictures == [CAT, DOG]


def test_a_preview_alone_is_kept():
    body = sse({"type": "image_generation.partial_image", "b64_json": b64(DRAFT)})
    answer = read(WIRE, ASKED, body, content_type=STREAM)
    assert (answer.pictures, answer.failed.kind) == ([DRAFT], "TruncatedError")
    assert "preview" in answer.all(events.Notice)[0].message


def test_an_echo_is_no_result():
    given = asked(model=GPT, references=(Reference.of(CAT),))
    assert read(
        WIRE, given, {"data": [{"b64_json": b64(CAT)}, {"b64_json": b64(DOG)}]}
    ).pictures == [DOG]


@pytest.mark.parametrize(
    ("body", "status", "links"),
    [
        ({"task_id": "t1", "status": "queued"}, "queued", []),
        (
            {"id": "t1", "status": "processing", "polling_url": "https://h/t1"},
            "running",
            [("https://h/t1", "poll")],
        ),
        (
            {"task_id": "t1", "status": "completed", "results": ["https://h/a.png"]},
            "done",
            [("https://h/a.png", "picture")],
        ),
        (
            {
                "code": "success",
                "data": {"task_id": "t1", "status": "IN_PROGRESS", "progress": "30%"},
            },
            "running",
            [],
        ),
    ],
)
def test_a_relay_may_answer_with_a_job(body, status, links):
    answer = read(WIRE, ASKED, body)
    (state,) = answer.all(events.Job)
    assert (state.id, state.status, answer.links, answer.failed) == ("t1", status, links, None)


@pytest.mark.parametrize("body", [{"results": ["https://h/a"]}, {"urls": ["https://h/a"]}])
def test_or_with_addresses(body):
    assert read(WIRE, ASKED, body).links == [("https://h/a", "picture")]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            {"error": {"message": "rejected by the safety system", "code": "moderation_blocked"}},
            "ModerationError",
        ),
        ({"success": False, "message": "it broke"}, None),
        ({"task_id": "t", "status": "failed", "error": {"message": "it broke"}}, None),
        (b"<html><title>h | 524: A timeout occurred</title></html>", None),
        (b"", None),
        (b"[", "TruncatedError"),
    ],
)
def test_failures(body, kind):
    answer = read(WIRE, ASKED, body)
    assert answer.pictures == answer.links == []
    assert answer.failed is not None
    assert kind in (None, answer.failed.kind)


def test_the_address_of_a_job_is_no_picture():
    body = {
        "task_id": "t1",
        "status": "queued",
        "url": "https://h/t1",
        "images": ["https://h/given.png"],
    }
    assert read(WIRE, ASKED, body).links == []


def test_a_finished_job_may_have_its_pictures_inside():
    body = {"id": "t1", "status": "completed", "data": [{"b64_json": b64(CAT)}]}
    assert read(WIRE, ASKED, body).pictures == [CAT]


def test_a_picture_that_came_before_the_cut_has_come():
    body = json.dumps({"data": [{"b64_json": b64(CAT)}, {"b64_json": b64(DOG)}]}).encode()
    answer = read(WIRE, ASKED, body[: body.index(b64(DOG).encode()) + 40])
    assert (answer.pictures, answer.failed.kind) == ([CAT], "TruncatedError")


def test_the_words_of_chat_are_understood():
    body = {"choices": [{"message": {"content": "> gen\n\n![cat](https://h/a.png)"}}]}
    assert read(WIRE, ASKED, body).links == [("https://h/a.png", "picture")]


def test_a_link_says_when_it_ends():
    body = {"data": [{"url": "https://h/a.png?se=2025-04-09T02%3A55%3A56Z&sig=x"}]}
    assert read(WIRE, ASKED, body).all(events.Link)[0].expires == "2025-04-09T02:55:56Z"


@pytest.mark.parametrize(
    "written",
    [
        b64(CAT).rstrip("="),
        b64(CAT).replace("+", "-").replace("/", "_"),
        "\n".join(b64(CAT)[at : at + 64] for at in range(0, len(b64(CAT)), 64)),
        f"base64://{b64(CAT)}",
        f" {b64(CAT)} ",
    ],
)
def test_base64_is_written_in_many_ways(written):
    assert read(WIRE, ASKED, {"data": [{"b64_json": written}]}).pictures == [CAT]


def test_a_drawing_in_the_text_of_an_address():
    svg = "<svg xmlns='http://www.w3.org/2000/svg' width='2' height='2'></svg>"
    body = {"data": [{"url": "data:image/svg+xml," + svg.replace("<", "%3C").replace(">", "%3E")}]}
    assert read(WIRE, ASKED, body).pictures == [svg.encode()]


def test_what_is_no_picture_is_none():
    answer = read(WIRE, ASKED, {"data": [{"b64_json": b64(b"no picture at all, but a text")}]})
    assert (answer.pictures, answer.failed) == ([], None)


def test_a_bare_list_of_pictures():
    assert read(WIRE, ASKED, [{"b64_json": b64(CAT)}, {"b64_json": b64(DOG)}]).pictures == [
        CAT,
        DOG,
    ]
