"""Several kernels that write one history at once, and locks that do not work."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

from nbext.store.store import Store
from tests.faults.case import Tally

ROOT = Path(__file__).parents[2]
AT_ONCE = 8
# What network homes answer where there is no lock; 0 lets everybody in.
LOCKS = (
    *("ENOLCK", "EOPNOTSUPP", "EINVAL", "EIO", "ESTALE", "EPERM", "EBADF", "ENOSYS", "ENOTSUP"),
    "",
)
_WRITER = textwrap.dedent(
    """
    import errno, fcntl, os, sys, warnings
    warnings.simplefilter("ignore")
    from pathlib import Path
    lock = sys.argv[4]
    def flock(*_):
        if lock != "yes":
            raise OSError(getattr(errno, lock), os.strerror(getattr(errno, lock)))
    if lock != "works":
        fcntl.flock = flock
    from nbext.data.record import Record
    from nbext.store.store import Store
    store = Store(Path(sys.argv[1]))
    for k in range(int(sys.argv[3])):
        record = store.begin(Record(type="sent", id=f"{sys.argv[2]}-{k}", prompt="p" * (k % 7 * 900)))
        record.pictures = [store.put(b"GIF89a\\1\\0\\1\\0" + record.id.encode() * 300)]
        record.type = "drawing"
        store.append(record)
    print(len(store.warnings))
    """
)


def _write(folder: Path, kernels: int, each: int, lock: str) -> list[int]:
    """Let kernels write at once; give how they ended."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(folder), f"k{n}", str(each), lock],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(kernels)
    ]
    for process in started:
        process.communicate(timeout=600)
    return [process.returncode for process in started]


def _check(folder: Path, expected: int, tally: Tally, what: str, *, unique: bool) -> int:
    """Count what is there; give how many numbers are double."""
    store = Store(folder, read_only=True)
    records = [record for record in store.records() if record.type == "drawing"]
    lost = expected - len(records)
    if lost:
        tally.note("lost", f"{what}: {lost} of {expected}", number=lost)
    whole = [record for record in records if store.is_whole(record.pictures[0].sha256)]
    if len(whole) < len(records):
        tally.note("lost", f"{what}: {len(records) - len(whole)} pictures")
    doubled = len(records) - len({record.number for record in records})
    if doubled and unique:
        tally.note("lost", f"{what}: {doubled} numbers are double")
    return doubled


def run(count: int, seed: int) -> Tally:
    """Write so many drawings with 2, 4 and 8 kernels at once."""
    tally = Tally("2, 4, 8 processes, one history", count=count)
    shares = [kernels for kernels in (2, 4, AT_ONCE) if kernels * 3 <= count]
    with tempfile.TemporaryDirectory() as base:
        for kernels in shares:
            each = count // len(shares) // kernels
            folder = Path(base) / f"{kernels}.draws"
            codes = _write(folder, kernels, each, "works")
            if any(codes):
                tally.note("bare", f"{kernels} kernels ended with {codes}")
            _check(folder, kernels * each, tally, f"{kernels} kernels", unique=True)
    return tally


def run_locks(count: int, seed: int) -> Tally:
    """Write so many drawings on disks whose locks answer with each error, or let everybody in."""
    tally = Tally("locks that fail, or let all in", count=count)
    doubled = 0
    locks = LOCKS[: max(2, min(len(LOCKS), count // 8))] if count < 80 else LOCKS
    locks = (*locks[:-1], LOCKS[-1])
    with tempfile.TemporaryDirectory() as base:
        for lock in locks:
            assert not lock or hasattr(errno, lock), os.name
            folder = Path(base) / f"{lock or 'all'}.draws"
            kernels, each = 2, max(2, count // len(locks) // 2)
            codes = _write(folder, kernels, each, lock or "yes")
            if any(codes):
                tally.note("bare", f"{lock}: the kernels ended with {codes}")
            doubled += _check(folder, kernels * each, tally, lock, unique=bool(lock))
    tally.facts["numbers that are double where all are let in"] = doubled
    return tally
