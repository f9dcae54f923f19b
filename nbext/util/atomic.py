"""Write files atomically."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Temporary files older than this, in seconds, were left by a crash.
LEFT_OVER_SECONDS = 24 * 3600
_PART = re.compile(r"\..+\.[0-9a-f]{32}\.part", re.DOTALL)
# How long to wait between tries to move a file that another program reads.
SHARING_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
# Temporary folders of an archive's gallery, and of a handout.
_FOLDER = re.compile(r"(\.gallery-|nbext-handout-)[a-z0-9_]{8}")


def clear_leftovers(folder: Path) -> None:
    """Remove temporary files and folders left by a crash, recognised by name and age.

    Args:
        folder: The folder in which ``atomic_write`` was used, or that of temporary files.
    """
    limit = time.time() - LEFT_OVER_SECONDS
    with suppress(OSError):
        for path in list(folder.iterdir()):
            if not (_PART.fullmatch(path.name) or _FOLDER.fullmatch(path.name)):
                continue
            with suppress(OSError):
                status = path.lstat()
                if status.st_mtime > limit:
                    continue
                if stat.S_ISREG(status.st_mode) and _PART.fullmatch(path.name):
                    path.unlink()
                elif stat.S_ISDIR(status.st_mode) and _FOLDER.fullmatch(path.name):
                    import shutil

                    shutil.rmtree(path)


def move(part: Path, target: Path) -> None:
    """Move a file to its final place.

    Windows refuses while another program reads either of them, such as a virus scanner that looks
    at each new file; it is gone a moment later.

    Args:
        part: The file.
        target: Its final place; a file there is replaced.

    Raises:
        OSError: It cannot be moved.
    """
    for seconds in SHARING_SECONDS:
        with suppress(PermissionError):
            os.replace(part, target)  # noqa: PTH105 -- one call that tests can make fail
            return
        if os.name != "nt":
            break
        time.sleep(seconds)
    os.replace(part, target)  # noqa: PTH105


def _has_lone_surrogate(path: Path) -> bool:
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return True
    return False


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """Yield a temporary path, which replaces the target if the block ends without an error.

    Args:
        target: The file; its folder is created if needed.

    Raises:
        OSError: The folder or the file cannot be written, or no file can have the name; an
            existing file is unchanged.

    Example:
        >>> from pathlib import Path
        >>> with atomic_write(Path("cats.txt")) as part:  # doctest: +SKIP
        ...     part.write_text("three")
    """
    if "\0" in str(target) or _has_lone_surrogate(target):
        # Python's own errors for these are no OSError, and come in the middle of the work.
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    # File systems limit names to 255 bytes.
    name = os.fsencode(target.name)[:200].decode("utf-8", "ignore")
    part = target.with_name(f".{name}.{uuid.uuid4().hex}.part")
    try:
        yield part
        move(part, target)
    finally:
        with suppress(OSError):
            part.unlink()
