"""Write the cell that repeats a drawing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nbext.export.code.cell import magic_line
from nbext.session.variables import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbext.data.record import ReferenceInfo
    from nbext.drawings.drawing import Drawing, Owner


def cell_of(drawing: Drawing, *, endpoints: Iterable[str] = (), takes: int = 1) -> str:
    """Write the ``%%draw`` cell that repeats a drawing.

    Args:
        drawing: The drawing.
        endpoints: The endpoints that can be named.
        takes: How many.

    Example:
        >>> print(cell_of(nbext.history[3]))  # doctest: +SKIP
        %%draw gpt-4o-image --aspect 2:3 -i @2
        加一顶帽子
    """
    record, history = drawing.record, drawing.history
    before = history.by_ids([record.continues]) if record.continues else []
    line = magic_line(
        "draw",
        record,
        lambda item: _named(item, history),
        takes=takes,
        continues=f"@{before[0].number}" if before else "",
        endpoint=record.endpoint if record.endpoint in endpoints else "",
    )
    return f"{line}\n{escaped(record.prompt)}"


def _named(item: ReferenceInfo, history: Owner) -> str:
    """Name a reference by its drawing, or else by its file in the history's folder."""
    for drawing in history.by_ids([item.drawing]):
        for picture in drawing.pictures:
            if picture.sha256 == item.sha256:
                return picture.name
    path = history.store.path(item.sha256)
    if path is not None:
        return os.path.relpath(path, history.store.folder.parent)
    return item.source
