"""Execute the notebooks anew on the embedded endpoint: ``python docs/notebooks.py``.

It needs the ``test`` extra. The drawings are sketches, so anyone gets the same ones.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def execute(path: Path) -> None:
    """Run a notebook in a folder of its own, which nothing in it tells, and write it back."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    settings = ("NBEXT_", "OPENAI_", "LITELLM_")
    env = {k: v for k, v in os.environ.items() if not k.startswith(settings)}
    env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home).resolve()
        nbformat.write(notebook, folder / path.name)
        NotebookClient(
            notebook,
            timeout=120,
            record_timing=False,
            store_widget_state=False,
            resources={"metadata": {"path": str(folder)}},
            extra_arguments=["--log-level=ERROR"],
        ).execute(env=env | {"PYTHONPATH": str(NOTEBOOKS.parent), "HOME": home})
        text = nbformat.writes(notebook).replace(f"{folder}{os.sep}", "")
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    for each in sorted(NOTEBOOKS.glob("*.ipynb")):
        execute(each)
