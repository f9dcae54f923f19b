"""Render an SVG as PNG, in a separate process.

An SVG from elsewhere is untrusted code: deep nesting crashes the renderer, stacked filters run for
hours, and links can read local files. So a child process with limits on memory and time renders it,
after every external link is removed.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time

from nbext.messages.say import phrase
from nbext.util.pattern import pattern

SECONDS = 10
MEMORY = 2 << 30
# The hashes of the latest SVGs that took too long, and when; until they are tried again.
_slow: dict[bytes, float] = {}
_MOST_SLOW, SECONDS_SLOW = 256, 600
# The longest side in pixels.
SIDE = 1024
_INSIDE = pattern(r"\s*(?:#|data:image/(?:png|jpe?g|gif|webp)[;,])", re.IGNORECASE)
_NUMBER = pattern(r"\s*([0-9.eE+-]+)\s*(?:px)?\s*")


def rasterised(svg: bytes) -> bytes:
    """Render an SVG as PNG, with a longer side of 1024 pixels.

    Raises:
        PictureError: It cannot be rendered, or not within 10 seconds and 2 GB.
    """
    from nbext.errors import PictureError

    name = hashlib.sha256(svg).digest()
    if time.monotonic() - _slow.get(name, -SECONDS_SLOW) < SECONDS_SLOW:
        raise PictureError(phrase("picture.svg_timeout", SECONDS=SECONDS))
    # -P: do not import modules from the notebook's folder instead of libraries.
    command = [sys.executable, "-P", __file__]
    try:
        done = subprocess.run(  # noqa: S603 -- this very file
            command,
            input=svg,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env=_environment(),
        )
    except subprocess.TimeoutExpired:
        # A page with such a picture is looked at again and again.
        _slow[name] = time.monotonic()
        if len(_slow) > _MOST_SLOW:
            del _slow[next(iter(_slow))]
        raise PictureError(phrase("picture.svg_timeout", SECONDS=SECONDS)) from None
    except OSError as error:
        raise PictureError(phrase("picture.svg_error", error=error)) from None
    if done.returncode or not done.stdout.startswith(b"\x89PNG"):
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = f": {lines[-1][:200]}" if lines and done.returncode == 1 else ""
        raise PictureError(phrase("picture.svg_failed", reason=reason))
    return done.stdout


def _environment() -> dict[str, str]:
    """Return the variables that Python and the system need to start, without keys."""
    needed = {"PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}
    # Windows needs these to load libraries.
    needed |= {"SYSTEMROOT", "WINDIR", "TEMP", "TMP", "HOME", "USERPROFILE", "APPDATA"}
    return {name: value for name, value in os.environ.items() if name.upper() in needed}


def _child() -> None:
    """Read an SVG from standard input, write a PNG to standard output."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):
        # Windows has none of these limits; the parent enforces the time limit.
        pass
    from xml.etree import ElementTree as ET

    import resvg_py

    try:
        # Expat loads no external entities, and stops exponential entity expansion (since 2.4.1).
        root = ET.fromstring(sys.stdin.buffer.read())  # noqa: S314
        for element in root.iter():
            for name in [n for n in element.attrib if n.rpartition("}")[2].lower() == "href"]:
                if not _INSIDE.match(element.attrib[name]):
                    del element.attrib[name]
        clean = ET.tostring(root, encoding="unicode")
        width, height = (None, SIDE) if _is_tall(root.attrib) else (SIDE, None)
        png = bytes(resvg_py.svg_to_bytes(svg_string=clean, width=width, height=height))
    except (ValueError, RuntimeError, ET.ParseError, RecursionError, MemoryError) as error:
        sys.exit(f"{error}")
    sys.stdout.buffer.write(png)


def _is_tall(attributes: dict[str, str]) -> bool:
    numbers = [_NUMBER.fullmatch(attributes.get(name, "")) for name in ("width", "height")]
    if not all(numbers):
        box = re.split(r"[\s,]+", attributes.get("viewBox", "").strip())
        numbers = [_NUMBER.fullmatch(part) for part in box[2:4]]
    try:
        width, height = (float(match[1]) for match in numbers if match)
    except ValueError:
        return False
    return height > width


if __name__ == "__main__":
    _child()
