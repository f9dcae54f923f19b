"""Draw a sweep: a grid of prompts, models and parameters."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from nbext.data.sweep import FINGERPRINT, SweepPlan
from nbext.drawings.drawing import Drawing, Drawings
from nbext.errors import BudgetError, NbextError, ReplayError, resource_error, unexpected
from nbext.messages.say import phrase
from nbext.session import batches
from nbext.session.batch_note import under_way
from nbext.session.budget import sent_so_far
from nbext.session.estimate import estimate
from nbext.session.observer import NullObserver
from nbext.store.merge import note_of
from nbext.store.replay import Replay
from nbext.wire.batches import FACTOR

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from concurrent.futures import Executor

    from nbext.config.settings import Nbext
    from nbext.data.cell import Cell
    from nbext.data.request import Request
    from nbext.drawings.history import History
    from nbext.session.budget import Limits
    from nbext.session.estimate import Estimate
    from nbext.session.observer import Observer
    from nbext.session.session import Session
    from nbext.session.sweep_plan import Plan


class Outcome(msgspec.Struct, kw_only=True):
    """The result at one place of a sweep.

    Attributes:
        labels: Its axis values as text.
        values: Its axis values as given; empty if the sweep is read from the history.
        drawings: Its takes, including failed ones.
        error: Why takes are missing; None if all succeeded.
    """

    labels: dict[str, str]
    values: dict[str, Any] = {}
    drawings: list[Drawing] = msgspec.field(default_factory=list)
    error: BaseException | None = None


class SweepResult(Protocol):
    """A sweep, as used by votes and judges."""

    plan: SweepPlan
    outcomes: list[Outcome]

    @property
    def history(self) -> History:
        """The history that contains it."""

    @property
    def settings(self) -> Nbext:
        """The notebook's settings."""

    @property
    def cell(self) -> str:
        """The id of the running cell, or an empty text."""

    @property
    def drawings(self) -> Drawings:
        """All successful drawings, in order."""

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each drawing."""


def recorded_plan(plan: Plan, requests: Sequence[Request]) -> SweepPlan:
    """Convert a plan to its recorded form."""
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
    """Renumbers the takes of each place within the whole sweep."""

    def __init__(self, observer: Observer, first: int, keeper: PlanKeeper) -> None:
        self._observer = observer
        self._first = first
        self._keeper = keeper

    def event(self, take: int, event: Any) -> None:
        """Pass on an event."""
        self._observer.event(self._first + take, event)

    def done(self, take: int, drawing: Any) -> None:
        """Pass on a drawing."""
        self._keeper.keep(drawing)
        self._observer.done(self._first + take, drawing)

    def notify(self, warnings: Sequence[str]) -> None:
        """Pass on warnings."""
        self._observer.notify(warnings)


class PlanKeeper:
    """Records a plan in the history, once, as a note on the first drawing that is stored.

    Args:
        session: The session.
        plan: The plan.
    """

    def __init__(self, session: Session, plan: SweepPlan) -> None:
        self._session = session
        self._plan = plan
        self._note: asyncio.Task[Any] | None = None
        self._stored = any(plan.key in record.changes for record in session.store.records())

    def keep(self, drawing: Drawing) -> None:
        """Add the plan to a drawing, unless the history has it."""
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
    """Draw the part of a sweep that is not recorded.

    Args:
        session: The session.
        plan: The sweep.
        requests: Its planned requests, one for each place.
        observer: Observes the takes, numbered within the whole sweep.
        record: The recorded form of the plan.
        cell: The cell that draws it.
        yes: Whether to send many requests without asking.
        executor: Its workers send the requests; only this kernel writes the history.

    Returns:
        The result of each place, in order.

    Raises:
        OptionError: A place cannot be drawn; nothing is sent.
        BudgetError: It exceeds the budget, or the user declined.
        ReplayError: Nothing may be sent, and a drawing is not recorded.
    """
    size: Estimate | None = None
    if session.settings.replay != "only":
        size = await estimate(session, plan, requests)
        session.notices.add(*size.warnings)
        if size.unanswered:
            observer.notify(size.unanswered)
        await allow(session, size, plan.limits, yes=yes)
    keeper = PlanKeeper(session, record)
    outcomes = [Outcome(labels=place.labels, values=place.values) for place in plan.places]

    async def draw(at: int) -> None:
        outcome, place, request = outcomes[at], plan.places[at], requests[at]
        setting = session.settings.replay
        try:
            outcome.drawings = list(
                await session.make(
                    request,
                    takes=place.options.takes,
                    fresh=place.options.fresh,
                    cell=cell,
                    observer=_Counted(observer, at * plan.takes, keeper),
                    # Recorded drawings are not drawn again when a sweep continues.
                    mode="" if place.options.fresh or setting == "only" else "always",
                    yes=True,
                    executor=executor,
                    quiet=True,
                )
            )
        except NbextError as error:
            outcome.error = error
            came = getattr(error, "drawings", None) or [getattr(error, "drawing", None)]
            outcome.drawings = [drawing for drawing in came if drawing is not None]
        except Exception as error:  # noqa: BLE001 -- the other places are paid for, and go on
            outcome.error = resource_error(error) or unexpected(error)
            outcome.error.__cause__ = error

    left = list(range(len(outcomes)))
    try:
        if size is not None and size.cost is None and _most_usd(session, plan):
            for at in await _learn_prices(size, requests, outcomes, draw):
                left.remove(at)
            spent = _cost_of(outcomes)
            size = await estimate(session, plan, requests)
            _refuse_unpriced(session, plan, size, spent=spent)
            await allow(session, size, plan.limits, yes=True, spent=spent)
        async with asyncio.TaskGroup() as group:
            for at in left:
                group.create_task(draw(at))
    finally:
        await keeper.settle()
    for drawing in takes_of(outcomes):
        session.history.show(drawing)
    _refuse_unrecorded(outcomes)
    return outcomes


def _refuse_unrecorded(outcomes: Sequence[Outcome]) -> None:
    """Raise the error of a place that must not be drawn anew, as a single drawing does.

    Raises:
        ReplayError: There is such a place.
    """
    errors = [o.error for o in outcomes if isinstance(o.error, ReplayError)]
    if not errors:
        return
    if len(outcomes) > 1:
        errors[0].message = phrase(
            "sweep.unrecorded",
            count=len(errors),
            places=len(outcomes),
            message=errors[0].message,
        )
    raise errors[0]


def _most_usd(session: Session, plan: Plan) -> float:
    """Return the lower of the limits in US dollars that apply to a sweep; 0 if there are none."""
    return min(filter(None, (plan.limits.max_cost, session.settings.max_cost)), default=0.0)


async def _learn_prices(
    size: Estimate,
    requests: Sequence[Request],
    outcomes: Sequence[Outcome],
    draw: Callable[[int], Coroutine[Any, Any, None]],
) -> list[int]:
    """Draw one place of each model without a price: the answer may say what it cost.

    Returns:
        The places that were drawn.
    """
    drawn = []
    for model in [model.model for model in size.models if model.cost is None]:
        for at, request in enumerate(requests):
            if request.model == model:
                await draw(at)
                drawn.append(at)
                if not all(drawing.replayed for drawing in outcomes[at].drawings):
                    break
    return drawn


def _refuse_unpriced(
    session: Session, plan: Plan, size: Estimate, *, spent: float | None = None
) -> None:
    """Stop before a limit in US dollars could be exceeded unseen.

    Args:
        session: The session.
        plan: The sweep.
        size: What would be sent.
        spent: What the sweep has cost so far; None if it has sent nothing.

    Raises:
        BudgetError: The price of a model is still unknown.
    """
    names = [model.model for model in size.models if model.cost is None and not model.is_free]
    most = _most_usd(session, plan)
    if not names or size.is_free or not most:
        return
    raise BudgetError(
        phrase(
            "sweep.no_price_no_limit",
            models=", ".join(names),
            most_usd=most,
            sent=sent_so_far(spent),
        ),
        remedy=phrase("sweep.set_price", prices=dict.fromkeys(names, 0.04)),
    )


def _cost_of(outcomes: Iterable[Outcome]) -> float | None:
    """Return the known cost of the new drawings in US dollars; None if nothing was sent."""
    new = [drawing for drawing in takes_of(outcomes) if not drawing.replayed]
    return sum(drawing.cost or 0.0 for drawing in new) if new else None


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
    """Send the part of a sweep that is neither recorded nor pending as batches, at half price.

    Results of earlier batches are collected first.

    Returns:
        The current result of each place, in order; pending drawings have a record of type ``sent``.

    Raises:
        OptionError: A place cannot be drawn by a batch; nothing is sent.
        BudgetError: It exceeds the budget, or the user declined.
        ReplayError: Nothing may be sent, and a drawing is not recorded.
    """
    if session.settings.replay == "only":
        # What is recorded needs no batch.
        return await run_sweep(session, plan, requests, observer, record=record, cell=cell)
    await batches.collect(session)
    coming = under_way(session.store.records())
    size = await estimate(session, plan, requests, skipped=coming, factor=FACTOR)
    session.notices.add(*size.warnings)
    if size.unanswered:
        observer.notify(size.unanswered)
    await allow(session, size, plan.limits, yes=yes)
    _refuse_unpriced(session, plan, size)
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
                shown=session.history.shown_requests,
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


async def allow(
    session: Session, size: Estimate, limits: Limits, *, yes: bool, spent: float | None = None
) -> None:
    """Check a whole sweep against its limits and the budget, and ask before it is sent.

    Args:
        session: The notebook at work.
        size: What would be sent.
        limits: The sweep's own.
        yes: Whether many requests are sent without a question.
        spent: What the sweep has cost so far, in US dollars; None if it has sent nothing.

    Raises:
        BudgetError: It exceeds the budget, or the user declined.
        OptionError: Nobody can be asked.
    """
    if size.is_free:
        return
    limits.refuse(size.new, size.cost or 0.0, spent)
    total = size.total
    one = msgspec.structs.replace(total, usd=total.usd / size.new) if total is not None else None
    for ticket in session.budget.reserve(size.new, one, sent=sent_so_far(spent)):
        session.budget.release(ticket)
    if not yes:
        await session.confirm(size.new, total, size.shown_host, seconds=size.seconds)


def takes_of(outcomes: Iterable[Outcome]) -> Drawings:
    """Return all drawings of outcomes, in order."""
    return Drawings(drawing for outcome in outcomes for drawing in outcome.drawings)
