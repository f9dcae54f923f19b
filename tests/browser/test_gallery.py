"""The gallery as a person uses it: searched, enlarged, compared, printed, read without script."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from nbext.data.record import Failure, Record
from nbext.export.html import write_html
from nbext.history.store import Store
from tests.browser.conftest import missing
from tests.sinks import picture

ROOT = Path(__file__).parents[2]
EVIL = '<script>document.title="owned"</script>"><img src=x onerror="document.title=\'owned\'">'
CLIP = "getComputedStyle(document.getElementById('pair-clip')).clipPath"


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    """A page with twelve drawings of two models, one of them a failure."""
    folder = tmp_path_factory.mktemp("gallery")
    store = Store(folder / "cats.draws")
    records = []
    for number in range(1, 13):
        info = store.put(picture(size=(40 + number, 30)))
        failed = number == 5
        records.append(
            Record(
                type="drawing",
                id=f"id{number}",
                number=number,
                model="nano-banana" if number % 4 == 0 else EVIL if number == 7 else "gpt-4o-image",
                prompt=EVIL if number == 7 else f"a cat, number {number}, 猫",
                text=EVIL,
                started=f"2026-11-{number:02}T10:00:00.000Z",
                host="relay.example",
                pictures=[] if failed else [info],
                parents=["id1"] if number == 2 else [],
                error=Failure(type="ModerationError", message=f"refused {EVIL}")
                if failed
                else None,
                changes={"star": True, "tags": ["final"]} if number == 3 else {},
            )
        )
    target = folder / "cats.html"
    write_html(records, target, picture_path=store.path, title=f"Cats {EVIL}")
    return target.as_uri()


def cards(page):
    return page.locator(".card:visible").evaluate_all("all => all.map(card => card.id)")


def clean(page):
    assert page.errors == []
    assert page.title().startswith("Cats <script>")
    assert all(url.startswith(("file:", "data:")) for url in page.asked)


def test_search_and_filters(open_page, gallery):
    page = open_page(gallery)
    assert len(cards(page)) == 12
    page.fill("#search", "NUMBER 3,")
    expect(page.locator("#count")).to_have_text("1")
    assert cards(page) == ["@3"]
    page.fill("#search", "")
    page.select_option("#model", "nano-banana")
    expect(page.locator("#count")).to_have_text("3")
    assert cards(page) == ["@12", "@8", "@4"]
    page.select_option("#model", "")
    for which, found in [("starred", ["@3"]), ("failed", ["@5"])]:
        page.select_option("#which", which)
        expect(page.locator("#count")).to_have_text("1")
        assert cards(page) == found
    page.select_option("#which", "whole")
    expect(page.locator("#count")).to_have_text("11")
    page.select_option("#which", "")
    expect(page.locator("#count")).to_have_text("12")
    page.fill("#search", "no such words")
    page.wait_for_selector("#none:not([hidden])")
    page.click("#reset")
    assert len(cards(page)) == 12
    clean(page)


def test_order_is_turned_round(open_page, gallery):
    page = open_page(gallery)
    assert cards(page)[0] == "@12"
    page.click("#order")
    assert cards(page)[0] == "@1"


def test_large_view_by_click_and_keyboard(open_page, gallery):
    page = open_page(gallery)
    page.locator(".picture").first.click()
    assert page.locator("#large").evaluate("d => d.open")
    assert "number 12" in page.locator("#full-prompt").inner_text()
    page.keyboard.press("ArrowRight")
    assert "number 11" in page.locator("#full-prompt").inner_text()
    page.keyboard.press("End")
    assert "number 1," in page.locator("#full-prompt").inner_text()
    assert page.evaluate("location.hash") == "#@1"
    page.keyboard.press("Escape")
    assert not page.locator("#large").evaluate("d => d.open")
    assert page.evaluate("document.activeElement.closest('.card').id") == "@1"
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


def test_a_link_to_one_drawing(open_page, gallery):
    page = open_page(f"{gallery}#@4")
    expect(page.locator('[id="@4"] .picture')).to_be_focused()


def test_dark_and_light(open_page, gallery):
    ground = "getComputedStyle(document.body).backgroundColor"
    page = open_page(gallery, color_scheme="dark")
    dark = page.evaluate(ground)
    page.click("#theme")
    assert page.evaluate(ground) != dark
    assert page.locator("#theme").inner_text() == "Dark"


def test_it_reads_without_script(open_page, gallery):
    page = open_page(gallery, java_script_enabled=False)
    assert page.locator(".card").count() == 12
    assert not page.locator("#tools").is_visible()
    assert page.locator(".card time").first.is_visible()
    page.locator(".card summary").first.click()
    assert "relay.example" in page.locator("dl").first.inner_text()
    assert page.locator("img").first.get_attribute("alt")


def test_nothing_from_outside_runs(open_page, gallery):
    page = open_page(gallery)
    page.wait_for_timeout(200)
    clean(page)
    assert page.locator("img[src='x']").count() == 0
    assert EVIL in page.locator('[id="@7"] .prompt').inner_text()


def test_print_leaves_the_tools_out(open_page, gallery):
    page = open_page(gallery)
    page.emulate_media(media="print")
    assert not page.locator("#tools").is_visible()
    assert page.locator(".prompt").first.is_visible()


OPENED = {
    "as it opens": lambda page: None,
    "large": lambda page: page.locator(".picture").first.click(),
    "compare": lambda page: [
        page.click("#compare"),
        *(page.locator(".picture").nth(n).click() for n in (0, 1)),
    ],
    "a failure": lambda page: page.locator("[id='@5'] .number").click(),
    "filters": lambda page: page.click("#more summary"),
    "tree": lambda page: page.click("#tree"),
}


@pytest.mark.parametrize("opened", OPENED)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(open_page, gallery, axe, scheme, opened):
    page = open_page(gallery, color_scheme=scheme, bypass_csp=True)
    OPENED[opened](page)
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run()).violations")
    assert found == [], [(v["id"], v["nodes"][0]["html"]) for v in found]


def test_the_script_is_typed():
    compiler = Path(__file__).parent / "node_modules" / ".bin" / "tsc"
    if not compiler.exists() or not shutil.which("node"):
        missing("typescript is not installed: npm --prefix tests/browser install")
    scripts = sorted((ROOT / "nbext").rglob("*.js"))
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
    assert len(cards(page)) == 70
    page.click("#more summary")
    page.select_option("#kind", "chat")
    expect(page.locator("#count")).to_have_text("1")
    assert cards(page) == ["@5"]
    assert page.locator("[id='@5'] .reply strong").inner_text() == "nine"
    page.select_option("#kind", "")
    for tag in ("a|b", 'the "best"'):
        page.select_option("#tag", "")
        expect(page.locator("#count")).to_have_text("70")
        page.select_option("#tag", tag)
        expect(page.locator("#count")).to_have_text("1")
        assert cards(page) == ["@65"]
    page.select_option("#tag", "")
    expect(page.locator("#count")).to_have_text("70")
    page.fill("#since", "2026-08-01")
    expect(page.locator("#count")).to_have_text("1")
    assert cards(page) == ["@70"]
    expect(page.locator("#active")).to_have_text("1")
    page.fill("#since", "")
    page.fill("#until", "2026-01-31")
    expect(page.locator("#count")).to_have_text("9")
    assert cards(page) == [f"@{number}" for number in range(9, 0, -1)]
    page.keyboard.press("Escape")
    expect(page.locator("#until")).not_to_be_visible()
    expect(page.locator("#more summary")).to_be_focused()
    page.click("#more summary")
    page.click("#clear")
    expect(page.locator("#count")).to_have_text("70")
    page.click("#order")
    assert cards(page) == [f"@{number}" for number in range(1, 71)]


def test_a_link_leads_to_a_drawing_that_a_filter_hides(open_page, folder_gallery):
    page = open_page(folder_gallery)
    page.fill("#search", "number n70")
    expect(page.locator("#count")).to_have_text("1")
    page.evaluate("location.hash = '#@3'")
    expect(page.locator('[id="@3"] .picture')).to_be_focused()
    for odd in ("#%", "#@%F0", "#@99", "#tools"):
        page.evaluate("hash => { location.hash = hash }", odd)
    page.wait_for_timeout(100)
    assert page.errors == []


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
    page.locator(".picture").first.click()
    assert not page.evaluate(wide)
    box = page.locator("#close").bounding_box()
    assert box["x"] + box["width"] <= 360
