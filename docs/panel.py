"""Photograph the panel in JupyterLab for the docs, light and dark: ``python docs/panel.py``.

The drawings are sketches of the embedded endpoint, of work that somebody could be at. It needs the
``test`` extra and a Chromium, Chrome or Edge.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

if TYPE_CHECKING:
    from playwright.sync_api import Page

STATIC = Path(__file__).parent / "_static" / "panel"
# Focus is seen at the edges of a part.
EDGE = 4
WORK = (
    "a lighthouse by the sea at night",
    "two pandas in a forest",
    "a castle on a hill, rainbow",
    "five fish under water",
    "a sailing boat at sunset",
    "a rocket above a city at night",
    "a dog with a red ball in a garden",
)


def photograph(page: Page, name: str, *parts: str) -> None:
    """Take pictures of parts of the panel, or of all of it, in both themes."""
    from PIL import Image

    from tests.browser.conftest import set_theme

    shown = [page.locator(part).first for part in parts or [".nbext-panel"]]
    for theme in ("Dark", "Light"):
        set_theme(page, theme)
        page.wait_for_timeout(400)
        page.locator(".nbext-panel").first.scroll_into_view_if_needed()
        boxes = [box for one in shown if (box := one.bounding_box())]
        left, top = (min(box[side] for box in boxes) - EDGE for side in ("x", "y"))
        right = max(box["x"] + box["width"] for box in boxes) + EDGE
        bottom = max(box["y"] + box["height"] for box in boxes) + EDGE
        clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
        with Image.open(io.BytesIO(page.screenshot(clip=clip))) as shot:  # type: ignore[arg-type]
            target = STATIC / f"{name}-{theme.lower()}.webp"
            shot.convert("RGB").save(target, quality=84, method=6)


def english(page: Page, one: Any) -> None:
    """Draw and edit for a while, and photograph what is on the way."""
    from tests.browser.test_panel import PROMPT, draw, edit

    for prompt in WORK:
        draw(page, prompt)
    draw(page, "a cat with a red hat by the sea")
    photograph(page, "drawn")
    edit(page)
    photograph(page, "references", ".nbext-compose")
    draw(page, "make it night")
    page.click("[data-act=compare]")
    page.wait_for_selector(".nbext-pair img")
    photograph(page, "compare", ".nbext-compare")
    page.get_by_role("slider", name="Divider").press("Escape")
    edit(page)
    draw(page, "add a moon")
    page.get_by_text("Tree of edits").click()
    photograph(page, "tree", ".nbext-actions", ".nbext-family")
    page.get_by_text("Tree of edits").click()
    one.kernel("panel.model = 'gpt-image-2'; panel.images = []; panel.form.more = True")
    page.fill(PROMPT, "a poster of a bicycle, transparent ground")
    photograph(page, "more", ".nbext-compose")
    one.kernel("panel.form.more = False")
    page.click("[data-act=mask]")
    canvas = page.locator(".nbext-painter canvas")
    canvas.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = canvas.bounding_box() or {}
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.18)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.24, steps=8)
    page.mouse.up()
    photograph(page, "mask", ".nbext-painter")
    page.click("[data-act=close]")
    one.kernel("nbext.history[5].star(); nbext.history[8].star(); nbext.history[8].tag('cover')")
    page.wait_for_timeout(1500)
    photograph(page, "history", ".nbext-gallery")


def requests(page: Page, one: Any) -> None:
    """Photograph what is under way, what has failed, several models, and a kernel that is gone."""
    from tests.browser.test_panel import PROMPT

    one.kernel("panel.model = 'embedded-slow'")
    page.fill(PROMPT, "a snail on a leaf, close up")
    page.press(PROMPT, "Control+Enter")
    page.wait_for_selector(".nbext-job [role=progressbar]")
    photograph(page, "drawing", ".nbext-job")
    page.get_by_role("button", name="Cancel: a snail").click()
    one.kernel("panel.model = 'embedded-refuses'")
    page.fill(PROMPT, "a portrait of somebody famous")
    page.press(PROMPT, "Control+Enter")
    page.wait_for_selector(".nbext-failed")
    photograph(page, "error", ".nbext-job")
    page.get_by_role("button", name="Dismiss: a portrait").click()
    one.kernel("panel.model = 'gpt-4o-image, gpt-image-2, gemini-2.5-flash-image'")
    for prompt in ("three red balloons over a green hill", "a red fox in the snow"):
        page.fill(PROMPT, prompt)
        page.press(PROMPT, "Control+Enter")
        page.get_by_text(prompt).first.wait_for()
    page.wait_for_function("() => document.querySelectorAll('.nbext-grid-picture img').length > 5")
    photograph(page, "models")
    page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }"
    )
    page.locator(".nbext-pulse [role=alert]").wait_for()
    photograph(page, "gone", ".nbext-pulse", ".nbext-compose")


def chinese(page: Page) -> None:
    """Photograph the panel of a Chinese browser."""
    from tests.browser.test_panel import draw

    for prompt in ("荷塘里的青蛙", "雪地里的红狐狸", "画一只戴红帽子的猫，坐在海边"):
        draw(page, prompt)
    photograph(page, "chinese")


def main() -> None:
    """Take all pictures."""
    from tests.browser.conftest import lab_in_browser
    from tests.browser.test_panel import PANEL, open_in

    with lab_in_browser() as (lab, browser):
        for locale in ("en-US", "zh-CN"):
            page = browser.new_page(
                viewport={"width": 1280, "height": 1360}, locale=locale, device_scale_factor=2
            )
            page.set_default_timeout(30_000)
            one = open_in(page, lab, PANEL)
            if locale == "en-US":
                english(page, one)
                requests(page, one)
            else:
                chinese(page)
            page.close()


if __name__ == "__main__":
    main()
