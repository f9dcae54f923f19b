"""Importing nbext costs next to nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("httpx", "httpx2", "PIL", "tornado", "ipywidgets", "jinja2")

LIGHT = {
    "IPython.core.magics.extension",
    "nbext._version",
    "nbext.magics",
    "nbext.magics.cells",
    "nbext.magics.config",
    "nbext.magics.line",
    "nbext.magics.tab",
    "nbext.magics.under_way",
}

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


def test_the_extension_imports_nothing_of_others_and_offers_nbext(tmp_path):
    code = """
from IPython.core.interactiveshell import InteractiveShell
import sys, threading
shell = InteractiveShell.instance()
shell.kernel = "as in a notebook"
before = set(sys.modules)
shell.run_line_magic("load_ext", "nbext")
known = {"nbext", "IPython", *sys.stdlib_module_names}
print(sorted({m.partition(".")[0] for m in set(sys.modules) - before} - known))
print(shell.user_ns["nbext"].__name__)
print(sorted(m for m in set(sys.modules) - before if m.startswith(("nbext.", "IPython."))))
shell.run_cell("pass")
for thread in threading.enumerate():
    if thread.name == "nbext-imports":
        thread.join()
print(shell.magics_manager.lsmagic_docs(brief=True)["line"]["draw"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    others, name, modules, summary = done.stdout.strip().splitlines()[-4:]
    assert (others, name) == ("[]", "nbext"), done.stderr
    # Each costs a third of a millisecond; texts are read when somebody asks for them.
    assert set(ast.literal_eval(modules)) <= LIGHT
    assert summary.startswith("Draw the prompt")
