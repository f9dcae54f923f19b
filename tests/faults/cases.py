"""The cases by name, with their lengths."""

from __future__ import annotations

from tests.faults import (
    cuts,
    drawings,
    endless,
    exports,
    fuzz,
    gallery,
    keys,
    kills,
    processes,
    records,
    shortage,
    ssrf,
    versions,
    wire,
)
from tests.faults.case import Case

CASES: dict[str, Case] = {
    "gallery": Case(gallery.run, 55, 1_320, "hostile cards in a browser"),
    "keys": Case(keys.run, 36, 420, "a canary key, echoed in every way"),
    "kills": Case(kills.run, 12, 1_000, "kill -9 while drawing"),
    "cuts": Case(cuts.run, 120, 8_000, "a history cut, zeroed, spoiled at each byte"),
    "drawings": Case(drawings.run, 30, 10_000, "many drawings in one kernel"),
    "endless": Case(endless.run, 4, 34, "answers without an end"),
    "exports": Case(exports.run, 14, 360, "kill -9 in exports, merges and notes"),
    "fuzz": Case(fuzz.run, 2_000, 1_000_000, "random bytes for all that reads"),
    "locks": Case(processes.run_locks, 16, 400, "locks that fail or let everybody in"),
    "processes": Case(processes.run, 12, 1_800, "kernels that write one history at once"),
    "records": Case(records.run, 24, 4_000, "a stranger's records, shown and exported"),
    "shortage": Case(shortage.run, 10, 3_000, "no memory, no stack, a failing call, at any step"),
    "ssrf": Case(ssrf.run, 60, 1_800, "links and redirects that lead inside"),
    "wire": Case(wire.run, 90, 10_000, "faults on every wire format and on downloads"),
}

# Only at full length: they install what they need.
ALONE: dict[str, Case] = {
    "versions": Case(versions.run, 1, 7, "other Pythons, kernels and lowest versions"),
    "audit": Case(versions.audit, 1, 1, "known holes of what is installed"),
}
