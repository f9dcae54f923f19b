"""What can be done with the drawing that is shown."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.request import Reference
from nbext.display.mimebundle import bundle, sheet_bundle
from nbext.drawings.drawing import Drawings
from nbext.errors import HistoryError
from nbext.panel.code_cell import cell_of
from nbext.panel.compare import Compare
from nbext.panel.fallback import still
from nbext.panel.mask import MaskPainter
from nbext.session import rerun
from nbext.util.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.data.options import Options
    from nbext.drawings.drawing import Drawing
    from nbext.drawings.picture import Picture
    from nbext.panel.base import BaseWidget
    from nbext.panel.panel import Panel
    from nbext.session.session import Session

MAX_TAG, MAX_TAGS, MAX_NOTE = 60, 40, 4000
_COMMA = re.compile("[,，、]")


class Actions:
    """The buttons under the result.

    Args:
        panel: Whose buttons.
    """

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self.kept: list[Drawing] = []
        self._place: Any = None
        self._verbs: dict[str, Callable[[Drawing, int], None]] = {
            "edit": self.edit,
            "again": self.again,
            "reference": self.reference,
            "compare": self.compare,
            "mask": self.mask,
            "star": self.star,
            "save": self.save,
            "keep": self.keep,
            "cell": self.cell,
            "copy": self.copy,
        }

    def act(self, said: dict[str, Any], _: list[bytes]) -> None:
        """Do what a button says with the drawing that the page shows.

        Raises:
            HistoryError: No drawing is shown.
        """
        panel = self.panel
        drawing = panel.drawing
        if drawing is None or drawing.id != said.get("id"):
            found = panel.history.by_ids([str(said.get("id"))]) if panel.history else []
            if not found:
                raise HistoryError("This drawing is no longer in the history.")
            drawing = found[0]
        panel.note("")
        name = str(said.get("name"))
        if name == "code":
            session: Session = self._session(drawing)
            language = str(said.get("language"))
            text = session.code(drawing.record, language)
            if said.get("copy"):
                panel.pulse.tell("copy", text=text)
            else:
                panel.stage.tell("code", text=text, language=language)
        elif name == "annotate":
            self.annotate(drawing, said)
        elif name in self._verbs:
            index = said.get("index")
            self._verbs[name](drawing, index if isinstance(index, int) else 0)

    def _session(self, drawing: Drawing) -> Any:
        return drawing.history.session or self.panel.session

    # Go on with it

    def edit(self, drawing: Drawing, index: int) -> None:
        """Make it the reference, and ask what to change."""
        self.panel.form.zone.mask = None
        self.panel.images = [_picture(drawing, index)]
        self.panel.prompt = ""
        self.panel.form.prompt.placeholder = self.panel.say("edit_hint")
        self.panel.pulse.tell("focus")

    def again(self, drawing: Drawing, _: int = 0) -> None:
        """Draw another take of the same request."""
        if not self.panel.pressed_twice(drawing.id):
            self.panel.start(options_of(drawing))

    def reference(self, drawing: Drawing, index: int) -> None:
        """Put it beside the other references."""
        self.panel.images = [*self.panel.images, _picture(drawing, index)]

    # Look at it

    def compare(self, drawing: Drawing, index: int) -> None:
        """Put it beside its parent, else beside the drawing before it."""
        picture = _picture(drawing, index)
        others = [d for d in drawing.parents if d.pictures]
        if not others:
            earlier = [d for d in self.panel.session.history if d.pictures and d != drawing]
            before = [d for d in earlier if d.number < drawing.number]
            others = before[-1:] or earlier[:1]
        other = others[0].pictures[0] if others else picture
        tool = self._tool(Compare(smaller=self.panel.smaller, language=self.panel.language))
        tool.show(other, picture, self.panel.session.history)

    def mask(self, drawing: Drawing, index: int) -> None:
        """Paint a mask over it."""
        picture = _picture(drawing, index)
        reference = Reference.of(picture.data, source=picture.name, drawing=drawing.id)
        tool = self._tool(MaskPainter(language=self.panel.language))

        def painted(mask: Reference) -> None:
            zone = self.panel.form.zone
            zone.mask = mask
            self.panel.images = [picture]
            zone.refresh()
            self.close_tools()
            self.panel.pulse.tell("focus")

        tool.painted = painted
        tool.show(reference)

    def _tool(self, tool: Any) -> Any:
        self.close_tools()
        tool.failed = self.panel.fail
        tool.closed = self.close_tools
        self.panel.tools.children = [tool]
        return tool

    def close_tools(self) -> None:
        """Put painter and comparison away."""
        old: tuple[BaseWidget, ...] = self.panel.tools.children
        self.panel.tools.children = []
        for tool in old:
            tool.close()

    def star(self, drawing: Drawing, _: int = 0) -> None:
        """Give it a star, or take it away."""
        drawing.star(not drawing.starred)
        self.panel.show()
        self.panel.gallery.refresh()

    def annotate(self, drawing: Drawing, said: dict[str, Any]) -> None:
        """Take its tags and its note as they were written; what is as it was is not recorded."""
        tags = [tag.strip()[:MAX_TAG] for tag in _COMMA.split(str(said.get("tags") or ""))]
        tags = list(dict.fromkeys(tag for tag in tags if tag))[:MAX_TAGS]
        note = str(said.get("note") or "").strip()[:MAX_NOTE]
        if added := [tag for tag in tags if tag not in drawing.tags]:
            drawing.tag(*added)
        if taken := [tag for tag in drawing.tags if tag not in tags]:
            drawing.untag(*taken)
        if note != drawing.note:
            drawing.note = note
        # The rest stays as it is: somebody is writing in it.
        tags = [printable(tag) for tag in drawing.tags]
        self.panel.stage.tell("annotated", id=drawing.id, tags=tags, note=drawing.note)
        self.panel.gallery.refresh()

    # Take it along

    def copy(self, drawing: Drawing, _: int = 0) -> None:
        """Put its prompt into the clipboard."""
        self.panel.pulse.tell("copy", text=drawing.prompt)

    def save(self, drawing: Drawing, index: int) -> None:
        """Download the picture as received, with the note of how it was made."""
        picture = _picture(drawing, index)
        stem = f"{drawing.history.store.folder.stem}-{picture.name.lstrip('@').replace('.', '-')}"
        with tempfile.TemporaryDirectory() as folder:
            written = picture.save(Path(folder) / stem)
            self.panel.outgoing.offer(written.name, written.read_bytes(), picture.media_type)

    def cell(self, drawing: Drawing, _: int = 0) -> None:
        """Insert the cell that draws it."""
        session = self._session(drawing)
        text = cell_of(drawing, names=session.names, endpoints=session.settings.endpoints)
        self.panel.pulse.tell("cell", text=text, run=False)

    def inserted(self, said: dict[str, Any], _: list[bytes]) -> None:
        """The page has inserted a cell, or could not."""
        done, copied = said.get("done"), said.get("copied")
        key = "inserted" if done else "clipboard" if copied else "no_clipboard"
        self.panel.note(self.panel.say(key), error=not done)

    def copied(self, said: dict[str, Any], _: list[bytes]) -> None:
        """The page has filled the clipboard, or could not."""
        if said.get("copied"):
            self.panel.note(self.panel.say("copied"))

    # What outlives the panel

    def placed(self, place: Any) -> None:
        """A place is kept under the panel."""
        self._place = place
        if self.panel.drawing is not None:
            self.renew(self.panel.drawing)

    def tell_page(self) -> None:
        """Say whether the place is there, and whether it is to be seen."""
        self.panel.pulse.tell("page", reserved=self._place is not None, kept=len(self.kept))

    def renew(self, drawing: Drawing) -> None:
        """Put the last drawing's still into the place, unseen until the panel is gone."""
        if self._place is not None and not self.kept:
            self._place.update(still(drawing, "The last drawing of this panel:"), raw=True)

    def keep(self, drawing: Drawing, _: int = 0) -> None:
        """Show it as an ordinary output under the panel; several as one sheet."""
        self.kept = [d for d in self.kept if d != drawing] + [drawing]
        if self._place is None:
            self._insert(drawing)
            return
        self.panel.pulse.tell("keeping", id=drawing.id, kept=len(self.kept))
        limit = self.panel.session.settings.inline_limit
        if len(self.kept) == 1:
            data, metadata = bundle(drawing, inline_limit=limit)
        else:
            data, metadata = sheet_bundle(Drawings(self.kept), inline_limit=limit)
        self._place.update(data, metadata=metadata, raw=True)
        self.tell_page()
        self.panel.note(self.panel.say("kept"))

    def unkept(self, said: dict[str, Any], _: list[bytes]) -> None:
        """The page was loaded anew and hears no updates of old outputs: show it by a cell."""
        found = self.panel.history.by_ids([str(said.get("id"))])
        self._place = None
        self.tell_page()
        if found:
            self._insert(found[0])

    def _insert(self, drawing: Drawing) -> None:
        text = f"import nbext\nnbext.history[{drawing.number}]"
        self.panel.pulse.tell("cell", text=text, run=True)


def options_of(drawing: Drawing) -> Options:
    """Give what was asked for a drawing, for another picture.

    A conversation that is not in the history is left out.
    """
    continues = drawing.record.continues
    lost = bool(continues) and not drawing.history.by_ids([continues])
    options = rerun.options_of_drawing(drawing, {}, leave=("continues",) if lost else ())
    return msgspec.structs.replace(options, kind="draw")


def _picture(drawing: Drawing, index: int) -> Picture:
    pictures = drawing.pictures
    if not pictures:
        raise HistoryError(f"The drawing @{drawing.number} has no picture.")
    return pictures[index if 0 <= index < len(pictures) else 0]
