"""``python -m tests.faults [CASE …]``: faults, counted; one row of a table for each case.

Each case runs in a process of its own, so that its peak memory is its own. ``--short`` takes the
length that ``make test`` has, ``--count`` any other.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from tests.faults.case import Tally, head, row
from tests.faults.cases import ALONE, CASES

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> int:
    """Run cases; give how the process ends: 1 where anything failed."""
    cases = CASES | ALONE
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(cases))
    parser.add_argument("--short", action="store_true", help="the length of make test")
    parser.add_argument("--count", type=int, help="how many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    unknown = [name for name in options.cases if name not in cases]
    if unknown:
        parser.error(f"there is no case {unknown[0]}; there are: {', '.join(cases)}")
    failures = 0
    if not options.here:
        print(head(), flush=True)
    for name in options.cases or (CASES if options.short else cases):
        case = cases[name]
        count = options.count or (case.short if options.short else case.full)
        if options.here:
            tally = case.run(count, options.seed).measure()
            print(json.dumps(asdict(tally)))
            continue
        tally = _in_a_process(name, count, options.seed)
        command = f"python -m tests.faults {name} --count {count} --seed {options.seed}"
        print(row(tally, command), flush=True)
        for fact, value in tally.facts.items():
            print(f"    {fact}: {value}", file=sys.stderr)
        for note in tally.notes:
            print(f"    {note}", file=sys.stderr, flush=True)
        failures += tally.failures
    return int(failures > 0)


def _in_a_process(name: str, count: int, seed: int) -> Tally:
    """Run a case in a process of its own."""
    command = [sys.executable, "-m", "tests.faults", name, "--here"]
    command += ["--count", str(count), "--seed", str(seed)]
    # What one case has drawn is no reason for another not to draw it.
    env = os.environ | {"XDG_STATE_HOME": os.path.join(os.devnull, "state")}
    ended = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    lines = ended.stdout.strip().splitlines()
    try:
        return Tally(**json.loads(lines[-1]))
    except (IndexError, ValueError, TypeError):
        tally = Tally(name, count=count)
        tally.note("bare", f"the process ended with {ended.returncode}: {ended.stdout[-500:]}")
        return tally
