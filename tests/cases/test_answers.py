"""Each answer of the table is understood: whole, and cut anywhere."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbext.data.picture import identify
from nbext.data.request import Reference, Request
from nbext.errors import PictureError
from nbext.wire import events, jobs
from nbext.wire.base64_stream import decode_base64
from nbext.wire.formats import wire_format
from nbext.wire.last_resort import search
from nbext.wire.links import links_in_text, unsure_links
from nbext.wire.multipart import Body
from nbext.wire.picture_values import (
    joined_pieces,
)
from nbext.wire.urls import urls_in_text
from tests.cases.answers import CASES, LONG, RED, Case, b64
from tests.growth import grows_linearly


class Pictures:
    """Sinks in memory."""

    def __init__(self):
        self.stored = {}

    def __call__(self):
        return _Sink(self.stored)


class _Sink:
    def __init__(self, stored):
        self.stored = stored
        self.data = b""

    def write(self, data):
        self.data += data

    def close(self):
        if not identify(self.data[:4096]):
            raise PictureError("no picture")
        info = Reference.of(self.data).info
        self.stored[info.sha256] = self.data
        return info

    def abort(self):
        pass


class Answer:
    """What the events of an answer come to."""

    def __init__(self, case, size=0):
        request = Request(prompt="画只猫", model="m", kind=case.kind, extra=case.extra)
        pictures = Pictures()
        decoder = wire_format(case.wire).decoder(request, pictures, content_type=case.content_type)
        self.events = []
        for at in range(0, len(case.body), size or len(case.body)):
            self.events += decoder.feed(case.body[at : at + (size or len(case.body))])
        self.events += decoder.close()
        shown = [e.picture.sha256 for e in self.of(events.Inline) if not e.partial]
        self.pictures = tuple(pictures.stored[sha256] for sha256 in shown)
        self.links = tuple(link.url for link in self.of(events.Link) if link.kind != "poster")
        self.error = next(iter(self.of(events.ErrorEvent)), None)
        self.notices = " ".join(notice.message for notice in self.of(events.Notice))

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def text(self):
        text = ""
        for event in self.events:
            if isinstance(event, events.TextWasReasoning):
                text = ""
            elif isinstance(event, events.Text):
                text += event.text
        return text

    @property
    def words(self):
        """All that a reader is told of it."""
        raw = [f"{answer.words} {answer.body}" for answer in self.of(events.RawAnswer)]
        message = self.error.message if self.error is not None else ""
        return " ".join([self.text, message, *raw])


def check(case, answer):
    assert answer.pictures == case.pictures
    assert answer.links == case.links
    if case.error:
        assert answer.error is not None
        assert answer.error.kind == case.error
    else:
        assert answer.error is None
    assert case.words in answer.words
    assert case.notice in answer.notices
    assert bool(case.notice) == bool(answer.notices)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.wire}: {case.name}")
def test_the_answer_is_understood(case):
    check(case, Answer(case))


@pytest.mark.parametrize("case", CASES[::5], ids=lambda case: f"{case.wire}: {case.name}")
def test_it_is_the_same_in_pieces(case):
    check(case, Answer(case, size=11))


# Nothing that an endpoint writes is slow to read, or an error of ours.

PARTS = [
    "![",
    "](",
    "(",
    ")",
    "[",
    "]",
    "<img src=",
    "<think>",
    "</think>",
    "<details>",
    "http://h/",
]
PARTS += [
    "https://h/a.png",
    '"url": "',
    "{",
    "}",
    "\\",
    "data:image/png;base64,",
    "iVBORw0KGgo",
    "\n",
]
PARTS += [
    "**",
    "_",
    "预览",
    "。",
    "（",
    "）",
    "&lt;",
    " ",
    "'",
    '"',
    "//",
    "<svg>",
    "</svg>",
    "> ",
    "%",
    "x",
]


@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join))
def test_no_text_raises(text):
    links_in_text(text)
    unsure_links(text)
    urls_in_text(text)
    search([{"a": text}, text])


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.sampled_from(PARTS),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["data", "url", "error", "choices", "id"]), inner)
        ),
        max_leaves=20,
    )
)
def test_no_value_raises(value):
    assert search([value]) is not None


@given(st.integers(9, len(LONG) - 1), st.sampled_from(["\n", "\r\n", "\\\n", "\n> ", "\n\t"]))
def test_an_address_may_be_broken_anywhere(at, gap):
    text = f"Here:\n![a cat]({LONG[:at]}{gap}{LONG[at:]})\n"
    assert [link.url for link in links_in_text(text)] == [LONG]


@given(st.lists(st.integers(60, len(b64(RED))), min_size=1, max_size=9), st.booleans())
def test_a_picture_may_be_cut_anywhere(ends, as_objects):
    text, ends = b64(RED), sorted({*ends, len(b64(RED))})
    pieces = [text[at:end] for at, end in zip([0, *ends], ends, strict=False)]
    value = [{"seq": n, "b64": piece} for n, piece in enumerate(pieces)] if as_objects else pieces
    body = json.dumps({"data": [{"b64_json": value}]}).encode()
    assert Answer(Case("", "images", body)).pictures == (RED,)


@given(st.text() | st.lists(st.text(alphabet="iVBORw0KGgo+=/ nbext-open:;01", max_size=40)))
def test_no_list_of_pieces_raises(value):
    joined_pieces([value, *value])
    joined_pieces({str(number): item for number, item in enumerate(value)})


@pytest.mark.parametrize(
    "part",
    [
        *PARTS,
        *("(https://h/\n", "https://h/-\n", "<https://h/\n>\n", "https://h/\n" + "x" * 60),
        *("](", "![](", "<a href=", "[img]", "<think ", "&#", b64(RED)),
        *(",https://h/", "https%3A%2F%2F", " a=https%3A%2F%2F", "\\u002f", "<?xml", "89504e47"),
    ],
)
def test_time_grows_with_the_length(part):
    def work(size):
        text = part * (size // len(part))
        links_in_text(text)
        unsure_links(text)

    assert grows_linearly(work, 5_000)


# A body in parts, cut anywhere and broken anyhow.

PIECES = [b"--b", b"--b--", b"\r\n", b"\n", b"Content-Type: image/png", b"\r\n\r\n", b"-", b"{}"]
PIECES += [RED, RED[:40], b"x: y", b"\x1f\x8b", b"\0"]


@given(st.lists(st.sampled_from(PIECES), max_size=20), st.integers(1, 50))
def test_no_body_in_parts_raises_or_differs_by_its_pieces(pieces, size):
    data, results = b"".join(pieces), []
    for step in (size, len(data) or 1):
        pictures = Pictures()
        body = Body(pictures, "multipart/mixed; boundary=b")
        text = b"".join(body.feed(data[at : at + step]) for at in range(0, len(data), step))
        results.append((text + body.close(), [info.sha256 for info in body.infos]))
    assert results[0] == results[1]


@pytest.mark.parametrize("part", [b"--b\r\n", b"\n--b", b"\n--", b"--b\n\n", b"x", b"-"])
def test_a_body_in_parts_takes_time_in_proportion(part):
    def work(size):
        body = Body(Pictures(), "multipart/mixed; boundary=b")
        data = b"--b\r\n\r\n" + part * (size // len(part))
        for at in range(0, len(data), 1000):
            body.feed(data[at : at + 1000])
        body.close()

    assert grows_linearly(work, 50_000)


@given(st.text(max_size=60) | st.binary(max_size=60).map(bytes.hex) | st.sampled_from(PARTS))
def test_no_text_for_a_picture_raises(text):
    for head in ("", "89504e47", "H4sI", "aVZCT1J3", "b'", "data:image/png;base64,"):
        decode_base64(head + text)


# The state of a job, whatever an endpoint says in it.

WORDS = ["queued", "完了", "실패", "5", 5, 10000, "APIKEY_TASK_IS_RUNNING", "", None, True, False]
FIELDS = ["status", "state", "task_id", "id", "data", "tasks", "result", "output_url", "finalImage"]
FIELDS += ["ErrCode", "works", "JobStatusCode", "history_id", "done", "faulted", "file_id", "msg"]
STATES = st.recursive(
    st.sampled_from([*WORDS, "https://h/a.png", "t5"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner),
    max_leaves=20,
)


@given(STATES)
def test_no_state_raises(value):
    state, links = jobs.job(value)
    assert state.status in ("queued", "running", "done", "failed")
    assert all(link.url for link in links)
    assert jobs.own(value, "t5") is not None or value is None
    jobs.is_job(value)


@given(st.lists(st.sampled_from(["x0", "x1", "x2", "t5"]), min_size=2, max_size=5, unique=True))
def test_a_job_is_found_among_others(names):
    tasks = [{"task_id": name, "status": "running", "n": name} for name in names]
    expected = "t5" if "t5" in names else None
    found = jobs.own({"code": 0, "data": {"list": tasks}}, "t5")
    assert found.get("n") == expected


# An archive, cut anywhere and broken anyhow.


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@given(st.integers(1, 60), st.integers(0, 400), st.integers(0, 255))
def test_an_archive_gives_its_pictures_or_none(size, at, value):
    whole = zipped(note=b"{}", cat=RED)
    for data, right in ((whole, True), (whole[:at] + bytes([value]) + whole[at + 1 :], False)):
        pictures = Pictures()
        body = Body(pictures, "application/zip")
        for start in range(0, len(data), size):
            assert body.feed(data[start : start + size]) == b"" or not right
        body.close()
        assert not right or list(pictures.stored.values()) == [RED]
