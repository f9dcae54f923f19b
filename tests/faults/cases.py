"""The cases by name, with their lengths."""

from __future__ import annotations

from tests.faults import kills, wire
from tests.faults.case import Case

CASES: dict[str, Case] = {
    "kills": Case(kills.run, 12, 1_000, "kill -9 while drawing"),
    "wire": Case(wire.run, 120, 10_000, "faults on every wire format and on downloads"),
}
