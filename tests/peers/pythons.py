"""nbext on newer Pythons than this machine's: CPython as Pyodide builds it for WebAssembly, in Node.

Run by ``make pythons``, which installs it from npm. Each Python compiles all our files with
warnings as errors; the newest, for which our compiled dependencies are published, also runs those
unit tests that need no thread, process or socket, because WebAssembly has none.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.peers.lite import PLATFORM, PURE, ROOT, WHEELS, run

HERE = Path(__file__).parent
# Versions of Pyodide, with the Python that each has.
PYTHONS = {"3.12": "0.27", "3.13": "0.29", "3.14": "314"}
TESTS = (
    "unit/families/test_check.py",
    "unit/families/test_fit.py",
    "unit/families/test_prices.py",
    "unit/families/test_sizes.py",
    "unit/families/test_table.py",
    "unit/messages/test_table.py",
    "unit/store/test_replay.py",
    "unit/transport/test_addresses.py",
)
FOR_TESTS = ("pytest", "pluggy", "iniconfig", "packaging", "pygments", "hypothesis", "attrs")
FOR_TESTS += ("sortedcontainers",)
SECONDS = 1_200


def install(home: Path) -> None:
    """Install each Pyodide, and the packages that the tests need."""
    if (home / ".installed").exists():
        return
    for python, version in PYTHONS.items():
        (home / python).mkdir(parents=True, exist_ok=True)
        npm = ("npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", ".")
        run(*npm, f"pyodide@{version}", cwd=home / python)
    pip = (sys.executable, "-m", "pip", "install", "-q", "--target", home / "packages")
    only = ("--no-deps", "--only-binary", ":all:")
    run(*pip, *only, *PLATFORM, *WHEELS, *PURE, *FOR_TESTS, cwd=home)
    (home / ".installed").touch()


def node(home: Path, python: str, *arguments: str) -> str:
    """Run the script for Node with a Python; return the last line that it prints.

    Raises:
        SystemExit: If it fails.
    """
    done = subprocess.run(
        ["node", HERE / "pythons.mjs", *arguments],
        env=os.environ
        | {"ROOT": str(ROOT), "PYODIDE": str(home / python), "PACKAGES": str(home / "packages")},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    if done.returncode:
        sys.exit(f"Python {python}:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout.strip().splitlines()[-1]


def main() -> None:
    """Install, compile, test."""
    home = ROOT / ".peers/pythons"
    install(home)
    for python in PYTHONS:
        print(f"Python {python}: {node(home, python, 'compile')}", flush=True)
    newest = list(PYTHONS)[-1]
    tests = (f"tests/{name}" for name in TESTS)
    print(f"Python {newest}: {node(home, newest, 'test', *tests)}")


if __name__ == "__main__":
    main()
