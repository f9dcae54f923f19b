"""The one way to send a request, with the same progress, caption, warnings and interrupt for all.

Cells, Python functions, ``drawing.edit()``, the panel and sweeps all pass ``Options`` to ``ask``,
which returns a ``PendingReply`` to wait for, to await, or to leave in the background.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError as FutureCancelled
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from nbext.display.remedy import for_call
from nbext.errors import NbextError, OptionError, OwnErrors, resource_error
from nbext.messages.say import phrase
from nbext.session.notices import warnings_of
from nbext.session.observer import NullObserver, shorten
from nbext.session.structured_output import ResponseSchema
from nbext.session.tools import ToolSet
from nbext.session.turns import turns
from nbext.session.validation import checked_takes
from nbext.session.waiting import awake
from nbext.store.writer import Wakes
from nbext.util.fork import register_fork_handler
from nbext.util.threads import call_into

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Generator

    from nbext.data.cell import Cell
    from nbext.data.options import Options, Way
    from nbext.data.record import Kind
    from nbext.data.request import Request
    from nbext.display.item import Item
    from nbext.drawings.drawing import Drawings
    from nbext.session.observer import Observer, View
    from nbext.session.protocol import Asker
    from nbext.session.turns import Turn
    from nbext.wire.events import Event

    Work = Callable[[Observer], Coroutine[Any, Any, Drawings]]

T = TypeVar("T")
# Hundreds of requests may end at once.
_wakes = Wakes()
register_fork_handler(_wakes)


def ask(
    session: Asker,
    options: Options,
    *,
    request: Request | None = None,
    view: View | None = None,
    name: str = "",
    save: str = "",
    turn: Turn | None = None,
) -> PendingReply:
    """Prepare to replay or send a request; nothing is sent until the reply is waited for.

    Args:
        session: The session.
        options: The options of the request.
        request: The request, if the options were planned before.
        view: Shows progress and result; by default the session's own.
        name: The variable of the notebook to bind the result to.
        save: The file to write the result to.
        turn: The request's turn, if the caller waits for the reply in any case; by default the
            next one when the reply is waited for.

    Raises:
        OptionError: The schema or a tool is invalid, or there are too many takes.
    """
    tools = None
    if any(map(callable, options.tools)):
        run = session.runner.run_in_caller_thread
        tools = ToolSet(options.tools, run=run, yes=options.yes, rounds=options.rounds)
    # Looked up here: on the loop's thread nobody knows which cell is running.
    cell = session.cell()
    own = (session.id, cell)
    if turn is not None:
        turn.enter(own)

    async def work(observer: Observer) -> Drawings:
        place = turn or turns.take(own)
        place.enter(own, reserve=getattr(observer, "reserve", None))
        try:
            with OwnErrors(unsent=True):
                planned = request or await session.plan(options, cell)
            return await session.make(
                planned,
                takes=options.takes,
                fresh=options.fresh,
                cell=cell,
                observer=observer,
                tools=tools,
                after=options.after,
                yes=options.yes,
                turn=place,
            )
        finally:
            place.leave()

    return pending(session, options, work, cell=cell, view=view, name=name, save=save)


def pending(
    session: Asker,
    options: Options,
    work: Work,
    *,
    cell: Cell | None = None,
    view: View | None = None,
    name: str = "",
    save: str = "",
) -> PendingReply:
    """Create a reply from the work that produces it; see ``ask`` for the rest.

    Args:
        session: The session.
        options: The options of the request.
        work: Does the work, with an observer of its events.
        cell: The requesting cell; by default the running one.
        view: Shows progress and result.
        name: The variable to bind the result to.
        save: The file to write the result to.
    """
    checked_takes(options.takes)
    shape = ResponseSchema(options.schema) if options.schema is not None else None
    delivery = Delivery(
        session, options.kind, cell=cell or session.cell(), shape=shape, name=name, save=save
    )
    model = options.model or session.model_of(options)
    return PendingReply(
        session,
        work,
        view=view or session.view(options),
        delivery=delivery,
        name=name,
        title=f"{model} · {' '.join(options.prompt.split())[:60]}",
        way=options.way,
    )


class Delivery:
    """Delivers a result: to the caller, to a variable, to a file.

    Args:
        session: Holds the notebook's variables.
        kind: The kind of request.
        cell: The requesting cell, in which a result is not shown twice.
        shape: The type to parse a text answer as.
        name: The variable, or "".
        save: The file, or "".
    """

    def __init__(
        self,
        session: Asker,
        kind: Kind,
        *,
        cell: Cell,
        shape: ResponseSchema | None = None,
        name: str = "",
        save: str = "",
    ) -> None:
        self.session = session
        self.kind = kind
        self.cell = cell
        self.shape = shape
        self.name = name
        self.save = save

    def result(self, drawings: Drawings, *, shown: bool) -> Any:
        """Return the result for the takes.

        Args:
            drawings: The takes.
            shown: Whether they are already shown below the cell.
        """
        if self.shape is not None:
            return self.shape.read(drawings[0].text)
        if not shown:
            return drawings[0] if len(drawings) == 1 else drawings
        from nbext.drawings.shown import mark_displayed

        return mark_displayed(drawings, self.cell.execution_count)

    def deliver(self, drawings: Drawings) -> None:
        """Bind and save the takes."""
        if self.name:
            names: Any = self.session.names
            names[self.name] = self.result(drawings, shown=False)
        if not self.save:
            return
        path = self.session.beside / Path(self.save).expanduser()
        if self.kind in ("draw", "video"):
            drawings.save_takes(path)
        else:
            drawings[0].save_reply(path)


class Deliverer(Protocol):
    """Creates and delivers the result of a reply."""

    def result(self, drawings: Drawings, *, shown: bool) -> Any:
        """Return the result; ``shown`` if it is already shown below the cell."""

    def deliver(self, drawings: Drawings) -> None:
        """Bind and save it."""


class PendingReply:
    """A request in progress: wait for it, await it, iterate over its events, or cancel it.

    It is sent once: waiting again, or awaiting after the last event, returns the same reply.

    Args:
        session: The session.
        work: Does the work, with an observer of its events.
        view: Shows progress and result.
        delivery: Creates the result.
        name: The variable to bind the result to.
        title: A description in one line.
        way: How the request was written: warnings and remedies are said likewise.

    Attributes:
        in_background: Whether the requesting cell has continued without it.
    """

    def __init__(
        self,
        session: Asker,
        work: Work,
        *,
        view: View,
        delivery: Deliverer,
        name: str = "",
        title: str = "",
        way: Way = "call",
    ) -> None:
        self.name = name
        self.title = title
        self.way = way
        self.in_background = False
        self._session = session
        self._work = work
        self._view = view
        self._delivery = delivery
        self._future: Future[Drawings] | None = None
        self._ended: list[Item] = []
        self._sent: Future[None] = Future()
        self._cancelled = False
        self._settled = threading.Lock()
        self._delivered = False
        # Why its end could not be shown.
        self._problem: BaseException | None = None

    # Waiting

    def wait(self) -> Any:
        """Wait for the reply.

        Raises:
            RequestError: The endpoint refused or failed.
            KeyboardInterrupt: The user stopped the cell; the request has been cancelled.
        """
        try:
            if self._future is not None:
                drawings = self._session.run(_awaited(self._future))
            else:
                # Not with start(): tools must run in the waiting thread.
                self._future = Future()
                call_into(lambda: self._session.run(self._working(self._observer())), self._future)
                drawings = self._future.result()
        except FutureCancelled:
            raise self._dropped() from None
        except BaseException as error:
            self._cancelled = self._cancelled or isinstance(error, KeyboardInterrupt)
            shorten(error, self._ended)
            self._failed(error, raised=True)
            raise
        return self._finished(drawings)

    def start(self) -> PendingReply:
        """Send it without waiting; the result appears in the place reserved for it."""
        if self._future is None:
            self._view.reserve()
            self._future = self._session.runner.submit(
                self._working(self._observer()), self._has_ended
            )
            self._future.add_done_callback(self._in_background)
        return self

    def start_unless_recorded(self) -> PendingReply:
        """Send it without waiting; a recorded result is shown before this returns."""
        self.in_background = True
        self.start()
        self._session.run(_awaited(self._sent))
        return self

    async def ended(self) -> None:
        """Wait until it has ended, successfully or not, and its variable is bound."""
        if self._future is not None:
            # The wait may be interrupted; the request continues.
            for future in (await asyncio.wait([asyncio.wrap_future(self._future)]))[0]:
                _ = future.cancelled() or future.exception()

    def cancel(self) -> None:
        """Cancel the request; its possible cost is in the history."""
        self._cancelled = True
        if self._future is not None:
            self._future.cancel()
            _wakes.wake([self._future])

    def done(self) -> bool:
        """Return whether it has ended."""
        return self._future is not None and self._future.done()

    def __await__(self) -> Generator[Any, None, Any]:
        return self._awaited().__await__()

    async def _awaited(self) -> Any:
        if self._future is None:
            # Several may be awaited at once: their outputs keep the order of the requests.
            observer = _Placing(self._view, self._ended, self._sent)
            self._future = self._session.runner.submit(
                self._working(observer), lambda future: _wakes.wake([future])
            )
        future = self._future
        try:
            with awake():
                drawings = await _wakes.wait_for(future)
        except asyncio.CancelledError as error:
            if self._cancelled:
                raise self._dropped() from None
            future.cancel()
            self._failed(error, raised=True)
            raise
        except BaseException as error:
            shorten(error, self._ended)
            self._failed(error, raised=True)
            raise
        return self._finished(drawings)

    async def __aiter__(self) -> AsyncIterator[Event]:
        if self._future is not None:
            raise OptionError(phrase("session.awaited_twice"), remedy=phrase("session.achat_again"))
        # A caller that iterates shows the events itself.
        self._view = NullObserver()
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        listener = _Listener(
            self._ended, lambda event: loop.call_soon_threadsafe(queue.put_nowait, event)
        )
        self._future = self._session.runner.submit(
            self._working(listener), lambda _: listener.tell(None)
        )
        try:
            with awake():
                while (event := await queue.get()) is not None:
                    yield event
                await asyncio.wrap_future(self._future)
        finally:
            self._future.cancel()
            self._warn()

    # Ending

    async def _working(self, observer: Observer) -> Drawings:
        """Do the work, listed among the running requests."""
        number = self._session.begin(self)
        try:
            return await self._work(observer)
        finally:
            self._session.end(number)

    def _observer(self) -> Observer:
        # Requests from several threads at once keep their order, too.
        among = threading.current_thread() is not threading.main_thread()
        return (_Placing if among else _Noting)(self._view, self._ended, self._sent)

    def _finished(self, drawings: Drawings) -> Any:
        """Show and deliver the takes, once, and return the result."""
        if self._is_first():
            self._view.finish(drawings)
            self._warn()
            self._delivery.deliver(drawings)
        return self._delivery.result(drawings, shown=not isinstance(self._view, NullObserver))

    def _failed(self, error: BaseException, *, raised: bool) -> None:
        """Show the error, once."""
        if self._is_first():
            if isinstance(error, NbextError):
                error.remedy = self._in_its_words(error.remedy)
            self._view.fail(error, raised=raised)
            self._warn()

    def _dropped(self) -> NbextError:
        """Show that it was cancelled, and return the error for it."""
        error = NbextError(phrase("session.cancelled"), remedy=phrase("session.cancelled_cost"))
        self._failed(error, raised=True)
        return error

    def _in_background(self, future: Future[Drawings]) -> None:
        """Show the result of a request that nothing waits for.

        If that fails, ``_has_ended`` calls it again, to show why.
        """
        error = self._problem
        if error is None:
            error = FutureCancelled() if future.cancelled() else future.exception()
        try:
            if error is None:
                self._finished(future.result())
            else:
                self._failed(error, raised=False)
        except NbextError as problem:
            self._view.notify([str(problem)])
        except Exception as problem:  # noqa: BLE001 -- shown, where nobody would catch it
            self._problem, self._delivered = resource_error(problem) or problem, False

    def _has_ended(self, future: Future[Drawings]) -> None:
        """Make sure that the end of a request is shown that nothing waits for.

        A callback may fail for want of memory. Then the view would show for ever that it is drawn.
        """
        try:
            self._in_background(future)
            if self._problem is not None and not self._delivered:
                self._in_background(future)
        finally:
            _settle(self._sent)
            _wakes.wake([future])

    def _is_first(self) -> bool:
        """Return whether its end is shown for the first time."""
        with self._settled:
            first, self._delivered = not self._delivered, True
        return first

    def _warn(self) -> None:
        own = warnings_of(item.record for item in self._ended)
        if warnings := dict.fromkeys([*own, *self._session.new_warnings()]):
            self._view.notify(list(dict.fromkeys(map(self._in_its_words, warnings))))

    def _in_its_words(self, text: str) -> str:
        """Say a warning or remedy, which is written for cells, as the request was written."""
        return for_call(text) if self.way == "call" else text


class _Noting:
    """Passes events on, and notes when a take is sent and when it ends."""

    def __init__(self, view: View, ended: list[Item], sent: Future[None]) -> None:
        self.notify = view.notify
        self._view = view
        self._ended = ended
        self._sent = sent
        self._has_begun = False

    def event(self, take: int, event: Event) -> None:
        """Note that the take is running, and pass the event on."""
        self._view.event(take, event)
        if not self._has_begun:
            self._has_begun = True
            _settle(self._sent)

    def done(self, take: int, drawing: Item) -> None:
        """Note the take and pass it on."""
        self._ended.append(drawing)
        self._view.done(take, drawing)


class _Placing(_Noting):
    """Reserves the place of the output when the request's turn comes."""

    def __init__(self, view: View, ended: list[Item], sent: Future[None]) -> None:
        super().__init__(view, ended, sent)
        self.reserve = view.reserve


class _Listener(NullObserver):
    """Passes events on, and notes the takes that have ended."""

    def __init__(self, ended: list[Item], tell: Callable[[Any], object]) -> None:
        self.tell = tell
        self._ended = ended

    def done(self, take: int, drawing: Item) -> None:
        """Note a take."""
        del take
        self._ended.append(drawing)

    def event(self, take: int, event: Event) -> None:
        """Pass it on."""
        del take
        self.tell(event)


def _settle(future: Future[None]) -> None:
    """Resume the waiters of a future."""
    if not future.done():
        future.set_result(None)


async def _awaited(future: Future[T]) -> T:
    return await asyncio.wrap_future(future)
