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
from tests.sinks import picture

ROOT = Path(__file__).parents[2]
EVIL = '<script>document.title="owned"</script>"><img src=x onerror="document.title=\'owned\'">'


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
                model="nano-banana" if number % 4 == 0 else "gpt-4o-image",
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
    page.check("#starred")
    expect(page.locator("#count")).to_have_text("1")
    page.uncheck("#starred")
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
    clip = "getComputedStyle(document.getElementById('pair-clip')).clipPath"
    page.keyboard.press("a")
    assert page.evaluate(clip) in ("inset(0px)", "inset(0px 0% 0px 0px)")
    page.keyboard.press("b")
    assert "100%" in page.evaluate(clip)
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
    page.locator("summary").first.click()
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(open_page, gallery, axe, scheme):
    page = open_page(gallery, color_scheme=scheme, bypass_csp=True)
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run()).violations")
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert serious == [], [(v["id"], v["nodes"][0]["html"]) for v in serious]


def test_the_script_is_typed():
    compiler = Path(__file__).parent / "node_modules" / ".bin" / "tsc"
    if not compiler.exists() or not shutil.which("node"):
        pytest.skip("typescript is not installed: npm --prefix tests/browser install")
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
