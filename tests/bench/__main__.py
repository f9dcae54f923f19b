"""``python -m tests.bench``, which ``make bench`` runs: measure, print, write ``docs/performance.md``."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import report, server
from tests.bench.machine import description
from tests.bench.rows import ROWS
from tests.bench.run import ROOT, Bench, RunError, quickened

PAGE = ROOT / "docs" / "performance.md"


def options(given):
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rows", default="", help="names with commas between them; all by default")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--quick", action="store_true", help="one round of small sizes, to see it run"
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=6,
        help="after so many minutes, the rows that are left run one round",
    )
    parser.add_argument(
        "--processor",
        action="store_true",
        help="measure processor time, which a busy machine leaves as it is, in place of wall time",
    )
    parser.add_argument("--export-mb", type=int, default=2000, help="pictures of the export, in MB")
    parser.add_argument("--folder", type=Path, help="where it writes; its file system counts")
    parser.add_argument("--output", type=Path, help=f"the page; {PAGE.name} after all of the rows")
    parser.add_argument("--all", action="store_true", help="with rows that have no target")
    parser.add_argument("--list", action="store_true", help="name the rows")
    chosen = parser.parse_args(given)
    names = [name.strip() for name in chosen.rows.split(",") if name.strip()]
    known = [row.name for row in ROWS]
    if unknown := [name for name in names if name not in known]:
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(known)}")
    wanted = [row for row in ROWS if chosen.all or not row.extra]
    chosen.rows = [row for row in ROWS if row.name in names] if names else wanted
    chosen.rows = [with_size(row, chosen.export_mb) for row in chosen.rows]
    if chosen.quick:
        chosen.rounds = 1
        chosen.rows = [quickened(row) for row in chosen.rows]
    if not (names or chosen.quick or chosen.processor or chosen.output):
        chosen.output = PAGE
    return chosen


def with_size(row, megabytes):
    """The row with so many megabytes to export, if it is that one."""
    if row.name != "export":
        return row
    return row._replace(options=row.options | {"export_mb": megabytes})


def main(given=None):
    """Run the rows; gives 1 where one of them failed."""
    chosen = options(given)
    if chosen.list:
        print("\n".join(f"{row.name:20} {row.title.format(**row.options)}" for row in chosen.rows))
        return 0
    found, failures = [], []
    hurry = time.monotonic() + 60 * chosen.minutes
    left = [row.name for row in chosen.rows]
    with (
        tempfile.TemporaryDirectory(prefix="nbext-bench-", dir=chosen.folder) as folder,
        server.running(ROOT) as url,
    ):
        bench = Bench(url, folder, clock="processor" if chosen.processor else "wall")
        print(report.table([])[:-1])
        for row in chosen.rows:
            try:
                late = time.monotonic() > hurry
                figures = bench.row(row, 1 if late else min(chosen.rounds, row.most_rounds))
            except RunError as failure:
                print(f"\n{failure}\n", file=sys.stderr, flush=True)
                failures.append(row.name)
                continue
            left.remove(row.name)
            new = list(report.lines(row, figures))
            found += new
            print("".join(report.table(new).splitlines(keepends=True)[2:]), end="", flush=True)
            machine = description(folder)
            if chosen.processor:
                machine.append("processor time, not wall time")
            if chosen.output is not None:
                # After each row: what was measured is not lost with a run that is cut.
                text = report.page(found, machine=machine, rounds=chosen.rounds, missing=left)
                chosen.output.write_text(text, encoding="utf-8")
    print("\n" + "\n".join(machine if found else ()))
    return 1 if failures else 0


if __name__ == "__main__":
    # Whoever ends it leaves no folders and no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
