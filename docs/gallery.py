"""Photograph a gallery for the docs, light and dark: ``python docs/gallery.py`` in the repository.

The drawings are sketches of the embedded endpoint, so anyone gets the same ones. It needs the
``test`` extra and a Chromium, Chrome or Edge.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from pathlib import Path

from nbext.data.record import Record, ReferenceInfo
from nbext.embedded.artist import draw
from nbext.export.gallery.page import write_html
from nbext.store.store import Store

STATIC = Path(__file__).parent / "_static"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
# What was asked, of which model, how large, and of which drawing it is an edit.
ASKED = [
    ("画只猫", "gpt-4o-image", (1024, 1024), 0),
    ("加一顶帽子", "gpt-4o-image", (1024, 1024), 1),
    ("a lighthouse by the sea at night", "nano-banana", (1536, 1024), 0),
    ("three red balloons over a green hill", "flux-kontext-pro", (1024, 1024), 0),
    ("two pandas in a forest", "nano-banana", (1024, 1024), 0),
    ("a castle on a hill, rainbow", "nano-banana", (1536, 1024), 0),
    ("a rocket above a city at night", "gpt-4o-image", (1024, 1536), 0),
    ("add a moon", "gpt-4o-image", (1024, 1536), 7),
    ("five fish under water", "flux-kontext-pro", (1024, 1024), 0),
    ("a sailing boat at sunset", "nano-banana", (1536, 1024), 0),
    ("a robot holding a flower", "gpt-4o-image", (1024, 1536), 0),
    ("a dog and a cat on a sofa", "flux-kontext-pro", (1536, 1024), 0),
]


def gallery(folder: Path) -> Path:
    """Write a gallery of twelve sketches."""
    store = Store(folder / "cats.draws")
    records: list[Record] = []
    for number, (prompt, model, (width, height), edited) in enumerate(ASKED, start=1):
        before = records[edited - 1] if edited else None
        given = store.read(before.pictures[0].sha256) if before else None
        data = draw(prompt, width=width, height=height, seed=number, picture=given).png
        record = Record(
            type="drawing",
            id=f"{number}",
            number=number,
            prompt=prompt,
            model=model,
            embedded=True,
            finished=f"2026-11-{10 + number:02}T10:00:00.000Z",
            elapsed=0.3,
            pictures=[store.put(data)],
        )
        if before is not None:
            record.parents = [before.id]
            record.references = [
                ReferenceInfo(sha256=before.pictures[0].sha256, source=f"@{edited}")
            ]
        if number == 10:
            record.changes = {
                "star": True,
                "tags": ["cover"],
                "note": "Room for a title.",
            }
        records.append(record)
    return write_html(
        records, folder / "cats.html", picture_path=store.path, title="Cats and others"
    )


def photograph(page: Path) -> None:
    """Take the page's picture in both schemes."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            shown = browser.new_page(viewport={"width": 1180, "height": 860}, color_scheme=scheme)
            shown.goto(page.as_uri())
            shown.wait_for_function(
                "() => [...document.images].filter(i => i.src).slice(0, 8).every(i => i.complete)"
            )
            with Image.open(io.BytesIO(shown.screenshot())) as image:
                picture = image.convert("RGB")
                picture.save(STATIC / f"gallery-{scheme}.webp", quality=90, method=6)
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        photograph(gallery(Path(home)))
