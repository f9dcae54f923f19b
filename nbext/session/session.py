"""One notebook at work: request, replay or send, history, drawing."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from concurrent.futures import CancelledError
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from nbext import errors
from nbext.config.loading import get_settings
from nbext.data.record import draft_of
from nbext.data.request import Reference, Request, listed, public_url
from nbext.drawings.drawing import Drawing, Drawings
from nbext.drawings.history import History
from nbext.errors import NbextError, OptionError, RequestError
from nbext.families.check import refuse
from nbext.families.registry import gpt_model
from nbext.session import rerun
from nbext.session.accumulator import ResponseAccumulator
from nbext.session.connection import Connection
from nbext.session.exchange import Exchange
from nbext.session.notices import Notices
from nbext.session.observer import Cell, NullObserver
from nbext.session.references import reference
from nbext.session.runner import Runner
from nbext.session.validation import FIELDS, checked, checked_params, checked_takes, refuse_unknown
from nbext.store import record_of
from nbext.store.claims import is_resumable
from nbext.store.conversation import conversation_turns
from nbext.store.repair import restore
from nbext.store.replay import Replay, mode_of
from nbext.store.sent_references import sent_reference
from nbext.store.store import Store
from nbext.wire import events

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from concurrent.futures import Future

    from nbext.config.settings import Nbext
    from nbext.data.endpoint import Endpoint
    from nbext.data.model import Model
    from nbext.data.record import Draft, Record
    from nbext.session.observer import Observer
    from nbext.session.tools import ToolSet

# How long Tab waits for the endpoint's models; what comes later is for the next Tab.
SECONDS_FOR_TAB = 0.7

T = TypeVar("T")


class Session:
    """A notebook, its settings, its history and its connection.

    Args:
        folder: Where the history is; ``cats.draws`` beside ``cats.ipynb``.
        names: The notebook's variables, for references by name.
        chosen: The settings; those of the process by default.

    Attributes:
        cell: Tells which cell is running.

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
    ) -> None:
        self.id = uuid.uuid4().hex[:12]
        self.names = names if names is not None else {}
        self.settings = chosen or get_settings()
        self.runner = Runner(self.settings)
        self.notices = Notices()
        self.cell: Callable[[], Cell] = Cell
        self._listing: Future[list[Model]] | None = None
        self.spent = 0.0
        self.billed = 0
        self.connection = Connection(self.settings, folder.parent)
        self.open_folder(folder)

    def open_folder(self, folder: Path) -> None:
        """Turn to the history in another folder."""
        self.store = Store(
            folder,
            max_bytes=self.settings.picture_bytes,
            max_pixels=self.settings.picture_pixels,
        )
        self.connection.folder = folder.parent
        self.history = History(self.store, session=self)
        self.replay = Replay(self.store.is_whole, partial(restore, self.store))
        self.store.clear_leftovers()

    @property
    def beside(self) -> Path:
        """What relative paths start from: the notebook's folder."""
        # A history that the settings have put elsewhere says nothing of the notebook's.
        return Path.cwd() if self.settings.history_folder else self.store.folder.parent

    async def adraw(self, prompt: str, **options: Any) -> Drawing | Drawings:
        """Draw from the session's own loop; see ``nbext.draw`` for the options.

        Returns:
            A drawing, or several where ``n`` is more than 1.
        """
        takes = checked_takes(options.pop("n", 1))
        if params := options.pop("params", None):
            options["extra"] = dict(options.get("extra") or {}) | checked_params(params)
        names = ("fresh", "cell", "watch", "after")
        how = {name: options.pop(name) for name in names if name in options}
        asked = await self.request(prompt, fresh=bool(how.get("fresh")), **options)
        drawings = await self.make(asked, takes=takes, **how)
        return drawings[0] if takes == 1 else drawings

    def draw(self, prompt: str, **options: Any) -> Drawing | Drawings:
        """Draw, and wait for it."""
        # Asked for here: on the loop's thread nobody knows which cell is running.
        options.setdefault("cell", self.cell())
        return self.run(self.adraw(prompt, **options))

    def again(
        self, drawing: Drawing, options: Mapping[str, Any], *, line: bool, below: bool
    ) -> Any:
        """Draw another take of a recorded request, see ``Drawing.again``."""
        if line or below:
            return rerun.again_from(self, drawing, options, line=line, below=below)
        return rerun.again(self, drawing, options)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine of this session from ordinary code, interruptible."""
        return self.runner.run(work)

    def tell_warnings(self) -> None:
        """Say what is not as it should be, though nothing failed; each once."""
        self.notices.show(self.store.new_warnings())

    async def close(self) -> None:
        """Drop what is connected."""
        await self.connection.close()

    # Asking

    async def request(
        self,
        prompt: str,
        *,
        model: str = "",
        kind: str = "draw",
        images: Any = (),
        mask: Any = None,
        continues: Drawing | str | None = None,
        extra: Mapping[str, Any] | None = None,
        fresh: bool = False,
        **fields: Any,
    ) -> Request:
        """Make a request of what a user gave.

        A picture from an address, or from a file that is not there, is the one that was sent with
        the same prompt before; with ``fresh`` it is read anew.

        Raises:
            OptionError: The prompt is empty, or a reference names nothing.
        """
        if not isinstance(prompt, str):
            raise OptionError(f"A prompt is a text, not {prompt!r}.", remedy="Give it as str(…).")
        if not prompt.strip():
            raise OptionError("The prompt is empty.", remedy="Say what to draw: 画只猫")
        refuse_unknown(fields, FIELDS, kind)
        fields = checked(fields | {"model": model})
        try:
            f"{prompt}{model}".encode()
        except UnicodeEncodeError as error:
            raise OptionError(
                f"Half a character stands in the prompt or model: {error.object[error.start]!a}.",
                remedy="It was read in another encoding than it was written in.",
            ) from None
        self._limit()
        if isinstance(continues, str):
            continues = self.history.find(continues)[0] if continues else None
        elif not isinstance(continues, Drawing | None):
            raise OptionError(
                f"{continues!r} is no drawing.", remedy='continues="@-1" is the last.'
            )
        mode = mode_of(self.settings.replay, fresh=fresh)
        read = partial(self._reference, prompt=prompt, kind=kind, mode=mode)
        references = [await read(image, index=at) for at, image in enumerate(listed(images))]
        return Request(
            prompt=prompt,
            model=gpt_model(fields.pop("model", "") or self._model_for(kind, continues)),
            kind=kind,
            references=tuple(references),
            mask=await read(mask, index=-1) if mask is not None else None,
            conversation=conversation_turns(self.store, continues.record) if continues else (),
            continues=continues.id if continues else "",
            extra=checked_params(extra or {}),
            **fields,
        )

    def _model_for(self, kind: str, continues: Drawing | None) -> str:
        if continues is not None:
            return continues.model
        return str(getattr(self.settings, "model" if kind == "draw" else f"{kind}_model"))

    async def _reference(
        self, value: Any, *, prompt: str, kind: str, mode: str, index: int
    ) -> Reference:
        def find(**named: str) -> Reference | None:
            return (
                sent_reference(self.store, prompt, kind, index, **named)
                if mode != "never"
                else None
            )

        made = await reference(
            value,
            history=self.history,
            fetch=self._fetch if mode != "only" else _fetch_nothing,
            names=self.names,
            folder=self.beside,
            kept=find,
        )
        # A picture must be there for whoever re-runs the request; where it cannot be kept, the
        # store says so.
        self.store.put(made.data)
        return made

    async def _fetch(self, url: str) -> bytes:
        info = await self.connection.downloader.fetch(url, self.store.sink, endpoint=None)
        return self.store.read(info.sha256)

    # Drawing

    async def make(
        self,
        asked: Request,
        *,
        takes: int = 1,
        fresh: bool = False,
        cell: Cell | None = None,
        watch: Observer | None = None,
        tools: ToolSet | None = None,
        after: int = 0,
    ) -> Drawings:
        """Replay or draw a request.

        Args:
            asked: The request.
            takes: How many, drawn at the same time.
            fresh: Whether to never replay.
            cell: The cell that asks.
            watch: Who looks on.
            tools: The functions that the model may ask for.
            after: The number of a drawing that another one is wanted of; 0 for none.

        Returns:
            The takes, in order.

        Raises:
            ReplayError: Replay is ``"only"``, and nothing is recorded.
            RequestError: At least one take failed; ``.drawing`` is its record, ``.drawings`` all.
        """
        takes = checked_takes(takes)
        cell = cell or Cell()
        watch = watch or NullObserver()
        mode = mode_of(self.settings.replay, fresh=fresh)
        ended: dict[int, Drawing] = {}
        take = partial(
            self._take,
            asked,
            mode=mode,
            # What is replayed needs no endpoint that answers.
            embedded=await self.connection.is_embedded(asked.endpoint),
            after=after,
            cell=cell,
            watch=watch,
            tools=tools,
            in_turn=asyncio.Lock(),
            ended=ended,
        )
        try:
            results = await _all(take(number) for number in range(takes))
        finally:
            # The last take is the last one shown, whichever came last: ``@-1`` means it when the
            # notebook is run again, too.
            for number in sorted(ended):
                self.history.show(ended[number])
        failures = [result for result in results if isinstance(result, BaseException)]
        if not failures:
            return Drawings([drawing for drawing in results if isinstance(drawing, Drawing)])
        error = failures[0]
        if isinstance(error, RequestError) and takes > 1:
            came = [r if isinstance(r, Drawing) else getattr(r, "drawing", None) for r in results]
            error.drawings = Drawings(drawing for drawing in came if drawing is not None)
            error.message = f"{len(failures)} of {takes} takes failed: {error.message}"
        raise error

    async def _take(
        self,
        asked: Request,
        take: int,
        *,
        mode: str,
        embedded: bool,
        after: int,
        cell: Cell,
        watch: Observer,
        tools: ToolSet | None,
        in_turn: asyncio.Lock,
        ended: dict[int, Drawing],
    ) -> Drawing:
        found = self.replay.find(
            self.store.records(),
            asked.fingerprint(),
            take,
            mode=mode,
            cell=cell.id,
            execution=cell.execution_count,
            session=self.id,
            embedded=embedded,
            after=after,
        )
        job = await self._job_of(found.unfinished, asked.endpoint)
        if found.reason and job is None:
            # Said at once: whoever would rather not pay again can still stop it.
            self.notices.add(f"{found.reason} It is asked for anew.")
            self.tell_warnings()
        if found.record is not None:
            drawing = Drawing(found.record, self.history, replayed=True)
        elif job is not None:
            drawing = await self._pick_up(job, take, watch)
        else:
            drawing = await self._new(
                asked,
                take,
                repeat=found.repeat,
                cell=cell,
                watch=watch,
                tools=tools,
                in_turn=in_turn,
            )
        ended[take] = drawing
        watch.done(take, drawing)
        return drawing

    async def _new(
        self,
        asked: Request,
        take: int,
        *,
        repeat: int,
        cell: Cell,
        watch: Observer,
        tools: ToolSet | None,
        in_turn: asyncio.Lock,
    ) -> Drawing:
        """Send a request and record what comes of it, whatever that is."""
        # Takes have their numbers in order.
        async with in_turn:
            endpoint = await self.endpoint(asked.endpoint)
            await self.connection.learn(asked, endpoint)
            format_name, call = self.connection.call(asked, endpoint)
            warnings = refuse(self.connection.notices(asked, endpoint, format_name))
            self.notices.add(*(warnings if take == 0 else []))
            record = record_of.sent_record(asked, call, endpoint, wire=format_name)
            record.session, record.take, record.repeat = self.id, take, repeat
            record.cell, record.execution_count = cell.id, cell.execution_count
            record = await self.store.begin_async(record)
        watch.event(take, events.Progress(words="sent", state="queued"))
        exchange = Exchange(
            asked,
            endpoint,
            record=record,
            answer=ResponseAccumulator(),
            store=self.store,
            client=self.connection.client,
            tell=lambda event: watch.event(take, event),
            warn=self.notices.add,
            tools=tools,
        )
        drawing = await self._see_through(exchange, exchange.run(call), take, watch)
        lost = drawing.record.lost
        self.notices.add(*(f"@{record.number}: {reason}" for reason in lost))
        return drawing

    async def _see_through(
        self, exchange: Exchange, work: Coroutine[Any, Any, None], take: int, watch: Observer
    ) -> Drawing:
        """Do the work of an exchange; whatever comes of it is on disk before anyone hears of it."""
        record, endpoint = exchange.record, exchange.endpoint
        self._limit()
        began = time.monotonic()
        problem: BaseException | None = None
        try:
            await work
        except asyncio.CancelledError as cancelled:
            problem = cancelled
            record.error = record_of.interruption(endpoint)
            raise
        except NbextError as error:
            problem = error
            record.error = record_of.failure_of(error)
            if isinstance(error, errors.ModelError):
                await self.connection.suggest(error, record.model, endpoint)
            raise
        finally:
            record.type = "drawing"
            record.finished = record_of.now()
            record.elapsed = round(time.monotonic() - began, 3)
            exchange.answer.into(record)
            self._account(record)
            stored = await self.store.append_async(record)
            if problem is not None:
                failed = Drawing(stored, self.history)
                if isinstance(problem, RequestError):
                    problem.drawing = failed
                watch.done(take, failed)
        return Drawing(stored, self.history)

    def _limit(self) -> None:
        """Let the history take what the settings allow now."""
        self.store.max_bytes = self.settings.picture_bytes
        self.store.max_pixels = self.settings.picture_pixels

    def fetch(self, drawing: Drawing) -> Drawing:
        """Fetch what is paid for and not here yet, and wait for it; see ``Drawing.fetch``."""
        return self.run(self.resume(drawing))[0]

    async def resume(self, drawing: Drawing, *, watch: Observer | None = None) -> Drawings:
        """Fetch what an endpoint has made or is making, by its job or its links; it costs nothing.

        Raises:
            HistoryError: No job and no link of the drawing is known.
            RequestError: The job failed, or its result cannot be fetched.
        """
        record = drawing.record
        if not (record.job or record.links):
            raise errors.HistoryError(
                f"There is nothing to fetch for the drawing @{record.number}: no job or link of "
                "it is known."
            )
        if not (record.films or record.pictures):
            watch = watch or NullObserver()
            drawing = await self._pick_up(record, 0, watch)
            watch.done(0, drawing)
        self.history.show(drawing)
        return Drawings([drawing])

    async def _job_of(self, record: Record | None, endpoint: str) -> Record | None:
        """Give a record whose result is still to be had from the endpoint that would be asked."""
        if record is None or not is_resumable(record):
            return None
        where = await self.endpoint(endpoint)
        return record if where.host == record.host else None

    async def _pick_up(self, record: Record, take: int, watch: Observer) -> Drawing:
        """Fetch what another kernel, or another cell, has paid for."""
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
            tell=lambda event: watch.event(take, event),
            warn=self.notices.add,
        )
        return await self._see_through(exchange, exchange.collect(), take, watch)

    def _account(self, record: Draft) -> None:
        price = self.settings.prices.get(record.model)
        if record.cost is None and price is not None and record.pictures and not record.embedded:
            record.cost = round(price * len(record.pictures), 6)
        if not record.embedded:
            self.billed += 1
            self.spent += record.cost or 0.0

    def code(self, record: Record, language: str) -> str:
        """Write a recorded request as code, the key left out; nothing is sent.

        Raises:
            OptionError: There is no such language.
        """
        from nbext.session import snippet

        asked = snippet.request_of(record, self.store)
        where = snippet.endpoint_of(self.connection, record)
        return snippet.code(self.connection, asked, language, where)[0]

    # The endpoint

    async def endpoint(self, name: str = "") -> Endpoint:
        """Find the endpoint to use; the embedded one is started at its first use.

        Raises:
            SettingsError: There is no endpoint of this name, or its key is refused.
        """
        return await self.connection.endpoint(name, drawn=len(self.history))

    async def models(self, name: str = "") -> list[Model]:
        """List the endpoint's models, asked anew.

        Raises:
            RequestError: The endpoint does not say.
        """
        return await self.connection.models(await self.endpoint(name), anew=True)

    def known_models(self, kind: str = "draw") -> list[str]:
        """Name the models that are known without asking.

        Args:
            kind: What for: those that answered it come first, the latest of them before the others.
        """
        asked = [r.model for r in reversed(self.store.records()) if r.kind == kind]
        return list(dict.fromkeys([self._model_for(kind, None), *asked, *self.connection.listed()]))

    def offered_models(self, kind: str = "draw") -> list[str]:
        """Name the models to complete with; the endpoint is asked for its own, once and for free.

        Args:
            kind: What for.
        """
        if self._listing is None and self.settings.replay != "only":
            self._listing = self.runner.submit(self.models())
            with contextlib.suppress(NbextError, TimeoutError, CancelledError):
                self._listing.result(SECONDS_FOR_TAB)
        return self.known_models(kind)


async def _fetch_nothing(url: str) -> bytes:
    raise errors.ReplayError(
        f"{public_url(url)} is not recorded with this prompt, and Nbext.replay is 'only': nothing "
        "is fetched.",
        remedy='Run it once with %config Nbext.replay = "restart".',
    )


async def _all(work: Any) -> list[Any]:
    """Wait for all, also when some fail; when cancelled, cancel all."""
    tasks = [asyncio.ensure_future(item) for item in work]
    try:
        return await asyncio.gather(*tasks, return_exceptions=True)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
