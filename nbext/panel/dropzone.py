"""Collect reference pictures: dropped, pasted, chosen, or added from code."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from traitlets import Int, List

from nbext.data.picture import sniff
from nbext.data.request import Reference
from nbext.drawings.drawing import Drawing
from nbext.drawings.picture import Picture
from nbext.errors import OptionError
from nbext.imaging.thumbnail import small_webp
from nbext.messages.say import say
from nbext.panel.base import BaseWidget, asset
from nbext.panel.chunks import LIMIT, Incoming
from nbext.panel.thumbnails import THUMB

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_PICTURES = 32


class DropZone(BaseWidget):
    """A strip of reference pictures to which more can be added.

    Attributes:
        images: The pictures, in any form that ``nbext.draw(images=…)`` accepts.
        limit: Bytes that a file may have.

    Example:
        >>> zone = DropZone()
        >>> zone.images
        []
    """

    _esm = asset("dropzone.js")
    _css = asset("dropzone.css")
    uses = (
        "references",
        "drop",
        "choose",
        "remove",
        "no_picture",
        "too_large",
        "reading",
        "unanswered",
        "mask_on",
    )
    images: Any = List()
    limit: Any = Int(LIMIT).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.mask: Reference | None = None
        # Turns pictures into references, in the background; the panel's session does.
        self.read: Callable[[Sequence[Any], Callable[[list[Any]], None]], None] | None = None
        # Why none is taken now; empty while they are.
        self.refused: Callable[[], str] = str
        # Takes drawings of the history, by their ids.
        self.refer: Callable[[list[str]], None] | None = None
        self._incoming = Incoming(self.take, self.limit)
        self._lock = threading.RLock()
        self._shown: tuple[list[dict[str, Any]], list[bytes]] = ([], [])
        self.handlers |= {"hello": self._hello, "piece": self._piece, "remove": self._remove}
        self.handlers["refer"] = self._refer
        self.observe(lambda _: self.refresh(), "images")

    def take(self, name: str, data: bytes) -> None:
        """Add a file.

        Raises:
            OptionError: It is not a picture.
        """
        if not sniff(data[:512]).startswith("image/"):
            raise OptionError(say(self.language, "panel.no_picture", name=name))
        with self._lock:
            self.images = [*self.images, Reference.of(data, source=name)][-MAX_PICTURES:]

    def refresh(self) -> None:
        """Show the current references."""
        images = list(self.images)
        if self.read is None:
            self._show([i if isinstance(i, Reference) else None for i in images], images)
        else:
            self.read(images, lambda references: self._show(references, images))

    def _show(self, references: list[Any], images: list[Any]) -> None:
        items, buffers = [], []
        for index, (reference, image) in enumerate(zip(references, images, strict=True)):
            name = name_of(image)
            item = {"name": name, "mask": index == 0 and self.mask is not None, "error": ""}
            thumb = b""
            if isinstance(reference, Reference):
                try:
                    thumb = small_webp(reference.data, reference.info.media_type, THUMB)
                except OptionError:
                    raise
                except Exception as error:  # noqa: BLE001 -- shown under the strip
                    item["error"] = f"{name}: {error}"
            elif reference is not None:
                reason = str(reference)
                item["error"] = reason if name in reason else f"{name}: {reason}"
            else:
                item["error"] = name
            items.append(item)
            buffers.append(thumb)
        with self._lock:
            self._shown = items, buffers
        self._hello({}, [])

    def _hello(self, _: dict[str, Any], __: list[bytes]) -> None:
        with self._lock:
            items, buffers = self._shown
        self.tell("strip", buffers, items=items)

    def _piece(self, about: dict[str, Any], buffers: list[bytes]) -> None:
        if text := self.refused():
            self.tell("taken", id=about.get("id"), ok=False)
            raise OptionError(text)
        ok = True
        try:
            self._incoming.piece(about, buffers[0] if buffers else b"")
        except OptionError as error:
            ok = False
            self.tell("complain", text=error.message)
        # Answered in either case: the page stops by what it is told, not by waiting.
        self.tell("taken", id=about.get("id"), ok=ok)

    def _refer(self, content: dict[str, Any], _: list[bytes]) -> None:
        """Add drawings that were dragged from the history."""
        ids = content.get("ids")
        if self.refer is not None and isinstance(ids, list):
            self.refer([str(one) for one in ids[:MAX_PICTURES]])

    def _remove(self, content: dict[str, Any], _: list[bytes]) -> None:
        with self._lock:
            index = content.get("index")
            if isinstance(index, int) and 0 <= index < len(self.images):
                if index == 0:
                    # A mask is of the first reference, and goes with it.
                    self.mask = None
                self.images = [*self.images[:index], *self.images[index + 1 :]]


def name_of(image: Any) -> str:
    """Return a short name for a reference of any kind.

    Example:
        >>> name_of("@3"), name_of(b"...")
        ('@3', 'bytes')
    """
    if isinstance(image, Reference):
        return image.source or image.info.sha256[:8]
    if isinstance(image, Drawing):
        return f"@{image.number}"
    if isinstance(image, Picture):
        return image.name
    if isinstance(image, str):
        return image.rpartition("/")[2][:60] or image[:60]
    return str(getattr(image, "name", "") or type(image).__name__)
