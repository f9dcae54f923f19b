"""``nbext demo``: run the quickstart, and export its gallery."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from nbext.errors import NbextError
from nbext.messages.say import phrase
from nbext.util.text import readable


def quickstart() -> str:
    """Return the text of the quickstart notebook, from a checkout or from the package."""
    checkout = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"
    if checkout.is_file():
        return checkout.read_text(encoding="utf-8")
    return files("nbext").joinpath("quickstart.ipynb").read_text(encoding="utf-8")


def run(folder: Path) -> int:
    """Run the quickstart on the endpoint that is set, by default the embedded one.

    Args:
        folder: Where to write notebook, history and gallery. An existing history is replayed.

    Raises:
        NbextError: nbclient or ipykernel is missing, or a cell failed.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError
    except ImportError as error:
        raise NbextError(
            phrase("cli.demo_needs", name=error.name), remedy="pip install 'nbext[demo]'"
        ) from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NbextError(
            phrase("cli.no_demo_folder", folder=folder, strerror=error.strerror),
            remedy=phrase("cli.other_folder"),
        ) from None
    target = folder / "quickstart.ipynb"
    notebook = nbformat.reads(quickstart(), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        cell.outputs, cell.execution_count = [], None
    print(phrase("cli.running_cells", count=len(code)), flush=True)
    environment = {
        "NBEXT_NOTEBOOK": str(target.absolute()),
        "PYTHONPATH": os.pathsep.join(
            [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
        ),
    }
    client = NotebookClient(
        notebook,
        timeout=1800,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],
    )
    try:
        client.execute(env={**os.environ, **environment})
    except CellExecutionError as error:
        raise NbextError(
            phrase("cli.demo_cell_failed", ename=error.ename, evalue=error.evalue)
        ) from None
    finally:
        nbformat.write(notebook, target)
    print(readable(phrase("cli.demo_notebook", absolute=target.absolute())))
    print(readable(phrase("cli.demo_gallery", absolute=(folder / "quickstart.html").absolute())))
    print(readable(phrase("cli.demo_history", absolute=target.with_suffix(".draws").absolute())))
    return 0
