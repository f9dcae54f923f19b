"""The gallery as a person uses it: searched, enlarged, compared, printed, read without script."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import expect

import nbext
from nbext.data.record import Failure, Record, ReferenceInfo
from nbext.data.sweep import SweepPlan
from nbext.embedded.film import make_film
from nbext.export.gallery.page import write_html
from nbext.export.sweep.page import write_page
from nbext.store.store import Store
from tests.browser.conftest import VIEWPORT, missing
from tests.sinks import picture

ROOT = Path(__file__).parents[2]
EVIL = '<script>document.title="owned"</script>"><img src=x onerror="document.title=\'owned\'">'
INSIDE = """() => [...document.querySelectorAll("#tools :is(input, select, button, summary)")]
  .every((one) => !one.checkVisibility() || one.getBoundingClientRect().right <= innerWidth)"""
CLIP = "getComputedStyle(document.getElementById('pair-clip')).clipPath"


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    """A page with twelve drawings of three models, one of them a failure."""
    folder = tmp_path_factory.mktemp("gallery")
    store = Store(folder / "cats.draws")
    hat = store.put(picture(size=(20, 20)))
    records = []
    for number in range(1, 13):
        info = store.put(picture(size=(40 + number, 30)))
        failed = number == 5
        records.append(
            Record(
                type="drawing",
                id=f"id{number}",
                number=number,
                model="nano-banana"
                if number in (4, 8, 9, 12)
                else EVIL
                if number == 7
                else "gpt-4o-image",
                prompt=EVIL if number == 7 else f"a cat, number {8 if number == 9 else number}, 猫",
                text=EVIL,
                started=f"2026-11-{number:02}T10:00:00.000Z",
                host="relay.example",
                parameters={"size": "2448x3264"} if number == 7 else {},
                cost=number / 100 if number < 5 else None,
                pictures=[] if failed else [info],
                parents={2: ["id1"], 6: ["id2"]}.get(number, []),
                references=[ReferenceInfo(sha256=hat.sha256, source="hat.png")]
                if number in (10, 11)
                else [],
                take=1 if number == 9 else 0,
                error=Failure(type="ModerationError", message=f"refused {EVIL}", remedy="Ask anew.")
                if failed
                else None,
                changes={"star": True, "tags": ["final"], "note": f"the best {EVIL}"}
                if number == 3
                else {},
            )
        )
    target = folder / "cats.html"
    write_html(records, target, picture_path=store.path, title=f"Cats {EVIL}")
    return target.as_uri()


def shows(page, numbers):
    """Wait until these drawings are what is shown, in this order."""
    expect(page.locator("#count")).to_have_text(str(len(numbers)))
    page.wait_for_function(
        """ids => {
          const cards = [...document.querySelectorAll(".card")].filter(card => card.checkVisibility());
          return cards.map(card => card.id).join() === ids;
        }""",
        arg=",".join(f"@{number}" for number in numbers),
    )


def clean(page):
    assert page.errors == []
    assert page.title().startswith("Cats <script>")
    assert all(url.startswith(("file:", "data:")) for url in page.asked)


def test_search_and_filters(open_page, gallery):
    page = open_page(gallery)
    shows(page, range(12, 0, -1))
    left = page.locator('[id="@12"]').bounding_box()["x"]
    page.fill("#search", "NUMBER 3,")
    shows(page, [3])
    assert page.locator('[id="@3"]').bounding_box()["x"] == left
    page.fill("#search", "")
    page.select_option("#model", "nano-banana")
    shows(page, [12, 9, 8, 4])
    page.select_option("#model", "")
    for which, found in [("starred", [3]), ("noted", [3]), ("failed", [5]), ("different", [7])]:
        page.select_option("#which", which)
        shows(page, found)
    page.select_option("#which", "whole")
    expect(page.locator("#count")).to_have_text("11")
    page.select_option("#which", "")
    expect(page.locator("#count")).to_have_text("12")
    page.click("#more summary")
    for edge, found in [("#dearer", [4, 3]), ("#cheaper", [3, 2, 1])]:
        page.fill(edge, "0.03")
        shows(page, found)
        page.fill(edge, "")
    page.click("#clear")
    expect(page.locator("#count")).to_have_text("12")
    page.keyboard.press("Escape")
    page.fill("#search", "the best")
    shows(page, [3])
    page.fill("#search", "no such words")
    expect(page.locator("#none")).to_be_visible()
    page.click("#reset")
    shows(page, range(12, 0, -1))
    clean(page)


def test_what_every_card_says_is_not_searched(open_page, gallery):
    page = open_page(gallery)
    for word in ("nbext.draw", "%%draw", "endpoint"):
        page.fill("#search", word)
        expect(page.locator("#none")).to_be_visible()
        page.click("#reset")
    page.fill("#search", "relay.example number 3,")
    shows(page, [3])
    clean(page)


def test_order_is_turned_round(open_page, gallery):
    page = open_page(gallery)
    shows(page, range(12, 0, -1))
    page.click("#order")
    shows(page, range(1, 13))


def test_large_view_by_click_and_keyboard(open_page, gallery):
    page = open_page(gallery)
    page.locator(".picture").first.click()
    expect(page.locator("#large")).to_be_visible()
    expect(page.locator("#full-prompt")).to_contain_text("number 12")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#full-prompt")).to_contain_text("number 11")
    page.keyboard.press("End")
    expect(page.locator("#full-prompt")).to_contain_text("number 1,")
    assert page.evaluate("location.hash") == "#@1"
    page.keyboard.press("Escape")
    expect(page.locator("#large")).not_to_be_visible()
    expect(page.locator('[id="@1"] .picture')).to_be_focused()
    assert page.evaluate("location.hash") == ""
    clean(page)


def test_two_are_compared_by_slider_and_keys(open_page, gallery):
    page = open_page(gallery)
    page.click("#compare")
    page.locator(".picture").nth(0).click()
    page.locator(".picture").nth(1).click()
    assert page.locator("#pair").evaluate("d => d.open")
    assert page.locator("#pair mark").all_inner_texts() == ["12,", "11,"]
    page.keyboard.press("a")
    assert page.evaluate(CLIP) in ("inset(0px)", "inset(0px 0% 0px 0px)")
    page.keyboard.press("b")
    assert "100%" in page.evaluate(CLIP)
    page.keyboard.press("Escape")
    expect(page.locator("#compare")).to_have_attribute("aria-pressed", "false")
    clean(page)


def test_a_link_opens_one_drawing_alone(open_page, gallery):
    page = open_page(f"{gallery}#@4")
    expect(page.locator("#large")).to_be_visible()
    expect(page.locator("#full-prompt")).to_have_text("a cat, number 4, 猫")
    # Nobody has clicked yet; a browser may have taken the focus to the drawing that is named.
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#full-prompt")).to_have_text("a cat, number 5, 猫")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#full-prompt")).to_have_text("a cat, number 4, 猫")
    page.evaluate("location.hash = '#@3'")
    expect(page.locator("#full-prompt")).to_have_text("a cat, number 3, 猫")
    expect(page.locator("#full-notes .note")).to_contain_text("the best")
    page.keyboard.press("Escape")
    expect(page.locator('[id="@3"] .picture')).to_be_focused()
    for odd in ("#%", "#@%F0", "#@99", "#tools"):
        page.evaluate("hash => { location.hash = hash }", odd)
    page.evaluate("location.hash = '#%403'")
    expect(page.locator("#full-prompt")).to_have_text("a cat, number 3, 猫")
    clean(page)


def copied(page, what):
    page.click(f'[data-copy="{what}"]')
    expect(page.locator(f'[data-copy="{what}"]')).to_have_text("Copied")
    return page.evaluate("navigator.clipboard.readText()")


def test_prompt_cell_link_and_steps_are_copied(open_page, gallery):
    page = open_page(gallery, permissions=["clipboard-read", "clipboard-write"])
    page.locator('[id="@6"] .picture').click()
    assert copied(page, "prompt") == "a cat, number 6, 猫"
    assert copied(page, "cell") == "%%draw gpt-4o-image\na cat, number 6, 猫"
    assert copied(page, "link") == f"{gallery}#@6"
    page.click("#rerun summary")
    steps = copied(page, "rerun")
    assert steps == page.locator("#rerun-code").inner_text()
    assert steps.splitlines() == [
        "import nbext",
        "",
        *(f"d{n} = nbext.draw('a cat, number {n}, 猫', model='gpt-4o-image')" for n in (1, 2, 6)),
        "d6",
    ]
    clean(page)


def test_it_is_copied_where_a_page_may_not_use_the_clipboard(open_page, gallery):
    page = open_page(gallery)
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })"
    )
    page.locator('[id="@6"] .picture').click()
    page.click('[data-copy="prompt"]')
    expect(page.locator('[data-copy="prompt"]')).to_have_text("Copied")
    # In a frame it is there, and refuses.
    page.evaluate(
        """Object.defineProperty(navigator, "clipboard", {
          value: { writeText: () => Promise.reject(new DOMException("no", "NotAllowedError")) },
        })"""
    )
    page.click('[data-copy="link"]')
    expect(page.locator('[data-copy="link"]')).to_have_text("Copied")
    page.evaluate("document.execCommand = () => false")
    page.click('[data-copy="cell"]')
    expect(page.locator('[data-copy="cell"]')).to_have_text("Not allowed here")
    clean(page)


def bytes_of(source):
    if source.startswith("data:"):
        return base64.b64decode(source.partition(",")[2])
    return Path(unquote(urlsplit(source).path)).read_bytes()


@pytest.mark.parametrize("kind", ["gallery", "folder_gallery"])
def test_a_picture_saved_from_the_page_gives_the_request_back(open_page, request, kind):
    page = open_page(request.getfixturevalue(kind))
    small = page.locator('[id="@3"] .picture img')
    small.click()
    expect(page.locator("#full")).to_have_js_property("complete", True)
    prompt = page.locator("#full-prompt").inner_text()
    for image in (small, page.locator("#full")):
        assert image.evaluate("image => image.naturalWidth") > 0
        made = nbext.read(bytes_of(image.evaluate("image => image.src")))
        assert (made.prompt, made.model) == (prompt, "gpt-4o-image")
    page.keyboard.press("Escape")
    # What the browser hands to whoever the picture is dropped on.
    dragged = small.evaluate(
        """image => {
          const dataTransfer = new DataTransfer();
          image.dispatchEvent(new DragEvent("dragstart", { dataTransfer, bubbles: true }));
          return dataTransfer.getData("DownloadURL");
        }"""
    )
    type_, name, source = dragged.split(":", 2)
    assert (type_, name) == ("image/png", "drawing-3.png")
    assert nbext.read(bytes_of(source)).prompt == prompt
    assert page.errors == []


def test_the_whole_picture_is_saved_under_its_number(open_page, gallery):
    page = open_page(gallery)
    page.locator('[id="@3"] .picture').click()
    with page.expect_download() as saving:
        page.click("#save")
    assert saving.value.suggested_filename == "drawing-3.png"
    assert nbext.read(saving.value.path()).prompt == "a cat, number 3, 猫"
    clean(page)


def test_the_tree_shows_what_came_from_what(open_page, gallery):
    page = open_page(gallery)
    page.click("#tree")
    rows = page.locator(".family").evaluate_all(
        "all => all.map(f => [...f.querySelectorAll('.leaf b')].map(b => b.textContent))"
    )
    # Takes stand side by side; a picture that was given begins a family; the edits follow each other.
    assert rows == [["@8 @9"], ["@1", "@2", "@6"], ["hat.png", "@10", "@11"]]
    assert page.locator(".family").nth(1).locator("ul ul ul .leaf").count() == 1
    page.locator(".family .small").first.click()
    expect(page.locator("#full-prompt")).to_have_text("a cat, number 8, 猫")
    page.keyboard.press("Escape")
    page.fill("#search", "number 2,")
    expect(page.locator(".family")).to_have_count(1)
    assert page.locator(".leaf.dim").count() == 2
    page.fill("#search", "")
    expect(page.locator(".family")).to_have_count(3)
    page.click("#tree")
    shows(page, range(12, 0, -1))
    clean(page)


def test_a_failure_says_what_to_do(open_page, gallery):
    page = open_page(gallery)
    said = page.locator('[id="@5"] .error')
    expect(said).to_contain_text("Refused")
    expect(said).to_contain_text("Ask anew.")
    said.click()
    expect(page.locator("#stage .remedy")).to_have_text("Ask anew.")
    clean(page)


def test_films_play_and_replies_read(open_page, tmp_path):
    store = Store(tmp_path / "cats.draws")
    film = store.put(make_film(picture(size=(64, 96)), 64, 96, 0.4))
    with ThreadPoolExecutor() as thread:  # Playwright's event loop runs in this one
        thread.submit(asyncio.run, store.stored_picture(film.sha256)).result()
    reply = "**Nine** lives.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    records = [
        Record(type="drawing", id="f", number=1, kind="video", prompt="a film", films=[film]),
        Record(type="drawing", id="r", number=2, kind="chat", prompt="why?", text=reply),
    ]
    target = write_html(records, tmp_path / "cats.html", picture_path=store.path)
    page = open_page(target.as_uri())
    shown = page.locator('[id="@1"] video')
    expect(shown).to_have_js_property("videoWidth", 64)
    # A browser prints no film, but the frame that it shows.
    page.wait_for_function("() => document.querySelector('video').readyState > 1")
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("canvas.still").first).to_be_visible()
    expect(shown).to_be_hidden()
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    expect(page.locator("canvas.still")).to_have_count(0)
    page.emulate_media(media="null")
    page.wait_for_function("() => document.getElementById('@1').classList.contains('r18')")
    expect(page.locator('[id="@2"] td')).to_have_text(["1", "2"])
    page.locator('[id="@1"] .number').click()
    expect(page.locator("#stage video")).to_have_js_property("videoWidth", 64)
    with page.expect_download() as saving:
        page.click("#save")
    assert Path(saving.value.path()).read_bytes() == store.read(film.sha256)
    page.keyboard.press("Escape")
    page.locator('[id="@2"] .reply').click()
    expect(page.locator("#stage .reply strong")).to_have_text("Nine")
    assert page.errors == []


def test_hostile_prompts_are_text(open_page, tmp_path):
    prompts = [
        "</script><script>document.title='owned'</script>",
        "\u202eevil\u2028line\u2029end\u0000",
        "cat " * 2500,
        "<!--<svg/onload=document.title='owned'>-->{{7*7}}${7*7}",
    ]
    store = Store(tmp_path / "cats.draws")
    records = [
        Record(
            type="drawing",
            id=f"{n}",
            number=n,
            prompt=prompt,
            model=prompt[:200],
            pictures=[store.put(picture(size=(20 + n, 20)))],
            changes={"tags": ["\u202ecute"]} if n == 2 else {},
        )
        for n, prompt in enumerate(prompts, start=1)
    ]
    target = write_html(records, tmp_path / "cats.html", picture_path=store.path, title="Mine")
    page = open_page(target.as_uri())
    for n, prompt in enumerate(prompts, start=1):
        shown = page.locator(f'[id="@{n}"] .prompt')
        # A control character or a bidirectional override would reach beyond the prompt.
        readable = prompt.replace("\0", "").replace("\u202e", "")
        assert shown.evaluate("p => p.textContent") == readable
        page.locator(f'[id="@{n}"] .picture').click()
        expect(page.locator("#full")).to_be_visible()
        page.wait_for_function(f"location.hash.startsWith('#@{n}')")
        assert nbext.read(bytes_of(page.locator("#full").get_attribute("src"))).prompt == prompt
        # However long the prompt is, what can be done with it is in sight.
        expect(page.locator('[data-copy="prompt"]')).to_be_in_viewport()
        page.keyboard.press("Escape")
        expect(page.locator("#full")).not_to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.click("#more summary")
    page.select_option("#tag", "cute")
    expect(page.locator('[id="@2"]')).to_be_visible()
    expect(page.locator('[id="@1"]')).not_to_be_visible()
    assert page.title() == "Mine"
    assert page.errors == []


def test_a_prompt_stands_in_the_direction_of_its_script(open_page, tmp_path):
    store = Store(tmp_path / "cats.draws")
    records = [
        Record(type="drawing", id=f"{n}", number=n, prompt=prompt, pictures=[store.put(picture())])
        for n, prompt in enumerate(("ارسم قطة!", "a cat!"), start=1)
    ]
    target = write_html(records, tmp_path / "cats.html", picture_path=store.path)
    page = open_page(target.as_uri())
    aside = """p => {
      const range = document.createRange();
      range.selectNodeContents(p);
      const [text, box] = [range.getBoundingClientRect(), p.getBoundingClientRect()];
      return [Math.round(text.left - box.left) > 1, Math.round(box.right - text.right) > 1];
    }"""
    assert page.locator('[id="@1"] .prompt').evaluate(aside) == [True, False]
    assert page.locator('[id="@2"] .prompt').evaluate(aside) == [False, True]


def test_dark_and_light(open_page, gallery):
    ground = "getComputedStyle(document.body).backgroundColor"
    page = open_page(gallery, color_scheme="dark")
    dark = page.evaluate(ground)
    page.click("#theme")
    assert page.evaluate(ground) != dark
    expect(page.get_by_role("button", name="Dark colours")).to_be_visible()


def test_it_reads_without_script(open_page, gallery):
    page = open_page(gallery, java_script_enabled=False)
    assert page.locator(".card").count() == 12
    assert not page.locator("#tools").is_visible()
    assert page.locator(".card time").first.is_visible()
    expect(page.locator('[id="@1"] .facts')).to_contain_text("Endpoint: relay.example")
    expect(page.locator('[id="@1"] .cell')).to_be_visible()
    expect(page.locator('[id="@3"] .note')).to_be_visible()
    expect(page.locator(".references img")).to_have_count(1)
    assert page.locator("img").first.get_attribute("alt")


def test_nothing_from_outside_runs(open_page, gallery):
    page = open_page(gallery)
    for number in (7, 5):
        page.locator(f'[id="@{number}"] .number').click()
        page.keyboard.press("Escape")
    clean(page)
    assert page.locator("img[src='x']").count() == 0
    assert EVIL in page.locator('[id="@7"] .prompt').inner_text()


def test_print_leaves_the_tools_out(open_page, gallery):
    page = open_page(gallery, color_scheme="dark")
    page.emulate_media(media="print")
    for hidden in ("#tools", "#theme", "footer"):
        assert not page.locator(hidden).is_visible()
    assert page.locator(".prompt").first.is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).breakInside") == "avoid"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


OPENED = {
    "as it opens": lambda page: None,
    "large": lambda page: page.locator(".picture").first.click(),
    "compare": lambda page: [
        page.click("#compare"),
        *(page.locator(".picture").nth(n).click() for n in (0, 1)),
    ],
    "a failure": lambda page: page.locator("[id='@5'] .number").click(),
    "filters": lambda page: page.click("#more summary"),
    "a long prompt": lambda page: page.evaluate(
        """() => {
          const stop = document.querySelector('.picture');
          stop.closest('.card').querySelector('.prompt').textContent = 'cat '.repeat(2000);
          stop.click();
        }"""
    ),
    "tree": lambda page: page.click("#tree"),
    "grid": lambda page: page.click("#grid"),
    "run again": lambda page: [
        page.locator("[id='@6'] .picture").click(),
        page.click("#rerun summary"),
    ],
    "on a phone": lambda page: [
        page.set_viewport_size({"width": 360, "height": 740}),
        page.locator("[id='@3'] .picture").click(),
    ],
}


@pytest.mark.parametrize("opened", OPENED)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(open_page, gallery, axe, scheme, opened):
    page = open_page(gallery, color_scheme=scheme, bypass_csp=True)
    OPENED[opened](page)
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run()).violations")
    assert found == [], [(v["id"], v["nodes"][0]["html"]) for v in found]


@pytest.mark.parametrize("page", ["gallery", "sweep"])
def test_the_script_is_typed(page):
    """The scripts of a page share their names, so each page is checked by itself; modules go along."""
    compiler = Path(__file__).parent / "node_modules" / ".bin" / "tsc"
    if not compiler.exists() or not shutil.which("node"):
        missing("typescript is not installed: npm --prefix tests/browser install")
    exports = ROOT / "nbext" / "export"
    if page == "sweep":
        scripts = [exports / "gallery" / "dom.js", exports / "sweep" / "sweep.js"]
    else:
        scripts = sorted(set((ROOT / "nbext").rglob("*.js")) - {exports / "sweep" / "sweep.js"})
    options = (
        "--noEmit",
        "--allowJs",
        "--checkJs",
        "--strict",
        "--target",
        "es2022",
        "--skipLibCheck",
    )
    done = subprocess.run(
        [compiler, *options, *scripts], capture_output=True, text=True, timeout=120
    )
    assert done.stdout == ""


@pytest.fixture(scope="module")
def folder_gallery(tmp_path_factory):
    """A page with 70 drawings of two kinds, and its pictures in a folder beside it."""
    folder = tmp_path_factory.mktemp("folder")
    store = Store(folder / "cats.draws")
    info = store.put(picture(size=(800, 600)))
    records = [
        Record(
            type="drawing",
            id=f"id{number}",
            number=number,
            model="gpt-4o-image",
            host="relay.example",
            kind="chat" if number == 5 else "draw",
            prompt=f"number n{number}",
            text="**nine** lives" if number == 5 else "",
            started=f"2026-{1 + number // 10:02}-01T10:00:00.000Z",
            pictures=[] if number == 5 else [info],
            changes={"tags": ["a|b", 'the "best"']} if number == 65 else {},
        )
        for number in range(1, 71)
    ]
    target = folder / "cats #1.html"
    write_html(records, target, picture_path=store.path, embed=False)
    return target.as_uri()


def test_pictures_beside_the_page_are_shown(open_page, folder_gallery):
    page = open_page(folder_gallery)
    first = page.locator(".picture img").first
    expect(first).to_have_js_property("complete", True)
    assert first.evaluate("image => image.naturalWidth") == 512
    page.locator(".picture").first.click()
    page.wait_for_function("() => document.getElementById('full').naturalWidth === 800")
    assert page.errors == []


def test_filters_reach_into_every_section(open_page, folder_gallery):
    page = open_page(folder_gallery)
    shows(page, range(70, 0, -1))
    page.evaluate("scrollTo(0, 3000)")
    page.click("#more summary")
    page.select_option("#kind", "chat")
    page.wait_for_function("() => scrollY === 0")
    shows(page, [5])
    assert page.locator("[id='@5'] .reply strong").inner_text() == "nine"
    page.select_option("#kind", "")
    for tag in ("a|b", 'the "best"'):
        page.select_option("#tag", "")
        expect(page.locator("#count")).to_have_text("70")
        page.select_option("#tag", tag)
        shows(page, [65])
    page.select_option("#tag", "")
    expect(page.locator("#count")).to_have_text("70")
    page.fill("#since", "2026-08-01")
    shows(page, [70])
    expect(page.locator("#active")).to_have_text("1")
    page.fill("#since", "")
    page.fill("#until", "2026-01-31")
    shows(page, range(9, 0, -1))
    page.keyboard.press("Escape")
    expect(page.locator("#until")).not_to_be_visible()
    expect(page.locator("#more summary")).to_be_focused()
    page.click("#more summary")
    page.click("#clear")
    expect(page.locator("#count")).to_have_text("70")
    page.click("#order")
    shows(page, range(1, 71))


def test_a_link_leads_to_a_drawing_that_a_filter_hides(open_page, folder_gallery):
    page = open_page(folder_gallery)
    page.fill("#search", "number n70")
    expect(page.locator("#count")).to_have_text("1")
    page.evaluate("location.hash = '#@3'")
    expect(page.locator("#full-prompt")).to_have_text("number n3")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#full-prompt")).to_have_text("number n70")
    assert page.errors == []


HOSTILE = "</noscript><script>document.title = 'own'</script> &lt;b&gt; &amp;amp; 猫"


@pytest.fixture(scope="module")
def long_gallery(tmp_path_factory):
    """A page of four sections: the last two are read after it has opened."""
    folder = tmp_path_factory.mktemp("long")
    store = Store(folder / "cats.draws")
    info = store.put(picture(size=(40, 30)))
    records = [
        Record(
            type="drawing",
            id=f"id{number}",
            number=number,
            model="gpt-4o-image",
            prompt=HOSTILE if number == 3 else f"number n{number}",
            parents=["id3"] if number == 200 else [],
            pictures=[info],
        )
        for number in range(1, 201)
    ]
    target = folder / "cats.html"
    write_html(records, target, picture_path=store.path)
    return target.as_uri()


def test_a_long_page_is_read_to_its_end(open_page, long_gallery):
    page = open_page(long_gallery)
    expect(page.locator(".unread")).to_have_count(0)
    shows(page, range(200, 0, -1))
    assert page.locator('[id="@3"] .prompt').evaluate("p => p.textContent") == HOSTILE
    assert page.title() == "Drawings"
    assert page.errors == []


def test_letters_that_come_and_go_leave_what_a_search_of_all_finds(open_page, long_gallery):
    page = open_page(long_gallery)
    expect(page.locator(".unread")).to_have_count(0)
    prompts = {n: HOSTILE if n == 3 else f"number n{n}" for n in range(200, 0, -1)}
    newest = True
    # More and fewer letters, other words, none, and so many that all of them run on in one flow.
    for text in ("n1", "n15", "n", "n15", "n1 n19", "n2", "", "n77", "n7", "n20 mber", "n2", ""):
        if text == "n2":
            page.click("#order")
            newest = not newest
        page.fill("#search", text)
        found = [n for n, prompt in prompts.items() if all(word in prompt for word in text.split())]
        if text == "n":
            found = list(prompts)
        shows(page, found if newest else found[::-1])
    assert page.errors == []


@pytest.fixture
def busy_page(open_page, long_gallery):
    """The long page in a browser that never has time to read on."""
    page = open_page("about:blank")
    page.add_init_script("window.requestIdleCallback = () => 0")
    page.goto(long_gallery)
    expect(page.locator(".unread")).to_have_count(2)
    return page


def test_a_section_is_read_when_it_comes_near(busy_page):
    assert busy_page.locator(".card").count() == 120
    assert busy_page.locator(".unread").first.bounding_box()["height"] >= 5600
    busy_page.keyboard.press("End")
    expect(busy_page.locator('[id="@1"] .prompt')).to_have_text("number n1")
    assert busy_page.errors == []


def test_what_is_not_read_yet_is_found(busy_page):
    busy_page.fill("#search", "n15")
    shows(busy_page, [159, 158, 157, 156, 155, 154, 153, 152, 151, 150, 15])
    assert busy_page.errors == []


def test_a_link_leads_to_what_is_not_read_yet(busy_page):
    busy_page.evaluate("location.hash = '#@3'")
    expect(busy_page.locator("#full-prompt")).to_have_text(HOSTILE)
    expect(busy_page.locator("#relatives")).to_contain_text("Edits")
    busy_page.keyboard.press("End")
    expect(busy_page.locator("#full-prompt")).to_have_text("number n1")
    expect(busy_page.locator("#place")).to_have_text("200 / 200")
    assert busy_page.errors == []


def test_a_long_page_reads_without_script(open_page, long_gallery):
    page = open_page(long_gallery, java_script_enabled=False)
    expect(page.locator(".card")).to_have_count(200)
    page.locator('[id="@3"]').scroll_into_view_if_needed()
    expect(page.locator('[id="@3"] .prompt')).to_have_text(HOSTILE, use_inner_text=True)
    expect(page.locator('[id="@1"] .cell')).to_be_visible()


def test_everything_is_done_without_a_mouse(open_page, folder_gallery):
    page = open_page(folder_gallery)
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("number n6")
    expect(page.locator("#count")).to_have_text("11")
    page.locator("#compare").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(".card.chosen").count() == 1
    page.keyboard.press("Enter")
    assert page.locator(".card.chosen").count() == 0
    expect(page.locator("#compare")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#compare")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Enter")
    expect(page.locator("#full-prompt")).to_have_text("number n69")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#full-prompt")).to_have_text("number n68")
    page.keyboard.press("Escape")
    expect(page.locator('[id="@68"] .picture')).to_be_focused()


def test_the_slider_moves_by_arrow_and_by_mouse(open_page, folder_gallery):
    page = open_page(folder_gallery)
    page.click("#compare")
    for number in (70, 69):
        page.locator(f'[id="@{number}"] .picture').click()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#slide").input_value() == "49"
    assert "51%" in page.evaluate(CLIP)
    box = page.locator("#slide").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    assert page.locator("#slide").input_value() == "100"
    assert "%" not in page.evaluate(CLIP).replace(" 0%", "")


def test_it_fits_a_small_screen(open_page, folder_gallery):
    page = open_page(folder_gallery, viewport={"width": 360, "height": 740})
    wide = "document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(wide)
    page.click("#more summary")
    assert not page.evaluate(wide)
    box = page.locator("#more .sheet").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    page.keyboard.press("Escape")
    page.locator(".picture").first.click()
    assert not page.evaluate(wide)
    box = page.locator("#close").bounding_box()
    assert box["x"] + box["width"] <= 360
    # What was asked for is in sight, not what is said of it.
    assert 0 <= page.locator("#full").bounding_box()["y"] < 100


def test_the_address_keeps_what_is_searched_and_filtered(open_page, gallery):
    page = open_page(gallery)
    page.fill("#search", "cat")
    page.select_option("#model", "nano-banana")
    expect(page).to_have_url(re.compile("nano-banana"))
    address = page.url
    page.locator('[id="@8"] .picture').click()
    assert page.evaluate("location.hash").startswith("#@8?")
    page.keyboard.press("Escape")
    expect(page).to_have_url(address)
    other = open_page(address)
    expect(other.locator("#search")).to_have_value("cat")
    shows(other, [12, 9, 8, 4])
    other.evaluate("location.hash = '#@4?' + location.hash.split('?')[1]")
    expect(other.locator("#full-prompt")).to_have_text("a cat, number 4, 猫")
    expect(other.locator("#place")).to_have_text("4 / 4")
    other.keyboard.press("Escape")
    other.click("#more summary")
    other.click("#clear")
    assert other.evaluate("location.hash") == ""
    clean(other)


def test_an_address_that_somebody_writes(open_page, gallery):
    page = open_page(f"{gallery}#search=%E7%8C%AB&model=nano-banana")
    expect(page.locator("#search")).to_have_value("猫")
    shows(page, [12, 9, 8, 4])
    page.evaluate("location.hash = '#@99'")
    expect(page.locator("#absent")).to_contain_text("no drawing @99")
    page.evaluate("location.hash = '#tree'")
    expect(page.locator("#absent")).to_have_text("")
    expect(page.locator("#tree")).to_have_attribute("aria-pressed", "true")
    page.evaluate("location.hash = '#@10'")
    expect(page.locator("#full-prompt")).to_have_text("a cat, number 10, 猫")
    page.go_back()
    expect(page.locator("#full-prompt")).not_to_be_visible()
    page.go_forward()
    expect(page.locator("#full-prompt")).to_have_text("a cat, number 10, 猫")
    page.evaluate("location.hash = ''")
    shows(page, list(range(12, 0, -1)))
    clean(page)


def test_the_tree_says_how_many_it_shows(open_page, gallery):
    page = open_page(gallery)
    page.click("#tree")
    leaves = page.locator("#families [data-to]").evaluate_all(
        "leaves => new Set(leaves.map((leaf) => leaf.dataset.to)).size"
    )
    expect(page.locator("#count")).to_have_text(str(leaves))
    assert leaves < 12
    expect(page.locator("#where")).to_have_text("with edits or takes")
    page.click("#tree")
    expect(page.locator("#count")).to_have_text("12")
    expect(page.locator("#where")).to_have_text("")


def test_a_large_tree_is_there_to_its_end(open_page, tmp_path):
    store = Store(tmp_path / "pairs.draws")
    records = [
        Record(
            type="drawing",
            id=f"id{number}",
            number=number,
            prompt=f"cat {number}",
            parents=[f"id{number - 1}"] if number % 2 == 0 else [],
        )
        for number in range(1, 201)
    ]
    target = tmp_path / "pairs.html"
    write_html(records, target, picture_path=store.path)
    page = open_page(target.as_uri())
    page.click("#tree")
    expect(page.locator("#count")).to_have_text("200")
    expect(page.locator("#families .family")).to_have_count(100)
    steps = page.locator("#families [data-to]").evaluate_all(
        "of => of.map((one) => one.dataset.to)"
    )
    pairs = [(number, number + 1) for number in range(199, 0, -2)]
    assert steps == [f"@{number}" for pair in pairs for number in pair]
    expect(page.locator("#families li li")).to_have_count(100)
    page.click("#tree")
    expect(page.locator("#families *")).to_have_count(0)


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """Two prompts by two models, and a third that was drawn once."""
    store = Store(tmp_path_factory.mktemp("compared") / "cats.draws")
    info = store.put(picture(size=(40, 30)))
    asked = [
        ("a cat", "one"),
        ("a cat", "two"),
        ("a dog", "two"),
        ("a dog", "one"),
        ("a fox", "one"),
    ]
    records = [
        Record(
            type="drawing",
            id=f"id{n}",
            number=n,
            model=model,
            answered_model="one-2026" if model == "one" else "",
            prompt=prompt,
            embedded=n == 5,
            started=f"2026-11-{n:02}T10:00:00.000Z",
            host="relay.example",
            pictures=[info],
        )
        for n, (prompt, model) in enumerate([*asked, ("a cat", "two")], start=1)
    ]
    return write_html(
        records, store.folder.with_name("cats.html"), picture_path=store.path
    ).as_uri()


def test_a_grid_of_prompts_and_models(open_page, compared):
    page = open_page(compared)
    page.click("#grid")
    heads = page.locator("#matrix thead th")
    expect(heads).to_have_text(["two", "one"])
    rows = page.locator("#matrix tbody tr")
    expect(rows).to_have_count(2)
    expect(page.locator("#count")).to_have_text("5")
    cat = rows.filter(has_text="a cat")
    expect(cat.locator("td").nth(0).locator("[data-to]")).to_have_count(2)
    expect(cat.locator("img").first).to_be_visible()
    page.select_option("#model", "two")
    expect(heads).to_have_text(["Take 1", "Take 2"])
    expect(rows).to_have_count(1)
    page.select_option("#model", "")
    rows.filter(has_text="a dog").locator("[data-to]").first.click()
    expect(page.locator("#full-prompt")).to_have_text("a dog")
    page.keyboard.press("Escape")
    page.click("#grid")
    expect(page.locator("#matrix")).to_be_hidden()
    expect(page.locator("#count")).to_have_text("6")
    assert page.errors == []


def test_a_card_says_who_answered_and_what_is_a_sketch(open_page, compared):
    page = open_page(compared)
    expect(page.locator('[id="@1"] .line')).to_contain_text("answered by one-2026")
    expect(page.locator('[id="@2"] .line')).not_to_contain_text("answered by")
    expect(page.locator('[id="@5"] .sketch')).to_have_text("sketch")
    expect(page.locator(".sketch")).to_have_count(1)


def test_a_long_prompt_unfolds(open_page, gallery):
    page = open_page(gallery)
    OPENED["a long prompt"](page)
    prompt, button = page.locator("#full-prompt"), page.locator("#unfold")
    low = prompt.bounding_box()["height"]
    button.click()
    assert prompt.bounding_box()["height"] > 2 * low
    button.click()
    assert prompt.bounding_box()["height"] == low
    page.keyboard.press("ArrowRight")
    expect(button).to_be_hidden()


def test_paper_is_a_contact_sheet(open_page, long_gallery):
    page = open_page(long_gallery)
    page.emulate_media(media="print")
    boxes = page.locator(".card").evaluate_all(
        "cards => cards.slice(0, 4).map((card) => Math.round(card.getBoundingClientRect().y))"
    )
    assert len(set(boxes)) == 1, "four stand in a row"
    pages = page.pdf(format="A4").count(b"/Type /Page\n")
    assert 0 < pages <= 200 / 12


def test_one_drawing_fills_its_page(open_page, tmp_path):
    store = Store(tmp_path / "cats.draws")
    info = store.put(picture(size=(1024, 1024)))
    record = Record(type="drawing", id="a", number=1, prompt="a cat", pictures=[info])
    page = open_page(write_html([record], tmp_path / "cats.html", picture_path=store.path).as_uri())
    assert page.locator(".card img").bounding_box()["width"] > 450
    expect(page.locator("#tools")).to_be_hidden()


def test_a_phone_has_two_rows_of_controls(open_page, compared):
    page = open_page(compared, viewport={"width": 390, "height": 800})
    tops = page.locator("#tools").evaluate(
        """form => [...form.querySelectorAll("input[type=search], .controls > *")]
          .map((one) => Math.round(one.getBoundingClientRect().bottom / 12))"""
    )
    assert len(set(tops)) <= 2
    assert page.evaluate(INSIDE), "none is cut"
    assert page.locator(".card").first.bounding_box()["y"] < 260
    # What is chosen from stands among the filters, and counts as one.
    page.click("#more summary")
    page.select_option("#model", "two")
    expect(page.locator("#active")).to_have_text("1")
    page.set_viewport_size(VIEWPORT)
    expect(page.locator(".controls > label #model")).to_have_value("two")


def test_a_sweeps_page_has_two_rows_of_controls_on_a_phone(open_page, tmp_path):
    axes = {"style": ("ink", "oil"), "animal": ("cat", "dog"), "model": ("one", "two")}
    plan = SweepPlan(title="a {style} {animal}", axes=axes, fingerprints=(), takes=2)
    stopped = Record(
        type="drawing", id="a", number=1, error=Failure(type="Interrupted", message="Interrupted.")
    )
    places = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    cells = [(place, stopped, "") for place in places]
    target = write_page(tmp_path / "s.html", plan, cells, picture_path=lambda _: None)
    page = open_page(target.as_uri(), viewport={"width": 390, "height": 800})
    bottoms = page.locator("#tools").evaluate(
        """form => [...form.querySelectorAll("select, button")].filter((one) => one.checkVisibility())
          .map((one) => Math.round(one.getBoundingClientRect().bottom / 12))"""
    )
    assert len(set(bottoms)) == 2
    assert page.evaluate(INSIDE)
    expect(page.locator(".cell strong").first).to_have_text("Cancelled")
