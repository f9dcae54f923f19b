"""Photograph a cell in JupyterLab for the READMEs, light and dark: ``python docs/lab.py``.

The drawings are sketches of the embedded endpoint. It needs the ``test`` extra and a Chromium,
Chrome or Edge.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent / "_static"
# The cells of each README; the second one has a language of its own for what nbext says.
CELLS = {
    "lab": (
        "%load_ext nbext",
        "%%draw gpt-4o-image --aspect 3:2\na cat with a red hat by the sea",
    ),
    "lab-zh": (
        '%load_ext nbext\n%config Nbext.language = "zh"',
        "%%draw gpt-4o-image --aspect 3:2\n画一只戴红帽子的猫，坐在海边",
    ),
}
sys.path.insert(0, str(Path(__file__).parents[1]))


def photograph(page: Any, name: str) -> None:
    """Take the picture of the notebook, from its first cell on, without Lab around it."""
    from PIL import Image

    page.wait_for_timeout(500)
    box = page.locator(".jp-Notebook").bounding_box()
    last = page.locator(".jp-OutputArea-output img").last.bounding_box()
    shown = {"x": box["x"], "y": box["y"] + 4, "width": last["x"] + last["width"] + 20 - box["x"]}
    shown["height"] = last["y"] + last["height"] + 5 - shown["y"]
    with Image.open(io.BytesIO(page.screenshot(clip=shown))) as image:
        picture = image.convert("RGB")
        picture.save(STATIC / f"{name}.webp", quality=90, method=6)


def take(lab: Any, browser: Any, name: str, cells: tuple[str, ...]) -> None:
    """Run the cells of one README, and take both of its pictures."""
    import nbformat

    from tests.browser.conftest import READY, Notebook, set_theme

    # The last cell is the chosen one at the end, so that none of the others is framed.
    notebook = nbformat.v4.new_notebook(
        cells=[*map(nbformat.v4.new_code_cell, cells), nbformat.v4.new_markdown_cell(".")],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, lab.root / f"{name}.ipynb")
    page = browser.new_page(viewport={"width": 1000, "height": 1500}, device_scale_factor=1.5)
    page.goto(f"{lab.url}/lab/tree/{name}.ipynb?token={lab.token}&reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=300_000)
    page.wait_for_function(READY, arg=f"{name}.ipynb", timeout=300_000)
    Notebook(page, lab, f"{name}.ipynb").run_all(seconds=300)
    for theme in ("Light", "Dark"):
        set_theme(page, theme)
        photograph(page, f"{name}-{theme.lower()}")
    page.close()


def main() -> None:
    """Take the pictures of both READMEs."""
    from tests.browser.conftest import lab_in_browser

    with lab_in_browser() as (lab, browser):
        for name, cells in CELLS.items():
            take(lab, browser, name, cells)
        lab.end_kernels()


if __name__ == "__main__":
    main()
