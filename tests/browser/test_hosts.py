"""The panel and its parts in hosts that are no notebook: Voilà and marimo."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import end, environ_in, free_port, missing

PROMPT = ".nbext-prompt textarea"
# A host that starts on a busy machine takes its time.
STARTED = 60_000


class Host:
    """A server of its own, started by a command."""

    def __init__(self, home, module, *arguments, alive="/", **environ):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._log = (home / f"{module}.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *(str(a).format(port=port) for a in arguments)],
            cwd=home,
            env=environ_in(home) | environ,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        for _ in range(600):
            if self.process.poll() is not None:
                raise RuntimeError((home / f"{module}.log").read_text()[-2000:])
            if self._answers(alive):
                return
            time.sleep(0.1)
        raise TimeoutError(f"{module} did not start within a minute")

    def _answers(self, path):
        try:
            urllib.request.urlopen(f"{self.url}{path}", timeout=60).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def stop(self):
        end(self.process)
        self._log.close()


@pytest.fixture
def host(tmp_path, chromium):
    """Start a host; it is gone after the test."""
    del chromium
    started = []

    def start(module, *arguments, **how):
        if importlib.util.find_spec(module) is None:
            missing(f"{module} is not installed: pip install {module}")
        started.append(Host(tmp_path, module, *arguments, **how))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def marimo(host, open_page, tmp_path):
    """Open an app that marimo runs."""

    def run(app):
        (tmp_path / "cats.py").write_text(app, encoding="utf-8")
        running = host(
            "marimo",
            *("run", "cats.py", "--headless", "--no-token", "--host=127.0.0.1", "--port={port}"),
            alive="/health",
        )
        return open_page(running.url)

    return run


def shoot(page, name):
    """Take a picture of a state for the documentation, where one is wanted."""
    folder = os.environ.get("NBEXT_SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def asked_elsewhere(page):
    """What the page asked of the network that is not the host itself.

    Voilà's own templates look for the icons of ipywidgets at a CDN.
    """
    return [
        url
        for url in page.asked
        if not url.startswith(("http://127.0.0.1:", "blob:", "data:")) and "fontawesome" not in url
    ]


def test_voila(host, open_page, tmp_path):
    """A page that Voilà makes of a notebook draws, and shows the history."""
    written = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import nbext\nnbext.Panel()")],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(written, tmp_path / "cats.ipynb")
    voila = host(
        "voila",
        "cats.ipynb",
        "--no-browser",
        "--port={port}",
        "--Voila.ip=127.0.0.1",
        alive="/static/",
        NBEXT_NOTEBOOK="cats.ipynb",
    )
    page = open_page(voila.url, wait_until="commit")
    page.wait_for_selector(PROMPT, timeout=STARTED)
    page.fill(PROMPT, "画只猫")
    page.click(".nbext-draw")
    shown = page.locator(".nbext-picture img")
    expect(shown).to_be_visible(timeout=STARTED)
    assert shown.evaluate("image => image.naturalWidth") == 1024
    expect(page.locator(".nbext-caption").first).to_contain_text("@1 · gpt-4o-image")
    expect(page.locator(".nbext-tile img")).to_have_count(1)
    # There is no notebook behind the page that could take a cell, or keep an output.
    page.click(".nbext-menu summary")
    expect(page.locator("[data-act=copy]")).to_be_visible()
    expect(page.locator("[data-act=cell], [data-act=keep]")).to_have_count(0)
    page.keyboard.press("Escape")
    shoot(page, "voila")
    page.fill(PROMPT, "画只狗")
    page.press(PROMPT, "Control+Enter")
    expect(page.locator(".nbext-tile img")).to_have_count(2)
    expect(page.locator(".nbext-prompt-said")).to_have_text("画只狗")
    page.locator(".nbext-tile").nth(1).click()
    expect(page.locator(".nbext-prompt-said")).to_have_text("画只猫")
    assert (tmp_path / "cats.draws" / "history.jsonl").is_file()
    assert [e for e in page.errors if "nbext" in e] == []
    assert asked_elsewhere(page) == []


MARIMO = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    import nbext
    from nbext.panel import Gallery

    return Gallery, mo, nbext


@app.cell
def _(nbext):
    nbext.draw("画只猫")
    return


@app.cell
async def _(nbext):
    await nbext.adraw("画只狗", n=2)
    return


@app.cell
def _(Gallery, mo):
    gallery = mo.ui.anywidget(Gallery())
    gallery
    return (gallery,)


@app.cell
def _(gallery, mo):
    chosen = gallery.chosen
    mo.vstack([chosen, mo.md(f"Chosen: {chosen.prompt}")]) if chosen else mo.md("Choose one")
    return


if __name__ == "__main__":
    app.run()
"""


MARIMO_PANEL = """
import marimo

app = marimo.App()


@app.cell
def _():
    import nbext

    nbext.Panel()
    return


if __name__ == "__main__":
    app.run()
"""


def test_the_panel_in_marimo(marimo, tmp_path):
    """The whole panel: draw, the large view, compare, several models to choose from."""
    page = marimo(MARIMO_PANEL)
    page.wait_for_selector(PROMPT, timeout=STARTED)
    page.fill(PROMPT, "画只猫")
    page.click(".nbext-draw")
    shown = page.locator(".nbext-picture img")
    expect(shown).to_be_visible(timeout=STARTED)
    assert shown.evaluate("image => image.naturalWidth") == 1024
    expect(page.locator(".nbext-caption").first).to_contain_text("@1 · gpt-4o-image")
    expect(page.locator(".nbext-tile img")).to_have_count(1)
    page.click("[data-act=edit]")
    expect(page.locator(PROMPT)).to_be_focused()
    expect(page.locator(".nbext-reference img")).to_have_count(1)
    page.fill(PROMPT, "加一顶帽子")
    page.press(PROMPT, "Control+Enter")
    expect(page.locator(".nbext-prompt-said")).to_have_text("加一顶帽子")
    expect(page.locator(".nbext-tile img")).to_have_count(2)
    page.click("[data-act=compare]")
    expect(page.locator(".nbext-pair img").nth(1)).to_be_visible()
    page.get_by_role("slider", name="Divider").press("Escape")
    expect(page.locator(".nbext-pair")).to_have_count(0)
    # Menus are kept open by a press inside of them, also in the host's shadow root.
    page.click(".nbext-menu summary")
    expect(page.locator("[data-act=copy]")).to_be_visible()
    expect(page.locator("[data-act=cell], [data-act=keep]")).to_have_count(0)
    page.get_by_label("Show as code").select_option("Python")
    expect(page.locator(".nbext-code")).to_contain_text("加一顶帽子")
    page.locator(".nbext-coded").get_by_role("button", name="Close").click()
    model = page.get_by_label("Model", exact=True)
    model.click()
    model.press("ArrowDown")
    model.press("Escape")
    page.click("[data-act=large]")
    expect(page.locator("dialog.nbext-large")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".nbext-large-prompt")).to_have_text("画只猫")
    page.keyboard.press("Escape")
    shoot(page, "marimo-panel")
    assert (tmp_path / "cats.draws" / "history.jsonl").is_file()
    assert page.errors == []
    assert asked_elsewhere(page) == []


def test_marimo(marimo, tmp_path):
    """marimo shows what is drawn and the gallery; choosing runs the cells that use the choice."""
    page = marimo(MARIMO)
    expect(page.locator(".nbext-tile img")).to_have_count(3, timeout=STARTED)
    drawn = page.locator("img:not(.nbext-tile img)")
    expect(drawn).to_have_count(2)
    for n in range(2):
        expect(drawn.nth(n)).to_have_js_property("complete", value=True)
        assert drawn.nth(n).evaluate("image => image.naturalWidth") == 1024
    expect(page.locator(".nbext-count")).to_have_text("3 drawings")
    expect(page.get_by_text("Choose one", exact=True)).to_be_visible()
    page.locator(".nbext-tile").nth(2).click()
    expect(page.get_by_text("Chosen: 画只猫")).to_be_visible()
    expect(drawn).to_have_count(3)
    expect(page.locator(".nbext-tile").nth(2)).to_have_attribute("aria-selected", "true")
    page.locator(".nbext-view").press("Home")
    page.locator(".nbext-view").press("Enter")
    expect(page.get_by_text("Chosen: 画只狗")).to_be_visible()
    page.fill(".nbext-filters input[type=search]", "猫")
    expect(page.locator(".nbext-count")).to_have_text("1 drawing")
    shoot(page, "marimo")
    assert (tmp_path / "cats.draws" / "history.jsonl").is_file()
    assert page.errors == []
    assert asked_elsewhere(page) == []
