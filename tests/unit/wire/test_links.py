"""Pictures, failures and progress in an answer's text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbext.data.request import Turn
from nbext.wire.links import (
    expiry,
    gen_id_in_text,
    json_head,
    links_in_text,
    result_text,
    sent_urls,
    svg_in_text,
)
from nbext.wire.picture_values import (
    pictures_in_value,
)
from nbext.wire.progress import ProgressReader
from nbext.wire.refusals import detect_refusal
from tests.growth import grows_linearly
from tests.unit.wire.asked import asked

H = "https://store.example"
FENCE = "```"


def found(text, **how):
    return [(link.url, link.kind) for link in links_in_text(text, **how)]


def pictures(*paths):
    return [(f"{H}/{path}", "picture") for path in paths]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (f"![file_00]({H}/cdn/a.png)", ["cdn/a.png"]),
        (f"![x]({H}/cdn/a.png)\n[点击下载]({H}/cdn/download/a.png)", ["cdn/a.png"]),
        (f"[点击下载]({H}/cdn/download/a.png)\n![x]({H}/cdn/a.png)", ["cdn/a.png"]),
        (f"![image1]({H}/1.jpeg) [下载1]({H}/1.jpeg)", ["1.jpeg"]),
        (f"[下载⏬]({H}/cdn/download/a.png)", ["cdn/download/a.png"]),
        (f"[Click to download]({H}/files/77)", ["files/77"]),
        (f"![{H}/a.png]({H}/a.png)", ["a.png"]),
        (f"![a [b] c]({H}/a.png)", ["a.png"]),
        (f"![a]({H}/u1.png)\n![b]({H}/u2.png)", ["u1.png", "u2.png"]),
        (f"![b]({H}/2.png) ![a]({H}/1.png) ![b]({H}/2.png)", ["2.png", "1.png"]),
        (f"图片：{H}/a.webp。", ["a.webp"]),
        (f"见{H}/a.png，还有（{H}/b.jpg）！", ["a.png", "b.jpg"]),
        (
            f'**{H}/a.png** <{H}/b.png> `{H}/c.png` "{H}/d.png" ({H}/e.png).',
            ["a.png", "b.png", "c.png", "d.png", "e.png"],
        ),
        (f"{FENCE}\n{H}/a.webp\n{FENCE}", ["a.webp"]),
        (f"![i]({H}/v1/files/abc)", ["v1/files/abc"]),
        (f"![i]({H}/a_(1).png)", ["a_(1).png"]),
        (f'<img src="{H}/a.png?x=1&amp;y=2">', ["a.png?x=1&y=2"]),
        (f"<IMG width=3 src='{H}/b'>", ["b"]),
        (f"Read {H}/guide or {H}/page.html, {H}/data.json", []),
        (f"{H}/a.PNG?size=2", ["a.PNG?size=2"]),
        ("http://[/a.png https:///a.png ![x](ftp://h/a.png)", []),
    ],
)
def test_links(text, paths):
    assert found(text) == pictures(*paths)


@pytest.mark.parametrize(
    "head",
    [
        '{\n "prompt": "p",\n "referenced_image_ids": ["file-K"], "image": "%s/in.png"\n}\n',
        '```\n{"prompt": "%s/in.png", "ratio": "1:1", "gen_id": "gen_01x"}\n```\n',
        '```json\n{"prompt": "画 {猫}", "orientation": "portrait", "images": ["%s/in.png"]}\n```\n',
    ],
)
def test_the_head_holds_what_was_given(head):
    assert found(head % H + f"\n> 进度 **34%**\n![k]({H}/out.png)") == pictures("out.png")


def test_a_head_that_is_no_json_is_text():
    assert json_head("{oh, " + H) is None
    assert json_head("[1]") is None
    assert json_head("{" * 100_000) is None
    assert found("{oh, " + H + "/a.png") == pictures("a.png")


@pytest.mark.parametrize(
    "text",
    [
        "![a](sandbox:/mnt/data/a.png)",
        "http://googleusercontent.com/image_generation_content/0",
        "![x](http://googleusercontent.com/image_generation_content/1.png)",
        "![x](attachment://a.png)",
        "[预览](https://pro.asyncdata.net/web/task_1.png)",
    ],
)
def test_links_that_lead_nowhere(text):
    assert found(text) == []


def test_a_page_to_poll_counts_where_there_is_no_picture():
    text = "[数据预览](https://asyncdata.net/web/task_1) | [原始数据](https://asyncdata.net/source/task_1)"
    assert found(text) == [("https://asyncdata.net/source/task_1", "poll")]
    assert found(f"{text}\n![done]({H}/a.png)") == pictures("a.png")


def test_a_film_has_a_poster():
    text = f"![{H}/x.webp]({H}/x.webp)\n[在线播放▶️]({H}/x.mp4?st=1)\n"
    assert found(text) == [(f"{H}/x.mp4?st=1", "film"), (f"{H}/x.webp", "poster")]
    assert found(f"[▶️ Watch Online]({H}/play/77)") == [(f"{H}/play/77", "film")]
    assert found(f"[High-quality video]({H}/x.mp4) {H}/x.mp4") == [(f"{H}/x.mp4", "film")]


def test_an_echo_is_no_result():
    request = asked(
        f"{H}/in.png make it blue",
        conversation=(
            Turn(role="user", text=f"and <{H}/old.png>"),
            Turn(role="assistant", text=f"![]({H}/mine.png)"),
        ),
    )
    given = sent_urls(request)
    assert given == {f"{H}/in.png", f"{H}/old.png"}
    text = f"![a]({H}/in.png) {H}/old.png ![b]({H}/out.png)"
    assert found(text, sent=given) == pictures("out.png")


def test_a_url_at_the_end_of_what_was_cut_is_half_a_url():
    assert found(f"![a]({H}/a.pn", cut=True) == []
    assert found(f"{H}/a.png", cut=True) == []
    assert found(f"![a]({H}/a.png)", cut=True) == pictures("a.png")
    assert found(f"{H}/a.png ", cut=True) == pictures("a.png")
    assert found(f"{H}/a.png") == pictures("a.png")


def test_a_label_is_kept_for_people():
    (link,) = links_in_text(f"![一只猫 [1]]({H}/a.png)")
    assert link.alt == "一只猫 [1]"


@pytest.mark.parametrize(
    ("query", "when"),
    [
        (
            "st=2025-04-03T01%3A55%3A56Z&se=2025-04-09T02%3A55%3A56Z&sig=a%3D",
            "2025-04-09T02:55:56Z",
        ),
        ("X-Amz-Date=20250409T000000Z&X-Amz-Expires=3600", "2025-04-09T01:00:00Z"),
        ("x-amz-date=20250409T000000Z&x-amz-expires=3600", "2025-04-09T01:00:00Z"),
        ("Expires=1744167356&Signature=x", "2025-04-09T02:55:56Z"),
        ("se=2025-04-09T02:55:56%2B08:00", "2025-04-08T18:55:56Z"),
        ("se=soon", ""),
        ("Expires=99999999999999999999", ""),
        ("Expires=-9e9", ""),
        ("X-Amz-Date=20250409T000000Z&X-Amz-Expires=99999999999999", ""),
        ("se=9999-12-31T23:59:59-23:00", ""),
        ("a=1&" * 200, ""),
        ("a=", ""),
    ],
)
def test_when_a_url_stops_to_work(query, when):
    url = f"{H}/a%2Fb.png?{query}"
    assert expiry(url) == when
    (link,) = links_in_text(f"![x]({url})")
    assert (link.url, link.expires) == (url, when)


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ({"type": "image_url", "image_url": {"url": "https://h/u"}}, ["https://h/u"]),
        ({"type": "image_url", "image_url": "https://h/u"}, ["https://h/u"]),
        ({"type": "image", "data": "data:b"}, ["data:b"]),
        ({"type": "image", "source": {"type": "base64", "data": "data:b"}}, ["data:b"]),
        ({"type": "output_image", "output_image": "data:b"}, ["data:b"]),
        ({"b64_json": "data:b", "url": ""}, ["data:b"]),
        ({"image_base64": "data:b"}, ["data:b"]),
        ({"inline_data": {"mime_type": "image/png", "data": "data:b"}}, ["data:b"]),
        ({"inlineData": {"mimeType": "image/png", "data": "data:b"}}, ["data:b"]),
        ({"mime_type": "image/png", "url": "data:b"}, ["data:b"]),
        ({"inlineData": {"data": "draft"}, "thought": True}, []),
        ({"type": "text", "text": "t", "url": "https://h/u"}, []),
        (
            [{"url": "https://h/u"}, "https://h/v", 7, None, [{"src": "https://h/w"}]],
            ["https://h/u", "https://h/v", "https://h/w"],
        ),
        ({"image": {"image": {"image": "https://h/u"}}}, ["https://h/u"]),
        ({}, []),
        (" ", []),
    ],
)
def test_structured_places(value, texts):
    assert pictures_in_value(value) == texts


def test_structures_without_end():
    value = "https://h/u"
    for _ in range(500):
        value = {"image": [value]}
    assert pictures_in_value(value) == []


def test_svg_that_is_not_base64():
    raw = "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' width='9'></svg>"
    quoted = "data:image/svg+xml,%3Csvg%3E%3Ccircle/%3E%3C/svg%3E"
    coded = "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4="
    assert svg_in_text(f"![]({raw}) ![]({coded}) <img src='{quoted}'>") == [raw, quoted]
    assert svg_in_text("data:image/svg+xml,<svg") == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("生成失败 ❌\n失败原因：input_moderation", "ModerationError"),
        ("生成失败 ❌\n失败原因：output_moderation", "ModerationError"),
        ("生成失败 ❌\n失败原因：timeout", "NoPictureError"),
        ("非常抱歉，生成的图片可能违反了我们的内容政策。请重试。", "ModerationError"),
        ("抱歉，我无法生成这张图片。", "ModerationError"),
        ("Sorry, I can’t help create that.", "ModerationError"),
        ("I can't assist with that request.", "ModerationError"),
        ("We are so sorry, but the prompt may violate our guidelines.", "ModerationError"),
        ("I'm unable to generate this picture.", "ModerationError"),
        (
            "目前有很多人在创建图片，因此可能需要一点时间。图片准备好后我们会通知你。",
            "NoPictureError",
        ),
        ("Processing image\n\nLots of people are creating images right now.", "NoPictureError"),
        (
            '{"prompt": "p"}I wasn\'t able to, because there\'s a rate limit in place.',
            "RateLimitError",
        ),
        ("I can't generate more images now: you have hit the rate limit.", "RateLimitError"),
        ("Please upload a photo, and I will begin.", "NoPictureError"),
    ],
)
def test_failures_told_in_words(text, kind):
    failed = detect_refusal(text)
    assert failed.kind == kind
    assert failed.maybe_billed
    assert failed.remedy
    assert failed.body == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Here is a cat, in moderation.",
        "猫",
        '{"prompt": "a poster that says: generation failed"} Done.',
        "<think>I can't create this? I can.</think>A cat.",
    ],
)
def test_what_is_no_failure(text):
    assert detect_refusal(text) is None


def test_the_last_id_of_a_picture_counts():
    text = '{"gen_id": "gen_01first"}\n> ID: `task_01`\n> gen_id: `gen_01second`\n> sid: `s_1`'
    assert gen_id_in_text(text) == "gen_01second"
    assert gen_id_in_text("no id") == ""


PROGRESS = [
    ("> 进度 **2%**\n\n> 进度 **34%**\n\n> 进度 **34%**", [2, 34]),
    ("> 进度 14%.\n> 进度 64%..", [14, 64]),
    ("> 🏃 进度 42..54..67..75..81..", [42, 54, 67, 75, 81]),
    ("> 🏃 进度 42..54\n> 生成完成 ✅", [42, 54, 100]),
    ("> 🏃 进度 42..54", [42, 54]),
    ("> Progress: 12.5 %", [12.5]),
    ("进度：99%", [99]),
    ("> 进度 250%", [100]),
    ("![99%](https://h/a%20b.png) 3.. 4..", []),
    ("I ate 3 of 4.. then 5", []),
    ("Fortschritt: 45 %", [45]),
    ("Progreso: 45 %", [45]),
    ("進捗: 45%", [45]),
    ("진행률: 45%", [45]),
    ("[#####-----] 50%", [50]),
    ("🟩🟩🟩🟩🟩⬜⬜⬜⬜⬜", [50]),
    ("第 3 步，共 6 步", [50]),
]


@pytest.mark.parametrize(("text", "percents"), PROGRESS)
@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_percents_are_told_once_however_the_text_is_cut(text, percents, size):
    reader = ProgressReader()
    told = [p for at in range(0, len(text), size) for p in reader.feed(text[at : at + size])]
    told += reader.close()
    assert [p.percent for p in told if p.percent is not None] == percents


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_states(size):
    text = (
        "> 排队中... 排队中...\n> 生成中.....\n> 🎨 生成中...\n> 生成完成 ✅\nThe cat is waiting."
    )
    reader = ProgressReader()
    told = [p for at in range(0, len(text), size) for p in reader.feed(text[at : at + size])]
    assert [p.state for p in told + reader.close()] == ["queued", "running", "running", "done"]
    assert "生成中" in told[1].words
    assert not any(mark in p.words for p in told for mark in ">.*")


def test_a_step_is_told_when_it_comes():
    reader = ProgressReader()
    assert [p.percent for p in reader.feed("> 进度 42..")] == [42]
    assert reader.feed("5") == []
    assert [p.percent for p in reader.feed("4..")] == [54]


PIECES = st.sampled_from(
    [
        *"![]()<>{}\"'`*|.,:。，）猫\n\\ ",
        "![", "](", "https://", "http://h/", "h.example/a.png", "<img src=", "<think>", "</think>",
        "data:image/svg+xml", ",%3Csvg", "</svg>", ";base64,", "进度", "12%", "34..", "> ", "生成失败", "失败原因：",
        "```json", '{"prompt":', '"a"}', "?se=", "&X-Amz-Expires=", "Expires=9", "[下载", "▶", "asyncdata.net/source/",
        "\ud800", "\u2028", "\0",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_no_text_breaks_anything(text):
    links = links_in_text(text)
    assert len({link.url for link in links}) == len(links)
    for function in (detect_refusal, gen_id_in_text, svg_in_text, json_head, result_text):
        function(text)
    whole, cut = ProgressReader(), ProgressReader()
    told = whole.feed(text) + whole.close()
    pieces = [p for char in text for p in cut.feed(char)] + cut.close()
    assert [p.percent for p in told if p.state == "running" and p.percent is not None] == [
        p.percent for p in pieces if p.state == "running" and p.percent is not None
    ]


@pytest.mark.parametrize(
    "piece",
    [
        "![", "[](", "](https://h/", "https://h/", "https://h/a.png ", "![a](https://h/a.png)", "<img src=", "<img ",
        "<think>", "<think></think>", "{", '{"a":', "> 进度 1%", "12..", "data:image/svg+xml,", "data:image/svg+xml,</svg>",
        "gen_id", "原因", "失败原因: ", "((((", "))))", " ", "\n", "%", "sorry ", "image is ready ", "```json",
    ],
)  # fmt: skip
def test_whatever_is_long_takes_time_in_proportion(piece):
    def work(size):
        text = piece * (size // len(piece))
        links_in_text(text)
        detect_refusal(text)
        svg_in_text(text)
        gen_id_in_text(text)
        reader = ProgressReader()
        for at in range(0, len(text), 1000):
            reader.feed(text[at : at + 1000])

    assert grows_linearly(work, 20_000)


def test_what_a_whole_answer_of_json_says():
    text = json.dumps({"image_url": f"{H}/x.png"})
    head, end = json_head(text)
    assert (pictures_in_value(head), end) == ([f"{H}/x.png"], len(text))
