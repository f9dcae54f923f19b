"""What is measured in a browser: the gallery as a page from the disk, and the panel in JupyterLab."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

from tests.bench import histories
from tests.bench.works import work

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
# Types a text as a keyboard does, and waits until the count of drawings has changed and is painted.
TYPE = """text => new Promise((done, late) => {
  const box = document.getElementById("search"), count = document.getElementById("count");
  const began = performance.now();
  const looking = new MutationObserver(() => {
    looking.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  });
  looking.observe(count, { subtree: true, childList: true, characterData: true });
  setTimeout(() => late(new Error("the count did not change for " + text)), 20000);
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
})"""
# Each finds another number of drawings than the one before.
TYPED = ("n7", "n77", "n777", "n77", "n7", "")
# Clicks, and waits until something is there, with a text where one is wanted.
CLICK = """([press, target, wanted]) => new Promise((done, late) => {
  const there = () => {
    const found = [...document.querySelectorAll(target)];
    return wanted === null ? found.length > 0 : found.some((one) => one.textContent === wanted);
  };
  const began = performance.now();
  const looking = new MutationObserver(() => {
    if (!there()) return;
    looking.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  });
  looking.observe(document.body, { subtree: true, childList: true, characterData: true });
  setTimeout(() => late(new Error("nothing came")), 20000);
  document.querySelector(press).click();
})"""


def chromium():
    """Where the whole browser is: one without windows cannot be asked later what it has opened."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        raise FileNotFoundError("no Chromium, Chrome or Edge; CHROMIUM names one")
    return found


@contextlib.contextmanager
def browser():
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import find_chromium

    with sync_playwright() as driver:
        found = find_chromium() or chromium()
        launched = driver.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield launched
        launched.close()


def gallery_page(job, *, embed):
    """The page of so many drawings; the runs of a bench share it."""
    import nbext

    count = job.options["count"]
    folder = histories.with_webp(Path(job.shared) / f"webp-{count}.draws", count)
    target = folder.with_name(f"webp-{count}-{'one' if embed else 'folder'}.html")
    if not target.exists():
        nbext.open(folder).to_html(target, embed=embed)
    return target


@work
def gallery(job):
    """A reader's minute with a gallery."""
    target = gallery_page(job, embed=False)
    with browser() as launched:
        page = launched.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120_000)

        def spent(act):
            began = time.perf_counter()
            act()
            page.evaluate(FRAMES)
            return [(time.perf_counter() - began) * 1000]

        page.goto(target.as_uri(), wait_until="load")
        paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        # A page may be loaded before it is painted.
        first = page.wait_for_function(f"() => {paint}").json_value()
        page.wait_for_function("() => !document.querySelector('.unread')")
        read = page.evaluate("performance.now()")
        samples = {
            "first view": [first],
            "all read": [read],
            "jump to the end": spent(
                lambda: page.evaluate("scrollTo(0, document.body.scrollHeight)")
            ),
            "search": [page.evaluate(TYPE, text) for text in TYPED],
            "model": spent(lambda: page.select_option("#model", "model-3")),
        }
        page.select_option("#model", "")
        samples["order"] = spent(lambda: page.click("#order"))
        samples["large"] = spent(page.locator(".picture").first.click)
        samples["next"] = spent(lambda: page.keyboard.press("ArrowRight"))
        page.keyboard.press("Escape")
        samples["tree"] = spent(lambda: page.click("#tree"))
    return samples


def bare(target):
    """The same pictures in the same sections with nothing beside them: what a browser needs at least."""
    peer = target.with_name(f"bare-{target.name}")
    rows = re.findall(r'<img src="([^"]+)"', target.read_text(encoding="utf-8"))
    style = "<style>section{content-visibility:auto}</style>"
    sections = (
        "".join(f'<li><img src="{row}" loading="lazy">' for row in rows[at : at + 60])
        for at in range(0, len(rows), 60)
    )
    body = "".join(f"<section><ul>{images}</ul></section>" for images in sections)
    peer.write_text(f"<!doctype html><meta charset=utf-8>{style}{body}", encoding="utf-8")
    return peer


@work
def gallery_open(job):
    """Open a page in a browser that nobody watches, and ask later: a debugger slows down large pages."""
    from playwright.sync_api import sync_playwright

    ours = gallery_page(job, embed=bool(job.options["embed"]))
    target = ours if job.contender == "nbext" else bare(ours)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    how = [
        "--headless=new",
        f"--remote-debugging-port={port}",
        f"--user-data-dir={job.folder}/browser",
    ]
    process = subprocess.Popen(
        [chromium(), *ARGUMENTS, *how, target.as_uri()], stderr=subprocess.DEVNULL
    )
    try:
        time.sleep(job.options["patience"])
        with sync_playwright() as driver:
            there = driver.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
            times = "[performance.timing.loadEventEnd, performance.timing.navigationStart]"
            end, start = there.contexts[0].pages[0].evaluate(times)
            there.close()
        assert end, f"{target.name} was not loaded within {job.options['patience']} s"
    finally:
        process.terminate()
        process.wait()
    return {"time": [end - start]}


# The panel

MANY = 5000
SKETCHES = 120
PROMPT = ".nbext-prompt textarea"
TILES = """() => {
  const tiles = [...document.querySelectorAll(".nbext-tile")];
  return tiles.length > 8 && tiles.every((tile) => tile.querySelector("img")?.complete);
}"""
FIRST = "() => !!document.querySelector('.nbext-tile img')?.complete"
BUTTON = """
import ipywidgets as widgets
button, label = widgets.Button(description="peer"), widgets.Label("0")
button.add_class("peer-button"); label.add_class("peer-label")
button.on_click(lambda _: setattr(label, "value", str(int(label.value) + 1)))
widgets.HBox([button, label])
"""
GRID = """
import ipywidgets as widgets
grid = widgets.GridBox([widgets.Image(value=d.pictures[0].data, width=104) for d in nbext.history[-20:]])
grid.add_class("peer-grid")
grid
"""
GRID_SHOWN = """() => [...document.querySelectorAll(".peer-grid img")]
  .filter((image) => image.complete && image.naturalWidth).length === 20"""


@contextlib.contextmanager
def lab(job):
    """A JupyterLab, and a function that opens a notebook of cells in it that have not run."""
    import nbformat

    from tests.browser.conftest import READY, Lab, Notebook

    home = Path(job.folder) / "lab"
    home.mkdir()
    running = Lab(home)
    try:
        with browser() as launched:
            context = launched.new_context(viewport={"width": 1280, "height": 1360}, locale="en-US")

            def open_(name, *cells):
                written = nbformat.v4.new_notebook(
                    cells=[nbformat.v4.new_code_cell(cell) for cell in cells]
                )
                written.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
                nbformat.write(written, running.root / name)
                page = context.new_page()
                page.set_default_timeout(20_000)
                page.goto(f"{running.url}/lab/tree/{name}?token={running.token}&reset")
                page.wait_for_selector(".jp-Notebook .jp-CodeCell")
                page.wait_for_function(READY, arg=name, timeout=60_000)
                return Notebook(page, running, name)

            yield running, open_
            context.close()
    finally:
        running.stop()


@work
def panel_click(job):
    """From the click on Draw to the first progress that one sees; for the peer, a Button and a Label."""
    clicks = job.options["clicks"]
    with lab(job) as (_, open_):
        if job.contender == "nbext":
            one = open_("click.ipynb", "import nbext\npanel = nbext.Panel()\npanel")
            one.run_all()
            page = one.page
            page.wait_for_selector(PROMPT)
            one.kernel("panel.model = 'embedded-slow'")
            page.fill(PROMPT, "a snail")
            times = []
            for _ in range(clicks):
                times.append(page.evaluate(CLICK, [".nbext-draw", ".nbext-job", None]))
                page.click(".nbext-job button")
                page.wait_for_selector(".nbext-job", state="detached")
            return {"time": times}
        one = open_("peer.ipynb", BUTTON)
        one.run_all()
        one.page.wait_for_selector(".peer-button")
        press = [[".peer-button", ".peer-label", str(n + 1)] for n in range(clicks)]
        return {"time": [one.page.evaluate(CLICK, given) for given in press]}


def sketched(folder, count):
    """A history of sketches; neighbours have different pictures."""
    from nbext.embedded.artist import draw

    shapes = [draw(f"cat {n}", take=n) for n in range(SKETCHES)]

    def own(number):
        data = shapes[number % SKETCHES].png
        width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
        return histories.keep(folder, data, "image/png", width, height)

    return histories.write(folder, count, pictures=own)


@work
def panel_open(job):
    """``Panel()`` on a long history, in a kernel that has imported the package and nothing else."""
    count = job.options["count"]
    kept = sketched(Path(job.shared) / f"sketches-{count}.draws", count)
    code = {"nbext": "nbext.Panel()", "ipywidgets": GRID}[job.contender]
    with lab(job) as (running, open_):
        (running.root / "many.draws").symlink_to(kept)
        one = open_("many.ipynb", "import nbext\nnbext.draw", code)
        page = one.page

        def spent(start, *conditions):
            began = time.perf_counter()
            start()
            times = []
            for condition in conditions:
                page.wait_for_function(condition, polling="raf")
                times.append((time.perf_counter() - began) * 1000)
            return times

        def run(index):
            chosen = "index => { jupyterapp.shell.currentWidget.content.activeCellIndex = index; }"
            page.evaluate(chosen, index)
            one.command("notebook:run-cell")

        spent(lambda: run(0), "() => document.querySelector('.jp-OutputArea-output')")
        if job.contender == "ipywidgets":
            return {"all visible": spent(lambda: run(1), GRID_SHOWN)}
        first, visible = spent(lambda: run(1), FIRST, TILES)
        page.focus(".nbext-view")
        last = f"[aria-posinset='{count}'] img"
        there = f'() => document.querySelector("{last}")?.complete && ({TILES})()'
        end = spent(lambda: page.keyboard.press("End"), there)
        return {"time": [first], "all visible": [visible], "jump to the end": end}


@work
def panel_saved(job):
    """Bytes that a panel and its drawings put into the saved notebook; the peer is the pictures' base64."""
    count = job.options["count"]
    with lab(job) as (_, open_):
        one = open_("growth.ipynb", "import nbext\npanel = nbext.Panel()\npanel")
        empty = one.path.stat().st_size
        one.run_all()
        page = one.page
        page.wait_for_selector(PROMPT)
        one.kernel(
            "from nbext.data.options import Options\n"
            "jobs = [panel.start(Options(prompt=f'cat {n}', model='embedded'))"
            f" for n in range({count})]\n"
            "for job in jobs: job.reply.wait()",
            seconds=60,
        )
        page.get_by_text(f"{count} drawings", exact=True).wait_for()
        page.wait_for_selector(".nbext-picture img")
        if job.contender == "outputs":
            total = "print(sum(p.size for d in nbext.history for p in d.pictures))"
            inline = int(one.kernel(total)) * 4 // 3
            return {"without state": [inline / 1000], "with state": [inline / 1000]}
        one.save()
        without = one.path.stat().st_size - empty
        toggle = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"
        one.command(toggle)
        toggled = "name => window.jupyterapp.commands.isToggled(name)"
        page.wait_for_function(toggled, arg=toggle)
        # What has not changed is not saved again.
        page.evaluate("() => jupyterapp.shell.currentWidget.content.model.setMetadata('again', 1)")
        for _ in range(40):
            one.command("docmanager:save")
            page.wait_for_timeout(250)
            if '"widgets"' in one.path.read_text():
                break
        assert '"widgets"' in one.path.read_text()
        state = one.path.stat().st_size - empty
        return {"without state": [without / 1000], "with state": [state / 1000]}
