"""Whether work grows in proportion to its input, whatever else the machine does meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable

ROUNDS = 4


def seconds(work: Callable[[], object]) -> float:
    """The processor time of this thread for a piece of work."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def grows_linearly(work: Callable[[int], object], size: int, times: int = 8) -> bool:
    """Whether work on ``times`` the size takes about ``times`` as long, and not ``times²``.

    What a busy machine adds is not there each time; what is quadratic is.
    """
    for _ in range(ROUNDS):
        short = min(seconds(lambda: work(size)) for _ in range(2))
        long = seconds(lambda: work(size * times))
        if long < times**1.6 * max(short, 0.001):
            return True
    return False
