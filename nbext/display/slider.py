"""Compare two pictures of a cell's result with a divider."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from ipywidgets import Layout

from nbext.display.caption import picture_name
from nbext.display.widget_ids import widget_id
from nbext.errors import HistoryError, PictureError
from nbext.imaging.decode import open_image, preview
from nbext.messages.say import messages, phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbext.display.item import Item

# Bytes of one picture that go to the page.
PICTURE_BYTES = 500_000
_BESIDE = Path(__file__).parent
_WORDS = ("left", "right", "divider")


class Slider(anywidget.AnyWidget):  # type: ignore[misc]  # It has no types of its own.
    """Shows two of several drawings, one over the other; arrow keys move the divider.

    Args:
        items: The drawings; those without a picture are left out.
        names: What each is called; its number and model by default.
        language: ``en`` or ``zh``.
        cell: The id of the cell that shows it, empty if unknown.
    """

    _esm = _BESIDE / "slider.js"
    _css = _BESIDE / "slider.css"
    words = traitlets.Dict().tag(sync=True)
    choices: Any = traitlets.List().tag(sync=True)
    pair: Any = traitlets.List().tag(sync=True)

    def __init__(
        self,
        items: Sequence[Item],
        *,
        names: Sequence[str] = (),
        language: str = "en",
        cell: str = "",
    ) -> None:
        labels = names or [f"{picture_name(i.record, 0)} {i.record.model}" for i in items]
        drawn = [
            (str(at), item, label)
            for at, (item, label) in enumerate(zip(items, labels, strict=True))
            if item.record.pictures
        ]
        self._items = {id_: item for id_, item, _ in drawn}
        # Names alone: an id would tell in a blind comparison what is what.
        choices = [{"id": id_, "name": label} for id_, _, label in drawn]
        content = [item.record.id for _, item, _ in drawn]
        super().__init__(
            model_id=widget_id(cell, "slider", *content),
            layout=Layout(model_id=widget_id(cell, "layout", *content)),
            words=messages(language, "panel", _WORDS),
            choices=choices,
            pair=[choice["id"] for choice in choices[:2]],
        )
        self.on_msg(self._answer)

    def _answer(self, _: Any, content: dict[str, Any], __: Any) -> None:
        ids = [str(id_) for id_ in content.get("ids", [])][:2]
        if len(ids) == 2 and all(id_ in self._items for id_ in ids):
            self.send({"ids": ids}, [_picture(self._items[id_]) for id_ in ids])

    def __repr__(self) -> str:
        """Return the text for a notebook that is only read."""
        return phrase("sweep.slider", count=len(self.choices))


def _picture(item: Item) -> bytes:
    """Return a drawing's picture, small enough for a page; empty if it is missing."""
    info = item.record.pictures[0]
    try:
        data = item.store.read(info.sha256)
        if len(data) <= PICTURE_BYTES:
            return data
        image = open_image(data, info.media_type, max_pixels=item.store.max_pixels)
        return preview(image, PICTURE_BYTES)[0]
    except (HistoryError, PictureError):
        return b""
