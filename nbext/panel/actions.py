"""Handle the buttons under the drawing that is shown."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from nbext.data.request import Reference
from nbext.drawings.drawing import Drawings
from nbext.errors import HistoryError
from nbext.messages.say import phrase
from nbext.panel.code_cell import cell_of
from nbext.panel.fallback import still
from nbext.session import rerun
from nbext.util.pattern import pattern
from nbext.util.text import printable

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from nbext.data.options import Options
    from nbext.drawings.drawing import Drawing
    from nbext.drawings.picture import Picture
    from nbext.panel.chunks import Outgoing
    from nbext.panel.compare import Compare
    from nbext.panel.form import Form
    from nbext.panel.gallery import Gallery
    from nbext.panel.heartbeat import Heartbeat
    from nbext.panel.mask import MaskPainter
    from nbext.panel.result import Result
    from nbext.panel.thumbnails import Thumbnails
    from nbext.session.session import Session

MAX_TAG, MAX_TAGS, MAX_NOTE = 60, 40, 4000
_COMMA = pattern("[,，、]")


class Workbench(Protocol):
    """The parts of the panel that the actions use."""

    drawing: Any
    history: Any
    images: Any
    prompt: Any
    session: Session
    form: Form
    pulse: Heartbeat
    stage: Result
    gallery: Gallery
    compare: Compare
    painter: MaskPainter
    tool: Any
    thumbnails: Thumbnails
    outgoing: Outgoing
    marking: threading.Lock

    @property
    def language(self) -> str:
        """``en`` or ``zh``."""

    def say(self, key: str, **values: object) -> str:
        """Return a message in the panel's language."""

    def note(self, text: str, *, error: bool = False) -> None:
        """Show a line under the result."""

    def fail(self, error: BaseException) -> None:
        """Show an error."""

    def show(self) -> None:
        """Show a drawing."""

    def remember_marks(self) -> None:
        """Remember the star, tags and note that the page shows."""

    def start(self, options: Options) -> Any:
        """Start drawing."""

    def pressed_twice(self, *what: Any) -> bool:
        """Return whether a press is the second of a double click."""


class Actions:
    """The buttons under the result.

    Args:
        panel: Whose buttons.
    """

    def __init__(self, panel: Workbench) -> None:
        self.panel = panel
        self.outputs: list[Drawing] = []
        self._place: Any = None
        self._verbs: dict[str, Callable[[Drawing, int], None]] = {
            "edit": self.edit,
            "again": self.again,
            "reference": self.reference,
            "reuse": self.reuse,
            "compare": self.compare,
            "mask": self.mask,
            "star": self.star,
            "save": self.save,
            "keep": self.keep,
            "cell": self.cell,
            "copy": self.copy,
        }

    def act(self, content: dict[str, Any], _: list[bytes]) -> None:
        """Run a button's action on the drawing that the page shows.

        Raises:
            HistoryError: No drawing is shown.
        """
        panel = self.panel
        drawing = panel.drawing
        if drawing is None or drawing.id != content.get("id"):
            matches = panel.history.by_ids([str(content.get("id"))]) if panel.history else []
            if not matches:
                raise HistoryError(phrase("panel.drawing_gone"))
            drawing = matches[0]
        panel.note("")
        name = str(content.get("name"))
        if name == "code":
            session: Session = self._session(drawing)
            language = str(content.get("language"))
            text = session.code(drawing.record, language)
            if content.get("copy"):
                panel.pulse.tell("copy", text=text)
            else:
                panel.stage.tell("code", text=text, language=language)
        elif name == "annotate":
            self.annotate(drawing, content)
        elif name in self._verbs:
            index = content.get("index")
            self._verbs[name](drawing, index if isinstance(index, int) else 0)

    def _session(self, drawing: Drawing) -> Any:
        return drawing.history.session or self.panel.session

    # Go on with it

    def edit(self, drawing: Drawing, index: int) -> None:
        """Make the drawing the reference and focus the prompt."""
        self.panel.form.zone.mask = None
        self.panel.images = [_picture(drawing, index)]
        self.panel.prompt = ""
        self.panel.form.ask("edit_hint")
        self.panel.form.tell("focus")

    def again(self, drawing: Drawing, _: int = 0) -> None:
        """Draw another take of the same request."""
        if not self.panel.pressed_twice(drawing.id):
            self.panel.start(options_of(drawing))

    def reference(self, drawing: Drawing, index: int) -> None:
        """Add the drawing to the references."""
        self.panel.images = [*self.panel.images, _picture(drawing, index)]

    def reuse(self, drawing: Drawing, _: int = 0) -> None:
        """Fill the form with the drawing's request."""
        self.panel.form.fill(options_of(drawing))
        self.panel.note(self.panel.say("reused", name=f"@{drawing.number}"))

    def act_on_several(self, name: str, drawings: Drawings) -> None:
        """Run an action on the drawings selected in the history."""
        pictured = [drawing for drawing in drawings if drawing.pictures]
        if name == "reference":
            self.panel.images = [*self.panel.images, *(d.pictures[0] for d in pictured)]
        elif name == "compare" and len(pictured) > 1:
            self._compare(pictured[-1].pictures[0], pictured[0].pictures[0], pictured[0].history)
        elif name == "star":
            on = not all(drawing.starred for drawing in drawings)
            for drawing in drawings:
                if drawing.starred != on:
                    drawing.star(on)
            self.panel.show()
            self.panel.gallery.refresh()

    # Look at it

    def compare(self, drawing: Drawing, index: int) -> None:
        """Show the drawing beside its parent, or else beside the previous drawing."""
        picture = _picture(drawing, index)
        others = [d for d in drawing.parents if d.pictures]
        if not others:
            earlier = [d for d in self.panel.session.history if d.pictures and d != drawing]
            before = [d for d in earlier if d.number < drawing.number]
            others = before[-1:] or earlier[:1]
        other = others[0].pictures[0] if others else picture
        self._compare(other, picture, self.panel.session.history)

    def _compare(self, left: Picture, right: Picture, history: Any) -> None:
        self.panel.compare.show(left, right, history)
        self.panel.tool = "compare"

    def mask(self, drawing: Drawing, index: int) -> None:
        """Open the mask painter on the drawing."""
        picture = _picture(drawing, index)
        reference = Reference.of(picture.data, source=picture.name, drawing=drawing.id)

        def painted(mask: Reference) -> None:
            zone = self.panel.form.zone
            zone.mask = mask
            self.panel.images = [picture]
            zone.refresh()
            self.close_tools()
            self.panel.form.tell("focus")

        self.panel.painter.painted = painted
        self.panel.painter.show(reference)
        self.panel.tool = "painter"

    def close_tools(self) -> None:
        """Close the mask painter and the comparison."""
        self.panel.tool = ""

    def star(self, drawing: Drawing, _: int = 0) -> None:
        """Add or remove the drawing's star."""
        drawing.history.annotate(drawing.id, {"star": not drawing.starred})
        self.panel.show()
        self.panel.gallery.refresh()

    def annotate(self, drawing: Drawing, content: dict[str, Any]) -> None:
        """Save the drawing's tags and note, if they have changed."""
        tags = [tag.strip()[:MAX_TAG] for tag in _COMMA.split(str(content.get("tags") or ""))]
        tags = list(dict.fromkeys(tag for tag in tags if tag))[:MAX_TAGS]
        note = str(content.get("note") or "").strip()[:MAX_NOTE]
        changes: dict[str, Any] = {}
        # Those that stay are in their old order.
        tags = [*(tag for tag in drawing.tags if tag in tags), *tags]
        if (tags := list(dict.fromkeys(tags))) != drawing.tags:
            changes["tags"] = tags
        if note != drawing.note:
            changes["note"] = note
        with self.panel.marking:
            drawing.history.annotate(drawing.id, changes)
            # The rest stays as it is: somebody is writing in it.
            tags = [printable(tag) for tag in drawing.tags]
            self.panel.stage.tell("annotated", id=drawing.id, tags=tags, note=drawing.note)
            self.panel.remember_marks()
        self.panel.gallery.refresh()

    # Take it along

    def copy(self, drawing: Drawing, _: int = 0) -> None:
        """Copy the drawing's prompt to the clipboard."""
        self.panel.pulse.tell("copy", text=drawing.prompt)

    def save(self, drawing: Drawing, index: int) -> None:
        """Download the picture as received, with its provenance; without one, film or sound."""
        others = [] if drawing.pictures else [*drawing.films, *drawing.sounds]
        picture = others[0] if others else _picture(drawing, index)
        stem = f"{drawing.history.store.folder.stem}-{picture.name.lstrip('@').replace('.', '-')}"
        with tempfile.TemporaryDirectory() as folder:
            written = picture.save(Path(folder) / stem)
            self.panel.outgoing.offer(written.name, written.read_bytes(), picture.media_type)

    def cell(self, drawing: Drawing, _: int = 0) -> None:
        """Insert the cell that repeats the drawing."""
        session = self._session(drawing)
        text = cell_of(drawing, endpoints=session.settings.endpoints)
        self.panel.pulse.tell("cell", text=text, run=False)

    def inserted(self, content: dict[str, Any], _: list[bytes]) -> None:
        """Report whether the page could insert a cell."""
        done, copied = content.get("done"), content.get("copied")
        key = "inserted" if done else "clipboard" if copied else "no_clipboard"
        self.panel.note(self.panel.say(key), error=not done)

    def copied(self, content: dict[str, Any], _: list[bytes]) -> None:
        """Report whether the page could fill the clipboard."""
        if content.get("copied"):
            self.panel.note(self.panel.say("copied"))

    # What outlives the panel

    def placed(self, place: Any) -> None:
        """Note that the output under the panel exists."""
        self._place = place
        if self.panel.drawing is not None:
            self.renew(self.panel.drawing)

    def tell_page(self) -> None:
        """Tell the page whether that output exists and should be visible."""
        self.panel.pulse.tell("page", reserved=self._place is not None, outputs=len(self.outputs))

    def renew(self, drawing: Drawing) -> None:
        """Put the last drawing into that output, hidden while the panel is alive."""
        if self._place is not None and not self.outputs:
            self._place.update(still(drawing, phrase("panel.last_drawing")), raw=True)

    def keep(self, drawing: Drawing, _: int = 0) -> None:
        """Show drawings as an ordinary output under the panel; several as one sheet."""
        if self._place is not None and drawing in self.outputs:
            self.panel.note(self.panel.say("kept"))
            return
        self.outputs = [d for d in self.outputs if d != drawing] + [drawing]
        if self._place is None:
            self._insert(drawing)
            return
        self.panel.pulse.tell("keeping", id=drawing.id, outputs=len(self.outputs))
        # What a panel does not wait for that is opened.
        from nbext.display.mimebundle import bundle, sheet_bundle

        limit = self.panel.session.settings.inline_limit
        if len(self.outputs) == 1:
            data, metadata = bundle(drawing, inline_limit=limit)
        else:
            data, metadata = sheet_bundle(Drawings(self.outputs), inline_limit=limit)
        self._place.update(data, metadata=metadata, raw=True)
        self.tell_page()
        self.panel.note(self.panel.say("kept"))

    def unkept(self, content: dict[str, Any], _: list[bytes]) -> None:
        """Insert a cell instead: after a reload, the page ignores updates of old outputs."""
        matches = self.panel.history.by_ids([str(content.get("id"))])
        self._place = None
        self.tell_page()
        if matches:
            self._insert(matches[0])

    def _insert(self, drawing: Drawing) -> None:
        text = f"import nbext\nnbext.history[{drawing.number}]"
        self.panel.pulse.tell("cell", text=text, run=True)


def options_of(drawing: Drawing) -> Options:
    """Return a drawing's options, for another drawing.

    A conversation that is not in the history is left out.
    """
    continues = drawing.record.continues
    lost = bool(continues) and not drawing.history.by_ids([continues])
    options = rerun.options_of_drawing(drawing, {}, leave=("continues",) if lost else ())
    return msgspec.structs.replace(options, kind="draw")


def _picture(drawing: Drawing, index: int) -> Picture:
    pictures = drawing.pictures
    if not pictures:
        raise HistoryError(phrase("panel.drawing_empty", number=drawing.number))
    return pictures[index if 0 <= index < len(pictures) else 0]
