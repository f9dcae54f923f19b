"""Photograph a gallery in English and in Chinese, light and dark: ``python docs/gallery.py``.

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
from nbext.messages.say import Language, use_language
from nbext.store.store import Store

STATIC = Path(__file__).parent / "_static"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
# The prompt in English and in Chinese, the model, the size, and the number of the drawing it edits.
PROMPTS = [
    ("a cat in the garden", "花园里的猫", "gpt-4o-image", (1024, 1024), 0),
    ("add a hat", "加一顶帽子", "gpt-4o-image", (1024, 1024), 1),
    ("a lighthouse by the sea at night", "夜晚海边的灯塔", "nano-banana", (1536, 1024), 0),
    (
        "three red balloons over a green hill",
        "青山上的三个红气球",
        "flux-kontext-pro",
        (1024, 1024),
        0,
    ),
    ("two pandas in a forest", "竹林里的两只熊猫", "nano-banana", (1024, 1024), 0),
    ("a castle on a hill, rainbow", "山上的城堡，彩虹", "nano-banana", (1536, 1024), 0),
    ("a rocket above a city at night", "夜晚城市上空的火箭", "gpt-4o-image", (1024, 1536), 0),
    ("add a moon", "加一个月亮", "gpt-4o-image", (1024, 1536), 7),
    ("five fish under water", "水下的五条鱼", "flux-kontext-pro", (1024, 1024), 0),
    ("a sailing boat at sunset", "日落时的帆船", "nano-banana", (1536, 1024), 0),
    ("a robot holding a flower", "拿着花的机器人", "gpt-4o-image", (1024, 1536), 0),
    ("a dog and a cat on a sofa", "沙发上的狗和猫", "flux-kontext-pro", (1536, 1024), 0),
]
# The number of the drawing with a star, a tag and a note.
STARRED = 10
TITLES = {"en": "Cats and others", "zh": "猫和其他"}
NOTES = {"en": "Room for a title.", "zh": "上方可以放标题。"}
TAGS = {"en": "cover", "zh": "封面"}


def gallery(folder: Path, language: Language) -> Path:
    """Write a gallery of twelve sketches."""
    use_language(language)
    store = Store(folder / f"{language}.draws")
    records: list[Record] = []
    for number, (english, chinese, model, (width, height), edited) in enumerate(PROMPTS, start=1):
        prompt = chinese if language == "zh" else english
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
            parents=[before.id] if before else [],
            references=[ReferenceInfo(sha256=before.pictures[0].sha256, source=f"@{edited}")]
            if before
            else [],
            changes={"star": True, "tags": [TAGS[language]], "note": NOTES[language]}
            if number == STARRED
            else {},
        )
        records.append(record)
    page = folder / f"{language}.html"
    return write_html(records, page, picture_path=store.path, title=TITLES[language])


def photograph(page: Path, name: str) -> None:
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
                picture.save(STATIC / f"{name}-{scheme}.webp", quality=90, method=6)
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        photograph(gallery(Path(home), "en"), "gallery")
        photograph(gallery(Path(home), "zh"), "gallery-zh")
