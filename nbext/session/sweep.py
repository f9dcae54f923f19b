"""Many requests as one: a grid of prompts, models and parameters, drawn as the endpoint allows."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from nbext.data.sweep import FINGERPRINT, SweepPlan
from nbext.drawings.drawing import Drawing, Drawings
from nbext.errors import NbextError
from nbext.messages.say import phrase
from nbext.session import batches
from nbext.session.estimate import estimate
from nbext.session.observer import NullObserver
from nbext.store.merge import note_of
from nbext.store.replay import Replay
from nbext.wire.batches import FACTOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Executor

    from nbext.config.settings import Nbext
    from nbext.data.cell import Cell
    from nbext.data.request import Request
    from nbext.drawings.history import History
    from nbext.session.estimate import Estimate
    from nbext.session.observer import Observer
    from nbext.session.session import Session
    from nbext.session.sweep_plan import Place, Plan


class Outcome(msgspec.Struct, kw_only=True):
    """What came of a place of a sweep.

    Attributes:
        labels: Its values in words, by axis.
        values: The same as they were given; empty where the sweep is read from the history.
        drawings: Its takes, also those that failed.
        error: Why it has none, or fewer; None where all is well.
    """

    labels: dict[str, str]
    values: dict[str, Any] = {}
    drawings: list[Drawing] = msgspec.field(default_factory=list)
    error: BaseException | None = None


class SweepResult(Protocol):
    """A sweep as votes and judges need it."""

    plan: SweepPlan
    outcomes: list[Outcome]

    @property
    def history(self) -> History:
        """The history that it is in."""

    @property
    def settings(self) -> Nbext:
        """The settings of its notebook."""

    @property
    def drawings(self) -> Drawings:
        """All drawings that came well, in order."""

    def rows(self) -> list[dict[str, Any]]:
        """Give a row for each drawing."""


def recorded_plan(plan: Plan, requests: Sequence[Request]) -> SweepPlan:
    """Write a plan down as the history holds it."""
    places: tuple[tuple[int, ...], ...] = ()
    if not plan.is_grid:
        at = {name: {label: i for i, label in enumerate(v)} for name, v in plan.axes.items()}
        places = tuple(
            tuple(at[name][place.labels[name]] for name in plan.axes) for place in plan.places
        )
    return SweepPlan(
        title=plan.title,
        axes=plan.axes,
        fingerprints=tuple(request.fingerprint()[:FINGERPRINT] for request in requests),
        takes=plan.takes,
        places=places,
    )


class _Counted(NullObserver):
    """Hands the takes of all places on under numbers of their own."""

    def __init__(self, observer: Observer, first: int, keeper: PlanKeeper) -> None:
        self._observer = observer
        self._first = first
        self._keeper = keeper

    def event(self, take: int, event: Any) -> None:
        """Hand an event on."""
        self._observer.event(self._first + take, event)

    def done(self, take: int, drawing: Any) -> None:
        """Hand a drawing on."""
        self._keeper.keep(drawing)
        self._observer.done(self._first + take, drawing)

    def notify(self, warnings: Sequence[str]) -> None:
        """Hand warnings on."""
        self._observer.notify(warnings)


class PlanKeeper:
    """Puts a plan into the history, once: as a note to the first of its drawings that is there.

    Args:
        session: The notebook at work.
        plan: The plan.
    """

    def __init__(self, session: Session, plan: SweepPlan) -> None:
        self._session = session
        self._plan = plan
        self._note: asyncio.Task[Any] | None = None
        self._stored = any(plan.key in record.changes for record in session.store.records())

    def keep(self, drawing: Drawing) -> None:
        """Put the plan at a drawing, unless it is in the history."""
        if self._stored or self._session.store.read_only:
            return
        self._stored = True
        plan = msgspec.to_builtins(self._plan)
        note = note_of(drawing.id, {self._plan.key: plan})
        self._note = asyncio.ensure_future(self._session.store.append_async(note))

    async def settle(self) -> None:
        """Wait until it is on disk."""
        if self._note is not None:
            await asyncio.shield(self._note)


async def run_sweep(
    session: Session,
    plan: Plan,
    requests: Sequence[Request],
    observer: Observer,
    *,
    record: SweepPlan,
    cell: Cell,
    yes: bool = False,
    executor: Executor | None = None,
) -> list[Outcome]:
    """Draw what of a sweep is not recorded.

    Args:
        session: The notebook at work.
        plan: What is asked.
        requests: The same, planned: one for each place.
        observer: Looks on; takes are numbered through the whole sweep.
        record: The plan as the history holds it.
        cell: The cell that asks.
        yes: Whether many requests are sent without a question.
        executor: Whose workers send and receive; this kernel alone writes the history.

    Returns:
        What came of each place, in order.

    Raises:
        OptionError: A place cannot be drawn; nothing is sent.
        BudgetError: It is more than the settings allow, or the user does not want it.
    """
    size = await estimate(session, plan, requests)
    session.notices.add(*size.warnings)
    if not size.is_free:
        await allow(session, size, yes=yes)
    keeper = PlanKeeper(session, record)
    outcomes = [Outcome(labels=place.labels, values=place.values) for place in plan.places]
    firsts = itertools.count(step=plan.takes)

    async def draw(outcome: Outcome, place: Place, request: Request, first: int) -> None:
        setting = session.settings.replay
        try:
            outcome.drawings = list(
                await session.make(
                    request,
                    takes=place.options.takes,
                    fresh=place.options.fresh,
                    cell=cell,
                    observer=_Counted(observer, first, keeper),
                    # What is recorded is not drawn again when a sweep goes on.
                    mode="" if place.options.fresh or setting == "only" else "always",
                    yes=True,
                    executor=executor,
                )
            )
        except NbextError as error:
            outcome.error = error
            came = getattr(error, "drawings", None) or [getattr(error, "drawing", None)]
            outcome.drawings = [drawing for drawing in came if drawing is not None]

    try:
        async with asyncio.TaskGroup() as group:
            for outcome, place, request in zip(outcomes, plan.places, requests, strict=True):
                group.create_task(draw(outcome, place, request, next(firsts)))
    finally:
        await keeper.settle()
    for drawing in takes_of(outcomes):
        session.history.show(drawing)
    return outcomes


async def run_batch(
    session: Session,
    plan: Plan,
    requests: Sequence[Request],
    observer: Observer,
    *,
    record: SweepPlan,
    cell: Cell,
    yes: bool = False,
) -> list[Outcome]:
    """Send what of a sweep is neither recorded nor under way as batches, at half price.

    What has come of earlier batches is brought in first.

    Returns:
        What is there of each place, in order; what is to come has a record of type ``sent``.

    Raises:
        OptionError: A place cannot be drawn by a batch; nothing is sent.
        BudgetError: It is more than the settings allow, or the user does not want it.
    """
    await batches.collect(session)
    coming = batches.under_way(session.store.records())
    size = await estimate(session, plan, requests, skipped=coming, factor=FACTOR)
    session.notices.add(*size.warnings)
    if not size.is_free:
        await allow(session, size, yes=yes)
    replay = Replay(session.store.is_whole)
    came: dict[tuple[int, int], Drawing] = {}
    missing: dict[tuple[int, int], batches.Wanted] = {}
    for at, (place, request) in enumerate(zip(plan.places, requests, strict=True)):
        embedded = await session.connection.is_embedded(request.endpoint)
        for take in range(plan.takes):
            id_ = coming.get(f"{request.fingerprint()}.{take}")
            match = replay.match(
                request,
                take,
                store=session.store,
                shown=session.history.shown_fingerprints,
                mode="never" if place.options.fresh else "always",
                cell=cell.id,
                session=session.id,
                embedded=embedded,
            )
            stored = session.store.record(id_) if id_ is not None else match.record
            if stored is not None:
                came[at, take] = Drawing(stored, session.history, replayed=id_ is None)
            else:
                missing[at, take] = batches.Wanted(request=request, take=take)
    if missing:
        sent = await batches.submit(session, list(missing.values()), cell)
        for where, stored in zip(missing, sent, strict=True):
            came[where] = Drawing(stored, session.history)
    keeper = PlanKeeper(session, record)
    outcomes = [Outcome(labels=place.labels, values=place.values) for place in plan.places]
    for (at, take), drawing in sorted(came.items()):
        outcomes[at].drawings.append(drawing)
        keeper.keep(drawing)
        if drawing.record.type != "sent":
            session.history.show(drawing)
            observer.done(at * plan.takes + take, drawing)
    await keeper.settle()
    pending = sum(drawing.record.type == "sent" for drawing in came.values())
    if pending:
        observer.notify([phrase("batch.pending", count=pending)])
    return outcomes


async def allow(session: Session, size: Estimate, *, yes: bool) -> None:
    """Check a whole sweep against the budget, and ask before it is sent.

    Raises:
        BudgetError: It is more than is left, or the user does not want it.
        OptionError: Nobody can be asked.
    """
    total = size.total
    one = msgspec.structs.replace(total, usd=total.usd / size.new) if total is not None else None
    for ticket in session.budget.reserve(size.new, one):
        session.budget.release(ticket)
    if not yes:
        await session.confirm(size.new, total, size.shown_host, seconds=size.seconds)


def takes_of(outcomes: Iterable[Outcome]) -> Drawings:
    """Give all drawings of outcomes, in order."""
    return Drawings(drawing for outcome in outcomes for drawing in outcome.drawings)
