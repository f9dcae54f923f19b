"""Many requests as one: a grid of prompts, models and parameters, drawn as the endpoint allows."""

from __future__ import annotations

import asyncio
import csv
import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.options import Options
from nbext.drawings.drawing import Drawing, Drawings
from nbext.errors import NbextError, OptionError
from nbext.session.observer import NullObserver
from nbext.session.validation import KNOWN, checked_takes, options_of_fields
from nbext.store.replay import Replay
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from nbext.data.request import Request
    from nbext.families.prices import Cost
    from nbext.session.observer import Cell, Observer
    from nbext.session.session import Session

# More is a slip of the hand.
MOST_POINTS = 10_000
_FIELD = re.compile(r"\{([^\W\d]\w*)\}")
# Options that are lists themselves, or that no axis can be.
_NO_AXIS = ("n", "yes", "fresh", "params", "after")


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One place of a sweep.

    Attributes:
        place: Its value on each axis, as it was given.
        options: What is asked there.
    """

    place: dict[str, Any]
    options: Options


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep asks.

    Attributes:
        axes: Names and values of the axes, in order.
        points: All places of the grid.
    """

    axes: dict[str, tuple[Any, ...]]
    points: tuple[Point, ...]

    @property
    def count(self) -> int:
        """How many drawings it has."""
        return sum(point.options.takes for point in self.points)


def plan_sweep(
    prompt: str,
    *,
    table: object = None,
    takes: int = 1,
    fixed: Mapping[str, Any] | None = None,
    axes: Mapping[str, object],
) -> Plan:
    """Make the plan of a sweep; nothing is sent or read.

    Args:
        prompt: The prompt; ``{name}`` takes the value of an axis.
        table: Rows in place of a grid: dicts, a data frame, or the path of a CSV file.
        takes: How many drawings of each place.
        fixed: Arguments of ``nbext.draw`` that are the same for all.
        axes: Values by name: variables of the prompt, arguments of ``nbext.draw``, or any other
            fields of the body.

    Raises:
        OptionError: An axis is empty, a variable has none, or there are too many places.
    """
    takes = checked_takes(takes)
    grid = {name: _axis(name, values) for name, values in axes.items()}
    rows = _rows(table) if table is not None else [{}]
    for name in (n for n in _FIELD.findall(prompt) if rows == [{}] or n not in rows[0]):
        if name not in grid:
            raise OptionError(
                f"{{{name}}} in the prompt has no values.",
                remedy=did_you_mean(name, grid, n=1) or f'Give them: {name}=["…", "…"]',
            )
    count = math.prod(map(len, grid.values())) * len(rows)
    if count * takes > MOST_POINTS:
        raise OptionError(
            f"The sweep has {count * takes:,} drawings; at most {MOST_POINTS:,} are drawn at once."
        )
    points = []
    for row in rows:
        for combination in itertools.product(*grid.values()):
            values = row | dict(zip(grid, combination, strict=True))
            points.append(Point(place=values, options=_options(prompt, values, takes, fixed or {})))
    names = dict.fromkeys([*(rows[0] if rows else ()), *grid])
    return Plan(
        axes={name: _distinct(point.place[name] for point in points) for name in names},
        points=tuple(points),
    )


def _axis(name: str, values: object) -> tuple[Any, ...]:
    if name in _NO_AXIS:
        raise OptionError(f"{name} is no axis of a sweep.")
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        values = [values]
    result = tuple(values)
    if not result:
        raise OptionError(f"The axis {name} is empty.", remedy=f'Give values: {name}=["…"]')
    for value in result:
        _refuse_nan(name, value)
    return result


def _refuse_nan(name: str, value: object) -> None:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        raise OptionError(f"{name} has a value that is missing or no number: {value!r}.")


def _rows(table: object) -> list[dict[str, Any]]:
    """Read rows from dicts, a data frame of pandas or polars, or a CSV file."""
    rows: Any
    if isinstance(table, str | Path):
        try:
            with Path(table).expanduser().open(newline="", encoding="utf-8-sig") as file:
                rows = list(csv.DictReader(file))
        except OSError as error:
            raise OptionError(f"{table} cannot be read: {error.strerror or error}.") from None
    elif hasattr(table, "to_dicts"):
        rows = table.to_dicts()
    elif hasattr(table, "to_dict") and hasattr(table, "columns"):
        rows = table.to_dict("records")
    else:
        rows = table
    if not isinstance(rows, Sequence) or not all(isinstance(row, Mapping) for row in rows):
        raise OptionError("A table is a list of dicts, a data frame, or the path of a CSV file.")
    if not rows:
        raise OptionError("The table has no rows.")
    names = set(rows[0])
    for number, row in enumerate(rows, start=1):
        if set(row) != names:
            lacks = ", ".join(map(str, names.symmetric_difference(row)))
            raise OptionError(f"Row {number} of the table differs from the first in: {lacks}.")
        for name, value in row.items():
            _refuse_nan(f"Row {number}: {name}", value)
    return [{str(name): value for name, value in row.items()} for row in rows]


def _distinct(values: Iterable[Any]) -> tuple[Any, ...]:
    seen: dict[str, Any] = {}
    for value in values:
        seen.setdefault(repr(value), value)
    return tuple(seen.values())


def _options(
    prompt: str, values: Mapping[str, Any], takes: int, fixed: Mapping[str, Any]
) -> Options:
    """Make the options of a place."""
    variables = set(_FIELD.findall(prompt))
    known = set(KNOWN["draw"]) - set(_NO_AXIS)
    fields = dict(fixed) | {
        name: value for name, value in values.items() if name in known and name not in variables
    }
    text = str(fields.pop("prompt", values.get("prompt", prompt)))
    text = _FIELD.sub(lambda match: str(values.get(match[1], match[0])), text)
    extra = {
        name: value
        for name, value in values.items()
        if name not in variables and name not in known and name != "prompt"
    }
    fields["params"] = dict(fields.get("params") or {}) | extra
    return options_of_fields("sweep", "draw", text, fields | {"n": takes})


class Outcome(msgspec.Struct, kw_only=True):
    """What came of a place of a sweep.

    Attributes:
        point: The place.
        drawings: Its takes, also those that failed.
        error: Why it has none, or fewer; None where all is well.
    """

    point: Point
    drawings: list[Drawing] = msgspec.field(default_factory=list)
    error: BaseException | None = None


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep would send.

    Attributes:
        drawings: How many there are in all.
        new: How many of them are not recorded.
        cost: Of the new ones in US dollars, None where a price is not known.
        host: Whom they go to.
        seconds: What the endpoint took for a drawing of late, None where none is recorded.
    """

    drawings: int
    new: int
    cost: float | None
    host: str
    seconds: float | None

    def __str__(self) -> str:
        parts = [f"{self.drawings:,} drawings", f"{self.drawings - self.new:,} recorded"]
        parts.append(f"{self.new:,} to send to {self.host}")
        parts.append(f"about {self.cost:.3g} USD" if self.cost is not None else "price unknown")
        if self.seconds:
            parts.append(f"about {self.seconds:.0f} s each")
        return " · ".join(parts)


async def estimate(session: Session, plan: Plan, requests: Sequence[Request]) -> Estimate:
    """Say how much of a sweep is recorded, and what the rest costs; nothing is sent."""
    # A replay of its own: looking is no asking.
    replay = Replay(session.store.is_whole)
    records = session.store.records()
    new, cost = 0, 0.0
    unknown = False
    host = ""
    for point, request in zip(plan.points, requests, strict=True):
        endpoint = await session.endpoint(request.endpoint)
        host = "the embedded endpoint" if endpoint.embedded else endpoint.host
        price: Cost | None = session.connection.cost(request, endpoint)
        missing = sum(
            replay.find(
                records,
                request.fingerprint(),
                take,
                mode="never" if point.options.fresh else "always",
                cell="",
                session=session.id,
                embedded=endpoint.embedded,
            ).record
            is None
            for take in range(point.options.takes)
        )
        new += missing
        unknown = unknown or (bool(missing) and price is None and not endpoint.embedded)
        cost += price.usd * missing if price is not None else 0.0
    recent = [r.elapsed for r in records[-50:] if r.elapsed and r.error is None]
    return Estimate(
        drawings=plan.count,
        new=new,
        cost=None if unknown else round(cost, 6),
        host=host,
        seconds=sum(recent) / len(recent) if recent else None,
    )


class _Counted(NullObserver):
    """Hands the takes of all places on under numbers of their own."""

    def __init__(self, observer: Observer, first: int) -> None:
        self._observer = observer
        self._first = first

    def event(self, take: int, event: Any) -> None:
        """Hand an event on."""
        self._observer.event(self._first + take, event)

    def done(self, take: int, drawing: Any) -> None:
        """Hand a drawing on."""
        self._observer.done(self._first + take, drawing)

    def notify(self, warnings: Sequence[str]) -> None:
        """Hand warnings on."""
        self._observer.notify(warnings)


async def run_sweep(
    session: Session, plan: Plan, observer: Observer, *, cell: Cell, yes: bool = False
) -> list[Outcome]:
    """Draw what of a sweep is not recorded.

    Args:
        session: The notebook at work.
        plan: What is asked.
        observer: Looks on; takes are numbered through the whole sweep.
        cell: The cell that asks.
        yes: Whether many requests are sent without a question.

    Returns:
        What came of each place, in order.

    Raises:
        BudgetError: It is more than the settings allow, or the user does not want it.
    """
    requests = [await session.plan(point.options) for point in plan.points]
    size = await estimate(session, plan, requests)
    if size.new and size.host != "the embedded endpoint":
        await _allow(session, size, yes=yes)
    outcomes = [Outcome(point=point) for point in plan.points]
    firsts = itertools.accumulate((p.options.takes for p in plan.points), initial=0)

    async def draw(outcome: Outcome, request: Request, first: int) -> None:
        options = outcome.point.options
        setting = session.settings.replay
        try:
            outcome.drawings = list(
                await session.make(
                    request,
                    takes=options.takes,
                    fresh=options.fresh,
                    cell=cell,
                    observer=_Counted(observer, first),
                    # What is recorded is not drawn again when a sweep goes on.
                    mode="" if options.fresh or setting == "only" else "always",
                    yes=True,
                )
            )
        except NbextError as error:
            outcome.error = error
            came = getattr(error, "drawings", None) or [getattr(error, "drawing", None)]
            outcome.drawings = [drawing for drawing in came if drawing is not None]

    async with asyncio.TaskGroup() as group:
        for outcome, request, first in zip(outcomes, requests, firsts, strict=False):
            group.create_task(draw(outcome, request, first))
    for outcome in outcomes:
        for drawing in outcome.drawings:
            session.history.show(drawing)
    return outcomes


async def _allow(session: Session, size: Estimate, *, yes: bool) -> None:
    """Check a whole sweep against the budget, and ask before it is sent."""
    from nbext.families.prices import Cost

    cost = None
    if size.cost is not None and size.new:
        cost = Cost(usd=size.cost / size.new, source="", is_own=True)
    for ticket in session.budget.reserve(size.new, cost):
        session.budget.release(ticket)
    if not yes:
        await session.confirm(size.new, cost, size.host, seconds=size.seconds)


def takes_of(outcomes: Iterable[Outcome]) -> Drawings:
    """Give all drawings of outcomes, in order."""
    return Drawings(drawing for outcome in outcomes for drawing in outcome.drawings)
