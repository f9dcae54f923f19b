"""What is measured in a live kernel: loading the extension, and a notebook that is run again."""

from __future__ import annotations

import contextlib
import json
import os
import time

from tests.bench.machine import CLOCKS, clock
from tests.bench.works import size_of, work

# What came with a statement: milliseconds, modules, and the packages that are not Python's own.
WATCHED = """
import sys, time, json
before = set(sys.modules)
began = time.{clock}()
{statement}
spent = (time.{clock}() - began) * 1000
new = set(sys.modules) - before
packages = {{name.partition(".")[0] for name in new}} - set(sys.stdlib_module_names)
print(json.dumps([spent, len(new), sorted(packages - {{"nbext", "IPython"}})]))
"""
STATEMENTS = {
    "nbext": 'get_ipython().run_line_magic("load_ext", "nbext")',
    "openai": "import openai",
}


class Kernel:
    """An ipykernel of its own."""

    def __init__(self):
        from jupyter_client.manager import start_new_kernel

        self.manager, self.client = start_new_kernel(kernel_name="python3")

    def run(self, code, seconds=120):
        """Run a cell; give what it printed."""
        printed = []

        def hear(message):
            content = message["content"]
            if message["msg_type"] == "stream":
                printed.append(content["text"])
            if message["msg_type"] == "error":
                raise RuntimeError(f"{content['ename']}: {content['evalue']}")

        self.client.execute_interactive(code, output_hook=hear, timeout=seconds)
        return "".join(printed)


@contextlib.contextmanager
def kernel():
    started = Kernel()
    try:
        started.run("pass")
        yield started
    finally:
        started.client.stop_channels()
        started.manager.shutdown_kernel(now=True)


@work
def load_ext(job):
    """Load the extension in a live kernel; for others, import them there."""
    with kernel() as live:
        said = live.run(
            WATCHED.format(statement=STATEMENTS[job.contender], clock=CLOCKS[clock()].__name__)
        )
    spent, modules, packages = json.loads(said.splitlines()[-1])
    return {"time": [spent], "modules": [modules], "third-party": [len(packages)]}


@work
def replay(job):
    """Run a notebook of so many pictures again in a fresh kernel: milliseconds a cell."""
    case, count = job.case(), job.options["count"]
    os.environ |= {
        "NBEXT_BASE_URL": f"{job.url}/{case.slug}/v1",
        "NBEXT_API_KEY": "sk-bench-0123456789",
    }
    for _ in ("recorded", "replayed"):
        with kernel() as live:
            live.run("import nbext\n%load_ext nbext")
            began = time.perf_counter()
            for n in range(count):
                live.run(f"%%draw gpt-4o-image\npicture {n}")
            spent = (time.perf_counter() - began) * 1000
            said = live.run("print(len(nbext.history), nbext.history[-1].pictures[0].size)")
        assert said.split() == [str(count), str(size_of(case))], said
    return {"time": [spent / count]}
