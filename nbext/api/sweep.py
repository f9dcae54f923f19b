"""``nbext.sweep``: draws a grid of prompts, models and parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from nbext.api.sweep_result import Sweep
from nbext.data.sweep import SweepPlan, plans_of, records_of
from nbext.display.sweep_grid import hidden_layout, layout
from nbext.drawings.drawing import Drawing, Drawings
from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.session.ask import PendingReply
from nbext.session.batch_note import under_way
from nbext.session.current import current_session
from nbext.session.estimate import estimate
from nbext.session.observer import NullObserver
from nbext.session.sweep import Outcome, recorded_plan, run_batch, run_sweep, takes_of
from nbext.session.sweep_plan import plan_sweep
from nbext.util.public import with_own_errors
from nbext.wire.batches import FACTOR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from nbext.data.cell import Cell
    from nbext.data.options import Way
    from nbext.display.slider import Slider
    from nbext.session.estimate import Estimate
    from nbext.session.observer import Observer, View
    from nbext.session.session import Session
    from nbext.session.sweep_plan import Plan


@with_own_errors
def sweep(
    prompt: str | Sequence[str],
    *,
    table: object = None,
    n: int = 1,
    yes: bool = False,
    dry_run: bool = False,
    wait: bool = True,
    batch: bool = False,
    executor: Executor | None = None,
    fixed: Mapping[str, Any] | None = None,
    max_requests: int | None = None,
    max_cost: float | None = None,
    **axes: object,
) -> Any:
    """Draw a grid of requests. Recorded drawings are not drawn again.

    Args:
        prompt: The prompt, with ``{name}`` for each variable, or a list of prompts.
        table: Rows instead of a grid: a list of dicts, a pandas or polars data frame, or the path
            of a CSV file. A column that is neither a variable of the prompt nor an argument of
            ``nbext.draw`` only labels the drawings; ``param.NAME`` is sent as a field.
        n: The number of takes of each combination.
        yes: Send more than ``Nbext.confirm_above`` requests without asking first.
        dry_run: Return the number of requests, their cost and the expected time; send nothing.
        wait: Whether to wait for the drawings. If not, return at once.
        batch: Let the provider draw the grid within a day at half price, if it supports batches.
            ``%draws`` in any kernel shows the progress and collects the pictures.
        executor: A ``concurrent.futures.Executor``, such as Dask's. Its workers send the requests
            with the keys of their own environment.
        fixed: Arguments of ``nbext.draw`` that are the same for all drawings.
        max_requests: The number of requests that this sweep may send. Recorded drawings do not
            count. ``Nbext.max_requests`` applies as well.
        max_cost: What this sweep may cost, in US dollars. ``Nbext.max_cost`` applies as well. If
            the price of a model is unknown, one drawing is made first, to learn what it costs.
        **axes: Lists of values by name: variables of the prompt, ``model``, ``aspect``, ``size`` …,
            reference pictures as ``images``, or other fields of the request body.

    Returns:
        A ``Sweep``, or with ``dry_run`` an estimate.

    Raises:
        OptionError: An axis is empty, a variable of the prompt has no values, a row lacks a column,
            an axis is misspelled, or a model does not accept an option. Nothing was sent.
        BudgetError: The sweep would exceed one of its limits, ``Nbext.max_cost`` or
            ``Nbext.max_requests``.

    Example:
        >>> s = nbext.sweep("a {style} {animal}", style=["ink", "oil"], animal=["cat", "dog"])
        ... # doctest: +SKIP
        >>> s.to_frame().groupby("style").elapsed.mean()  # doctest: +SKIP
    """
    session = current_session()
    if batch and executor is not None:
        raise OptionError(phrase("batch.no_executor"))
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise OptionError(
            phrase("batch.bad_executor", executor=executor),
            remedy=phrase("batch.executors"),
        )
    plan = plan_sweep(
        prompt,
        table=table,
        takes=n,
        fixed=fixed,
        axes=axes,
        names=session.names,
        folder=session.beside,
        max_requests=max_requests,
        max_cost=max_cost,
    )
    if dry_run:
        return session.run(planned_estimate(session, plan, batch=batch))
    reply = start(session, plan, yes=yes, executor=executor, batch=batch)
    return reply.wait() if wait else reply.start()


@with_own_errors
def sweeps() -> list[Sweep]:
    """Return the sweeps in this notebook's history, including those of earlier kernels.

    Example:
        >>> nbext.sweeps()[-1].grid(rows="style")  # doctest: +SKIP
    """
    session = current_session()
    return [recorded(session, plan) for plan in plans_of(session.store.records())]


def recorded(session: Session, plan: SweepPlan) -> Sweep:
    """Read the results of a recorded sweep."""
    taken = records_of(plan, session.store.records())
    outcomes = []
    for name, labels in zip(plan.fingerprints, plan.labels(), strict=True):
        came = [taken.get((name, take)) for take in range(plan.takes)]
        drawings = [Drawing(record, session.history) for record in came if record is not None]
        outcomes.append(Outcome(labels=labels, drawings=drawings, error=_error_of(drawings)))
    return Sweep(session, plan, outcomes)


def _error_of(drawings: Sequence[Drawing]) -> OptionError | None:
    """Return an error that says why drawings failed, or None."""
    failure = next((d.error for d in drawings if d.error is not None), None)
    return OptionError(failure.message, remedy=failure.remedy) if failure is not None else None


async def planned_estimate(session: Session, plan: Plan, *, batch: bool = False) -> Estimate:
    """Count the recorded drawings of a plan and estimate the cost of the rest."""
    requests = [await session.plan(place.options) for place in plan.places]
    skipped = under_way(session.store.records())
    return await estimate(session, plan, requests, skipped=skipped, factor=FACTOR if batch else 1.0)


Comparison = Literal["", "slider", "blind"]


def start(
    session: Session,
    plan: Plan,
    *,
    yes: bool = False,
    name: str = "",
    executor: Executor | None = None,
    batch: bool = False,
    compare: Comparison = "",
    way: Way = "call",
) -> PendingReply:
    """Prepare a sweep. Nothing is sent until it is started or awaited.

    Args:
        session: The session of the notebook.
        plan: The requests of the sweep.
        yes: Whether to send many requests without asking.
        name: The variable to assign the sweep to.
        executor: The executor whose workers send the requests.
        batch: Whether to send the requests as a batch.
        compare: Show a slider for two of the pictures below them, or hide the models for a vote.
        way: How the sweep was written.
    """
    cell = session.cell()
    empty = SweepPlan(title=plan.title, axes=plan.axes, fingerprints=(), takes=plan.takes)
    result = Sweep(session, empty, [])

    def again(*, yes: bool) -> Sweep:
        reply = start(session, plan, yes=yes, name=name, executor=executor, batch=batch)
        sweep: Sweep = reply.wait()
        return sweep

    result.redo = again

    async def work(observer: Observer) -> Drawings:
        requests = [await session.plan(place.options) for place in plan.places]
        result.plan = recorded_plan(plan, requests)
        if batch:
            result.outcomes = await run_batch(
                session, plan, requests, observer, record=result.plan, cell=cell, yes=yes
            )
        else:
            result.outcomes = await run_sweep(
                session,
                plan,
                requests,
                observer,
                record=result.plan,
                cell=cell,
                yes=yes,
                executor=executor,
            )
        return takes_of(result.outcomes)

    delivery = _Delivery(session, result, name=name, cell=cell)
    view = _view(session, plan, result, compare)
    return PendingReply(
        session, work, view=view, delivery=delivery, name=name, title=plan.title, way=way
    )


def _view(session: Session, plan: Plan, result: Sweep, compare: Comparison) -> View:
    if session.shell is None:
        return NullObserver()
    from nbext.display.placeholder import sides
    from nbext.display.sweep_view import SweepView

    terminal = getattr(session.shell, "kernel", None) is None
    shapes = tuple(
        sides(place.options.aspect or place.options.size)
        for place in plan.places
        for _ in range(plan.takes)
    )
    grid = layout([place.labels for place in plan.places], plan.takes)
    if compare == "blind":
        grid = hidden_layout(len(plan.places), plan.takes)
    grid = msgspec.structs.replace(grid, shapes=shapes)
    cell = session.cell().id

    def slider() -> Slider:
        from nbext.display.slider import Slider
        from nbext.messages.say import language_of

        numbers = range(1, plan.takes + 1)
        names = [
            place.labels["model"] + (f" · {number}" if plan.takes > 1 else "")
            for place in plan.places
            for number in numbers
        ]
        language = language_of(session.settings.language, "")
        coming = [None] * plan.count
        return Slider(coming, names=names, language=language, cell=cell, shape=shapes[0])

    return SweepView(
        plan.title[:60],
        plan.count,
        session.settings,
        grid=grid,
        terminal=terminal,
        blind=(lambda place: result.blind().show(place)) if compare == "blind" else None,
        slider=slider if compare == "slider" else None,
    )


class _Delivery:
    """Delivers a finished sweep."""

    def __init__(self, session: Session, result: Sweep, *, name: str, cell: Cell) -> None:
        self._session = session
        self._result = result
        self._name = name
        self._cell = cell

    def result(self, drawings: Drawings, *, shown: bool) -> Sweep:
        """Return the sweep."""
        del drawings
        if shown:
            self._result.shown_in = self._cell.execution_count
        return self._result

    def deliver(self, drawings: Drawings) -> None:
        """Assign the sweep to its variable."""
        del drawings
        if self._name:
            names: Any = self._session.names
            names[self._name] = self._result
