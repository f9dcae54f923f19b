"""The panel's figures in JupyterLab, each against a peer in the same run; nothing is asserted of time."""

from __future__ import annotations

import statistics
import time

import nbformat
import pytest

from nbext.data.record import Record
from nbext.embedded.artist import draw as sketch
from nbext.store.store import Store
from tests.browser.conftest import READY, Notebook

CLICKS = 40
MANY = 5000
SKETCHES = 120
PROMPT = ".nbext-prompt textarea"
# Run in the page: from the press until what was waited for has been painted.
WATCH = """([press, target, wanted]) => new Promise((done, late) => {
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
# All tiles that can be seen have their picture, and there are as many as fit.
SHOWN = """() => {
  const tiles = [...document.querySelectorAll(".nbext-tile")];
  return tiles.length > 8 && tiles.every((tile) => tile.querySelector("img")?.complete);
}"""
FIRST = "() => !!document.querySelector('.nbext-tile img')?.complete"
PEER = """
import ipywidgets as widgets
button, label = widgets.Button(description="peer"), widgets.Label("0")
button.add_class("peer-button"); label.add_class("peer-label")
button.on_click(lambda _: setattr(label, "value", str(int(label.value) + 1)))
widgets.HBox([button, label])
"""
GRID = """
import ipywidgets as widgets
shown = [d for d in nbext.history[-COUNT:]]
grid = widgets.GridBox([widgets.Image(value=d.pictures[0].data, width=104) for d in shown])
grid.add_class("peer-grid")
grid
"""


def say(what, *figures):
    print(f"\n{what}: " + ", ".join(figures))


@pytest.fixture
def opened(lab, browser):
    """Open notebooks with cells that have not run."""
    context = browser.new_context(viewport={"width": 1280, "height": 1360}, locale="en-US")

    def open_(name, *cells):
        written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        written.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(written, lab.root / name)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(f"{lab.url}/lab/tree/{name}?token={lab.token}&reset")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        page.wait_for_function(READY, timeout=60_000)
        return Notebook(page, lab, name)

    yield open_
    context.close()
    lab.end_kernels()


def spread(times):
    ordered = sorted(times)
    p95 = ordered[round(0.95 * (len(ordered) - 1))]
    return f"p50 {statistics.median(ordered):.0f} ms, p95 {p95:.0f} ms"


def test_click_to_first_visible_progress(opened):
    one = opened("click.ipynb", "import nbext\npanel = nbext.Panel()\npanel", PEER)
    one.run_all()
    page = one.page
    page.wait_for_selector(PROMPT)
    one.kernel("panel.model = 'embedded-slow'")
    page.fill(PROMPT, "a snail")
    ours, theirs = [], []
    for n in range(CLICKS):
        ours.append(page.evaluate(WATCH, [".nbext-draw", ".nbext-job", None]))
        page.click(".nbext-job button")
        page.wait_for_selector(".nbext-job", state="detached")
        theirs.append(page.evaluate(WATCH, [".peer-button", ".peer-label", str(n + 1)]))
    ratio = statistics.median(ours) / statistics.median(theirs)
    say(
        f"click to first visible progress, {CLICKS} clicks",
        spread(ours),
        f"bare Button and Label {spread(theirs)}",
        f"ratio {ratio:.2f}",
    )


def many(folder):
    """A history of 5,000 drawings; neighbours have different pictures."""
    store = Store(folder)
    infos = [store.put(sketch(f"cat {n}", take=n).png) for n in range(SKETCHES)]
    lines = (
        Record(
            type="drawing",
            id=f"id{number}",
            number=number,
            model="gpt-4o-image",
            prompt=f"画只猫, number {number}",
            started="2026-11-22T10:00:00.000Z",
            pictures=[infos[number % SKETCHES]],
        ).to_line()
        for number in range(1, MANY + 1)
    )
    (folder / "history.jsonl").write_bytes(b"".join(lines))


def timed(page, start, *conditions):
    """Milliseconds until each condition is true in the page, one after the other."""
    began = time.perf_counter()
    start()
    times = []
    for condition in conditions:
        page.wait_for_function(condition, polling="raf")
        times.append((time.perf_counter() - began) * 1000)
    return times


def open_and_run(opened, name, code, *conditions):
    """Time a cell in a fresh kernel that has imported the package and nothing else."""
    one = opened(name, "import nbext\nnbext.draw", code)
    page = one.page

    def run(index):
        page.evaluate(
            "index => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = index; }",
            index,
        )
        return lambda: one.command("notebook:run-cell")

    timed(page, run(0), "() => document.querySelector('.jp-OutputArea-output')")
    return page, timed(page, run(1), *conditions)


def test_a_history_of_5000(opened, lab):
    many(lab.root / "many.draws")
    page, (first, all_) = open_and_run(opened, "many.ipynb", "nbext.Panel()", FIRST, SHOWN)
    count = page.locator(".nbext-tile").count()
    page.focus(".nbext-view")
    last = f"[aria-posinset='{MANY}'] img"
    (end,) = timed(
        page,
        lambda: page.keyboard.press("End"),
        f'() => document.querySelector("{last}")?.complete && ({SHOWN})()',
    )
    # The peer in a fresh kernel too, on the same pictures, as many as the gallery showed.
    (lab.root / "grid.draws").symlink_to(lab.root / "many.draws")
    (theirs,) = open_and_run(
        opened,
        "grid.ipynb",
        GRID.replace("COUNT", str(count)),
        f"() => [...document.querySelectorAll('.peer-grid img')].filter((i) => i.complete && i.naturalWidth).length === {count}",
    )[1]
    say(
        f"Panel() on {MANY:,} drawings",
        f"first thumbnail {first:.0f} ms",
        f"all {count} that are visible {all_:.0f} ms",
        f"jump to the end {end:.0f} ms",
        f"a grid of {count} ipywidgets Images {theirs:.0f} ms, ratio {all_ / theirs:.2f}",
    )


def test_growth_of_the_saved_notebook(opened):
    one = opened("growth.ipynb", "import nbext\npanel = nbext.Panel()\npanel")
    empty = one.path.stat().st_size
    one.run_all()
    page = one.page
    page.wait_for_selector(PROMPT)
    one.kernel(
        "import concurrent.futures\n"
        "jobs = [panel.start({'prompt': f'cat {n}', 'model': 'embedded'}).future for n in range(50)]\n"
        "concurrent.futures.wait(jobs, 60)",
        seconds=60,
    )
    page.get_by_text("50 drawings", exact=True).wait_for()
    page.wait_for_selector(".nbext-picture img")
    one.save()
    without = one.path.stat().st_size - empty
    toggle = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"
    one.command(toggle)
    page.wait_for_function("name => window.jupyterapp.commands.isToggled(name)", arg=toggle)
    # What has not changed is not saved again.
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.model.setMetadata('again', 1)"
    )
    for _ in range(40):
        one.command("docmanager:save")
        page.wait_for_timeout(250)
        if '"widgets"' in one.path.read_text():
            break
    assert '"widgets"' in one.path.read_text()
    with_state = one.path.stat().st_size - empty
    inline = (
        int(one.kernel("print(sum(p.size for d in nbext.history for p in d.pictures))")) * 4 // 3
    )
    say(
        "notebook with a panel and 50 drawings",
        f"{without:,} bytes more",
        f"{with_state:,} with the widgets' state",
        f"the pictures as outputs of cells {inline:,}, ratio {with_state / inline:.3f}",
    )
