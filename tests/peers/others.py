"""The whole suite, but for the browser's, on other Pythons than the one of ``.venv``.

Run by ``make pythons``. A Python that this machine has, on ``PATH`` or from pyenv, gets an
environment of its own; any other one is taken from Debian's later releases (``debian.py``).
``python -m tests.peers.others 3.12 tests/unit`` runs some tests on one Python.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.peers import debian

ROOT = Path(__file__).parents[2]
PYTHONS = ("3.12", "3.13", "3.14")
TESTS = ("tests/unit", "tests/cases", "tests/faults", "tests/kernel")
PYTEST = ("-m", "pytest", "-q", "-n", "4", "--dist", "loadfile")


def find(python: str) -> str | None:
    """Return this machine's interpreter of a version, the newest of several, or None."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    own = sorted(
        (tuple(map(int, match[0].split("."))), path)
        for path in root.glob(f"versions/{python}.*/bin/python")
        if (match := re.fullmatch(r"[\d.]+", path.parts[-3]))
    )
    candidates = [str(path) for _, path in reversed(own)]
    candidates += [path] if (path := shutil.which(f"python{python}")) else []
    return next((path for path in candidates if _version(path) == python), None)


def _version(path: str) -> str:
    """Return which Python an interpreter is; pyenv's stand-ins on ``PATH`` may be none."""
    command = [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return ended.stdout.strip()


def run_here(python: str, interpreter: str, tests: list[str]) -> int:
    """Run tests with an interpreter of this machine; return their exit code.

    Raises:
        SystemExit: If pip cannot install what they need.
    """
    folder = ROOT / ".peers/python" / python
    own = folder / "bin/python"
    if not own.exists():
        subprocess.run([interpreter, "-m", "venv", folder], check=True)
        subprocess.run([own, "-m", "pip", "install", "-q", "--upgrade", "pip"], check=True)
    install = [own, "-m", "pip", "install", "-q", "-e", ".[test]"]
    if subprocess.run(install, cwd=ROOT, check=False).returncode:
        sys.exit(f"Python {python}: pip cannot install what the tests need")
    return subprocess.run([own, *PYTEST, *tests], cwd=ROOT, check=False).returncode


def main(arguments: list[str]) -> int:
    """Install and test; return the worst exit code."""
    pythons = [argument for argument in arguments if argument in PYTHONS] or list(PYTHONS)
    tests = [argument for argument in arguments if argument not in PYTHONS] or list(TESTS)
    worst = 0
    for python in pythons:
        interpreter = find(python)
        if interpreter is None and not debian.has(python):
            print(f"Python {python}: not here; only Debian's is fetched, as root on Debian.")
            continue
        print(f"Python {python} ({interpreter or 'of Debian'}):", flush=True)
        if interpreter is not None:
            worst = max(worst, run_here(python, interpreter, tests))
        else:
            worst = max(worst, debian.test(python, [*PYTEST, *tests]))
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
