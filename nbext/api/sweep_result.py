"""The result of a sweep: its grid, rows, page and statistics."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, Protocol, SupportsIndex, overload

import msgspec

from nbext.api.statistics import Group, groups_of, plot
from nbext.display.mimebundle import sheet_bundle
from nbext.display.sweep_grid import Layout, grid_bundle, grid_image, layout
from nbext.drawings.drawing import Drawing, Drawings
from nbext.drawings.frame import RESULT, frame_of, result_of
from nbext.drawings.shown import ShownOnce
from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.session.batches import collect
from nbext.session.current import current_session
from nbext.session.sweep import Outcome, takes_of
from nbext.util.atomic import atomic_write
from nbext.util.public import Public
from nbext.util.suggest import did_you_mean
from nbext.util.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbext.api.ballot import Ballot
    from nbext.api.judge import Judgement
    from nbext.config.settings import Nbext
    from nbext.data.sweep import SweepPlan
    from nbext.display.slider import Slider
    from nbext.drawings.history import History
    from nbext.session.session import Session


class Redo(Protocol):
    """Draws the missing drawings of a sweep."""

    def __call__(self, *, yes: bool) -> Sweep:
        """Draw the missing drawings."""


class Sweep(Public, ShownOnce):
    """A grid of drawings.

    Attributes:
        plan: The requests, as recorded in the history.
        outcomes: The result of each place of the grid, in order.
        redo: Draws the missing drawings; None for a sweep that was read from the history.

    Example:
        >>> s = nbext.sweep("a {animal}", animal=["cat", "dog"], n=2)  # doctest: +SKIP
        >>> s[{"animal": "cat"}].pictures  # doctest: +SKIP
    """

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
        """The history that contains the sweep."""
        return self._session.history

    @property
    def settings(self) -> Nbext:
        """The settings of the notebook."""
        return self._session.settings

    @property
    def title(self) -> str:
        """The name of the sweep, or its prompt."""
        return self.plan.title

    @property
    def axes(self) -> dict[str, tuple[Any, ...]]:
        """The names and values of the axes. If read from the history, values are texts."""
        values: dict[str, dict[str, Any]] = {
            name: {label: label for label in labels} for name, labels in self.plan.axes.items()
        }
        for outcome in self.outcomes:
            for name, value in outcome.values.items():
                values[name][outcome.labels[name]] = value
        return {name: tuple(of.values()) for name, of in values.items()}

    @property
    def drawings(self) -> Drawings:
        """All drawings that succeeded, in order."""
        return Drawings(d for d in takes_of(self.outcomes) if d.error is None and _has_come(d))

    @property
    def failures(self) -> list[tuple[dict[str, Any], str]]:
        """The places that failed, with the reasons."""
        return [
            (outcome.values or dict(outcome.labels), str(outcome.error))
            for outcome in self.outcomes
            if outcome.error is not None
        ]

    @property
    def pending(self) -> int:
        """The number of drawings that have neither arrived nor failed."""
        return sum(
            self.plan.takes - len([d for d in outcome.drawings if _has_come(d)])
            for outcome in self.outcomes
            if outcome.error is None
        )

    @property
    def cost(self) -> float:
        """The cost of the drawings in US dollars, as far as it is known."""
        return round(sum(d.cost or 0.0 for d in takes_of(self.outcomes)), 6)

    @overload
    def __getitem__(self, where: SupportsIndex) -> Drawing: ...

    @overload
    def __getitem__(self, where: slice | Mapping[str, Any]) -> Drawings: ...

    def __getitem__(self, where: SupportsIndex | slice | Mapping[str, Any]) -> Drawing | Drawings:
        """Return the drawings with the given values, or one drawing by its place.

        Raises:
            OptionError: There is no such axis, or the axis has no such value.
            IndexError: There is no such drawing.

        Example:
            >>> s[{"style": "ink"}], s[0], s[-3:]  # doctest: +SKIP
        """
        if isinstance(where, Mapping):
            return self._at(where)
        if isinstance(where, slice | SupportsIndex):
            return self.drawings[where]
        raise OptionError(
            phrase("sweep.not_its_axis", name=where),
            remedy=phrase("sweep.index_by", name=next(iter(self.plan.axes), "style")),
        )

    def _at(self, values: Mapping[str, Any]) -> Drawings:
        """Return the drawings with the given values."""
        for name, value in values.items():
            if name not in self.plan.axes:
                raise OptionError(
                    phrase("sweep.not_its_axis", name=name),
                    remedy=did_you_mean(name, self.plan.axes),
                )
            if not any(_is_at(outcome, name, value) for outcome in self.outcomes):
                labels = self.plan.axes[name]
                raise OptionError(
                    phrase("sweep.not_on_axis", name=name, value=value),
                    remedy=did_you_mean(str(value), labels)
                    or phrase("sweep.values_are", values=", ".join(labels[:20])),
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
        """Draw the failed and missing drawings again. The others are kept.

        Raises:
            OptionError: The sweep was read from the history, which lacks a part of the request.

        Example:
            >>> sweep.retry()  # doctest: +SKIP
        """
        if self.redo is None:
            raise OptionError(
                phrase("sweep.from_history"),
                remedy=phrase("sweep.run_cell"),
            )
        self.outcomes = self.redo(yes=yes).outcomes
        return self

    def collect(self) -> Sweep:
        """Collect the finished drawings of a batch. Free, and possible in any kernel.

        Example:
            >>> sweep.collect()  # doctest: +SKIP
        """
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
        """Arrange the pictures in a table.

        Args:
            rows: The axis of the rows, or ``"take"``. Chosen automatically by default.
            columns: The axis of the columns, or ``"take"``. Chosen automatically by default.

        Returns:
            A table that a cell displays. ``grid.save("grid.png")`` saves it.

        Raises:
            OptionError: There is no such axis.

        Example:
            >>> sweep.grid(rows="style", columns="model")  # doctest: +SKIP
        """
        labels = [outcome.labels for outcome in self.outcomes]
        where = layout(labels, self.plan.takes, rows=rows, columns=columns)
        return Grid(self._session, where, self._by_number())

    def compare(self, *, names: Sequence[str] = ()) -> Slider:
        """Show two pictures with a divider between them, and a slider that chooses which.

        Args:
            names: The labels of the drawings, in order. By default number and model.

        Example:
            >>> sweep.compare()  # doctest: +SKIP
        """
        from nbext.display.slider import Slider
        from nbext.messages.say import language_of

        language = language_of(self._session.settings.language, "")
        return Slider(list(self.drawings), names=names, language=language, cell=self.cell)

    @property
    def cell(self) -> str:
        """The id of the running cell, or an empty text."""
        return self._session.cell().id

    def blind(self, by: str = "model", *, voter: str = "") -> Ballot:
        """Start a blind vote.

        Args:
            by: The axis whose values are hidden.
            voter: The name of the voter, if several people vote.

        Raises:
            OptionError: There is no such axis, or it has only one value.

        Example:
            >>> sweep.blind("model")  # doctest: +SKIP
        """
        from nbext.api.ballot import Ballot

        return Ballot(self, by=by, voter=voter)

    def judge(
        self, rubric: str, *, model: str = "", scale: int = 5, yes: bool = False
    ) -> Judgement:
        """Let a vision model score each drawing against a rubric and give its reasons.

        Each score is a separate request, which is recorded with its cost, and a note on the
        drawing. Drawings that are already scored are not sent again.

        Args:
            rubric: The criterion, for instance ``"has exactly three balloons"``.
            model: A model that accepts pictures. By default ``Nbext.chat_model``.
            scale: The best score; 1 is the worst.
            yes: Send many requests without asking first.

        Raises:
            OptionError: There are no drawings, or the scale is not valid.

        Example:
            >>> sweep.judge("has exactly three balloons", model="gpt-4o")  # doctest: +SKIP
        """
        from nbext.api.judge import judge

        return judge(self._session, self, rubric, model=model, scale=scale, yes=yes)

    # As data

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for each drawing: the values of the axes and the result.

        Example:
            >>> sweep.rows()[0]  # doctest: +SKIP
        """
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
        """Return the rows as a pandas data frame, or polars if pandas is not installed.

        Raises:
            OptionError: Neither is installed.

        Example:
            >>> sweep.to_frame().groupby("model").elapsed.mean()  # doctest: +SKIP
        """
        return frame_of(self.rows())

    def statistics(self, by: str = "model") -> list[Group]:
        """Count successes and failures, times and costs by an axis.

        Args:
            by: The axis, or a column of ``rows()``.

        Raises:
            OptionError: There is no such axis.

        Example:
            >>> sweep.statistics("style")  # doctest: +SKIP
        """
        return groups_of(self.rows(), by)

    def plot(self, what: str = "elapsed", *, by: str = "model") -> Any:
        """Draw a chart by an axis. Needs ``nbext[plots]``.

        Args:
            what: ``elapsed``, ``size`` (of the file), ``cost``, ``failures`` or ``score``.
            by: The axis, or a column of ``rows()``.

        Returns:
            A matplotlib figure.

        Raises:
            OptionError: matplotlib is missing, or there is nothing to show.

        Example:
            >>> sweep.plot("cost", by="model")  # doctest: +SKIP
        """
        return plot(self.rows(), what, by=by)

    def to_html(self, path: str | Path, *, title: str = "", overwrite: bool = True) -> Path:
        """Write the sweep as one page, on which readers choose axes, filter and compare.

        Args:
            path: The file. A relative path starts at the notebook's folder.
            title: The title of the page; the name of the sweep by default.
            overwrite: Whether to replace an existing file.

        Raises:
            OptionError: The file already exists.
            HistoryError: The file cannot be written.

        Example:
            >>> sweep.to_html("grid.html")  # doctest: +SKIP
        """
        from nbext.export.sweep.page import write_page

        target = self._session.beside / Path(path).expanduser()
        return write_page(
            target if target.suffix else target.with_suffix(".html"),
            msgspec.structs.replace(self.plan, title=title or self.plan.title),
            [
                (outcome.labels, drawing.record if drawing is not None else None, _why(outcome))
                for outcome, drawing in self._each()
            ],
            picture_path=self._session.store.path,
            overwrite=overwrite,
        )

    def save(self, path: str | Path) -> Path:
        """Save a contact sheet of the pictures with their numbers, as PNG or JPEG.

        Raises:
            OptionError: The sweep has no pictures.

        Example:
            >>> sweep.save("sweep.png")  # doctest: +SKIP
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
        """Yield each place of the grid, with its drawing if there is one."""
        for outcome in self.outcomes:
            if not outcome.drawings:
                yield outcome, None
            for drawing in outcome.drawings:
                yield outcome, drawing

    def _by_number(self) -> dict[int, Drawing]:
        """Return the drawings by their place in the sweep."""
        takes = self.plan.takes
        return {
            at * takes + min(drawing.take, takes - 1): drawing
            for at, outcome in enumerate(self.outcomes)
            for drawing in outcome.drawings
        }

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if not self.is_shown():
            display(self.grid())

    def __repr__(self) -> str:
        axes = " × ".join(f"{len(values)} {name}" for name, values in self.plan.axes.items())
        if self.plan.places:
            axes = f"{len(self.plan.places)} rows of {', '.join(self.plan.axes)}"
        failed = f"{len(self.failures)} failed" if self.failures else ""
        pending = f"{self.pending} pending" if self.pending else ""
        parts = [axes, counted(len(self), "drawing"), failed, pending]
        return f"<Sweep {self.title!r}: {', '.join(filter(None, parts))}>"


class Grid(Public):
    """A table of a sweep's pictures that a cell displays.

    Attributes:
        layout: The axes of rows and columns.
    """

    def __init__(self, session: Session, where: Layout, items: Mapping[int, Drawing]) -> None:
        self._session = session
        self.layout = where
        self._items = dict(items)

    def save(self, path: str | Path) -> Path:
        """Save the table as PNG.

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
        return f"<Grid {rows} × {columns}, {counted(len(self._items), 'drawing')}>"


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
    """Return a value that a table can hold."""
    value = dict(outcome.values).get(name, outcome.labels[name])
    return value if isinstance(value, str | int | float | bool) else outcome.labels[name]


def _why(outcome: Outcome) -> str:
    return str(outcome.error) if outcome.error is not None else ""


def _facts(drawing: Drawing | None, outcome: Outcome) -> dict[str, Any]:
    """Return the result in the same columns for successes and failures."""
    if drawing is not None:
        return result_of(drawing.record)
    model, error = outcome.labels.get("model"), _why(outcome) or None
    return dict.fromkeys(RESULT) | {"model": model, "error": error}
