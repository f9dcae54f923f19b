"""In JupyterLab: what a person sees under the cell."""

from __future__ import annotations

import contextlib

from playwright.sync_api import expect


def test_progress_then_caption_and_picture(notebook):
    slow = "%load_ext nbext\n%config Nbext.embedded_pace = 1"
    opened = notebook(slow, "%%draw\n画一只戴红帽子的猫,坐在海边")
    page, outputs = opened.page, opened.panel.locator(".jp-OutputArea-output")
    opened.command("notebook:run-all-cells")
    outputs.locator("[role=status]").first.wait_for()
    outputs.locator("[role=progressbar]").first.wait_for()
    image = outputs.locator("img")
    image.wait_for()
    expect(outputs.locator("[role=progressbar]")).to_have_count(0)
    expect(outputs.filter(has_text="@1 · gpt-4o-image")).to_have_count(1)
    expect(image).to_have_js_property("naturalWidth", 1024)
    saved = opened.save()
    assert "widgets" not in saved["metadata"]
    assert [u for u in page.asked if not u.startswith((opened.lab.url, "data:", "blob:"))] == []


def test_an_error_is_one_line_and_later_cells_do_not_run(notebook):
    opened = notebook("%load_ext nbext", "%%draw embedded-refuses\ncat", "print('later')")
    opened.command("notebook:run-all-cells")
    error = opened.panel.locator(
        ".jp-OutputArea-output[data-mime-type*=error], .jp-RenderedText[data-mime-type*=stderr], .jp-OutputArea-output pre"
    ).filter(has_text="Error: The model refused")
    error.first.wait_for()
    assert len(error.first.inner_text().strip().splitlines()) == 1
    assert opened.panel.get_by_text("later", exact=True).count() == 0


def test_reload_keeps_what_was_shown(notebook):
    opened = notebook("%load_ext nbext", "%%draw\na cat")
    opened.run_all()
    opened.panel.locator(".jp-OutputArea-output img").wait_for()
    opened.save()
    opened.reload()
    opened.panel.locator(".jp-OutputArea-output img").wait_for()


def test_tab_completes_a_model(notebook):
    from playwright.sync_api import TimeoutError as NotInTimeError

    opened = notebook("%load_ext nbext", "%%draw gpt-4")
    opened.kernel("%load_ext nbext")
    editor = opened.panel.locator(".jp-CodeCell .cm-content").nth(1)
    editor.click()
    opened.page.keyboard.press("End")
    # Lab shows a list beside the editor, or completes the only name at once.
    offer = opened.page.locator(".jp-Completer-item").filter(has_text="gpt-4o-image")
    offer = offer.or_(editor.filter(has_text="gpt-4o-image")).first
    # Lab gives a kernel one second for each Tab, on a busy machine too: a person presses again.
    for _ in range(10):
        opened.page.keyboard.press("Tab")
        with contextlib.suppress(NotInTimeError):
            offer.wait_for(timeout=4000)
            return
    raise AssertionError("gpt-4o-image was not offered")


def test_restart_and_run_all_shows_the_same(notebook):
    opened = notebook("%load_ext nbext", "%%draw\na cat")
    opened.run_all()
    image = opened.panel.locator(".jp-OutputArea-output img")
    image.wait_for()
    before = image.get_attribute("src")
    opened.restart()
    opened.command("notebook:run-all-cells")
    opened.panel.get_by_text("@1 · ").first.wait_for()
    image.wait_for()
    assert image.get_attribute("src") == before


def test_stop_ends_a_silent_request_and_says_so(notebook):
    opened = notebook("%load_ext nbext", "%%draw embedded-silent\na cat", "1 + 1")
    opened.command("notebook:run-all-cells")
    outputs = opened.panel.locator(".jp-OutputArea-output")
    outputs.locator("[role=status]").first.wait_for()
    opened.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt(); }"
    )
    opened.panel.get_by_text("KeyboardInterrupt").first.wait_for()
    assert outputs.locator("[role=status]").count() == 0
    assert opened.kernel("print('idle')") == "idle\n"
    expect(outputs.first).to_contain_text("cancelled")


def test_compared_models_have_their_room_before_they_are_drawn(notebook):
    opened = notebook(
        "%load_ext nbext\n%config Nbext.embedded_pace = 1",
        "%%draw -m gpt-4o-image -m gpt-image-2\na red fox",
        "%%draw -m gpt-4o-image -m gpt-image-2 --blind\na blue fox",
    )
    page = opened.page
    opened.command("notebook:run-all-cells")
    page.wait_for_selector(".nbext-slider.coming .frame")
    height = "() => document.querySelectorAll('.jp-CodeCell .jp-OutputArea')[1].offsetHeight"
    before = page.evaluate(height)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.nbext-slider img')].filter((i) => i.naturalWidth).length == 2"
    )
    assert page.evaluate(height) == before
    page.get_by_role("button", name="none", exact=True).click()
    page.get_by_text("gpt-4o-image 0 · gpt-image-2 0", exact=True).wait_for()
