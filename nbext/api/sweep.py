"""``nbext.sweep``: a grid of prompts, models and parameters, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbext.drawings.drawing import Drawing, Drawings
from nbext.errors import OptionError
from nbext.session.ask import PendingReply
from nbext.session.current import current_session
from nbext.session.observer import NullObserver
from nbext.session.sweep import Outcome, estimate, plan_sweep, run_sweep, takes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbext.session.observer import Cell, Observer, View
    from nbext.session.session import Session
    from nbext.session.sweep import Estimate, Plan


def sweep(
    prompt: str,
    *,
    table: object = None,
    n: int = 1,
    yes: bool = False,
    dry_run: bool = False,
    wait: bool = True,
    fixed: Mapping[str, Any] | None = None,
    **axes: object,
) -> Any:
    """Draw a grid of requests; what is recorded is not drawn again.

    Args:
        prompt: The prompt, with ``{name}`` for the axes that it takes.
        table: Rows in place of a grid: a list of dicts, a data frame, or the path of a CSV file.
        n: How many takes of each place.
        yes: Send many requests (more than ``Nbext.confirm_above``) without asking first.
        dry_run: Say how many there are and what they cost, and send nothing.
        wait: Whether to wait for it; else the reply under way comes back.
        fixed: Arguments of ``nbext.draw`` that are the same for all.
        **axes: Values by name: variables of the prompt, ``model``, ``aspect``, ``size`` …,
            reference pictures as ``images``, or any other field of the body.

    Returns:
        A ``Sweep``; with ``dry_run`` an estimate.

    Raises:
        OptionError: An axis is empty, a variable of the prompt has no values, a row lacks a column.
        BudgetError: It is more than ``Nbext.max_cost`` or ``Nbext.max_requests`` allow.

    Example:
        >>> s = nbext.sweep("a {style} {animal}", style=["ink", "oil"], animal=["cat", "dog"])
        ... # doctest: +SKIP
        >>> s.to_frame().groupby("style").elapsed.mean()  # doctest: +SKIP
    """
    plan = plan_sweep(prompt, table=table, takes=n, fixed=fixed, axes=axes)
    session = current_session()
    if dry_run:
        return session.run(planned_estimate(session, plan))
    reply = start(session, plan, prompt, yes=yes)
    return reply.wait() if wait else reply.start()


async def planned_estimate(session: Session, plan: Plan) -> Estimate:
    """Say how many drawings of a plan are recorded, and what the rest costs; nothing is sent."""
    requests = [await session.plan(point.options) for point in plan.points]
    return await estimate(session, plan, requests)


def start(
    session: Session, plan: Plan, title: str, *, yes: bool = False, name: str = ""
) -> PendingReply:
    """Prepare a sweep; nothing is sent until it is waited for, or started.

    Args:
        session: The notebook at work.
        plan: What is asked.
        title: What it is called while it runs.
        yes: Whether many requests are sent without a question.
        name: The variable that it is bound to.
    """
    cell = session.cell()
    result = Sweep(session, plan, title)

    async def work(observer: Observer) -> Drawings:
        result.outcomes = await run_sweep(session, plan, observer, cell=cell, yes=yes)
        return takes_of(result.outcomes)

    delivery = _Delivery(session, result, name=name, cell=cell)
    view = _view(session, plan, title)
    return PendingReply(session, work, view=view, delivery=delivery, title=title)


def _view(session: Session, plan: Plan, title: str) -> View:
    if session.shell is None:
        return NullObserver()
    from nbext.display.sweep_view import SweepView

    terminal = getattr(session.shell, "kernel", None) is None
    return SweepView(title[:60], plan.count, session.settings, terminal=terminal)


class _Delivery:
    """Hands a sweep over."""

    def __init__(self, session: Session, result: Sweep, *, name: str, cell: Cell) -> None:
        self._session = session
        self._result = result
        self._name = name
        self._cell = cell

    def result(self, drawings: Drawings, *, shown: bool) -> Sweep:
        """Give the sweep."""
        del drawings
        if shown:
            self._result.shown_in = self._cell.execution_count
        return self._result

    def deliver(self, drawings: Drawings) -> None:
        """Bind the sweep."""
        del drawings
        if self._name:
            names: Any = self._session.names
            names[self._name] = self._result


class Sweep:
    """A grid of drawings.

    Attributes:
        plan: What was asked.
        outcomes: What came of each place, in order.
    """

    shown_in: int | None = None

    def __init__(self, session: Session, plan: Plan, title: str) -> None:
        self._session = session
        self.plan = plan
        self.title = title
        self.outcomes: list[Outcome] = []

    @property
    def axes(self) -> dict[str, tuple[Any, ...]]:
        """Names and values of the axes."""
        return self.plan.axes

    @property
    def drawings(self) -> Drawings:
        """All drawings that came well, in order."""
        return Drawings(d for d in takes_of(self.outcomes) if d.error is None)

    @property
    def failures(self) -> list[tuple[dict[str, Any], str]]:
        """The places that failed, and why."""
        return [(o.point.place, str(o.error)) for o in self.outcomes if o.error is not None]

    @property
    def cost(self) -> float:
        """What its drawings cost in US dollars, as far as anyone says."""
        return round(sum(d.cost or 0.0 for d in takes_of(self.outcomes)), 6)

    def __getitem__(self, values: Mapping[str, Any]) -> Drawings:
        """Give the drawings at values: ``sweep[{"style": "ink"}]``."""
        return Drawings(
            drawing
            for outcome in self.outcomes
            for drawing in outcome.drawings
            if all(outcome.point.place.get(name) == value for name, value in values.items())
        )

    def __len__(self) -> int:
        return len(self.drawings)

    def __iter__(self) -> Any:
        return iter(self.drawings)

    def retry(self, *, yes: bool = False) -> Sweep:
        """Draw what failed once more; what came well stays."""
        reply = start(self._session, self.plan, self.title, yes=yes)
        again: Sweep = reply.wait()
        self.outcomes = again.outcomes
        return self

    def rows(self) -> list[dict[str, Any]]:
        """Give a row for each drawing: the values of the axes, and what came."""
        return [
            dict(outcome.point.place) | _facts(drawing, outcome)
            for outcome, drawing in self._each()
        ]

    def _each(self) -> Iterator[tuple[Outcome, Drawing | None]]:
        """Give each drawing with its place, and each place that has none."""
        for outcome in self.outcomes:
            if not outcome.drawings:
                yield outcome, None
            for drawing in outcome.drawings:
                yield outcome, drawing

    def to_frame(self) -> Any:
        """Give the rows as a data frame of pandas, or of polars where that is not installed.

        Raises:
            OptionError: Neither is installed.
        """
        rows = [
            {name: value if _is_plain(value) else str(value) for name, value in row.items()}
            for row in self.rows()
        ]
        try:
            import pandas as pd  # type: ignore[import-untyped,import-not-found,unused-ignore]

            return pd.DataFrame(rows)
        except ImportError:
            pass
        try:
            import polars as pl  # type: ignore[import-not-found,unused-ignore]

            return pl.DataFrame(rows)
        except ImportError:
            raise OptionError(
                "A data frame needs pandas or polars.", remedy="Install one, or use sweep.rows()."
            ) from None

    def to_html(self, path: str | Path, *, overwrite: bool = True) -> Path:
        """Write the sweep as one page with its pictures: choose which axes are rows and columns.

        Raises:
            OptionError: The file is there already, or cannot be written.
        """
        from nbext.display.grid import grid_page

        target = self._session.beside / Path(path).expanduser()
        if target.exists() and not overwrite:
            raise OptionError(f"{target} already exists.", remedy="Pass overwrite=True.")
        target.write_text(grid_page(self.title, self.axes, self._cells()), encoding="utf-8")
        return target

    def save(self, path: str | Path) -> Path:
        """Write the contact sheet of its pictures, with their numbers, as PNG or JPEG."""
        import pybase64

        from nbext.display.mimebundle import sheet_bundle

        target = self._session.beside / Path(path).expanduser()
        data, _ = sheet_bundle(self.drawings, inline_limit=100_000_000)
        encoded = data.get("image/png") or data.get("image/jpeg")
        if encoded is None:
            raise OptionError("The sweep has no pictures.")
        target.write_bytes(pybase64.b64decode(encoded))
        return target

    def _cells(self) -> list[tuple[dict[str, str], Drawing | None, str]]:
        return [
            ({k: _label(v) for k, v in o.point.place.items()}, drawing, str(o.error or ""))
            for o, drawing in self._each()
        ]

    def _ipython_display_(self) -> None:
        from IPython import get_ipython

        cell, self.shown_in = self.shown_in, None
        if cell is None or cell != getattr(get_ipython(), "execution_count", None):
            self.drawings._ipython_display_()

    def __repr__(self) -> str:
        axes = " × ".join(f"{len(values)} {name}" for name, values in self.axes.items())
        failed = f", {len(self.failures)} failed" if self.failures else ""
        return f"<Sweep {self.title!r}: {axes}, {len(self)} drawings{failed}>"


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _label(value: object) -> str:
    return f"@{value.number}" if isinstance(value, Drawing) else str(value)


def _facts(drawing: Drawing | None, outcome: Outcome) -> dict[str, Any]:
    if drawing is None:
        return {"number": None, "error": str(outcome.error)}
    record = drawing.record
    first = record.pictures[0] if record.pictures else None
    return {
        "number": record.number,
        "take": record.take,
        "model": record.model,
        "elapsed": record.elapsed,
        "cost": record.cost,
        "width": first.width if first else None,
        "height": first.height if first else None,
        "error": record.error.message if record.error else None,
    }
