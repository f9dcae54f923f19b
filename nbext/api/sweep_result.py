"""What came of a sweep: its grid, its rows, its page, its statistics."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, Protocol

from nbext.api.statistics import Group, groups_of, plot
from nbext.display.mimebundle import sheet_bundle
from nbext.display.sweep_grid import Layout, grid_bundle, grid_image, layout
from nbext.drawings.drawing import Drawing, Drawings
from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.session.batches import collect
from nbext.session.current import current_session
from nbext.session.sweep import Outcome, takes_of
from nbext.util.atomic import atomic_write
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbext.api.ballot import Ballot
    from nbext.api.judge import Judgement
    from nbext.config.settings import Nbext
    from nbext.data.sweep import SweepPlan
    from nbext.display.slider import Slider
    from nbext.drawings.history import History
    from nbext.session.session import Session


class Redo(Protocol):
    """Draws a sweep once more."""

    def __call__(self, *, yes: bool) -> Sweep:
        """Draw what is missing."""


class Sweep:
    """A grid of drawings.

    Attributes:
        plan: What was asked, as the history holds it.
        outcomes: What came of each place, in order.
        redo: Draws what is missing; None for a sweep that was read from the history.

    Example:
        >>> s = nbext.sweep("a {animal}", animal=["cat", "dog"], n=2)  # doctest: +SKIP
        >>> s[{"animal": "cat"}].pictures  # doctest: +SKIP
    """

    shown_in: int | None = None

    def __init__(self, session: Session, plan: SweepPlan, outcomes: list[Outcome]) -> None:
        self._session = session
        self.plan = plan
        self.outcomes = outcomes
        self.redo: Redo | None = None

    def __getstate__(self) -> dict[str, Any]:
        # Whoever reads it shows it in a session of their own.
        return self.__dict__ | {"_session": None, "redo": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._session = current_session()

    @property
    def history(self) -> History:
        """The history that it is in."""
        return self._session.history

    @property
    def settings(self) -> Nbext:
        """The settings of its notebook."""
        return self._session.settings

    @property
    def title(self) -> str:
        """Its prompt, or what it is called."""
        return self.plan.title

    @property
    def axes(self) -> dict[str, tuple[Any, ...]]:
        """Names and values of the axes; of a sweep read from the history, the values in words."""
        values: dict[str, dict[str, Any]] = {
            name: {label: label for label in labels} for name, labels in self.plan.axes.items()
        }
        for outcome in self.outcomes:
            for name, value in outcome.values.items():
                values[name][outcome.labels[name]] = value
        return {name: tuple(of.values()) for name, of in values.items()}

    @property
    def drawings(self) -> Drawings:
        """All drawings that came well, in order."""
        return Drawings(d for d in takes_of(self.outcomes) if d.error is None and _has_come(d))

    @property
    def failures(self) -> list[tuple[dict[str, Any], str]]:
        """The places that failed, and why."""
        return [
            (outcome.values or dict(outcome.labels), str(outcome.error))
            for outcome in self.outcomes
            if outcome.error is not None
        ]

    @property
    def pending(self) -> int:
        """How many of its drawings are not there yet, though nothing failed."""
        return sum(
            self.plan.takes - len([d for d in outcome.drawings if _has_come(d)])
            for outcome in self.outcomes
            if outcome.error is None
        )

    @property
    def cost(self) -> float:
        """What its drawings cost in US dollars, as far as anyone says."""
        return round(sum(d.cost or 0.0 for d in takes_of(self.outcomes)), 6)

    def __getitem__(self, values: Mapping[str, Any]) -> Drawings:
        """Give the drawings at values: ``sweep[{"style": "ink"}]``.

        Raises:
            OptionError: There is no such axis.
        """
        for name in values:
            if name not in self.plan.axes:
                raise OptionError(
                    phrase("sweep.not_its_axis", name=name),
                    remedy=did_you_mean(name, self.plan.axes),
                )
        return Drawings(
            drawing
            for outcome in self.outcomes
            for drawing in outcome.drawings
            if all(_is_at(outcome, name, value) for name, value in values.items())
        )

    def __len__(self) -> int:
        return len(self.drawings)

    def __iter__(self) -> Iterator[Drawing]:
        return iter(self.drawings)

    def retry(self, *, yes: bool = False) -> Sweep:
        """Draw what failed or is missing once more; what came well stays.

        Raises:
            OptionError: It was read from the history, which does not say all that was asked.
        """
        if self.redo is None:
            raise OptionError(
                phrase("sweep.from_history"),
                remedy=phrase("sweep.run_cell"),
            )
        self.outcomes = self.redo(yes=yes).outcomes
        return self

    def collect(self) -> Sweep:
        """Bring in what has come of a batch; it costs nothing, and works in any kernel."""
        self._session.run(collect(self._session))
        store, history = self._session.store, self.history
        for outcome in self.outcomes:
            records = [store.record(drawing.id) or drawing.record for drawing in outcome.drawings]
            outcome.drawings = [Drawing(record, history) for record in records]
            failure = next((record.error for record in records if record.error), None)
            if failure is not None:
                outcome.error = OptionError(failure.message, remedy=failure.remedy)
        return self

    # Looking at it

    def grid(self, *, rows: str = "", columns: str = "") -> Grid:
        """Lay it out as a table of pictures.

        Args:
            rows: The axis of the rows, or ``"take"``; chosen where it is not given.
            columns: The axis of the columns, or ``"take"``.

        Returns:
            A table that shows itself under a cell; ``grid.save("grid.png")`` writes it.

        Raises:
            OptionError: There is no such axis.
        """
        labels = [outcome.labels for outcome in self.outcomes]
        where = layout(labels, self.plan.takes, rows=rows, columns=columns)
        return Grid(self._session, where, self._by_number())

    def compare(self, *, names: Sequence[str] = ()) -> Slider:
        """Show two pictures one over the other, with a divider; choose which on the slider.

        Args:
            names: What the drawings are called, in order; number and model by default.
        """
        from nbext.display.slider import Slider
        from nbext.messages.say import language_of

        language = language_of(self._session.settings.language, "")
        return Slider(list(self.drawings), names=names, language=language)

    def blind(self, by: str = "model", *, voter: str = "") -> Ballot:
        """Vote without knowing which is which.

        Args:
            by: The axis whose values are hidden.
            voter: Who votes, where several do.

        Raises:
            OptionError: There is no such axis, or it has one value.
        """
        from nbext.api.ballot import Ballot

        return Ballot(self, by=by, voter=voter)

    def judge(
        self, rubric: str, *, model: str = "", scale: int = 5, yes: bool = False
    ) -> Judgement:
        """Let a vision model score each drawing against a rubric, with its reasons.

        The scores are requests of their own, recorded with their cost, and notes at the drawings.
        What is scored already is not asked for again.

        Args:
            rubric: What to look for: ``"has exactly three balloons"``.
            model: A model that sees pictures; the settings' chat model by default.
            scale: The best score; 1 is the worst.
            yes: Send many requests without asking first.

        Raises:
            OptionError: There are no drawings, or the scale is none.
        """
        from nbext.api.judge import judge

        return judge(self._session, self, rubric, model=model, scale=scale, yes=yes)

    # As data

    def rows(self) -> list[dict[str, Any]]:
        """Give a row for each drawing: the values of the axes, and what came."""
        from nbext.api.judge import scores_of

        store = self._session.store
        rows: list[dict[str, Any]] = []
        scored: list[dict[str, Any]] = []
        judges: dict[str, None] = {}
        for outcome, drawing in self._each():
            row = {name: _plain(outcome, name) for name in outcome.labels}
            rows.append(row | _facts(drawing, outcome))
            record = store.record(drawing.id) if drawing is not None else None
            scores = dict(scores_of(record)) if record is not None else {}
            judges |= dict.fromkeys(scores)
            scored.append({f"score {model}": score for model, score in scores.items()})
            scored[-1] |= {"score": fmean(scores.values())} if scores else {}
        # The same columns in each row; a single judge needs no name.
        names = ["score", *(f"score {model}" for model in judges)] if judges else []
        names = names[:1] if len(judges) == 1 else names
        return [
            row | {name: of.get(name) for name in names}
            for row, of in zip(rows, scored, strict=True)
        ]

    def to_frame(self) -> Any:
        """Give the rows as a data frame of pandas, or of polars where that is not installed.

        Raises:
            OptionError: Neither is installed.
        """
        rows = self.rows()
        try:
            import pandas as pd  # type: ignore[import-untyped,import-not-found,unused-ignore]

            return pd.DataFrame(rows)
        except ImportError:
            pass
        try:
            import polars as pl  # type: ignore[import-not-found,unused-ignore]

            return pl.DataFrame(rows, infer_schema_length=None)
        except ImportError:
            raise OptionError(
                phrase("sweep.needs_frames"), remedy=phrase("sweep.install_frames")
            ) from None

    def statistics(self, by: str = "model") -> list[Group]:
        """Say how many came and failed, how long they took, and what they cost, by an axis.

        Args:
            by: The axis, or a column of ``rows()``.

        Raises:
            OptionError: There is no such axis.
        """
        return groups_of(self.rows(), by)

    def plot(self, what: str = "elapsed", *, by: str = "model") -> Any:
        """Draw a chart by an axis; needs ``nbext[plots]``.

        Args:
            what: ``elapsed``, ``size`` (of the file), ``cost``, ``failures`` or ``score``.
            by: The axis, or a column of ``rows()``.

        Returns:
            A figure of matplotlib.

        Raises:
            OptionError: matplotlib is missing, or there is nothing to show.
        """
        return plot(self.rows(), what, by=by)

    def to_html(self, path: str | Path, *, overwrite: bool = True) -> Path:
        """Write the sweep as one page: choose rows and columns, filter, compare two, on the page.

        Raises:
            OptionError: The file is there already.
            HistoryError: It cannot be written.
        """
        from nbext.export.sweep.page import write_page

        target = self._session.beside / Path(path).expanduser()
        return write_page(
            target if target.suffix else target.with_suffix(".html"),
            self.plan,
            [
                (outcome.labels, drawing.record if drawing is not None else None, _why(outcome))
                for outcome, drawing in self._each()
            ],
            picture_path=self._session.store.path,
            overwrite=overwrite,
        )

    def save(self, path: str | Path) -> Path:
        """Write the contact sheet of its pictures, with their numbers, as PNG or JPEG.

        Raises:
            OptionError: It has no pictures.
        """
        import pybase64

        target = self._session.beside / Path(path).expanduser()
        data, _ = sheet_bundle(self.drawings, inline_limit=100_000_000)
        encoded = data.get("image/png") or data.get("image/jpeg")
        if encoded is None:
            raise OptionError(phrase("sweep.no_pictures"))
        with atomic_write(target) as part:
            part.write_bytes(pybase64.b64decode(encoded))
        return target

    def _each(self) -> Iterator[tuple[Outcome, Drawing | None]]:
        """Give each drawing with its place, and each place that has none."""
        for outcome in self.outcomes:
            if not outcome.drawings:
                yield outcome, None
            for drawing in outcome.drawings:
                yield outcome, drawing

    def _by_number(self) -> dict[int, Drawing]:
        """Give each drawing by its place in the sweep."""
        takes = self.plan.takes
        return {
            at * takes + min(drawing.take, takes - 1): drawing
            for at, outcome in enumerate(self.outcomes)
            for drawing in outcome.drawings
        }

    def _ipython_display_(self) -> None:
        from IPython import get_ipython
        from IPython.display import display

        cell, self.shown_in = self.shown_in, None
        if cell is None or cell != getattr(get_ipython(), "execution_count", None):
            display(self.grid())

    def __repr__(self) -> str:
        axes = " × ".join(f"{len(values)} {name}" for name, values in self.plan.axes.items())
        failed = f", {len(self.failures)} failed" if self.failures else ""
        pending = f", {self.pending} pending" if self.pending else ""
        return f"<Sweep {self.title!r}: {axes}, {len(self)} drawings{failed}{pending}>"


class Grid:
    """A table of a sweep's pictures, as a cell shows it.

    Attributes:
        layout: Which axes are rows and columns.
    """

    def __init__(self, session: Session, where: Layout, items: Mapping[int, Drawing]) -> None:
        self._session = session
        self.layout = where
        self._items = dict(items)

    def save(self, path: str | Path) -> Path:
        """Write it as PNG.

        Raises:
            OptionError: There are no drawings.
        """
        if not self._items:
            raise OptionError(phrase("sweep.no_drawings"))
        target = self._session.beside / Path(path).expanduser()
        with atomic_write(target) as part:
            grid_image(self.layout, self._items).save(part, format="PNG")
        return target

    def _repr_mimebundle_(self, **_: Any) -> Any:
        limit = int(self._session.settings.inline_limit)
        return grid_bundle(self.layout, self._items, inline_limit=limit)

    def __repr__(self) -> str:
        rows, columns = self.layout.row_axis or "1 row", self.layout.column_axis or "1 column"
        return f"<Grid {rows} × {columns}, {len(self._items)} drawings>"


def _has_come(drawing: Drawing) -> bool:
    return drawing.record.type != "sent"


def _is_at(outcome: Outcome, name: str, value: Any) -> bool:
    if outcome.labels[name] == value:
        return True
    own = dict(outcome.values).get(name)
    if own is value:
        return True
    try:
        return bool(own == value)
    except (ValueError, TypeError):
        return False


def _plain(outcome: Outcome, name: str) -> Any:
    """Give a value that a table can hold."""
    value = dict(outcome.values).get(name, outcome.labels[name])
    return value if isinstance(value, str | int | float | bool) else outcome.labels[name]


def _why(outcome: Outcome) -> str:
    return str(outcome.error) if outcome.error is not None else ""


def _facts(drawing: Drawing | None, outcome: Outcome) -> dict[str, Any]:
    """Say what came, in the same columns whether anything did or not."""
    record = drawing.record if drawing is not None else None
    picture = record.pictures[0] if record is not None and record.pictures else None
    failure = record.error.message if record is not None and record.error else None
    return {
        "number": record.number if record is not None else None,
        "take": record.take if record is not None else None,
        "model": record.model if record is not None else outcome.labels.get("model"),
        "elapsed": record.elapsed if record is not None and record.elapsed else None,
        "cost": record.cost if record is not None else None,
        "width": picture.width if picture else None,
        "height": picture.height if picture else None,
        "size": picture.size if picture else None,
        "prompt": record.prompt if record is not None else None,
        "error": failure or (_why(outcome) if record is None else None) or None,
    }
