"""The gallery as a file: what came from outside stays text, and nothing is asked of the network."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
import struct
import zlib
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from PIL import Image

import nbext
from nbext.data.picture import PictureInfo
from nbext.data.record import Failure, Record, ReferenceInfo
from nbext.errors import HistoryError, OptionError
from nbext.export.gallery.page import write_html
from nbext.store.store import Store
from nbext.util.text import language, moment
from tests.records import draw, noise
from tests.sinks import picture

VOID = {"meta", "img", "input", "br", "hr", "link"}
# Elements and attributes that run, load or send something.
RUNS = {"script", "iframe", "object", "embed", "link", "base", "svg", "math", "applet", "audio"}


class Page(HTMLParser):
    """A page as a parser sees it: elements with attributes and the text inside them."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.open = []
        self.feed(html)
        self.close()
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag, attributes):
        assert len({name for name, _ in attributes}) == len(attributes), (tag, attributes)
        element = (tag, dict(attributes), [])
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        for _, _, text in self.open:
            text.append(data)

    def all(self, tag="", **attributes):
        return [
            (found, values, "".join(text))
            for found, values, text in self.elements
            if (not tag or found == tag)
            and all(
                value in (values.get(name.rstrip("_")) or "").split()
                for name, value in attributes.items()
            )
        ]

    @property
    def text(self):
        return "".join(self.all("body")[0][2])


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cats.draws")


def drawing(number=1, /, **fields):
    given = {
        "type": "drawing",
        "id": f"id{number}",
        "number": number,
        "prompt": f"cat {number}",
        "model": "m",
    }
    return Record(**(given | fields))


def written(store, *records, name="cats.html", **how):
    target = store.folder.parent / name
    assert write_html(records, target, picture_path=store.path, **how) == target
    return target.read_text(encoding="utf-8")


# What came from outside

NAMES = [
    *("prompt", "prompt_sent", "model", "answered_model", "system", "text", "reasoning", "host"),
    *("request_id", "kind", "error", "error type", "parameter", "parameter name", "usage name"),
    *("citation", "citation title", "tag", "note", "reference", "title", "id", "started"),
]


def canary(name):
    """Markup that would break out of text, of either quote, of a comment and of a style."""
    word = re.sub(r"\W", "", name)
    return (
        f"--></style></script></title></textarea><script>own('{word}')</script>"
        f"<img src=x onerror=own('{word}')>\"onmouseover=\"own('{word}')\" 'x' {{{{{word}}}}} &lt;{word}"
    )


@pytest.fixture
def hostile(store):
    c = {name: canary(name) for name in NAMES}
    return drawing(
        1,
        id=c["id"],
        kind=c["kind"],
        prompt=c["prompt"],
        prompt_sent=c["prompt_sent"],
        model=c["model"],
        answered_model=c["answered_model"],
        system=c["system"],
        text=c["text"],
        reasoning=c["reasoning"],
        host=c["host"],
        request_id=c["request_id"],
        started=c["started"],
        error=Failure(type=c["error type"], message=c["error"]),
        parameters={c["parameter name"]: c["parameter"]},
        usage={c["usage name"]: 3},
        citations=[
            {"url": "https://page.example/" + c["citation"], "title": c["citation title"]},
            {"url": "javascript:own(1)", "title": "script"},
            {"url": "JaVaScRiPt:own(1)//https://page.example"},
            {"url": "data:text/html,<script>own(1)</script>"},
            {"url": 3, "title": None},
            {},
        ],
        references=[ReferenceInfo(sha256="0" * 64, source=c["reference"])],
        changes={"tags": [c["tag"]], "note": c["note"], "star": True},
        pictures=[store.put(picture())],
    )


def test_markup_from_outside_is_text_in_every_field(store, hostile):
    page = Page(written(store, hostile, drawing(2), title=canary("title")))
    own = [(tag, values) for tag, values, _ in page.all() if "own(" in str(values.get("src"))]
    assert own == []
    for tag, values, _ in page.all():
        assert not [name for name in values if name.startswith("on")], (tag, values)
        assert not [name for name in values if name in ("style", "srcdoc", "action")], values
        assert tag not in RUNS or tag == "script"
    assert len(page.all("script")) == 1
    assert len(page.all("style")) == 1
    assert len(page.all("img", loading="lazy")) == 1
    # Said as it is, to whoever reads it.
    everything = page.text + "".join(str(values) for _, values, _ in page.all())
    for name in set(NAMES) - {"started", "id"}:
        word = re.sub(r"\W", "", name)
        assert f"own('{word}')</script>" in everything.replace("\\'", "'"), name


def links(page):
    """All links but the one that the script fills in."""
    return [element for element in page.all("a") if element[1].get("id") != "save"]


def test_links_lead_to_the_web_only(store, hostile):
    page = Page(written(store, hostile))
    for _, values, _ in links(page):
        assert values["href"].startswith(("https://page.example/", "#"))
        if not values["href"].startswith("#"):
            assert "noopener" in values["rel"]
    assert len([1 for _, v, _ in links(page) if v["href"].startswith("https")]) == 1


def test_a_reply_is_markdown_that_can_do_nothing(store):
    text = (
        "# Cats\n\n**nine** lives\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "<script>own(1)</script> <img src=x onerror=own(1)>\n\n"
        "![a cat](https://page.example/cat.png) ![no](javascript:own(1)) ![no](data:image/png;base64,AA)\n\n"
        '[good](https://page.example "own") [bad](javascript:own(1)) <https://page.example/auto>\n\n'
        "[odd](https://page.example/%22onmouseover=%22own(1)) `<b>`\n\n```html\n<script>own(2)</script>\n```\n"
    )
    page = Page(written(store, drawing(1, kind="chat", text=text)))
    (_, _, said), *_ = page.all("div", class_="reply")
    assert "own(1)" in said
    assert "nine" in [text for _, _, text in page.all("strong")]
    assert [text for _, _, text in page.all("td")] == ["1", "2"]
    assert len(page.all("script")) == 1
    assert page.all("img", src="https://page.example/cat.png") == []
    for _, values, _ in links(page):
        assert values["href"].startswith(("https://page.example", "#"))
    assert "a cat" in [text for _, _, text in page.all("a")]


def test_records_that_a_stranger_wrote_are_shown_all_the_same(store):
    records = [
        drawing(1, changes={"tags": 5, "note": 7, "star": "yes"}),
        drawing(2, changes={"tags": {"a": 1}, "note": None}),
        drawing(3, changes={"tags": [1, None, ["x"]]}),
        drawing(4, started="yesterday", finished="\x00", elapsed=float("nan"), cost=float("inf")),
        drawing(5, usage={"tokens": {"nested": 1}, "n": True, "text": "x", "f": float("nan")}),
        drawing(6, parameters={"deep": {"list": [1, {"a": "<b>"}]}, "": None}),
        drawing(7, prompt="", model="", parents=["nobody", "id1"], take=-1),
        drawing(8, prompt="a\x00b\x1b[31m\u202e", model="\ud800", text="\udfff"),
        drawing(-9, prompt="x" * 100_000),
    ]
    page = Page(written(store, *records, title="\ud800"))
    assert len(page.all("li", class_="card")) == 9
    assert "<b>" in page.text


def test_ids_of_cards_and_of_the_page_do_not_meet(store):
    page = Page(written(store, *(drawing(n) for n in range(1, 4))))
    ids = [values["id"] for _, values, _ in page.all() if "id" in values]
    assert len(ids) == len(set(ids))
    assert {"@1", "@2", "@3"} <= set(ids)


# What the page may do


def test_the_policy_lets_our_script_and_style_run_and_nothing_else(store, hostile):
    page = Page(written(store, hostile))
    (_, meta, _) = next(
        e for e in page.all("meta") if e[1].get("http-equiv") == "Content-Security-Policy"
    )
    policy = dict(part.strip().split(" ", 1) for part in meta["content"].split(";"))

    def hashed(text):
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert policy == {
        "default-src": "'none'",
        "img-src": "data: 'self'",
        "media-src": "data: 'self'",
        "style-src": hashed(page.all("style")[0][2]),
        "script-src": hashed(page.all("script")[0][2]),
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_it_asks_the_network_for_nothing(store, hostile):
    html = written(store, hostile, drawing(2, pictures=[store.put(picture(size=(9, 9)))]))
    page = Page(html)
    for tag, values, _ in page.all():
        for name in ("src", "srcset", "data", "poster", "background", "ping", "data-source"):
            assert (values.get(name) or "data:").startswith("data:"), (tag, values)
    style = page.all("style")[0][2]
    assert "url(" not in style
    assert "@import" not in style
    script = page.all("script")[0][2]
    for word in ("fetch(", "XMLHttpRequest", "WebSocket", "import(", "eval(", "innerHTML"):
        assert word not in script


# What is shown


def test_each_picture_has_an_alt_and_says_how_it_was_made(store):
    data = picture(size=(31, 17))
    page = Page(
        written(
            store,
            drawing(1, prompt="画只猫", pictures=[store.put(data)]),
            drawing(2, prompt="", pictures=[store.put(data)]),
        )
    )
    shown = [values for _, values, _ in page.all("img", loading="lazy")]
    assert [values["alt"] for values in shown] == ["Drawing @2", "画只猫"]
    for values in shown:
        head, _, coded = values["src"].partition(",")
        assert head == "data:image/png;base64"
        copy = base64.b64decode(coded)
        assert Image.open(io.BytesIO(copy)).tobytes() == Image.open(io.BytesIO(data)).tobytes()
        made = nbext.read(copy)
        assert (made.prompt, made.sha256) == (
            values["alt"] if values["alt"] == "画只猫" else "",
            hashlib.sha256(data).hexdigest(),
        )
    assert page.all("li", lang="zh") or "zh" in str(
        [v for _, v, _ in page.all("p", class_="prompt")]
    )


def test_all_that_is_known_is_said(store):
    one = store.put(picture())
    page = Page(
        written(
            store,
            drawing(
                3,
                prompt="a cat on a mat",
                model="gpt-4o-image",
                answered_model="gpt-4o-image-vip",
                host="relay.example",
                started="2026-11-23T10:26:03.120Z",
                finished="2026-11-23T10:26:15.620Z",
                elapsed=12.5,
                parameters={"aspect": "2:3", "quality": "high"},
                usage={"total_tokens": 77},
                cost=0.0125,
                request_id="req_1",
                pictures=[one],
                parents=["id1"],
                changes={"note": "the best", "tags": ["final"], "star": True},
            ),
            drawing(
                4,
                embedded=True,
                error=Failure(type="QuotaError", message="none left", maybe_billed=True),
            ),
            drawing(1, type="sent"),
        )
    )
    said = page.text
    for word in (
        *("a cat on a mat", "gpt-4o-image", "Answered as: gpt-4o-image-vip", "relay.example"),
        *("2026-11-23 10:26 UTC", "12.5 s", "2:3", "high", "77", "0.0125 USD", "req_1"),
        *("the best", "final", one.sha256, "a drawing that is not on this page"),
        *("QuotaError", "none left", "May have been billed", "embedded endpoint"),
    ):
        assert word in said, word
    assert len(page.all("li", class_="card")) == 2


@pytest.mark.parametrize(("order", "wanted"), [("newest", [3, 2, 1]), ("oldest", [1, 2, 3])])
def test_order(store, order, wanted):
    page = Page(written(store, *(drawing(n) for n in (1, 2, 3)), order=order))
    assert [v["id"] for _, v, _ in page.all("li", class_="card")] == [f"@{n}" for n in wanted]


def test_a_parent_is_a_link(store):
    page = Page(written(store, drawing(1), drawing(2, parents=["id1"])))
    assert ("a", {"href": "#@1"}, "@1") in page.all("a")


def test_many_drawings_stand_in_sections(store):
    page = Page(written(store, *(drawing(n) for n in range(1, 182))))
    assert [values["aria-label"] for _, values, _ in page.all("section")] == [
        "@181 – @122",
        "@121 – @62",
        "@61 – @2",
        "@1 – @1",
    ]
    assert len(page.all("li", class_="card")) == 181
    few = Page(written(store, *(drawing(n) for n in range(1, 131)), overwrite=True))
    assert len(few.all("section")) == 1
    assert few.all("h2") == []


def test_a_long_page_is_ascii_and_says_the_same(store):
    short = written(store, drawing(prompt="画一只猫 \U0001f408 & \ud800"), title="猫")
    records = [drawing(n, prompt="画一只猫 \U0001f408 & \ud800") for n in range(1, 152)]
    long = written(store, *records, name="many.html", title="猫")
    assert not short.isascii()
    assert long.isascii()
    for page in (short, html.unescape(long)):
        assert "<title>猫</title>" in page
        assert "画一只猫 \U0001f408 &" in page


def test_no_drawings_are_a_page_too(store):
    text = Page(written(store)).text
    assert "0 of 0 drawings" in text
    assert "There are no drawings yet." in text
    assert "Nothing matches." not in text


def test_a_picture_that_is_missing_is_said_to_be(store):
    gone = PictureInfo(sha256="ab" * 32, media_type="image/png", size=3)
    for embed in (True, False):
        page = Page(written(store, drawing(1, pictures=[gone]), embed=embed, overwrite=True))
        assert "This picture is not in the history folder: abababababab…" in page.text
        assert page.all("img", loading="lazy") == []


def test_a_film(store, tmp_path):
    film = store.put(b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 64)
    page = Page(written(store, drawing(1, kind="video", films=[film])))
    (_, values, _) = page.all("video")[0]
    assert values["src"].startswith("data:video/mp4;base64,")
    assert "autoplay" not in values


# Files


def test_pictures_beside_the_page(store, tmp_path):
    data = picture(size=(900, 700))
    info = store.put(data)
    page = Page(written(store, drawing(1, pictures=[info]), embed=False))
    (_, values, _) = page.all("img", loading="lazy")[0]
    small, whole = values["src"], page.all("button", class_="picture")[0][1]["data-source"]
    assert re.fullmatch(r"cats_files/thumbnails/1-[0-9a-f]{12}\.webp", small)
    assert re.fullmatch(r"cats_files/pictures/1-[0-9a-f]{12}\.png", whole)
    with Image.open(tmp_path / small) as shown, Image.open(tmp_path / whole) as copy:
        assert shown.size == (512, 398)
        assert copy.tobytes() == Image.open(io.BytesIO(data)).tobytes()
    for name in (small, whole):
        assert nbext.read(tmp_path / name).prompt == "cat 1"
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("cats_files/*/*")}
    again = written(store, drawing(1, pictures=[info]), embed=False, overwrite=True)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert small in again


def test_a_name_that_is_no_url(store, tmp_path):
    info = store.put(picture())
    page = Page(written(store, drawing(1, pictures=[info]), embed=False, name="c#1 100%?.html"))
    (_, values, _) = page.all("img", loading="lazy")[0]
    assert values["src"].startswith("c%231%20100%25%3F_files/")
    assert (tmp_path / unquote(values["src"])).is_file()


def bomb(width=60_000, height=60_000):
    """A PNG that says it is enormous."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


def test_a_bomb_and_a_torn_picture_get_no_thumbnail_and_stop_nothing(store, tmp_path):
    torn = store.put(picture(size=(300, 200))[:200])
    path = store.folder / "pictures" / "ab" / ("ab" * 32 + ".png")
    path.parent.mkdir(parents=True)
    path.write_bytes(bomb())
    vast = PictureInfo(
        sha256="ab" * 32, media_type="image/png", size=33, width=60_000, height=60_000
    )
    page = Page(written(store, drawing(1, pictures=[torn, vast]), embed=False))
    sources = [v["src"] for _, v, _ in page.all("img", loading="lazy")]
    assert len(set(sources)) == 2
    assert all(source.startswith("cats_files/pictures/") for source in sources)
    assert all((tmp_path / source).is_file() for source in sources)


def test_small_histories_are_one_file_and_large_ones_a_folder(store, tmp_path, monkeypatch):
    record = drawing(1, pictures=[store.put(picture())])
    written(store, record)
    assert not (tmp_path / "cats_files").exists()
    monkeypatch.setattr("nbext.export.gallery.page.ONE_FILE_BYTES", 10)
    written(store, record, overwrite=True)
    assert (tmp_path / "cats_files").is_dir()


PICTURES = (noise((20, 20)), noise((30, 20)))


@pytest.mark.parametrize("earlier", [False, True])
def test_a_page_that_is_not_finished_leaves_no_folder(store, tmp_path, monkeypatch, earlier):
    """What an earlier page has put there stays."""
    records = [drawing(n, pictures=[store.put(data)]) for n, data in enumerate(PICTURES, start=1)]
    if earlier:
        written(store, records[0], embed=False)
    before = set(tmp_path.rglob("*"))

    def full(self):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nbext.export.gallery.seal.Sealed.seal", full)
    with pytest.raises(HistoryError, match="No space left"):
        written(store, *records, embed=False, overwrite=True)
    assert set(tmp_path.rglob("*")) == before


def test_a_page_that_is_there_is_kept(store, tmp_path):
    (tmp_path / "cats.html").write_text("mine")
    with pytest.raises(OptionError, match=r"cats\.html already exists.*overwrite=True"):
        written(store, drawing(1))
    assert (tmp_path / "cats.html").read_text() == "mine"
    written(store, drawing(1), overwrite=True)


def test_a_page_of_ours_is_replaced_until_somebody_changes_it(store, tmp_path):
    page = tmp_path / "cats.html"
    written(store, drawing(1))
    written(store, drawing(1), drawing(2))
    assert "@2" in page.read_text()
    page.write_text(page.read_text().replace("Made with", "MADE with"))
    with pytest.raises(OptionError, match="already exists"):
        written(store, drawing(1))
    page.write_bytes(b"")
    with pytest.raises(OptionError, match="already exists"):
        written(store, drawing(1))


def test_an_order_that_is_none(store):
    with pytest.raises(OptionError, match='"newest" or "oldest"'):
        written(store, order="random")


def test_a_place_that_cannot_be_written(store, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(HistoryError, match="cannot be written"):
        write_html([drawing(1)], tmp_path / "file" / "x.html", picture_path=store.path)
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")] == []


def test_a_disk_that_is_full_half_way_leaves_the_page_that_was_there(store, tmp_path, monkeypatch):
    page = tmp_path / "cats.html"
    write_html([drawing(1)], page, picture_path=store.path)
    before = page.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nbext.export.gallery.seal.Sealed._save", full)
    records = [drawing(n, text="a long answer " * 100) for n in range(1, 200)]
    with pytest.raises(HistoryError, match="No space left"):
        write_html(records, page, picture_path=store.path)
    assert page.read_bytes() == before
    assert [path.name for path in tmp_path.glob("*.html*")] == ["cats.html"]


def test_what_fails_half_way_leaves_nothing(store, tmp_path):
    def broken(_):
        raise RuntimeError("in the middle")

    record = drawing(1, pictures=[store.put(picture())])
    with pytest.raises(RuntimeError):
        write_html([record], tmp_path / "cats.html", picture_path=broken)
    assert not (tmp_path / "cats.html").exists()
    assert list(tmp_path.glob(".*.part")) == []


# Words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-23T10:26:03.120Z", "2026-11-23 10:26 UTC"),
        ("2026-11-23T12:26:03+02:00", "2026-11-23 10:26 UTC"),
        ("", ""),
        ("yesterday", ""),
        ("9999-99-99T00:00:00Z", ""),
        ("0001-01-01T00:00:00+14:00", ""),
    ],
)
def test_moments_are_in_utc(text, said):
    assert moment(text) == said


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [("画只猫", "zh"), ("猫を描いて", "ja"), ("고양이를 그려", "ko"), ("a cat", ""), ("", "")],
)
def test_the_script_of_a_prompt_names_its_language(prompt, wanted):
    assert language(prompt) == wanted


def test_a_drawing_that_differs_from_its_request_is_marked(store, history, tmp_path):
    draw(store, picture(), parameters={"size": "2448x3264"}, host="relay.example")
    draw(store, picture(), host="relay.example")
    page = history.to_html(tmp_path / "cats.html").read_text("utf-8")
    assert page.count(" data-different") == 1
    assert '<option value="different">' in page
    assert ", not 2448×3264" in page
