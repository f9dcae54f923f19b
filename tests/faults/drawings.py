"""Many drawings in one kernel: nothing grows with their number but what is kept of each."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path

from jupyter_client import BlockingKernelClient, KernelManager

from nbext.store.store import Store
from tests.faults.case import Tally
from tests.faults.kills import Relay
from tests.faults.surroundings import KEY

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
PER_CELL = 50
# What a kernel may hold more of at the end than after its first cells.
MORE_FILES, MORE_THREADS = 8, 4
# Bytes of memory for each drawing beside its record.
PER_DRAWING = 40_000

_START = """
import json, os, threading, asyncio, gc
import nbext
nbext.settings.confirm_above = 10**9
def state():
    gc.collect()
    status = open("/proc/self/status").read() if os.path.exists("/proc/self/status") else ""
    rss = int(status.partition("VmRSS:")[2].split()[0] or 0) if status else 0
    peak = int(status.partition("VmHWM:")[2].split()[0] or 0) if status else 0
    loop = nbext.session.current.current_session().runner.loop
    return {
        "files": len(os.listdir("/proc/self/fd")) if status else 0,
        "threads": threading.active_count(),
        "tasks": len(asyncio.all_tasks(loop)),
        "rss": rss, "peak": peak, "drawings": len(nbext.history),
    }
"""


def run(count: int, seed: int) -> Tally:
    """Draw so many in a kernel, by its cells."""
    tally = Tally("drawings in one kernel", count=count)
    relay = Relay()
    with tempfile.TemporaryDirectory() as base:
        env = {name: value for name, value in os.environ.items() if not name.startswith("NBEXT_")}
        env |= {"NBEXT_BASE_URL": f"{relay.base}/v1", "NBEXT_API_KEY": KEY}
        env |= {"PYTHONPATH": str(ROOT), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        env |= {"HOME": base, "IPYTHONDIR": f"{base}/ipython"}
        manager = KernelManager(transport="ipc", ip=f"{base}/k")
        manager.start_kernel(cwd=base, env=env)
        client: BlockingKernelClient = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=PATIENCE)
            _draw_all(client, Path(base), count, relay, tally)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
            relay.stop()
    return tally


def _draw_all(
    client: BlockingKernelClient, folder: Path, count: int, relay: Relay, tally: Tally
) -> None:
    _cell(client, _START)
    # What is imported and opened at the first uses is there by now.
    _cell(client, "for n in range(5): d = nbext.draw(f'first {n}', model='gpt-image-2')")
    first = _state(client)
    done = 5
    while done < count:
        number = min(PER_CELL, count - done)
        ways = "' link'" if done // PER_CELL % 3 == 1 else "''"
        _cell(
            client,
            f"for n in range({done}, {done + number}): "
            f"d = nbext.draw(f'cat {{n}}' + {ways}, model='gpt-image-2')",
        )
        done += number
    last = _state(client)
    tally.facts |= {"first": first, "last": last}
    if last["files"] > first["files"] + MORE_FILES:
        tally.note("entered", f"files: {first['files']} became {last['files']}")
    if last["threads"] > first["threads"] + MORE_THREADS or last["tasks"] > first["tasks"] + 2:
        tally.note("entered", f"threads or tasks: {first} became {last}")
    if (last["rss"] - first["rss"]) * 1024 > count * PER_DRAWING + (50 << 20):
        tally.note("entered", f"memory: {first['rss']} kB became {last['rss']} kB")
    records = Store(next(folder.glob("*.draws")), read_only=True).records()
    good = sum(bool(record.pictures) and record.error is None for record in records)
    if good < count:
        tally.note("lost", f"{count - good} drawings", number=count - good)
    if len(relay.posts) != len(set(relay.posts)):
        tally.note("paid_twice", "a request came twice")
    tally.facts["kernel's peak MB"] = last["peak"] >> 10


def _state(client: BlockingKernelClient) -> dict[str, int]:
    return json.loads(_cell(client, "import nbext.session.current; print(json.dumps(state()))"))


def _cell(client: BlockingKernelClient, code: str) -> str:
    """Run a cell; give what it printed."""
    sent = client.execute(code, allow_stdin=False)
    printed, problem = [], ""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        message = client.get_iopub_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") != sent:
            continue
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "stream" and content["name"] == "stdout":
            printed.append(content["text"])
        elif kind == "error":
            problem = "\n".join(content["traceback"])
        elif kind == "status" and content["execution_state"] == "idle":
            break
    if problem:
        raise AssertionError(problem)
    return "".join(printed)
