"""The panel as a person uses it: in JupyterLab, with a real kernel and the embedded endpoint."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from tests.sinks import picture

PANEL = "import nbext\npanel = nbext.Panel()\npanel"
STATE = "application/vnd.jupyter.widget-state+json"
PROMPT = ".nbext-prompt textarea"
PICTURE = ".nbext-picture img"
# The parts of the panel load one by one; the one that hears the keys says so.
HEARS = ".nbext-panel[data-lm-suppress-shortcuts]"
FILES = """async ([kind, target, files]) => {
  const data = new DataTransfer();
  for (const [name, type, base64] of files) {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    data.items.add(new File([bytes], name, { type }));
  }
  const at = document.querySelector(target);
  const how = { bubbles: true, cancelable: true };
  at.dispatchEvent(kind === "paste"
    ? new ClipboardEvent("paste", { ...how, clipboardData: data })
    : new DragEvent(kind, { ...how, dataTransfer: data }));
}"""


def encoded(data):
    import base64

    return base64.b64encode(data).decode()


def give(page, kind, *files, target=".nbext-dropzone"):
    page.evaluate(FILES, [kind, target, [[n, "image/png", encoded(d)] for n, d in files]])


def draw(page, prompt):
    page.fill(PROMPT, prompt)
    page.press(PROMPT, "Control+Enter")
    expect(page.locator(".nbext-prompt-said")).to_have_text(prompt)
    expect(page.locator(".nbext-job")).to_have_count(0)


def choose(page, name):
    """Do something that stands in the menu."""
    page.click(".nbext-menu summary")
    page.click(f".nbext-menu [data-act={name}]")


def edit(page):
    """Begin an edit; the prompt has the focus when all of the form is ready for it."""
    page.click("[data-act=edit]")
    expect(page.locator(PROMPT)).to_be_focused()
    expect(page.locator(PROMPT)).to_have_value("")
    expect(page.locator(".nbext-reference img")).to_have_count(1)


def noisy(size):
    """A PNG that does not get small."""
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def opened(lab, browser, tmp_path_factory):
    """One notebook with a panel; the tests of this file leave it usable for one another."""
    context = browser.new_context(viewport={"width": 1280, "height": 1360}, locale="en-US")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(error.stack or str(error)))
    one = open_in(page, lab, PANEL)
    yield one
    context.close()
    lab.end_kernels()


def open_in(page, lab, *cells, path="lab/tree"):
    from tests.browser.conftest import Notebook

    written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    written.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    name = f"panel-{time.time_ns()}.ipynb"
    nbformat.write(written, lab.root / name)
    page.goto(f"{lab.url}/{path}/{name}?token={lab.token}" + ("&reset" if "lab" in path else ""))
    one = Notebook(page, lab, name)
    one.wait_until_ready()
    one.command("notebook:run-all-cells")
    page.wait_for_selector(PROMPT)
    page.wait_for_selector(HEARS)
    page.wait_for_selector(".nbext-gallery .nbext-empty, .nbext-tile", state="attached")
    return one


@pytest.fixture
def page(opened):
    """The page, with an empty form and nothing under way."""
    opened.kernel(
        "panel.actions.close_tools(); panel.images = []; panel.prompt = ''; panel.form.zone.mask = None\n"
        "panel.model = 'gpt-4o-image'; panel.form.takes = 1\n"
        "for job in list(panel._jobs): panel.cancel(job); panel._forget(job)"
    )
    expect(opened.page.locator(".nbext-job")).to_have_count(0)
    yield opened.page
    assert opened.page.errors == []


# On a busy machine the bar may be gone before it is looked for.
WATCH_PROGRESS = """() => {
  const bar = '.nbext-job [role=progressbar][aria-valuenow]';
  const look = () => { window.progressed ||= Boolean(document.querySelector(bar)); };
  new MutationObserver(look).observe(document, {attributes: true, childList: true, subtree: true});
}"""


def test_draw(page, opened):
    page.evaluate(WATCH_PROGRESS)
    page.fill(PROMPT, "一只戴红帽子的猫,坐在海边")
    page.click(".nbext-draw")
    expect(page.locator(PICTURE)).to_be_visible()
    assert page.evaluate("window.progressed")
    assert page.locator(PICTURE).evaluate("image => image.naturalWidth") == 1024
    expect(page.locator(".nbext-caption").first).to_contain_text("@1 · gpt-4o-image")
    expect(page.locator(".nbext-tile img")).to_have_count(1)
    assert opened.kernel("print(panel.drawing.number, panel.prompt)").startswith("1 一只")


def test_takes_stand_beside_one_another(page, opened):
    page.fill(".nbext-row input[type=number]", "3")
    page.press(".nbext-row input[type=number]", "Tab")
    draw(page, "a lighthouse, paper cut")
    expect(page.locator(".nbext-takes button")).to_have_count(3)
    second = page.locator(".nbext-takes button").nth(1)
    second.click()
    expect(second).to_have_attribute("aria-pressed", "true")
    number = int(opened.kernel("print(panel.drawing.number)"))
    expect(page.locator(".nbext-caption").first).to_contain_text(f"@{number} ·")


def test_cancel_drops_the_request(page, opened):
    opened.kernel("panel.model = 'embedded-slow'")
    page.fill(PROMPT, "slowly, a snail")
    page.press(PROMPT, "Control+Enter")
    expect(page.locator(".nbext-job [role=progressbar]")).to_be_visible()
    expect(page.locator(".nbext-job b")).to_have_text("slowly, a snail")
    expect(page.locator(".nbext-by")).to_have_text("embedded-slow")
    page.get_by_role("button", name="Cancel: slowly").click()
    expect(page.locator(".nbext-job")).to_have_count(0)
    expect(page.locator(".nbext-said").filter(has_text="Cancelled.")).to_be_visible()
    said = "x = nbext.history.search('snail')[-1].error; print(x and x.type)"
    for _ in range(20):
        if "Interrupted" in opened.kernel(said):
            break
        page.wait_for_timeout(100)
    assert "Interrupted" in opened.kernel(said)


@pytest.fixture
def busy(page, opened):
    """The kernel runs a cell all the while."""
    done = opened.path.with_suffix(".done")
    code = f"import os, time\nwhile not os.path.exists({str(done)!r}): time.sleep(0.05)"
    page.evaluate(
        """code => {
          const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
          window.running = true;
          kernel.requestExecute({ code }).done.then(() => { window.running = false; });
        }""",
        code,
    )
    yield
    done.touch()


def test_it_draws_and_cancels_while_a_cell_runs(page, busy):
    draw(page, "drawn beside a cell")
    page.click("[data-act=edit]")
    expect(page.locator(".nbext-reference img")).to_have_count(1)
    page.get_by_label("Model", exact=True).fill("embedded-slow")
    page.get_by_label("Model", exact=True).press("Tab")
    page.fill(PROMPT, "slowly, beside a cell")
    page.click(".nbext-draw")
    page.get_by_role("button", name="Cancel: slowly").click()
    expect(page.locator(".nbext-job")).to_have_count(0)
    assert page.evaluate("window.running")


def test_a_key_that_is_held_down_draws_once(page, opened):
    before = int(opened.kernel("print(len(nbext.history))"))
    page.fill(PROMPT, "pressed for long")
    page.focus(PROMPT)
    page.keyboard.down("Control")
    for _ in range(5):
        page.keyboard.down("Enter")
        page.wait_for_timeout(150)
    page.keyboard.up("Enter")
    page.keyboard.up("Control")
    expect(page.locator(".nbext-prompt-said")).to_have_text("pressed for long")
    # As a kernel that is so busy that it hears of the second click late.
    opened.kernel("import sys\nsys.modules['nbext.panel.panel'].DOUBLE = 0")
    page.dblclick(".nbext-draw")
    expect(page.locator(".nbext-tile")).to_have_count(before + 2)
    expect(page.locator(".nbext-job")).to_have_count(0)
    opened.kernel("sys.modules['nbext.panel.panel'].DOUBLE = 0.6")
    assert int(opened.kernel("print(len(nbext.history))")) == before + 2


def test_a_field_that_is_still_written_in_counts(page, opened):
    page.fill(PROMPT, "three of them")
    page.locator(".nbext-row input[type=number]").press("Control+a")
    page.keyboard.type("3")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".nbext-takes button")).to_have_count(3)
    opened.kernel("panel.form.takes = 1")
    model = page.get_by_label("Model", exact=True)
    model.focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".nbext-takes button")).to_have_count(4)
    assert opened.kernel("print(panel.model)").strip() == "gpt-4o-image"
    page.wait_for_timeout(700)
    page.keyboard.press("Control+a")
    page.keyboard.type("nano-banana")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".nbext-caption").first).to_contain_text("nano-banana")
    model.blur()
    opened.kernel("panel.model = 'gpt-4o-image'")
    expect(model).to_have_value("gpt-4o-image")
    model.fill("")
    model.blur()
    expect(model).to_have_value("gpt-4o-image")


def test_an_error_stays_with_its_remedy_and_can_be_tried_again(page, opened):
    opened.kernel("panel.model = 'embedded-refuses'")
    page.fill(PROMPT, "something refused")
    page.press(PROMPT, "Control+Enter")
    failed = page.locator(".nbext-job.nbext-failed")
    expect(failed).to_be_visible()
    assert len(failed.locator(".nbext-job-words").inner_text()) > 10
    first = failed.element_handle()
    page.get_by_role("button", name="Try again: something").click()
    first.wait_for_element_state("hidden")
    expect(failed).to_be_visible()
    page.get_by_role("button", name="Dismiss: something").click()
    expect(page.locator(".nbext-job")).to_have_count(0)


def test_a_callback_that_fails_says_so(page, opened):
    opened.kernel("panel.form.options = lambda: 1 / 0")
    page.fill(PROMPT, "anything")
    page.press(PROMPT, "Control+Enter")
    expect(page.locator(".nbext-stage .nbext-said.nbext-error")).to_contain_text(
        "ZeroDivisionError"
    )
    opened.kernel("del panel.form.options")


def test_all_models_are_listed_with_what_they_can_do(page, opened):
    model = page.get_by_label("Model", exact=True)
    model.click()
    options = page.locator(".nbext-choice")
    # The endpoint's list may come while the chooser is open.
    groups = page.locator(".nbext-group")
    expect(groups).to_have_text(["Draw pictures", "Other models", "Test models"])
    listed = int(opened.kernel("print(len(panel.form.chooser.options))"))
    expect(options).to_have_count(listed)
    assert listed > 20
    expect(page.get_by_role("option", name="gpt-image-2", exact=False).first).to_contain_text(
        "masks"
    )
    model.press("Control+a")
    page.keyboard.type("gemini")
    expect(options.first).to_contain_text("gemini")
    assert options.count() < listed
    model.press("ArrowDown")
    model.press("Enter")
    expect(page.locator(".nbext-models")).to_be_hidden()
    assert "gemini" in opened.kernel("print(panel.model)")
    model.click()
    expect(options).to_have_count(listed)
    page.get_by_role("option", name="gpt-4o-image", exact=False).first.click()
    assert opened.kernel("print(panel.model)").strip() == "gpt-4o-image"
    model.click()
    model.press("Escape")
    expect(page.locator(".nbext-models")).to_be_hidden()


def test_several_models_draw_side_by_side(page, opened):
    model = page.get_by_label("Model", exact=True)
    model.click()
    page.get_by_role("option", name="gpt-image-2", exact=False).first.click(modifiers=["Control"])
    refuses = page.get_by_role("option", name="embedded-refuses", exact=False).first
    refuses.locator(".nbext-add").click()
    expect(model).to_have_value("gpt-4o-image, gpt-image-2, embedded-refuses")
    expect(page.locator(".nbext-choice[aria-selected=true]")).to_have_count(3)
    model.press("Escape")
    expect(page.locator(".nbext-draw")).to_have_text("Draw with 3 models")
    for prompt in ("three red balloons over a green hill", "a red fox in the snow"):
        page.fill(PROMPT, prompt)
        page.press(PROMPT, "Control+Enter")
        expect(page.locator(".nbext-grid-prompt").first).to_have_text(prompt)
    pictures = page.locator(".nbext-grid-picture img")
    expect(pictures).to_have_count(4)
    expect(page.locator(".nbext-grid .nbext-error")).to_have_count(2)
    expect(page.locator(".nbext-job")).to_have_count(0)
    first = page.locator(".nbext-grid-picture").first
    name = first.inner_text()
    first.click()
    expect(page.locator(PICTURE)).to_be_visible()
    expect(page.locator(".nbext-caption").first).to_contain_text(f"{name} · gpt-4o-image")
    page.click("[data-act=grid]")
    expect(pictures).to_have_count(4)
    opened.kernel("panel.model = 'gpt-4o-image'")
    draw(page, "a hat on its own")
    expect(page.locator(PICTURE)).to_be_visible()


def test_what_is_missing_is_said_beside_the_button(page):
    page.fill(PROMPT, " ")
    page.click(".nbext-draw")
    expect(page.locator(".nbext-complaint")).to_have_text("Enter a prompt first.")
    expect(page.locator(PROMPT)).to_be_focused()
    draw(page, "a tent")
    expect(page.locator(".nbext-complaint")).to_be_hidden()


def test_nothing_jumps(page):
    draw(page, "a hill")
    top = page.locator(".nbext-gallery").bounding_box()["y"]
    page.click("[data-act=star]")
    expect(page.locator("[data-act=star]")).to_have_attribute("aria-pressed", "true")
    assert page.locator(".nbext-gallery").bounding_box()["y"] == top
    page.click("[data-act=compare]")
    expect(page.locator(".nbext-pair img").first).to_be_visible()
    assert page.locator(".nbext-gallery").bounding_box()["y"] == top
    page.get_by_role("slider", name="Divider").press("Escape")
    page.get_by_label("Model", exact=True).fill("embedded-slow")
    page.get_by_label("Model", exact=True).press("Enter")
    page.fill(PROMPT, "slowly, a hill")
    page.press(PROMPT, "Control+Enter")
    expect(page.locator(".nbext-job [role=progressbar]")).to_be_visible()
    assert page.locator(".nbext-gallery").bounding_box()["y"] == top
    page.get_by_role("button", name="Cancel: slowly").click()
    page.click("[data-act=star]")
    assert page.evaluate("document.querySelectorAll('.nbext-panel [title=null]').length") == 0


def test_a_thumbnail_is_dragged_onto_the_references(page, opened):
    draw(page, "a drum")
    number = opened.kernel("print(panel.drawing.number)").strip()
    # Elsewhere, as in a cell, it is dropped as its name.
    name = page.locator(".nbext-tile").first.evaluate(
        """tile => {
          const event = new DragEvent("dragstart", { dataTransfer: new DataTransfer(), bubbles: true });
          tile.dispatchEvent(event);
          return event.dataTransfer.getData("text/plain");
        }"""
    )
    assert name == f"@{number}"
    page.locator(".nbext-tile").first.drag_to(page.locator(".nbext-drop"))
    expect(page.locator(".nbext-reference img")).to_have_attribute("alt", f"@{number}")
    expect(page.locator(".nbext-draw")).to_have_text(f"Edit @{number}")


def test_all_parameters_are_used_again(page, opened):
    page.get_by_role("radio", name="3:2").check()
    opened.kernel("panel.form.seed = '41'")
    draw(page, "a violin")
    page.get_by_role("radio", name="auto").check()
    opened.kernel("panel.form.seed = ''")
    page.fill(PROMPT, "something else")
    page.click("[data-act=reuse]")
    expect(page.locator(PROMPT)).to_have_value("a violin")
    expect(page.get_by_role("radio", name="3:2")).to_be_checked()
    assert opened.kernel("print(panel.form.options().seed)").strip() == "41"
    opened.kernel("panel.form.seed = ''; panel.form.more = False")
    page.get_by_role("radio", name="auto").check()


def test_several_are_selected(page, opened):
    for prompt in ("one of three", "two of three", "three of three"):
        draw(page, prompt)
    tiles = page.locator(".nbext-tile")
    tiles.nth(0).click(modifiers=["Control"])
    tiles.nth(2).click(modifiers=["Shift"])
    several = page.locator(".nbext-several")
    expect(several).to_contain_text("3 selected")
    page.locator(".nbext-view").press("Escape")
    expect(several).to_be_hidden()
    tiles.nth(0).click(modifiers=["Control"])
    tiles.nth(2).click(modifiers=["Control"])
    page.click("[data-several=compare]")
    expect(page.locator(".nbext-pair img").nth(1)).to_be_visible()
    page.get_by_role("slider", name="Divider").press("Escape")
    page.click("[data-several=star]")
    expect(tiles.nth(2)).to_contain_text("★")
    page.click("[data-several=star]")
    expect(tiles.nth(2)).not_to_contain_text("★")
    page.click("[data-several=reference]")
    expect(page.locator(".nbext-reference img")).to_have_count(2)
    page.get_by_role("button", name="Clear selection").click()
    expect(page.locator(".nbext-filters input[type=search]")).to_be_visible()


def test_the_large_view_zooms_pans_and_goes_on(page, opened):
    draw(page, "the one before")
    draw(page, "the one after")
    page.click("[data-act=large]")
    large = page.locator("dialog.nbext-large")
    image = large.locator("img")
    percent = page.locator(".nbext-percent")
    fitted = percent.inner_text()
    expect(image).to_have_attribute("src", re.compile("blob:"))
    page.keyboard.press("1")
    expect(percent).to_have_text("100 %")
    assert round(image.bounding_box()["width"]) == 1024
    for _ in range(3):
        page.keyboard.press("+")
    box = large.locator(".nbext-room").bounding_box()
    before = image.bounding_box()
    page.mouse.move(box["width"] / 2, box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["width"] / 2 + 80, box["height"] / 2 + 50, steps=4)
    page.mouse.up()
    after = image.bounding_box()
    assert round(after["x"] - before["x"]) == 80
    assert round(after["y"] - before["y"]) == 50
    page.keyboard.press("0")
    expect(percent).to_have_text(fitted)
    page.mouse.wheel(0, -100)
    expect(percent).not_to_have_text(fitted)
    page.keyboard.press("ArrowRight")
    expect(large.locator(".nbext-large-prompt")).to_have_text("the one before")
    page.keyboard.press("ArrowLeft")
    expect(large.locator(".nbext-large-prompt")).to_have_text("the one after")
    wide = page.viewport_size
    page.set_viewport_size({"width": 400, "height": 800})
    page.keyboard.press("0")
    assert large.locator("footer").bounding_box()["width"] <= 400, "a long caption is cut"
    assert image.bounding_box()["width"] <= 400
    page.set_viewport_size(wide)
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()
    expect(page.locator("[data-act=large]")).to_be_focused()


def test_it_fits_a_narrow_column_and_reads_from_right_to_left(page, opened):
    draw(page, "قطة حمراء بجانب البحر")
    wide = page.viewport_size
    page.set_viewport_size({"width": 340, "height": 800})
    width = "document.querySelector('{}').offsetWidth".format
    # The notebook around it is laid out anew some time after the window.
    page.wait_for_function(f"() => {width('.nbext-stage')} < 300")
    page.wait_for_function(f"() => {width('.nbext-canvas')} <= {width('.nbext-stage')}")
    # All shapes stand in one row on a phone, and in the left column of a narrow window.
    lines = """phone => {
      const shapes = document.querySelector(".nbext-shapes");
      shapes.style.width = phone;
      const lines = new Set([...shapes.querySelectorAll("label")].map((one) => one.offsetTop));
      shapes.style.width = "";
      return lines.size;
    }"""
    assert page.evaluate(lines, "280px") == 1
    for name in (".nbext-prompt-said", PROMPT):
        expect(page.locator(name)).to_have_css("unicode-bidi", "plaintext")
    page.set_viewport_size(wide)


WATCH = """() => {
  const said = document.querySelector(".nbext-dropzone .nbext-said"), bar = document.querySelector(".nbext-upload");
  window.watched = [];
  new MutationObserver(() => window.watched.push(`${said.textContent} ${!bar.hidden}`)).observe(said, { childList: true });
}"""


def test_drop_paste_and_choose(page, opened, tmp_path):
    large = noisy((2200, 1800))
    assert len(large) > 11_000_000
    page.evaluate(WATCH)
    give(page, "drop", ("sea.png", large))
    expect(page.get_by_role("button", name="Remove sea.png")).to_be_visible()
    # At once and to the end: what is sent, then that it is read, always with a bar.
    watched = page.evaluate("window.watched")
    assert watched[0] == "sea.png 0 % true"
    assert any(
        line.startswith("sea.png ") and not line.startswith("sea.png 0 %") for line in watched
    )
    assert watched[-2:] == ["Reading sea.png… true", " false"]
    give(page, "paste", ("pasted.png", picture()), target=PROMPT)
    expect(page.get_by_role("button", name="Remove pasted.png")).to_be_visible()
    (tmp_path / "chosen.png").write_bytes(picture(size=(30, 40)))
    page.set_input_files(".nbext-file", str(tmp_path / "chosen.png"))
    expect(page.locator(".nbext-reference img")).to_have_count(3)
    import hashlib

    assert hashlib.sha256(large).hexdigest() in opened.kernel("print(panel.images[0].info.sha256)")
    page.get_by_role("button", name="Remove sea.png").click()
    expect(page.locator(".nbext-reference img")).to_have_count(2)


def test_what_is_no_picture_is_said_beside_those_that_are(page):
    said = page.locator(".nbext-dropzone .nbext-said")
    give(page, "drop", ("notes.png", b"just words"), ("cat.png", picture()))
    expect(page.get_by_role("button", name="Remove cat.png")).to_be_visible()
    expect(said).to_have_text("notes.png is not a picture.")
    give(page, "drop", ("cut.png", picture()[:60]))
    expect(page.get_by_role("img", name="cut.png")).to_be_visible()
    expect(said).to_contain_text("cut.png: The picture cannot be decoded")
    page.get_by_role("button", name="Remove cut.png").click()
    expect(said).to_be_hidden()


def test_edit_and_the_way_back(page, opened):
    draw(page, "a cat")
    edit(page)
    draw(page, "add a red hat")
    parent = page.locator(".nbext-relatives button").first
    name = parent.inner_text()
    parent.click()
    expect(page.locator(".nbext-caption").first).to_contain_text(f"{name} ·")
    expect(page.locator(".nbext-prompt-said")).to_have_text("a cat")
    expect(page.locator(".nbext-relatives")).to_contain_text("Edits")
    page.get_by_text("Details", exact=True).click()
    expect(page.locator(".nbext-stage dl")).to_contain_text("embedded endpoint, a sketch")


def test_compare(page):
    draw(page, "a dog, once more")
    page.click("[data-act=compare]")
    slider = page.get_by_role("slider", name="Divider")
    expect(slider).to_be_focused()
    slider.press("Home")
    pair = page.locator(".nbext-pair")
    assert pair.evaluate("e => e.style.getPropertyValue('--at')") == "0%"
    slider.fill("30")
    assert pair.evaluate("e => e.style.getPropertyValue('--at')") == "30%"
    expect(pair.locator("img").nth(1)).to_have_attribute("alt", re.compile("Right: @"))
    left = page.get_by_label("Left", exact=True)
    oldest = left.evaluate("select => [...select.options].at(-1).value")
    left.select_option(oldest)
    expect(pair.locator("img").first).to_have_attribute("alt", f"Left: {oldest}")
    slider.press("Escape")
    expect(pair).to_have_count(0)


def pinch(page, frame):
    """Zoom in by two fingers, which paint nothing: what was painted is all there is to undo."""
    before = frame.evaluate("frame => frame.scrollWidth")
    box = frame.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)
    for kind, gaps in (("Start", [40]), ("Start", [40, -40]), ("Move", [90, -90]), ("End", [])):
        points = [{"x": x + gap, "y": y, "id": n} for n, gap in enumerate(gaps)]
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    touch.detach()
    page.wait_for_function(
        "before => document.querySelector('.nbext-frame').scrollWidth > before", arg=before
    )


def test_a_mask_has_the_size_of_its_picture(page, opened):
    draw(page, "a boat")
    expect(page.locator("[data-act=mask]")).to_have_count(0)
    opened.kernel("panel.model = 'gpt-image-1'")
    page.click("[data-act=mask]")
    canvas = page.locator(".nbext-painter canvas")
    expect(canvas).to_be_focused()
    use = page.locator("[data-act=use_mask]")
    expect(use).to_be_disabled()
    canvas.press(" ")
    for _ in range(3):
        canvas.press("ArrowRight")
    canvas.press(" ")
    page.click("[data-act=undo]")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60, steps=4)
    page.mouse.up()
    canvas.press("+")
    canvas.press("i")
    canvas.press("i")
    # What is undone comes back; what is wiped away is no mask, until that is undone.
    canvas.press("Control+z")
    expect(page.locator("[data-act=redo]")).to_be_enabled()
    canvas.press("Control+Shift+Z")
    expect(page.locator("[data-act=redo]")).to_be_disabled()
    page.click("[data-act=clear]")
    expect(use).to_be_disabled()
    canvas.press("z")
    expect(use).to_be_enabled()
    pinch(page, page.locator(".nbext-frame"))
    # Nothing is lost by Esc, neither what is painted nor what can be undone.
    canvas.press("Escape")
    expect(canvas).to_have_count(0)
    page.click("[data-act=mask]")
    expect(canvas).to_be_focused()
    expect(use).to_be_enabled()
    expect(page.locator("[data-act=redo]")).to_be_enabled()
    use.click()
    expect(page.locator(".nbext-badge")).to_be_visible()
    facts = opened.kernel(
        "import io; from PIL import Image\n"
        "m = Image.open(io.BytesIO(panel.form.zone.mask.data)); a = m.getchannel('A')\n"
        "w, h = panel.drawing.image.size\n"
        "print(m.size == (w, h), a.getpixel((w // 2, h // 2)), a.getpixel((w - 1, h - 1)), panel.form.options().mask is not None)"
    )
    assert facts.split() == ["True", "0", "255", "True"]
    draw(page, "a sail in place of it")
    assert "True" in opened.kernel("print(panel.drawing.record.mask is not None)")
    # Another picture begins with an empty mask.
    page.click("[data-act=mask]")
    expect(canvas).to_be_focused()
    expect(use).to_be_disabled()


def test_more_options_are_those_of_the_wire(page, opened):
    page.get_by_role("button", name="More options").click()
    expect(page.get_by_label("System message")).to_be_visible()
    opened.kernel("panel.model = 'gpt-image-1'")
    expect(page.get_by_label("System message")).to_be_hidden()
    expect(page.get_by_label("Quality")).to_be_visible()
    page.get_by_role("button", name="Fewer options").click()


def test_insert_as_a_cell_and_run_it(page, opened):
    page.get_by_role("radio", name="2:3").check()
    page.fill(PROMPT, 'a fox says "{hello}", twice')
    page.click(".nbext-draw")
    expect(page.locator(".nbext-complaint")).to_have_text(
        "{hello} in the prompt is not a variable. Nothing was sent. "
        "To send the braces as they are, write {{hello}}."
    )
    page.fill(PROMPT, 'a fox says "{{hello}}", twice')
    page.press(PROMPT, "Control+Enter")
    expect(page.locator(".nbext-prompt-said")).to_have_text('a fox says "{hello}", twice')
    page.get_by_role("radio", name="auto").check()
    choose(page, "cell")
    expect(page.locator(".nbext-stage .nbext-said")).to_have_text("Inserted below.")
    cell = page.locator(".jp-CodeCell").nth(1).locator(".cm-content")
    text = '%%draw gpt-4o-image --aspect 2:3\na fox says "{{hello}}", twice'
    expect(cell).to_have_text(text.replace("\n", ""))
    # Again, where no application is exposed to a page.
    page.evaluate("() => { window.kept = window.jupyterapp; delete window.jupyterapp; }")
    try:
        choose(page, "cell")
        expect(page.locator(".jp-CodeCell")).to_have_count(3)
        lines = page.locator(".jp-CodeCell").nth(1).locator(".cm-line")
        expect(lines).to_have_text(text.split("\n"))
    finally:
        page.evaluate("() => { window.jupyterapp = window.kept; }")
    opened.command("notebook:run-cell")
    page.wait_for_selector(".jp-CodeCell:nth-of-type(n+2) .jp-OutputArea-output img")
    said = "x = nbext.history[-1]; print(x.prompt, x.parameters)"
    assert "a fox says" in opened.kernel(said)
    assert "2:3" in opened.kernel(said)


def test_star_search_and_keyboard_in_the_gallery(page, opened):
    draw(page, "a quiet pond")
    draw(page, "the only walrus")
    blank = page.evaluate_handle(
        """() => {
          const seen = { blank: false };
          const view = document.querySelector(".nbext-view");
          const look = () => { seen.blank ||= !view.querySelector(".nbext-tile img"); };
          new MutationObserver(look).observe(view, { subtree: true, childList: true });
          return seen;
        }"""
    )
    page.click("[data-act=star]")
    expect(page.locator("[data-act=star]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".nbext-tile").first).to_contain_text("★")
    assert not blank.evaluate("seen => seen.blank"), "the thumbnails flicker"
    page.fill(".nbext-filters input[type=search]", "walrus")
    expect(page.locator(".nbext-count")).to_have_text("1 drawing")
    page.fill(".nbext-filters input[type=search]", "")
    page.get_by_role("checkbox", name="Starred").check()
    expect(page.locator(".nbext-count")).to_have_text("1 drawing")
    page.get_by_role("checkbox", name="Starred").uncheck()
    expect(page.locator(".nbext-count")).not_to_have_text("1 drawing")
    page.focus(".nbext-view")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.locator(".nbext-caption").first).to_contain_text("@1 ·")
    assert page.locator(".jp-CodeCell.jp-mod-active").count() == 1


def test_what_a_cell_draws_comes_into_the_history(page, opened):
    page.locator(".nbext-view").press("Home")
    before = int(re.search(r"\d+", page.locator(".nbext-count").inner_text())[0])
    code = "nbext.draw('by a cell', model='embedded'); print(len(nbext.history))"
    assert opened.kernel(code).split()[-1] == str(before + 1)
    noun = "drawings" if before else "drawing"
    expect(page.locator(".nbext-count")).to_have_text(f"{before + 1} {noun}")
    expect(page.locator("[aria-posinset='1']")).to_have_attribute(
        "aria-label", re.compile("by a cell")
    )


def test_tags_and_a_note_are_kept_and_found(page, opened):
    draw(page, "a pond")
    draw(page, "a quiet owl")
    page.get_by_text("Tags and note").click()
    page.get_by_label("Tags (comma-separated)").fill("final, for print")
    page.get_by_label("Note", exact=True).fill("the left eye is whole")
    page.get_by_label("Note", exact=True).blur()
    expect(page.locator(".nbext-notes summary")).to_have_text(
        "Tags and note · final · for print · the left eye is whole"
    )
    said = "d = panel.drawing; print(d.tags, d.note)"
    assert opened.kernel(said).strip() == "['final', 'for print'] the left eye is whole"
    page.get_by_label("All tags").select_option("for print")
    expect(page.locator(".nbext-count")).to_have_text("1 drawing")
    page.get_by_label("All tags").select_option("")
    page.fill(".nbext-filters input[type=search]", "left eye")
    expect(page.locator(".nbext-count")).to_have_text("1 drawing")
    page.fill(".nbext-filters input[type=search]", "")
    expect(page.locator(".nbext-count")).not_to_have_text("1 drawing")


def test_the_tree_of_edits(page, opened):
    draw(page, "a robot")
    root = page.locator(".nbext-caption").first.inner_text().split()[0]
    for change in ("add a red hat", "make it night"):
        edit(page)
        draw(page, change)
    page.get_by_text("Tree of edits (3)").click()
    rows = page.locator(".nbext-family li")
    expect(rows).to_have_count(3)
    expect(rows.nth(2).locator("button")).to_have_attribute("aria-current", "true")
    page.evaluate(
        "for (const e of document.querySelectorAll('.nbext-stage details:not(.nbext-family)')) e.open = false"
    )
    rows.first.get_by_role("button").click()
    expect(page.locator(".nbext-caption").first).to_contain_text(f"{root} ·")
    expect(page.locator(".nbext-family")).to_have_attribute("open", "")


def test_copy_save_and_code(page, opened):
    draw(page, "a teapot")
    choose(page, "copy")
    expect(page.locator(".nbext-stage .nbext-said")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "a teapot"
    with page.expect_download() as download:
        page.click("[data-act=save]")
    saved = Path(download.value.path()).read_bytes()
    assert saved.startswith(b"\x89PNG")
    assert b"a teapot" in saved
    page.click(".nbext-menu summary")
    page.get_by_label("Show as code").select_option("Python")
    expect(page.locator(".nbext-code")).to_contain_text("a teapot")
    page.get_by_role("button", name="Copy code").click()
    expect(page.locator(".nbext-stage .nbext-said")).to_have_text("Copied.")
    assert "a teapot" in page.evaluate("navigator.clipboard.readText()")
    page.locator(".nbext-coded").get_by_role("button", name="Close").click()
    expect(page.locator(".nbext-code")).to_have_count(0)
    expect(page.locator(".nbext-menu summary")).to_be_focused()


def test_export_is_downloaded_and_opens(page, opened, browser):
    draw(page, "a kite")
    count = int(opened.kernel("print(len(nbext.history))"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Export HTML").click()
    link = page.locator(".nbext-gallery a")
    expect(link).to_have_text(opened.path.with_suffix(".html").name)
    with page.expect_popup() as popup:
        link.click()
    expect(popup.value.locator(".card").first).to_be_visible()
    popup.value.close()
    target = Path(download.value.path()).with_suffix(".html")
    target.write_bytes(Path(download.value.path()).read_bytes())
    other = browser.new_page()
    other.goto(target.as_uri())
    assert other.locator(".card img").first.evaluate(
        "image => image.complete && image.naturalWidth > 0"
    )
    assert other.locator(".card").count() == count > 0
    other.close()


def test_large_view_by_keyboard_alone(page, opened):
    page.focus(PROMPT)
    page.keyboard.type("drawn by keyboard alone")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".nbext-prompt-said")).to_have_text("drawn by keyboard alone")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.act") == "large":
            break
    page.keyboard.press("Enter")
    expect(page.locator("dialog.nbext-large")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.nbext-large")).to_be_hidden()
    assert page.evaluate("document.activeElement.dataset.act") == "large"
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.act") == "reference":
            break
    page.keyboard.press("Enter")
    expect(page.locator(".nbext-reference img")).to_have_count(1)


def test_nothing_serious_for_axe(page, opened, axe):
    draw(page, "a quiet lake")
    page.click("[data-act=compare]")
    page.get_by_role("button", name="More options").click()
    page.evaluate(axe)
    for theme in ("light", "dark"):
        if theme == "dark":
            opened.dark()
            page.wait_for_timeout(300)
        found = page.evaluate("axe.run('.nbext-panel', {resultTypes: ['violations']})")
        serious = [
            (v["id"], [n["html"][:200] + str([c["message"] for c in n["any"]]) for n in v["nodes"]])
            for v in found["violations"]
            if v["impact"] in ("serious", "critical")
        ]
        assert serious == []
    page.get_by_role("button", name="Fewer options").click()
    page.evaluate(
        "() => { window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'}); }"
    )


def test_keep_is_an_ordinary_output(page, opened):
    below = page.locator(".jp-CodeCell").first.locator(".jp-OutputArea-child")
    expect(below.nth(1)).to_be_hidden()
    draw(page, "kept for good")
    choose(page, "keep")
    expect(below.nth(1)).to_be_visible()
    expect(below.nth(1).locator("img")).to_be_visible()
    cells = page.locator(".jp-CodeCell").count()
    page.wait_for_timeout(4000)
    assert page.locator(".jp-CodeCell").count() == cells, "it is kept by a cell as well"
    expect(page.locator(".nbext-stage .nbext-said")).to_have_text("Kept below the panel.")
    saved = opened.save()
    outputs = saved["cells"][0]["outputs"]
    assert outputs[1]["metadata"]["nbext"]["prompt"] == "kept for good"
    assert "image/png" in outputs[1]["data"]
    assert "application/vnd.jupyter.widget-view+json" in outputs[0]["data"]
    assert "nbext.Panel" in "".join(outputs[0]["data"]["text/plain"])
    opened.kernel("panel.actions.outputs.clear(); panel.actions.tell_page()")


def test_reload_brings_it_back(page, opened):
    draw(page, "before the reload")
    opened.save()
    page.reload()
    page.wait_for_selector(HEARS, timeout=60_000)
    expect(page.locator(".nbext-prompt-said")).to_have_text("before the reload")
    expect(page.locator(PICTURE)).to_be_visible()
    draw(page, "after the reload")
    # Outputs of a reloaded page hear no updates: what is kept comes as a cell that has run.
    choose(page, "keep")
    page.wait_for_selector(".jp-CodeCell:nth-of-type(2) .jp-OutputArea-output img")


def test_a_page_that_is_not_heard_says_so(page, opened):
    """The kernel beats, but what the page says is lost, or waits until a cell has ended."""
    notice = page.locator(".nbext-pulse [role=alert]")
    opened.kernel("panel.pulse.handlers['ping'] = lambda *_: None")
    page.click(".nbext-draw")
    expect(notice).to_have_text(
        "The kernel does not receive messages from this page. Reload the page."
    )
    opened.kernel("panel.pulse.handlers['ping'] = lambda said, _: panel.pulse.heard(said['id'])")
    page.click(".nbext-label >> nth=0")
    expect(notice).to_be_hidden()


def saves_state(opened, wanted):
    """Have the widgets' state saved with the notebook, or not."""
    name = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"
    opened.command(name)
    opened.page.wait_for_function(
        "([name, wanted]) => window.jupyterapp.commands.isToggled(name) === wanted",
        arg=[name, wanted],
    )


def test_a_saved_notebook_stays_small(page, opened):
    """Also where the widgets' state is saved with it, and dozens were drawn."""
    count = int(opened.kernel("print(len(nbext.history))"))
    opened.kernel(
        "from nbext.data.options import Options\n"
        f"jobs = [panel.start(Options(prompt='x', model='embedded')) for _ in range({max(0, 50 - count)})]\n"
        "for job in jobs: job.reply.wait()",
        seconds=60,
    )
    expect(page.locator(".nbext-count")).to_have_text(f"{max(50, count)} drawings")
    give(page, "drop", ("sea.png", noisy((800, 600))))
    expect(page.locator(".nbext-reference img")).to_have_count(1)
    saves_state(opened, True)
    try:
        saved = opened.save()
    finally:
        saves_state(opened, False)
    cell = saved["cells"][0]
    # What was kept is an ordinary output, as large as its picture.
    cell["outputs"] = [one for one in cell["outputs"] if "image/png" not in one["data"]]
    state = saved["metadata"]["widgets"][STATE]
    assert len(json.dumps(state)) + len(json.dumps(cell)) < 40_000
    assert len(json.dumps(cell)) < 30_000


def test_a_dead_kernel_is_noticed(page, opened):
    draw(page, "a survivor")
    page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }"
    )
    notice = page.locator(".nbext-pulse [role=alert]")
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("un this cell again")
    opened.command("notebook:run-all-cells")
    expect(notice).to_be_hidden(timeout=60_000)
    page.wait_for_selector(".nbext-tile img")


def test_after_the_kernel_is_gone_a_still_and_a_line_are_left(lab, open_page):
    page = open_page("about:blank")
    one = open_in(page, lab, PANEL)
    draw(page, "the last one")
    expect(page.locator(".jp-OutputArea-output").nth(1).locator("img")).to_have_count(1)
    saved = one.save()
    assert "image/jpeg" in saved["cells"][0]["outputs"][1]["data"]
    assert len(json.dumps(saved["metadata"]["widgets"])) < 1000
    lab.end_kernels(one.path.name)
    one.page.goto("about:blank")
    one.page.goto(f"{lab.url}/lab/tree/{one.path.name}?token={lab.token}&reset")
    outputs = page.locator(".jp-OutputArea-output")
    expect(outputs.first).to_contain_text("run this cell to use it", timeout=60_000)
    link = (
        "e => getComputedStyle(e.closest('.jupyter-widgets-disconnected') ?? e, '::before').content"
    )
    assert page.locator(".nbext-left").evaluate(link) == "none"
    expect(outputs.nth(1).locator("img")).to_be_visible()
    expect(page.locator(".jp-OutputArea")).not_to_contain_text("model not found")


def test_notebook_7(browser, lab):
    """Draw, insert as a cell, keep and notice a dead kernel in Notebook 7 too."""
    context = browser.new_context(viewport={"width": 1280, "height": 1360}, locale="zh-CN")
    try:
        page = context.new_page()
        page.set_default_timeout(60_000)
        one = open_in(page, lab, PANEL, path="notebooks")
        expect(page.locator(".nbext-draw")).to_have_text("绘制")
        draw(page, "画只猫")
        choose(page, "keep")
        kept = page.locator(".jp-CodeCell").first.locator(".jp-OutputArea-child").nth(1)
        expect(kept.locator("img")).to_be_visible()
        page.evaluate("() => { window.kept = window.jupyterapp; delete window.jupyterapp; }")
        choose(page, "cell")
        lines = page.locator(".jp-CodeCell").nth(1).locator(".cm-line")
        expect(lines).to_have_text(["%%draw gpt-4o-image", "画只猫"])
        page.evaluate("() => { window.jupyterapp = window.kept; }")
        assert one.kernel("print(panel.drawing.prompt)").strip() == "画只猫"
        lab.end_kernels(one.path.name)
        expect(page.locator(".nbext-pulse [role=alert]")).to_be_visible()
    finally:
        context.close()
