"""Agreement of judges: Cohen's weighted kappa for two, Krippendorff's alpha for any number."""

from __future__ import annotations

from itertools import permutations
from statistics import fmean
from typing import TYPE_CHECKING

import msgspec

from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The agreement of several judges.

    Attributes:
        judges: The number of judges.
        drawings: The number of drawings that at least two judges scored.
        exact: The share of these drawings that all judges scored equally.
        kappa: Cohen's kappa with quadratic weights; None for more than two judges, or if chance
            explains every score.
        alpha: Krippendorff's alpha for intervals; None if all scores are equal.
    """

    judges: int
    drawings: int
    exact: float
    kappa: float | None
    alpha: float | None

    def __str__(self) -> str:
        parts = [
            phrase("sweep.judges", judges=self.judges),
            phrase("sweep.judged_drawings", drawings=self.drawings),
            phrase("sweep.same", exact=self.exact),
        ]
        parts += [f"kappa {self.kappa:.2f}"] if self.kappa is not None else []
        parts += [f"alpha {self.alpha:.2f}"] if self.alpha is not None else []
        return " · ".join(parts)


def agreement(units: Sequence[Sequence[int]], judges: int) -> Agreement:
    """Compute the agreement of judges.

    Args:
        units: The scores of each drawing that at least two judges scored.
        judges: The number of judges.
    """
    pairs = [(unit[0], unit[1]) for unit in units if len(unit) == 2]
    return Agreement(
        judges=judges,
        drawings=len(units),
        exact=fmean(len(set(unit)) == 1 for unit in units) if units else 0.0,
        kappa=cohens_kappa(pairs) if judges == 2 and len(pairs) == len(units) else None,
        alpha=krippendorffs_alpha(units),
    )


def cohens_kappa(pairs: Sequence[tuple[int, int]]) -> float | None:
    """Compute Cohen's kappa with quadratic weights (Cohen 1968).

    Args:
        pairs: The two scores of each drawing.

    Returns:
        1 for full agreement, 0 for chance, None if it is not defined.

    Example:
        >>> cohens_kappa([(1, 1), (2, 2), (3, 3)]), cohens_kappa([(1, 3), (3, 1)])
        (1.0, -1.0)
    """
    if not pairs:
        return None
    observed = fmean((one - other) ** 2 for one, other in pairs)
    expected = fmean((one - other) ** 2 for one, _ in pairs for _, other in pairs)
    return 1 - observed / expected if expected else None


def krippendorffs_alpha(units: Sequence[Sequence[int]]) -> float | None:
    """Compute Krippendorff's alpha with the interval metric (Krippendorff 2011).

    Args:
        units: The scores of each drawing. Drawings with fewer than two scores are ignored.

    Example:
        >>> krippendorffs_alpha([[1, 1], [2, 2], [5, 5]])
        1.0
    """
    paired = [unit for unit in units if len(unit) > 1]
    values = [value for unit in paired for value in unit]
    if len(values) < 2:
        return None
    observed = sum(
        sum((one - other) ** 2 for one, other in permutations(unit, 2)) / (len(unit) - 1)
        for unit in paired
    ) / len(values)
    mean = fmean(values)
    # The mean square of all pairs' differences is twice the variance.
    expected = 2 * sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return 1 - observed / expected if expected else None
