"""Give widgets the same ids each time a notebook is run from the top.

An output with a widget holds its id. With a random one, running a notebook again would change its
file, though it shows the same.
"""

from __future__ import annotations

import hashlib
from collections import Counter

_WIDGETS: Counter[str] = Counter()


def widget_id(cell: str, *content: str) -> str | None:
    """Return the id of a new widget.

    Args:
        cell: The id of the cell that creates it, empty if unknown.
        content: Its content. Widgets of a cell with the same content get different ids.

    Returns:
        The id, or None for a random one.

    Example:
        >>> widget_id("") is None, widget_id("1b2c", "a") == widget_id("1b2c", "a")
        (True, False)
    """
    if not cell:
        return None
    key = "\n".join((cell, *content))
    _WIDGETS[key] += 1
    return hashlib.sha256(f"{key}\n{_WIDGETS[key]}".encode()).hexdigest()[:32]
