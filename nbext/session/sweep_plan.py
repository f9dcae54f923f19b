"""Turn a prompt with variables and axes, or the rows of a table, into requests."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.options import Options
from nbext.drawings.drawing import Drawing
from nbext.drawings.picture import Picture
from nbext.errors import OptionError
from nbext.families.table import table as family_table
from nbext.messages.say import phrase
from nbext.session.budget import Limits, limits_of
from nbext.session.sweep_table import is_frame, read_rows, refuse_missing
from nbext.session.validation import KNOWN, check_number, checked, checked_takes, options_of_fields
from nbext.session.variables import VARIABLE, filling, is_text, variables_of
from nbext.util.habits import habit_of
from nbext.util.suggest import close_names, did_you_mean

if TYPE_CHECKING:
    import re

# A larger sweep is a mistake.
MOST_DRAWINGS = 10_000
# Options whose values are lists, or that cannot be an axis.
_NO_AXIS = ("n", "yes", "fresh", "params", "after", "continues")
OPTIONS = tuple(name for name in KNOWN["draw"] if name not in _NO_AXIS)
# The prefix of a column or an axis that is always a field of the request body.
_FIELD = "param."
_ALIASES = {"image": "images"}
_LIMITS = ("max_cost", "max_requests")
_LONGEST_LABEL = 60
# How alike two names are, at least, when one is a slip of the other: ``qualty``, not ``style``.
_SLIP = 0.8


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One place of a sweep.

    Attributes:
        values: Its value on each axis, as given.
        labels: Its values as text, for headings.
        options: The options of its request.
    """

    values: dict[str, Any]
    labels: dict[str, str]
    options: Options


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A planned sweep.

    Attributes:
        title: Its title.
        axes: Names and labels of the axes, in order.
        places: All places of the grid.
        is_grid: Whether the places are all combinations, in order.
        warnings: Warnings to show before anything is sent.
        limits: The limits of its requests and costs.
    """

    title: str
    axes: dict[str, tuple[str, ...]]
    places: tuple[Place, ...]
    is_grid: bool = True
    warnings: tuple[str, ...] = ()
    limits: Limits = Limits()

    @property
    def takes(self) -> int:
        """The number of drawings of each place."""
        return self.places[0].options.takes

    @property
    def count(self) -> int:
        """The number of drawings."""
        return len(self.places) * self.takes


def plan_sweep(
    prompt: object,
    *,
    table: object = None,
    takes: int = 1,
    fixed: Mapping[str, Any] | None = None,
    axes: Mapping[str, object],
    names: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    max_requests: object = None,
    max_cost: object = None,
) -> Plan:
    """Plan a sweep, without sending anything.

    Args:
        prompt: The prompt, or a list of them; ``{name}`` takes the value of an axis, or else of
            ``names``, and ``{{name}}`` stands for the literal braces.
        table: Rows in place of a grid: dicts, a data frame, or the path of a CSV file.
        takes: The number of drawings of each place.
        fixed: Arguments of ``nbext.draw`` for all requests.
        axes: Values by name: variables of the prompt, arguments of ``nbext.draw``, or any other
            fields of the request body.
        names: The notebook's variables.
        folder: The folder that the path of a table starts from.
        max_requests: The number of requests it may send, None for no limit.
        max_cost: What they may cost, in US dollars; None for no limit.

    Raises:
        OptionError: An axis is empty or misspelled, a variable has no value, a limit is not a
            positive number, or there are too many places.
    """
    takes, limits = checked_takes(takes), limits_of(max_requests, max_cost)
    axes = {_ALIASES.get(name, name): values for name, values in axes.items()}
    if not isinstance(prompt, str):
        axes = {"prompt": prompt, **axes}
    grid = {name: _axis(name, values) for name, values in axes.items()}
    rows = read_rows(table, folder or Path()) if table is not None else [{}]
    rows = [{_ALIASES.get(name, name): value for name, value in row.items()} for row in rows]
    twice = sorted(set(grid) & set(rows[0]))
    if twice:
        raise OptionError(phrase("sweep.twice", twice=twice[0]))
    count = math.prod(map(len, grid.values())) * len(rows) * takes
    if count > MOST_DRAWINGS:
        raise OptionError(phrase("sweep.too_large", count=count, MOST_DRAWINGS=MOST_DRAWINGS))
    prompts = _prompts(prompt, grid, rows)
    variables = {name for text in prompts for name in variables_of(text)}
    known = {*grid, *rows[0]}
    # Not "or": the names of a dry run count as none, but can be looked up.
    names = names if names is not None else {}
    own = _of_notebook(variables - known - {"prompt"}, names)
    _refuse_unknown(variables - known - {"prompt", *own}, known, names)
    slips = _check_fields(set(grid) - variables, variables)
    build = _Builder(variables, own, dict(fixed or {}), takes, labels_only=set(rows[0]))
    values = [
        row | dict(zip(grid, combination, strict=True))
        for row in rows
        for combination in itertools.product(*grid.values())
    ]
    labels = {name: _labels(name, [each[name] for each in values]) for name in [*rows[0], *grid]}
    places = tuple(
        Place(
            values=each,
            labels={name: labels[name][at] for name in labels},
            options=build.options(_template(prompt, each), each),
        )
        for at, each in enumerate(values)
    )
    return Plan(
        title=_title(prompts, places),
        axes={name: tuple(dict.fromkeys(listed)) for name, listed in labels.items()},
        places=places,
        is_grid=table is None and _all_differ(labels, grid),
        warnings=(*slips, *build.warnings),
        limits=limits,
    )


def _check_fields(names: set[str], variables: set[str]) -> list[str]:
    """Check the axes that are no variables of the prompt: they are options or fields of the body.

    Returns:
        A warning for each field that no family is known to have.

    Raises:
        OptionError: One is spelled nearly like an option or a variable.
    """
    fields = {field for family in family_table().all() for field in family.fields}
    warnings = []
    for name in sorted(names - {*OPTIONS, "prompt", *fields}):
        if name.startswith(_FIELD):
            continue
        close = close_names(name, ["prompt", *OPTIONS, *_LIMITS, *variables], n=1, cutoff=_SLIP)
        habit = habit_of(name)
        if habit is not None and habit.argument in ("n", *OPTIONS):
            close = [habit.argument]
        if close:
            raise OptionError(
                phrase("sweep.unknown_axis", name=name),
                remedy=phrase("sweep.slip_or_field", close=close[0], field=f"{_FIELD}{name}"),
            )
        warnings.append(phrase("sweep.sent_as_field", name=name))
    return warnings


def _axis(name: str, values: object) -> tuple[Any, ...]:
    if name in _NO_AXIS:
        raise OptionError(phrase("sweep.not_an_axis", name=name))
    listed = getattr(values, "tolist", None)
    if getattr(values, "ndim", None) in (0, 1) and callable(listed):
        # ``np.linspace(0, 1, 5)`` is five numbers, and no picture.
        values = listed()
    if is_frame(values) or hasattr(values, "to_dicts"):
        raise OptionError(
            phrase("sweep.frame_axis", name=name), remedy=phrase("sweep.pass_table", name=name)
        )
    single = isinstance(values, str | bytes | Mapping | Drawing | Picture)
    if single or not isinstance(values, Iterable) or _is_picture(values):
        values = [values]
    # A generator may have no end.
    result = tuple(itertools.islice(values, MOST_DRAWINGS + 1))
    if not result:
        raise OptionError(
            phrase("sweep.empty_axis", name=name), remedy=phrase("sweep.axis_values", name=name)
        )
    if len(result) > MOST_DRAWINGS:
        raise OptionError(phrase("sweep.long_axis", name=name, most=MOST_DRAWINGS))
    for value in result:
        refuse_missing(name, value)
    return result


def _is_picture(value: object) -> bool:
    """Return whether an iterable is one picture: an image or an array of pixels."""
    return hasattr(value, "__array_interface__")


def _prompts(
    prompt: object, grid: Mapping[str, tuple[Any, ...]], rows: list[dict[str, Any]]
) -> list[str]:
    """Return all prompts, with their variables."""
    if isinstance(prompt, str) and "prompt" in variables_of(prompt):
        # This template takes in other prompts, whose braces are literal.
        return [prompt]
    if "prompt" in grid:
        return [str(text) for text in grid["prompt"]]
    return [str(row["prompt"]) for row in rows] if "prompt" in rows[0] else [str(prompt)]


def _template(prompt: object, values: Mapping[str, Any]) -> str:
    if isinstance(prompt, str) and ("prompt" not in values or "prompt" in variables_of(prompt)):
        return prompt
    return str(values["prompt"])


def _of_notebook(variables: set[str], names: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of variables in the notebook."""
    values = {name: names[name] for name in variables if name in names}
    return {n: v for n, v in values.items() if is_text(v)}


def _refuse_unknown(variables: set[str], known: set[str], names: Mapping[str, Any]) -> None:
    for name in sorted(variables):
        close = did_you_mean(name, [*known, *(n for n in names if n[:1] != "_")], n=1)
        raise OptionError(
            phrase("sweep.name_without_values", name=name),
            remedy=close or phrase("sweep.give_values", name=name),
        )


def _labels(name: str, values: list[Any]) -> list[str]:
    """Return the values of an axis as text, each different."""
    words: dict[str, list[Any]] = {}
    result = []
    for value in values:
        if isinstance(value, int):
            check_number(value, name)
        label = _label(value) or f"({name})"
        same = words.setdefault(label, [])
        at = next((n for n, other in enumerate(same) if _is_same(value, other)), len(same))
        if at == len(same):
            same.append(value)
        result.append(label if at == 0 else f"{label} ({at + 1})")
    return result


def _is_same(one: Any, other: Any) -> bool:
    """Return whether two values are equal; ``==`` does not work for arrays and frames."""
    if one is other:
        return True
    try:
        return bool(one == other)
    except (ValueError, TypeError):
        return False


def _label(value: Any) -> str:
    if isinstance(value, Drawing):
        return f"@{value.number}"
    if isinstance(value, Picture):
        return value.name
    if isinstance(value, Path):
        return value.name
    if _is_picture(value) or isinstance(value, bytes):
        return "picture"
    if isinstance(value, list | tuple):
        return " + ".join(map(_label, value))
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"


def _all_differ(labels: Mapping[str, list[str]], grid: Mapping[str, tuple[Any, ...]]) -> bool:
    """Return whether the values of each axis are distinct."""
    return all(len(set(labels[name])) == len(values) for name, values in grid.items())


def _title(prompts: list[str], places: tuple[Place, ...]) -> str:
    if prompts == ["{prompt}"]:
        prompts = list(dict.fromkeys(place.options.prompt for place in places))
    return prompts[0] if len(prompts) == 1 else phrase("sweep.prompts", count=len(prompts))


class _Builder:
    """Builds the options of places.

    Args:
        variables: The variables of the prompt.
        names: The notebook's variables.
        fixed: The options for all places.
        takes: The number of takes of each place.
        labels_only: Columns of a table, which are sent only if they are options.
    """

    def __init__(
        self,
        variables: set[str],
        names: Mapping[str, Any],
        fixed: dict[str, Any],
        takes: int,
        *,
        labels_only: set[str],
    ) -> None:
        self._variables = variables
        self._names = names
        self._fixed = fixed
        self._takes = takes
        self._labels_only = labels_only
        self.warnings: dict[str, None] = {}

    def options(self, prompt: str, values: Mapping[str, Any]) -> Options:
        """Build and check the options of a place.

        Raises:
            OptionError: An option is invalid.
        """
        fields = dict(self._fixed)
        extra = dict(fields.pop("params", None) or {})
        for name, value in values.items():
            if name == "prompt" or name in self._variables:
                continue
            if name in OPTIONS:
                fields[name] = _of_option(name, value)
            elif name.startswith(_FIELD):
                extra[name.removeprefix(_FIELD)] = value
            elif name in self._labels_only:
                self.warnings[phrase("sweep.only_label", name=name, _FIELD=_FIELD)] = None
            else:
                extra[name] = value
        text = VARIABLE.sub(lambda match: self._filling(match, values), prompt)
        options = options_of_fields(
            "sweep", "draw", text, fields | {"n": self._takes, "params": extra}
        )
        return checked(options)

    def _filling(self, match: re.Match[str], values: Mapping[str, Any]) -> str:
        left, name, right = match.groups()
        if len(left) != len(right):
            return match[0]
        if len(left) > 1:
            return match[0][1:-1]
        value = values[name] if name in values else self._names.get(name, match[0])
        if isinstance(value, Drawing | Picture):
            raise OptionError(
                phrase("sweep.picture_in_text", name=name), remedy=phrase("sweep.picture_axis")
            )
        if isinstance(value, Mapping | list | tuple | set | frozenset) or getattr(
            value, "ndim", None
        ):
            raise OptionError(
                phrase("sweep.several_in_text", name=name, type=type(value).__name__),
                remedy=phrase("sweep.one_each", name=name),
            )
        return filling(name, value)


def _of_option(name: str, value: Any) -> Any:
    """Parse an option's value; in a table or on a line, numbers are text."""
    if name == "seed" and isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        return int(value)
    if name == "seed" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value
