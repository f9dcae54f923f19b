"""In JupyterLab: what a person sees under the cell."""

from __future__ import annotations

import contextlib
import re

from playwright.sync_api import expect


def test_progress_then_caption_and_picture(notebook):
    slow = "%load_ext nbext\n%config Nbext.embedded_pace = 1"
    opened = notebook(slow, "%%draw\n画一只戴红帽子的猫,坐在海边")
    page = opened.page
    opened.command("notebook:run-all-cells")
    page.wait_for_selector(".jp-OutputArea-output [role=status]")
    page.wait_for_selector(".jp-OutputArea-output [role=progressbar]")
    page.wait_for_selector(".jp-OutputArea-output img")
    assert page.locator(".jp-OutputArea-output [role=progressbar]").count() == 0
    said = page.locator(".jp-OutputArea-output").all_inner_texts()
    assert any("@1 · gpt-4o-image" in text for text in said)
    image = page.locator(".jp-OutputArea-output img")
    assert image.evaluate("image => image.naturalWidth") == 1024
    saved = opened.save()
    assert "widgets" not in saved["metadata"]
    assert [u for u in page.asked if not u.startswith((opened.lab.url, "data:", "blob:"))] == []


def test_an_error_is_one_line_and_later_cells_do_not_run(notebook):
    opened = notebook("%load_ext nbext", "%%draw embedded-refuses\ncat", "print('later')")
    opened.command("notebook:run-all-cells")
    error = opened.page.locator(
        ".jp-OutputArea-output[data-mime-type*=error], .jp-RenderedText[data-mime-type*=stderr], .jp-OutputArea-output pre"
    ).filter(has_text="Error: The model refused")
    error.first.wait_for()
    assert len(error.first.inner_text().strip().splitlines()) == 1
    assert opened.page.get_by_text("later", exact=True).count() == 0


def test_reload_keeps_what_was_shown(notebook):
    opened = notebook("%load_ext nbext", "%%draw\na cat")
    opened.run_all()
    opened.page.wait_for_selector(".jp-OutputArea-output img")
    opened.save()
    opened.page.reload()
    opened.page.wait_for_selector(".jp-OutputArea-output img", timeout=60_000)


def test_tab_completes_a_model(notebook):
    from playwright.sync_api import TimeoutError as NotInTimeError

    opened = notebook("%load_ext nbext", "%%draw gpt-4")
    opened.page.wait_for_timeout(300)
    opened.kernel("%load_ext nbext")
    editor = opened.page.locator(".jp-CodeCell .cm-content").nth(1)
    editor.click()
    opened.page.keyboard.press("End")
    offered = (
        "() => [...document.querySelectorAll('.jp-CodeCell .cm-content')][1].textContent.includes('gpt-4o-image')"
        " || [...document.querySelectorAll('.jp-Completer-item')].some(i => i.textContent.includes('gpt-4o-image'))"
    )
    # Lab gives a kernel one second for each Tab, on a busy machine too: a person presses again.
    for _ in range(10):
        opened.page.keyboard.press("Tab")
        with contextlib.suppress(NotInTimeError):
            opened.page.wait_for_function(offered, timeout=4000)
            return
    raise AssertionError("gpt-4o-image was not offered")


def test_restart_and_run_all_shows_the_same(notebook):
    opened = notebook("%load_ext nbext", "%%draw\na cat")
    opened.run_all()
    image = opened.page.locator(".jp-OutputArea-output img")
    image.wait_for()
    before = image.get_attribute("src")
    opened.restart()
    opened.command("notebook:run-all-cells")
    opened.page.get_by_text("@1 · ").first.wait_for()
    image.wait_for()
    assert image.get_attribute("src") == before


def test_stop_ends_a_silent_request_and_says_so(notebook):
    opened = notebook("%load_ext nbext", "%%draw embedded-silent\na cat", "1 + 1")
    opened.command("notebook:run-all-cells")
    opened.page.wait_for_selector(".jp-OutputArea-output [role=status]")
    opened.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt(); }"
    )
    opened.page.get_by_text("KeyboardInterrupt").first.wait_for()
    assert opened.page.locator(".jp-OutputArea-output [role=status]").count() == 0
    assert opened.kernel("print('idle')") == "idle\n"
    expect(opened.page.locator(".jp-OutputArea-output").first).to_contain_text(
        re.compile("stopped|interrupted")
    )
