"""The parts, heard as their pages hear them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

import nbext.panel
from nbext.data.record import Record
from nbext.data.request import Reference
from nbext.drawings.history import History
from nbext.imaging.thumbnail import small_webp
from nbext.panel.base import asset
from nbext.panel.compare import Compare
from nbext.panel.dropzone import DropZone, name_of
from nbext.panel.fallback import STILL_BYTES, still
from nbext.panel.gallery import Gallery
from nbext.panel.heartbeat import Heartbeat
from nbext.panel.mask import MaskPainter
from nbext.panel.result import details
from nbext.panel.thumbnails import Thumbnails
from nbext.store.store import Store
from tests.sinks import picture

FOLDER = Path(nbext.panel.__file__).parent
# A part has a style beside its script; what parts share is inside of theirs.
SCRIPTS = sorted(path.with_suffix(".js").name for path in FOLDER.glob("*.css"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_small_and_says_what_it_said(name):
    text = asset(name)
    assert len(text.encode()) < 24_000
    assert "export default" in text
    assert "// @ts-check" not in text
    assert "import " not in text


@pytest.fixture
def history(tmp_path):
    store = Store(tmp_path / "many.draws")
    infos = [store.put(picture(size=(300 + n, 200))) for n in range(4)]
    for number in range(1, 61):
        store.append(
            Record(
                type="drawing",
                id=f"id{number}",
                number=number,
                model="nano-banana" if number % 3 == 0 else "gpt-4o-image",
                prompt=f"cat number {number}",
                started=f"2026-11-{1 + number % 28:02}T10:00:00.000Z",
                pictures=[] if number == 7 else [infos[number % 4]],
                changes={"star": True} if number == 5 else {},
            )
        )
    return History(store)


def test_the_gallery_sends_what_is_visible_and_nothing_else(history, page, wait):
    gallery = Gallery(history=history)
    shown = page(gallery)
    shown.say("find", turn=1)
    found, _ = shown.last("matches")
    assert (found["total"], found["all"]) == (60, 60)
    assert found["models"] == ["gpt-4o-image", "nano-banana"]
    shown.say("want", turn=1, indices=[0, 1, 53, 99, -1, "x"])

    def sent():
        return [item for content, _ in shown.of("thumbs") for item in content["items"]]

    # A slow machine sends them in several messages.
    wait(lambda: len(sent()) >= 3)
    assert [item["name"] for item in sent()] == ["@60", "@59", "@7"]
    assert all(len(content["items"]) == len(sent_) for content, sent_ in shown.of("thumbs"))
    buffers = [buffer for _, sent_ in shown.of("thumbs") for buffer in sent_]
    assert buffers[2] == b""
    assert max(Image.open(io.BytesIO(buffers[0])).size) <= 176
    assert all(len(b) < 20_000 for b in buffers)
    gallery.close()


def test_what_a_page_can_see_comes_without_being_asked_for(history, page, wait):
    gallery = Gallery(history=history)
    shown = page(gallery)
    for turn, first, last, numbers in ((1, 0, 5, range(60, 55, -1)), (2, 58, 999, (2, 1))):
        shown.say("find", turn=turn, first=first, last=last)
        names = [f"@{number}" for number in numbers]

        def come(turn=turn):
            return [
                i["name"] for c, _ in shown.of("thumbs") if c["turn"] == turn for i in c["items"]
            ]

        wait(lambda names=names, come=come: come() == names)
    shown.say("find", turn=3, first="0", last=None)
    shown.say("find", turn=4, first=-5, last=10**9, text="no such words")
    assert shown.last("matches")[0]["total"] == 0
    gallery.close()


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({"text": "number 12"}, 1),
        ({"model": "nano-banana"}, 20),
        ({"starred": True}, 1),
        ({"since": "2026-11-28"}, 2),
        ({"until": "2026-11-01"}, 2),
        ({"text": "no such words"}, 0),
    ],
)
def test_the_gallery_is_filtered(history, page, asked, total):
    gallery = Gallery(history=history)
    shown = page(gallery)
    shown.say("find", turn=2, **asked)
    assert shown.last("matches")[0]["total"] == total
    gallery.close()


def test_a_wrong_date_is_said_and_not_raised(history, page):
    gallery = Gallery(history=history)
    said = []
    gallery.failed = said.append
    page(gallery).say("find", turn=2, since="yesterday")
    assert "not a date" in str(said[0])
    gallery.close()


def test_a_click_chooses_also_twice(history, page):
    gallery = Gallery(history=history)
    shown, chosen = page(gallery), []
    gallery.observe(lambda change: change["new"] and chosen.append(change["new"].number), "chosen")
    for _ in range(2):
        shown.say("open", id="id9")
    shown.say("open", id="nobody")
    assert chosen == [9, 9]
    gallery.close()


def test_the_export_is_handed_over(history, page, wait):
    gallery = Gallery(history=history)
    files = []
    gallery.download = lambda *file: files.append(file)
    page(gallery).say("export")
    wait(lambda: files)
    assert files[0][0] == "many.html"
    assert b"cat number 60" in files[0][1]
    gallery.close()


def test_the_drop_zone_takes_pictures_alone(page):
    zone = DropZone()
    shown = page(zone)
    data = picture()
    shown.say("piece", [data], id="a", name="cat.png", at=0, total=len(data))
    shown.say("piece", [b"words"], id="b", name="notes.txt", at=0, total=5)
    assert [image.source for image in zone.images] == ["cat.png"]
    assert [c["ok"] for c, _ in shown.of("taken")] == [True, False]
    assert shown.last("complain")[0]["text"] == "notes.txt is not a picture."
    items, buffers = shown.last("strip")[0]["items"], shown.last("strip")[1]
    assert items == [{"name": "cat.png", "mask": False, "error": ""}]
    assert Image.open(io.BytesIO(buffers[0])).format == "WEBP"
    shown.say("remove", index=5)
    shown.say("remove", index=0)
    assert zone.images == []
    zone.close()


def test_a_broken_reference_keeps_its_place(page):
    zone = DropZone()
    shown = page(zone)
    zone.images = [Reference.of(b"\x89PNG\r\n\x1a\n broken", source="x.png"), "no/such.png"]
    items = shown.last("strip")[0]["items"]
    assert items[0]["error"].startswith("x.png: ")
    assert items[1]["name"] == "such.png"
    assert name_of(b"") == "bytes"
    zone.close()


def mask(size, form="PNG"):
    buffer = io.BytesIO()
    Image.new("RGBA" if form == "PNG" else "RGB", size).save(buffer, form)
    return buffer.getvalue()


def test_a_mask_of_another_size_is_refused(page):
    painter = MaskPainter()
    shown, said, got = page(painter), [], []
    painter.failed, painter.painted = said.append, got.append
    painter.show(Reference.of(picture(size=(64, 48))))
    assert shown.last("paint")[0]["width"] == 64
    for data in (mask((48, 64)), mask((64, 48), "JPEG"), b"nothing"):
        shown.say("piece", [data], id="m", name="mask.png", at=0, total=len(data))
    assert len(said) == 3
    assert painter.mask is None
    data = mask((64, 48))
    shown.say("piece", [data], id="m", name="mask.png", at=0, total=len(data))
    assert got[0].data == data
    painter.close()


def test_compare_shows_two_and_others_to_choose(history, page):
    compare = Compare()
    shown = page(compare)
    shown.say("hello")
    assert shown.heard == []
    compare.show(history[3].pictures[0], history[9].pictures[0], history)
    said, buffers = shown.last("pair")
    assert said["ids"] == ["@3", "@9"]
    assert len(buffers) == 2
    assert said["choices"][0]["id"] == "@60"
    shown.say("pair", ids=["@60", "@9"])
    assert shown.last("pair")[0]["ids"] == ["@60", "@9"]
    compare.close()


def test_the_pulse_beats_while_a_page_is_there(page, wait, monkeypatch):
    monkeypatch.setattr("nbext.panel.heartbeat.BEAT", 0.01)
    pulse = Heartbeat()
    shown = page(pulse)
    shown.say("ping")
    wait(lambda: len(shown.of("beat")) > 3)
    monkeypatch.setattr("nbext.panel.heartbeat.LEASE", 0.0)
    shown.say("ping")
    wait(lambda: pulse._thread is None)
    pulse.close()


def test_the_pulse_says_what_it_has_heard(page):
    pulse = Heartbeat()
    shown = page(pulse)
    shown.say("ping", id="7-0.5")
    assert shown.last("beat")[0]["heard"] == "7-0.5"
    pulse.close()


def test_a_message_that_makes_no_sense_is_ignored():
    pulse = Heartbeat()
    for content in (None, [], "ping", {}, {"do": None}, {"do": "no such thing"}):
        pulse._hear(pulse, content, None)
    pulse.close()


def test_small_pictures_are_made_once(history):
    thumbnails = Thumbnails()
    info = history[1].record.pictures[0]
    first = thumbnails.make(history.store, info.sha256, info.media_type, 50)
    assert thumbnails.make(history.store, info.sha256, info.media_type, 50) is first
    assert thumbnails.make(history.store, "0" * 64, info.media_type, 50) == b""
    assert max(Image.open(io.BytesIO(first)).size) == 50
    thumbnails.close()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1", "I;16", "CMYK"])
def test_every_kind_of_pixel_becomes_small(mode):
    buffer = io.BytesIO()
    Image.new(mode, (400, 300)).save(buffer, "JPEG" if mode == "CMYK" else "PNG")
    data = buffer.getvalue()
    media_type = "image/jpeg" if mode == "CMYK" else "image/png"
    assert max(Image.open(io.BytesIO(small_webp(data, media_type, 100))).size) == 100


def test_a_still_is_small_whatever_the_picture(tmp_path):
    store = Store(tmp_path / "x.draws")
    buffer = io.BytesIO()
    Image.effect_noise((1200, 900), 120).save(buffer, "PNG")
    info = store.put(buffer.getvalue())
    store.append(Record(type="drawing", id="a", number=1, prompt="noise", pictures=[info]))
    made = still(History(store)[1], "a line")
    import base64

    assert len(base64.b64decode(made["image/jpeg"])) <= STILL_BYTES
    assert "text/html" not in made
    assert made["text/plain"].startswith("a line\n@1")
    assert still(None, "<b>")["text/html"] == "<p>&lt;b&gt;</p>"


def test_details_are_in_the_language_of_the_panel(tmp_path):
    import re

    store = Store(tmp_path / "cats.draws")
    asides = {"system": "Paint in ink.", "prompt_sent": "a cat 2:3", "host": "relay.example"}
    store.append(
        Record(
            type="drawing",
            id="a",
            number=1,
            prompt="a cat",
            revised_prompt="a cat in ink",
            pictures=[store.put(picture())],
            request_id="r",
            cost=0.04,
            elapsed=2.0,
            started="2026-11-01T10:00:00.000Z",
            **asides,
        )
    )
    rows = details(History(store)[1], "zh")
    assert ("系统消息", "Paint in ink.") in rows
    assert ("实际发送的提示词", "a cat 2:3") in rows
    assert [name for name, _ in rows if re.search("[A-Za-z]", name)] == []
