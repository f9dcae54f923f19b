"""The panel: write a prompt, draw, look at results and browse the history."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections import deque
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

import msgspec
from anywidget import WidgetTrait
from ipywidgets import Layout
from traitlets import Any as AnyTrait
from traitlets import Bool, Dict, List, Unicode, default, link

from nbext.display.remedy import for_form
from nbext.display.widget_ids import widget_id
from nbext.errors import HistoryError, NbextError, OptionError, SettingsError, resource_error
from nbext.messages.say import language_of, messages, phrase, say, use_language
from nbext.panel.actions import Actions
from nbext.panel.base import PublicWidget, asset, hear_at_once
from nbext.panel.capabilities import FIELDS, choices, offered
from nbext.panel.chunks import Outgoing
from nbext.panel.compare import Compare
from nbext.panel.dropzone import MAX_PICTURES
from nbext.panel.fallback import still
from nbext.panel.form import Form
from nbext.panel.gallery import Gallery
from nbext.panel.grid import ModelGrid, models_in
from nbext.panel.heartbeat import Heartbeat
from nbext.panel.jobs import Job
from nbext.panel.mask import MaskPainter
from nbext.panel.models import LISTED_FIELDS, Choice, group_of
from nbext.panel.result import Result, view_of
from nbext.panel.thumbnails import THUMB, Thumbnails
from nbext.session.current import current_session, shell_of_process
from nbext.session.variables import variables_of
from nbext.util.public import with_own_errors
from nbext.util.suggest import Suggesting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from nbext.data.endpoint import Endpoint
    from nbext.data.model import Model
    from nbext.data.options import Options
    from nbext.display.item import Item
    from nbext.drawings.drawing import Drawing
    from nbext.drawings.picture import Picture
    from nbext.panel.base import BaseWidget
    from nbext.session.session import Session

MAX_JOBS = 24
# Larger files are shown large as they are shown small.
MAX_WHOLE = 64 << 20
# Two presses within it are one: those of a double click, or of an impatient hand while the kernel
# was busy, whose presses all arrive at once.
DOUBLE = 0.6


_EXAMPLES = {"prompt": "a cat with a hat", "model": "gpt-4o-image", "endpoint": "lab"}


class Panel(Suggesting, PublicWidget):
    """A workbench with a form, drawings in progress, the result and the history.

    Args:
        prompt: The initial prompt.
        model: The initial model; by default that of the settings.
        endpoint: The name of one of the settings' endpoints.
        compact: One column, and the history as one row.
        session: The notebook at work; that of this process by default.
        **traits: The traits below, and ``layout``.

    Attributes:
        prompt: What to draw.
        model: The model that draws it.
        images: Reference pictures, in any form that ``nbext.draw(images=…)`` accepts.
        drawing: The drawing that is shown, None before the first.
        history: The history that is shown; assign ``nbext.open("paper.ipynb")`` to look at another.

    Example:
        >>> panel = nbext.Panel(model="gpt-4o-image")  # doctest: +SKIP
        >>> panel.prompt = "画只猫"  # doctest: +SKIP
        >>> panel.draw()  # doctest: +SKIP
        >>> panel.drawing.save("cat.png")  # doctest: +SKIP
    """

    _esm = asset("panel.js")
    _css = asset("panel.css")
    arguments = (
        *("prompt", "model", "images", "drawing", "history", "endpoint", "compact", "layout"),
        "session",
    )
    words: Any = Dict().tag(sync=True)
    compact: Any = Bool(default_value=False).tag(sync=True)
    pulse: Any = WidgetTrait().tag(sync=True)
    form: Any = WidgetTrait().tag(sync=True)
    stage: Any = WidgetTrait().tag(sync=True)
    gallery: Any = WidgetTrait().tag(sync=True)
    compare: Any = WidgetTrait().tag(sync=True)
    painter: Any = WidgetTrait().tag(sync=True)
    # What stands in place of the result: one of the two, or neither.
    tool: Any = Unicode("").tag(sync=True)
    prompt: Any = Unicode("")
    model: Any = Unicode("")
    images: Any = List()
    drawing: Any = AnyTrait()
    history: Any = AnyTrait()

    @with_own_errors
    def __init__(
        self,
        prompt: str = "",
        *,
        model: str = "",
        endpoint: str = "",
        compact: bool = False,
        session: Session | None = None,
        **traits: Any,
    ) -> None:
        self.check_arguments(traits)
        texts = {"prompt": prompt, "model": model, "endpoint": endpoint}
        for name, text in texts.items():
            if not isinstance(text, str):
                raise OptionError(
                    phrase("session.must_be_text", name=name, example=_EXAMPLES[name])
                )
        self.session = session or current_session()
        self.endpoint = endpoint
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        # Jobs whose drawings are about to be shown.
        self._finished: deque[str] = deque()
        self._numbers = itertools.count(1)
        self._picture = 0
        self._marks = _marks_of(None)
        # Held while the page's own marks are written: a beat would take them for a cell's.
        self.marking = threading.Lock()
        self._pressed: tuple[float, tuple[Any, ...]] = (0.0, ())
        self._browser = ""
        self._accounted = 0
        self._asked_models = False
        self._furnishing = threading.RLock()
        self._furnished = self._prepared = False
        # Whether a thread will show the drawing.
        self._showing = threading.Event()
        # Whether the endpoint has been looked for everywhere; a keyring is not asked before the
        # page is there, because that takes as long as all the rest.
        self._searched = False
        self._place: Any = None
        language = self.language
        self.thumbnails = Thumbnails()
        initial = {
            name: traits.pop(name) for name in ("images", "drawing", "history") if name in traits
        }
        # One layout for all parts: each would be a message, and a model of the page, of its own.
        shared = {"language": language, "layout": Layout()}
        pulse = Heartbeat(**shared)
        super().__init__(
            model_id=widget_id(self.session.cell().id, "panel"),
            words=messages(language, "panel", ["no_host"]),
            compact=compact,
            pulse=pulse,
            form=Form(self.session.settings.styles, **shared),
            stage=Result(**shared),
            gallery=Gallery(
                thumbnails=self.thumbnails,
                history=None,
                compact=compact,
                size=88 if compact else 104,
                **shared,
            ),
            # Made now: marimo takes no widgets that are made later than the cell runs.
            compare=Compare(thumbnails=self.thumbnails, **shared),
            painter=MaskPainter(**shared),
            **traits,
        )
        self.parts: tuple[BaseWidget, ...] = (
            *(self.pulse, self.form, self.stage, self.gallery, self.compare, self.painter),
        )
        hear_at_once(self)
        pulse.panel = self.model_id
        self.outgoing = Outgoing(pulse.tell)
        self.grid = ModelGrid(self.session.store, self.thumbnails, self.stage.tell)
        self.actions = Actions(self)
        self._wire()
        link((self, "prompt"), (self.form, "prompt"))
        link((self, "model"), (self.form.chooser, "value"))
        link((self, "images"), (self.form.zone, "images"))
        link((self, "history"), (self.gallery, "history"))
        self.observe(lambda _: self._new_model(), "model")
        self.observe(lambda _: self.show(), "drawing")
        self.gallery.observe(self._opened, "chosen")
        self.prompt = prompt
        self.model = model or self.session.settings.model
        self.history = self.session.history
        for name, value in initial.items():
            setattr(self, name, value)
        if getattr(shell_of_process(), "kernel", None) is None:
            self.furnish()

    def furnish(self) -> None:
        """Fill the panel from the history and the settings, once.

        In a kernel this waits until the panel is shown: a page puts it together meanwhile.
        """
        with self._furnishing:
            if self._furnished:
                return
            self._furnished = True
            self._prepare()
            self._used = self.session.known_models()
            self._drawn = {r.model for r in self.session.store.records() if r.pictures}
            self.form.chooser.offer(self._choice(name) for name in self._used)
            self._new_model()
            self._account()
            _load_magics()

    def _prepare(self) -> None:
        """Read the history and make its first thumbnails, once.

        What the form offers comes behind them: it takes as long, and is looked at later.
        """
        with self._furnishing:
            if not self._prepared:
                self._prepared = True
                self.gallery.prepare(self.session.history)
                self.session.store.records()

    def _wire(self) -> None:
        """Connect the events to their handlers, whose errors are shown."""
        form = self.form
        for part in (*self.parts, *form.parts):
            part.failed = self.fail
        self.pulse.handlers |= {
            "hello": self._hello,
            "next": self.outgoing.next,
            "inserted": self.actions.inserted,
            "copied": self.actions.copied,
            "unkept": self.actions.unkept,
        }
        self.stage.handlers |= {
            "hello": lambda _, __: self._tell_stage(),
            "cancel": lambda content, _: self.cancel(str(content.get("id"))),
            "retry": lambda content, _: self._retry(str(content.get("id"))),
            "dismiss": lambda content, _: self._forget(str(content.get("id"))),
            "pick": self._pick,
            "step": self._step,
            "whole": self._whole,
            "open": lambda content, _: self._open(str(content.get("id"))),
            "see_grid": self._see_grid,
            "act": self.actions.act,
        }
        self.compare.closed = self.painter.closed = self.actions.close_tools
        form.handlers["draw"] = self._draw_pressed
        self.pulse.beating = self._beat
        # Behind the first thumbnails: an embedded endpoint that starts takes their time.
        self.gallery.answered = lambda: self._later(self._ask_models)
        self.gallery.download = self.outgoing.offer
        self.gallery.act = self.actions.act_on_several
        self.form.zone.refer = self._refer
        self.form.zone.refused = self._no_references
        self.form.zone.read = self._read_images

    # What the page says

    @property
    def language(self) -> str:
        """``en`` or ``zh``: the setting, or the browser's."""
        return language_of(self.session.settings.language, self._browser)

    def say(self, key: str, **values: object) -> str:
        """Return a message in the panel's language."""
        return say(self.language, f"panel.{key}", **values)

    def _hello(self, content: dict[str, Any], _: list[bytes]) -> None:
        """Handle a page that has begun to show the panel."""
        self._prepare()
        self._browser = str(content.get("language") or "")[:40]
        use_language(self.session.settings.language, self._browser)
        language = self.language
        if self.form.language != language:
            for part in self.parts:
                part.speak(language)
            self._account()
            self.show()
        self.pulse.heard(content.get("id"))
        self.actions.tell_page()

    def _beat(self) -> None:
        self._guarded(self._catch_up)
        # A page may show no history.
        self._guarded(self._ask_models)

    def _guarded(self, handler: Callable[..., Any], *arguments: Any) -> None:
        """Call a handler and show its errors in the panel."""
        try:
            handler(*arguments)
        except Exception as error:  # noqa: BLE001 -- shown, where a log would hide it
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Show an error."""
        self.note(self._text_of(error), error=True)

    def _text_of(self, error: BaseException) -> str:
        """Describe an error in the panel's language."""
        own = resource_error(error) if isinstance(error, Exception) else None
        error = own or error
        if isinstance(error, NbextError):
            remedy = for_form(error.remedy, self.language)
            return str(NbextError(error.message, remedy=remedy))
        return f"{type(error).__name__}: {str(error) or type(error).__name__}"

    def _complain(self, error: NbextError) -> None:
        """Show beside the Draw button why nothing is drawn."""
        remedy = for_form(error.remedy, self.language)
        self.form.complaint = str(NbextError(error.message, remedy=remedy))

    def note(self, text: str, *, error: bool = False) -> None:
        """Show a line under the result."""
        self.stage.tell("say", text=text, error=error)

    def _later(self, work: Callable[..., Any], *arguments: Any) -> None:
        """Run work in a worker thread and show its errors."""
        self.thumbnails.later(lambda: self._guarded(work, *arguments))

    # Models

    def _new_model(self) -> None:
        """Show the fields of the model; with several models, those that all accept."""
        if not self._furnished:
            return
        names = models_in(self.model) or (self.session.settings.model,)
        fields, choices = self._offered(names[0])
        for name in names[1:]:
            others, theirs = self._offered(name)
            fields &= others
            choices = {
                key: tuple(one for one in values if one in theirs.get(key, values))
                for key, values in choices.items()
            }
        self.form.count_models(len(names))
        self.form.offer(fields, {key: values for key, values in choices.items() if values})
        self.show()

    def _offered(self, model: str) -> tuple[frozenset[str], dict[str, tuple[str, ...]]]:
        connection = self.session.connection
        try:
            endpoint = self._named()
            family = connection.family(model, endpoint)
            return offered(connection.wire_for(model, "draw", endpoint), model, family), choices(
                family
            )
        except SettingsError as error:
            self.fail(error)
            return frozenset(FIELDS) - {"mask"}, {}

    def _named(self) -> Endpoint:
        """Return the endpoint; until the keyring was searched, the embedded one in its place.

        Raises:
            SettingsError: No endpoint has this name.
        """
        connection = self.session.connection
        if self._searched:
            return connection.named(self.endpoint)
        return connection.at_hand(self.endpoint) or connection.named("embedded")

    def _ask_models(self) -> None:
        """Request the endpoint's models once; without an answer, the known ones stay."""
        self.furnish()
        with self._lock:
            if self._asked_models:
                return
            self._asked_models = True

        def listed(future: Future[Any]) -> None:
            if future.cancelled():
                return
            self._searched = True
            if future.exception() is None:
                models = {model.id: model for model in future.result()}
                names = dict.fromkeys([*self._used, *models])
                self._later(
                    lambda: self.form.chooser.offer(
                        [self._choice(name, models.get(name)) for name in names if name]
                    )
                )
            self._guarded(self._new_model)
            self._guarded(self._account)

        self.session.runner.submit(self.session.models(self.endpoint), listed)

    def _choice(self, name: str, model: Model | None = None) -> Choice:
        """Describe a model for the list."""
        connection = self.session.connection
        takes: frozenset[str] = frozenset()
        with contextlib.suppress(NbextError):
            endpoint = self._named()
            family = connection.family(name, endpoint)
            takes = offered(connection.wire_for(name, "draw", endpoint), name, family)
        price = model.price if model is not None else None
        return Choice(
            id=name,
            group=group_of(name, model, used=name in self._drawn),
            takes=tuple(field for field in LISTED_FIELDS if field in takes),
            price=phrase("panel.price", price=price) if price else "",
        )

    def _no_references(self) -> str:
        """Warn if the model accepts no references."""
        model = self.model or self.session.settings.model
        return "" if "images" in self.form.offered else self.say("no_references", model=model)

    def _read_images(self, images: Sequence[Any], notify: Callable[[list[Any]], None]) -> None:
        """Read references in the background, and return them or the errors."""

        async def read() -> list[Any]:
            matches: list[Any] = []
            for image in images:
                try:
                    request = await self.session.request("-", model="-", images=[image])
                    matches.append(request.references[0])
                except NbextError as error:
                    matches.append(error)
            return matches

        def ended(future: Future[list[Any]]) -> None:
            if future.cancelled():
                return
            self._later(lambda: notify(future.result()))

        self.session.runner.submit(read(), ended)

    # Drawing

    def _draw_pressed(self, content: dict[str, Any], _: list[bytes]) -> None:
        values = content.get("values")
        if isinstance(values, dict):
            self.form.write(values)
        self._press()

    def _press(self) -> None:
        if self.form.off or self.pressed_twice(self.prompt, self.model):
            return
        try:
            self.draw()
        except NbextError as error:
            self._complain(error)

    def pressed_twice(self, *what: Any) -> bool:
        """Return whether this press, which costs money, is the second of a double click.

        Args:
            what: The request; another request is not a double click.
        """
        now = time.monotonic()
        with self._lock:
            (before, request), self._pressed = self._pressed, (now, what)
        return now - before < DOUBLE and request == what

    @with_own_errors
    def draw(self) -> None:
        """Start the drawings of the form's request in the background.

        Raises:
            OptionError: A field makes no sense.
        """
        from nbext.magics.fill_in import fill_in, variables_in
        from nbext.magics.style import styled

        self.furnish()
        self.note("")
        self.form.complaint = ""
        self.form.zone.tell("complain", text="")
        self.form.ask()
        options = self.form.options()
        template, names = options.prompt.strip(), self.session.names
        variables = variables_in(template, names)
        text = fill_in(template, names, escapes=True).strip()
        prompt = styled(text, self.form.style, self.session.settings)
        if not prompt:
            self.form.tell("focus")
            raise OptionError(self.say("no_prompt"))
        self._start_each(
            msgspec.structs.replace(
                options,
                prompt=prompt,
                template=template if variables else "",
                variables=variables,
                unfilled=tuple(name for name in variables_of(template) if name not in variables),
            )
        )

    def _start_each(self, options: Options) -> None:
        """Start a job for each chosen model."""
        models = models_in(options.model)
        if len(models) < 2:
            self.start(options)
            return
        replace = msgspec.structs.replace
        jobs = {model: self._job(replace(options, model=model)) for model in models}
        self.grid.add(options.prompt, {model: job.id for model, job in jobs.items()})
        self.show()
        for job in jobs.values():
            self._begin(job)

    @with_own_errors
    def start(self, options: Options) -> Job:
        """Start a job."""
        job = self._job(options)
        self._begin(job)
        return job

    def _job(self, options: Options) -> Job:
        """Create a job; nothing is sent before it starts.

        Raises:
            OptionError: A name in braces in the prompt is not a variable.
        """
        options = msgspec.structs.replace(
            options,
            model=options.model or self.session.settings.model,
            endpoint=options.endpoint or self.endpoint,
            fresh=True,
            # The number stands in the form, above the button.
            yes=True,
        )
        name = f"job{next(self._numbers)}"
        job = Job(
            name,
            options,
            tell=self.stage.tell,
            drawn=lambda item: self._drawn_item(name, item),
            ended=self._ended,
            preview=self._preview,
            warn=lambda text: self.note(text, error=True),
            language=self.language,
        )
        job.reply = self.session.ask(options, view=job)
        return job

    def _drawn_item(self, job: str, item: Item) -> None:
        self.grid.drawn(job, item)
        self.gallery.refresh()

    def _begin(self, job: Job) -> None:
        with self._lock:
            for old in list(self._jobs.values())[: max(0, len(self._jobs) + 1 - MAX_JOBS)]:
                if old.state != "running":
                    self._forget(old.id)
            self._jobs[job.id] = job
        if job.reply is not None:
            job.reply.start()

    def _ended(self, job: Job, drawings: Sequence[Drawing], error: BaseException | None) -> None:
        """Handle the end of a job, on the background loop or in the thread that cancelled it.

        Whatever fails, it is shown as ended, and why; its drawings are in the history.
        """
        try:
            self._show_end(job, drawings, error)
        except Exception as problem:  # noqa: BLE001 -- shown, where a log would hide it
            if job.state != "failed":
                self._forget(job.id)
            self.grid.ended(job.id, job.error or self._text_of(problem))
            self.fail(problem)

    def _show_end(self, job: Job, drawings: Sequence[Drawing], error: BaseException | None) -> None:
        if isinstance(error, CancelledError):
            self._forget(job.id)
            self.grid.ended(job.id, self.say("cancelled"))
            self.note(self.say("cancelled"))
            self.gallery.refresh()
            return
        in_grid = self.grid.cell_of(job.id) is not None
        if error is None and (in_grid or not drawings):
            self._forget(job.id)
        self._account()
        self.gallery.refresh()
        if in_grid:
            for drawing in drawings:
                self.grid.drawn(job.id, drawing)
            self.grid.ended(job.id, f"{job.error} {job.remedy}".strip())
        elif drawings:
            first = next((d for d in drawings if d.pictures), drawings[0])
            if error is None:
                # Its card goes when the picture is there: between them, nothing would be shown.
                self._finished.append(job.id)
            self.thumbnails.later(lambda: self._present(first))

    def _catch_up(self) -> None:
        """Show new drawings, marks and costs of cells and other panels."""
        self.gallery.catch_up()
        with self.marking:
            is_changed = self._marks != _marks_of(self.drawing)
        if is_changed:
            self.show()
        if self._accounted != self.session.billed:
            self._account()

    @default("drawing")
    def _newest(self) -> Drawing | None:
        """Return the last drawing with a picture."""
        records = reversed(self.session.store.records())
        newest = next((record.id for record in records if record.pictures), None)
        return self.session.history.by_ids([newest])[0] if newest is not None else None

    def _present(self, drawing: Drawing) -> None:
        """Show a new drawing; the card of its job goes, whatever fails."""
        try:
            self._turn_to(drawing)
        except Exception as problem:  # noqa: BLE001 -- shown, where a log would hide it
            try:
                self.fail(problem)
            finally:
                self.show()

    def _turn_to(self, drawing: Drawing) -> None:
        self.actions.renew(drawing)
        self._look(0)
        if self.drawing == drawing:
            # Nobody is told of it.
            self.show()
        self.drawing = drawing

    def cancel(self, id_: str) -> None:
        """Cancel a job's requests."""
        job = self._jobs.get(id_)
        if job is not None and job.reply is not None:
            # What was cancelled may be asked for again at once.
            self._pressed = 0.0, ()
            job.reply.cancel()

    def _retry(self, id_: str) -> None:
        job = self._jobs.get(id_)
        if job is not None and job.state == "failed":
            self._forget(id_)
            renewed = self._job(job.options)
            self.grid.renew(id_, renewed.id)
            self._begin(renewed)

    def _forget(self, id_: str) -> None:
        with self._lock:
            job = self._jobs.pop(id_, None)
        if job is not None:
            job.put_away()

    def _preview(self, id_: str, sha256: str, media_type: str) -> None:
        def make() -> None:
            thumb = self.thumbnails.make(self.session.store, sha256, media_type, THUMB)
            if thumb:
                self.stage.tell("preview", [thumb], id=id_)

        self._later(make)

    def _account(self) -> None:
        """Show the known spending."""
        count, spent = self.session.billed, self.session.spent
        self._accounted = count
        text = (
            self.say("spent", count=count, cost=spent)
            if spent
            else self.say("sent_count", count=count)
        )
        if not count:
            text = self.say("embedded") if self._is_embedded() else ""
        # Where only recorded pictures are shown the button could but fail: it is off, and says why.
        only = self.session.settings.replay == "only"
        self.form.off = only
        self.form.spent = self.say("only") if only else text

    def _is_embedded(self) -> bool:
        with contextlib.suppress(SettingsError):
            return self._named().embedded
        return False

    # Looking

    def _look(self, picture: int) -> None:
        """Leave the grid and show one of its drawings."""
        self._picture = picture
        self.grid.shown = False

    def _see_grid(self, _: dict[str, Any], __: list[bytes]) -> None:
        self.grid.shown = True
        self.show()

    def show(self) -> None:
        """Schedule an update of the drawing that is shown; several requests become one update."""
        if self._showing.is_set():
            return
        self._showing.set()
        try:
            self.thumbnails.later(self._show)
        except BaseException:
            self._showing.clear()
            raise

    def _show(self) -> None:
        """Show the drawing, and put the cards of jobs away that ended before; repeatable."""
        self._showing.clear()
        finished = list(self._finished)
        try:
            self._guarded(self._show_drawing, self.drawing)
        finally:
            for id_ in finished:
                self._forget(id_)
                with contextlib.suppress(ValueError):
                    self._finished.remove(id_)

    def remember_marks(self) -> None:
        """Remember the star, tags and note that the page shows."""
        self._marks = _marks_of(self.drawing)

    def _show_drawing(self, drawing: Drawing | None) -> None:
        self.gallery.mark(drawing)
        self.remember_marks()
        if drawing is None:
            self.stage.tell("show", drawing=None, grid=self.grid.shown)
            return
        masks = "mask" in self.form.offered
        content, buffers = view_of(
            drawing, self.thumbnails, index=self._picture, masks=masks, language=self.language
        )
        content["grid"] = bool(self.grid)
        if drawing is self.drawing:
            self.stage.tell("show", buffers, drawing=content, grid=self.grid.shown)

    def _tell_stage(self) -> None:
        if self.grid:
            self.grid.tell_page()
        # Not here: the history asks for its thumbnails next, and would wait.
        self.show()
        for job in list(self._jobs.values()):
            job.tell()

    def _opened(self, change: Any) -> None:
        if change["new"] is not None:
            self._look(0)
            self.drawing = change["new"]

    def _open(self, id_: str) -> None:
        """Show a drawing of the history.

        Raises:
            HistoryError: It is not there any more.
        """
        history = self.drawing.history if self.drawing is not None else self.history
        matches = history.by_ids([id_])
        if not matches:
            raise HistoryError(phrase("panel.drawing_gone"))
        self._look(0)
        if self.drawing == matches[0]:
            self.show()
        self.drawing = matches[0]

    def _pick(self, content: dict[str, Any], _: list[bytes]) -> None:
        index = content.get("index")
        self._look(index if isinstance(index, int) else 0)
        matches = self.drawing.history.by_ids([str(content.get("id"))]) if self.drawing else []
        if matches and matches[0] != self.drawing:
            self.drawing = matches[0]
        else:
            self.show()

    def _step(self, request: dict[str, Any], _: list[bytes]) -> None:
        """Go to the next picture of the history, newest first."""
        if self.drawing is None or not isinstance(by := request.get("by"), int):
            return
        index = self._picture + by
        if 0 <= index < len(self.drawing.pictures):
            self._picture = index
            self.show()
            return
        history = self.drawing.history
        ids = [record.id for record in reversed(history.store.records()) if record.pictures]
        place = ids.index(self.drawing.id) + by if self.drawing.id in ids else 0
        if not 0 <= place < len(ids):
            return
        (drawing,) = history.by_ids([ids[place]])
        self._picture = 0 if by > 0 else len(drawing.pictures) - 1
        self.drawing = drawing

    def _whole(self, request: dict[str, Any], _: list[bytes]) -> None:
        """Send a picture as received, for the large view."""
        drawing, index = self.drawing, request.get("index")
        if drawing is None or drawing.id != request.get("id") or not isinstance(index, int):
            return
        if 0 <= index < len(drawing.pictures):
            self._later(self._send_whole, drawing.pictures[index], drawing.id, index)

    def _send_whole(self, picture: Picture, id_: str, index: int) -> None:
        if picture.size <= MAX_WHOLE:
            self.stage.tell("whole", [picture.data], id=id_, index=index, type=picture.media_type)

    def _refer(self, ids: list[str]) -> None:
        """Add drawings of the history as references."""
        if text := self._no_references():
            raise OptionError(text)
        history = self.history if self.history is not None else self.session.history
        pictures = [drawing.pictures[0] for drawing in history.by_ids(ids) if drawing.pictures]
        self.images = [*self.images, *pictures][-MAX_PICTURES:]

    # Without a widget

    def _repr_mimebundle_(self, **how: Any) -> Any:
        """Return the widget, with a still picture and a line for viewers without widgets.

        If a viewer shows either, it shows the line; the output below the panel has the picture.
        """
        data = self._with_line(**how)
        drawing = self.drawing
        if drawing is None and self.history:
            drawing = next((d for d in reversed(self.history[-8:]) if d.pictures), None)
        return data | still(drawing, data["text/plain"]) | {"text/html": data["text/html"]}

    def _with_line(self, **how: Any) -> dict[str, Any]:
        """Return the widget, with a line for viewers without widgets."""
        data = super()._repr_mimebundle_(**how)
        data = dict(data[0] if isinstance(data, tuple) else data or {})
        line = phrase("panel.run_cell", value=self)
        return data | {"text/plain": line, "text/html": f"<p>{line}</p>"}

    def _ipython_display_(self) -> None:
        """Show the panel, with an output below it for the last drawing."""
        from IPython.display import display

        # First, with nothing of the history: a page needs as long as the history to be ready.
        display(self._with_line(), raw=True)
        self._place = display({"text/plain": ""}, raw=True, display_id=True)
        self._prepare()
        # Behind the first thumbnails: three pictures at once are no sooner ready on two cores.
        self.thumbnails.wait()
        self.actions.placed(self._place)

    def __repr__(self) -> str:
        return f"nbext.Panel of {self.session.store.folder.name}"

    def close(self) -> None:
        """Close the panel; drawings in progress continue and are recorded."""
        # One whose arguments are refused is closed, too, and has no parts.
        if "parts" in vars(self):
            self.thumbnails.close()
            for part in self.parts:
                part.close()
        super().close()


def _load_magics() -> None:
    """Load the magics, so that cells inserted by the panel can run."""
    shell = shell_of_process()
    if shell is not None and "draw" not in shell.magics_manager.magics["cell"]:
        from nbext.magics import load

        load(shell)


def _marks_of(drawing: Drawing | None) -> tuple[bool, tuple[str, ...], str]:
    """Return a drawing's star, tags and note."""
    return (False, (), "") if drawing is None else (drawing.starred, (*drawing.tags,), drawing.note)
