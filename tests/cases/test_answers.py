"""Each answer of the table is understood: whole, and cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbext.data.picture import identify
from nbext.data.request import Reference, Request
from nbext.errors import PictureError
from nbext.wire import events
from nbext.wire.formats import wire_format
from nbext.wire.last_resort import search
from nbext.wire.links import links_in_text, unsure_links
from nbext.wire.urls import urls_in_text
from tests.cases.answers import CASES, RED, b64
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


@pytest.mark.parametrize(
    "part", [*PARTS, "](", "![](", "<a href=", "[img]", "<think ", "&#", b64(RED)]
)
def test_time_grows_with_the_length(part):
    def work(size):
        text = part * (size // len(part))
        links_in_text(text)
        unsure_links(text)

    assert grows_linearly(work, 5_000)
