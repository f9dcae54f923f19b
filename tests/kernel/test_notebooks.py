"""Every notebook that a user opens runs from its first cell to its last."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.kernel.conftest import HURRY

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

pytestmark = pytest.mark.usefixtures("forked")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_it_runs_on_the_embedded_endpoint(path, tmp_path, monkeypatch):
    notebook = nbformat.read(path, as_version=4)
    env = {
        k: v for k, v in os.environ.items() if not k.startswith(("NBEXT_", "OPENAI_", "LITELLM_"))
    }
    env |= {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path)}
    env |= HURRY
    env["NBEXT_NOTEBOOK"] = str(tmp_path / path.name)
    client = NotebookClient(
        notebook,
        timeout=120,
        resources={"metadata": {"path": str(tmp_path)}},
        extra_arguments=["--log-level=ERROR"],
    )
    client.execute(env=env)
    ran = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in ran)
    assert (tmp_path / f"{path.stem}.draws" / "history.jsonl").exists()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_as_committed_it_is_executed_and_small(path):
    notebook = nbformat.read(path, as_version=4)
    assert path.stat().st_size < 1_200_000
    assert all(c.execution_count for c in notebook.cells if c.cell_type == "code")
    assert "/root" not in path.read_text()
    assert "/work/" not in path.read_text()
    assert "/tmp/" not in path.read_text()


def test_no_key_of_this_machine_is_found():
    from nbext.config.endpoints import find_endpoint
    from nbext.config.settings import Nbext

    assert os.environ["PYTHON_KEYRING_BACKEND"] == "keyring.backends.null.Keyring"
    assert find_endpoint(settings=Nbext()).endpoint.embedded
