"""Show a still picture and a line where no widget can be shown."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING, Any

from nbext.errors import NbextError
from nbext.imaging.thumbnail import jpeg_within

if TYPE_CHECKING:
    from nbext.drawings.drawing import Drawing

# It is in the notebook twice at most; a panel shall not make a notebook large.
STILL_BYTES = 14_000


def still(drawing: Drawing | None, note: str) -> dict[str, Any]:
    """Create an output with a drawing's small picture and a line.

    A picture comes without HTML, which viewers would show instead.

    Args:
        drawing: What to show; None for the line alone.
        note: The line.
    """
    if drawing is not None and drawing.pictures:
        try:
            jpeg = jpeg_within(drawing.pictures[0].image, STILL_BYTES)
        except NbextError:
            jpeg = b""
        if jpeg:
            text = f"{note}\n{drawing.caption()}"
            return {"image/jpeg": base64.b64encode(jpeg).decode(), "text/plain": text}
    return {"text/plain": note, "text/html": f"<p>{escape(note)}</p>"}
