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
from nbext.messages.say import messages, outcome, phrase

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
        items: The drawings, None for those to come. One without a picture shows what went wrong.
        names: What each is called; its number and model by default. Those without a name are left
            out.
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
            pair=_pair(items, choices),
            shape=list(shape),
            ready=None not in items,
        )
        self._items = items
        self.on_msg(self._answer)

    def fill(self, items: Sequence[Item | None]) -> None:
        """Show drawings in the places of those that were to come.

        Args:
            items: One for each place, None where nothing was drawn.
        """
        names = [choice["name"] for choice in self.choices]
        self._items = items
        with self.hold_sync():
            self.choices = _choices(
                items,
                [
                    name if item is None else _name(item)
                    for item, name in zip(items, names, strict=True)
                ],
            )
            self.pair = _pair(items, self.choices)
            self.ready = True

    def _answer(self, _: Any, content: dict[str, Any], __: Any) -> None:
        known = {choice["id"] for choice in self.choices}
        ids = [id_ for id_ in content.get("ids", []) if id_ in known][:2]
        if len(ids) == 2:
            items = [self._items[int(id_)] for id_ in ids]
            self.send(
                {"ids": ids, "reasons": [_reason(item) for item in items]},
                [_picture(item) for item in items],
            )

    def __repr__(self) -> str:
        """Return the text for a notebook that is only read."""
        return phrase("sweep.slider", count=len(self.choices))


def _choices(items: Sequence[Item | None], names: Sequence[str] = ()) -> list[dict[str, str]]:
    """Return the ids and names of drawings that can be chosen."""
    # Names alone: an id would tell in a blind comparison what is what.
    labels = names or [_name(item) if item is not None else "" for item in items]
    return [
        {"id": str(at), "name": name}
        for at, (_, name) in enumerate(zip(items, labels, strict=False))
        if name
    ]


def _name(item: Item) -> str:
    return f"{picture_name(item.record, 0)} {item.record.model}"


def _pair(items: Sequence[Item | None], choices: Sequence[dict[str, str]]) -> list[str]:
    """Return the ids of the two to begin with: pictures, if there are two, of different models."""
    ids = [choice["id"] for choice in choices]
    with_picture = [id_ for id_ in ids if _has_picture(items[int(id_)])]
    ids = with_picture if len(with_picture) > 1 else ids
    if len(ids) < 2:
        return ids
    models = {id_: item.record.model if (item := items[int(id_)]) else "" for id_ in ids}
    other = next((id_ for id_ in ids if models[id_] != models[ids[0]]), ids[1])
    return [ids[0], other]


def _has_picture(item: Item | None) -> bool:
    return item is not None and bool(item.record.pictures)


def _reason(item: Item | None) -> str:
    """Return why a drawing has no picture; empty if it has one."""
    if item is None:
        return outcome("Interrupted")
    if item.record.pictures:
        return ""
    error = item.record.error
    return error.message or outcome(error.type) if error is not None else outcome("NoPictureError")


def _picture(item: Item | None) -> bytes:
    """Return a drawing's picture, small enough for a page; empty if there is none."""
    if item is None or not item.record.pictures:
        return b""
    info = item.record.pictures[0]
    try:
        data = item.store.read(info.sha256)
        if len(data) <= PICTURE_BYTES:
            return data
        image = open_image(data, info.media_type, max_pixels=item.store.max_pixels)
        return preview(image, PICTURE_BYTES)[0]
    except (HistoryError, PictureError):
        return b""
