"""A class at once: ``python -m tests.bench.classroom``.

So many kernels on one machine draw on one ``nbext serve``, each in a notebook of its own. It prints
how long the pupils waited, and what kernels and server took of the memory; it fails where one of
them hangs, has an error, or lacks a drawing.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from jupyter_client.manager import KernelManager

PROMPTS = ("a red kite over the school", "画一只戴红帽子的猫", "two pandas in a forest")
SECONDS = 120
KEY = "sk-classroom"


def peak_mb(pid):
    """The most memory that a process has had, in MB; 0 where the system does not say."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


class Pupil:
    """A kernel in a folder of its own, and what it is told to run."""

    def __init__(self, folder, url):
        folder.mkdir()
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("NBEXT_", "OPENAI_"))}
        environ |= {
            "OPENAI_BASE_URL": url,
            "OPENAI_API_KEY": KEY,
            "NBEXT_NOTEBOOK": "lesson.ipynb",
            "IPYTHONDIR": str(folder / "ipython"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(folder), env=environ)
        self.client = self.manager.client()
        self.client.start_channels()
        self.times = []
        self.memory = 0.0
        self.error = None

    def run(self, code):
        reply = self.client.execute_interactive(code, timeout=SECONDS, output_hook=lambda _: None)
        content = reply["content"]
        if content["status"] != "ok":
            raise RuntimeError(f"{content.get('ename')}: {content.get('evalue')}")

    def work(self, start, drawings):
        try:
            self.client.wait_for_ready(timeout=SECONDS)
            self.run("%load_ext nbext")
            start.wait(SECONDS)
            for n in range(drawings):
                began = time.perf_counter()
                self.run(f"%%draw gpt-4o-image\n{PROMPTS[n % len(PROMPTS)]}, {n}")
                self.times.append(time.perf_counter() - began)
            self.run(f"assert len([d for d in nbext.history if d.pictures]) == {drawings}")
            self.memory = peak_mb(self.manager.provisioner.pid)
        except Exception as error:
            self.error = error

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@contextlib.contextmanager
def serving(folder):
    """An ``nbext serve``, its URL and its process."""
    command = [sys.executable, "-m", "nbext", "serve", "--port", "0", "--key", KEY]
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        for _ in range(600):
            found = re.search(r"http://127\.0\.0\.1:\d+\S*", (folder / "serve.log").read_text())
            if found:
                break
            time.sleep(0.1)
        else:
            raise TimeoutError((folder / "serve.log").read_text())
        yield found[0], process
    finally:
        process.terminate()
        process.wait(20)


def lesson(folder, *, pupils, drawings):
    """Run a lesson; give what it took by the name of the figure."""
    with serving(folder) as (url, server):
        class_ = [Pupil(folder / f"pupil-{n}", url) for n in range(pupils)]
        try:
            start = threading.Barrier(pupils + 1)
            threads = [threading.Thread(target=p.work, args=(start, drawings)) for p in class_]
            for thread in threads:
                thread.start()
            start.wait(SECONDS)
            began = time.perf_counter()
            for thread in threads:
                thread.join(SECONDS)
            wall = time.perf_counter() - began
            hanging = sum(thread.is_alive() for thread in threads)
            errors = [str(p.error) for p in class_ if p.error is not None]
            if hanging or errors:
                raise RuntimeError(f"{hanging} hang; {errors}")
            times = sorted(one for pupil in class_ for one in pupil.times)
            return {
                "drawings": len(times),
                "all (s)": wall,
                "median (s)": statistics.median(times),
                "slowest (s)": times[-1],
                "largest kernel (MB)": max(p.memory for p in class_),
                "all kernels (MB)": sum(p.memory for p in class_),
                "server (MB)": peak_mb(server.pid),
            }
        finally:
            for pupil in class_:
                pupil.end()


def main():
    """Print a lesson's figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.classroom", description=__doc__)
    parser.add_argument("--pupils", type=int, default=10)
    parser.add_argument("--drawings", type=int, default=6, help="of each pupil")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = lesson(Path(folder), pupils=given.pupils, drawings=given.drawings)
    for name, value in figures.items():
        print(f"{name:22} {value:10.1f}")


if __name__ == "__main__":
    main()
