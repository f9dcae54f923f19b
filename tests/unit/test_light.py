"""Importing nbext costs next to nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("httpx", "httpx2", "PIL", "tornado", "ipywidgets", "jinja2")

LOAD = """
from IPython.core.interactiveshell import InteractiveShell
import sys
before = set(sys.modules)
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "nbext")
"""


@pytest.mark.parametrize("code", ["before = set()\nimport nbext", LOAD], ids=["import", "load_ext"])
def test_nothing_heavy_is_imported(code, tmp_path):
    told = (
        f"{code}\nimport sys\nprint([m for m in {HEAVY!r} if m in sys.modules and m not in before])"
    )
    done = subprocess.run(
        [sys.executable, "-c", told],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip().splitlines()[-1] == "[]", done.stderr
