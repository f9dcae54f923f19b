"""``nbext demo``: the quickstart, executed for real, and its gallery."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from nbext.errors import NbextError


def quickstart() -> str:
    """Give the quickstart notebook: from a checkout, or as the package brings it."""
    checkout = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"
    if checkout.is_file():
        return checkout.read_text(encoding="utf-8")
    return files("nbext").joinpath("quickstart.ipynb").read_text(encoding="utf-8")


def run(folder: Path) -> int:
    """Execute the quickstart on the endpoint that is set, else on the embedded one.

    Args:
        folder: Where notebook, history and gallery go. A history that is there is replayed.

    Raises:
        NbextError: nbclient or ipykernel is missing, or a cell failed.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError
    except ImportError as error:
        raise NbextError(
            f"The demo needs {error.name}.", remedy="pip install 'nbext[demo]'"
        ) from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NbextError(
            f"{folder} cannot be made a folder: {error.strerror}.", remedy="Give another --folder."
        ) from None
    target = folder / "quickstart.ipynb"
    notebook = nbformat.reads(quickstart(), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        cell.outputs, cell.execution_count = [], None
    print(f"Running {len(code)} cells …", flush=True)
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
            f"A cell of the quickstart failed: {error.ename}: {error.evalue}"
        ) from None
    finally:
        nbformat.write(notebook, target)
    print(f"  notebook  {target.absolute()}")
    print(f"  gallery   {(folder / 'quickstart.html').absolute()}")
    print(f"  history   {target.with_suffix('.draws').absolute()}")
    return 0
