"""Compare two pictures with a divider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.panel.base import BaseWidget, asset
from nbext.panel.thumbnails import SHOWN, Thumbnails

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.drawings.history import History
    from nbext.drawings.picture import Picture

MAX_CHOICES = 100


class Compare(BaseWidget):
    """Shows two pictures of a history, one over the other."""

    _esm = asset("compare.js")
    _css = asset("compare.css")
    uses = ("left", "right", "divider", "close")

    def __init__(self, *, thumbnails: Thumbnails | None = None, **traits: Any) -> None:
        super().__init__(**traits)
        self._thumbnails = thumbnails or Thumbnails(1)
        self.history: History | None = None
        self.closed: Callable[[], None] | None = None
        self._turn = 0
        self._pair: tuple[Picture, Picture] | None = None
        self.handlers |= {
            "hello": lambda _, __: self._show(fresh=True),
            "pair": self._choose,
            "close": lambda _, __: self.closed() if self.closed else None,
        }

    def show(self, left: Picture, right: Picture, history: History) -> None:
        """Show two pictures of a history."""
        self.history = history
        self._pair = left, right
        self._turn += 1
        self._show(fresh=True)

    def _choose(self, content: dict[str, Any], _: list[bytes]) -> None:
        if self.history is None:
            return
        left, right = (self.history.resolve(str(name))[1] for name in content.get("ids", [])[:2])
        self._pair = left, right
        self._turn += 1
        self._show(fresh=False)

    def _show(self, *, fresh: bool) -> None:
        if self._pair is None or self.history is None:
            return
        names = [picture.name for picture in self._pair]
        pictures = [p for d in self.history[-MAX_CHOICES:] for p in d.pictures]
        choices = {p.name: p.drawing for p in [*self._pair, *reversed(pictures)]}
        ordered = sorted(choices.values(), key=lambda drawing: -drawing.number)
        by_drawing: dict[str, list[str]] = {}
        for name, drawing in choices.items():
            by_drawing.setdefault(drawing.id, []).append(name)
        entries = [
            {"id": name, "name": f"{name} {drawing.prompt[:40]}"}
            for drawing in dict.fromkeys(ordered)
            for name in sorted(by_drawing[drawing.id])
        ]
        store = self.history.store
        buffers = [self._thumbnails.make(store, p.sha256, p.media_type, SHOWN) for p in self._pair]
        self.tell(
            "pair", buffers, names=names, ids=names, choices=entries, fresh=fresh, turn=self._turn
        )
