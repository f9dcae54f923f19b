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
        items: The drawings, None for those to come; those without a picture are left out.
        names: What each is called; its number and model by default.
        language: ``en`` or ``zh``.
        cell: The id of the cell that shows it, empty if unknown.
        shape: The sides of a picture that is to come.
    """

    _esm = _BESIDE / "slider.js"
    _css = _BESIDE / "slider.css"
    words = traitlets.Dict().tag(sync=True)
    choices: Any = traitlets.List().tag(sync=True)
    pair: Any = traitlets.List().tag(sync=True)
    shape: Any = traitlets.List().tag(sync=True)
    ready = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(
        self,
        items: Sequence[Item | None],
        *,
        names: Sequence[str] = (),
        language: str = "en",
        cell: str = "",
        shape: tuple[int, int] = (1, 1),
    ) -> None:
        choices = _choices(items, names)
        # The ids of coming drawings are unknown; their names are not.
        content = [
            item.record.id if (item := items[int(choice["id"])]) is not None else choice["name"]
            for choice in choices
        ]
        super().__init__(
            model_id=widget_id(cell, "slider", *content),
            layout=Layout(model_id=widget_id(cell, "layout", *content)),
            words=messages(language, "panel", _WORDS),
            choices=choices,
            pair=[choice["id"] for choice in choices[:2]],
            shape=list(shape),
            ready=None not in items,
        )
        self._items = items
        self.on_msg(self._answer)

    def fill(self, items: Sequence[Item | None]) -> None:
        """Show drawings in the places of those that were to come.

        Args:
            items: One for each place, None where there is none.
        """
        self._items = items
        with self.hold_sync():
            self.choices = _choices(items)
            self.pair = [choice["id"] for choice in self.choices[:2]]
            self.ready = True

    def _answer(self, _: Any, content: dict[str, Any], __: Any) -> None:
        known = {choice["id"] for choice in self.choices}
        ids = [id_ for id_ in content.get("ids", []) if id_ in known][:2]
        items = [item for id_ in ids if (item := self._items[int(id_)]) is not None]
        if len(items) == 2:
            self.send({"ids": ids}, [_picture(item) for item in items])

    def __repr__(self) -> str:
        """Return the text for a notebook that is only read."""
        return phrase("sweep.slider", count=len(self.choices))


def _choices(items: Sequence[Item | None], names: Sequence[str] = ()) -> list[dict[str, str]]:
    """Return the ids and names of drawings that can be chosen."""
    choices = []
    for at, item in enumerate(items):
        if item is None:
            name = names[at] if names else ""
        elif item.record.pictures:
            # Names alone: an id would tell in a blind comparison what is what.
            name = names[at] if names else f"{picture_name(item.record, 0)} {item.record.model}"
        else:
            name = ""
        if name:
            choices.append({"id": str(at), "name": name})
    return choices


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
