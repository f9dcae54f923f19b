"""The methods section of a paper."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from nbext.data.picture import PictureInfo
from nbext.data.record import Failure, Record, ReferenceInfo
from nbext.drawings.history import History
from nbext.errors import OptionError
from nbext.export.archive.methods import escaped, methods
from nbext.store.store import Store
from tests.growth import grows_linearly
from tests.records import draw, picture

PARSER = MarkdownIt("commonmark").enable("table")


def made(number, **fields):
    info = PictureInfo(
        sha256=f"{number:064x}", media_type="image/png", size=1_840_000, width=1024, height=1536
    )
    usual = {
        "type": "drawing",
        "id": f"id{number}",
        "number": number,
        "prompt": "画只猫",
        "model": "gpt-4o-image",
        "host": "relay.example",
        "wire": "chat",
        "started": f"2026-11-{number:02}T14:03:00.000Z",
        "fingerprint": f"{number}",
        "pictures": [info],
        "versions": {"nbext": "0.1.0"},
    }
    return Record(**(usual | fields))


def study():
    return [
        made(1, cost=0.01, parameters={"aspect": "2:3"}),
        made(2, cost=0.02, fingerprint="again", take=0),
        made(3, fingerprint="again", take=1, changes={"star": True}),
        made(
            4,
            kind="chat",
            model="gpt-4o-mini",
            answered_model="gpt-4o-mini-2024-07-18",
            prompt="describe it",
            system="be brief",
            pictures=[],
            references=[ReferenceInfo(sha256="a" * 64, source="photo.png")],
        ),
        made(5, error=Failure(type="QuotaError", message="no money"), pictures=[]),
        made(6, embedded=True, host="", model="gpt-4o-image"),
    ]


def test_all_that_a_reviewer_asks_for():
    text = methods(study(), title="Pictures")
    assert text.startswith("## Pictures\n\n6 requests (5 for pictures, 1 for a chat reply) ")
    for said in (
        "nbext 0.1.0 from 2026-11-01 to 2026-11-06 (UTC)",
        "Requests were sent to `relay.example` under the names `gpt-4o-image` and `gpt-4o-mini`;",
        "which model served them could not be verified.",
        "| `gpt-4o-image` | not stated | `relay.example` |",
        "One result is a sketch of the embedded endpoint",
        "No seed was sent with any request, so the same request may",
        "One request was made twice; all results are kept. A star marks the selected result.",
        "Marked with a star: @3.",
        "The cost of 2 of 5 requests is recorded, 0.03 USD in total; that of the others is not.",
        "One request failed (QuotaError 1×).",
        "| `gpt-4o-mini` | `gpt-4o-mini-2024-07-18` | `relay.example` |",
        "| @1 | 2026-11-01 14:03 | `gpt-4o-image` | 画只猫 | aspect=2:3 |",
        "describe it (system: be brief) | defaults | photo.png | 1 / 1 |",
        f"| @1 | image/png | 1024×1536 | 1,840,000 | `{1:064x}` |",
        f"| given: photo.png |  |  |  | `{'a' * 64}` |",
    ):
        assert said in text, said


def test_a_model_named_in_the_answer_can_be_told_from_none():
    text = methods([made(1), made(2, answered_model="gpt-4o-image")])
    assert "| `gpt-4o-image` | not stated |" in text
    assert "| `gpt-4o-image` | `gpt-4o-image` |" in text


def test_columns_without_anything_in_them_are_left_out():
    text = methods([made(1)])
    for name in ("USD", "| note", "★", "from |"):
        assert name not in text
    assert "| USD |" in methods([made(1, cost=0.04)])


def test_nbext_and_python_are_named():
    text = methods([made(1, versions={"nbext": "0.1.0", "python": "3.13.1"})])
    assert "made with nbext 0.1.0 and Python 3.13.1" in text


def test_the_tables_are_tables():
    html = PARSER.render(methods(study()))
    assert html.count("<table>") == 3
    assert html.count("<tr>") == (1 + 3) + (1 + 6) + (1 + 5)


def test_a_drawing_that_was_given_is_named_by_its_number():
    given = [ReferenceInfo(sha256="a" * 64, source="@-1", drawing="id1")]
    text = methods([made(1), made(2, references=given, continues="id1")])
    assert "| defaults | @1, the conversation of @1 | 1 / 1 |" in text


def test_seeds_are_said_where_there_were_some():
    text = methods([made(1, parameters={"seed": 7}), made(2)])
    assert "A seed was sent with @1; whether the endpoint used it was not verified." in text
    assert "No seed was sent with the others" in text
    assert "No seed was available" not in text


def test_where_no_seed_could_be_sent_it_is_said():
    text = methods([made(1), made(2, model="gpt-image-1", wire="images")])
    assert "No seed was available for `gpt-image-1`. No seed was sent with any request" in text


def test_numbers_that_follow_each_other_are_said_as_one():
    text = methods([made(n, parameters={"seed": n}) for n in (1, 2, 3, 4, 6, 8, 9)])
    assert "A seed was sent with @1–@4, @6, @8, @9;" in text


def test_one_request_is_said_in_the_singular():
    text = methods([made(1, cost=0.04)])
    assert text.startswith("One request for a picture was made with nbext 0.1.0 on 2026-11-01")
    assert "Requests were sent to `relay.example` under the name `gpt-4o-image`;" in text
    assert "The total cost was 0.04 USD." in text


def test_how_one_was_chosen():
    changes = {"star": True, "note": "the *hat* is whole"}
    text = methods([made(1, fingerprint="f"), made(2, fingerprint="f", changes=changes)])
    assert r"Marked with a star: @2 (“the \*hat\* is whole”)." in text
    assert r"| 2 / 2 | ★ | the \*hat\* is whole |" in text
    assert "| 1 / 2 |  |  |" in text


def test_in_chinese():
    text = methods(study(), title="图片", language="zh")
    for said in (
        "使用 nbext 0.1.0，于 2026-11-01 至 2026-11-06（UTC）共发出 6 次请求（图片 5、对话回复 1）。",
        "`relay.example` 的 `gpt-4o-image`、`gpt-4o-mini`",
        "其中 1 个结果由内置端点的程序绘制",
        "有 1 个请求各发出 2 次",
        "带星标的有：@3。",
        "5 次请求中有 2 次记录了费用，共 0.03 美元，其余未记录。",
        "1 次请求失败（QuotaError 1 次）。",
        "系统消息：be brief",
        "**提示词**",
    ):
        assert said in text, said
    assert PARSER.render(text).count("<table>") == 3
    with pytest.raises(OptionError, match="'fr'"):
        methods(study(), language="fr")


def test_only_sketches():
    text = methods([made(1, embedded=True, host="")])
    assert "One result is a sketch" in text
    assert "No request was billed." in text
    assert "seed" not in text


def test_a_request_without_an_answer():
    assert "No answer is recorded for @1." in methods([made(1, type="sent", pictures=[])])


def test_nothing_drawn():
    assert methods([]) == "Nothing was drawn.\n"


@pytest.mark.parametrize(
    "prompt",
    [
        "a | b",
        "<script>alert(1)</script>",
        "![x](https://evil.example/x.png)",
        "[link](javascript:alert(1))",
        "https://evil.example www.evil.example",
        "line\n\n| --- |\n# heading",
        "`code` ``more``",
        "&lt;b&gt; $x$",
        "\x1b[2J\u202e",
        "back\\",
    ],
)
def test_a_prompt_is_shown_and_does_nothing(prompt):
    html = PARSER.render(methods([made(1, prompt=prompt, model=prompt, host=prompt)]))
    assert html.count("<table>") == 3
    assert html.count("<tr>") == 6
    assert not re.search(r"<(script|img|a|h1|b|em)\b", html)
    assert "\x1b" not in html


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_comes_out_as_it_went_in(text):
    html = PARSER.renderInline(f"x {escaped(text)} x")
    assert not re.search(r"<[a-z]", html)
    shown = html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    shown = shown.replace("&amp;", "&")
    kept = "".join(c for c in text if c.isprintable() and not c.isspace())
    assert kept in re.sub(r"[\s⏎]", "", shown) or "⏎" in text


def test_ten_times_the_drawings_take_ten_times_as_long():
    records = [made(n % 28 + 1, fingerprint=str(n // 2)) for n in range(4_000)]
    assert len(methods(records).splitlines()) > 8_000
    assert grows_linearly(lambda size: methods(records[:size]), 400, 10)


def test_under_a_cell_it_is_markdown(tmp_path):
    text = History(Store(tmp_path / "cats.draws")).methods(title="Cats")
    assert text._repr_markdown_() == text == "## Cats\n\nNothing was drawn.\n"


def test_templates_tokens_end_dates_and_the_manifest():
    records = [
        made(1, template="a {animal}", variables={"animal": "c|at"}, usage={"total_tokens": 1290}),
        made(2, model="gpt-image-1", usage={"input_tokens": 10, "output_tokens": 200}),
        made(3),
    ]
    text = methods(records, manifest="3 abc")
    assert "template: a {animal}; animal = c\\|at" in text.replace("\\{", "{").replace("\\}", "}")
    assert "2 answers report 1,500 tokens in total." in text
    assert "| ended | tokens |" in text
    assert "| 2026-10-23 | 210 |" in text
    assert text.rstrip().endswith("`3 abc`")
    assert "共 1,500 个词元" in methods(records, language="zh")
    # A column that says nothing is left out.
    assert "| ended |" not in methods([made(1)])
    assert "| tokens |" not in methods([made(1)])


def test_what_came_otherwise_than_requested_is_a_table(store, history):
    draw(store, picture(), parameters={"size": "2448x3264"}, host="relay.example")
    draw(store, picture(), host="relay.example")
    for language, heading in (("en", "Requested and actual"), ("zh", "请求与实际")):
        text = str(history.methods(language=language))
        table = text.partition(f"**{heading}**")[2].partition("**")[0]
        assert "| @1 |" in table
        assert "2448×3264 | 8×6 |" in table
        assert "@2" not in table
