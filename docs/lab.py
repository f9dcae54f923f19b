"""Photograph two cells in JupyterLab for the README, light and dark: ``python docs/lab.py``.

The drawings are sketches of the embedded endpoint. It needs the ``test`` extra and a Chromium,
Chrome or Edge.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent / "_static"
CELLS = (
    "%load_ext nbext",
    "%%draw gpt-4o-image\n画一只戴红帽子的猫,坐在海边",
    "%%edit\nmake it night",
)
sys.path.insert(0, str(Path(__file__).parents[1]))


def photograph(page: Any, scheme: str) -> None:
    """Take the picture of the notebook, from its first cell on, without Lab around it."""
    from PIL import Image

    page.wait_for_timeout(500)
    box = page.locator(".jp-Notebook").bounding_box()
    last = page.locator(".jp-OutputArea-output img").last.bounding_box()
    shown = {"x": box["x"], "y": box["y"] + 4, "width": last["x"] + last["width"] + 20 - box["x"]}
    shown["height"] = last["y"] + last["height"] + 5 - shown["y"]
    with Image.open(io.BytesIO(page.screenshot(clip=shown))) as image:
        picture = image.convert("RGB")
        picture.save(STATIC / f"lab-{scheme}.webp", quality=90, method=6)


def main() -> None:
    """Run the cells, and take both pictures."""
    import nbformat
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import ARGUMENTS, NAMES, READY, Lab, Notebook

    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)))
    with tempfile.TemporaryDirectory() as home, sync_playwright() as driver:
        lab = Lab(Path(home))
        browser = driver.chromium.launch(executable_path=found, args=ARGUMENTS)
        try:
            written = nbformat.v4.new_notebook(
                cells=[
                    *map(nbformat.v4.new_code_cell, CELLS),
                    # It is the chosen one at the end, so that none of the others is framed.
                    nbformat.v4.new_markdown_cell("."),
                ],
                metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            )
            nbformat.write(written, lab.root / "cats.ipynb")
            page = browser.new_page(
                viewport={"width": 1100, "height": 1800}, device_scale_factor=1.5
            )
            page.goto(f"{lab.url}/lab/tree/cats.ipynb?token={lab.token}&reset")
            page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
            page.wait_for_function(READY, timeout=60_000)
            notebook = Notebook(page, lab, "cats.ipynb")
            notebook.run_all()
            photograph(page, "light")
            notebook.dark()
            photograph(page, "dark")
            lab.end_kernels()
        finally:
            browser.close()
            lab.stop()


if __name__ == "__main__":
    main()
