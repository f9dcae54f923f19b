"""The Pythons of Debian's later releases, for ``others.py``.

As root on Debian or Ubuntu, ``debootstrap`` puts each release into a folder of its own, with nothing
but Python, and the tests run inside it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Pythons, and the release that has each.
RELEASES = {"3.13": "trixie", "3.14": "forky"}
PACKAGES = "ca-certificates,git,make"
# For releases that the machine's debootstrap does not know yet.
SCRIPT = Path("/usr/share/debootstrap/scripts/sid")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def mirror() -> str:
    """Return where this machine gets its packages from."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    )
    return targets.stdout.split()[0]


@contextlib.contextmanager
def system(root: Path) -> Iterator[None]:
    """Give a folder with a system what programs expect of a running one."""
    points = {root / "proc": ("-t", "proc", "proc"), root / "dev": ("--rbind", "/dev")}
    for point, what in points.items():
        subprocess.run(["mount", *what, point], check=True)
    # The names and the certificates of this machine's network.
    for path in (Path("/etc/resolv.conf"), CERTIFICATES):
        shutil.copyfile(path, root / path.relative_to("/"))
    try:
        yield
    finally:
        for point in points:
            subprocess.run(["umount", "--lazy", point], check=False)


def run(root: Path, *command: str) -> int:
    """Run a command in the project's folder inside a system; return its exit code."""
    environment = {"HOME": "/root", "PATH": PATH, "LANG": "C.UTF-8"}
    environment["PIP_CERT"] = str(CERTIFICATES)
    shell = ["sh", "-c", 'cd /nbext && exec "$@"', "sh", *command]
    return subprocess.run(["chroot", root, *shell], env=environment, check=False).returncode


def install(root: Path, python: str) -> None:
    """Put a release into a folder, with the project and what its tests need.

    Raises:
        SystemExit: If the packages cannot be had.
    """
    name = f"python{python}"
    include = f"--include={name}-venv,{PACKAGES}"
    make = ["debootstrap", "--variant=minbase", include, RELEASES[python], root, mirror(), SCRIPT]
    if not (root / "usr/bin" / name).exists() and subprocess.run(make, check=False).returncode:
        sys.exit(f"Python {python}: debootstrap cannot get {RELEASES[python]}")
    shutil.rmtree(root / "nbext", ignore_errors=True)
    subprocess.run(["git", "clone", "-q", ROOT, root / "nbext"], check=True)
    pip = ("/venv/bin/python", "-m", "pip", "install", "-q")
    with system(root):
        if not (root / "venv").exists():
            run(root, name, "-m", "venv", "/venv")
            run(root, *pip, "--upgrade", "pip")
        if run(root, *pip, "-e", ".[test]"):
            sys.exit(f"Python {python}: pip cannot install what the tests need")


def has(python: str) -> bool:
    """Return whether a Python can be had here: of a release of Debian's, as root on Debian."""
    return python in RELEASES and not os.geteuid() and shutil.which("apt-get") is not None


def test(python: str, arguments: list[str]) -> int:
    """Install a release, and run the tests in it; return their exit code."""
    if not shutil.which("debootstrap"):
        subprocess.run(["apt-get", "install", "-qq", "-y", "debootstrap"], check=True)
    root = ROOT / ".peers/debian" / python
    install(root, python)
    with system(root):
        return run(root, "/venv/bin/python", *arguments)
