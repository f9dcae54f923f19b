"""Waiting for what another thread or process does, for as long as a busy machine takes."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
PATIENCE = float(os.environ.get("NBEXT_TEST_PATIENCE", "60"))


def until(condition: Callable[[], T], what: str = "it did not happen") -> T:
    """Wait until something is so, and give what the condition gave; fail where it never is."""
    end = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < end, what
        time.sleep(0.01)
    return value
