"""The recorded plan of a sweep: its axes, its places, and the fingerprints of its requests."""

from __future__ import annotations

import hashlib
import itertools
import math
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nbext.data.record import Record

# The prefix of the note with a plan, on the first drawing of a sweep; the plan's id follows.
_NOTE = "sweep."
# The length of a shortened fingerprint, enough to distinguish ten thousand requests.
FINGERPRINT = 20


class SweepPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The plan of a sweep as text, for readers, other kernels and ``nbext check``.

    Attributes:
        title: Its prompt, or its title.
        axes: Names of the axes, and the labels of their values, in order.
        fingerprints: The shortened fingerprint of the request at each place.
        takes: The number of drawings at each place.
        places: The position of each place on each axis; empty for a whole grid in order.
    """

    title: str
    axes: dict[str, tuple[str, ...]]
    fingerprints: tuple[str, ...]
    takes: int = 1
    places: tuple[tuple[int, ...], ...] = ()

    @property
    def id(self) -> str:
        """Its id: the same for the same axes, places and requests."""
        encoded = msgspec.json.encode(self, order="deterministic")
        return hashlib.sha256(encoded).hexdigest()[:12]

    @property
    def key(self) -> str:
        """The name of the note that contains it."""
        return f"{_NOTE}{self.id}"

    @property
    def count(self) -> int:
        """The number of drawings."""
        return len(self.fingerprints) * self.takes

    def labels(self) -> Iterator[dict[str, str]]:
        """Yield the labels of each place, by axis."""
        names = list(self.axes)
        if not self.places:
            for combination in itertools.product(*self.axes.values()):
                yield dict(zip(names, combination, strict=True))
            return
        for place in self.places:
            yield {name: self.axes[name][at] for name, at in zip(names, place, strict=True)}

    def __str__(self) -> str:
        """Return its axes, ``2 style × 3 animal``, and the number of takes if there are several."""
        axes = [f"{len(values)} {name}" for name, values in self.axes.items() if len(values) > 1]
        takes = [f"{self.takes} takes"] if self.takes > 1 else []
        if self.places:
            axes = [f"{len(self.fingerprints)} rows"]
        return " × ".join([*axes, *takes]) or "1 drawing"


def plans_of(records: Iterable[Record]) -> list[SweepPlan]:
    """Return the sweeps' plans in a history, in the order of their drawings."""
    plans: dict[str, SweepPlan] = {}
    for record in records:
        for name, value in record.changes.items():
            plan = _read(value) if name.startswith(_NOTE) else None
            if plan is not None:
                plans.setdefault(plan.id, plan)
    return list(plans.values())


def records_of(plan: SweepPlan, records: Iterable[Record]) -> dict[tuple[str, int], Record]:
    """Find the drawings of a sweep, by shortened fingerprint and take.

    If there are several for one place, the last successful one is returned, else the last.
    """
    wanted = set(plan.fingerprints)
    lengths = {len(name) for name in wanted}
    drawings: dict[tuple[str, int], Record] = {}
    for record in records:
        name = next((n for k in lengths if (n := record.fingerprint[:k]) in wanted), None)
        if name is None or record.take >= plan.takes:
            continue
        before = drawings.get((name, record.take))
        if before is None or record.error is None or before.error is not None:
            drawings[name, record.take] = record
    return drawings


def _read(value: Any) -> SweepPlan | None:
    """Parse a plan, None if it is invalid."""
    try:
        plan = msgspec.convert(value, SweepPlan)
    except msgspec.ValidationError:
        return None
    names = len(plan.axes)
    if not plan.places:
        whole = math.prod(len(values) for values in plan.axes.values())
        return plan if whole == len(plan.fingerprints) else None
    sizes = [len(values) for values in plan.axes.values()]
    fits = all(
        len(place) == names and all(0 <= at < size for at, size in zip(place, sizes, strict=True))
        for place in plan.places
    )
    return plan if fits and len(plan.places) == len(plan.fingerprints) else None
