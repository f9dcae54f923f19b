"""What the user holds: pictures, drawings, and how they are shown and saved."""

from __future__ import annotations

import base64
import io
import warnings
from types import SimpleNamespace

import msgspec
import pytest
from PIL import Image

from nbext.data.options import Options
from nbext.data.record import Failure, Record, ReferenceInfo
from nbext.display.mimebundle import bundle, sheet_bundle
from nbext.drawings.drawing import Drawing, Drawings
from nbext.drawings.history import History
from nbext.errors import HistoryError, OptionError, PictureError
from nbext.imaging.contact_sheet import contact_sheet
from nbext.imaging.decode import encode, preview
from nbext.session import rerun
from nbext.store.store import Store
from tests.records import draw, noise, picture

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 20"><rect width="10" height="20" fill="#f00"/></svg>'


def made(history, data=b"", /, **fields):
    return history.by_ids([draw(history.store, data, **fields).id])[0]


def opened(bundle_):
    data, metadata = bundle_
    (kind,) = [k for k in data if k.startswith("image/")]
    assert list(data) == [kind, "text/plain"]
    image = Image.open(io.BytesIO(base64.b64decode(data[kind])))
    assert image.get_format_mimetype() == kind
    return image, metadata


def test_a_picture_says_what_it_is(history):
    data = picture(size=(20, 10))
    drawing = made(history, data)
    (p,) = drawing.pictures
    assert (p.data, p.media_type, p.width, p.height, p.size) == (
        data,
        "image/png",
        20,
        10,
        len(data),
    )
    assert p.path == history.store.path(p.sha256)
    assert p.image.size == (20, 10)
    assert repr(p) == "<Picture @1: 20×10 PNG, 0.1 kB>"
    assert drawing.image.getpixel((0, 0)) == (255, 0, 0)


def test_the_second_picture_is_named_after_its_place(history):
    drawing = made(history, [picture("red"), picture("blue")])
    assert [p.name for p in drawing.pictures] == ["@1", "@1.2"]


def test_a_small_png_or_jpeg_is_shown_as_it_is(history):
    for form in ("PNG", "JPEG"):
        data = picture(form=form)
        shown, metadata = made(history, data, prompt="画只猫")._repr_mimebundle_()
        kind = f"image/{form.lower()}"
        assert base64.b64decode(shown[kind]) == data
        assert metadata[kind] == {"alt": "画只猫"}


@pytest.mark.parametrize("form", ["WEBP", "AVIF", "GIF"])
def test_other_formats_are_shown_as_png(history, form):
    image, metadata = opened(made(history, picture(form=form, size=(40, 30)))._repr_mimebundle_())
    assert (image.format, image.size) == ("PNG", (40, 30))
    assert metadata["nbext"]["preview"] is True


def test_a_large_picture_is_shown_smaller_and_kept_whole(history):
    data = noise((1200, 900))
    drawing = made(history, data)
    shown, _ = result = drawing._repr_mimebundle_()
    image, metadata = opened(result)
    assert sum(len(v) for v in shown.values()) < 1_400_000
    assert metadata["nbext"]["preview"] is True
    assert abs(image.width / image.height - 4 / 3) < 0.01
    assert drawing.pictures[0].data == data


@pytest.mark.parametrize("limit", [0, 1, 2_000, 50_000])
def test_a_preview_keeps_its_limit_where_it_can(limit):
    for image in (
        Image.open(io.BytesIO(noise((400, 300)))),
        Image.open(io.BytesIO(noise((400, 300), mode="RGBA"))),
    ):
        data, kind = preview(image, limit)
        assert kind == "image/jpeg"
        assert len(data) <= max(limit, 1200)


@pytest.mark.parametrize("share", [0.9, 0.7, 0.5])
def test_a_sheet_over_the_limit_stays_clear_between_its_pictures(share):
    pictures = [Image.open(io.BytesIO(noise((400, 300)))).resize((506, 380)) for _ in range(4)]
    sheet = contact_sheet(pictures, ["@1", "@2", "@3", "@4"])
    limit = int(share * len(encode(sheet, "PNG")))
    data, kind = preview(sheet, limit)
    smaller = Image.open(io.BytesIO(data))
    assert (kind, smaller.mode, len(data) <= limit) == ("image/png", "RGBA", True)
    gap = (smaller.width // 2, smaller.height // 4)
    assert smaller.getpixel(gap)[3] == 0, "the page's own colour"
    assert smaller.width > sheet.width / 2


def test_a_preview_of_every_mode():
    for mode in (
        "1",
        "L",
        "LA",
        "P",
        "PA",
        "RGB",
        "RGBA",
        "CMYK",
        "YCbCr",
        "I;16",
        "F",
        "HSV",
        "LAB",
    ):
        data, kind = preview(Image.new(mode, (30, 20)), 1_000_000)
        assert kind == "image/png"
        assert Image.open(io.BytesIO(data)).size == (30, 20)


def test_a_preview_is_turned_as_exif_says():
    image = Image.new("RGB", (40, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", exif=exif)
    data, _ = preview(Image.open(buffer), 1_000_000)
    assert Image.open(io.BytesIO(data)).size == (20, 40)


def test_the_metadata_says_how_it_was_made(history):
    parent = made(history, picture("blue"))
    drawing = made(
        history, picture(), parents=[parent.id], host="relay.example", parameters={"aspect": "2:3"}
    )
    about = drawing._repr_mimebundle_()[1]["nbext"]
    assert about["number"] == 2
    assert about["parents"] == [parent.id]
    assert about["pictures"] == [drawing.pictures[0].sha256]
    assert (about["host"], about["parameters"]) == ("relay.example", {"aspect": "2:3"})


def test_words_alone_are_plain_text(history):
    drawing = made(history, text="\x1b[2JA poem\nin two lines\x07")
    data, _ = drawing._repr_mimebundle_()
    assert data == {"text/plain": "[2JA poem\nin two lines"}


def test_what_cannot_be_shown_leaves_words(history):
    missing, broken = made(history, picture("red")), made(history, picture("blue", form="WEBP"))
    missing.pictures[0].path.unlink()
    broken.pictures[0].path.write_bytes(b"RIFF\0\0\0\0WEBPrubbish")
    for drawing, said in ((missing, "is not in cats.draws"), (broken, "cannot be decoded")):
        data, _ = bundle(drawing)
        assert list(data) == ["text/plain"]
        assert data["text/plain"].startswith(f"@{drawing.number} · gpt-4o-image")
        assert said in data["text/plain"]
    image, _ = opened(sheet_bundle([missing, broken, made(history, picture("green"))]))
    assert image.width == 1024


def test_several_pictures_are_one_sheet(history):
    colours = ["red", "lime", "blue", "yellow", "cyan"]
    for count, size in {2: (1024, 538), 3: (1024, 365), 4: (1024, 1088), 5: (1024, 742)}.items():
        drawing = made(history, [picture(c, (50, 50)) for c in colours[:count]])
        image, _ = opened(bundle(drawing))
        assert image.size == size
        # In order: left to right, then down; nothing between them.
        first = image.convert("RGBA").getpixel((100, 100))
        second = image.convert("RGBA").getpixel((700, 100))
        assert first == (255, 0, 0, 255)
        assert second != first


def test_a_sheet_keeps_proportions_and_its_width():
    tall, wide = Image.new("RGB", (10, 200), "red"), Image.new("RGB", (200, 10), "blue")
    sheet = contact_sheet([tall, wide])
    assert sheet.size == (1024, 200)
    assert sheet.getpixel((512, 100)) == (0, 0, 0, 0)


def test_a_sheet_of_extreme_pictures_stays_small(history):
    drawings = [made(history, picture("red", size)) for size in ((1, 5000), (5000, 1), (1, 1))]
    image, _ = opened(sheet_bundle(drawings))
    assert image.height <= 3 * 1024


def test_a_sheet_of_many_says_how_many(history):
    drawing = made(history, [picture((n, 0, 0)) for n in range(40)])
    data, _ = bundle(drawing)
    assert "The first 36 of 40 pictures are shown." in data["text/plain"]


def test_takes_are_shown_as_one_sheet_with_their_captions(history):
    takes = Drawings([made(history, picture(c), take=n) for n, c in enumerate(("red", "blue"))])
    data, metadata = takes._repr_mimebundle_()
    assert data["text/plain"].splitlines() == [t.caption() for t in takes]
    assert [f["number"] for f in metadata["nbext"]["drawings"]] == [1, 2]
    assert Drawings()._repr_mimebundle_() == {"text/plain": "[]"}


def test_caption(history):
    data = picture(size=(1024, 1536))
    full = made(history, data, elapsed=12.42, host="relay.example")
    size = f"{len(data) / 1e3:.1f} kB"
    assert full.caption() == f"@1 · gpt-4o-image · 12.4 s · 1024×1536 · {size} · relay.example"
    sketch = made(history, data, embedded=True, host="127.0.0.1:5000")
    assert sketch.caption().endswith("· embedded endpoint, a sketch")
    assert sketch.caption("zh").endswith("· 内置端点，草图")
    assert "127.0.0.1" not in sketch.caption()
    assert made(history, b"", embedded=True).caption().endswith("· embedded endpoint")
    started = "2026-11-22T14:03:00.000+00:00"
    earlier = msgspec.structs.replace(full.record, started=started)
    replayed = Drawing(earlier, history, replayed=True)
    assert " · replayed from 2026-11-2" in replayed.caption()
    assert replayed.caption().endswith(" · run again for a new take")
    failed = made(history, error=Failure(type="QuotaError", message="no money"))
    assert "no credit left" in failed.caption()
    history.store.begin(Record(type="sent", id="u", model="m"))
    assert history[-1].caption() == "@5 · m · sent, no answer recorded"


def test_a_strangers_record_cannot_write_to_the_terminal(history):
    evil = "\x1b]0;title\x07\x1b[2Jm\nodel\u202e"
    drawing = made(
        history, model=evil, prompt=evil, host=evil, error=Failure(type=evil, message=evil)
    )
    for said in (drawing.caption(), repr(drawing), repr(history), repr(Drawings([drawing]))):
        assert "\x1b" not in said
        assert "\x07" not in said
        assert "\u202e" not in said
    assert "\n" not in drawing.caption()


@pytest.mark.parametrize(
    "started", ["", "yesterday", "2026-11-22", "2026-11-22T14:03:00Z", "9" * 50]
)
def test_a_start_may_be_anything(history, started):
    drawing = made(history, started=started)
    when = drawing.started
    assert when is None or when.tzinfo is not None
    assert history.search(since="2020-01-01", until="2030-01-01") == ([drawing] if when else [])


def test_changes_may_be_anything(history):
    for tags in (5, "abc", None, {"a": 1}, ["a", 2, None]):
        drawing = made(history)
        history.store.append(
            Record(type="note", id=drawing.id, changes={"tags": tags, "star": "yes", "note": 7})
        )
        assert all(isinstance(tag, str) for tag in drawing.tags)
        assert drawing.starred is False
        assert drawing.note == "7"
        assert drawing in history.search("7")


# Saving


def test_save_keeps_the_bytes_and_takes_its_suffix(history, tmp_path):
    data = picture(form="JPEG")
    p = made(history, data).pictures[0]
    target = p.save(tmp_path / "cat", provenance=False)
    assert target == tmp_path / "cat.jpg"
    assert target.read_bytes() == data
    assert p.save(tmp_path / "new" / "deep" / "x.jpeg", provenance=False).read_bytes() == data


def test_save_into_a_folder_names_it_by_number(history, tmp_path):
    drawing = made(history, [picture("red"), picture("blue")])
    assert drawing.pictures[1].save(tmp_path) == tmp_path / "1-2.png"
    assert (
        drawing.save(str(tmp_path / "not there yet") + "/") == tmp_path / "not there yet" / "1.png"
    )
    assert Drawings([drawing]).save(tmp_path / "all") == [tmp_path / "all" / "1.png"]


def test_save_refuses_to_overwrite(history, tmp_path):
    drawing = made(history, picture())
    target = tmp_path / "cat.png"
    target.write_bytes(b"mine")
    with pytest.raises(OptionError, match="overwrite=True"):
        drawing.save(target)
    assert target.read_bytes() == b"mine"
    assert drawing.save(target, overwrite=True, provenance=False).read_bytes() == picture()


@pytest.mark.parametrize(("suffix", "form"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP"), ("gif", "GIF"), ("avif", "AVIF")])  # fmt: skip
def test_save_converts_to_the_suffix(history, tmp_path, suffix, form):
    data = (
        picture((255, 0, 0, 0), form="WEBP", size=(30, 20), lossless=True)
        if suffix != "webp"
        else picture()
    )
    target = made(history, data).save(tmp_path / f"cat.{suffix}")
    with Image.open(target) as image:
        found = image.format, image.size
    assert found == (form, (30, 20) if suffix != "webp" else (8, 6))


def test_transparent_becomes_white_in_a_jpeg(history, tmp_path):
    buffer = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(buffer, "PNG")
    target = made(history, buffer.getvalue()).save(tmp_path / "cat.jpg")
    with Image.open(target) as image:
        assert image.getpixel((0, 0)) == (255, 255, 255)


def test_save_says_what_is_not_possible(history, tmp_path):
    drawing = made(history, picture())
    with pytest.raises(OptionError, match=r"cannot be saved as \.docx"):
        drawing.save(tmp_path / "cat.docx")
    (tmp_path / "file").write_text("")
    with pytest.raises(OptionError, match="cannot be written"):
        drawing.save(tmp_path / "file" / "cat.png")
    with pytest.raises(HistoryError, match="has no picture"):
        made(history, text="no").save(tmp_path / "x")
    drawing.pictures[0].path.unlink()
    with pytest.raises(HistoryError, match="is not in"):
        drawing.save(tmp_path / "y.png")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cats.draws", "file"]


def test_a_film_is_saved_as_it_is(history, tmp_path):
    film = b"\x00\x00\x00\x18ftypmp42" + bytes(64)
    record = history.store.begin(Record(type="sent", id="f", model="m", kind="video"))
    record.films, record.type = [history.store.put(film)], "drawing"
    history.store.append(record)
    drawing = history.last
    assert drawing.save(tmp_path / "cat").read_bytes() == film
    assert drawing.save(tmp_path / "dog").suffix == ".mp4"
    with pytest.raises(OptionError, match=r"own format is \.mp4\."):
        drawing.save(tmp_path / "cat.png")
    assert repr(drawing).endswith("a film>")


# Hostile pictures


def test_a_picture_that_claims_too_much_is_not_decoded(tmp_path, history):
    data = bytearray(picture())
    data[16:24] = (50_000).to_bytes(4, "big") * 2
    history.store.max_pixels = 10**10
    drawing = made(history, bytes(data))
    history.store.max_pixels = 50_000_000
    with warnings.catch_warnings(), pytest.raises(PictureError, match="50000×50000"):
        drawing.image  # noqa: B018


def test_cut_and_flipped_pictures_raise_picture_errors_only(history):
    from nbext.imaging.decode import open_image

    for form in ("PNG", "JPEG", "WEBP", "GIF"):
        data = picture(form=form, size=(16, 16))
        for at in range(0, len(data), max(1, len(data) // 60)):
            flipped = bytearray(data)
            flipped[at] ^= 0xFF
            for bad in (data[:at], bytes(flipped)):
                try:
                    open_image(bad, f"image/{form.lower()}")
                except PictureError:
                    continue


def test_a_format_is_opened_as_what_it_is_only():
    from nbext.imaging.decode import open_image

    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "BMP")
    for kind in ("image/png", "image/bmp", "", "video/mp4"):
        with pytest.raises(PictureError):
            open_image(buffer.getvalue(), kind)
    with pytest.raises(PictureError):
        open_image(picture(), "image/jpeg")


def test_svg_is_shown_as_png(history):
    image, _ = opened(made(history, SVG)._repr_mimebundle_())
    assert image.size == (512, 1024)
    assert image.convert("RGB").getpixel((256, 512)) == (255, 0, 0)


def test_svg_reads_no_file(history, tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(picture("blue", (10, 10)))
    for name in ("href", "xlink:href"):
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'width="10" height="10"><image {name}="{secret}" width="10" height="10"/></svg>'
        )
        image = made(history, svg.encode()).image.convert("RGBA")
        assert image.getextrema()[3] == (0, 0)


@pytest.mark.parametrize(
    "svg",
    [
        "<svg",
        '<svg xmlns="http://www.w3.org/2000/svg">' + "<g>" * 100_000 + "</g>" * 100_000 + "</svg>",
        '<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"/>',
        "<!-- <svg --><!DOCTYPE a ["
        + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
        + "]><svg>&a11;</svg>",
        "<svg>\xff</svg>",
    ],
    ids=["cut", "deep", "nothing", "entities", "encoding"],
)
def test_a_hostile_svg_is_an_error(history, svg):
    with pytest.raises(PictureError, match="SVG cannot be drawn"):
        made(history, svg.encode("latin-1")).image  # noqa: B018


def test_an_svg_that_takes_too_long_is_stopped(history, monkeypatch):

    from nbext.imaging import svg

    monkeypatch.setattr(svg, "SECONDS", 0.5)
    tower = "<feGaussianBlur stdDeviation='300'/>" * 300
    slow = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="1000">'
        f"<filter id='f'>{tower}</filter>"
        + "<rect width='900' height='900' filter='url(#f)'/>" * 20
        + "</svg>"
    )
    with pytest.raises(PictureError, match="within"):
        made(history, slow.encode()).image  # noqa: B018


# Verbs


class Session:
    """Writes down what it is asked to draw."""

    def __init__(self):
        self.settings = SimpleNamespace(inline_limit=1_000_000, endpoints={}, endpoint="")
        self.asked = []

    def draw(self, prompt, **options):
        self.asked.append((prompt, options))
        return "drawn"

    def ask(self, options, *, turn=None):
        self.asked.append(options)
        return SimpleNamespace(wait=lambda: "drawn")

    def again(self, drawing, fields, *, line, below):
        return rerun.again(self, drawing, fields)

    def code(self, record, language):
        return f"{language}: {record.prompt}"


@pytest.fixture
def live(store):
    return History(store, session=Session())


def test_edit_gives_the_drawing_as_reference(live):
    drawing = made(live, picture())
    assert drawing.edit("加一顶帽子", images=["b.png"], aspect="1:1") == "drawn"
    assert live.session.asked == [
        (
            "加一顶帽子",
            {
                "model": "gpt-4o-image",
                "images": [drawing, "b.png"],
                "aspect": "1:1",
                "verb": "edit",
            },
        )
    ]


def test_again_asks_the_same(live):
    first = made(live, picture("blue"))
    shown, mask = (live.store.put(picture(c)) for c in ("red", "white"))
    drawing = made(
        live,
        picture(),
        kind="chat",
        system="be brief",
        parameters={"aspect": "2:3", "seed": 4, "style": "vivid"},
        references=[ReferenceInfo(sha256=shown.sha256, source="cat.png")],
        mask=ReferenceInfo(sha256=mask.sha256),
        continues=first.id,
    )
    assert drawing.again(seed=5) == "drawn"
    (options,) = live.session.asked
    (reference,) = options.images
    assert (reference.data, reference.source) == (picture("red"), "cat.png")
    assert options.mask.data == picture("white")
    assert msgspec.structs.replace(options, images=(), mask=None) == Options(
        prompt="画只猫",
        model="gpt-4o-image",
        kind="chat",
        system="be brief",
        aspect="2:3",
        seed=5,
        params={"style": "vivid"},
        continues=first,
        after=2,
    )


def test_code_comes_from_the_session(live):
    assert made(live, picture()).code("shell") == "shell: 画只猫"


def test_a_history_opened_to_read_says_what_to_do(history):
    drawing = made(history, picture())
    reader = History(Store(history.store.folder, read_only=True))
    for verb in (drawing.again, drawing.code, lambda: drawing.edit("x")):
        with pytest.raises(HistoryError, match="opened for reading only"):
            verb()
    with pytest.raises(HistoryError, match="opened for reading only"):
        reader[1].star()
    with pytest.raises(HistoryError, match="opened for reading only"):
        reader[1].note = "x"


def test_star_tag_and_note_reach_every_drawing_object(history):
    held = made(history, picture())
    same, other = history[1], History(Store(history.store.folder))[1]
    held.star().tag("final", "cat").tag("cat").untag("cat").note = "for the paper"
    for drawing in (held, same, other, history[1]):
        assert (drawing.starred, drawing.tags, drawing.note) == (True, ["final"], "for the paper")
    held.star(False)
    assert not same.starred
    assert history.starred == []


def test_a_note_reaches_the_drawing_that_a_session_gave(history):
    given = Drawing(draw(history.store, picture()), history)
    history[1].star().note = "later"
    assert (given.starred, given.note) == (True, "later")
    given.tag("mine")
    assert history[1].tags == ["mine"]
    assert history[1].starred


def test_parents_and_children(history):
    parent = made(history, picture())
    child = made(history, picture("blue"), parents=[parent.id, "lost"])
    assert child.parents == [parent]
    assert parent.children == [child]
    assert Drawings([parent, child]).pictures[1].name == "@2"
