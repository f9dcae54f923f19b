"""A notebook's session: plans, replays and sends requests, and keeps the history."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

from nbext import errors
from nbext.config.loading import get_settings
from nbext.data.cell import Cell
from nbext.data.options import Options
from nbext.data.record import draft_of, results_of
from nbext.data.request import Request
from nbext.drawings.drawing import Drawing, Drawings
from nbext.drawings.history import History
from nbext.errors import (
    BudgetError,
    NbextError,
    NoPictureError,
    OwnErrors,
    PictureError,
    RequestError,
    resource_error,
)
from nbext.messages.say import phrase
from nbext.notebook.neighbours import notebooks_of
from nbext.notebook.running import inputs_of
from nbext.session import rerun
from nbext.session.ask import ask, pending
from nbext.session.budget import Budget, question, recorded_cost
from nbext.session.connection import Connection
from nbext.session.notices import Notices, resending_warnings
from nbext.session.observer import NullObserver, write_warnings
from nbext.session.plan import default_model, plan
from nbext.session.references import SessionReader
from nbext.session.runner import Runner
from nbext.session.tools import ask_in_cell
from nbext.session.turns import next_turn
from nbext.session.validation import checked_takes, options_of_fields
from nbext.session.variables import refuse_unfilled
from nbext.store import record_of
from nbext.store.catalog import Catalog
from nbext.store.claims import is_resumable
from nbext.store.elsewhere import Adopter
from nbext.store.merge import note_of
from nbext.store.model_lists import store_models, stored_models
from nbext.store.repair import restore
from nbext.store.replay import Replay, mode_of
from nbext.store.slots import CELLS
from nbext.store.store import Store
from nbext.transport.limiter import Turn as Place
from nbext.wire import events

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from concurrent.futures import Executor, Future

    from nbext.config.endpoints import ResolvedEndpoint
    from nbext.config.settings import Nbext
    from nbext.data.endpoint import Endpoint
    from nbext.data.model import Model
    from nbext.data.record import Draft, Kind, Record
    from nbext.families.prices import Cost
    from nbext.session.ask import PendingReply
    from nbext.session.exchange import Exchange
    from nbext.session.observer import Observer, View
    from nbext.session.tools import ToolSet
    from nbext.session.turns import Turn
    from nbext.store.replay import Match

# How long Tab waits for the endpoint's models; a later answer serves the next Tab.
SECONDS_FOR_TAB = 0.7

T = TypeVar("T")


@dataclass(kw_only=True, slots=True)
class _Batch:
    """The takes of a request in progress.

    Attributes:
        request: The request.
        mode: The replay mode.
        resolved: Its endpoint, which may lack its key; None if there is none.
        embedded: Whether the embedded endpoint draws.
        after: The number of a drawing to make another take of; 0 for none.
        cell: The requesting cell.
        observer: Observes the takes.
        tools: The functions that the model may call.
        endpoint: Where all takes are sent, once it is known.
        executor: Its workers send the requests, None for this kernel.
        tickets: The budget reserved for it.
        in_turn: Held while a take gets its number.
        turn: Its turn among the requests of the cell; left when all takes have begun.
        to_begin: The number of takes that have not begun.
        ended: The takes that have ended.
    """

    request: Request
    mode: str
    resolved: ResolvedEndpoint | None
    embedded: bool
    after: int
    cell: Cell
    observer: Observer
    tools: ToolSet | None
    endpoint: Endpoint | None = None
    executor: Executor | None = None
    tickets: list[int] = field(default_factory=list)
    in_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    turn: Turn | None = None
    to_begin: int = 0
    ended: dict[int, Drawing] = field(default_factory=dict)

    def begun(self) -> None:
        """Note that a take has its number; the next request follows when all takes have theirs."""
        self.to_begin -= 1
        if self.turn is not None and self.to_begin <= 0:
            self.turn.reserve()
            self.turn.leave()


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
        self._limit()
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
        takes = checked_takes(takes)
        with OwnErrors(unsent=True):
            # What was asked before is sent while this is looked up.
            await self.connection.steps.turn()
            # A replay needs no working endpoint.
            resolved = await self.connection.look_up(request.endpoint)
            batch = _Batch(
                request=request,
                mode=mode or mode_of(self.settings.replay, fresh=fresh),
                resolved=resolved,
                embedded=resolved is not None and resolved.endpoint.embedded,
                after=after,
                cell=cell or Cell(),
                observer=observer or NullObserver(),
                tools=tools,
                executor=executor,
                turn=turn,
                to_begin=takes,
            )
            if turn is not None:
                await turn.come()
            # In the order of the requests, not of their completion.
            place = self.history.take_place()
            matches = [self._match(batch, take) for take in range(takes)]
            if not self._is_listed and any(match.record is not None for match in matches):
                self._is_listed = True
                self._list(())
            await self._allow(batch, [match for match in matches if match.record is None], yes=yes)
            if turn is not None and any(match.record is None for match in matches):
                turn.reserve()
        try:
            jobs = [await self._job_of(match.unfinished, request.endpoint) for match in matches]
            # Shown at once, so that the user can still stop a second payment.
            anew = [m for m, job in zip(matches, jobs, strict=True) if m.reason and job is None]
            if anew and not quiet:
                batch.observer.notify(resending_warnings(anew))
            results = await _all(
                [
                    self._take(batch, take, match, job)
                    for take, (match, job) in enumerate(zip(matches, jobs, strict=True))
                ]
            )
        finally:
            for ticket in batch.tickets:
                self.budget.release(ticket)
            # The last take counts as shown last, whichever arrived last, so that ``@-1`` means the
            # same when the notebook is run again.
            for take in sorted(batch.ended):
                self.history.show(batch.ended[take], place)
        failures = [result for result in results if isinstance(result, BaseException)]
        if not failures:
            return Drawings([drawing for drawing in results if isinstance(drawing, Drawing)])
        error = failures[0]
        if isinstance(error, RequestError) and takes > 1:
            came = [r if isinstance(r, Drawing) else getattr(r, "drawing", None) for r in results]
            error.drawings = Drawings(drawing for drawing in came if drawing is not None)
            error.message = phrase(
                "session.takes_failed", count=len(failures), takes=takes, message=error.message
            )
        raise error

    def _match(self, batch: _Batch, take: int) -> Match:
        """Find the recorded drawing of a take."""
        return self.replay.match(
            batch.request,
            take,
            store=self.store,
            shown=self.history.shown_requests,
            mode=batch.mode,
            cell=batch.cell.id,
            execution=batch.cell.execution_count,
            session=self.id,
            embedded=batch.embedded,
            after=batch.after,
        )

    async def _allow(self, batch: _Batch, new: list[Match], *, yes: bool) -> None:
        """Ask before many requests are sent, and reserve them in the budget.

        Raises:
            BudgetError: They exceed the budget, or the user declined.
            OptionError: Nobody can be asked.
        """
        if batch.embedded or not new:
            return
        endpoint = batch.endpoint = await self._endpoint_of(batch)
        if endpoint.embedded:
            return
        if self.unnamed:
            batch.observer.notify([self.unnamed])
            self.unnamed = ""
        cost = self.connection.cost(batch.request, endpoint)
        if cost is None and self.settings.max_cost:
            cost = recorded_cost(self.store.records(), batch.request.model, endpoint.host)
        batch.tickets += self.budget.reserve(len(new), cost)
        try:
            if not yes:
                total = cost.times(len(new)) if cost is not None else None
                await self.confirm(len(new), total, endpoint.host)
        except BaseException:
            for ticket in batch.tickets:
                self.budget.release(ticket)
            raise

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

    async def _take(self, batch: _Batch, take: int, match: Match, job: Record | None) -> Drawing:
        """Replay a take, resume its job, or send it."""
        if match.record is not None:
            self.notices.add(*([match.note] if match.note else []))
            drawing = Drawing(match.record, self.history, replayed=True, earlier=match.earlier)
        elif job is not None:
            batch.begun()
            drawing = await self._pick_up(job, take, batch.observer)
        else:
            drawing = await self._new(batch, take, match)
        batch.ended[take] = drawing
        batch.observer.done(take, drawing)
        if match.record is not None:
            batch.begun()
        return drawing

    async def _new(self, batch: _Batch, take: int, match: Match) -> Drawing:
        """Send a take and record the result, whatever it is."""
        if batch.executor is None:
            with self.store.at_work(), OwnErrors(unsent=True):
                exchange, call = await self._begin(batch, take, match)
            return await self._see_through(exchange, exchange.run(call), take, batch.observer)
        from nbext.session.remote import send_elsewhere, slot

        async with slot(batch.executor, self.settings):
            with OwnErrors(unsent=True):
                exchange, call = await self._begin(batch, take, match)
            work = send_elsewhere(exchange, call, batch.executor)
            return await self._see_through(exchange, work, take, batch.observer)

    async def _begin(self, batch: _Batch, take: int, match: Match) -> tuple[Exchange, events.Call]:
        """Record a take as sent."""
        # Here, like what else only a request needs: a panel, or a replay, comes without.
        from nbext.session.accumulator import ResponseAccumulator
        from nbext.session.exchange import Exchange

        request, cell, observer = batch.request, batch.cell, batch.observer
        # Takes get their numbers in order.
        async with batch.in_turn:
            # First: whatever comes of the new drawing, the others go on showing what they show.
            for slot_ in match.others:
                await self.store.append_async(note_of(slot_.drawing, {CELLS: slot_.cells}))
            endpoint = batch.endpoint or await self._endpoint_of(batch)
            await self.connection.learn(request, endpoint)
            self.connection.refuse_unlisted(request, endpoint, self.store.records)
            outgoing = await self.connection.as_job(request, endpoint, self.store.records)
            format_name, call = self.connection.call(outgoing, endpoint)
            warnings = self.connection.warnings(outgoing, endpoint, format_name)
            if outgoing is not request:
                names = {"model": request.model, "variant": outgoing.model}
                warnings.append(phrase("session.async_variant", host=endpoint.host, **names))
            record = record_of.sent_record(request, call, endpoint, wire=format_name)
            record.session, record.take, record.repeat = self.id, take, match.repeat
            record.cell, record.execution_count = cell.id, cell.execution_count
            record.warnings = tuple(warnings if take == 0 else [])
            place = Place(holds=True)
            admitted = self.connection.client.admit_now(endpoint, place)
            record.waiting = not (admitted or endpoint.embedded)
            try:
                record = await self.store.begin_async(record, in_line=batch.begun)
                observer.event(take, events.Progress(words="sent", state="queued"))
            except BaseException as error:
                place.end()
                if record.number:
                    await self._give_up(record, error)
                raise
        exchange = Exchange(
            request,
            endpoint,
            record=record,
            answer=ResponseAccumulator(),
            store=self.store,
            client=self.connection.client,
            tell=lambda event: observer.event(take, event),
            tools=batch.tools,
            turn=place,
        )
        return exchange, call

    async def _give_up(self, record: Draft, error: BaseException) -> None:
        """Record that a drawing which has its number was never sent."""
        if record.type == "sent" and isinstance(error, Exception):
            problem = resource_error(error, unsent=True) or NbextError(str(error))
            record.type, record.waiting = "drawing", False
            record.finished, record.error = record_of.now(), record_of.failure_of(problem)
            await self.store.append_async(record)

    async def _see_through(
        self, exchange: Exchange, work: Coroutine[Any, Any, None], take: int, observer: Observer
    ) -> Drawing:
        """Run an exchange; its result is on disk before it is reported."""
        record, endpoint = exchange.record, exchange.endpoint
        began = time.monotonic()
        problem: BaseException | None = None
        try:
            self._limit()
            await work
        except asyncio.CancelledError as cancelled:
            problem = cancelled
            record.error = record_of.interruption(endpoint, was_sent=exchange.is_sent)
            raise
        except NbextError as error:
            problem = error
            record.error = record_of.failure_of(error)
            if isinstance(error, errors.ModelError):
                await self.connection.suggest(error, record.model, endpoint)
            elif isinstance(error, errors.RequestError):
                elapsed = time.monotonic() - began
                await self.connection.suggest_async(error, record.model, endpoint, elapsed=elapsed)
                record.error = record_of.failure_of(error)
            raise
        except Exception as error:
            problem = exchange.failure(error)
            record.error = record_of.failure_of(problem)
            raise problem from error
        finally:
            record.type, record.waiting = "drawing", False
            record.finished = record_of.now()
            record.elapsed = round(time.monotonic() - began, 3)
            failure = self._complete(exchange)
            try:
                stored, lost = await self._store(exchange)
            finally:
                exchange.end()
            problem = problem or lost or failure
            if problem is not None:
                failed = Drawing(stored, self.history)
                if isinstance(problem, RequestError):
                    problem.drawing = failed
                observer.done(take, failed)
        if problem is not None:
            raise problem
        return Drawing(stored, self.history)

    def _complete(self, exchange: Exchange) -> RequestError | None:
        """Complete the record of a request that has ended. Whatever fails, it is stored.

        Returns:
            The error, if a result is not in the record because of it.
        """
        record, endpoint = exchange.record, exchange.endpoint
        problem: Exception | None = None
        try:
            exchange.answer.into(record)
        except Exception as error:  # noqa: BLE001 -- such as a lack of memory
            problem = error
        with contextlib.suppress(MemoryError):
            if exchange.is_sent:
                self.account(record)
            self.budget.note_key(endpoint.host, *exchange.answer.key_budget)
        if problem is None or record.error is not None:
            return None
        from nbext.session.accumulator import unprocessed

        failure = unprocessed(problem, endpoint)
        if record.pictures or record.films:
            exchange.warn(failure.message)
            return None
        record.error = record_of.failure_of(failure)
        failure.__cause__ = problem
        return failure

    async def _store(self, exchange: Exchange) -> tuple[Record, NoPictureError | None]:
        """Write a drawing to disk, without the pictures that the disk has lost meanwhile.

        Returns:
            The record as written, and the error if none of its pictures is left.
        """
        record = exchange.record
        try:
            return await self.store.append_async(record), None
        except PictureError as error:
            exchange.lose("picture", error)
            record.pictures = tuple(p for p in record.pictures if self.store.has(p.sha256))
            record.films = tuple(film for film in record.films if self.store.has(film.sha256))
            problem: NoPictureError | None = None
            if record.error is None and not (record.pictures or record.films):
                text, billed = record.text, not exchange.endpoint.embedded
                problem = NoPictureError(
                    error.message, text=text, remedy=error.remedy, maybe_billed=billed
                )
                record.error = record_of.failure_of(problem)
            return await self.store.append_async(record), problem
        except (MemoryError, RecursionError, OSError):
            # What was in the way may be gone by now.
            return await self.store.append_async(record), None

    def _limit(self) -> None:
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
            drawing = await self._pick_up(record, 0, observer)
            observer.done(0, drawing)
        self.history.show(drawing)
        return Drawings([drawing])

    async def _job_of(self, record: Record | None, endpoint: str) -> Record | None:
        """Return a record whose result can still be fetched from the current endpoint."""
        if record is None or not is_resumable(record):
            return None
        from nbext.session.batch_note import is_in_batch, is_known

        if is_in_batch(record) and not is_known(self.store.records(), record):
            return None
        where = await self.endpoint(endpoint)
        return record if where.host == record.host else None

    async def _pick_up(self, record: Record, take: int, observer: Observer) -> Drawing:
        """Fetch a result that another kernel, or another cell, has paid for."""
        from nbext.session.accumulator import ResponseAccumulator
        from nbext.session.batch_note import is_in_batch
        from nbext.session.exchange import Exchange

        if is_in_batch(record):
            from nbext.session.batches import pick_up

            return await pick_up(self, record)
        endpoint = await self.endpoint("" if record.endpoint == "relay" else record.endpoint)
        answer = ResponseAccumulator()
        if record.job:
            answer.add(events.Job(id=record.job, status="queued"))
        draft = draft_of(record)
        draft.error, draft.lost = None, ()
        exchange = Exchange(
            Request(prompt=record.prompt, model=record.model, kind=record.kind),
            endpoint,
            record=draft,
            answer=answer,
            store=self.store,
            client=self.connection.client,
            tell=lambda event: observer.event(take, event),
        )
        return await self._see_through(exchange, exchange.collect(), take, observer)

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

    async def _endpoint_of(self, batch: _Batch) -> Endpoint:
        name, drawn = batch.request.endpoint, self.history.__len__
        return await self.connection.endpoint(name, drawn=drawn, resolved=batch.resolved)

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


async def _all(work: Sequence[Coroutine[Any, Any, T]]) -> list[T | BaseException]:
    """Wait for all, also when some fail; when cancelled, cancel all."""
    if len(work) == 1:
        # Without a task of its own, which costs more than it does.
        try:
            return [await work[0]]
        except Exception as error:  # noqa: BLE001 -- it is the result, as gather gives it
            return [error]
    tasks = [asyncio.ensure_future(item) for item in work]
    try:
        return await asyncio.gather(*tasks, return_exceptions=True)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
