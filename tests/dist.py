"""Builds the package as it would be published, and draws a picture with it in an empty environment.

Run by ``make dist``: it takes two minutes, and an environment of its own gets the dependencies.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
MOST_BYTES = 1_340_000
DRAW = """
import nbext
drawing = nbext.draw("a cat with a red hat")
picture = drawing.pictures[0]
assert picture.media_type == "image/png" and picture.width > 0, picture
assert drawing.record.embedded
print(drawing.caption())
"""


def run(*command, **options):
    """Run a command, and end where it fails."""
    print("$", *map(str, command), flush=True)
    subprocess.run(command, check=True, **options)


def pack(wheel):
    """Compress a wheel as far as its format allows, which takes three per cent off."""
    import zopfli

    packed = wheel.with_suffix(".packed")
    with (
        zipfile.ZipFile(wheel) as old,
        zopfli.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            new.writestr(info, old.read(info))
    packed.replace(wheel)


def main():
    """Build, check, install, draw."""
    for old in DIST.glob("nbext-*"):
        old.unlink()
    run(sys.executable, "-m", "build", "--outdir", DIST, ROOT)
    wheel, archive = *DIST.glob("*.whl"), *DIST.glob("*.tar.gz")
    pack(wheel)
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, archive)
    assert wheel.stat().st_size < MOST_BYTES, f"{wheel.name} has {wheel.stat().st_size:,} bytes"
    with zipfile.ZipFile(wheel) as file:
        wheel_names = file.namelist()
    with tarfile.open(archive) as file:
        names = wheel_names + file.getnames()
    fonts = [name for name in names if name.endswith((".ttf", ".otf", ".woff", ".woff2"))]
    assert not fonts, f"fonts have licences of their own: {fonts}"
    assert any(name.endswith("licenses/LICENSE") for name in names), "the licence is missing"
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "empty"
        venv.create(environment, with_pip=True)
        python = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        run(python, "-m", "pip", "install", "--quiet", wheel)
        run(python, "-c", DRAW, cwd=folder)
    print(f"{wheel.name}: {wheel.stat().st_size:,} bytes, {len(wheel_names)} files")


if __name__ == "__main__":
    main()
