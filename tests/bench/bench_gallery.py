"""A gallery of 10,000 drawings, as one file and with a folder: ``make bench`` prints the figures.

Each page is written by a process of its own, so that its peak memory is its own, and opened in
Chromium from the disk. Nothing timed is asserted.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from nbext.data.picture import PictureInfo
from nbext.data.record import Record
from nbext.imaging.thumbnail import thumbnail

ROOT = Path(__file__).parents[2]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WORDS = [
    "a",
    "cat",
    "with",
    "red",
    "hat",
    "under",
    "the",
    "old",
    "tree",
    "at",
    "night",
    "in",
    "watercolour",
    "while",
    "snow",
    "falls",
    "画",
    "只",
    "猫",
]
WRITE = """
import json, resource, sys, time, tracemalloc
from pathlib import Path
from nbext.export.gallery.page import write_html
from nbext.store.store import Store
folder, target, embed, traced = sys.argv[1:]
store = Store(Path(folder))
records = store.records()
write_html(records[:70], Path(target + ".first"), picture_path=store.path, overwrite=True)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if traced == "yes":
    tracemalloc.start()
began = time.perf_counter()
write_html(records, Path(target), picture_path=store.path, embed=embed == "one", overwrite=True)
spent = time.perf_counter() - began
peak = tracemalloc.get_traced_memory()[1] if traced == "yes" else 0
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": spent, "traced": peak, "before": before, "after": after}))
"""
# A page of 10,000 drawings is there long before.
PATIENCE = 12
FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def noise(seed, size, form, **how):
    """A picture that compresses as a drawing does, not as noise or one colour."""
    grey = Image.effect_noise((256, 256), 60).filter(ImageFilter.GaussianBlur(0.9)).resize(size)
    buffer = io.BytesIO()
    Image.merge("RGB", [grey.rotate(seed), grey.rotate(90), grey]).save(buffer, form, **how)
    return buffer.getvalue()


def history(folder, count):
    """A history on disk of so many drawings, every fourth an edit, each with a picture of its own."""
    chosen = random.Random(count)
    bases = [noise(seed, (256, 256), "WEBP", quality=70) for seed in range(40)]
    lines = []
    for number in range(1, count + 1):
        data = bases[number % 40] + number.to_bytes(4, "big")
        name = hashlib.sha256(data).hexdigest()
        path = folder / "pictures" / name[:2] / f"{name}.webp"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        info = PictureInfo(
            sha256=name, media_type="image/webp", size=len(data), width=256, height=256
        )
        lines.append(
            Record(
                type="drawing",
                id=f"id{number}",
                number=number,
                model=f"model-{number % 5}",
                prompt=f"number n{number} " + " ".join(chosen.choices(WORDS, k=25)),
                started=f"2026-{1 + number % 12:02}-03T10:00:00.000Z",
                host="relay.example",
                parameters={"aspect": "1:1"},
                usage={"total_tokens": number},
                cost=0.04,
                pictures=[info],
                parents=[f"id{number - 1}"] if number % 4 == 0 else [],
            ).to_line()
        )
    (folder / "history.jsonl").write_bytes(b"".join(lines))
    return folder


def search(words):
    """Type words, and wait until the page says how many drawings they find."""

    def act(page):
        before = page.locator("#count").inner_text()
        page.fill("#search", words)
        page.wait_for_function(
            "before => document.getElementById('count').textContent !== before", arg=before
        )

    return act


@pytest.fixture(scope="module")
def histories(tmp_path_factory):
    home = tmp_path_factory.mktemp("galleries")
    yield {count: history(home / f"{count}.draws", count) for count in (1000, 10_000)}
    shutil.rmtree(home, ignore_errors=True)


def write(folder, layout, *, traced=False):
    target = folder.parent / f"{folder.stem}-{layout}.html"
    done = subprocess.run(
        [sys.executable, "-c", WRITE, folder, target, layout, "yes" if traced else "no"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
    )
    return target, json.loads(done.stdout)


def bare(target):
    """The same pictures in the same sections with nothing beside them: what a browser needs at least."""
    rows = re.findall(r'<img src="([^"]+)"', target.read_text(encoding="utf-8"))
    peer = target.with_name(f"bare-{target.name}")
    with peer.open("w", encoding="utf-8") as file:
        file.write(
            "<!doctype html><meta charset=utf-8><style>section{content-visibility:auto}</style>"
        )
        for at in range(0, len(rows), 60):
            images = "".join(f'<li><img src="{row}" loading="lazy">' for row in rows[at : at + 60])
            file.write(f"<section><ul>{images}</ul></section>")
    return peer


def opening(chromium, target, folder):
    """Open a page in a browser that nobody watches, and ask later: a debugger slows down large pages."""
    from playwright.sync_api import sync_playwright

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    how = ["--headless=new", f"--remote-debugging-port={port}", f"--user-data-dir={folder}"]
    running = subprocess.Popen(
        [chromium, *ARGUMENTS, *how, target.as_uri()], stderr=subprocess.DEVNULL
    )
    try:
        time.sleep(PATIENCE)
        with sync_playwright() as driver:
            there = driver.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
            times = "[performance.timing.loadEventEnd, performance.timing.navigationStart]"
            end, start = there.contexts[0].pages[0].evaluate(times)
            assert end, f"{target.name} was not loaded within {PATIENCE} s"
            there.close()
    finally:
        running.terminate()
        running.wait()
    return (end - start) / 1000


@pytest.mark.parametrize("layout", ["one", "folder"])
def test_opening(histories, layout, chromium, tmp_path):
    """Our page beside one with the same pictures and nothing else, in turn."""
    target, _ = write(histories[10_000], layout)
    pages = {"ours": target, "the pictures alone": bare(target)}
    times = {name: [] for name in pages}
    for run in range(5):
        for name, page in pages.items():
            times[name].append(opening(chromium, page, tmp_path / f"{name} {run}"))
    middle = {name: statistics.median(seconds) for name, seconds in times.items()}
    ratio = middle["ours"] / middle["the pictures alone"]
    shown = ", ".join(
        f"{name} {middle[name]:.2f} s ({min(times[name]):.2f} to {max(times[name]):.2f})"
        for name in pages
    )
    print(f"\n10,000 drawings, {layout}, loaded: {shown}, ratio {ratio:.2f}")


@pytest.mark.parametrize("layout", ["one", "folder"])
def test_writing(histories, layout):
    for count, folder in histories.items():
        target, figures = write(folder, layout)
        beside = list(target.parent.glob(f"{target.stem}_files/*/*"))
        megabytes = (target.stat().st_size + sum(path.stat().st_size for path in beside)) / 1e6
        shutil.rmtree(target.with_name(f"{target.stem}_files"), ignore_errors=True)
        traced = write(folder, layout, traced=True)[1]["traced"]
        print(
            f"\n{count:,} drawings, {layout}: written in {figures['seconds']:.1f} s, "
            f"page {target.stat().st_size / 1e6:.1f} MB, all {megabytes:.0f} MB; peak memory: "
            f"Python's own {traced / 1e6:.1f} MB, the process {figures['before'] / 1e3:.0f} MB "
            f"before and {figures['after'] / 1e3:.0f} MB after"
        )


@pytest.mark.parametrize("layout", ["one", "folder"])
def test_reading(histories, layout, chromium):
    from playwright.sync_api import sync_playwright

    target, _ = write(histories[10_000], layout)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for run in ("first", "again"):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(120_000)

            def timed(act, page=page):
                began = time.perf_counter()
                act(page)
                page.evaluate(FRAMES)
                return time.perf_counter() - began

            page.goto(target.as_uri(), wait_until="load")
            seen = page.evaluate(
                "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"
            )
            page.wait_for_function("() => !document.querySelector('.unread')")
            whole = page.evaluate("performance.now() / 1000")
            end = timed(lambda page: page.evaluate("scrollTo(0, document.body.scrollHeight)"))
            begun = timed(search("number n77"))
            going = timed(search("number n777"))
            cleared = timed(search(""))
            model = timed(lambda page: page.select_option("#model", "model-3"))
            page.select_option("#model", "")
            turned = timed(lambda page: page.click("#order"))
            large = timed(lambda page: page.locator(".picture").first.click())
            arrow = timed(lambda page: page.keyboard.press("ArrowRight"))
            page.keyboard.press("Escape")
            tree = timed(lambda page: page.click("#tree"))
            print(
                f"\n10,000 drawings, {layout}, {run}: first view {seen:.2f} s, "
                f"all of it read {whole:.1f} s, "
                f"jump to the end {end:.2f} s; search {begun:.2f} s, next letter {going:.2f} s, "
                f"cleared {cleared:.2f} s, model {model:.2f} s; order {turned:.2f} s, large "
                f"{large:.2f} s, next {arrow:.2f} s, tree {tree:.2f} s"
            )
            page.close()
        browser.close()


@pytest.mark.parametrize(
    ("form", "size"), [("PNG", (1024, 1536)), ("JPEG", (1024, 1536)), ("WEBP", (1024, 1536))]
)
def test_thumbnails(tmp_path, form, size):
    paths = []
    for seed in range(12):
        paths.append(tmp_path / f"{seed}.{form.lower()}")
        paths[-1].write_bytes(noise(seed, size, form))
    began = time.perf_counter()
    sizes = [len(thumbnail(path) or b"") for path in paths]
    ours = (time.perf_counter() - began) / len(paths)
    began = time.perf_counter()
    for path in paths:
        with Image.open(path) as image:
            small = image.convert("RGB").resize((341, 512), Image.Resampling.LANCZOS)
            small.save(io.BytesIO(), "WEBP")
    naive = (time.perf_counter() - began) / len(paths)
    print(
        f"\nthumbnail of a {form} of {paths[0].stat().st_size / 1e6:.1f} MB: {ours * 1000:.0f} ms, "
        f"{sum(sizes) / len(sizes) / 1e3:.0f} kB; resized and saved as by default {naive * 1000:.0f} ms"
    )
