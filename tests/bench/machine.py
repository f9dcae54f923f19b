"""The machine: its cores, its memory as a process sees it, and its description."""

from __future__ import annotations

import contextlib
import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = ("openai", "httpx", "httpx2", "aiohttp", "pybase64", "msgspec", "Pillow", "ipykernel")
STATUS = Path("/proc/self/status")
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
_chosen = ["wall"]


def choose_clock(name):
    """Measure by another clock: ``processor`` says something on a busy machine, too."""
    _chosen[:] = [name]


def clock():
    """The name of the clock."""
    return _chosen[0]


def now():
    """Seconds by the clock."""
    return CLOCKS[_chosen[0]]()


def pin(core):
    """Stay on one core, where the system lets us and has so many."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core % len(cores)]})


def _status(name):
    for line in STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1000
    return 0.0


class Peak:
    """How much more memory a block took at its highest, in MB; nothing where /proc does not say.

    Example:
        >>> with Peak() as peak:
        ...     data = bytes(50_000_000)
        >>> len(peak.megabytes) <= 1
        True
    """

    def __init__(self):
        self.megabytes = []

    def __enter__(self):
        self._before = None
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
            self._before = _status("VmRSS")
        return self

    def __exit__(self, *_):
        if self._before is not None:
            self.megabytes = [max(0.0, _status("VmHWM") - self._before)]


def description(folder):
    """Describe the machine and the libraries, a line a fact."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(ln.partition(":")[2].strip() for ln in lines if ln.startswith("model name"))
    memory = ""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        memory = f", {size / 2**30:.0f} GiB of memory"
    known = []
    for name in LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            known.append(f"{name} {version(name)}")
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    return [
        f"{os.cpu_count()} cores of {model}{memory}{load}",
        f"{platform.system()} {platform.release()}, {_file_system(folder)} for what is written",
        f"{platform.python_implementation()} {platform.python_version()}, {', '.join(known)}",
    ]


def _file_system(folder):
    found = "an unknown file system"
    longest = -1
    with contextlib.suppress(OSError):
        for line in Path("/proc/mounts").read_text().splitlines():
            _, mount, kind, *_ = line.split()
            if len(mount) > longest and Path(folder).resolve().is_relative_to(mount):
                found, longest = kind, len(mount)
    return found
