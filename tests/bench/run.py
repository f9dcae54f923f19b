"""The rounds: a fresh process for each contender and size, in turn, so that all meet the same weather."""

from __future__ import annotations

import compileall
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SECONDS = 600
QUICK_SIZES = 2
# A package is compiled when it is installed; whoever turns that off would measure the compiler.
OTHERS = ("NBEXT_", "OPENAI_", "LITELLM_", "JPY_", "PYTHONDONTWRITEBYTECODE")


class RunError(Exception):
    """A process of the bench failed; the message is the end of what it said."""


class Reading(NamedTuple):
    """Whose figures these are, at which size."""

    contender: str
    size: int = 0


class Figure(NamedTuple):
    """A figure over all processes: the median of their medians, and the least of all."""

    median: float
    least: float

    @classmethod
    def of(cls, processes):
        return cls(statistics.median(map(statistics.median, processes)), min(map(min, processes)))


class Bench:
    """A server that runs, and a folder that the rows share.

    Args:
        url: The server's.
        folder: For all that is written.
        core: The clients' core.
        clock: ``wall`` or ``processor``.
    """

    def __init__(self, url, folder, core=1, clock="wall"):
        self.url, self.folder, self.core, self.clock = url, Path(folder), core, clock
        compileall.compile_dir(ROOT / "nbext", quiet=2)

    def process(self, row, reading):
        """Run a row's work once; gives the samples by figure."""
        sized = row.options | ({row.size_as: reading.size} if row.sizes else {})
        with tempfile.TemporaryDirectory(dir=self.folder, ignore_cleanup_errors=True) as own:
            shared = self.folder / "shared"
            shared.mkdir(exist_ok=True)
            job = {
                "work": row.work,
                "contender": reading.contender,
                "url": self.url,
                "folder": own,
                "shared": str(shared),
                "options": sized,
            }
            core = self.core if row.pinned else None
            given = json.dumps({"job": job, "core": core, "clock": self.clock})
            # In a session of its own: JupyterLab, kernels and browsers end with it, however it ends.
            with subprocess.Popen(
                [sys.executable, "-m", "tests.bench.works", given],
                cwd=own,
                env=self._environ(Path(own)),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            ) as process:
                try:
                    printed, problem = process.communicate(timeout=SECONDS)
                except subprocess.TimeoutExpired:
                    raise RunError(f"{row.name}, {reading.contender}: not in {SECONDS} s") from None
                finally:
                    end_session(process)
        if process.returncode:
            raise RunError(f"{row.name}, {reading.contender}: {problem.strip()[-1500:]}")
        return json.loads(printed.splitlines()[-1])

    def _environ(self, own):
        """The environment of a machine on which nobody has set anything."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(OTHERS)}
        return kept | {
            "HOME": str(own),
            "IPYTHONDIR": str(own / "ipython"),
            "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
            "NBEXT_HISTORY_FOLDER": str(own / "bench.draws"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYTHONPATH": str(ROOT),
        }

    def row(self, row, rounds):
        """Run a row; gives its figures by reading, and by name."""
        readings = [
            Reading(contender, size) for size in row.sizes or (0,) for contender in row.contenders
        ]
        samples = {reading: {} for reading in readings}
        failures = {}
        for turn in range(rounds * row.processes):
            # Each begins once, and each follows another one.
            at = turn % len(readings)
            for reading in (*readings[at:], *readings[:at]):
                if reading in failures:
                    continue
                try:
                    figures = self.process(row, reading)
                except RunError as failure:
                    # A peer that fails is shown as one that fails; the others go on.
                    if reading.contender == "nbext" or len(row.contenders) == 1:
                        raise
                    failures[reading] = failure
                    samples[reading] = {}
                    print(f"\n{failure}\n", file=sys.stderr, flush=True)
                    continue
                for name, values in figures.items():
                    samples[reading].setdefault(name, []).append(values)
        return {
            reading: {name: Figure.of(values) for name, values in figures.items() if values[0]}
            for reading, figures in samples.items()
        }


def end_session(process):
    """End a process and all that it has started."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def quickened(row):
    """The row as ``--quick`` runs it: the first two sizes, and what the row leaves away."""
    return row._replace(options=row.options | row.quick, sizes=row.sizes[:QUICK_SIZES], processes=1)
