"""A notebook's session: plans, replays and sends requests, and keeps the history."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from concurrent.futures import CancelledError
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

from nbext import errors
from nbext.config.loading import get_settings
from nbext.data.cell import Cell
from nbext.data.options import Options
from nbext.data.record import results_of
from nbext.drawings.drawing import Drawing, Drawings
from nbext.drawings.history import History
from nbext.errors import (
    BudgetError,
    NbextError,
    RequestError,
)
from nbext.messages.say import phrase
from nbext.notebook.neighbours import notebooks_of
from nbext.notebook.running import inputs_of
from nbext.session import rerun
from nbext.session.ask import ask, pending
from nbext.session.budget import Budget, question
from nbext.session.connection import Connection
from nbext.session.notices import Notices
from nbext.session.observer import NullObserver, write_warnings
from nbext.session.plan import default_model, plan
from nbext.session.references import SessionReader
from nbext.session.resume import pick_up
from nbext.session.runner import Runner
from nbext.session.takes import Takes
from nbext.session.tools import ask_in_cell
from nbext.session.turns import next_turn
from nbext.session.validation import checked_takes, options_of_fields
from nbext.session.variables import refuse_unfilled
from nbext.store.catalog import Catalog
from nbext.store.claims import is_resumable
from nbext.store.elsewhere import Adopter
from nbext.store.model_lists import store_models, stored_models
from nbext.store.repair import restore
from nbext.store.replay import Replay, mode_of
from nbext.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from concurrent.futures import Executor, Future

    from nbext.config.settings import Nbext
    from nbext.data.endpoint import Endpoint
    from nbext.data.model import Model
    from nbext.data.record import Draft, Kind, Record
    from nbext.data.request import Request
    from nbext.families.prices import Cost
    from nbext.session.ask import PendingReply
    from nbext.session.observer import Observer, View
    from nbext.session.tools import ToolSet
    from nbext.session.turns import Turn

# How long Tab waits for the endpoint's models; a later answer serves the next Tab.
SECONDS_FOR_TAB = 0.7

T = TypeVar("T")


# This process's sessions by their ids.
_sessions: WeakValueDictionary[str, Session] = WeakValueDictionary()


def _session_of(id_: str, folder: str) -> Session:
    """Return a session by its id; in another process, one on the same history."""
    same = (session for session in _sessions.values() if str(session.store.folder) == folder)
    return _sessions.get(id_) or next(same, None) or Session(Path(folder))


class Session:
    """A notebook's settings, history and connection.

    Args:
        folder: The history's folder; ``cats.draws`` beside ``cats.ipynb``.
        names: The notebook's variables, for references by name.
        chosen: The settings; by default those of the process.
        notebook: The notebook's file, None if unknown.

    Attributes:
        cell: Returns the running cell.
        shell: The IPython shell that shows results, or None.
        unnamed: A warning to show before the first payment if the notebook is unknown.

    Example:
        >>> session = Session(Path("cats.draws"))  # doctest: +SKIP
        >>> session.draw("画只猫")  # doctest: +SKIP
    """

    def __init__(
        self,
        folder: Path,
        *,
        names: Mapping[str, Any] | None = None,
        chosen: Nbext | None = None,
        notebook: Path | None = None,
    ) -> None:
        self.id = uuid.uuid4().hex[:12]
        self.names = names if names is not None else {}
        self.settings = chosen or get_settings()
        self.runner = Runner(self.settings)
        self.notices = Notices()
        self.notices.add(*self.settings.refusals)
        self.cell: Callable[[], Cell] = Cell
        self.shell: Any = None
        self.unnamed = ""
        self._listing: Future[list[Model]] | None = None
        self.budget = Budget(self.settings)
        # The budget reserved for pending drawings of batches, by their ids.
        self._tickets: dict[str, int] = {}
        self.under_way: dict[int, PendingReply] = {}
        self.connection = Connection(self.settings, folder.parent)
        # A history in a folder that the user names needs no looking for.
        self.catalog = Catalog(lambda: self.settings.catalog and not self.settings.history_folder)
        self.open_folder(folder, notebook)
        _sessions[self.id] = self

    def __reduce__(self) -> tuple[Any, ...]:
        # Copied and pickled as a reference, and with it what holds a session.
        return _session_of, (self.id, str(self.store.folder))

    def open_folder(self, folder: Path, notebook: Path | None = None) -> None:
        """Switch to the history in another folder.

        Args:
            folder: The history's folder.
            notebook: Its notebook, None if unknown.
        """
        self.store = Store(
            folder,
            max_bytes=self.settings.picture_bytes,
            max_pixels=self.settings.picture_pixels,
            written=self._list,
        )
        # The settings' changes before the history got its limits.
        self._limits_at = self.settings.changes
        self.connection.folder = folder.parent
        self.history = History(self.store, session=self)
        self._is_listed = False
        neighbours = Adopter(
            self.store,
            notebook,
            self.notices.add,
            catalog=self.catalog,
            inputs=lambda: inputs_of(self.shell),
        )
        self.replay = Replay(self.store.is_whole, partial(restore, self.store), neighbours)
        self.store.clear_leftovers()

    def _list(self, records: Sequence[Record]) -> None:
        """List new drawings among the user's, if there is a notebook that could be moved."""
        if records and all(record.type == "sent" for record in records):
            # Only drawings are listed.
            return
        if notebooks_of(self.store.folder):
            self.catalog.add(self.store.folder, records, self.store.records)

    def list_history(self) -> None:
        """List the history among the user's, once: a replay may be all that a kernel does."""
        if not self._is_listed:
            self._is_listed = True
            self._list(())

    @property
    def beside(self) -> Path:
        """The folder that relative paths start from: the notebook's."""
        # If the settings put the history elsewhere, its folder is not the notebook's.
        return Path.cwd() if self.settings.history_folder else self.store.folder.parent.absolute()

    @property
    def billed(self) -> int:
        """The number of requests that this kernel has sent to paid endpoints."""
        return self.budget.sent

    @property
    def spent(self) -> float:
        """Their cost in US dollars, where known."""
        return self.budget.spent

    # Entry points

    def ask(
        self,
        options: Options,
        *,
        request: Request | None = None,
        view: View | None = None,
        name: str = "",
        save: str = "",
        turn: Turn | None = None,
    ) -> PendingReply:
        """Prepare to replay or send a request; see ``nbext.session.ask``.

        Raises:
            OptionError: A name in braces in the prompt is not a variable.
        """
        refuse_unfilled(options, self.names, self.store.records)
        return ask(self, options, request=request, view=view, name=name, save=save, turn=turn)

    def draw(self, prompt: str, *, kind: Kind = "draw", verb: str = "draw", **fields: Any) -> Any:
        """Draw and wait; see ``nbext.draw`` for the fields. ``verb`` is for messages."""
        with next_turn() as turn:
            return self.ask(options_of_fields(verb, kind, prompt, fields), turn=turn).wait()

    async def adraw(self, prompt: str, *, kind: Kind = "draw", **fields: Any) -> Any:
        """Draw from any event loop."""
        with next_turn() as turn:
            return await self.ask(options_of_fields("adraw", kind, prompt, fields), turn=turn)

    def again(
        self, drawing: Drawing, options: Mapping[str, Any], *, line: bool, below: bool
    ) -> Any:
        """Draw another take of a recorded request; see ``Drawing.again``."""
        if line or below:
            return rerun.again_from(self, drawing, options, line=line, below=below)
        return rerun.again(self, drawing, options)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine of this session from synchronous code, interruptibly."""
        return self.runner.run(work)

    def tell_warnings(self) -> None:
        """Write pending warnings to standard error, once."""
        write_warnings(self.new_warnings())

    def new_warnings(self) -> list[str]:
        """Return the warnings not shown yet, including the store's."""
        self.notices.add(*self.store.new_warnings())
        return self.notices.take()

    def begin(self, reply: PendingReply) -> int:
        """Add a request to the list of those in progress; return its number."""
        number = max(self.under_way, default=0) + 1
        self.under_way[number] = reply
        return number

    def end(self, number: int) -> None:
        """Remove a finished request from the list."""
        self.under_way.pop(number, None)

    async def settle(self, replies: Sequence[PendingReply]) -> None:
        """Wait until background requests have ended, successfully or not."""
        await asyncio.gather(*(reply.ended() for reply in replies))

    async def close(self) -> None:
        """Close all connections."""
        await self.connection.close()

    # Planning

    def plan(self, options: Options, cell: Cell | None = None) -> Coroutine[Any, Any, Request]:
        """Create the request for options; see ``nbext.session.plan``.

        A picture from a URL, or from a missing file, is taken from an earlier request with the same
        prompt; a fresh request reads it anew.

        Args:
            options: The options of the request.
            cell: The requesting cell; by default the running one.

        Raises:
            OptionError: The prompt is empty, or a reference cannot be resolved.
        """
        # Looked up here, because the loop's thread does not know the running cell.
        cell = cell or self.cell()
        self.apply_limits()
        reader = SessionReader(
            self.history,
            names=self.names,
            folder=self.beside,
            fetch=self._fetch,
            replay=self.settings.replay,
            cell=cell.id,
        )
        return plan(options, settings=self.settings, reader=reader)

    async def request(self, prompt: str, *, kind: Kind = "draw", **fields: Any) -> Request:
        """Create a request without sending it; see ``nbext.request`` for the fields."""
        return await self.plan(options_of_fields("request", kind, prompt, fields))

    def model_of(self, options: Options) -> str:
        """Return the model that options will be sent to, if known before planning."""
        if options.model or not isinstance(options.continues, Drawing):
            return options.model or default_model(self.settings, options.kind)
        return options.continues.model

    def view(self, options: Options, *, with_prompt: bool = True) -> View:
        """Create the view for progress and result: below the cell, in a terminal, or nowhere.

        Args:
            options: The options of the request.
            with_prompt: Whether to show the prompt with the caption, because no cell shows it.
        """
        if self.shell is None:
            return NullObserver()
        from nbext.display.text_views import text_view_for
        from nbext.display.views import view_for

        model = self.model_of(options)
        if options.kind in ("draw", "video"):
            ratio = options.aspect or options.size
            view = view_for(self.shell, model, options.takes, self.settings, ratio=ratio)
        else:
            view = text_view_for(self.shell, model, self.settings)
        view.read, view.prompt = self.store.read, options.prompt if with_prompt else ""
        return view

    async def _fetch(self, url: str) -> bytes:
        info = await self.connection.downloader.fetch(url, self.store.sink, endpoint=None)
        return self.store.read(info.sha256)

    # Drawing

    async def make(
        self,
        request: Request,
        *,
        takes: int = 1,
        fresh: bool = False,
        cell: Cell | None = None,
        observer: Observer | None = None,
        tools: ToolSet | None = None,
        after: int = 0,
        mode: str = "",
        yes: bool = False,
        executor: Executor | None = None,
        turn: Turn | None = None,
        quiet: bool = False,
    ) -> Drawings:
        """Replay or send a request.

        Args:
            request: The request.
            takes: The number of takes, drawn at the same time.
            fresh: Whether to never replay.
            cell: The requesting cell.
            observer: Observes the takes.
            tools: The functions that the model may call.
            after: The number of a drawing to make another take of; 0 for none.
            mode: The replay mode; by default the settings' ``replay``.
            yes: Whether to send many requests without asking.
            executor: Its workers send the requests, None for this kernel.
            turn: The request's turn in its cell, None if the order does not matter.
            quiet: Whether not to say which requests without an answer are sent again.

        Returns:
            The takes, in order.

        Raises:
            BudgetError: The requests would exceed the budget.
            ReplayError: Replay is ``"only"``, and nothing is recorded.
            RequestError: At least one take failed; ``.drawing`` is its record, ``.drawings`` all.
        """
        work = Takes(
            session=self,
            request=request,
            mode=mode or mode_of(self.settings.replay, fresh=fresh),
            after=after,
            cell=cell or Cell(),
            observer=observer or NullObserver(),
            tools=tools,
            executor=executor,
            turn=turn,
            to_begin=checked_takes(takes),
        )
        return await work.make(yes=yes, quiet=quiet)

    async def confirm(
        self, count: int, total: Cost | None, host: str, *, seconds: float | None = None
    ) -> None:
        """Ask the user before more requests are sent than ``Nbext.confirm_above``.

        Args:
            count: The number of requests.
            total: Their total cost, None if unknown.
            host: The host that receives them.
            seconds: Their total duration, None if unknown.

        Raises:
            BudgetError: The user declined.
            OptionError: Nobody can be asked.
        """
        if count <= self.settings.confirm_above:
            return
        text = question(count, total, host, seconds)
        if not await self.runner.run_in_caller_thread(lambda: ask_in_cell(text)):
            raise BudgetError(phrase("session.declined", count=count))

    def apply_limits(self) -> None:
        """Let the history take what the settings allow now."""
        if self._limits_at == self.settings.changes:
            return
        self._limits_at = self.settings.changes
        self.store.max_bytes = self.settings.picture_bytes
        self.store.max_pixels = self.settings.picture_pixels

    def fetch(self, drawing: Drawing) -> Any:
        """Download a paid result that has not arrived, and wait for it; see ``Drawing.fetch``."""
        return self.resume(drawing).wait()

    def resume(self, drawing: Drawing) -> PendingReply:
        """Prepare to download a result that the endpoint has or is working on, for free."""
        options = Options(prompt=drawing.prompt, kind=drawing.record.kind, model=drawing.model)
        return pending(self, options, lambda observer: self.follow_job(drawing, observer))

    async def follow_job(self, drawing: Drawing, observer: Observer) -> Drawings:
        """Download a result by its job or its links.

        Raises:
            HistoryError: The drawing has no job and no link.
            RequestError: The job failed, or its result cannot be downloaded.
        """
        record = drawing.record
        if not (record.job or record.links):
            raise errors.HistoryError(phrase("session.nothing_to_fetch", number=record.number))
        if is_resumable(record) or not (record.films or results_of(record)):
            drawing = await pick_up(self, record, 0, observer)
            observer.done(0, drawing)
        self.history.show(drawing)
        return Drawings([drawing])

    def reserve(self, ids: Sequence[str], cost: Cost | None) -> None:
        """Reserve budget for drawings until they arrive.

        Raises:
            BudgetError: They exceed the budget.
        """
        self._tickets |= dict(zip(ids, self.budget.reserve(len(ids), cost), strict=True))

    def release(self, id_: str) -> None:
        """Release the budget reserved for a drawing."""
        ticket = self._tickets.pop(id_, None)
        if ticket is not None:
            self.budget.release(ticket)

    def account(self, record: Draft, *, factor: float = 1.0) -> None:
        """Account for the cost of a drawing.

        Args:
            record: The drawing's record; its cost is filled in if unknown.
            factor: The factor to apply to the price.
        """
        self.release(record.id)
        price = self.settings.prices.get(record.model)
        results = results_of(record)
        if record.cost is None and price is not None and results and not record.embedded:
            record.cost = round(price * len(results) * factor, 6)
        if not record.embedded:
            self.budget.settle(record.cost)

    def code(self, record: Record, language: str) -> str:
        """Write a recorded request as code, without the key; nothing is sent.

        Raises:
            OptionError: There is no such language.
        """
        from nbext.session import snippet

        request = snippet.request_of(record, self.store)
        where = snippet.endpoint_of(self.connection, record)
        return snippet.code(self.connection, request, language, where)[0]

    # The endpoint

    async def endpoint(self, name: str = "") -> Endpoint:
        """Find the endpoint to use; the embedded one is started at first use.

        Raises:
            SettingsError: There is no endpoint with this name, or its key is refused.
        """
        return await self.connection.endpoint(name, drawn=self.history.__len__)

    async def models(self, name: str = "") -> list[Model]:
        """List the endpoint's models, queried anew.

        Raises:
            RequestError: The endpoint does not list them.
        """
        return await self.connection.models(await self.endpoint(name), anew=True)

    async def recorded_models(self, name: str = "") -> list[Model]:
        """List the endpoint's models, and record them with the notebook.

        If the endpoint cannot be queried, or nothing may be sent, the recorded list is returned.

        Raises:
            RequestError: The endpoint does not list them, and no list is recorded.
        """
        known = stored_models(self.store.folder, name)
        if known and self.settings.replay == "only":
            return known
        try:
            listed = await self.models(name)
        except RequestError:
            if not known:
                raise
            return known
        if listed != known and not (await self.endpoint(name)).embedded:
            await asyncio.to_thread(store_models, self.store.folder, name, listed)
        return listed

    def known_models(self, kind: Kind = "draw") -> list[str]:
        """Return the models that are known without a query.

        Args:
            kind: The kind of request: models that answered it come first, latest first.
        """
        own = default_model(self.settings, kind)
        used = [r.model for r in reversed(self.store.records()) if r.kind == kind]
        listed = sorted(self.connection.listed(), key=lambda model: _rank(model, kind))
        return list(dict.fromkeys([own, *used, *(model.id for model in listed)]))

    def offered_models(self, kind: Kind = "draw") -> list[str]:
        """Return the models for completion; the endpoint is queried once, for free.

        Args:
            kind: The kind of request.
        """
        if self._listing is None and self.settings.replay != "only":
            self._listing = self.runner.submit(self.models())
            with contextlib.suppress(NbextError, TimeoutError, CancelledError):
                self._listing.result(SECONDS_FOR_TAB)
        return self.known_models(kind)


def _rank(model: Model, kind: Kind) -> tuple[bool, bool]:
    """Order models by what they can do; those that imitate failures come last."""
    wanted = {"draw": "image", "video": "video"}.get(kind, "text")
    fits = wanted in model.outputs if model.outputs else wanted in f"{model.id} {model.types}"
    return model.id.startswith("embedded-"), not fits
