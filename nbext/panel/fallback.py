"""What a panel leaves where no widget lives: a still picture and a line."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING, Any

from nbext.errors import NbextError

if TYPE_CHECKING:
    from nbext.drawings.drawing import Drawing

# It is in the notebook twice at most; a panel shall not make a notebook large.
STILL_BYTES = 14_000


def still(drawing: Drawing | None, note: str) -> dict[str, Any]:
    """Make a bundle of a drawing's picture, small, and a line.

    With a picture there is no HTML beside it: viewers would show that instead of the picture.

    Args:
        drawing: What to show; None for the line alone.
        note: The line.
    """
    if drawing is not None and drawing.pictures:
        try:
            jpeg = _jpeg(drawing)
        except NbextError:
            jpeg = b""
        if jpeg:
            text = f"{note}\n{drawing.caption()}"
            return {"image/jpeg": base64.b64encode(jpeg).decode(), "text/plain": text}
    return {"text/plain": note, "text/html": f"<p>{escape(note)}</p>"}


def _jpeg(drawing: Drawing) -> bytes:
    from nbext.imaging.decode import on_white, upright

    image = on_white(upright(drawing.pictures[0].image))
    made = b""
    for side, quality in ((480, 72), (400, 64), (320, 56), (224, 50), (128, 40)):
        image.thumbnail((side, side))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True)
        made = buffer.getvalue()
        if len(made) <= STILL_BYTES:
            break
    return made
