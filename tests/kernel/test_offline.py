"""A reviewer without a network and without a key sees the same pictures, byte for byte."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.kernel.conftest import HURRY, shown

ROOT = Path(__file__).parents[2]

# Pipes instead of ports: without interfaces there is not even a loopback.
RUN = """
import sys, nbformat
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
folder, name = sys.argv[1:]
notebook = nbformat.read(f"{folder}/{name}", as_version=4)
for cell in notebook.cells:
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
manager = AsyncKernelManager(transport="ipc", ip="k")
client = NotebookClient(notebook, km=manager, timeout=120, kernel_name="python3",
                        resources={"metadata": {"path": folder}},
                        extra_arguments=["--log-level=ERROR"])
client.execute()
nbformat.write(notebook, f"{folder}/{name}")
"""

CELLS = [
    "%load_ext nbext",
    "%%draw\n画只猫",
    "%%edit\n加一顶帽子",
    "%%draw -n 2 --aspect 2:3\na dog",
    "%%chat\n你好",
    "%%video\na cat walks",
    "import nbext\nprint(nbext.history.verify())",
]


def run(folder, *prefix, **environ):
    env = {
        k: v for k, v in os.environ.items() if not k.startswith(("NBEXT_", "OPENAI_", "LITELLM_"))
    }
    env |= {"HOME": str(folder), "IPYTHONDIR": str(folder), "PYTHONPATH": str(ROOT)}
    env |= {"NBEXT_NOTEBOOK": str(folder / "paper.ipynb"), "JUPYTER_RUNTIME_DIR": str(folder)}
    done = subprocess.run(
        [*prefix, sys.executable, "-c", RUN, str(folder), "paper.ipynb"],
        cwd=folder,
        env=env | HURRY | environ,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return nbformat.read(folder / "paper.ipynb", as_version=4)


@pytest.fixture
def alone():
    """A command that runs another without any network."""
    prefix = ["unshare", "--user", "--map-root-user", "--net"]
    if shutil.which("unshare") is None or subprocess.run([*prefix, "true"]).returncode:
        pytest.skip("this machine makes no network namespaces")
    looked = subprocess.run([*prefix, "cat", "/proc/net/route"], capture_output=True, text=True)
    assert len(looked.stdout.splitlines()) <= 1
    return prefix


def test_what_a_paper_shows_is_shown_again(tmp_path, endpoint, alone):
    author, reviewer = tmp_path / "a", tmp_path / "r"
    author.mkdir()
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), author / "paper.ipynb")
    key = {"NBEXT_BASE_URL": endpoint.base_url, "NBEXT_API_KEY": endpoint.key}
    before = shown(run(author, **key))
    assert [text.startswith("<") for text in before] == [False, False, False, True, True]
    assert "<video" in before[4]
    reviewer.mkdir()
    shutil.copy(author / "paper.ipynb", reviewer)
    shutil.copytree(author / "paper.draws", reviewer / "paper.draws")
    lines = (reviewer / "paper.draws" / "history.jsonl").read_bytes()
    again = run(reviewer, *alone)
    assert shown(again) == before
    assert (reviewer / "paper.draws" / "history.jsonl").read_bytes() == lines
    assert "all present and unchanged" in again.cells[-1].outputs[0].text
