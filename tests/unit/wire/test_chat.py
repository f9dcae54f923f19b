"""Chat completions: what is written, and every way that a picture comes back in."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbext.data.request import Reference, Turn
from nbext.errors import OptionError
from nbext.wire import events
from nbext.wire.chat import WIRE
from tests.unit.wire.answered import (
    STREAM,
    MemorySink,
    assert_same_however_cut,
    b64,
    read,
    sse,
)
from tests.unit.wire.asked import asked, picture, png

H = "https://store.example"
CAT = png(7)
DOG = png(99)
URI = f"data:image/png;base64,{b64(CAT)}"
DOG_URI = f"data:image/png;base64,{b64(DOG)}"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>'
WAV = b"RIFF\x2c\0\0\0WAVEfmt " + bytes(40)
FENCE = "```"


def named(data: bytes) -> str:
    return f"nbext-sha256:{hashlib.sha256(data).hexdigest()}"


def whole(message, *, finish="stop", **more) -> bytes:
    """Write a message as one answer of JSON."""
    message = {"content": message} if isinstance(message, str) else message
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    answer = {"id": "chatcmpl-1", "object": "chat.completion", "model": "m-1", "choices": [choice]}
    return json.dumps(answer | more, ensure_ascii=False).encode()


def chunk(delta=None, finish=None, **more):
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return {"id": "chatcmpl-1", "model": "m-1", "choices": [choice], **more}


def streamed(*deltas, size=0, finish="stop", done=True) -> bytes:
    """Write deltas as a stream, texts in pieces of a size."""
    chunks = [chunk({"role": "assistant", "content": ""})]
    for delta in deltas:
        if isinstance(delta, dict):
            chunks.append(chunk(delta))
            continue
        step = size or len(delta) or 1
        chunks += [chunk({"content": delta[at : at + step]}) for at in range(0, len(delta), step)]
    if finish:
        usage = {"id": "chatcmpl-1", "choices": [], "usage": {"total_tokens": 21}}
        chunks += [chunk(finish=finish), usage]
    return b": PING\n\n" + sse(*chunks, done=done)


def answers(message):
    """Read a message whole, and streamed at once and in small pieces."""
    yield read(WIRE, asked(), whole(message))
    yield read(WIRE, asked(), streamed(message), content_type=STREAM, size=1000)
    if isinstance(message, str):
        for size in (1, 7):
            body = streamed(message, size=size)
            yield read(WIRE, asked(), body, content_type=STREAM)


# What is written


def body_of(**fields):
    return WIRE.encode(asked(**fields)).body


def test_the_simplest_request():
    call = WIRE.encode(asked("画只猫", model="gpt-4o-image"))
    assert call.body == {
        "model": "gpt-4o-image",
        "stream": True,
        "messages": [{"role": "user", "content": "画只猫"}],
    }
    assert (call.path, call.method, call.stream, call.generating) == (
        "chat/completions",
        "POST",
        True,
        True,
    )
    assert call.prompt_sent == "画只猫"


def test_references_are_parts_that_no_endpoint_has_to_fetch():
    (message,) = body_of(prompt="加帽子", references=(picture(7), picture(8)), system="")[
        "messages"
    ]
    assert message["content"][0] == {"type": "text", "text": "加帽子"}
    assert message["content"][1] == {"type": "image_url", "image_url": {"url": URI}}
    assert len(message["content"]) == 3


@pytest.mark.parametrize(
    ("model", "kind"),
    [("gemini-2.5-pro", "image_url"), ("google/gemini-3", "image_url"), ("qwen-vl", "video_url")],
)
def test_a_film_goes_where_the_family_looks_for_it(model, kind):
    film = Reference.of(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(40))
    (message,) = body_of(model=model, references=(film,), kind="chat")["messages"]
    part = message["content"][1]
    assert part["type"] == kind
    assert part[kind]["url"].startswith("data:video/mp4;base64,")


def test_a_system_message_comes_first():
    body = body_of(kind="chat", model="gemini-3", system="Be brief.")
    assert set(body) == {"model", "stream", "messages"}
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}


def test_extra_fields_win():
    extra = {"stream": False, "size": None, "quality": "hd", "tools": [{}]}
    call = WIRE.encode(asked(size="1x1", quality="low", extra=extra))
    assert call.stream is False
    assert call.body["stream"] is False
    assert call.body["tools"] == [{}]
    assert call.body["quality"] == "hd"
    assert "size" not in call.body


def test_a_mask_has_no_place():
    with pytest.raises(OptionError, match="mask"):
        WIRE.encode(asked(mask=picture()))


def test_an_answer_goes_back_as_it_came():
    said = f"> gen_id: `gen_01x`\n![image]({URI}) 好"
    answer = read(WIRE, asked(), whole(said))
    assert answer.text == said.replace(b64(CAT), named(CAT))
    turns = (
        Turn(role="user", text="画只猫", pictures=(picture(3),)),
        Turn(role="assistant", text=answer.text, pictures=(picture(7),)),
    )
    messages = body_of(prompt="戴帽子", conversation=turns)["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    assert messages[0]["content"][1]["type"] == "image_url"
    assert messages[1] == {"role": "assistant", "content": said}


def test_calls_of_tools_go_back_with_what_they_said():
    call = {"id": "call_1", "name": "look", "arguments": '{"at":"sky"}'}
    turns = (
        Turn(role="assistant", text="", calls=(call,)),
        Turn(role="tool", text="blue", answers="call_1"),
    )
    messages = body_of(kind="chat", followup=turns)["messages"]
    assert messages[1]["tool_calls"] == [
        {
            "id": "call_1",
            "type": "function",
            "function": {"name": "look", "arguments": '{"at":"sky"}'},
        }
    ]
    assert messages[2] == {"role": "tool", "tool_call_id": "call_1", "content": "blue"}


# Pictures that an answer points to

LINKED = {
    "markdown": (f"![file_00]({H}/cdn/a.png)", ["cdn/a.png"]),
    "download": (f"![x]({H}/cdn/a.png)\n[点击下载]({H}/cdn/download/a.png)", ["cdn/a.png"]),
    "numbered": (f"![image1]({H}/1.jpeg) [下载1]({H}/1.jpeg)", ["1.jpeg"]),
    "url as label": (f"![{H}/a.png]({H}/a.png)", ["a.png"]),
    "head": (
        f'{FENCE}\n{{"prompt": "{H}/in.png", "ratio": "1:1"}}\n{FENCE}\n> 进度 **34%**\n![k]({H}/o.png)',
        ["o.png"],
    ),
    "several": (f"![a]({H}/u1.png)\n![b]({H}/u2.png)", ["u1.png", "u2.png"]),
    "prose": (f"图片：{H}/a.webp。", ["a.webp"]),
    "prose without a space": (f"图片{H}/a.png请查看，{H}/猫.jpeg也是", ["a.png", "猫.jpeg"]),
    "no ending": (f"![i]({H}/v1/files/abc)", ["v1/files/abc"]),
    "html": (f'<img src="{H}/a.png?x=1&amp;y=2">', ["a.png?x=1&y=2"]),
    "json": (json.dumps({"image_url": f"{H}/x"}), ["x"]),
    "fenced json": (f'{FENCE}json\n{{"src": "{H}/x"}}\n{FENCE}', ["x"]),
    "json with its prompt": (json.dumps({"prompt": "p", "url": f"{H}/x"}), ["x"]),
    "dead": ("![a](sandbox:/mnt/data/a.png) http://googleusercontent.com/image_generation_content/0", []),
    "think": (f"<think>![d]({H}/draft.png)</think>\n\n![r]({H}/r.png)", ["r.png"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "paths"), LINKED.values(), ids=LINKED)
def test_linked_pictures(text, paths):
    for answer in answers(text):
        assert answer.links == [(f"{H}/{path}", "picture") for path in paths]
        assert answer.pictures == []
        assert answer.done.finish_reason == "stop"
        assert answer.failed is None


def test_a_signed_link_says_when_it_ends():
    url = f"{H}/vg-assets/assets%2Ft%2Fsrc_0.png?st=2025-04-03T01%3A55%3A56Z&se=2025-04-09T02%3A55%3A56Z&sig=a%3D"
    for answer in answers(f"![gen_01]({url})"):
        (link,) = answer.all(events.Link)
        assert (link.url, link.alt, link.expires) == (url, "gen_01", "2025-04-09T02:55:56Z")


def test_a_film_and_its_poster():
    for answer in answers(f"![p]({H}/x.webp)\n[在线播放▶️]({H}/x.mp4)"):
        assert answer.links == [(f"{H}/x.mp4", "film"), (f"{H}/x.webp", "poster")]


def test_a_page_to_poll():
    text = "> ID: `task_1`\n[预览](https://asyncdata.net/web/task_1) | [原始数据](https://asyncdata.net/source/task_1)"
    for answer in answers(text):
        assert answer.links == [("https://asyncdata.net/source/task_1", "poll")]


def test_what_may_be_a_picture_where_there_is_none():
    text = f"See {H}/v1/files/a and {H}/v1/files/a or {H}/read.html, {H} or [this]({H}/b)."
    for answer in answers(text):
        assert answer.links == [(f"{H}/v1/files/a", "maybe"), (f"{H}/b", "maybe")]
    for text in (f"{H}/files/a ![x]({H}/c.png)", f"I can't create that: {H}/files/a"):
        assert "maybe" not in [kind for a in answers(text) for _, kind in a.links]
    echo = read(WIRE, asked(prompt=f"like {H}/files/a"), whole(f"like {H}/files/a"))
    assert echo.links == []
    assert read(WIRE, asked(kind="chat"), whole(f"{H}/files/a")).links == []


def test_a_talk_may_cite_any_page():
    for kind in ("chat", "respond"):
        answer = read(WIRE, asked(kind=kind), whole(f"See ![x]({H}/a.png)"))
        assert answer.links == []
        answer = read(WIRE, asked(kind=kind), whole(json.dumps({"url": f"{H}/a.png"})))
        assert answer.links == []


# Pictures that come inside an answer

INLINE = {
    "markdown": f"看 ![image]({URI}) 好",
    "bare": URI,
    "jpeg by name": f"data:image/jpeg;base64,{b64(CAT)}",
    "unpadded": URI.rstrip("="),
    "url-safe": f"![]({URI.replace('+', '-').replace('/', '_').replace('image_png', 'image/png')})",
    "raw": b64(CAT),
    "raw and indented": f"\n  {b64(CAT)}\n",
    "pseudo scheme": f"base64://{b64(CAT)}",
    "json": json.dumps({"b64_json": b64(CAT)}),
    "json uri": json.dumps({"image": URI}),
    "fenced json": f"{FENCE}json\n{json.dumps({'data': b64(CAT)})}\n{FENCE}",
    "html": f'<img src="{URI}">',
    "lines": "![](data:image/png;base64," + "\n".join(b64(CAT)[i : i + 20] for i in range(0, len(b64(CAT)), 20)) + ")",
    "blanks": "![](data:image/png;base64," + " ".join(b64(CAT)[i : i + 32] for i in range(0, len(b64(CAT)), 32)) + ")",
    "then text": f"{URI}\n\nHere it is",
    "unpadded, then text": f"{URI.rstrip('=')}\n\nHere it is",
}  # fmt: skip


@pytest.mark.parametrize("text", INLINE.values(), ids=INLINE)
def test_pictures_in_the_text(text):
    for answer in answers(text):
        assert answer.pictures == [CAT]
        assert answer.links == []
        assert answer.failed is None
        assert named(CAT) in answer.text
        assert b64(CAT)[:24] not in answer.text


@pytest.mark.parametrize(
    "uri",
    [
        f"data:image/svg+xml;base64,{b64(SVG)}",
        "data:image/svg+xml;utf8," + SVG.decode().replace('"', "'"),
        "data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22%3E%3C/svg%3E",
    ],
)
def test_drawings_in_svg(uri):
    for answer in answers(f"![x]({uri})"):
        (found,) = answer.pictures
        assert found.startswith(b"<svg")
        assert found.endswith(b"</svg>")


def test_sound_is_no_picture():
    for answer in answers(f"[media](data:audio/wav;base64,{b64(WAV)})"):
        assert answer.pictures == []
        assert b64(WAV) not in answer.text


def test_several_pictures_in_order_and_each_once():
    text = f"![]({URI}) ![](data:image/png;base64,{b64(DOG)}) ![]({URI})"
    for answer in answers(text):
        assert answer.pictures == [CAT, DOG]


PLACES = {
    "part": {"content": [{"type": "image_url", "image_url": {"url": URI}}]},
    "part of a text": {"content": [{"type": "image_url", "image_url": URI}]},
    "part with data": {"content": [{"type": "image", "data": b64(CAT)}]},
    "part with source": {"content": [{"type": "image", "source": {"data": b64(CAT)}}]},
    "output": {"content": [{"type": "output_image", "image_url": URI}]},
    "b64_json": {"content": [{"b64_json": b64(CAT)}]},
    "image_base64": {"content": [{"image_base64": b64(CAT)}]},
    "a lone part": {"content": {"type": "image", "image": URI}},
    "images": {"content": None, "images": [{"type": "image_url", "image_url": {"url": URI}}]},
    "mod": {"multi_mod_content": [{"inline_data": {"mime_type": "image/png", "data": b64(CAT)}}]},
    "modal": {"multi_modal_content": [{"inlineData": {"data": b64(CAT)}}]},
    "image": {"image": {"mime_type": "image/png", "url": b64(CAT)}},
    "image list": {"image": [{"data": b64(CAT)}]},
    "image text": {"image": b64(CAT)},
    "tool": {"tool_calls": [{"function": {"name": "show", "arguments": json.dumps({"image_url": URI})}}]},
    "tool list": {"tool_calls": [{"function": {"arguments": json.dumps({"images": [b64(CAT)]})}}]},
    "reasoning": {"reasoning_content": f"![]({URI})", "content": ""},
}  # fmt: skip


@pytest.mark.parametrize("message", PLACES.values(), ids=PLACES)
def test_structured_places(message):
    for answer in answers(message):
        assert answer.pictures == [CAT]
        assert answer.failed is None
    linked = json.loads(json.dumps(message).replace(URI, f"{H}/a").replace(b64(CAT), f"{H}/a"))
    for answer in answers(linked):
        if "reasoning_content" not in message or answer.links:
            assert answer.links == [(f"{H}/a", "picture")]


def test_a_router_repeats_its_pictures():
    delta = {"images": [{"type": "image_url", "image_url": {"url": URI}}]}
    answer = read(WIRE, asked(), streamed(delta, "done", delta), content_type=STREAM)
    assert (answer.pictures, answer.text) == ([CAT], "done")


def test_texts_beside_pictures_are_said_once():
    parts = [{"text": "hey"}, {"inline_data": {"data": b64(CAT)}}]
    for message in ({"multi_mod_content": parts}, {"content": "hey", "multi_mod_content": parts}):
        for answer in answers(message):
            assert (answer.text, answer.pictures) == ("hey", [CAT])


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"b64_json": b64(CAT)}]},
        {"data": [{"b64_json": URI, "url": None}]},
        {"images": [URI]},
        {"content": f"![]({URI})"},
        {"output": [{"b64_json": b64(CAT)}]},
        [b64(CAT)],
    ],
)
def test_the_places_of_other_endpoints(body):
    answer = read(WIRE, asked(), body)
    assert answer.pictures == [CAT]
    assert answer.done


def test_a_job_instead_of_an_answer():
    answer = read(WIRE, asked(), {"task_id": "t1", "status": "queued"})
    (job,) = answer.all(events.Job)
    assert (job.id, job.status) == ("t1", "queued")
    for body in (
        {"id": "t1", "status": "completed", "results": [f"{H}/r.png"]},
        {"results": [f"{H}/r.png"]},
        {"urls": [f"{H}/r.png"]},
    ):
        assert read(WIRE, asked(), body).links == [(f"{H}/r.png", "picture")]


def test_drafts_in_thoughts_are_no_results():
    text = f"<think>![]({URI})</think>![](data:image/png;base64,{b64(DOG)})"
    for answer in answers(text):
        assert answer.pictures == [DOG]
        assert named(CAT) in answer.reasoning
    message = {"reasoning_content": f"![]({URI})", "content": f"![]({H}/a.png)"}
    for answer in answers(message):
        assert (answer.pictures, answer.links) == ([], [(f"{H}/a.png", "picture")])


def test_the_last_picture_of_a_reasoning_is_the_picture_where_there_is_no_other():
    pieces = f"![]({URI}) ![](data:image/png;base64,{b64(DOG)})"
    deltas = [{"reasoning_content": pieces[at : at + 11]} for at in range(0, len(pieces), 11)]
    answer = read(WIRE, asked(), streamed(*deltas, "done"), content_type=STREAM)
    assert answer.pictures == [DOG]
    assert answer.reasoning == pieces.replace(b64(CAT), named(CAT)).replace(b64(DOG), named(DOG))


def test_an_echo_of_what_was_given_is_no_result():
    request = asked(f"{H}/in.png in blue", references=(picture(7),))
    text = f"![a]({URI}) ![b]({H}/in.png) ![c](data:image/png;base64,{b64(DOG)}) ![d]({H}/out.png)"
    for body in (whole(text), streamed(text, size=9)):
        answer = read(WIRE, request, body)
        assert answer.pictures == [DOG]
        assert answer.links == [(f"{H}/out.png", "picture")]


# What else an answer says


def test_progress_comes_in_time():
    text = "> 排队中.\n> 生成中..\n> 进度 14%.\n> 🏃 进度 42..54..67\n> 生成完成 ✅\n"
    decoder = WIRE.decoder(asked(), lambda: MemorySink({}), content_type=STREAM)
    found = []
    for line in text.splitlines(keepends=True):
        told = decoder.feed(sse(chunk({"content": line})))
        assert any(isinstance(event, events.Progress) for event in told)
        found += [event for event in told if isinstance(event, events.Progress)]
    assert [p.percent for p in found] == [None, None, 14, 42, 54, 67, 100]
    assert [p.state for p in found][:2] == ["queued", "running"]


def test_progress_in_the_reasoning():
    deltas = [{"reasoning_content": "> 进度 4"}, {"reasoning_content": "0%\n"}, "done"]
    answer = read(WIRE, asked(), streamed(*deltas), content_type=STREAM)
    assert [p.percent for p in answer.all(events.Progress)] == [40]
    assert answer.reasoning == "> 进度 40%\n"


def test_ids_model_and_usage():
    text = f"> ID: `task_01`\n> gen_id: `gen_01jabc`\n![]({H}/a.png)"
    for answer in answers(text):
        metas = answer.all(events.Meta)
        assert {meta.model for meta in metas} - {""} == {"m-1"}
        assert {meta.answer_id for meta in metas} - {""} == {"chatcmpl-1"}
        assert {meta.gen_id for meta in metas} - {""} == {"gen_01jabc"}
        assert answer.text == text
    (usage,) = read(WIRE, asked(), whole("x", usage={"total_tokens": 3, "cost": 0.02})).all(
        events.Usage
    )
    assert (usage.usage["total_tokens"], usage.cost) == (3, 0.02)


@pytest.mark.parametrize("size", [0, 1, 3])
def test_thoughts_are_told_apart(size):
    text = "<think>hm <b>\n</think>\n\n<think>more</think>The <think> tag, </think> too."
    for body in (whole(text), streamed(text, size=size)):
        answer = read(WIRE, asked(kind="chat"), body)
        assert answer.reasoning == "hm <b>\nmore"
        assert answer.text.strip() == "The <think> tag, </think> too."
    message = {"content": "x", "reasoning_content": "a", "reasoning": "b"}
    assert [answer.reasoning for answer in answers(message)] == ["a", "a"]
    assert [answer.reasoning for answer in answers({"reasoning": "b"})] == ["b", "b"]


def test_thoughts_in_a_part_of_their_own():
    parts = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "yes"}]
    answer = read(WIRE, asked(kind="chat"), whole({"content": parts}))
    assert (answer.reasoning, answer.text) == ("hm", "yes")


def test_calls_of_functions():
    def call(name=None, arguments=None, **ids):
        return {"tool_calls": [{**ids, "function": {"name": name, "arguments": arguments}}]}

    wanted = [("a", "look", '{"x":1}'), ("b", "hear", '{"y":2}')]
    for deltas in (
        [call("look", '{"x"', index=0, id="a"), call("hear", '{"y":', index=1, id="b"), call(None, ":1}", index=0), call(None, "2}", index=1)],
        [call("look", '{"x"', id="a"), call(None, ":1}", id="a"), call("hear", '{"y":', id="b"), call(None, "2}", id="b")],
        [call("look", '{"x"', id="a"), call(None, ":1}"), call("hear", '{"y":2}', id="b")],
        [call("look", '{"x":1}', index=0, id="a"), call("hear", "", index=0, id="b"), call(None, '{"y":2}', index=0)],
        [call("look", '{"x"', index=0, id="a"), call("look", ":1}", index=0, id="a"), call("hear", '{"y":2}', index=1, id="b")],
        [call("look", '{"x":1}', index=0, id="a"), call("look", '{"x":1}', index=0, id="a"), call("hear", '{"y":2}', index=1, id="b")],
    ):  # fmt: skip
        body = streamed(*deltas, finish="tool_calls")
        answer = read(WIRE, asked(kind="chat"), body, content_type=STREAM)
        assert [(c.id, c.name, c.arguments) for c in answer.all(events.ToolCall)] == wanted
        assert answer.done.finish_reason == "tool_calls"
    deltas = [call("look", {"x": 1}), call("hear", "")]
    answer = read(WIRE, asked(kind="chat"), streamed(*deltas))
    assert [(c.name, c.arguments) for c in answer.all(events.ToolCall)] == [
        ("look", '{"x":1}'),
        ("hear", "{}"),
    ]
    assert len({c.id for c in answer.all(events.ToolCall)}) == 2
    deltas = [call("look", '{"x":1}'), call("look", '{"x":'), call("look", "2}")]
    answer = read(WIRE, asked(kind="chat"), streamed(*deltas), content_type=STREAM)
    assert [c.arguments for c in answer.all(events.ToolCall)] == ['{"x":1}', '{"x":2}']


def test_citations():
    cited = {"url": H, "title": "T", "start_index": 1, "end_index": 3}
    for annotation in (
        {"type": "url_citation", "url_citation": cited},
        {"type": "url_citation", **cited},
    ):
        message = {"content": "x", "annotations": [annotation, annotation, 5, {"url": 6}]}
        for answer in answers(message):
            assert answer.all(events.Citation) == [
                events.Citation(url=H, title="T", start=1, end=3)
            ]


# Failures


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("生成失败 ❌\n失败原因：input_moderation", "ModerationError"),
        ("非常抱歉，生成的图片可能违反了我们的内容政策。", "ModerationError"),
        ("Sorry, I can’t help create that.", "ModerationError"),
        ("目前有很多人在创建图片，图片准备好后我们会通知你。", "NoPictureError"),
        ('{"prompt": "p", "size": "1024x1024"}I wasn\'t able to: there\'s a rate limit in place.', "RateLimitError"),
    ],
)  # fmt: skip
def test_failures_told_in_words(text, kind):
    for answer in answers(text):
        assert answer.failed.kind == kind
        assert len(answer.all(events.ErrorEvent)) == 1
    for answer in answers(f"{text}\n![a]({H}/a.png)"):
        assert answer.failed is None
    assert read(WIRE, asked(kind="chat"), whole(text)).failed is None


@pytest.mark.parametrize("finish", ["stop", "content_filter"])
def test_a_refusal_in_its_own_field(finish):
    refused = {"content": None, "refusal": "I cannot draw this."}
    bodies = (whole(refused, finish=finish), streamed(refused, finish=finish))
    for body in bodies:
        answer = read(WIRE, asked(), body)
        assert answer.failed.kind == "ModerationError"
        assert "I cannot draw this." in answer.failed.message
        assert len(answer.all(events.ErrorEvent)) == 1
    assert read(WIRE, asked(), whole("", finish="content_filter")).failed.kind == "ModerationError"
    assert read(WIRE, asked(), whole(refused | {"content": f"![]({H}/a.png)"})).failed is None


@pytest.mark.parametrize(
    ("body", "kind", "request_id"),
    [
        ({"error": {"message": "boom (request id: 20250001)", "type": "new_api_error"}}, "ServerError", "20250001"),
        ({"error": {"message": "x", "code": "model_not_found"}}, "ModelError", ""),
        ({"success": False, "message": "get user group failed"}, "ServerError", ""),
        ({"code": "fail_to_fetch_task", "message": '{"code":"upstream_load_saturated","message":"busy"}', "data": None}, "RateLimitError", ""),
        ([{"error": {"code": 400, "message": "bad", "status": "INVALID_ARGUMENT"}}], "BadRequestError", ""),
        ({"object": "error", "message": "bad"}, "ServerError", ""),
        ({"error": "用户额度不足"}, "QuotaError", ""),
    ],
)  # fmt: skip
def test_errors_that_look_like_success(body, kind, request_id):
    for answer in (read(WIRE, asked(), body), read(WIRE, asked(), sse(body), content_type=STREAM)):
        assert answer.failed.kind == kind
        assert answer.failed.request_id == request_id
        assert len(answer.all(events.ErrorEvent)) == 1


@pytest.mark.parametrize("empty", [{}, None, False, "", []])
def test_an_empty_error_is_none(empty):
    answer = read(WIRE, asked(), whole(f"![]({H}/a.png)", error=empty))
    assert answer.failed is None
    body = sse(chunk({"content": "hi"}, error=empty), chunk(finish="stop"))
    assert read(WIRE, asked(kind="chat"), body).failed is None


def test_an_error_in_the_middle():
    body = streamed("half a", finish=None, done=False)
    body += sse({"error": {"message": "died", "code": "do_request_failed"}})
    answer = read(WIRE, asked(), body, content_type=STREAM)
    assert answer.text == "half a"
    assert (answer.failed.kind, answer.failed.maybe_billed) == ("ServerError", True)
    last = {
        "choices": [
            {
                "index": 0,
                "delta": {},
                "finish_reason": "error",
                "error": {"code": 502, "message": "gone"},
            }
        ]
    }
    assert read(WIRE, asked(), sse(last), content_type=STREAM).failed.kind == "ServerError"
    named_event = b'event: error\ndata: {"message": "gone"}\n\n'
    assert read(WIRE, asked(), named_event, content_type=STREAM).failed.kind == "ServerError"


def cut(text, **how):
    return read(WIRE, asked(**how), streamed(text, finish=None, done=False), content_type=STREAM)


def test_a_stream_says_when_nothing_follows():
    decoder = WIRE.decoder(asked(), MemorySink, content_type=STREAM)
    decoder.feed(sse(chunk({"content": "a"}), chunk(finish="stop")))
    assert not decoder.over
    decoder.feed(b"data: [DONE]\n\n")
    assert decoder.over


def test_a_stream_without_its_end():
    answer = cut("Here is")
    assert (answer.failed.kind, answer.failed.maybe_billed) == ("TruncatedError", True)
    assert (answer.text, answer.done) == ("Here is", None)
    assert cut("", kind="chat").failed.kind == "TruncatedError"
    assert cut(f"See {H}/a.png ", kind="chat").failed.kind == "TruncatedError"


def test_a_cut_stream_is_whole_where_the_picture_is():
    for text in (f"![a]({URI})", f"![a]({URI}", URI.rstrip("="), b64(CAT), f"![a]({H}/a.png)"):
        answer = cut(text)
        assert answer.failed is None
        assert answer.done
        assert len(answer.pictures) + len(answer.links) == 1


@pytest.mark.parametrize("text", [URI[:80], f"![a]({H}/a.pn", f"![a]({URI[:-9]}", b64(CAT)[:60]])
def test_half_a_picture_is_none(text):
    answer = cut(text)
    assert (answer.pictures, answer.links) == ([], [])
    assert answer.failed.kind == "TruncatedError"
    assert answer.kept == {}


def test_an_error_behind_comments_is_told():
    error = b'{"error":{"message":"no (request id: 2025A)","code":"insufficient_user_quota"}}'
    for body in (b": PING\n\n" + error, streamed("> ...", finish=None, done=False) + error):
        answer = read(WIRE, asked(), body, content_type=STREAM)
        assert (answer.failed.kind, answer.failed.request_id) == ("QuotaError", "2025A")


def test_a_body_of_several_objects():
    pieces = [
        {"choices": [{"delta": {"content": f"![a]({H}"}}]},
        {"choices": [{"delta": {"content": "/a.png)"}, "finish_reason": "stop"}]},
    ]
    lines = "\n".join(json.dumps(piece) for piece in pieces)
    answer = read(WIRE, asked(), lines, content_type="application/x-ndjson")
    assert answer.links == [(f"{H}/a.png", "picture")]
    assert answer.done.finish_reason == "stop"
    cut_off = read(WIRE, asked(), lines[:-30], content_type="application/x-ndjson")
    assert cut_off.failed.kind == "TruncatedError"
    assert read(WIRE, asked(), whole(f"![a]({H}/a.png)") + b"\n<!-- cached -->").links


def test_an_answer_in_the_envelope_of_a_relays_own_interface():
    inner = json.loads(whole(f"![a]({URI})"))
    answer = read(WIRE, asked(), {"code": 200, "message": "success", "data": inner})
    assert answer.pictures == [CAT]
    assert "success" not in answer.text


def in_turns(*texts, size=7):
    """A stream of several choices, piece by piece in turns."""
    pieces = []
    for at in range(0, max(map(len, texts)), size):
        pieces += [
            {"choices": [{"index": n, "delta": {"content": text[at : at + size]}}]}
            for n, text in enumerate(texts)
            if text[at:]
        ]
    ends = [
        {"choices": [{"index": n, "delta": {}, "finish_reason": "stop"}]} for n in range(len(texts))
    ]
    return sse(*pieces, *ends, done=True)


@pytest.mark.parametrize("size", [1, 7, 50, 10_000])
def test_several_choices_in_turns_are_told_apart(size):
    texts = (f"<think>one</think>A ![a]({URI})", f"<think>two</think>B ![b]({H}/b.png)", DOG_URI)
    body = in_turns(*texts, size=size)
    answer = read(WIRE, asked(extra={"n": 3}), body, content_type=STREAM)
    assert answer.pictures == [CAT, DOG]
    assert answer.links == [(f"{H}/b.png", "picture")]
    assert answer.reasoning == "onetwo"
    assert answer.text.startswith("A ![a](")
    assert f"\n\nB ![b]({H}/b.png)\n\n" in answer.text
    assert answer.done.finish_reason == "stop"


def test_several_choices_of_a_whole_answer_are_set_apart():
    choices = [{"index": n, "message": {"content": f"answer {n}"}} for n in range(2)]
    answer = read(WIRE, asked(kind="chat", extra={"n": 2}), {"choices": choices})
    assert answer.text == "answer 0\n\nanswer 1"


def test_who_counts_pieces_and_not_choices_has_one_choice():
    pieces = [
        {"choices": [{"index": n, "delta": {"content": word}}]} for n, word in enumerate("abc")
    ]
    end = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
    answer = read(WIRE, asked(kind="chat"), sse(*pieces, end), content_type=STREAM)
    assert answer.text == "abc"


def test_json_without_its_end():
    body = whole(f"![a]({URI}) there")
    answer = read(WIRE, asked(), body[:-30])
    assert answer.pictures == [CAT]
    assert answer.failed.kind == "TruncatedError"
    answer = read(WIRE, asked(), body[: body.index(b"image/png") + 60])
    assert answer.pictures == []
    assert answer.kept == {}
    assert answer.failed.kind == "TruncatedError"
    assert read(WIRE, asked(), b"").failed.kind == "TruncatedError"


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("<!DOCTYPE html><html><title>relay | 524: A timeout occurred</title></html>", "TimedOutError"),
        ("error code: 524", "TimedOutError"),
        ("<html><head><title>Sign in</title></head></html>", "NotAnEndpointError"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("content_type", ["text/html", "text/plain", STREAM, ""])
def test_a_page_instead_of_an_answer(page, kind, content_type):
    assert read(WIRE, asked(), page, content_type=content_type).failed.kind == kind


@pytest.mark.parametrize("content_type", ["application/json", STREAM, "", "text/plain"])
def test_the_bytes_count_more_than_their_name(content_type):
    for body in (whole(f"![]({URI})"), streamed(f"![]({URI})"), b"\xef\xbb\xbf \n" + whole(URI)):
        answer = read(WIRE, asked(), body, content_type=content_type)
        assert answer.pictures == [CAT]
        assert answer.failed is None


# However it is cut

FORMS = {
    "whole": whole(f"猫 ![图]({URI})\n> 进度 42..54.. 完\n![b]({H}/b.png)"),
    "escaped": json.dumps({"choices": [{"message": {"content": f"猫 ![图]({URI})"}}]})
    .replace("/", "\\/")
    .replace("=", "\\u003d")
    .encode(),
    "stream": streamed(f"<think>想</think>猫 ![图]({URI})\n> 进度 **42%**", size=90),
    "images": streamed({"images": [{"image_url": {"url": URI}}]}, "好"),
    "crlf": streamed(f"猫 {H}/猫.png 。", size=4).replace(b"\n", b"\r\n"),
    "tool": whole({"tool_calls": [{"function": {"arguments": json.dumps({"image": URI})}}]}),
    "reasoning": streamed({"reasoning_content": f"猫 {URI[:60]}"}, {"reasoning_content": URI[60:]}),
    "error": sse({"error": {"message": "额度不足"}}),
    "cut": streamed(f"猫 ![图]({URI})"[:99], finish=None, done=False),
}


@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
def test_cut_at_every_byte(body):
    assert_same_however_cut(WIRE, asked(), body)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from([*INLINE.values(), *(t for t, _ in LINKED.values()), "猫", "\n", "> 进度 5%"]), max_size=4),
    st.integers(1, 200),
    st.integers(1, 5000),
)  # fmt: skip
def test_a_stream_says_what_the_whole_answer_says(texts, size, piece):
    text = "\n".join(texts)
    one = read(WIRE, asked(), whole(text))
    other = read(WIRE, asked(), streamed(text, size=size), content_type=STREAM, size=piece)
    assert other.text == one.text
    assert other.pictures == one.pictures
    assert other.links == one.links
    assert (other.failed is None) == (one.failed is None)


def test_pictures_nobody_asked_for_are_forgotten():
    half = b64(CAT)[:60]
    opened = []

    def sink():
        opened.append(MemorySink({}))
        return opened[-1]

    decoder = WIRE.decoder(asked(), sink)
    body = json.dumps({"choices": [{"message": {"content": "x"}}], "junk": [half] * 50})
    decoder.feed(body.encode()[:-5])
    # Eight, and the one that is under way.
    assert sum(one.open for one in opened) <= 9
    decoder.feed(body.encode()[-5:])
    decoder.close()
    assert not any(one.open for one in opened)
