"""What stands there while an answer is written: in a terminal, and under a cell."""

from __future__ import annotations

import asyncio
import base64
import io
import re
from contextlib import redirect_stderr, redirect_stdout
from types import SimpleNamespace

import pytest
from PIL import Image

from nbext.data.picture import PictureInfo
from nbext.data.record import Failure, Record
from nbext.display import text_views
from nbext.display.caption import MOST_LINES, captions
from nbext.display.mimebundle import encoded
from nbext.display.placeholder import placeholder
from nbext.display.progress import Take, caption_data, progress_html, progress_text
from nbext.display.text_views import TerminalTextView, TextView
from nbext.imaging.contact_sheet import cell_width, contact_sheet
from nbext.wire import events


class Terminal(io.StringIO):
    """What is written to a terminal of one line, as its user sees it."""

    def isatty(self):
        return True

    def seen(self):
        lines = []
        for line in self.getvalue().split("\n"):
            lines.append(line.rpartition("\r\x1b[K")[2])
        return "\n".join(lines)


async def stream(view, *said):
    for event in said:
        view.event(0, event)
    view.done(0, SimpleNamespace(error=None, replayed=False))


def test_progress_never_stands_where_the_answer_does():
    terminal = Terminal()
    view = TerminalTextView("gpt-4o-mini", SimpleNamespace(progress=True))
    said = [events.Progress(words="thinking"), events.Text(text="Nine "), events.Text(text="lives")]
    with redirect_stdout(terminal), redirect_stderr(terminal):
        asyncio.run(stream(view, *said))
    assert "thinking" in terminal.getvalue()
    assert terminal.seen() == "Nine lives"


@pytest.mark.parametrize(("seconds", "most"), [(0, 7), (0.05, 4)])
def test_a_reply_that_takes_long_to_render_is_shown_less_often(monkeypatch, seconds, most):
    shown = []

    class View(TextView):
        def say(self, data):
            shown.append(data)

        def _put(self, data, *, last=False):
            pass

    def render(words, *_):
        clock.now += seconds
        return words

    async def many(view):
        for _ in range(30):
            view.event(0, events.Text(text="a"))
            clock.now += 0.01
        # The end of what has come is shown, though nothing comes any more.
        clock.now += 1
        while len(shown[-1]) < 30:
            await asyncio.sleep(0.01)

    clock = SimpleNamespace(now=100.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(text_views, "reply_data", render)
    monkeypatch.setattr(text_views, "time", clock)
    asyncio.run(many(View("gpt-4o-mini", SimpleNamespace(progress=True))))
    assert len(shown) <= most


def test_a_percentage_is_said_once_and_a_failure_is_none_done():
    take = Take()
    take.follow(events.Progress(words="52 %", percent=52.0))
    assert progress_text("m", [take], 3.2) == "m · 3 s · 52 %"
    take.follow(events.Progress(words="drawing", percent=60.0))
    assert progress_text("m", [take], 3.2) == "m · 3 s · 60 % drawing"
    refused = Failure(type="ModerationError", message="no")
    take.drawing = SimpleNamespace(record=SimpleNamespace(error=refused))
    assert progress_text("m", [take], 3.2) == "m · 3 s · refused"


def frame_of(ratio, takes):
    data, metadata = placeholder(ratio, takes)
    return Image.open(io.BytesIO(base64.b64decode(data["image/png"]))), metadata["image/png"]


@pytest.mark.parametrize(
    ("ratio", "takes"),
    [("2:3", 4), ("16:9", 2), ("1024x1536", 9), ("1:1", 3), ("1:5", 2), ("3:2", 36)],
)
def test_the_frame_of_several_pictures_is_as_large_as_their_sheet(ratio, takes):
    width, height = map(int, re.split("[:x]", ratio))
    cell = cell_width(takes)
    by = min(1, 3 * width / height)
    pictures = [Image.new("RGB", (round(cell * by), round(cell * by * height / width)))] * takes
    file = io.BytesIO()
    sheet = contact_sheet(pictures, ["@1"] * takes)
    sheet.save(file, "png")
    _, metadata = encoded(file.getvalue(), "image/png", "", "", {"drawings": []})
    frame, shown = frame_of(ratio, takes)
    assert abs(shown["width"] - metadata["image/png"]["width"]) <= 2
    assert frame.size == sheet.size
    opaque = [image.convert("RGBA").getchannel("A").getbbox()[:2] for image in (frame, sheet)]
    assert opaque[0] == opaque[1], "it begins where the first picture will"


@pytest.mark.parametrize(("ratio", "size"), [("2:3", (373, 560)), ("", (560, 560))])
def test_the_frame_of_one_picture_is_as_large_as_it_will_be_shown(ratio, size):
    frame, shown = frame_of(ratio, 1)
    assert (frame.size, shown["width"]) == (size, size[0])


def test_progress_has_a_line_for_each_caption_that_will_be():
    for takes in (1, 4, MOST_LINES):
        html = progress_html("m", [Take() for _ in range(takes)], 3.2, "a cat\nin two lines")
        assert html.count("progressbar") == takes
        captions = caption_data(["a"] * takes, ["a cat\nin two lines"])["text/html"]
        assert html.count("<div") == captions.count("<div")


def test_a_bar_moves_while_nobody_says_how_far_it_is():
    unknown, known = Take(), Take()
    known.percent = 40.0
    html = progress_html("m", [unknown, known], 8.0)
    assert html.count('class="nbext-waiting"') == html.count("<style>") == 1
    assert html.count("aria-valuenow") == 1, "only what is known is told to a screen reader"
    # 8 s of 1.6 s each: the next update goes on from here, and two seconds later it has ended.
    assert "animation-delay:-8.00s;animation-iteration-count:6.25" in html
    assert "prefers-reduced-motion" in html
    assert "<style>" not in progress_html("m", [known], 8.0)


def drawn(number, **fields):
    picture = PictureInfo(sha256="0" * 64, media_type="image/png", width=9, height=9, size=2000)
    fields = {"pictures": (picture,), "model": "m", "host": "h", "elapsed": number / 2} | fields
    record = Record(type="drawing", id=str(number), number=number, prompt="a cat", **fields)
    return SimpleNamespace(record=record, replayed=False, earlier=())


def test_many_takes_share_a_line_of_progress_and_of_caption():
    refused = Failure(type="ModerationError", message="no")
    items = [drawn(n, cost=0.04) for n in (*range(1, 21), 23, 24)]
    items.insert(5, drawn(21, error=refused, pictures=()))
    assert captions(items) == [
        "@1–@20, @23, @24 · 22 takes · m · 0.5–12.0 s · 9×9 · 44.0 kB · 0.88 USD · h",
        "@21 · m · 10.5 s · refused · h",
    ]
    assert len(captions(items[:MOST_LINES])) == MOST_LINES
    takes = [Take() for _ in items]
    for take, item in zip(takes[:8], items, strict=False):
        take.drawing = item
    takes[8].percent = 50.0
    html = progress_html("<m>", takes, 3.2)
    assert html.count("progressbar") == 1
    assert "&lt;m&gt; · 3 s · 8/23 · 1 failed" in html
    assert progress_text("m", takes, 3.2) == "m · 3 s · 8/23 · 1 failed · 37 %"


@pytest.mark.parametrize("ratio", ["1:1", "2:3", "16:9", "1:3"])
def test_each_picture_of_a_full_sheet_can_be_seen(ratio):
    shown = placeholder(ratio, 36)[1]["image/png"]["width"]
    assert shown / 6 > 60 if ratio == "1:3" else shown == 800
