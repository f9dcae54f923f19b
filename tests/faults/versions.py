"""The tests on other Pythons, other kernels and the lowest versions; known holes of what is installed.

What is not to be had on a machine is said, and is no failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from tests.faults.case import Tally

ROOT = Path(__file__).parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# What is installed over the newest of all.
OTHERS = {
    "ipykernel 6": ["ipykernel>=6.29,<7"],
    "IPython 8": ["ipython>=8.30,<9"],
}
TESTS = ["tests/unit/store", "tests/unit/session", "tests/unit/wire", "tests/kernel/test_cells.py"]
# A few of each room, for the short form of a run.
QUICK = ["tests/unit/store/test_store.py", "tests/unit/session/test_runner.py"]
TOOLS = ["pytest>=8.3", "hypothesis>=6.120", "jupyter_client", "ipykernel", "nbformat", "nbclient"]
TOOLS += ["httpx2>=2.12", "brotli>=1.2", "nest-asyncio2>=1.7", "msgspec", "jsonschema>=4.20"]
PATIENCE = 3600


def floors() -> list[str]:
    """The lowest versions that ``pyproject.toml`` allows."""
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    return [re.sub(r">=", "==", need.split(";")[0].strip()) for need in needs]


def python(version: str) -> str | None:
    """Find a Python of this version that starts."""
    places = [shutil.which(f"python{version}")]
    places += sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))[-1:]
    places += sorted(Path.home().glob(f".local/share/uv/python/*{version}*/bin/python3"))[-1:]
    for place in filter(None, places):
        asked = subprocess.run(
            [str(place), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
        )
        if asked.returncode == 0 and asked.stdout.strip() == version:
            return str(place)
    return None


def run(count: int, seed: int) -> Tally:
    """Run the tests in so many environments: Pythons first, then the rest."""
    tally = Tally("other Pythons, kernels, lowest versions")
    environments: list[tuple[str, str, list[str]]] = []
    for version in PYTHONS:
        found = python(version)
        if found is None:
            tally.facts[f"Python {version}"] = "is not to be had here"
        else:
            environments.append((f"Python {version}", found, []))
    environments += [(name, sys.executable, extra) for name, extra in OTHERS.items()]
    environments.append(("the lowest versions", sys.executable, floors()))
    for name, executable, extra in environments[:count]:
        tally.count += 1
        tally.facts[name] = _tests_in(executable, extra, tally, name, quick=count < 7)
    return tally


def _tests_in(executable: str, extra: list[str], tally: Tally, name: str, *, quick: bool) -> str:
    with tempfile.TemporaryDirectory() as base:
        home = Path(base) / "venv"
        steps = [[executable, "-m", "venv", str(home)]]
        own = str(home / "bin" / "python")
        steps.append([own, "-m", "pip", "install", "-q", str(ROOT), *TOOLS])
        if extra:
            steps.append([own, "-m", "pip", "install", "-q", *extra])
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, cwd=base)
            if done.returncode:
                return f"cannot be installed: {done.stderr.strip().splitlines()[-1][:160]}"
        env = {k: v for k, v in os.environ.items() if not k.startswith(("NBEXT_", "PYTHON"))}
        command = [own, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={base}/t"]
        done = subprocess.run(
            [*command, *(QUICK if quick else TESTS)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=env | {"PYTHONPATH": str(ROOT)},
            timeout=PATIENCE,
        )
    lines = done.stdout.strip().splitlines() or [done.stderr[-200:]]
    if done.returncode:
        tally.note("bare", f"{name}: {lines[-1]}")
    return lines[-1].strip("= ")


def audit(count: int, seed: int) -> Tally:
    """Ask whether anything that is installed has a known hole."""
    tally = Tally("known holes (pip-audit)")
    with tempfile.TemporaryDirectory() as base:
        home = Path(base) / "venv"
        own = str(home / "bin" / "python")
        for step in (
            [sys.executable, "-m", "venv", str(home)],
            [own, "-m", "pip", "install", "-q", "pip-audit", str(ROOT)],
        ):
            done = subprocess.run(step, capture_output=True, text=True, cwd=base)
            if done.returncode:
                tally.facts["not run"] = "pip-audit cannot be installed here"
                return tally
        command = [own, "-m", "pip_audit", "--progress-spinner", "off", "--skip-editable"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=base)
    skipped = done.stdout.count("could not be audited")
    listed = len(re.findall(r"^[\w.-]+ +[\d.]+\S* +\S+", done.stdout, re.MULTILINE))
    if "No known vulnerabilities found" not in done.stderr and not listed:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        tally.facts["not run"] = f"its data cannot be reached: {last[:160]}"
    elif skipped > 1:
        tally.facts["not run"] = f"its data cannot be reached: {skipped} packages were not audited"
    elif done.returncode:
        tally.note("entered", done.stdout[-2000:], number=listed)
    return tally
