"""Statistics and charts of a sweep, by one of its axes."""

from __future__ import annotations

import io
from statistics import fmean, median
from textwrap import wrap
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import msgspec

from nbext.errors import OptionError
from nbext.imaging.fonts import chart_families
from nbext.messages.say import phrase
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Row = Mapping[str, Any]

# What a chart shows, and how its axis is called.
_CHARTS = {
    "elapsed": "seconds",
    "size": "MB",
    "cost": "USD",
    "failures": "failed of all, %",
    "score": "score",
}
# The characters in a line of a heading, and its lines.
_LINE, _WIDE_LINE, _MOST_LINES = 28, 15, 3
_POINTS = ("elapsed", "size", "score")


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The drawings with one value of an axis.

    Attributes:
        value: The value of the axis.
        drawings: The number of drawings.
        failed: The number of failed drawings.
        seconds: The median time; None if all failed.
        slowest: The longest time in seconds.
        bytes: The mean size of a file.
        usd: The total cost in US dollars, or None if unknown.
    """

    value: Any
    drawings: int
    failed: int
    seconds: float | None
    slowest: float | None
    bytes: float | None
    usd: float | None


def groups_of(rows: Sequence[Row], by: str) -> list[Group]:
    """Group rows by a column.

    Raises:
        OptionError: There is no such column.
    """
    return [
        Group(
            value=value,
            drawings=len(group),
            failed=sum(row["error"] is not None for row in group),
            seconds=median(times) if (times := _numbers(group, "elapsed")) else None,
            slowest=max(times, default=None),
            bytes=fmean(sizes) if (sizes := _numbers(group, "size")) else None,
            usd=round(sum(costs), 6) if (costs := _numbers(group, "cost")) else None,
        )
        for value, group in _grouped(rows, by).items()
    ]


def _grouped(rows: Sequence[Row], by: str) -> dict[Any, list[Row]]:
    if not rows:
        raise OptionError(phrase("sweep.no_drawings"))
    if by not in rows[0]:
        raise OptionError(phrase("sweep.not_its_axis", name=by), remedy=did_you_mean(by, rows[0]))
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[by], []).append(row)
    return groups


def _numbers(rows: Sequence[Row], name: str) -> list[float]:
    """Return the numbers of a column. Failed drawings have no time and no size."""
    wanted = [row for row in rows if row["error"] is None or name == "cost"]
    return [float(row[name]) for row in wanted if row.get(name) is not None]


def plot(rows: Sequence[Row], what: str, *, by: str) -> Any:
    """Draw a chart of one column by another: points with their median, or bars.

    Args:
        rows: The rows of the sweep.
        what: The name of the chart.
        by: The column for the vertical axis.

    Raises:
        OptionError: There is no such chart or column, nothing to show, or matplotlib is missing.
    """
    if what not in _CHARTS:
        known = phrase("sweep.charts", names=", ".join(_CHARTS))
        raise OptionError(
            phrase("sweep.no_chart", what=what), remedy=did_you_mean(what, _CHARTS, otherwise=known)
        )
    groups = _grouped(rows, by)
    values = {value: _values(group, what) for value, group in groups.items()}
    if not any(values.values()):
        raise OptionError(phrase("sweep.no_value", what=what))
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise OptionError(
            phrase("sweep.needs_matplotlib"), remedy=phrase("sweep.install_plots")
        ) from None

    class Chart(Figure):
        """A figure that a cell displays without pyplot."""

        def _repr_png_(self) -> bytes:
            picture = io.BytesIO()
            self.savefig(picture, format="png", dpi=144)
            return picture.getvalue()

    names = [_heading(value) for value in groups]
    lines = max(name.count("\n") for name in names) + 1
    figure = Chart(figsize=(6.4, 1.1 + (0.35 + 0.15 * lines) * len(groups)), layout="constrained")
    axes = figure.add_subplot()
    for at, points in enumerate(values.values()):
        if what in _POINTS:
            axes.plot(points, [at] * len(points), "o", color="#9a3b1b", alpha=0.35, markersize=7)
            if points:
                axes.plot([median(points)], [at], "|", color="#1d1c1a", markersize=22, mew=2.5)
        else:
            axes.barh(at, sum(points), height=0.55, color="#9a3b1b")
    axes.set_yticks(range(len(groups)), names, fontfamily=chart_families())
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.margins(x=0.05)
    axes.set_xlim(left=0)
    axes.set_xlabel(_CHARTS[what])
    axes.spines[["top", "right", "left"]].set_visible(False)  # type: ignore[call-overload,unused-ignore]
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", alpha=0.25)
    return figure


def _heading(value: Any) -> str:
    """Wrap a value for the chart's axis. Dollar signs are no formulas."""
    text = str(value)
    is_wide = any(east_asian_width(char) in "WF" for char in text)
    lines = wrap(text, _WIDE_LINE if is_wide else _LINE, max_lines=_MOST_LINES, placeholder="…")
    return "\n".join(lines).replace("$", r"\$")


def _values(rows: Sequence[Row], what: str) -> list[float]:
    if what == "failures":
        return [100 * sum(row["error"] is not None for row in rows) / len(rows)]
    numbers = _numbers(rows, what)
    return [number / 1e6 for number in numbers] if what == "size" else numbers
