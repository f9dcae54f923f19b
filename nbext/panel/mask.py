"""Paint a mask over a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.data.request import Reference
from nbext.errors import OptionError
from nbext.imaging.thumbnail import small_webp
from nbext.messages.say import phrase
from nbext.panel.base import BaseWidget, asset
from nbext.panel.chunks import Incoming
from nbext.panel.thumbnails import SHOWN

if TYPE_CHECKING:
    from collections.abc import Callable


class MaskPainter(BaseWidget):
    """Creates a mask of a picture's size: transparent where the picture may change.

    Example:
        >>> painter = MaskPainter()
        >>> painter.mask is None
        True
    """

    _esm = asset("mask.js")
    _css = asset("mask.css")
    uses = (
        *(
            "painter",
            "painter_keys",
            "brush",
            "eraser",
            "brush_size",
            "undo",
            "redo",
            "invert",
            "clear",
        ),
        *("zoom_in", "zoom_out", "use_mask", "close"),
    )

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.mask: Reference | None = None
        self.painted: Callable[[Reference], None] | None = None
        self.closed: Callable[[], None] | None = None
        self._turn = 0
        self._picture: Reference | None = None
        self._incoming = Incoming(self._take)
        self.handlers |= {
            "hello": lambda _, __: self._show(),
            "piece": lambda about, buffers: self._incoming.piece(about, buffers[0]),
            "close": lambda _, __: self.closed() if self.closed else None,
        }

    def show(self, picture: Reference) -> None:
        """Start a mask for a picture, or go on with the one that was begun for it."""
        self._picture = picture
        self._turn += 1
        self._show()

    def _show(self) -> None:
        if self._picture is None:
            return
        info = self._picture.info
        buffer = small_webp(self._picture.data, info.media_type, SHOWN)
        size = {"width": info.width, "height": info.height}
        self.tell("paint", [buffer], picture=info.sha256, turn=self._turn, **size)

    def _take(self, name: str, data: bytes) -> None:
        mask = Reference.of(data, source=name)
        picture = self._picture
        same = picture is not None and (mask.info.width, mask.info.height) == (
            picture.info.width,
            picture.info.height,
        )
        if mask.info.media_type != "image/png" or not same:
            raise OptionError(phrase("panel.mask_png"))
        self.mask = mask
        if self.painted is not None:
            self.painted(mask)
