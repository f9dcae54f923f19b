"""Files that are there whole, or not at all."""

from __future__ import annotations

import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """Give a path to write to, which takes the target's place when the block ends without an error.

    Args:
        target: The file; its folder is made where there is none.

    Raises:
        OSError: The folder cannot be made, or the file not put in place; what was there stays.

    Example:
        >>> from pathlib import Path
        >>> with whole(Path("cats.txt")) as part:  # doctest: +SKIP
        ...     part.write_text("three")
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        yield part
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink()
