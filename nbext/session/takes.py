"""The takes of one request: each is replayed, resumed or sent, all at the same time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from nbext.drawings.drawing import Drawing, Drawings
from nbext.errors import NbextError, OwnErrors, RequestError, resource_error
from nbext.messages.say import phrase
from nbext.session.budget import recorded_cost
from nbext.session.ending import see_through
from nbext.session.notices import resending_warnings
from nbext.session.resume import job_of, pick_up
from nbext.store import record_of
from nbext.store.merge import note_of
from nbext.store.slots import CELLS
from nbext.transport.limiter import Turn as Place
from nbext.wire import events

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from concurrent.futures import Executor

    from nbext.config.endpoints import ResolvedEndpoint
    from nbext.data.cell import Cell
    from nbext.data.endpoint import Endpoint
    from nbext.data.record import Draft, Record
    from nbext.data.request import Request
    from nbext.session.exchange import Exchange
    from nbext.session.observer import Observer
    from nbext.session.protocol import DrawSession
    from nbext.session.tools import ToolSet
    from nbext.session.turns import Turn
    from nbext.store.replay import Match

T = TypeVar("T")


@dataclass(kw_only=True, slots=True)
class Takes:
    """The takes of a request in progress.

    Attributes:
        session: Holds history, budget and connection.
        request: The request.
        mode: The replay mode.
        after: The number of a drawing to make another take of; 0 for none.
        cell: The requesting cell.
        observer: Observes the takes.
        tools: The functions that the model may call.
        executor: Its workers send the requests, None for this kernel.
        turn: Its turn among the requests of the cell; left when all takes have begun.
        to_begin: The number of takes that have not begun.
        resolved: Its endpoint, which may lack its key; None if there is none.
        embedded: Whether the embedded endpoint draws.
        endpoint: Where all takes are sent, once it is known.
        tickets: The budget reserved for it.
        in_turn: Held while a take gets its number.
        ended: The takes that have ended.
    """

    session: DrawSession
    request: Request
    mode: str
    after: int
    cell: Cell
    observer: Observer
    tools: ToolSet | None
    executor: Executor | None
    turn: Turn | None
    to_begin: int
    resolved: ResolvedEndpoint | None = None
    embedded: bool = False
    endpoint: Endpoint | None = None
    tickets: list[int] = field(default_factory=list)
    in_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    ended: dict[int, Drawing] = field(default_factory=dict)

    async def make(self, *, yes: bool, quiet: bool) -> Drawings:
        """Replay or send all takes; see ``Session.make``.

        Args:
            yes: Whether to send many requests without asking.
            quiet: Whether not to say which requests without an answer are sent again.
        """
        session, name = self.session, self.request.endpoint
        with OwnErrors(unsent=True):
            # What was asked before is sent while this is looked up.
            await session.connection.steps.turn()
            # A replay needs no working endpoint.
            self.resolved = await session.connection.look_up(name)
            self.embedded = self.resolved is not None and self.resolved.endpoint.embedded
            if self.turn is not None:
                await self.turn.come()
            # In the order of the requests, not of their completion.
            place = session.history.take_place()
            matches = [self._match(take) for take in range(self.to_begin)]
            if any(match.record is not None for match in matches):
                session.list_history()
            await self._allow([match for match in matches if match.record is None], yes=yes)
            if self.turn is not None and any(match.record is None for match in matches):
                self.turn.reserve()
        try:
            jobs = [await job_of(session, match.unfinished, name) for match in matches]
            # Shown at once, so that the user can still stop a second payment.
            anew = [m for m, job in zip(matches, jobs, strict=True) if m.reason and job is None]
            if anew and not quiet:
                self.observer.notify(resending_warnings(anew))
            work = zip(matches, jobs, strict=True)
            results = await _all([self._take(n, m, job) for n, (m, job) in enumerate(work)])
        finally:
            self._release()
            # The last take counts as shown last, whichever arrived last, so that ``@-1`` means the
            # same when the notebook is run again.
            for take in sorted(self.ended):
                session.history.show(self.ended[take], place)
        return _checked(results)

    def _match(self, take: int) -> Match:
        """Find the recorded drawing of a take."""
        session = self.session
        return session.replay.match(
            self.request,
            take,
            store=session.store,
            shown=session.history.shown_requests,
            mode=self.mode,
            cell=self.cell.id,
            execution=self.cell.execution_count,
            session=session.id,
            embedded=self.embedded,
            after=self.after,
        )

    async def _allow(self, new: list[Match], *, yes: bool) -> None:
        """Ask before many requests are sent, and reserve them in the budget.

        Raises:
            BudgetError: They exceed the budget, or the user declined.
            OptionError: Nobody can be asked.
        """
        if self.embedded or not new:
            return
        session = self.session
        endpoint = self.endpoint = await self._endpoint()
        if endpoint.embedded:
            return
        if session.unnamed:
            self.observer.notify([session.unnamed])
            session.unnamed = ""
        cost = session.connection.cost(self.request, endpoint)
        if cost is None and session.settings.max_cost:
            cost = recorded_cost(session.store.records(), self.request.model, endpoint.host)
        self.tickets += session.budget.reserve(len(new), cost)
        try:
            if not yes:
                total = cost.times(len(new)) if cost is not None else None
                await session.confirm(len(new), total, endpoint.host)
        except BaseException:
            self._release()
            raise

    def _release(self) -> None:
        """Release the budget that was reserved and not spent."""
        for ticket in self.tickets:
            self.session.budget.release(ticket)

    async def _endpoint(self) -> Endpoint:
        """Return the request's endpoint, with its key."""
        session, name = self.session, self.request.endpoint
        drawn = session.history.__len__
        return await session.connection.endpoint(name, drawn=drawn, resolved=self.resolved)

    async def _take(self, take: int, match: Match, job: Record | None) -> Drawing:
        """Replay a take, resume its job, or send it."""
        session = self.session
        if match.record is not None:
            session.notices.add(*([match.note] if match.note else []))
            drawing = Drawing(match.record, session.history, replayed=True, earlier=match.earlier)
        elif job is not None:
            self._begun()
            drawing = await pick_up(session, job, take, self.observer)
        else:
            drawing = await self._new(take, match)
        self.ended[take] = drawing
        self.observer.done(take, drawing)
        if match.record is not None:
            self._begun()
        return drawing

    def _begun(self) -> None:
        """Note that a take has its number; the next request follows when all takes have theirs."""
        self.to_begin -= 1
        if self.turn is not None and self.to_begin <= 0:
            self.turn.reserve()
            self.turn.leave()

    async def _new(self, take: int, match: Match) -> Drawing:
        """Send a take and record the result, whatever it is."""
        session = self.session
        if self.executor is None:
            with session.store.at_work(), OwnErrors(unsent=True):
                exchange, call = await self._begin(take, match)
            return await see_through(session, exchange, exchange.run(call), take, self.observer)
        from nbext.session.remote import send_elsewhere, slot

        async with slot(self.executor, session.settings):
            with OwnErrors(unsent=True):
                exchange, call = await self._begin(take, match)
            work = send_elsewhere(exchange, call, self.executor)
            return await see_through(session, exchange, work, take, self.observer)

    async def _begin(self, take: int, match: Match) -> tuple[Exchange, events.Call]:
        """Record a take as sent."""
        # Here, like what else only a request needs: a panel, or a replay, comes without.
        from nbext.session.accumulator import ResponseAccumulator
        from nbext.session.exchange import Exchange

        session, request, observer = self.session, self.request, self.observer
        connection, store = session.connection, session.store
        # Takes get their numbers in order.
        async with self.in_turn:
            # First: whatever comes of the new drawing, the others go on showing what they show.
            for slot_ in match.others:
                await store.append_async(note_of(slot_.drawing, {CELLS: slot_.cells}))
            endpoint = self.endpoint or await self._endpoint()
            await connection.learn(request, endpoint)
            connection.refuse_unlisted(request, endpoint, store.records)
            outgoing = await connection.as_job(request, endpoint, store.records)
            format_name, call = connection.call(outgoing, endpoint)
            warnings = connection.warnings(outgoing, endpoint, format_name)
            if outgoing is not request:
                names = {"model": request.model, "variant": outgoing.model}
                warnings.append(phrase("session.async_variant", host=endpoint.host, **names))
            record = record_of.sent_record(request, call, endpoint, wire=format_name)
            record.session, record.take, record.repeat = session.id, take, match.repeat
            record.cell, record.execution_count = self.cell.id, self.cell.execution_count
            record.warnings = tuple(warnings if take == 0 else [])
            place = Place(holds=True)
            admitted = connection.client.admit_now(endpoint, place)
            record.waiting = not (admitted or endpoint.embedded)
            try:
                record = await store.begin_async(record, in_line=self._begun)
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
            store=store,
            client=connection.client,
            tell=lambda event: observer.event(take, event),
            tools=self.tools,
            turn=place,
        )
        return exchange, call

    async def _give_up(self, record: Draft, error: BaseException) -> None:
        """Record that a drawing which has its number was never sent."""
        if record.type == "sent" and isinstance(error, Exception):
            problem = resource_error(error, unsent=True) or NbextError(str(error))
            record.type, record.waiting = "drawing", False
            record.finished, record.error = record_of.now(), record_of.failure_of(problem)
            await self.session.store.append_async(record)


def _checked(results: Sequence[Drawing | BaseException]) -> Drawings:
    """Return the takes.

    Raises:
        RequestError: At least one failed; ``.drawings`` are all.
    """
    failures = [result for result in results if isinstance(result, BaseException)]
    if not failures:
        return Drawings([drawing for drawing in results if isinstance(drawing, Drawing)])
    error = failures[0]
    if isinstance(error, RequestError) and len(results) > 1:
        came = [r if isinstance(r, Drawing) else getattr(r, "drawing", None) for r in results]
        error.drawings = Drawings(drawing for drawing in came if drawing is not None)
        error.message = phrase(
            "session.takes_failed",
            count=len(failures),
            takes=len(results),
            message=error.message,
        )
    raise error


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
