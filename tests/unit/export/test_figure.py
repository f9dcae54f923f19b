"""Pictures of a page: every copy that leaves says how it was made, and none is held longer than needed."""

from __future__ import annotations

import base64
import io
import tracemalloc
import zlib

import pytest
from PIL import Image

import nbext
from nbext.data.picture import PictureInfo
from nbext.data.record import Record, ReferenceInfo
from nbext.export.gallery.figure import Figures
from nbext.export.gallery.page import write_html
from nbext.export.metadata.containers import has_c2pa
from nbext.store.store import Store
from tests.sinks import picture
from tests.unit.export.test_gallery import Page, drawing, written


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cats.draws")


def bytes_of(uri, folder):
    if uri.startswith("data:"):
        return base64.b64decode(uri.partition(",")[2], validate=True)
    return (folder / uri).read_bytes()


def copies(page, folder):
    """The bytes of each picture of a page, small and whole."""
    (_, image, _), (_, button, _) = page.all("img", loading="lazy")[0], page.all("button")[0]
    button = page.all("button", class_="picture")[0][1]
    small = bytes_of(image["src"], folder)
    return small, bytes_of(button["data-source"], folder) if "data-source" in button else small


@pytest.mark.parametrize("embed", [True, False])
@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_what_is_saved_from_the_page_gives_the_request_back(store, tmp_path, form, embed):
    data = picture(form, (900, 600))
    given = store.put(picture(size=(8, 8)))
    record = drawing(
        3,
        prompt="画只猫",
        model="gpt-4o-image",
        host="relay.example",
        finished="2026-11-23T10:00:00.000Z",
        parameters={"aspect": "3:2"},
        references=[ReferenceInfo(sha256=given.sha256)],
        pictures=[store.put(data)],
    )
    small, whole = copies(Page(written(store, record, embed=embed)), tmp_path)
    assert Image.open(io.BytesIO(whole)).tobytes() == Image.open(io.BytesIO(data)).tobytes()
    assert Image.open(io.BytesIO(small)).size == (512, 341)
    for copy in (small, whole):
        made = nbext.read(copy)
        assert (made.prompt, made.model, made.host) == ("画只猫", "gpt-4o-image", "relay.example")
        assert made.parameters == {"aspect": "3:2"}
        assert made.created == "2026-11-23T10:00:00.000Z"
        assert made.parents == [given.sha256]
        assert made.sha256 == record.pictures[0].sha256


@pytest.mark.parametrize("embed", [True, False])
def test_a_picture_with_content_credentials_is_untouched_and_that_is_said(store, tmp_path, embed):
    plain = picture(size=(900, 600))
    body = b"\x00\x00\x00\x04caBXjumb"
    signed = plain[:33] + body + zlib.crc32(b"caBXjumb").to_bytes(4, "big") + plain[33:]
    assert has_c2pa(signed)
    page = Page(written(store, drawing(1, pictures=[store.put(signed)]), embed=embed))
    small, whole = copies(page, tmp_path)
    assert whole == signed
    assert nbext.read(small).prompt == "cat 1"
    assert "with Content Credentials from its provider, so the file was left untouched" in page.text


@pytest.mark.parametrize("embed", [True, False])
def test_a_format_that_holds_no_note_is_shown_as_it_is(store, tmp_path, embed):
    data = b'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>'
    page = Page(written(store, drawing(1, pictures=[store.put(data)]), embed=embed))
    assert copies(page, tmp_path)[1] == data
    assert "the file itself does not say how it was made" in page.text


def test_the_same_picture_twice_says_each_drawing(store):
    info = store.put(picture())
    page = Page(written(store, drawing(1, pictures=[info, info]), drawing(2, pictures=[info])))
    shown = [bytes_of(values["src"], None) for _, values, _ in page.all("img", loading="lazy")]
    assert [nbext.read(data).prompt for data in shown] == ["cat 2", "cat 1", "cat 1"]


def test_films_go_in_as_they_are(store, tmp_path):
    data = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(range(256)) * 9000
    record = drawing(1, kind="video", films=[store.put(data)])
    for embed in (True, False):
        page = Page(written(store, record, embed=embed, overwrite=True))
        assert bytes_of(page.all("video")[0][1]["src"], tmp_path) == data


def test_pictures_that_were_given_stand_once(store):
    hat, sofa = store.put(picture(size=(700, 500))), store.put(picture(size=(9, 9)))
    page = Page(
        written(
            store,
            drawing(1, references=[ReferenceInfo(sha256=hat.sha256, source="hat.png")]),
            drawing(2, references=[ReferenceInfo(sha256=hat.sha256, source="hat.png")]),
            drawing(
                3,
                references=[ReferenceInfo(sha256="ab" * 32, source="<gone>")],
                mask=ReferenceInfo(sha256=sofa.sha256),
            ),
            drawing(4, references=[ReferenceInfo(sha256=sofa.sha256, drawing="id1")]),
        )
    )
    section = page.all("section", class_="references")
    assert len(section) == 1
    assert [v["id"] for _, v, _ in page.all("li") if v.get("id", "").startswith("reference-")] == [
        *(f"reference-{name}" for name in ("ab" * 32, sofa.sha256, hat.sha256)),
    ]
    assert "hat.png for @2 @1" in " ".join(section[0][2].split())
    assert ("a", {"href": f"#reference-{hat.sha256}"}, "hat.png") in page.all("a")
    (_, card, _) = page.all("li", id="@4")[0]
    assert (card["data-before"], "data-references" in card) == ("1", False)


def peak(records, target, store):
    """Bytes of memory at the peak of an export."""
    tracemalloc.start()
    write_html(records, target, picture_path=store.path, embed=True, overwrite=True)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_memory_does_not_grow_with_the_number(tmp_path):
    """Ten times the drawings take ten times the page, and hardly more memory."""
    store = Store(tmp_path / "many.draws")
    infos = [store.put(picture(size=(600 + n, 500))) for n in range(8)]
    peaks, sizes = [], []
    for count in (60, 600):
        records = [
            Record(type="drawing", id=f"{n}", number=n, prompt=f"cat {n}", pictures=[infos[n % 8]])
            for n in range(1, count + 1)
        ]
        target = tmp_path / f"{count}.html"
        write_html(records[:5], tmp_path / f"first{count}.html", picture_path=store.path)
        # The interpreter's own table of names grows now and then, and needs twice its size for it.
        peaks.append(min(peak(records, target, store) for _ in range(2)))
        sizes.append(target.stat().st_size)
    assert sizes[1] > 8 * sizes[0]
    assert peaks[1] - peaks[0] < 0.15 * (sizes[1] - sizes[0])
    assert peaks[1] < peaks[0] + 2_000_000


def test_a_large_film_is_never_in_memory_whole(tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(30_000_000))
    record = drawing(
        1, kind="video", films=[Store(tmp_path / "a.draws").put(b"GIF89a" + b"\0" * 9)]
    )
    write_html([record], tmp_path / "first.html", picture_path=lambda _: film)
    tracemalloc.start()
    write_html([record], tmp_path / "film.html", picture_path=lambda _: film)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "film.html").stat().st_size > 40_000_000
    assert peak < 12_000_000


def test_a_page_that_is_torn_in_writing_leaves_no_torn_picture(store, tmp_path, monkeypatch):
    info = store.put(picture(size=(900, 600)))

    def full(*_):
        raise OSError(28, "No space left on device")

    figures = Figures(store.path, tmp_path / "cats_files")
    monkeypatch.setattr("nbext.export.gallery.figure._write", full)
    with pytest.raises(OSError, match="No space left"):
        figures.show(drawing(1), info)
    assert list((tmp_path / "cats_files").rglob("*.png")) == []


def test_what_may_be_seen_through_is_marked(store):
    def saved(form, mode, **how):
        buffer = io.BytesIO()
        Image.new(mode, (30, 20)).save(buffer, form, **how)
        return store.put(buffer.getvalue())

    shown = {
        "opaque": saved("PNG", "RGB"),
        "alpha": saved("PNG", "RGBA"),
        "one colour": saved("PNG", "P", transparency=0),
        "webp": saved("WEBP", "RGBA"),
        "opaque webp": saved("WEBP", "RGB"),
        "jpeg": saved("JPEG", "RGB"),
    }
    figures = Figures(store.path, None)
    record = drawing(1, pictures=list(shown.values()))
    clear = {name for name, info in shown.items() if figures.show(record, info).clear}
    assert clear == {"alpha", "one colour", "webp"}
    buttons = Page(written(store, record)).all("button", class_="picture")
    assert ["clear" in values["class"].split() for _, values, _ in buttons] == [
        name in clear for name in shown
    ]


def test_pictures_that_are_prepared_come_in_any_order_and_in_any_number(store):
    infos = [store.put(picture(size=(800 + n, 500))) for n in range(3)]
    gone = drawing(9, pictures=[PictureInfo(sha256="0" * 64, media_type="image/png", size=1)])
    records = [drawing(n, pictures=[infos[n % 3]]) for n in range(1, 51)]
    with Figures(store.path, None) as figures:
        figures.prepare((r, r.pictures[0]) for r in (gone, *records))
        assert figures.show(gone, gone.pictures[0]).source == ""
        for record in (*records[45:], *records):
            shown = figures.show(record, record.pictures[0])
            whole = b"".join(figures.stream([shown.source], "ascii")).partition(b",")[2]
            assert nbext.read(base64.b64decode(whole)).prompt == record.prompt
        assert shown.thumbnail != shown.source


def test_an_icon_with_much_beside_its_pixels_is_its_own_thumbnail(store):
    infos = [store.put(picture(size=(side, side)) + bytes(60_000)) for side in (64, 65)]
    record = drawing(1, pictures=infos)
    with Figures(store.path, None) as figures:
        figures.prepare((record, info) for info in infos)
        shown = [figures.show(record, info) for info in infos]
    assert [one.source == one.thumbnail for one in shown] == [True, False]
