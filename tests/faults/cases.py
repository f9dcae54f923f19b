"""The cases by name, with their lengths."""

from __future__ import annotations

from tests.faults import cuts, drawings, fuzz, kills, processes, records, wire
from tests.faults.case import Case

CASES: dict[str, Case] = {
    "kills": Case(kills.run, 12, 1_000, "kill -9 while drawing"),
    "cuts": Case(cuts.run, 120, 8_000, "a history cut, zeroed, spoiled at each byte"),
    "drawings": Case(drawings.run, 30, 10_000, "many drawings in one kernel"),
    "fuzz": Case(fuzz.run, 2_000, 1_000_000, "random bytes for all that reads"),
    "locks": Case(processes.run_locks, 16, 400, "locks that fail or let everybody in"),
    "processes": Case(processes.run, 12, 1_800, "kernels that write one history at once"),
    "records": Case(records.run, 24, 4_000, "a stranger's records, shown and exported"),
    "wire": Case(wire.run, 120, 10_000, "faults on every wire format and on downloads"),
}
