"""The panel draws: for someone who has never seen a magic."""

from __future__ import annotations


def test_a_prompt_becomes_a_picture(notebook):
    opened = notebook("import nbext\npanel = nbext.Panel()\npanel")
    page = opened.page
    opened.run_all()
    prompt = page.locator(".nbext-panel textarea:not([readonly])").first
    prompt.click()
    prompt.fill("a cat with a red hat")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Edit this").wait_for()
    assert page.locator(".nbext-panel img").count() >= 1
    assert opened.kernel("print(panel.drawing.prompt, len(nbext.history))").strip() == (
        "a cat with a red hat 1"
    )
    assert page.errors == []
