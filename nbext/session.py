"""One notebook at work: request, replay or send, history, drawing."""

from __future__ import annotations

import asyncio
import contextlib
import platform
import re
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

import nbext
from nbext import errors
from nbext.answer import Answer
from nbext.data.record import Failure, Record, ReferenceInfo
from nbext.data.request import Reference, Request, Turn
from nbext.errors import NbextError, OptionError, RequestError
from nbext.exchange import Exchange
from nbext.history.drawing import Drawing, Drawings
from nbext.history.history import History
from nbext.history.replay import Replay
from nbext.history.store import Store
from nbext.references import reference
from nbext.runner import Runner
from nbext.settings import find_endpoint, resolve_endpoint, settings
from nbext.wire import events
from nbext.wire.choose import advice, choose, is_known, wire

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence
    from pathlib import Path

    from nbext.data.endpoint import Endpoint
    from nbext.settings import Nbext
    from nbext.tools import Toolbox
    from nbext.transport.client import Client
    from nbext.wire.models import Model

MAX_TAKES = 64

T = TypeVar("T")


class Watch(Protocol):
    """Someone who looks on while takes are drawn. Called on the background loop."""

    def event(self, take: int, event: events.Event) -> None:
        """Something that the answer says."""

    def done(self, take: int, drawing: Drawing) -> None:
        """A take has ended, well or not."""


class Nobody:
    """Nobody looks on."""

    def event(self, take: int, event: events.Event) -> None:
        """Ignore it."""

    def done(self, take: int, drawing: Drawing) -> None:
        """Ignore it."""


class Cell(msgspec.Struct, frozen=True):
    """The cell that asks."""

    id: str = ""
    execution_count: int = 0


class Session:
    """A notebook, its settings, its history and its connection.

    Args:
        folder: Where the history is; ``cats.draws`` beside ``cats.ipynb``.
        names: The notebook's variables, for references by name.
        chosen: The settings; those of the process by default.

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
        self.settings = chosen or settings()
        self.runner = Runner(self.settings)
        self.spent = 0.0
        self.billed = 0
        self.open_folder(folder)
        self._client: Client | None = None
        self._models: dict[str, list[Model]] = {}
        self._learning: dict[str, asyncio.Future[list[Model]]] = {}

    def open_folder(self, folder: Path) -> None:
        """Turn to the history in another folder."""
        self.store = Store(
            folder,
            max_bytes=self.settings.picture_bytes,
            max_pixels=self.settings.picture_pixels,
        )
        self.history = History(self.store, session=self)
        self.replay = Replay(self.store.has)

    async def adraw(self, prompt: str, **options: Any) -> Drawing | Drawings:
        """Draw from the session's own loop; see ``nbext.draw`` for the options.

        Returns:
            A drawing, or several where ``n`` is more than 1.
        """
        takes = options.pop("n", 1)
        how = {name: options.pop(name) for name in ("fresh", "cell", "watch") if name in options}
        asked = await self.request(prompt, **options)
        drawings = await self.make(asked, takes=takes, **how)
        return drawings[0] if takes == 1 else drawings

    def draw(self, prompt: str, **options: Any) -> Drawing | Drawings:
        """Draw, and wait for it."""
        return self.run(self.adraw(prompt, **options))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine of this session from ordinary code, interruptible."""
        return self.runner.run(work)

    async def close(self) -> None:
        """Drop the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    # Asking

    async def request(
        self,
        prompt: str,
        *,
        model: str = "",
        kind: str = "draw",
        images: Sequence[Any] = (),
        mask: Any = None,
        continues: Drawing | str | None = None,
        extra: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> Request:
        """Make a request of what a user gave.

        Raises:
            OptionError: The prompt is empty, or a reference names nothing.
        """
        if not prompt.strip():
            raise OptionError("The prompt is empty.", remedy="Say what to draw: 画只猫")
        if isinstance(continues, str):
            continues = self.history.find(continues)[0] if continues else None
        references = [await self._reference(image) for image in images]
        return Request(
            prompt=prompt,
            model=gpt_model(model or self._model_for(kind, continues)),
            kind=kind,
            references=tuple(references),
            mask=await self._reference(mask) if mask is not None else None,
            conversation=self._conversation(continues) if continues else (),
            continues=continues.id if continues else "",
            extra=dict(extra or {}),
            **{name: value for name, value in fields.items() if value is not None},
        )

    def _model_for(self, kind: str, continues: Drawing | None) -> str:
        if continues is not None:
            return continues.model
        return str(getattr(self.settings, "model" if kind == "draw" else f"{kind}_model"))

    async def _reference(self, value: Any) -> Reference:
        made = await reference(
            value,
            history=self.history,
            fetch=self._fetch,
            names=self.names,
            folder=self.store.folder.parent,
        )
        # A picture must be there for whoever re-runs the request; where it cannot be kept, the
        # store says so.
        self.store.put(made.data)
        return made

    async def _fetch(self, url: str) -> bytes:
        info = await self.client.download(url, self.store.sink, endpoint=None)
        return self.store.read(info.sha256)

    def _conversation(self, drawing: Drawing) -> tuple[Turn, ...]:
        """Collect the turns that led to a drawing, oldest first."""
        chain = [drawing.record]
        known = {record.id: record for record in self.store.records()}
        while chain[-1].continues in known:
            chain.append(known[chain[-1].continues])
        turns: list[Turn] = []
        for record in reversed(chain):
            given = [self._kept(item.sha256) for item in record.references]
            answered = [self._kept(item.sha256, drawing=record.id) for item in record.pictures]
            turns.append(
                Turn(
                    role="user",
                    text=record.prompt_sent or record.prompt,
                    pictures=tuple(given),
                )
            )
            turns.append(
                Turn(role="assistant", text=record.text, pictures=tuple(answered), raw=record.raw)
            )
        return tuple(turns)

    def _kept(self, sha256: str, *, drawing: str = "") -> Reference:
        return Reference.of(self.store.read(sha256), drawing=drawing)

    # Drawing

    async def make(
        self,
        asked: Request,
        *,
        takes: int = 1,
        fresh: bool = False,
        cell: Cell | None = None,
        watch: Watch | None = None,
        tools: Toolbox | None = None,
    ) -> Drawings:
        """Replay or draw a request.

        Args:
            asked: The request.
            takes: How many, drawn at the same time.
            fresh: Whether to never replay.
            cell: The cell that asks.
            watch: Who looks on.
            tools: The functions that the model may ask for.

        Returns:
            The takes, in order.

        Raises:
            ReplayError: Replay is ``"only"``, and nothing is recorded.
            RequestError: At least one take failed; ``.drawing`` is its record, ``.drawings`` all.
        """
        if not 1 <= takes <= MAX_TAKES:
            raise OptionError(
                f"{takes} takes are not possible.", remedy=f"Ask for 1 to {MAX_TAKES}."
            )
        cell = cell or Cell()
        watch = watch or Nobody()
        endpoint = await self.endpoint(asked.endpoint)
        results = await _all(
            self._take(asked, take, endpoint, fresh=fresh, cell=cell, watch=watch, tools=tools)
            for take in range(takes)
        )
        failures = [result for result in results if isinstance(result, BaseException)]
        if not failures:
            return Drawings([drawing for drawing in results if isinstance(drawing, Drawing)])
        error = failures[0]
        if isinstance(error, RequestError) and takes > 1:
            ended = [r if isinstance(r, Drawing) else getattr(r, "drawing", None) for r in results]
            error.drawings = Drawings(drawing for drawing in ended if drawing is not None)
            error.message = f"{len(failures)} of {takes} takes failed: {error.message}"
        raise error

    async def _take(
        self,
        asked: Request,
        take: int,
        endpoint: Endpoint,
        *,
        fresh: bool,
        cell: Cell,
        watch: Watch,
        tools: Toolbox | None,
    ) -> Drawing:
        recorded = self.replay.find(
            self.store.records(),
            asked.fingerprint(),
            take,
            mode="never" if fresh else self.settings.replay,
            cell=cell.id,
            session=self.id,
            embedded=endpoint.embedded,
        )
        if self.replay.reason:
            self.store.warnings.append(f"{self.replay.reason} It is drawn anew.")
        if recorded is not None:
            drawing = Drawing(recorded, self.history, replayed=True)
        else:
            drawing = await self._new(asked, take, endpoint, cell=cell, watch=watch, tools=tools)
        self.history.show(drawing)
        watch.done(take, drawing)
        return drawing

    async def _new(
        self,
        asked: Request,
        take: int,
        endpoint: Endpoint,
        *,
        cell: Cell,
        watch: Watch,
        tools: Toolbox | None,
    ) -> Drawing:
        """Send a request and record what comes of it, whatever that is."""
        await self._learn(asked, endpoint)
        format_name, call = self.call(asked, endpoint)
        self.store.warnings += [w for w in advice(format_name, asked) if take == 0]
        record = self.store.begin(
            Record(
                type="sent",
                id=uuid.uuid4().hex,
                kind=asked.kind,
                session=self.id,
                cell=cell.id,
                execution_count=cell.execution_count,
                started=_now(),
                wire=format_name,
                endpoint=endpoint.name,
                host=endpoint.host,
                embedded=endpoint.embedded,
                model=asked.model,
                prompt=asked.prompt,
                prompt_sent=call.prompt_sent if call.prompt_sent != asked.prompt else "",
                system=asked.system,
                parameters=asked.parameters(),
                references=[_reference_info(item) for item in asked.references],
                mask=_reference_info(asked.mask) if asked.mask else None,
                continues=asked.continues,
                parents=_parents(asked),
                take=take,
                fingerprint=asked.fingerprint(),
                versions={"nbext": nbext.__version__, "python": platform.python_version()},
            )
        )
        watch.event(take, events.Progress(words="sent", state="queued"))
        exchange = Exchange(
            asked,
            endpoint,
            record=record,
            answer=Answer(),
            store=self.store,
            client=self.client,
            tell=lambda event: watch.event(take, event),
            tools=tools,
        )
        return await self._see_through(exchange, exchange.run(call), take, watch)

    async def _see_through(
        self, exchange: Exchange, work: Coroutine[Any, Any, None], take: int, watch: Watch
    ) -> Drawing:
        """Do the work of an exchange; whatever comes of it is on disk before anyone hears of it."""
        record, endpoint = exchange.record, exchange.endpoint
        began = time.monotonic()
        problem: BaseException | None = None
        try:
            await work
        except asyncio.CancelledError as cancelled:
            problem = cancelled
            record.error = Failure(
                type="Interrupted", message="Interrupted.", maybe_billed=not endpoint.embedded
            )
            raise
        except NbextError as error:
            problem = error
            record.error = _failure(error)
            if isinstance(error, errors.ModelError):
                await self._suggest(error, record.model, endpoint)
            raise
        finally:
            record.type = "drawing"
            record.finished = _now()
            record.elapsed = round(time.monotonic() - began, 3)
            exchange.answer.into(record)
            self._account(record)
            self.store.append(record)
            if problem is not None:
                failed = Drawing(record, self.history)
                if isinstance(problem, RequestError):
                    problem.drawing = failed
                watch.done(take, failed)
        return Drawing(record, self.history)

    async def resume(self, drawing: Drawing, *, watch: Watch | None = None) -> Drawings:
        """Pick up a job that was under way when its kernel ended.

        Raises:
            HistoryError: The drawing has no job.
            RequestError: The job failed.
        """
        record = drawing.record
        if not record.job:
            raise errors.HistoryError(f"The drawing @{record.number} is no job.")
        if record.films or record.pictures:
            self.history.show(drawing)
            return Drawings([drawing])
        endpoint = await self.endpoint("" if record.endpoint == "relay" else record.endpoint)
        watch = watch or Nobody()
        answer = Answer()
        answer.add(events.Job(id=record.job, status="queued"))
        record.error = None
        exchange = Exchange(
            Request(prompt=record.prompt, model=record.model, kind=record.kind),
            endpoint,
            record=record,
            answer=answer,
            store=self.store,
            client=self.client,
            tell=lambda event: watch.event(0, event),
        )
        resumed = await self._see_through(exchange, exchange.collect(), 0, watch)
        self.history.show(resumed)
        watch.done(0, resumed)
        return Drawings([resumed])

    def _account(self, record: Record) -> None:
        price = self.settings.prices.get(record.model)
        if record.cost is None and price is not None and record.pictures and not record.embedded:
            record.cost = round(price * len(record.pictures), 6)
        if not record.embedded:
            self.billed += 1
            self.spent += record.cost or 0.0

    async def _suggest(self, error: RequestError, model: str, endpoint: Endpoint) -> None:
        """Add "did you mean" where the endpoint says which models it has."""
        with contextlib.suppress(NbextError, TimeoutError):
            served = [item.id for item in await asyncio.wait_for(self._listed(endpoint), 5)]
            from difflib import get_close_matches

            near = get_close_matches(model, served, n=3)
            if near and "Did you mean" not in error.remedy:
                error.remedy = f"Did you mean {', '.join(near)}? {error.remedy}".strip()

    # The endpoint

    @property
    def client(self) -> Client:
        """The connection, made when it is first needed."""
        if self._client is None:
            from nbext.transport.client import Client, Limits

            chosen = self.settings
            self._client = Client(
                Limits(
                    connect=chosen.connect_timeout,
                    silence=chosen.silence_timeout,
                    total=chosen.total_timeout,
                    picture_bytes=chosen.picture_bytes,
                    picture_pixels=chosen.picture_pixels,
                    redirects=chosen.redirects,
                )
            )
        return self._client

    async def endpoint(self, name: str = "") -> Endpoint:
        """Find the endpoint to use; the embedded one is started at its first use.

        Raises:
            SettingsError: There is no endpoint of this name, or its key is refused.
        """
        found = resolve_endpoint(name, settings=self.settings, folder=self.store.folder.parent)
        if not found.embedded:
            return found
        return await asyncio.to_thread(_embedded, len(self.history))

    async def _learn(self, asked: Request, endpoint: Endpoint) -> None:
        """Ask once, for free, what the endpoint says of a model that nobody has heard of."""
        if asked.via or is_known(asked.model) or endpoint.base_url in self._models:
            return
        if endpoint.base_url not in self._learning:
            asking = asyncio.ensure_future(self._listed(endpoint))
            # It may fail after nobody waits for it any more.
            asking.add_done_callback(lambda told: told.cancelled() or told.exception())
            self._learning[endpoint.base_url] = asking
        with contextlib.suppress(NbextError, TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._learning[endpoint.base_url]), 3)

    def wire_for(self, model: str, kind: str, endpoint: Endpoint) -> str:
        """Choose the wire format of a model: the user's table, the endpoint's word, its family."""
        listed = {item.id: item for item in self._models.get(endpoint.base_url, [])}
        supported = listed[model].types if model in listed else ()
        return choose(model, kind=kind, supported=supported, table=self.settings.wires)

    def call(self, asked: Request, endpoint: Endpoint) -> tuple[str, events.Call]:
        """Write a request in its wire format.

        Returns:
            The wire format's name, and the call.

        Raises:
            OptionError: There is no such wire format, or it has no place for what was asked.
        """
        name = asked.via or self.wire_for(asked.model, asked.kind, endpoint)
        return name, wire(name).encode(asked)

    async def dry_run(self, asked: Request, *, takes: int = 1) -> str:
        """Say what would be sent, without keys and with pictures cut short; nothing is sent."""
        endpoint = find_endpoint(
            asked.endpoint, settings=self.settings, folder=self.store.folder.parent
        ).endpoint
        name, call = self.call(asked, endpoint)
        where = endpoint.url(call.path, call.version) if endpoint.base_url else f"…/{call.path}"
        sent = call.body if call.body is not None else call.form
        body = msgspec.json.format(msgspec.json.encode(_short(sent)), indent=2).decode()
        lines = [f"{call.method} {where}", "Authorization: Bearer ***", "", body]
        lines += [f"+ {f.field}: {f.filename}, {len(f.data):,} bytes" for f in call.files]
        price = self.settings.prices.get(asked.model)
        cost = f", about {price * takes:g} USD" if price is not None else ""
        times = "once" if takes == 1 else f"{takes} times"
        lines.append(f"\n{endpoint.name}, wire format {name}, {times}{cost}. Nothing was sent.")
        return "\n".join(lines)

    def code(self, record: Record, language: str) -> str:
        """Write a recorded request as code, the key left out; nothing is sent.

        Raises:
            OptionError: There is no such language.
        """
        from nbext import as_code

        before = next((known for known in self.history if known.id == record.continues), None)
        turns = self._conversation(before) if before is not None else ()
        asked = as_code.request_of(record, self.store, conversation=turns)
        return as_code.code(self, asked, language, as_code.endpoint_of(self, record))[0]

    async def models(self, name: str = "") -> list[Model]:
        """List the endpoint's models, asked anew.

        Raises:
            RequestError: The endpoint does not say.
        """
        endpoint = await self.endpoint(name)
        self._models.pop(endpoint.base_url, None)
        return await self._listed(endpoint)

    async def _listed(self, endpoint: Endpoint) -> list[Model]:
        if endpoint.base_url not in self._models:
            from nbext.wire import models

            answer = await self.client.json(endpoint, models.listing())
            self._models[endpoint.base_url] = models.parse(answer)
        return self._models[endpoint.base_url]

    def known_models(self) -> list[str]:
        """Name the models that are known without asking: listed before, or drawn with."""
        listed = [item.id for models in self._models.values() for item in models]
        drawn = [record.model for record in self.store.records()]
        return list(dict.fromkeys([self.settings.model, *reversed(drawn), *listed]))


def gpt_model(model: str) -> str:
    """Read a GPT's address as the model that it is.

    Example:
        >>> gpt_model("https://chatgpt.com/g/g-bo0FiWLY7-researchgpt")
        'gpt-4-gizmo-g-bo0FiWLY7'
    """
    found = re.search(r"(?:chatgpt|chat\.openai)\.com/g/(g-[A-Za-z0-9]{6,32})", model)
    return f"gpt-4-gizmo-{found[1]}" if found else model


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


def _embedded(drawn: int) -> Endpoint:
    """Give the process's embedded endpoint, started when it is first asked for.

    Args:
        drawn: How many drawings there are, so that a kernel that is started anew draws new takes.
    """
    global _SERVER
    from nbext.data.endpoint import Endpoint, Secret

    if _SERVER is None:
        from nbext.embedded.server import Endpoint as Server

        _SERVER = Server(first_take=drawn)
        _SERVER.start()
    return Endpoint(
        name="embedded",
        base_url=_SERVER.base_url,
        key=Secret(_SERVER.key),
        embedded=True,
    )


_SERVER: Any = None


def _short(value: Any) -> Any:
    """Cut long texts, such as pictures in base64, for people to read."""
    if isinstance(value, str) and len(value) > 400:
        return f"{value[:60]}… ({len(value):,} characters)"
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_short(item) for item in value]
    return value


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _reference_info(item: Reference) -> ReferenceInfo:
    return ReferenceInfo(
        sha256=item.info.sha256,
        media_type=item.info.media_type,
        source=item.source,
        drawing=item.drawing,
    )


def _parents(asked: Request) -> list[str]:
    ids = [item.drawing for item in asked.references] + [asked.continues]
    return list(dict.fromkeys(id_ for id_ in ids if id_))


def _failure(error: NbextError) -> Failure:
    if isinstance(error, RequestError):
        return Failure(
            type=type(error).__name__,
            message=error.message,
            remedy=error.remedy,
            status_code=error.status_code,
            body=error.body,
            url=getattr(error, "url", ""),
            maybe_billed=error.maybe_billed,
        )
    return Failure(type=type(error).__name__, message=error.message, remedy=error.remedy)
